"""What is covered: functions with what is missing in each, and their source with covered and uncovered lines."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from fuzztui.engine.live.wishes import Favour
from fuzztui.engine.questions.coverage import AskSource, AskTable
from fuzztui.engine.session import ReadOnly, SessionLike
from fuzztui.engine.show.coverage import Amount, CoverageTable, Function, LineState, Source, SourceLine
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say, visible
from fuzztui.screens.coverage_rows import (
    FUNCTION_COLUMNS,
    GLYPH_MEANINGS,
    SOURCE_COLUMNS,
    function_rows,
    function_words,
    line_words,
    percent,
    same_function,
    source_row,
)
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.operands import OperandsScreen
from fuzztui.screens.reaching import ReachingScreen
from fuzztui.screens.verbs import VerbScreen, favour_line
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import SEARCH_KEYS, ListTable, has_words, none_has, tell_what_is_listed
from fuzztui.widgets.longtable import LongTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import RowTable
from fuzztui.widgets.tone import content
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

MANY: Final = 40
"""Functions from which on files of libraries are folded at first."""

VERY_MANY: Final = 500
"""The same for all files: to list so many takes longer than somebody who presses a key waits."""

SOURCE_ORDERS: Final = (label("by line"), label("most inputs first"))

ORDERS: Final = ("most missing first", "by place", "least covered first", "newest first")


class FunctionTable(ListTable[str]):
    """A row for each function, under one for its file."""

    HELP = """Functions with how many of their lines and branches the inputs reach, of how many there are; a branch is \
one way on from a line that decides. What is in no function runs when the module is loaded and is not counted. \
Inputs are measured as long as this place is open: each is run once more, with every line noted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "screen.fold(True)", "Fold", show=False, id="coverage.fold",
                tooltip="Hide the functions of a file."),
        Binding("right,l", "screen.fold(False)", "Unfold", show=False, id="coverage.unfold",
                tooltip="List the functions of a file."),
    ]  # fmt: skip


class SourceTable(LongTable[int]):
    """A row for each line of source, by its number."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "screen.seek(1)", "next gap", id="coverage.next",
                tooltip="Go to the next line at which something is missing."),
        *SEARCH_KEYS,
        Binding("escape", "screen.back", "back", id="coverage.leave",
                tooltip="Back to the functions, or to where you came from."),
        Binding("f", "screen.favour", "favour", id="coverage.favour",
                tooltip="Have inputs that reach this line come far more often than others, or no longer."),
        Binding("c", "screen.compared", "compared", id="coverage.compared",
                tooltip="Show what is compared in this line, and add it to the dictionary."),
        Binding("b", "screen.seek(-1)", "gap before", show=False, id="coverage.previous",
                tooltip="Go to the line before at which something is missing."),
    ]  # fmt: skip


class CoverageScreen(ListScreen):
    """Functions beside their source; one of both where there is no room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit", id="coverage.edit", tooltip="Open the line in your editor ($EDITOR)."),
        Binding("tab", "app.focus_next", "Other pane", show=False, id="coverage.pane", tooltip="Go to the other pane."),
        Binding("escape", "back", "back", id="screen.back",
                tooltip="Back to the functions, or to where you came from."),
    ]  # fmt: skip

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.functions = FunctionTable(FUNCTION_COLUMNS, "nothing is measured yet", id="functions", orders=ORDERS)
        self.source = SourceTable(SOURCE_COLUMNS, "choose a function", id="source")
        self.about = Wrapped(id="about")
        self._table: CoverageTable | None = None
        self._folded: set[str] = set()
        """Keys of files whose functions are not listed."""
        self._known_files: set[str] = set()
        self._shown: Function | None = None
        """Whose source is shown."""
        self._lines: dict[int, SourceLine] = {}
        self._listed: dict[int, SourceLine] = {}
        """Those of them that somebody wants to see, in the order in which they are listed."""
        self._source_words: Visible = NOTHING
        self._source_order = 0
        self._problem: Visible = NOTHING
        """Why the source cannot be shown, or not as it was loaded."""
        self._offset = 0
        """In which line of it the cursor was when the code was loaded anew."""
        self._source_version = -1
        self._is_asking = False
        self._elapsed = 0.0

    def body(self) -> Iterable[Widget]:
        yield self.status
        with Horizontal(id="panes"):
            yield self.functions
            yield self.source
        yield self.about

    # Asking -----------------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        self.session.measure_coverage(True)
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        self.session.measure_coverage(False)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        line = favour_line(snapshot, key_of(self.app, "coverage.favour"))
        self.jobs.update(content([line]))
        self.signposts.set_class(bool(line), "-crowded")
        self._elapsed = snapshot.elapsed
        if not self._is_asking:
            self._is_asking = True
            self.ask(AskTable(), self._take_table)
        self._say_why_empty()
        self.keybar.update_keys()

    def _take_table(self, table: CoverageTable) -> None:
        self._is_asking = False
        if table == self._table:
            return
        is_first = self._table is None or not self._table.functions
        self._table = table
        self._fold_libraries(table)
        shown, at = self._shown, self.source.selected
        self._list()
        if shown is not None and (now := same_function(shown, table.functions)) is not None:
            if self._source_version != table.version:
                self._follow(shown, now, at)
        elif shown is not None:
            self._forget_source(is_gone=bool(table.functions))
        elif is_first and table.functions and table.functions[0].file not in self._folded:
            self.functions.action_move(1)  # from the file to its first function

    def _follow(self, before: Function, now: Function, at: int | None) -> None:
        """Go on showing a function: code that was loaded anew may have it in other lines."""
        offset = self._offset if at is None else at - before.first
        if now.first != before.first or at is None:
            self.functions.select(f"{now.file}\0{now.first}" if now.name else now.file)
        self._show_source(now, now.first + offset)

    def _forget_source(self, *, is_gone: bool) -> None:
        """Nothing is known any more of the function that was shown, or not yet of the code that was loaded anew."""
        if self._shown is not None and self.source.selected is not None:
            self._offset = self.source.selected - self._shown.first
        self._lines, self._source_version = {}, -1
        self._problem = label(
            "this function is not in the code that was loaded anew" if is_gone else "it is measured anew"
        )
        self._list_source()
        if is_gone:
            self._shown = None
            set_title(self.source, NOTHING)
            if self.source.has_focus:
                self.remove_class("-reading")
                self.functions.focus()
        self._explain()

    def _fold_libraries(self, table: CoverageTable) -> None:
        """Fold what is not the project's own, at first and where there is much of it; everything where there is more
        than anybody reads.
        """
        number = len(table.functions)
        for function in table.functions:
            is_library = function.place.startswith("/")
            if function.file not in self._known_files and (number >= VERY_MANY or (number >= MANY and is_library)):
                self._folded.add(function.file)
        self._known_files |= {function.file for function in table.functions}

    def _list(self) -> None:
        table = self._table
        assert table is not None, "what is listed has been asked for"
        self.functions.show(function_rows(table.functions, self._folded, bool(self.functions.words), self._elapsed))
        total = sum((function.amount for function in table.functions), Amount())
        state = self._progress(table)
        set_title(self.functions, say("coverage: {}{}", percent(total), state))
        self._say_why_empty()
        if self._shown is None:
            self._show_selected()

    def _progress(self, table: CoverageTable) -> Visible:
        inputs = say(" by {}", plural(table.measured, "input"))
        waiting = say(", {:,} wait", table.waiting) if table.waiting else NOTHING
        left_out = say(", {:,} not measured", table.unmeasured) if table.unmeasured else NOTHING
        return joined("", (inputs, waiting, left_out))

    def _say_why_empty(self) -> None:
        if self._table is None or not self._table.functions:
            self.functions.say_when_empty(say("  {}", self._why_empty()))

    def _why_empty(self) -> Visible:
        snapshot = self.session.snapshot()
        if isinstance(self.session, ReadOnly):
            return label("what is covered, line by line, is not recorded")
        if snapshot.is_over:
            return label("nothing was measured in this run: fuzztui coverage TARGET does it for all that it has kept")
        if snapshot.loaded_at is None:
            return label("the target is not loaded yet")
        return label("the first inputs are being measured")

    # Functions --------------------------------------------------------------------------------------------------------

    def words_of(self, table: RowTable[Any]) -> Visible:
        return self._source_words if table is self.source else super().words_of(table)

    def order_next(self, table: RowTable[Any]) -> None:
        if table is not self.source:
            super().order_next(table)
            return
        self._source_order = (self._source_order + 1) % len(SOURCE_ORDERS)
        self._list_source()

    def want(self, table: RowTable[Any], words: str) -> None:
        super().want(table, words)
        if table is self.source:
            self._source_words = visible(words)
            self._list_source()
        if table is self.functions and self._table is not None:
            self._list()

    def _selected(self) -> Function | None:
        """The function that is selected, or a file as a whole."""
        key = self.functions.selected
        if key is None or self._table is None:
            return None
        file, _, first = key.partition("\0")
        of_file = [function for function in self._table.functions if function.file == file]
        if first:
            return next((function for function in of_file if str(function.first) == first), None)
        if not of_file:
            return None
        return same_function(Function(file, of_file[0].place, NOTHING, 1, 1, Amount(), None), of_file)

    def action_fold(self, folds: bool) -> None:
        key = self.functions.selected
        if key is None:
            return
        file = key.partition("\0")[0]
        (self._folded.add if folds else self._folded.discard)(file)
        if folds:
            self.functions.select(file)
        self._list()

    def on_row_table_selected(self, message: RowTable.Selected) -> None:
        if message.table is self.functions:
            self._show_selected()
        self._explain()
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if message.table is self.functions:
            if self._selected() is not None:
                self.add_class("-reading")
                self.source.focus()
        elif self._shown is not None and isinstance(message.key, int):
            line = self._lines.get(message.key)
            if line is not None and line.inputs:
                self.app.push_screen(ReachingScreen(self.session, self._shown.file, self._shown.place, line))

    # Source -----------------------------------------------------------------------------------------------------------

    def _show_selected(self) -> None:
        function = self._selected()
        if function is not None:
            self._show_source(function)

    def _show_source(self, function: Function, at: int | None = None) -> None:
        """`at`: the line to select, if not the one that is."""
        is_other = self._shown is None or (function.file, function.first) != (self._shown.file, self._shown.first)
        self._shown = function
        self._source_version = self._table.version if self._table is not None else -1
        question = AskSource(function.file, function.first, function.last)
        self.ask(question, lambda source: self._take_source(function, source, is_other, at))

    def _take_source(self, function: Function, source: Source, is_other: bool, at: int | None = None) -> None:
        if self._shown is None or (function.file, function.first) != (self._shown.file, self._shown.first):
            return  # somebody has gone on meanwhile
        self._lines = {line.number: line for line in source.lines}
        self._problem = source.problem
        self._list_source()
        if at is not None:
            self.source.select(at)
        elif is_other:
            self.source.action_end(-1)
        name = joined(" ", [part for part in (function.name, say("{}", function.place)) if part])
        set_title(self.source, name)
        self._explain()

    def _list_source(self) -> None:
        """List the lines of the source that are wanted."""
        lines, words = self._lines, self._source_words.casefold().split()
        listed = [number for number, line in lines.items() if has_words(line.text, words)]
        if self._source_order:
            listed.sort(key=lambda number: -lines[number].inputs)
        self._listed = {number: lines[number] for number in listed}
        self.source.show_keys(tuple(self._listed), lambda number: source_row(self._lines[number], self._elapsed))
        empty = self._problem or label("there is nothing in this file")
        nothing = none_has(self.source, len(lines), self._source_words) if lines else say("  {}", empty)
        self.source.say_when_empty(nothing)
        order = SOURCE_ORDERS[self._source_order] if self._source_order else NOTHING
        told = joined("   ", filter(None, (self._problem, order)))
        tell_what_is_listed(self.source, len(listed), len(lines), self._source_words, told)

    def current(self) -> SourceLine | None:
        """The line that is selected."""
        number = self.source.selected
        return self._lines.get(number) if number is not None else None

    def _explain(self) -> None:
        if not self.source.has_focus and (function := self._selected()) is not None:
            self.about.show([function_words(function, key_of(self.app, "table.open"))])
            return
        line = self.current()
        self.about.show(line_words(line, self._elapsed) if line is not None else [])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:  # noqa: ARG002
        self._explain()

    def action_seek(self, direction: int) -> None:
        here = self.source.selected
        numbers = [
            number for number, line in self._listed.items()
            if (line.state is LineState.UNCOVERED or line.is_frontier)
            and (here is None or (number - here) * direction > 0)
        ]  # fmt: skip
        if numbers:
            self.source.select(min(numbers) if direction > 0 else max(numbers))
        else:
            self.tell(label("nothing is missing further on" if direction > 0 else "nothing is missing before"))

    # Keys -------------------------------------------------------------------------------------------------------------

    def why_not(self, action: str) -> str | None:
        if action == "edit" and self._shown is None:
            return "no function is chosen"
        if action in ("favour", "compared"):
            if self.session.snapshot().is_over:
                return "the run has ended"
            if not getattr(self.current(), "inputs", 0):
                return "no input reaches this line"
        if action == "open" and self.source.has_focus and not getattr(self.current(), "inputs", 0):
            return "no input reaches this line"
        return super().why_not(action)

    def words_now(self, action: str) -> str | None:
        if action == "open":
            return "inputs" if self.source.has_focus else "read"
        if action == "favour" and self.session.snapshot().favoured == self._spot():
            return "favour no longer"
        if action == "back" and self.has_class("-reading"):
            return "functions"
        return super().words_now(action)

    def action_edit(self) -> None:
        if self._shown is not None:
            line = self.source.selected if self.source.has_focus else None
            self.post_message(VerbScreen.Edit(say("{}:{}", self._shown.place, line or self._shown.first)))

    def _spot(self) -> Visible:
        """The selected line, as a snapshot names the one that is favoured."""
        return say("{}:{}", self._shown.place, self.source.selected) if self._shown is not None else NOTHING

    def action_favour(self) -> None:
        line = self.source.selected
        if self._shown is not None and line is not None:
            is_favoured = self.session.snapshot().favoured == self._spot()
            self.session.steer(Favour("") if is_favoured else Favour(self._shown.file, line))

    def action_compared(self) -> None:
        line = self.source.selected
        if self._shown is not None and line is not None:
            self.app.push_screen(OperandsScreen(self.session, self._shown.file, self._shown.place, line))

    def action_back(self) -> None:
        if self.has_class("-reading"):
            self.remove_class("-reading")
            self.functions.focus()
            self.keybar.update_keys()
        else:
            self.app.pop_screen()

    def explain(self) -> list[str]:
        paragraphs = super().explain()
        if self.source.has_focus:
            paragraphs.append("\n".join(f"{glyph} {meaning}" for (glyph, _), meaning in GLYPH_MEANINGS))
        return paragraphs
