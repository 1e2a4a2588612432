"""A small parser, whose coverage the pictures of the coverage screens show."""

from typing import Final

LIMIT: Final = 64


class ParseError(ValueError):
    """Not a settings file."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line


def parse(text: str) -> dict[str, dict[str, str]]:
    """Sections of a settings file."""
    sections: dict[str, dict[str, str]] = {}
    current = sections.setdefault("", {})
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            if not line.endswith("]"):
                raise ParseError(number, "a section that does not end")
            current = sections.setdefault(section_name(line[1:-1]), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            current[key.strip()] = unquote(value.strip(), number)
        else:
            raise ParseError(number, "neither a section nor a setting")
    return sections


def section_name(name: str) -> str:
    """A section's name, checked."""
    if len(name) > LIMIT:
        raise ParseError(0, "a name that is too long")
    if name == "include":
        return include(name)
    return name


def include(name: str) -> str:
    """What another file adds."""
    parts = name.split("/")
    while parts and parts[-1] == "..":
        parts.pop()
    return "/".join(parts)


def unquote(value: str, line: int) -> str:
    """A value without its quotes and escapes."""
    if not value.startswith('"'):
        return value
    if len(value) < 2 or not value.endswith('"'):
        raise ParseError(line, "a quote that does not end")
    result = []
    escaped = False
    for character in value[1:-1]:
        if escaped:
            result.append({"n": "\n", "t": "\t"}.get(character, character))
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            result.append(character)
    return "".join(result)
