"""A table that draws itself line by line: 64 rows at four refreshes a second cost a few per cent of a core.

Rows have keys. The selection is a key, never a position, so that a row that appears, vanishes or moves cannot turn a
key press meant for one row into a command to another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from fuzztui.engine.show.text import Visible, say, visible
from fuzztui.widgets.bar import Bar
from fuzztui.widgets.selecting import highlighted
from fuzztui.widgets.tone import Line, Span, Tone, plain, wrapped

Key = TypeVar("Key", int, str)

GAP = 2
"""Cells between two columns: a number must not touch the words beside it."""

LUXURY = 3
"""Columns of this rank and above are shown only where the others have what they wish."""

Cut: TypeAlias = Literal["end", "front"]
"""Where a text that is too long is cut."""


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
    cut: Cut = "end"
    wish: int = 0
    """Cells that a column that grows would like to have: more than `width`, or no matter."""
    gap: int = GAP
    """Cells between it and the column before."""


@dataclass(frozen=True, slots=True)
class Row(Generic[Key]):
    """One row: a key that lives as long as the thing it shows, and a cell for each column."""

    key: Key
    cells: tuple[Span | Bar, ...]
    is_marked: bool = False
    """Whether somebody has marked it, for a command to several rows."""
    ranks: tuple[Any, ...] = ()
    """By what it is sorted in each of the orders that its table offers, see `fuzztui.widgets.list_table`."""


class LazyRows(Generic[Key]):
    """Rows that are made when they are looked at: of many thousands a table shows a few."""

    def __init__(self, keys: Sequence[Key], make: Callable[[Key], Row[Key]]) -> None:
        """`keys`: of all rows; `make`: gives the row of one."""
        self.keys: Sequence[Key] = keys
        self._make: Callable[[Key], Row[Key]] = make
        self._made: dict[Key, Row[Key]] = {}

    @classmethod
    def of(cls, rows: "Sequence[Row[Key]] | LazyRows[Key]") -> "LazyRows[Key]":
        """Rows that are there already, in this form."""
        if isinstance(rows, LazyRows):
            return rows
        made = {row.key: row for row in rows}
        return cls(tuple(made), made.__getitem__)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: int) -> Row[Key]:
        key = self.keys[index]
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def forget(self, key: Key) -> None:
        """Have a row made anew when it is looked at again."""
        self._made.pop(key, None)


def widths(columns: Sequence[Column], room: int) -> tuple[int, ...]:
    """Cells for each column in `room` cells, the cells between columns apart; 0 hides a column."""
    shown = list(range(len(columns)))

    def gaps() -> int:
        return sum(columns[i].gap for i in shown[1:])

    def leave_out(cells: Sequence[int], least: int) -> None:
        """Leave out columns of `least` rank and above, the highest first, until the others fit."""
        while shown and sum(cells[i] for i in shown) + gaps() > room:
            worst = max(shown, key=lambda i: (columns[i].rank, i))
            if columns[worst].rank < least:
                break
            shown.remove(worst)

    leave_out([max(column.width, column.wish) for column in columns], LUXURY)
    leave_out([column.width for column in columns], 1)
    result = [column.width if i in shown else 0 for i, column in enumerate(columns)]
    spare = max(0, room - sum(result) - gaps())
    growing = [i for i in shown if columns[i].grows]
    for i in sorted(growing, key=lambda i: -columns[i].wish):
        more = min(spare, max(0, columns[i].wish - result[i]))
        result[i] += more
        spare -= more
    for place, i in enumerate(growing):
        share = spare // (len(growing) - place)
        result[i] += share
        spare -= share
    return tuple(result)


def fit(text: Visible, width: int, right: bool = False, cut: Cut = "end") -> str:
    """What is drawn of a text: `text` in exactly `width` cells, an ellipsis where something is cut."""
    # A cell holds at most a few characters (combining ones); measuring the rest of a long text would be for nothing.
    head = text[-(4 * width + 1) :] if cut == "front" else text[: 4 * width + 1]
    length = cell_len(head)
    if length > width or len(head) < len(text):
        if cut == "front":
            return _tail(head, width)
        return set_cell_size(head, width - 1) + "…" if width > 1 else set_cell_size(head, width)
    padding = " " * (width - length)
    return padding + text if right else text + padding


def _tail(text: str, width: int) -> str:
    """The end of a text that is too long, in exactly `width` cells."""
    start = len(text)
    room = width - 1
    while start and (room := room - cell_len(text[start - 1])) >= 0:
        start -= 1
    return set_cell_size("…" + text[start:], width)


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
        "table--struck",
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
        & > .table--struck { color: $text-muted; text-style: strike; }
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
        self._foregrounds: dict[Tone, Style] = {}
        """How cells of each tone are drawn, until the theme is another one."""
        super().__init__(id=id)
        self._follows_top = follows_top
        self._columns = tuple(columns)
        self._titles: tuple[Span, ...] = tuple((visible(column.title), "plain") for column in columns)
        self._empty = say("  {}", empty)
        self._rows: LazyRows[Key] = LazyRows.of(())
        self._index = 0
        self._selected: Key | None = None
        self._widths: tuple[int, tuple[int, ...]] = (-1, ())
        self.virtual_size = Size(0, 2)

    @property
    def selected(self) -> Key | None:
        """Key of the selected row; None while there are no rows."""
        return self._selected

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Have other columns for the same cells, say because there is more or less room."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._widths = (-1, ())
            self.refresh()

    def has_room_for(self, title: str) -> bool:
        """Whether the column of this title is shown."""
        shown = self._fit_columns(self.size.width)
        return any(cells and column.title == title for cells, column in zip(shown, self._columns, strict=True))

    @property
    def listed(self) -> tuple[Key, ...]:
        """The keys of the rows, from top to bottom."""
        return tuple(self._rows.keys)

    def show(self, rows: Sequence[Row[Key]] | LazyRows[Key]) -> None:
        """Draw `rows` instead of the present ones. The selection stays with its key."""
        before, self._rows = self._rows, LazyRows.of(rows)
        keys = self._rows.keys
        old_index = self._index
        if self._follows_top and keys:
            self._index, self._selected = 0, keys[0]
        elif self._selected in keys:
            self._index = keys.index(self._selected)
        else:
            self._index = max(0, min(self._index, len(keys) - 1))
            self._selected = keys[self._index] if keys else None
        if self._index != old_index:
            # Rows came, went or changed places: the selected one stays in sight.
            self.call_after_refresh(self._scroll_to_selected)
        if len(before) != len(self._rows):
            self._measure()
            self.refresh(layout=True)
            return
        top = self.scroll_offset.y
        in_sight = range(top, min(len(keys), top + self.size.height))
        changed = [i for i in in_sight if before[i] != self._rows[i]]
        if old_index != self._index:
            changed += [old_index, self._index]
        self._refresh_rows(changed)

    def select(self, key: Key) -> None:
        """Select a row by its key, as if the cursor had been moved there. An unknown key changes nothing."""
        if key in self._rows.keys:
            self._go(list(self._rows.keys).index(key))

    def say_when_empty(self, words: Visible) -> None:
        """Draw other words where there are no rows."""
        if words != self._empty:
            self._empty = words
            if not len(self._rows):
                self._measure()
                self.refresh(layout=True)

    def _measure(self) -> None:
        """Tell how many lines there are to scroll."""
        self.virtual_size = Size(0, 1 + (len(self._rows) or len(self._empty_lines(self.size.width))))

    def _empty_lines(self, width: int) -> list[Line]:
        return wrapped([((self._empty, "muted"),)], max(1, width - 1), hang=2)

    def render_line(self, y: int) -> Strip:
        line = self.scroll_offset.y + y if y else 0
        strip = self._line(line)
        if (selection := self.text_selection) is not None:
            strip = highlighted(strip, selection, line, self.screen.get_component_rich_style("screen--selection"))
        # Where a selection begins is asked of what is drawn. To tell that takes time, so only where a mouse is.
        return strip.apply_offsets(0, line) if self.mouse_hover or selection is not None else strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected, as it is drawn."""
        last = self.virtual_size.height - 1
        if selection.end is not None:
            last = min(selection.end.y, last)
        text = "\n".join(self._line(line).text for line in range(last + 1))
        return "\n".join(line.rstrip() for line in selection.extract(text).splitlines()), "\n"

    def on_enter(self) -> None:
        self.refresh()

    def on_leave(self) -> None:
        self.refresh()

    def _line(self, line: int) -> Strip:
        """The heading, which is line 0, or a row, whether it is in sight or not."""
        width = self.size.width
        if line == 0:
            style = self.get_component_rich_style("table--header")
            return self._strip("  ", self._titles, style, False, width)
        index = line - 1
        if index < len(self._rows):
            return self._row_strip(index, width)
        if not len(self._rows) and index < len(empty := self._empty_lines(width)):
            text = set_cell_size(plain(empty[index]), width)
            return Strip([Segment(text, self.get_component_rich_style("table--empty"))], width)
        return Strip.blank(width, self.rich_style)

    def _row_strip(self, index: int, width: int) -> Strip:
        row = self._rows[index]
        mark = "*" if row.is_marked else " "
        if index != self._index:
            return self._strip(f" {mark}", row.cells, self.rich_style, True, width)
        if self.has_focus:
            return self._strip(f"▸{mark}", row.cells, self.get_component_rich_style("table--cursor"), False, width)
        return self._strip(f"▸{mark}", row.cells, self.get_component_rich_style("table--selected"), True, width)

    def _strip(self, mark: str, cells: tuple[Span | Bar, ...], base: Style, toned: bool, width: int) -> Strip:
        """One line; `toned` gives cells the colours of their tones, otherwise all are in the base style."""
        segments = [Segment(mark, base)]
        for cell, column, room in zip(cells, self._columns, self._fit_columns(width), strict=True):
            if not room:
                continue
            if len(segments) > 1:
                segments.append(Segment(" " * column.gap, base))
            if isinstance(cell, Bar):
                # Its colours are its own, on the table's background, in the selected row too.
                segments += [Segment(text, self.rich_style + self._foreground(tone)) for text, tone in cell.line(room)]
            else:
                text, tone = cell
                style = base + self._foreground(tone) if toned else base + Style(strike=tone == "struck" or None)
                segments.append(Segment(fit(text, room, column.right, column.cut), style))
        return Strip(segments).adjust_cell_length(width, base)

    def _foreground(self, tone: Tone) -> Style:
        if tone not in self._foregrounds:
            style = self.get_component_rich_style(f"table--{tone}")
            self._foregrounds[tone] = Style(color=style.color, bold=style.bold, strike=style.strike)
        return self._foregrounds[tone]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._foregrounds.clear()

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
        if not len(self._rows):
            return
        self._follows_top = False
        index = max(0, min(index, len(self._rows) - 1))
        if index != self._index:
            self._refresh_rows([self._index, index])
            self._index = index
            self._selected = self._rows.keys[index]
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
        return None if action == "open" and not len(self._rows) else True

    def on_resize(self) -> None:
        if not len(self._rows):
            self._measure()
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
