"""A table that lists what a person wants to see of its rows, in the order that this person wants."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from fuzztui.engine.show.text import NOTHING, Visible, say, visible
from fuzztui.widgets.bar import Bar
from fuzztui.widgets.edge import set_subtitle
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.table import Column, Key, LazyRows, Row, RowTable

SEARCH_KEYS: list[BindingType] = [
    Binding("slash", "screen.search", "search", key_display="/", id="list.search",
            tooltip="List only rows that have all of some words, until all are wanted again."),
    Binding("o", "screen.order", "order", id="list.order", tooltip="Order the rows by something else."),
    Binding("escape", "screen.cancel_entry", "all", id="list.all", tooltip="List all rows again."),
]  # fmt: skip
"""For each table of a `fuzztui.screens.lists.ListScreen`."""


class ListTable(RowTable[Key]):
    """Rows that can be searched and ordered; `fuzztui.screens.lists.ListScreen` has the keys' actions.

    `show` takes all rows; words and order outlive it. Each row has `Row.ranks`, one for each of the table's orders, by
    which rows are sorted in it, the smallest first; what is equal stays as it came. The lower edge of the table's
    border says what is listed.
    """

    BINDINGS: ClassVar[list[BindingType]] = SEARCH_KEYS

    def __init__(self, columns: Sequence[Column], empty: str, *, id: str, orders: Sequence[str] = ()) -> None:  # noqa: A002
        """`orders`: what they are called, as people are shown; the first is that of the start."""
        super().__init__(columns, empty, id=id)
        self._orders = tuple(orders)
        self._order = 0
        self._words: Visible = NOTHING
        self._all: tuple[Row[Key], ...] = ()
        self._empty_at_all = self._empty

    @property
    def words(self) -> Visible:
        """What rows must have to be listed."""
        return self._words

    def want(self, words: str) -> None:
        """List only rows that have all of these words, in any case and anywhere."""
        self._words = visible(words)
        self.show(self._all)

    def order_next(self) -> None:
        """Go on to the next order, round and round."""
        if self._orders:
            self._order = (self._order + 1) % len(self._orders)
        self.show(self._all)

    def show(self, rows: Sequence[Row[Key]] | LazyRows[Key]) -> None:
        rows = LazyRows.of(rows)
        self._all = tuple(rows[i] for i in range(len(rows)))  # what is searched must be there
        listed: Any = arranged(self._all, self._words, self._order)
        if self._all and not listed:
            self.say_when_empty(none_has(self, len(self._all), self._words))
        else:
            self.say_when_empty(self._empty_at_all)
        super().show(listed)
        order = visible(self._orders[self._order]) if self._orders else NOTHING
        tell_what_is_listed(self, len(listed), len(self._all), self._words, order)


def none_has(table: RowTable[Any], total: int, words: Visible) -> Visible:
    """What a table says that lists none of its rows, and how all are listed again."""
    return say("  none of {:,} has {}; {} lists all", total, words, key_of(table.app, "list.all"))


def tell_what_is_listed(table: RowTable[Any], listed: int, total: int, words: Visible, order: Visible) -> None:
    """Say in a table's border what is listed and in which order."""
    found = say("/{}: {:,} of {:,}", words, listed, total) if words.strip() else NOTHING
    subtitle = say("{}   {}", found, order) if found and order else found or order
    set_subtitle(table, subtitle)


def arranged(rows: Sequence[Row[Key]], words: str, order: int) -> list[Row[Key]]:
    """The rows that have all of some words, in one of the orders that their ranks are of."""
    wanted = words.casefold().split()
    listed = [row for row in rows if not wanted or has_words(_text(row), wanted)]
    if any(order < len(row.ranks) for row in listed):
        listed.sort(key=lambda row: row.ranks[order])
    return listed


def _text(row: Row[Any]) -> str:
    return "\n".join(cell[0] for cell in row.cells if not isinstance(cell, Bar))


def has_words(text: str, wanted: Sequence[str]) -> bool:
    """Whether a text has all of some words, which are case-folded, in any case and anywhere."""
    text = text.casefold()
    return all(word in text for word in wanted)
