"""A small language: `let x = 1; if x < 2 { print x; } while 1 { }`."""


class PlantedError(Exception):
    """A loop within a condition has no statements."""


class MalformedError(Exception):
    """The text is no program."""


KEYWORDS = ("let", "print", "if", "while")
PUNCTUATION = "=<+;{}"


def tokens(text: str) -> list[str]:
    """Words, numbers and punctuation."""
    found = []
    at = 0
    while at < len(text):
        character = text[at]
        start = at
        if character.isspace():
            at += 1
            continue
        if character in PUNCTUATION:
            at += 1
        elif character.isalnum():
            while at < len(text) and text[at].isalnum():
                at += 1
        else:
            raise MalformedError(character)
        found.append(text[start:at])
    return found


class Parser:
    """Recursive descent."""

    def __init__(self, text: str) -> None:
        """Nothing is parsed yet."""
        self.tokens = [*tokens(text), ""]
        self.at = 0
        self.conditions = 0

    def take(self, expected: str = "") -> str:
        """The next token, which has to be the expected one."""
        token = self.tokens[self.at]
        if not token or (expected and token != expected):
            raise MalformedError(token)
        self.at += 1
        return token

    def program(self) -> None:
        """Statements to the end."""
        while self.tokens[self.at]:
            self.statement()

    def statement(self) -> None:
        """One of four."""
        keyword = self.take()
        if keyword == "let":
            self.name()
            self.take("=")
            self.expression()
            self.take(";")
        elif keyword == "print":
            self.expression()
            self.take(";")
        elif keyword == "if":
            self.conditions += 1
            self.expression()
            self.block()
            self.conditions -= 1
        elif keyword == "while":
            self.expression()
            if not self.block() and self.conditions:
                raise PlantedError
        else:
            raise MalformedError(keyword)

    def block(self) -> int:
        """Statements in braces; how many they are."""
        self.take("{")
        count = 0
        while self.tokens[self.at] != "}":
            self.statement()
            count += 1
        self.take("}")
        return count

    def expression(self) -> None:
        """Terms with operators between them."""
        self.term()
        while self.tokens[self.at] in ("<", "+"):
            self.at += 1
            self.term()

    def term(self) -> None:
        """A number or a name."""
        if self.tokens[self.at].isdigit():
            self.at += 1
        else:
            self.name()

    def name(self) -> None:
        """A word that is no keyword."""
        token = self.take()
        if not token.isalpha() or token in KEYWORDS:
            raise MalformedError(token)


def fuzz_grammar(data: bytes) -> None:
    try:
        Parser(data.decode("utf-8")).program()
    except (MalformedError, UnicodeDecodeError, RecursionError):
        return
