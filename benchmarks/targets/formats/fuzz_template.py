"""Addresses with expressions in braces: operators, names, prefixes, explosion; then what they are filled with."""


class PlantedError(Exception):
    """A fragment is cut to a prefix although it is exploded elsewhere in the same template."""


class MalformedError(Exception):
    """The text is no template."""


OPERATORS = "+#./;?&"


def expression(text: str) -> tuple[str, list[tuple[str, int, bool]]]:
    """Operator, and names with their prefix and whether they are exploded."""
    operator = ""
    if text and text[0] in OPERATORS:
        operator, text = text[0], text[1:]
    names = []
    for part in text.split(","):
        exploded = part.endswith("*")
        if exploded:
            part = part[:-1]
        name, colon, prefix = part.partition(":")
        if not name.isidentifier():
            raise MalformedError("name")
        if colon and (not prefix.isdigit() or not 0 < int(prefix) < 10000):
            raise MalformedError("prefix")
        if colon and exploded:
            raise MalformedError("both")
        names.append((name, int(prefix) if colon else 0, exploded))
    return operator, names


def template(text: str) -> None:
    """Read one."""
    at = 0
    exploded: set[str] = set()
    while True:
        start = text.find("{", at)
        if start < 0:
            if "}" in text[at:]:
                raise MalformedError("brace")
            return
        end = text.find("}", start)
        if end < 0:
            raise MalformedError("open")
        operator, names = expression(text[start + 1 : end])
        for name, prefix, explode in names:
            if explode:
                exploded.add(name)
            if operator == "#" and prefix and name in exploded:
                raise PlantedError
        at = end + 1


def fuzz_template(data: bytes) -> None:
    try:
        template(data.decode())
    except (MalformedError, UnicodeDecodeError):
        return
