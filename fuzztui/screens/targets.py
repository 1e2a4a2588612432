"""The targets of a run that has several: how each fares, and who has the workers."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Protocol

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.target_row import TargetRow, TargetState
from fuzztui.engine.show.text import NOTHING, Visible, count, duration, joined, label, lines_of, say, visible
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.run import RunScreen, notice_lines
from fuzztui.screens.steering import STEERING, SteeringScreen
from fuzztui.widgets.edge import set_subtitle, set_title
from fuzztui.widgets.figures import coverage_figure, marks_words, rate_figure
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import SEARCH_KEYS, ListTable
from fuzztui.widgets.plot import Plot
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row, RowTable
from fuzztui.widgets.tone import Line, Span, span
from fuzztui.widgets.wording import NONE, ago, rate
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("target", 22, grows=True, cut="front", wish=44),
    Column("state", 13),
    Column("workers", 7, right=True, rank=1),
    Column("execs/s", 8, right=True, rank=2),
    Column("execs", 6, right=True),
    Column("edges", 13, right=True, rank=1),
    Column("new", 6, right=True, rank=1),
    Column("last new", 9, right=True, rank=2),
    Column("crashers", 8, right=True),
)

ORDERS: Final = (
    "by file",
    "by state",
    "most crashers first",
    "newest find first",
    "most new first",
    "most execs first",
)

STATES: Final[dict[TargetState, Span]] = {
    TargetState.NOT_BEGUN: span("muted", "○ not begun"),
    TargetState.LOADING: span("accent", "◌ loading"),
    TargetState.BASELINE: span("accent", "◔ baseline"),
    TargetState.FUZZING: span("good", "● fuzzing"),
    TargetState.AWAY: span("muted", "⋯ waiting"),
    TargetState.PAUSED: span("warn", "‖ paused"),
    TargetState.FINISHING: span("warn", "◎ finishing"),
    TargetState.STOPPING: span("warn", "□ stopping"),
    TargetState.ENDED: span("strong", "■ ended"),
    TargetState.FAILED: span("bad", "✗ failed"),
    TargetState.NEVER_BEGUN: span("muted", "■ never begun"),
}

_ORDER_OF_STATES: Final = (
    TargetState.FAILED,
    TargetState.FUZZING,
    TargetState.BASELINE,
    TargetState.LOADING,
    TargetState.FINISHING,
    TargetState.STOPPING,
    TargetState.PAUSED,
    TargetState.AWAY,
    TargetState.NOT_BEGUN,
    TargetState.NEVER_BEGUN,
    TargetState.ENDED,
)

_STEERING: Final = STEERING | {"pause_target", "stop_target"}


class Several(SessionLike, Protocol):
    """A session of several targets, each of which can be looked at by itself (see `SessionLike`)."""

    def part(self, name: str) -> SessionLike | None:
        """The target of this name, see `TargetRow.id`."""


class TargetTable(ListTable[str]):
    """One row for each target, by its id; or one for a file whose targets are folded."""

    HELP = """The targets of this run. Each has its own corpus, crashers and workers; which of them has workers now \
changes every few seconds: who has found new edges lately has most turns, and everybody has one now and then. \
{table.open} opens the selected target with its own run, coverage, corpus and log; {place.targets} comes back here. \
{targets.stop} ends a target and {targets.pause} holds it, while the others go on. {targets.fold} folds the targets of \
a file into one row, {targets.unfold} unfolds them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "screen.stop_target", "stop", id="targets.stop",
                tooltip="End the selected target; the others go on."),
        Binding("p", "screen.pause_target", "pause", id="targets.pause",
                tooltip="Hold the selected target, whose turns go to others, or let it have turns again."),
        Binding("right,l", "screen.fold(False)", "unfold", key_display="→", id="targets.unfold", show=False,
                tooltip="Give each target of the selected file a row of its own."),
        Binding("left,h", "screen.fold(True)", "fold", key_display="←", id="targets.fold", show=False,
                tooltip="Let the targets of the selected file share one row."),
        *SEARCH_KEYS,
    ]  # fmt: skip


class TargetsScreen(SteeringScreen, ListScreen):
    """Sums, plots, and the targets."""

    ENDS = label("Stop all targets? The run ends.")
    STEERING = _STEERING

    class Open(Message):
        """A target is to be shown with all its places."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    def __init__(self, session: Several) -> None:
        super().__init__(session)
        self.several = session
        self.status = StatusBar(id="status")
        self.rate_plot = Plot(id="rate")
        self.coverage_plot = Plot(id="coverage")
        self.table = TargetTable(COLUMNS, "no targets", id="targets", orders=ORDERS)
        self.detail = Wrapped(id="detail")
        self.notices = Wrapped(id="notices")
        self._folded: set[str] = set()
        """Files whose targets share a row."""
        self._rows: dict[str, tuple[TargetRow, ...]] = {}
        """What each row stands for, by its key."""

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Horizontal(self.rate_plot, self.coverage_plot, id="plots")
        yield self.table
        yield self.detail
        yield self.notices

    def on_mount(self) -> None:
        super().on_mount()
        self.table.focus()

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self.rate_plot.show(rate_figure(snapshot, self.zoom))
        self.coverage_plot.show(coverage_figure(snapshot, self.zoom))
        groups = grouped(snapshot.targets, self._folded)
        self._rows = dict(groups)
        self.table.show([target_row(key, rows, number) for number, (key, rows) in enumerate(groups)])
        set_title(self.table, title(snapshot.targets))
        set_title(self.rate_plot, label("execs/s, all targets"))
        set_title(self.coverage_plot, say("⠒⠒ edges {:,}   ⠂⠐ corpus {:,}", snapshot.edges, snapshot.corpus))
        set_subtitle(self.rate_plot, label(self.zoom.value))
        set_subtitle(self.coverage_plot, marks_words(snapshot, self.zoom))
        self._show_detail()
        noticed = notice_lines(snapshot, key_of(self.app, "app.quit"), key_of(self.app, "place.modules"))
        self.notices.show(list(noticed))
        self.notices.display = bool(noticed)
        self.keybar.update_keys()

    def _show_detail(self) -> None:
        rows = self._rows.get(self.table.selected or "", ())
        self.detail.show(detail_lines(rows, key_of(self.app, "table.open")) if len(rows) == 1 else [])

    # What is selected -------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> TargetRow | None:
        """The selected target; None where a row stands for several."""
        rows = self._rows.get(self.table.selected or "", ())
        return rows[0] if len(rows) == 1 else None

    def on_row_table_selected(self, _message: RowTable.Selected) -> None:
        self._show_detail()
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        rows = self._rows.get(str(message.key), ())
        if len(rows) == 1:
            self.post_message(self.Open(rows[0].id))
        elif rows:
            self.action_fold(False)

    def subject(self, action: str) -> Visible:
        chosen = self.selected
        return chosen.id if action in ("stop_target", "pause_target") and chosen is not None else NOTHING

    def why_not(self, action: str) -> str | None:
        if action in ("pause_target", "stop_target"):
            chosen = self.selected
            if chosen is None:
                return self.why_over() or "one target is to be selected"
            return self.why_over() or ("it has ended" if chosen.state.is_final else None)
        return super().why_not(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "fold":
            return self._can_fold(bool(parameters[0]))
        return super().check_action(action, parameters)

    def words_now(self, action: str) -> str | None:
        if action == "pause_target" and (chosen := self.selected) is not None and chosen.state is TargetState.PAUSED:
            return "go on"
        return super().words_now(action)

    # Actions ----------------------------------------------------------------------------------------------------------

    def _can_fold(self, folds: bool) -> bool:
        rows = self._rows.get(self.table.selected or "", ())
        if not rows:
            return False
        file = file_of(rows[0])
        mates = sum(file_of(row) == file for row in self.session.snapshot().targets)
        return mates > 1 and (file not in self._folded) is folds

    def action_fold(self, folds: bool) -> None:
        rows = self._rows.get(self.table.selected or "", ())
        if not rows:
            return
        file = file_of(rows[0])
        if folds:
            self._folded.add(file)
        else:
            self._folded.discard(file)
        self.show(self.session.snapshot())
        self.table.select(file if folds else rows[0].id)

    def action_stop_target(self) -> None:
        if (chosen := self.selected) is not None and (part := self.several.part(chosen.id)) is not None:
            part.stop()

    def action_pause_target(self) -> None:
        if (chosen := self.selected) is not None and (part := self.several.part(chosen.id)) is not None:
            if chosen.state is TargetState.PAUSED:
                part.resume()
            else:
                part.pause()


class TargetRunScreen(RunScreen):
    """The run of one target of several: what one comes back from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "targets", id="run.leave", tooltip="Back to all targets of this run."),
    ]

    target = ""
    """Which, see `TargetRow.id`."""

    def action_leave(self) -> None:
        self.app.pop_screen()


# Words ------------------------------------------------------------------------------------------------------------


def file_of(row: TargetRow) -> Visible:
    """The file of a target, as far as its name tells."""
    file, dot, _ = row.id.partition(".py::")
    return visible(f"{file}.py" if dot else row.id.rpartition("::")[0] or row.id)


def grouped(rows: Iterable[TargetRow], folded: Iterable[str]) -> list[tuple[str, tuple[TargetRow, ...]]]:
    """The rows of the table, by their keys: one for each target, and one for each file that is folded."""
    folded = frozenset(folded)
    groups: dict[str, list[TargetRow]] = {}
    for row in rows:
        file = file_of(row)
        groups.setdefault(file if file in folded else row.id, []).append(row)
    return [(key, tuple(group)) for key, group in groups.items()]


def target_row(key: str, rows: Sequence[TargetRow], number: int) -> Row[str]:
    """One line of the table; `number`: its place in the order of the files."""
    name = rows[0].id if len(rows) == 1 else say("▸ {} ({})", visible(key), plural(len(rows), "target"))
    state = min((row.state for row in rows), key=_ORDER_OF_STATES.index)
    rates = [row.rate for row in rows if row.rate is not None]
    executions, new = sum(row.executions for row in rows), sum(row.corpus_new for row in rows)
    edges, total = sum(row.edges for row in rows), sum(row.edges_total for row in rows)
    crashers, workers = sum(row.crashers for row in rows), sum(row.workers for row in rows)
    newest = min((row.last_new for row in rows if row.last_new is not None), default=None)
    cells: tuple[Span, ...] = (
        span("strong" if workers else "plain", "{}", name),
        STATES[state],
        span("plain", "{}", workers) if workers else (NONE, "muted"),
        (rate(sum(rates)) if rates else NONE, "plain" if rates else "muted"),
        span("plain", "{}", count(executions)),
        span("plain", "{:,} / {:,}", edges, total) if total else (NONE, "muted"),
        span("good" if new else "muted", "{:,}", new),
        (ago(newest) if newest is not None else NONE, "muted"),
        span("bad" if crashers else "muted", "{:,}", crashers),
    )
    never = newest if newest is not None else float("inf")
    return Row(key, cells, ranks=(number, _ORDER_OF_STATES.index(state), -crashers, never, -new, -executions))


def title(rows: Sequence[TargetRow]) -> Visible:
    """`targets: 75, 2 at work, 3 failed`."""
    counts = (
        (sum(row.workers > 0 for row in rows), "at work"),
        (sum(row.state is TargetState.NOT_BEGUN for row in rows), "not begun"),
        (sum(row.state is TargetState.FAILED for row in rows), "failed"),
        (sum(row.state is TargetState.ENDED for row in rows), "ended"),
    )
    parts = [say("{:,}", len(rows)), *(say("{:,} {}", number, words) for number, words in counts if number)]
    return say("targets: {}", joined(", ", parts))


def detail_lines(rows: Sequence[TargetRow], open_key: str) -> list[Line]:
    """About one target, in two lines at most."""
    (row,) = rows
    turns = say("{} so far, {} with workers", plural(row.turns, "turn"), duration(row.seconds))
    corpus = say("corpus {:,}, {}", row.corpus, plural(row.hits, "hit"))
    lines: list[Line] = [(span("strong", "{}", row.id), span("muted", "  {}, {}", turns, corpus))]
    if row.outcome is not None:
        why = next((line for line in lines_of(row.outcome.detail) if line.strip()), NOTHING)
        words = say("{}: {}", row.outcome.reason.value, why) if why else label(row.outcome.reason.value)
        lines.append((span("bad" if row.state is TargetState.FAILED else "plain", "{}", words),))
    elif row.warnings:
        lines.append((span("warn", "! {}: {} shows them", plural(row.warnings, "warning"), open_key),))
    return lines
