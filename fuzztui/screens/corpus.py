"""The corpus: its entries in one long list, what each brought, and one of them in full."""

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from fuzztui.engine.live.wishes import GiveInput, PutEntryBack, RemoveEntry
from fuzztui.engine.questions.corpus import MOST_ROWS, CorpusContent, CorpusEntry, CorpusList, CorpusRows
from fuzztui.engine.session import ReadOnly, SessionLike
from fuzztui.engine.show.corpus import CorpusNumbers, CorpusOrder, CorpusPage, CorpusRow
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, count, joined, label, one_line, piece, say, visible
from fuzztui.outside import editor
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.screens.editing import edit
from fuzztui.screens.giving import GiveScreen, RemoveScreen
from fuzztui.screens.lists import ListScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.list_table import SEARCH_KEYS, none_has, tell_what_is_listed
from fuzztui.widgets.longtable import LongTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row, RowTable
from fuzztui.widgets.tone import Line, Span, content, span
from fuzztui.widgets.wording import NONE, ago
from fuzztui.widgets.words import Words
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("name", 12, wish=12),
    Column("origin", 12, rank=2),
    Column("size", 8, right=True),
    Column("new", 6, right=True),
    Column("edges", 6, right=True, rank=1),
    Column("fuzzed", 6, right=True, rank=2),
    Column("age", 12, right=True, rank=3),
    Column("arguments", 16, grows=True),
)

LIST_EVERY: Final = 1.0
"""Seconds between two times that the list is asked for while the corpus grows: sorting it takes the engine's time."""

MOST_KEPT: Final = 5_000
"""Rows that are remembered."""


class CorpusTable(LongTable[int]):
    """One row for each entry, by its number."""

    HELP = """The corpus is the inputs worth keeping, because each reaches something that the others do not: your \
seeds and stored inputs, and what fuzzing has found. new is how many edges nothing had covered before the entry was \
run, edges how many it reaches in all, fuzzed how often it was chosen to be mutated. {table.open} shows all about \
one: its bytes, its arguments, and how it came about. {corpus.add} adds an input, from a file or as you paste it; \
{corpus.edit} opens the selected one in your editor, and what you make of it is added; {corpus.remove} removes one, \
which {corpus.undo} takes back."""

    BINDINGS: ClassVar[list[BindingType]] = SEARCH_KEYS


class CorpusScreen(ListScreen):
    """The list. It knows the numbers of all entries, and asks for the rows in sight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "give", "add", id="corpus.add", tooltip="Add an input, from a file or pasted."),
        Binding("e", "edit_input", "edit", id="corpus.edit",
                tooltip="Open the selected input in your editor ($EDITOR); what you make of it is added."),
        Binding("d,delete", "remove", "remove", key_display="d", id="corpus.remove",
                tooltip="Remove the selected entry and its file, after a question."),
        Binding("u", "put_back", "undo", id="corpus.undo", tooltip="Put back what was removed last."),
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]  # fmt: skip

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.table = CorpusTable(COLUMNS, "the corpus is empty so far", id="corpus")
        self.order = CorpusOrder.NEWEST
        self._words = NOTHING
        """What is searched for."""
        self.detail = Wrapped(id="detail")
        self._numbers = CorpusNumbers((), 0)
        self._rows: dict[int, CorpusRow] = {}
        self._missing: set[int] = set()
        """In sight and not known: asked for when the lines are drawn."""
        self._listed_size = (-1, -1)
        """Of the corpus when the list was asked for."""
        self._listed_at = 0.0
        self._is_asking = False
        self._is_outdated = False
        """Whether another list is wanted than the one that is being asked for."""
        self._elapsed = 0.0
        self._removals = 0

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table
        yield self.detail

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self._elapsed = snapshot.elapsed
        if snapshot.phase is Phase.TRIAGE:
            self.table.say_when_empty(label("  nothing is fuzzed here: `fuzztui run` has a corpus"))
            return
        if isinstance(self.session, ReadOnly):
            self.table.say_when_empty(say("  {}: it has no corpus", self.session.reason))
            return
        now = time.monotonic()
        if now - self._listed_at < LIST_EVERY:
            return
        if (snapshot.corpus, snapshot.corpus_new) != self._listed_size:
            self._ask_list()
        self._listed_at = now
        self._ask_rows(self.table.keys_in_sight)  # what has changed of them

    # The list ---------------------------------------------------------------------------------------------------------

    def words_of(self, table: RowTable[Any]) -> Visible:  # noqa: ARG002
        return self._words

    def want(self, table: RowTable[Any], words: str) -> None:  # noqa: ARG002
        self._words = visible(words)
        self._ask_list()

    def order_next(self, table: RowTable[Any]) -> None:  # noqa: ARG002
        self.order = self.order.following
        self._ask_list()

    def _ask_list(self) -> None:
        if self._is_asking:
            self._is_outdated = True
            return
        self._is_asking, self._is_outdated = True, False
        snapshot = self.session.snapshot()
        self._listed_size = (snapshot.corpus, snapshot.corpus_new)
        self._listed_at = time.monotonic()
        self.ask(CorpusList(self.order, tuple(self._words.casefold().split())), self._take_list)

    def _take_list(self, numbers: CorpusNumbers) -> None:
        self._is_asking = False
        self._numbers = numbers
        self.table.show_keys(numbers.numbers, self._row)
        shown = say("{:,} of ", len(numbers.numbers)) if len(numbers.numbers) < numbers.total else NOTHING
        entries = say("{:,} {}", numbers.total, "entry" if numbers.total == 1 else "entries")
        set_title(self.table, say("corpus: {}{}", shown, entries))
        tell_what_is_listed(self.table, len(numbers.numbers), numbers.total, self._words, label(self.order.value))
        self.table.say_when_empty(
            none_has(self.table, numbers.total, self._words) if numbers.total else label("  the corpus is empty so far")
        )
        self._ask_detail()
        self.keybar.update_keys()
        if self._is_outdated:
            self._ask_list()

    def _row(self, number: int) -> Row[int]:
        row = self._rows.get(number)
        if row is None:
            if not self._missing:
                self.call_after_refresh(self._ask_missing)
            self._missing.add(number)
            return Row(number, (span("muted", "…"), *(span("plain", "") for _ in COLUMNS[1:])))
        return Row(number, row_cells(row, self._elapsed))

    def _ask_missing(self) -> None:
        missing, self._missing = self._missing, set()
        self._ask_rows(sorted(missing))

    def _ask_rows(self, numbers: Iterable[int]) -> None:
        if wanted := tuple(numbers)[:MOST_ROWS]:
            self.ask(CorpusRows(wanted), self._take_rows)

    def _take_rows(self, rows: tuple[CorpusRow, ...]) -> None:
        if len(self._rows) > MOST_KEPT:
            self._rows.clear()
        self._rows.update((row.number, row) for row in rows)
        self.table.forget(row.number for row in rows)
        self.keybar.update_keys()

    # One entry --------------------------------------------------------------------------------------------------------

    @property
    def selected_row(self) -> CorpusRow | None:
        """What is known of the selected entry."""
        return self._rows.get(self.table.selected) if self.table.selected is not None else None

    def _ask_detail(self) -> None:
        if self.table.selected is None:
            self.detail.show([])
        else:
            self.ask(CorpusEntry(self.table.selected), self._show_detail)

    def _show_detail(self, page: CorpusPage | None) -> None:
        if page is None:
            self.detail.show([])
        elif page.row.number == self.table.selected:
            self._rows[page.row.number] = page.row
            self.detail.show([(span("plain", "{}", one_line(page.values, 160)),), origin_line(page)])

    def on_row_table_selected(self, _message: RowTable.Selected) -> None:
        self._ask_detail()
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if isinstance(message.key, int):
            self.app.push_screen(EntryScreen(self.session, message.key))

    # Actions ----------------------------------------------------------------------------------------------------------

    def why_not(self, action: str) -> str | None:
        snapshot = self.session.snapshot()
        over = "the run has ended" if snapshot.is_over else "the run is stopping" if snapshot.is_stopping else None
        row = self.selected_row
        match action:
            case "give":
                return over
            case "put_back":
                return over or (None if self._removals else "nothing was removed")
            case "edit_input":
                return over or ("no entry is selected" if self.table.selected is None else None)
            case "remove":
                if row is None:
                    return over or "no entry is selected"
                return over or (None if row.has_file else "the target's code declares it")
        return super().why_not(action)

    def subject(self, action: str) -> Visible:
        row = self.selected_row
        return row.name if action in ("edit_input", "remove") and row is not None else NOTHING

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_give(self) -> None:
        self.app.push_screen(GiveScreen(), self._given)

    def on_paste(self, event: events.Paste) -> None:
        if event.text and self.why_not("give") is None and not self.search.has_focus:
            self.app.push_screen(GiveScreen(event.text), self._given)

    def _given(self, given: bytes | Path | None) -> None:
        if given is not None:
            self.session.steer(GiveInput(given))

    def action_remove(self) -> None:
        if (row := self.selected_row) is not None:
            self.app.push_screen(RemoveScreen(row), partial(self._remove_answered, row.number))

    def _remove_answered(self, number: int, remove: bool | None) -> None:
        if remove:
            self._removals += 1
            self.session.steer(RemoveEntry(number))

    def action_put_back(self) -> None:
        self._removals -= 1
        self.session.steer(PutEntryBack())

    def action_edit_input(self) -> None:
        if self.table.selected is not None:
            self.ask(CorpusContent(self.table.selected), self._edit)

    def _edit(self, data: bytes) -> None:
        def lent() -> Visible:
            made, problem = edit(data, lambda file: editor.open_at(f"{file}:1"))
            if made is not None:
                self.session.steer(GiveInput(made))
            return problem

        self.post_message(self.Lend(lent))

    def steered(self, event: Steered) -> None:  # noqa: ARG002
        self._ask_list()


def row_cells(row: CorpusRow, elapsed: float) -> tuple[Span, ...]:
    """The cells of an entry's row at so many seconds of the run."""
    ran = bool(row.edges or row.brought)
    return (
        (piece(row.name, 0, COLUMNS[0].width), "plain"),
        (row.origin, "muted"),
        (row.size, "plain"),
        (say("+{:,}", row.brought) if row.brought else NONE, "good" if row.brought else "muted"),
        (say("{:,}", row.edges) if ran else NONE, "plain"),
        (count(row.fuzzed), "muted"),
        (ago(elapsed - row.elapsed) if row.elapsed is not None else label("before"), "muted"),
        (row.values, "plain"),
    )


def origin_line(page: CorpusPage) -> Line:
    """Where an entry comes from, in one line."""
    if len(page.lineage) > 1:
        return (span("muted", "{}", page.lineage[-1].sentence), span("muted", " from {}", page.lineage[-2].name))
    return (span("muted", "{}", page.path or page.row.origin),)


class EntryScreen(EngineScreen):
    """All about one entry: figures, arguments, bytes, and how it came about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the corpus."),
    ]

    HELP = "One input of the corpus: what it brought, its arguments, its bytes, and how it was made, step by step."

    def __init__(self, session: SessionLike, number: int) -> None:
        super().__init__(session)
        self._number = number
        self._elapsed = 0.0
        self.status = StatusBar(id="status")
        self.headline = Words(id="headline")
        self.arguments = Words(classes="panel")
        self.dump = Words(classes="panel")
        self.lineage = Words(classes="panel")

    def body(self) -> Iterable[Widget]:
        titles = label("arguments"), label("bytes"), label("how it came about")
        for panel, title in zip((self.arguments, self.dump, self.lineage), titles, strict=True):
            set_title(panel, title)
        yield self.status
        yield self.headline
        yield Pager(self.arguments, self.lineage, self.dump)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        if snapshot.elapsed - self._elapsed >= LIST_EVERY or not self._elapsed:
            self._elapsed = snapshot.elapsed
            self.ask(CorpusEntry(self._number), self._show_page)

    def _show_page(self, page: CorpusPage | None) -> None:
        if page is None:
            self.headline.update(content([(span("warn", "This entry has been removed."),)]))
            return
        self.headline.update(content(entry_lines(page, self._elapsed)))
        self.arguments.update(Content(page.values))
        self.dump.update(Content(joined("\n", page.dump)))
        steps = [step.sentence for step in page.lineage] or [say("it is a {}", page.row.origin)]
        self.lineage.update(Content(joined("\n", steps)))

    def action_back(self) -> None:
        self.app.pop_screen()


def entry_lines(page: CorpusPage, elapsed: float) -> list[Line]:
    """An entry's figures in words."""
    row = page.row
    when = label("there when the run began") if row.elapsed is None else say("came {}", ago(elapsed - row.elapsed))
    return [
        (span("strong", "{}  ", row.name), span("muted", "{}, {}", row.origin, row.size)),
        (
            span("good" if row.brought else "plain", "  {}", plural(row.brought, "new edge")),
            span("plain", ", {} in all, fuzzed {}, {}", plural(row.edges, "edge"), plural(row.fuzzed, "time"), when),
        ),
        (span("muted", "  {}{}", page.path, say("  {} made from it", plural(page.children, "input"))),),
    ]
