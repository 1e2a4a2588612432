"""The log: everything that happened, what toasts said and what was pressed, with its time."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.log import Log, LogKind, LogLine
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import LINE_LIMIT, NOTHING, Visible, clock, joined, label, lines_of, piece, say, visible
from fuzztui.screens.lists import ListScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import SEARCH_KEYS, has_words, tell_what_is_listed
from fuzztui.widgets.longtable import LongTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row, RowTable
from fuzztui.widgets.tone import Tone
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("time", 8, right=True),
    Column("kind", 7),
    Column("what happened", 20, grows=True),
)

TONES: Final[dict[LogKind, Tone]] = {
    LogKind.FIND: "good",
    LogKind.CRASHER: "bad",
    LogKind.WORKER: "plain",
    LogKind.RUN: "accent",
    LogKind.WARNING: "warn",
    LogKind.MESSAGE: "plain",
    LogKind.CONTROL: "accent",
    LogKind.KEY: "muted",
}

DETAIL_LINES: Final = 7
"""Lines of the selected entry that are looked at: one more than there is room for below the list."""


class LogTable(LongTable[int]):
    """One row for each line of the log, by its number."""

    HELP = """Everything that happened in this session, the newest at the end: finds, crashers, workers that start \
and end, warnings, what was said at the bottom of the screen, and what was pressed. The list stays at the newest line \
until you move up; {table.last} goes back there. {list.order} lists one kind of lines only. Times are those of the \
run. Only the newest ten thousand lines are kept."""

    BINDINGS: ClassVar[list[BindingType]] = SEARCH_KEYS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class LogScreen(ListScreen):
    """The lines of a log."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "follow", "follow", id="log.follow", tooltip="Stay at the newest line, or stop doing so."),
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]

    def __init__(self, session: SessionLike, log: Log) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.table = LogTable(COLUMNS, "nothing has happened yet", id="log", follows_end=True)
        self._words = NOTHING
        """What is searched for."""
        self._log = log
        self._kind: LogKind | None = None
        """The only one that is listed; None for all."""
        self._lines: dict[int, LogLine] = {}
        """What is listed, by number."""
        self._listed_count = -1
        self.detail = Wrapped(id="detail")

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table
        yield self.detail

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        if self._log.count != self._listed_count:
            self.list_anew()

    # Choosing ---------------------------------------------------------------------------------------------------------

    def words_of(self, table: RowTable[Any]) -> Visible:  # noqa: ARG002
        return self._words

    def want(self, table: RowTable[Any], words: str) -> None:  # noqa: ARG002
        if not words and not self._words:
            self._kind = None
        self._words = visible(words)
        self.list_anew()

    def order_next(self, table: RowTable[Any]) -> None:  # noqa: ARG002
        kinds = [None, *LogKind]
        self._kind = kinds[(kinds.index(self._kind) + 1) % len(kinds)]
        self.list_anew()

    def chooses(self, table: RowTable[Any]) -> bool:
        return super().chooses(table) or self._kind is not None

    def list_anew(self) -> None:
        """List what is wanted of the log as it is now."""
        self._listed_count = self._log.count
        words = self._words.casefold().split()
        lines = self._log.lines
        self._lines = {line.number: line for line in lines if self._is_wanted(line, words)}
        self.table.show_keys(tuple(self._lines), self._row)
        dropped = self._log.dropped
        older = say(", {} dropped", plural(dropped, "older line")) if dropped else NOTHING
        shown = say("{:,} of ", len(self._lines)) if len(self._lines) < len(lines) else NOTHING
        set_title(self.table, say("log: {}{}{}", shown, plural(len(lines), "line"), older))
        self.table.say_when_empty(
            say("  nothing like this; {} lists all", key_of(self.app, "list.all"))
            if lines
            else label("  nothing has happened yet")
        )
        self._show_place()

    def _is_wanted(self, line: LogLine, words: list[str]) -> bool:
        if self._kind is not None and line.kind is not self._kind:
            return False
        return has_words(f"{line.kind.value}\n{line.words}", words)

    def _row(self, number: int) -> Row[int]:
        line = self._lines[number]
        tone = TONES[line.kind]
        # One line of the table for each: the rest of a longer one is below the list when it is selected.
        words = joined(" ", lines_of(piece(line.words, 0, 4 * LINE_LIMIT)))
        return Row(number, ((clock(line.elapsed), "muted"), (label(line.kind.value), tone), (words, tone)))

    def _show_place(self) -> None:
        kind = say("{} only", self._kind.value) if self._kind is not None else NOTHING
        follows = label("follows") if self.table.is_following else NOTHING
        place = joined(", ", filter(None, (kind, follows)))
        tell_what_is_listed(self.table, len(self._lines), len(self._log.lines), self._words, place)
        line = self._lines.get(self.table.selected if self.table.selected is not None else -1)
        words = lines_of(line.words)[:DETAIL_LINES] if line is not None else []
        self.detail.show([((each, "plain"),) for each in words])

    def on_row_table_selected(self, _message: RowTable.Selected) -> None:
        self._show_place()

    def action_follow(self) -> None:
        if self.table.is_following:
            self.table.is_following = False
            self._show_place()
        else:
            self.table.action_end(1)
            self.table.is_following = True
            self._show_place()

    def action_back(self) -> None:
        self.app.pop_screen()

    def words_now(self, action: str) -> str | None:
        if action == "follow":
            return "stay here" if self.table.is_following else "follow"
        if action == "order":
            return "kind"
        return super().words_now(action)
