"""What is on the terminal already is not written again: over ssh that is most of what a dashboard would send.

Textual redraws each widget that has changed as a whole. A `Frame` remembers what every cell shows, and turns such an
update into one that writes only the cells that are different now.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, Protocol, TypeAlias

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size

Cell: TypeAlias = tuple[str, tuple[str, str]]
"""What a cell shows: a character with what combines with it, empty for the right half of a wide one; and what has to be
written before and after it for its style.
"""

_PLAIN: Final = ("", "")

BRIDGE: Final = 4
"""Cells that may stay the same between two that do not: writing them again is shorter than moving the cursor."""


class Shown(Protocol):
    """A screen, of which it matters here that it is not another one, and how large it is."""

    @property
    def size(self) -> Size:
        """In cells."""


class Frame:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, Cell]] = {}
        self._screen: object = None

    def forget(self) -> None:
        """Write everything with the next update: something else may have been written to the terminal."""
        self._lines.clear()

    def thrifty(self, screen: Shown, update: Any) -> Any:
        """What has to be written for an update of a screen; the update itself where it is of a kind that is not known.

        Another screen is written as a whole, and so is one of another size: what the terminal has made of the cells
        that it had is not known then.
        """
        if self._screen != (screen, screen.size):
            self._screen = (screen, screen.size)
            self.forget()
        if isinstance(update, ChopsUpdate | LayoutUpdate):
            return Changes(self, update)
        if update is not None:
            self.forget()
        return update

    def changes(self, update: ChopsUpdate | LayoutUpdate, console: Console) -> str:
        """What has to be written for an update, which the terminal shows from now on."""
        written: list[str] = []
        for y, x, segments in _pieces(update):
            self._compare(y, x, segments, console, written)
        return "".join(written)

    def _compare(self, y: int, x: int, segments: Iterable[Segment], console: Console, written: list[str]) -> None:
        """Write what is different in a piece of a line, and remember it."""
        line = self._lines.setdefault(y, {})
        run: list[Cell] = []
        start = same = 0
        for cell in _cells(segments, console):
            before = line.get(x)
            if before != cell:
                if before is not None and not before[0]:
                    line.pop(x - 1, None)  # the left half of a wide character loses its right one
                elif (after := line.get(x + 1)) is not None and not after[0]:
                    line.pop(x + 1)
                line[x] = cell
                if not run:
                    start = x
                run.append(cell)
                same = 0
            elif run:
                run.append(cell)
                same += 1
                if same > BRIDGE:
                    _write(y, start, run[:-same], written)
                    run.clear()
            x += 1
        if run:
            _write(y, start, run[: len(run) - same], written)


class Changes(CompositorUpdate):
    """An update of which only what is different is written. Compared when it is written, which may never happen."""

    def __init__(self, frame: Frame, update: ChopsUpdate | LayoutUpdate) -> None:
        self._frame = frame
        self._update = update

    def render_segments(self, console: Console) -> str:
        return self._frame.changes(self._update, console)


def _write(y: int, x: int, cells: list[Cell], written: list[str]) -> None:
    """Write cells of one line; styles are changed where they change."""
    written.append(f"\x1b[{y + 1};{x + 1}H")
    style = _PLAIN
    for text, own in cells:
        if own != style:
            written += (style[1], own[0])
            style = own
        written.append(text)
    written.append(style[1])


def _pieces(update: ChopsUpdate | LayoutUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """The pieces of lines that an update draws, each with its line and its first column."""
    return _pieces_of_chops(update) if isinstance(update, ChopsUpdate) else _pieces_of_layout(update)


def _pieces_of_layout(update: LayoutUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    for y, strips in enumerate(update.strips, update.region.y):
        yield y, update.region.x, (segment for strip in strips for segment in strip)


def _pieces_of_chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= last or end <= first:
                continue
            yield y, x, strip if end <= last else strip.crop(0, last - x)


def _cells(segments: Iterable[Segment], console: Console) -> Iterator[Cell]:
    """The cells that segments fill."""
    system = console._color_system
    waiting: Cell | None = None  # what combines with it may follow
    wide = False
    for text, style, _ in segments:
        own = _codes(style, system) if style is not None else _PLAIN
        for character in text:
            width = 1 if character.isascii() else get_character_cell_size(character)
            if width == 0:
                waiting = (waiting[0] + character, waiting[1]) if waiting is not None else None
                continue
            if waiting is not None:
                yield waiting
                if wide:
                    yield "", waiting[1]
            waiting, wide = (character, own), width > 1
    if waiting is not None:
        yield waiting
        if wide:
            yield "", waiting[1]


@lru_cache(4096)
def _codes(style: Style, system: object) -> tuple[str, str]:
    """What is to be written before and after a text in a style."""
    before, _, after = style.render("\0", color_system=system).partition("\0")  # type: ignore[arg-type]
    return before, after
