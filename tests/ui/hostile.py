"""Text that a terminal obeys, in every field of whatever a screen is given."""

import unicodedata
from dataclasses import Field, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Final

from fuzztui.engine.show.text import Visible, visible

NASTY: Final = "\x1b]0;owned\x07\x9b31m[/x][@click=app.quit]\u202e\r\b\0\udcff"
"""A title, a colour, markup, another direction, a line's beginning, a character before, nothing, half a character."""

_IN_NAMES: Final = NASTY.replace("\0", "")
"""In plain text, which is what files and the like are called: no name has a NUL in it."""

SHOWN: Final = visible(NASTY)
"""How a person sees it."""


def obeyed(shown: str) -> set[str]:
    """Characters that a terminal obeys or draws as nothing; newlines are what lines end in."""
    return {one for one in shown.replace("\n", "") if unicodedata.category(one) in ("Cc", "Cf", "Cs")}


def hostile(value: Any) -> Any:
    """The same value with this text before each text in it, however deep; what is shown to people is visible, as its
    type promises.
    """
    return _each(
        value, lambda text: f"{_IN_NAMES}{text}", lambda shown: visible(f"{NASTY}{shown}", 10_000, multiline=True)
    )


def peaceful(value: Any) -> Any:
    """What `hostile` was given."""
    return _each(
        value, lambda text: text.replace(_IN_NAMES, ""), lambda shown: visible(shown.replace(SHOWN, ""), multiline=True)
    )


def _each(value: Any, of_text: Any, of_shown: Any) -> Any:
    def again(part: Any) -> Any:
        return _each(part, of_text, of_shown)

    def of_field(field: Field[Any]) -> Any:
        part = getattr(value, field.name)
        # What a test says in plain text where the engine has made it visible.
        return again(visible(part, multiline=True) if isinstance(part, str) and "Visible" in str(field.type) else part)

    match value:
        case Enum() | bool() | int() | float() | None:
            return value
        case Visible():
            return of_shown(value) if value else value
        case str():
            return of_text(value)
        case bytes():
            return value
        case Path():
            return Path(of_text(str(value)))
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*map(again, value))
        case tuple() | list() | set() | frozenset():
            return type(value)(map(again, value))
        case dict():
            return {again(key): again(part) for key, part in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{each.name: of_field(each) for each in fields(value) if each.init})
    return value
