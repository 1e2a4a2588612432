"""What is selected with the mouse, in a widget that draws itself line by line."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip


def highlighted(strip: Strip, selection: Selection, line: int, style: Style) -> Strip:
    """The line, which is that one of the widget's, with what is selected of it in a style."""
    span = selection.get_span(line)
    if span is None:
        return strip
    text = strip.text
    start, end = span[0], len(text) if span[1] < 0 else span[1]
    left, right = cell_len(text[:start]), cell_len(text[:end])
    chosen = Strip(Segment(each.text, (each.style or Style.null()) + style) for each in strip.crop(left, right))
    return Strip.join((strip.crop(0, left), chosen, strip.crop(right)))
