"""Text with a meaning attached: the meaning is chosen here by name, its colour by the theme."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal, TypeAlias

from rich.cells import cell_len
from rich.text import Text
from textual.content import Content

from fuzztui.engine.show.text import Visible, joined, label, repeated, say, visible

Tone: TypeAlias = Literal["plain", "strong", "muted", "good", "warn", "bad", "accent", "struck"]
"""What a piece of text means. Never the only bearer of it: the words say the same."""

Span: TypeAlias = tuple[Visible, Tone]
Line: TypeAlias = tuple[Span, ...]

_THEMED: dict[Tone, str] = {
    "plain": "",
    "strong": "bold",
    "muted": "$foreground-muted",
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "bold $text-error",
    "accent": "$text-accent",
    "struck": "strike $foreground-muted",
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
    "struck": "strike dim",
}


_SPACE = label(" ")


def span(tone: Tone, template: str, *values: object) -> Span:
    """Words of the source and values in them, as `say` takes them."""
    return say(template, *values), tone


def blank(width: int) -> Span:
    """So many spaces."""
    return repeated(_SPACE, width), "plain"


def line_of(parts: Iterable[tuple[str, Tone]]) -> Line:
    """A line of pieces of what has been visible as a whole."""
    return tuple((visible(text, len(text)), tone) for text, tone in parts)


def content(lines: Iterable[Line]) -> Content:
    """Lines as a Textual visual; nothing in their texts is taken for markup."""
    return Content("\n").join(Content.assemble(*((text, _THEMED[tone]) for text, tone in line)) for line in lines)


def cut(line: Line, width: int) -> Line:
    """The beginning of a line, where it is wider than so many characters."""
    text = plain(line)
    return line if cell_len(text) <= width else wrapped([line], width, cut_words=True)[0]


def wrapped(lines: Iterable[Line], width: int, *, hang: int = 0, cut_words: bool = True) -> list[Line]:
    """Lines of at most `width` cells, or of one character; what is carried over is indented `hang` cells further than
    the line that it belongs to, as far as there is room. A longer word is cut, or else has a line to itself.
    """
    width = max(width, 1)
    result: list[Line] = []
    for line in lines:
        text: str = plain(line).rstrip(" ")
        characters = [(character, tone) for piece, tone in line for character in piece][: len(text)]
        indent = len(text) - len(text.lstrip(" "))
        carried = min(indent + hang, width - 1)
        margin: list[tuple[str, Tone]] = [(" ", "plain")] * carried
        while (room := _fitting(characters, width)) < len(characters):
            text = "".join(character for character, _ in characters)
            cut = text.rfind(" ", indent + 1, room + 1)
            if cut < 0:
                cut = room if cut_words else text.find(" ", room)
            if cut < 0:
                break
            rest = text[cut:].lstrip(" ")
            result.append(_joined(characters[: len(text[:cut].rstrip(" "))]))
            characters = [*margin, *characters[len(text) - len(rest) :]]
            indent = carried
        result.append(_joined(characters))
    return result


def _fitting(characters: Sequence[tuple[str, Tone]], width: int) -> int:
    """How many of the first characters stand in `width` cells: one at least, with the marks that belong to it."""
    if len(characters) <= width and all(character.isascii() for character, _ in characters):
        return len(characters)
    cells = 0
    for number, (character, _) in enumerate(characters):
        cells += 1 if character.isascii() else cell_len(character)
        if cells > width and number:
            return number
    return len(characters)


def _joined(characters: list[tuple[str, Tone]]) -> Line:
    runs = groupby(characters, key=itemgetter(1))
    return line_of(("".join(character for character, _ in run), tone) for tone, run in runs)


def clipped(lines: Sequence[Line], height: int, width: int) -> Sequence[Line]:
    """Lines of at most `width` cells, as far as there is room for them: where some are left out, that is to be seen."""
    if len(lines) <= height or not height:
        return lines
    last = lines[height - 1]
    characters = [(character, tone) for text, tone in last for character in text]
    kept = characters[: _fitting(characters, width - 1)]
    return [*lines[: height - 1], _joined([*kept, ("…", kept[-1][1] if kept else "plain")])]


def rich_text(lines: Iterable[Line]) -> Text:
    """Lines for a Rich console, i.e. for the normal screen."""
    return Text("\n").join(Text.assemble(*((text, _TERMINAL[tone]) for text, tone in line)) for line in lines)


def plain(line: Line) -> Visible:
    """A line's text alone."""
    return joined("", (text for text, _ in line))
