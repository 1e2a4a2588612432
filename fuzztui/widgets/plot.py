"""A plot of one or two curves over time, with axis labels and markers for what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from fuzztui.engine.show.text import NOTHING, Visible, label
from fuzztui.widgets.braille import Point, aligned, draw, heights
from fuzztui.widgets.table import fit
from fuzztui.widgets.tone import Tone

_ZERO = label("0")
_NO_FIGURES = label("no figures yet")

GUTTER = 6
"""Cells for a label beside the plot: `999.9k`."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve with its own scale."""

    points: tuple[Point, ...]
    top: float
    """y at the upper edge; the lower edge is 0."""
    label: Visible
    """What stands beside the upper edge: `top` in words."""
    tone: Tone
    filled: bool = False
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign under the plot where something happened."""

    x: float
    sign: Visible
    tone: Tone


@dataclass(frozen=True, slots=True)
class Figure:
    """All that a plot shows."""

    curves: tuple[Curve, ...]
    x_range: tuple[float, float]
    marks: tuple[Mark, ...] = ()
    empty: Visible = _NO_FIGURES


class Plot(Widget):
    """Draws a `Figure`; the first curve's scale stands on the left, the second's on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plot--axis",
        "plot--plain",
        "plot--good",
        "plot--warn",
        "plot--bad",
        "plot--accent",
        "plot--muted",
    }

    DEFAULT_CSS = """
    Plot {
        & > .plot--axis { color: $text-muted; }
        & > .plot--muted { color: $text-muted; }
        & > .plot--good { color: $text-success; }
        & > .plot--warn { color: $text-warning; }
        & > .plot--bad { color: $text-error; text-style: bold; }
        & > .plot--accent { color: $text-accent; }
    }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._figure: Figure | None = None
        self._drawn: tuple[int, int, list[Strip]] | None = None

    def show(self, figure: Figure) -> None:
        """Draw `figure` instead of the present one."""
        if figure == self._figure:
            return
        self._figure = figure
        before, self._drawn = self._drawn, None
        width, height = self.size
        if before is None or before[:2] != (width, height) or len(before[2]) != len(self._lines()):
            self.refresh()
            return
        # Most of a curve lies where it lay: only lines that are others are drawn again.
        if changed := [y for y, line in enumerate(self._lines()) if line != before[2][y]]:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = None

    def render_line(self, y: int) -> Strip:
        lines = self._lines()
        return lines[y] if y < len(lines) else Strip.blank(self.size.width, self.rich_style)

    def _lines(self) -> list[Strip]:
        width, height = self.size
        if self._drawn is None or self._drawn[:2] != (width, height):
            self._drawn = (width, height, self._draw(width, height))
        return self._drawn[2]

    def _draw(self, width: int, height: int) -> list[Strip]:
        figure = self._figure
        base, axis = self.rich_style, self.get_component_rich_style("plot--axis")
        if figure is None or not any(len(curve.points) > 1 for curve in figure.curves):
            text = figure.empty if figure is not None else ""
            lines = [Strip.blank(width, base)] * (height // 2)
            return [*lines, Strip([Segment(text.center(width)[:width], axis)], width)] if text else lines
        two = len(figure.curves) > 1
        plot_width = max(1, width - GUTTER - 1 - (GUTTER + 1 if two else 0))
        plot_height = max(1, height - 1)
        layers = [_cells(curve, figure.x_range, plot_width, plot_height) for curve in figure.curves]
        styles = [self._style(curve.tone) for curve in figure.curves]
        lines = []
        for y in range(plot_height):
            left = figure.curves[0].label if y == 0 else _ZERO if y == plot_height - 1 else NOTHING
            left_style = styles[0] if two and y == 0 else axis
            segments = [Segment(fit(left, GUTTER, right=True) + " ", left_style)]
            segments += _merged([layer[y] for layer in layers], base, styles)
            if two:
                right = figure.curves[1].label if y == 0 else _ZERO if y == plot_height - 1 else NOTHING
                right_style = styles[1] if y == 0 else axis
                segments.append(Segment(" " + fit(right, GUTTER), right_style))
            lines.append(Strip(segments).adjust_cell_length(width, base))
        lines.append(self._time_axis(figure, plot_width).adjust_cell_length(width, base))
        return lines

    def _time_axis(self, figure: Figure, plot_width: int) -> Strip:
        axis = self.get_component_rich_style("plot--axis")
        segments = [Segment("─", axis)] * plot_width
        left, right = figure.x_range
        for mark in figure.marks:
            if right > left and left <= mark.x <= right:
                x = round((mark.x - left) / (right - left) * (plot_width - 1))
                if x < len(segments):
                    segments[x] = Segment(mark.sign, self._style(mark.tone))
        return Strip([Segment(" " * (GUTTER + 1), axis), *Segment.simplify(segments)])

    def _style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"plot--{tone}")


def _cells(curve: Curve, x_range: tuple[float, float], width: int, height: int) -> list[str]:
    levels = heights(curve.points, aligned(x_range, width * 2), curve.top, width * 2, height * 4)
    return draw(levels, height * 4, filled=curve.filled, dotted=curve.dotted)


def _merged(layers: Sequence[str], base: Style, styles: Sequence[Style]) -> list[Segment]:
    """One line of several curves; where two share a cell their dots are joined in the first one's colour."""
    if len(layers) == 1:
        return [Segment("".join(run), styles[0] if inked else base) for inked, run in groupby(layers[0], " ".__ne__)]
    segments = []
    for cells in zip(*layers, strict=True):
        inked = [i for i, cell in enumerate(cells) if cell != " "]
        bits = 0
        for i in inked:
            bits |= ord(cells[i]) - 0x2800
        segments.append(Segment(chr(0x2800 + bits), styles[inked[0]]) if inked else Segment(" ", base))
    return list(Segment.simplify(segments))
