"""What a docstring says that a function raises: in the forms of Google, NumPy and Sphinx."""

import builtins
import re
from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

DOCUMENTED: Final = "docstring"
"""Stands, among the exceptions that a function by its name may raise, for those that its docstring names."""

_NAME: Final = r"[A-Za-z_][\w.]*"
_GOOGLE: Final = re.compile(rf"(?:\*\s+)?[`:~]*(?:(?:exc|class):`~?)?({_NAME})`*\s*(?:\([^)]*\)\s*)?:")
_SPHINX: Final = re.compile(rf"[:@]raises?\s+((?:{_NAME}[\s,|]*)+):")
_ROLE: Final = re.compile(r":(?:py:)?(?:exc|class):`~?([\w.]+)`")


def raised(docstring: str) -> list[str]:
    """Names of exceptions, as they are written, each once."""
    lines = docstring.expandtabs().splitlines()
    return list(dict.fromkeys(name for name in (*_sphinx(docstring), *_sections(lines)) if _is_class(name)))


def _sphinx(docstring: str) -> Iterator[str]:
    for match in _SPHINX.finditer(docstring):
        yield from re.findall(_NAME, match[1])


def _sections(lines: list[str]) -> Iterator[str]:
    for i, line in enumerate(lines):
        if line.strip() in ("Raises:", "Raise:", "Exceptions:"):
            yield from _google(lines[i + 1 :], _indent(line))
        elif line.strip() == "Raises" and i + 1 < len(lines) and re.fullmatch(r"\s*-{3,}\s*", lines[i + 1]):
            yield from _numpy(lines[i + 2 :], _indent(line))


def _google(lines: list[str], above: int) -> Iterator[str]:
    """Lines of the first indentation below the heading begin with a name."""
    own: int | None = None
    for line in lines:
        if not line.strip():
            continue
        if _indent(line) <= above:
            return
        own = _indent(line) if own is None else own
        text = _ROLE.sub(r"\1", line.strip())
        if _indent(line) == own and (match := _GOOGLE.match(text)):
            yield match[1]


def _numpy(lines: list[str], above: int) -> Iterator[str]:
    """Lines of the heading's indentation are names, up to the next heading."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"\s*-{3,}\s*", following) or (line.strip() and _indent(line) < above):
            return
        text = _ROLE.sub(r"\1", line.strip()).rstrip(":")
        if line.strip() and _indent(line) == above and re.fullmatch(rf"{_NAME}(?:\s*(?:,|or)\s*{_NAME})*", text):
            yield from (name for name in re.findall(_NAME, text) if name != "or")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_class(name: str) -> bool:
    """Whether a name may be an exception's: prose is none."""
    return name.rpartition(".")[2][:1].isupper() and not name.endswith(".")


def is_builtin(name: str) -> bool:
    """Whether an exception of this name needs no import."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)
