"""Lines and areas in braille characters: two by four dots in every terminal cell.

Pure functions from numbers to characters; `fuzztui.widgets.plot` gives them axes and colours.
"""

from collections.abc import Sequence
from itertools import pairwise

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bit of each dot in a braille character, by column, then row from the top (Unicode 15, chapter 21.1)."""

Point = tuple[float, float]


def heights(points: Sequence[Point], x_range: tuple[float, float], top: float, columns: int, rows: int) -> list[int]:
    """For each dot column the dot row (0 = bottom) of the line through `points`, or -1 where there is no line.

    Args:
        points: (x, y) with rising x.
        x_range: x of the left and of the right edge.
        top: y of the upper edge; the lower edge is 0.
        columns: dot columns, twice the cells.
        rows: dot rows, four times the cells.
    """
    result = [-1] * columns
    left, right = x_range
    if not points or right <= left or top <= 0 or columns < 1:
        return result
    scale = (columns - 1) / (right - left)

    def row(y: float) -> int:
        return min(rows - 1, max(0, round(y / top * (rows - 1))))

    def put(x: int, y: float) -> None:
        if 0 <= x < columns:
            # Of several points in one column the highest is shown: a peak matters more than what surrounds it.
            result[x] = max(result[x], row(y))

    for x, y in points:
        put(round((x - left) * scale), y)
    for (x0, y0), (x1, y1) in pairwise(points):
        start, end = round((x0 - left) * scale), round((x1 - left) * scale)
        for x in range(max(0, start + 1), min(columns, end)):
            put(x, y0 + (y1 - y0) * (x - start) / (end - start))
    return result


def aligned(x_range: tuple[float, float], columns: int) -> tuple[float, float]:
    """`x_range` moved to the right by less than a column, so that columns start at multiples of their width.

    A curve that is seen through a window that moves would flicker without it: the same points would be gathered into
    other columns in every frame.
    """
    left, right = x_range
    step = (right - left) / max(1, columns - 1)
    shift = -right % step if step > 0 else 0.0
    return left + shift, right + shift


def draw(levels: Sequence[int], rows: int, *, filled: bool = False, dotted: bool = False) -> list[str]:
    """Characters for dot rows as `heights` gives them: one string per cell row, from the top; a space where no dot is.

    Args:
        levels: one dot row per dot column, -1 for none; as many as twice the width in cells.
        rows: dot rows, four times the cells.
        filled: draw what lies below the line, too.
        dotted: draw every other dot column only, so that a line can be told from another without its colour.
    """
    cells = [[0] * (len(levels) // 2) for _ in range(rows // 4)]
    previous = -1
    for x, level in enumerate(levels[: len(levels) // 2 * 2]):
        if level < 0:
            previous = -1
            continue
        if filled:
            low, high = 0, level
        elif previous < 0 or dotted:
            low = high = level
        else:
            # Join steep steps; the dot of the neighbour itself is already there.
            low = min(level, previous + 1) if level > previous else level
            high = max(level, previous - 1) if level < previous else level
        previous = level
        if dotted and x % 2:
            continue
        for dot in range(low, high + 1):
            from_top = rows - 1 - dot
            cells[from_top // 4][x // 2] |= _DOTS[x % 2][from_top % 4]
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in line) for line in cells]


def nice_ceiling(value: float) -> float:
    """The smallest of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is not below `value`; at least 1.

    An axis that ends in such a number stays the same while its curve moves a little.
    """
    power = 1.0
    while power * 10 <= value:
        power *= 10
    for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8):
        if step * power >= value:
            return step * power
    return 10 * power
