"""A table that draws itself line by line: 64 rows at four refreshes a second cost a few per cent of a core.

Rows have keys. The selection is a key, never a position, so that a row that appears, vanishes or moves cannot turn a
key press meant for one row into a command to another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fuzztui.engine.show.text import Visible, say, visible
from fuzztui.widgets.bar import Bar
from fuzztui.widgets.tone import Span, Tone

Key = TypeVar("Key", int, str)

GAP = 2
"""Cells between two columns: a number must not touch the words beside it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    width: int
    """Cells. A column that grows has at least so many."""
    right: bool = False
    """Align to the right, as numbers are."""
    grows: bool = False
    """Shares what the other columns leave."""
    rank: int = 0
    """Where there is no room, columns of the highest rank go first; those of rank 0 stay."""


@dataclass(frozen=True, slots=True)
class Row(Generic[Key]):
    """One row: a key that lives as long as the thing it shows, and a cell for each column."""

    key: Key
    cells: tuple[Span | Bar, ...]


def widths(columns: Sequence[Column], room: int) -> tuple[int, ...]:
    """Cells for each column in `room` cells with `GAP` cells between columns; 0 hides a column."""
    shown = list(range(len(columns)))

    def needed() -> int:
        return sum(columns[i].width for i in shown) + GAP * max(0, len(shown) - 1)

    while needed() > room:
        worst = max(shown, key=lambda i: (columns[i].rank, i))
        if columns[worst].rank == 0:
            break
        shown.remove(worst)
    growing = [i for i in shown if columns[i].grows]
    result = [columns[i].width if i in shown else 0 for i in range(len(columns))]
    spare = max(0, room - needed())
    for place, i in enumerate(growing):
        share = spare // (len(growing) - place)
        result[i] += share
        spare -= share
    return tuple(result)


def fit(text: Visible, width: int, right: bool = False) -> str:
    """What is drawn of a text: `text` in exactly `width` cells, an ellipsis at the end of what is cut."""
    # A cell holds at most a few characters (combining ones); measuring the rest of a long text would be for nothing.
    head = text[: 4 * width + 1]
    length = cell_len(head)
    if length > width or len(head) < len(text):
        return set_cell_size(head, width - 1) + "…" if width > 1 else set_cell_size(head, width)
    padding = " " * (width - length)
    return padding + text if right else text + padding


class RowTable(ScrollView, Generic[Key], can_focus=True):
    """Rows under a fixed header, one of them selected."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--selected",
        "table--cursor",
        "table--empty",
        "table--plain",
        "table--strong",
        "table--muted",
        "table--good",
        "table--warn",
        "table--bad",
        "table--accent",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up", tooltip="Select the row above."),
        Binding("down,j", "move(1)", "Down", show=False, id="table.down", tooltip="Select the row below."),
        Binding("home,g", "end(-1)", "First", show=False, id="table.first", tooltip="Select the first row."),
        Binding("end,G", "end(1)", "Last", show=False, id="table.last", tooltip="Select the last row."),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.pageup", tooltip="A page of rows up."),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.pagedown", tooltip="A page of rows down."),
        Binding(
            "enter", "open", "open", key_display="enter", id="table.open", tooltip="Show all about the selected row."
        ),
    ]

    DEFAULT_CSS = """
    RowTable {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .table--header { color: $text-muted; text-style: none; }
        & > .table--selected { background: $boost; }
        & > .table--empty { color: $text-muted; }
        & > .table--strong { text-style: bold; }
        & > .table--muted { color: $text-muted; }
        & > .table--good { color: $text-success; }
        & > .table--warn { color: $text-warning; }
        & > .table--bad { color: $text-error; text-style: bold; }
        & > .table--accent { color: $text-accent; }
        & > .table--cursor {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
        }
    }
    """

    @dataclass
    class Selected(Message):
        """Another row was selected by the person in front of the screen."""

        table: "RowTable[Any]"

        @property
        def control(self) -> "RowTable[Any]":
            return self.table

    @dataclass
    class Opened(Message):
        """The selected row is to be opened."""

        table: "RowTable[Any]"
        key: int | str

        @property
        def control(self) -> "RowTable[Any]":
            return self.table

    def __init__(self, columns: Sequence[Column], empty: str, *, id: str, follows_top: bool = False) -> None:  # noqa: A002
        """`follows_top`: select what comes in at the top until somebody has moved the selection."""
        super().__init__(id=id)
        self._follows_top = follows_top
        self._columns = tuple(columns)
        self._titles: tuple[Span, ...] = tuple((visible(column.title), "plain") for column in columns)
        self._empty = say("  {}", empty)
        self._rows: tuple[Row[Key], ...] = ()
        self._index = 0
        self._selected: Key | None = None
        self._widths: tuple[int, tuple[int, ...]] = (-1, ())
        self.virtual_size = Size(0, 2)

    @property
    def selected(self) -> Key | None:
        """Key of the selected row; None while there are no rows."""
        return self._selected

    def show(self, rows: Sequence[Row[Key]]) -> None:
        """Draw `rows` instead of the present ones. The selection stays with its key."""
        before, self._rows = self._rows, tuple(rows)
        keys = [row.key for row in self._rows]
        old_index = self._index
        if self._follows_top and keys:
            self._index, self._selected = 0, keys[0]
        elif self._selected in keys:
            self._index = keys.index(self._selected)
        else:
            self._index = max(0, min(self._index, len(keys) - 1))
            self._selected = keys[self._index] if keys else None
        if len(before) != len(self._rows):
            self.virtual_size = Size(0, max(1, len(self._rows)) + 1)
            self.refresh(layout=True)
            if self._index != old_index:
                # Rows came or went above the selected one: it stays in sight.
                self.call_after_refresh(self._scroll_to_selected)
            return
        changed = [i for i, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old != new]
        if old_index != self._index:
            changed += [old_index, self._index]
        self._refresh_rows(changed)

    def select(self, key: Key) -> None:
        """Select a row by its key, as if the cursor had been moved there. An unknown key changes nothing."""
        for i, row in enumerate(self._rows):
            if row.key == key:
                self._go(i)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            style = self.get_component_rich_style("table--header")
            return self._strip(" ", self._titles, style, False, width)
        index = self.scroll_offset.y + y - 1
        if index < len(self._rows):
            return self._row_strip(index, width)
        if index == 0:
            text = fit(self._empty, width)
            return Strip([Segment(text, self.get_component_rich_style("table--empty"))], width)
        return Strip.blank(width, self.rich_style)

    def _row_strip(self, index: int, width: int) -> Strip:
        row = self._rows[index]
        if index != self._index:
            return self._strip(" ", row.cells, self.rich_style, True, width)
        if self.has_focus:
            return self._strip("▸", row.cells, self.get_component_rich_style("table--cursor"), False, width)
        return self._strip("▸", row.cells, self.get_component_rich_style("table--selected"), True, width)

    def _strip(self, mark: str, cells: tuple[Span | Bar, ...], base: Style, toned: bool, width: int) -> Strip:
        """One line; `toned` gives cells the colours of their tones, otherwise all are in the base style."""
        segments = [Segment(mark, base)]
        gap = 1
        for cell, column, room in zip(cells, self._columns, self._fit_columns(width), strict=True):
            if not room:
                continue
            segments.append(Segment(" " * gap, base))
            gap = GAP
            if isinstance(cell, Bar):
                # Its colours are its own, on the table's background, in the selected row too.
                segments += [Segment(text, self.rich_style + self._foreground(tone)) for text, tone in cell.line(room)]
            else:
                text, tone = cell
                style = base + self._foreground(tone) if toned else base
                segments.append(Segment(fit(text, room, column.right), style))
        return Strip(segments).adjust_cell_length(width, base)

    def _foreground(self, tone: Tone) -> Style:
        style = self.get_component_rich_style(f"table--{tone}")
        return Style(color=style.color, bold=style.bold)

    def _fit_columns(self, width: int) -> tuple[int, ...]:
        if self._widths[0] != width:
            self._widths = (width, widths(self._columns, width - 3))
        return self._widths[1]

    def _refresh_rows(self, indices: Sequence[int]) -> None:
        top = self.scroll_offset.y
        for index in indices:
            y = index - top + 1
            if 0 < y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))

    def _go(self, index: int) -> None:
        if not self._rows:
            return
        self._follows_top = False
        index = max(0, min(index, len(self._rows) - 1))
        if index != self._index:
            self._refresh_rows([self._index, index])
            self._index = index
            self._selected = self._rows[index].key
            self.post_message(self.Selected(self))
        self._scroll_to_selected()

    def _scroll_to_selected(self) -> None:
        page = self._page
        top = self.scroll_offset.y
        if self._index < top:
            self.scroll_to(y=self._index, animate=False)
        elif self._index >= top + page:
            self.scroll_to(y=self._index - page + 1, animate=False)

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def action_move(self, rows: int) -> None:
        self._go(self._index + rows)

    def action_page(self, pages: int) -> None:
        self._go(self._index + pages * self._page)

    def action_end(self, direction: int) -> None:
        self._go(0 if direction < 0 else len(self._rows) - 1)

    def action_open(self) -> None:
        if self._selected is not None:
            self.post_message(self.Opened(self, self._selected))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return None if action == "open" and not self._rows else True

    def on_resize(self) -> None:
        self._scroll_to_selected()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < 1:
            return
        index = self.scroll_offset.y + offset.y - 1
        if index < len(self._rows):
            self._go(index)
            if event.chain == 2:
                self.action_open()
