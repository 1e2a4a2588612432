"""Only cells that are different are written; what the terminal shows is what would have been written in full."""

import random
import re
from collections.abc import Sequence

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region, Size
from textual.strip import Strip

from fuzztui.terminal.thrift import Frame
from tests.ui.driving import dashboard
from tests.ui.fakes import snapshot

WIDTH, HEIGHT = 24, 6
CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = (Style(), Style(bold=True), Style(color="red", bgcolor="#102030"))
ALPHABET = "ab 0123é⣿界e\u0301"


class Sized:
    """A screen as far as it matters."""

    size = Size(WIDTH, HEIGHT)


class Terminal:
    """As much of a terminal as takes what is written: it knows widths, positions and the styles' codes."""

    def __init__(self) -> None:
        self.cells = [[(" ", "")] * WIDTH for _ in range(HEIGHT)]
        self._x = self._y = 0
        self._style = ""

    def take(self, text: str) -> None:
        for token in re.findall(r"\x1b\[[\d;]*[Hm]|\n|.", text):
            if token.startswith("\x1b"):
                self._obey(token)
            elif token == "\n":
                self._x, self._y = 0, self._y + 1
            else:
                self._put(token)

    def _obey(self, token: str) -> None:
        if token.endswith("H"):
            y, x = map(int, token[2:-1].split(";"))
            self._x, self._y = x - 1, y - 1
        else:
            self._style = "" if token == "\x1b[0m" else token

    def _put(self, character: str) -> None:
        line = self.cells[self._y]
        if character == "\u0301":
            line[self._x - 1] = (line[self._x - 1][0] + character, line[self._x - 1][1])
            return
        width = 2 if character == "界" else 1
        if line[self._x][0] == "":
            line[self._x - 1] = (" ", "")
        for x in range(self._x, self._x + width):
            if x + 1 < WIDTH and line[x + 1][0] == "":
                line[x + 1] = (" ", "")
            line[x] = ("" if x > self._x else character, self._style)
        self._x += width


def strip(source: random.Random, width: int) -> Strip:
    """So many cells of text in several styles."""
    segments: list[Segment] = []
    while width:
        character = source.choice(ALPHABET[:-1])
        text = "e\u0301" if character == "e" else character
        room = 2 if character == "界" else 1
        if room > width:
            continue
        width -= room
        segments.append(Segment(text, source.choice(STYLES)))
    return Strip(Segment.simplify(segments))


def layout(lines: Sequence[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, WIDTH, HEIGHT))


def part(lines: Sequence[Strip], y: int, first: int, last: int) -> ChopsUpdate:
    """An update of some cells of a line, which consists of three pieces."""
    cuts = [0, first, last, WIDTH]
    pieces = dict(zip(cuts, lines[y].divide(cuts[1:]), strict=False))
    empty: dict[int, Strip | None] = {}
    return ChopsUpdate([pieces if i == y else empty for i in range(HEIGHT)], [(y, first, last)], [cuts[1:]] * HEIGHT)


@pytest.fixture
def screen() -> Sized:
    return Sized()


def render(update: object) -> str:
    assert isinstance(update, CompositorUpdate)
    return update.render_segments(CONSOLE)


def test_after_any_updates_the_terminal_shows_what_it_would_show_if_all_had_been_written(screen: Sized) -> None:
    assert CONSOLE._color_system is ColorSystem.TRUECOLOR
    source = random.Random(7)
    frame, thrifty, full = Frame(), Terminal(), Terminal()
    lines = [strip(source, WIDTH) for _ in range(HEIGHT)]
    written = [0, 0]
    for _ in range(400):
        y = source.randrange(HEIGHT)
        if source.random() < 0.3:
            lines = [strip(source, WIDTH) if i == y else line for i, line in enumerate(lines)]
            update: ChopsUpdate | LayoutUpdate = layout(lines)
        else:
            first = source.randrange(1, WIDTH - 2)
            last = source.randrange(first + 1, WIDTH - 1)
            left, _, right = lines[y].divide([first, last, WIDTH])
            lines[y] = Strip.join([left, strip(source, last - first), right])
            update = part(lines, y, first, last)
        for i, (terminal, text) in enumerate(
            ((thrifty, render(frame.thrifty(screen, update))), (full, update.render_segments(CONSOLE)))
        ):
            terminal.take(text)
            written[i] += len(text)
        assert thrifty.cells == full.cells
    assert written[0] < written[1] / 2


def test_what_is_there_already_is_not_written(screen: Sized) -> None:
    frame, lines = Frame(), [Strip([Segment("execs 123k", STYLES[1]), Segment("  edges 12")]) for _ in range(HEIGHT)]
    assert "execs" in render(frame.thrifty(screen, layout(lines)))
    assert render(frame.thrifty(screen, layout(lines))) == ""
    lines[2] = Strip([Segment("execs 124k", STYLES[1]), Segment("  edges 12")])
    assert render(frame.thrifty(screen, layout(lines))) == "\x1b[3;9H\x1b[1m4\x1b[0m"


def test_another_screen_and_what_was_forgotten_are_written_in_full(screen: Sized) -> None:
    frame, lines = Frame(), [Strip([Segment("same")])] * HEIGHT
    render(frame.thrifty(screen, layout(lines)))
    other = Sized()
    assert render(frame.thrifty(other, layout(lines))).count("same") == HEIGHT
    frame.forget()
    assert render(frame.thrifty(other, layout(lines))).count("same") == HEIGHT


def test_update_that_is_never_written_is_not_remembered(screen: Sized) -> None:
    frame, lines = Frame(), [Strip([Segment("same")])] * HEIGHT
    frame.thrifty(screen, layout(lines))
    assert render(frame.thrifty(screen, layout(lines))).count("same") == HEIGHT


async def test_app_hands_every_update_over_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(App, "_display", lambda _self, _screen, update: drawn.append(update))
    async with dashboard() as driver:
        await driver.show(snapshot(elapsed=253.0))
        await driver.until(lambda: bool(drawn))
    assert {type(update).__name__ for update in drawn if update is not None} == {"Changes"}
