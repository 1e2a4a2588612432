"""Nested tables of a scripting language: `{ name = "x", [1] = 2, { } }`."""


class PlantedError(Exception):
    """A unit inherits from itself."""


class MalformedError(Exception):
    """The text is no table."""


class Parser:
    """Descends into tables."""

    def __init__(self, text: str) -> None:
        """From the front."""
        self.text = text
        self.at = 0

    def blank(self) -> None:
        """Skip it, and comments."""
        while self.at < len(self.text):
            if self.text[self.at].isspace():
                self.at += 1
            elif self.text.startswith("--", self.at):
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def take(self, token: str) -> bool:
        """Whether it comes next; then it is taken."""
        self.blank()
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def word(self) -> str:
        """A name; empty if there is none."""
        self.blank()
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] == "_"):
            self.at += 1
        return self.text[start : self.at]

    def value(self) -> object:
        """A text, a number, a table, a word."""
        if self.take('"'):
            end = self.text.find('"', self.at)
            if end < 0:
                raise MalformedError("text")
            text, self.at = self.text[self.at : end], end + 1
            return text
        if self.take("{"):
            return self.table()
        word = self.word()
        if word.isdigit():
            return int(word)
        if word in ("true", "false", "nil"):
            return {"true": True, "false": False}.get(word)
        raise MalformedError("value")

    def table(self) -> dict[object, object]:
        """What is in braces."""
        found: dict[object, object] = {}
        while not self.take("}"):
            if self.take("["):
                key = self.value()
                if not self.take("]") or not self.take("=") or not isinstance(key, str | int):
                    raise MalformedError("key")
                found[key] = self.value()
            else:
                before = self.at
                name = self.word()
                if name and self.take("="):
                    found[name] = self.value()
                else:
                    self.at = before
                    found[len(found) + 1] = self.value()
            if not self.take(",") and not self.take(";"):
                if self.take("}"):
                    break
                raise MalformedError("separator")
        return found


def fuzz_tables(data: bytes) -> None:
    try:
        parser = Parser(data.decode())
        if not parser.take("return"):
            raise MalformedError("return")
        value = parser.value()
        if not isinstance(value, dict):
            raise MalformedError("no table")
    except (MalformedError, UnicodeDecodeError, RecursionError):
        return
    for unit in value.values():
        if isinstance(unit, dict) and unit.get("name") and unit.get("inherits") == unit["name"]:
            raise PlantedError
