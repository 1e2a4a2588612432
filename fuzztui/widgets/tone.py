"""Text with a meaning attached: the meaning is chosen here by name, its colour by the theme."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from rich.text import Text
from textual.content import Content

Tone: TypeAlias = Literal["plain", "strong", "muted", "good", "warn", "bad", "accent"]
"""What a piece of text means. Never the only bearer of it: the words say the same."""

Span: TypeAlias = tuple[str, Tone]
Line: TypeAlias = tuple[Span, ...]

_THEMED: dict[Tone, str] = {
    "plain": "",
    "strong": "bold",
    "muted": "$text-muted",
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "bold $text-error",
    "accent": "$text-accent",
}

# On the normal screen no theme of ours applies: the terminal's own sixteen colours are what its user chose.
_TERMINAL: dict[Tone, str] = {
    "plain": "",
    "strong": "bold",
    "muted": "dim",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "accent": "cyan",
}


def content(lines: Iterable[Line]) -> Content:
    """Lines as a Textual visual; nothing in their texts is taken for markup."""
    return Content("\n").join(Content.assemble(*((text, _THEMED[tone]) for text, tone in line)) for line in lines)


def rich_text(lines: Iterable[Line]) -> Text:
    """Lines for a Rich console, i.e. for the normal screen."""
    return Text("\n").join(Text.assemble(*((text, _TERMINAL[tone]) for text, tone in line)) for line in lines)


def plain(line: Line) -> str:
    """A line's text alone."""
    return "".join(text for text, _ in line)
