"""Makes a text that a regular expression matches, of what the library's own parser makes of the expression."""

import re
import sys
from collections.abc import Iterable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_SAMPLES: Final = "a0 _-\nA\x00\xa0\u0100"
"""Characters of which one is in each category of characters."""

_CATEGORIES: Final = {
    "CATEGORY_DIGIT": "0",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_WORD": " ",
}


def matching(pattern: "re.Pattern[Any]") -> Any:
    """The text, or the bytes where the expression is of bytes. Assertions that look ahead or behind are passed over."""
    text = pattern.pattern
    is_bytes = isinstance(text, bytes)
    groups: dict[int, str] = {}
    made = _all_of(re._parser.parse(text, pattern.flags & ~re.UNICODE if is_bytes else pattern.flags), groups)  # type: ignore[attr-defined]
    return made.encode("latin-1") if is_bytes else made


def _all_of(nodes: Iterable[tuple[Any, Any]], groups: dict[int, str]) -> str:
    return "".join(_one(str(kind), value, groups) for kind, value in nodes)


def _one(kind: str, value: Any, groups: dict[int, str]) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        case "ANY":
            return "a"
        case "IN":
            return _member(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, inner = value
            return "".join(_all_of(inner, groups) for _ in range(least))
        case "BRANCH":
            return _all_of(value[1][0], groups)
        case "SUBPATTERN":
            made = _all_of(value[-1], groups)
            if value[0] is not None:
                groups[value[0]] = made
            return made
        case "ATOMIC_GROUP":
            return _all_of(value, groups)
        case "GROUPREF":
            return groups.get(value, "")
        case "GROUPREF_EXISTS":
            group, yes, no = value
            return _all_of(yes if group in groups else no or (), groups)
    return ""


def _member(items: list[tuple[Any, Any]]) -> str:
    """A character of a set."""
    is_negated = str(items[0][0]) == "NEGATE"
    if not is_negated:
        kind, value = items[0]
        if str(kind) == "LITERAL":
            return chr(value)
        return chr(value[0]) if str(kind) == "RANGE" else _CATEGORIES[str(value)]
    others = map(chr, range(sys.maxunicode + 1))
    return next((each for each in (*_SAMPLES, *others) if not any(_holds(item, each) for item in items[1:])), "")


def _holds(item: tuple[Any, Any], character: str) -> bool:
    kind, value = str(item[0]), item[1]
    if kind == "LITERAL":
        return bool(ord(character) == value)
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    has: dict[str, bool] = {
        "DIGIT": character.isdecimal(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }
    name = str(value).removeprefix("CATEGORY_")
    return not has[name.removeprefix("NOT_")] if name.startswith("NOT_") else has[name]
