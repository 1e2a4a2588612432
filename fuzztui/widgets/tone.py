"""Text with a meaning attached: the meaning is chosen here by name, its colour by the theme."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
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
    "muted": "$foreground-muted",
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


def wrapped(lines: Iterable[Line], width: int) -> list[Line]:
    """Lines of at most `width` characters; what is carried over is indented as far as the line that it belongs to."""
    result: list[Line] = []
    for line in lines:
        characters: list[Span] = [(character, tone) for text, tone in line for character in text]
        text = plain(line)
        indent = len(text) - len(text.lstrip(" "))
        margin: list[Span] = [(" ", "plain")] * indent
        while len(characters) > max(width, indent + 1):
            blank = "".join(character for character, _ in characters[: width + 1]).rfind(" ", indent + 1)
            cut = blank if blank > 0 else width
            result.append(_joined(characters[:cut]))
            characters = [*margin, *characters[cut + (blank > 0) :]]
        result.append(_joined(characters))
    return result


def _joined(characters: list[Span]) -> Line:
    runs = groupby(characters, key=itemgetter(1))
    return tuple(("".join(character for character, _ in run), tone) for tone, run in runs)


def rich_text(lines: Iterable[Line]) -> Text:
    """Lines for a Rich console, i.e. for the normal screen."""
    return Text("\n").join(Text.assemble(*((text, _TERMINAL[tone]) for text, tone in line)) for line in lines)


def plain(line: Line) -> str:
    """A line's text alone."""
    return "".join(text for text, _ in line)
