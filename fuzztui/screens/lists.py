"""What screens with lists have in common: words to search for, and an order, for each list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen
from textual.widget import Widget

from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.screens.base import EngineScreen
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keybar import KeyBar
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.table import RowTable

if TYPE_CHECKING:
    _Screen = Screen[None]
else:
    _Screen = object  # styles look at the first base that is a screen: that of a session has some


class Searching(_Screen):
    """A screen of which each list can be searched (`/`) and ordered (`o`).

    How to use it: derive a screen over a session from `ListScreen` instead of `EngineScreen` (and before it, where
    there are other bases), any other one from this class, with `search` among what it composes. Make its tables
    `ListTable`s with `orders=("by name", "most hits first", ...)`, and give each `Row` its `ranks`, a sort key for each
    order. Show all rows, as before: the table lists those that are wanted. The line that is typed in comes from here;
    words stay, in the table's border, until escape takes them away, also while one is elsewhere. A table of another
    kind, such as one of which only the rows in sight are made, has `SEARCH_KEYS` among its bindings, and its screen
    overrides `words_of`, `want` and `order_next`.
    """

    keybar: KeyBar

    def __init__(self, *rest: Any) -> None:
        super().__init__(*rest)
        self.search = Entry("words to search for", id="search")
        self._searched: RowTable[Any] | None = None
        """The table whose words are typed now."""

    def words_of(self, table: RowTable[Any]) -> Visible:
        """What a table's rows are searched for."""
        return table.words if isinstance(table, ListTable) else NOTHING

    def want(self, table: RowTable[Any], words: str) -> None:
        """List only a table's rows that have all these words."""
        if isinstance(table, ListTable):
            table.want(words)

    def order_next(self, table: RowTable[Any]) -> None:
        """Give a table its next order."""
        if isinstance(table, ListTable):
            table.order_next()

    def chooses(self, table: RowTable[Any]) -> bool:
        """Whether a table does not list all that there is, because of what somebody has asked for."""
        return bool(self.words_of(table))

    @property
    def list_in_focus(self) -> RowTable[Any] | None:
        """The table that has the focus, or had it before the search took it."""
        if self.search.has_focus:
            return self._searched
        return self.focused if isinstance(self.focused, RowTable) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "cancel_entry":
            table = self.list_in_focus
            return self.search.has_focus or (table is not None and self.chooses(table))
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        if (table := self.list_in_focus) is not None:
            self._searched = table
            take, cancel = key_of(self.app, "entry.take"), key_of(self.app, "entry.cancel")
            self.search.placeholder = f"words to search for; {take} keeps them, {cancel} lists all"
            self.search.value = self.words_of(table)
            self.search.display = True
            self.search.focus()

    def action_order(self) -> None:
        if (table := self.list_in_focus) is not None:
            self.order_next(table)
            self.keybar.update_keys()

    def action_cancel_entry(self) -> None:
        if (table := self.list_in_focus) is not None:
            self.want(table, "")
        self._end_search()
        self.keybar.update_keys()

    def on_input_changed(self, message: Entry.Changed) -> None:
        if message.input is self.search and self.search.has_focus and self._searched is not None:
            self.want(self._searched, message.value)

    def on_input_submitted(self, message: Entry.Submitted) -> None:
        if message.input is self.search:
            self._end_search()

    def _end_search(self) -> None:
        if self._searched is not None and self.search.has_focus:
            self._searched.focus()
        self.search.display = False


class ListScreen(Searching, EngineScreen):
    """A screen over a session of which each list can be searched and ordered."""

    def extras(self) -> Iterable[Widget]:
        yield self.search
