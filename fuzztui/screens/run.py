"""The home screen: everything that matters of a run, and the keys that steer it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot, WorkerRow, WorkerState
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, piece, say
from fuzztui.screens import rows
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.costs import CostsScreen
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.worker import WorkerScreen
from fuzztui.widgets.figures import coverage_figure, coverage_span, rate_figure, rate_span
from fuzztui.widgets.plot import Plot
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import RowTable
from fuzztui.widgets.tone import Line, content, span
from fuzztui.widgets.wording import MEANINGS, live_workers, newest_first, running_words, state_span
from fuzztui.words import plural

_STEERING = frozenset({"stop_worker", "restart_worker", "pause_worker", "pause_run", "stop_run", "toggle_policy"})
"""Actions that need a run that goes on."""


class WorkerTable(RowTable[int]):
    """One row for each worker, by its id."""

    HELP = """Each worker is a process of its own that mutates inputs and runs the target. `s` stops, `r` restarts and \
`p` pauses the one marked ▸; the others go on. Enter shows what it printed and how it ended."""


class CrasherTable(RowTable[str]):
    """One row for each distinct crasher, by its identity."""

    HELP = """A crasher is an input that makes the target fail. Inputs that fail in the same way share one row; hits \
counts them all. Enter shows the traceback, the input and the command that runs it again."""


class RunScreen(EngineScreen):
    """Totals, plots, workers and crashers of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "result", "result", id="run.result", tooltip="Show again how the run ended."),
        Binding("s", "stop_worker", "stop", id="worker.stop", tooltip="Stop the selected worker; the others go on."),
        Binding(
            "r",
            "restart_worker",
            "restart",
            id="worker.restart",
            tooltip="Replace the selected worker's process by a new one; also brings back one that was stopped.",
        ),
        Binding("p", "pause_worker", "pause", id="worker.pause", tooltip="Hold the selected worker, or let it go on."),
        Binding("space", "pause_run", "pause all", id="run.pause", tooltip="Hold every worker, or let them go on."),
        Binding("S", "stop_run", "stop all", id="run.stop", tooltip="Stop every worker and end the run."),
        Binding(
            "o", "costs", "cost", id="run.costs", tooltip="Show what the time goes on, and what brings new inputs."
        ),
        Binding(
            "K",
            "toggle_policy",
            "Stop on crash / keep fuzzing",
            show=False,
            id="run.policy",
            tooltip="Decide whether the next new crasher ends the run.",
        ),
    ]

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.rate_plot = Plot(id="rate")
        self.coverage_plot = Plot(id="coverage")
        self.worker_table = WorkerTable(rows.WORKER_COLUMNS, "no worker has started yet", id="workers")
        self.crasher_table = CrasherTable(rows.CRASHER_COLUMNS, "none so far", id="crashers", follows_top=True)
        self.notices = Static(id="notices")
        self._noticed: tuple[Line, ...] = ()

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Horizontal(self.rate_plot, self.coverage_plot, id="plots")
        yield self.worker_table
        yield self.crasher_table
        yield self.notices

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self.rate_plot.show(rate_figure(snapshot))
        self.coverage_plot.show(coverage_figure(snapshot))
        self.worker_table.show([rows.worker_row(row) for row in snapshot.workers])
        self.crasher_table.show([rows.crasher_row(crasher, snapshot.elapsed) for crasher in newest_first(snapshot)])
        self._set_titles(snapshot)
        noticed = notice_lines(snapshot)
        if noticed != self._noticed:
            self._noticed = noticed
            self.notices.update(content(noticed))
            self.notices.display = bool(noticed)
        self.keybar.update_keys()

    def _set_titles(self, snapshot: Snapshot) -> None:
        titles: dict[Widget, Visible] = {
            self.rate_plot: label("execs/s"),
            self.coverage_plot: say("⠒⠒ edges {:,}   ⠂⠐ corpus {:,}", snapshot.edges, snapshot.corpus),
            self.worker_table: say("workers: {}", running_words(snapshot)),
            self.crasher_table: say("crashers: {} ({})", len(snapshot.crashers), plural(snapshot.hits, "hit")),
        }
        for widget, title in titles.items():
            if widget.border_title != title:
                widget.border_title = title
        times = {self.rate_plot: rate_span(snapshot), self.coverage_plot: coverage_span(snapshot)}
        for plot, time in times.items():
            if plot.border_subtitle != time:
                plot.border_subtitle = time

    def selected_worker(self) -> WorkerRow | None:
        """The newest row of the worker that is selected now."""
        return next((row for row in self.session.snapshot().workers if row.id == self.worker_table.selected), None)

    def why_not(self, action: str) -> str | None:
        snapshot = self.session.snapshot()
        over = "the run has ended" if snapshot.is_over else "the run is stopping" if snapshot.is_stopping else None
        match action:
            case "pause_run" | "stop_run" | "toggle_policy":
                return over
            case "stop_worker" | "pause_worker":
                row = self.selected_worker()
                return over or ("there is no worker" if row is None else _why_not_live(row))
            case "restart_worker":
                row = self.selected_worker()
                if row is None:
                    return over or "there is no worker"
                return over or ("it is still stopping" if row.state is WorkerState.STOPPING else None)
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        over = self.session.snapshot().is_over
        if action == "result":
            return over
        if over and action in _STEERING:
            # Greyed keys can be used again; these never can, and would take the place of those that can.
            return False
        return super().check_action(action, parameters)

    def words_now(self, action: str) -> str | None:
        match action:
            case "pause_run" if self.session.snapshot().is_paused:
                return "go on"
            case "pause_worker" if (row := self.selected_worker()) is not None and row.state is WorkerState.PAUSED:
                return "go on"
        return None

    def action_stop_worker(self) -> None:
        if (row := self.selected_worker()) is not None:
            self.session.stop_worker(row.id)

    def action_restart_worker(self) -> None:
        if (row := self.selected_worker()) is not None:
            self.session.restart_worker(row.id)

    def action_pause_worker(self) -> None:
        if (row := self.selected_worker()) is None:
            return
        if row.state is WorkerState.PAUSED:
            self.session.resume_worker(row.id)
        else:
            self.session.pause_worker(row.id)

    def action_pause_run(self) -> None:
        if self.session.snapshot().is_paused:
            self.session.resume()
        else:
            self.session.pause()

    def action_stop_run(self) -> None:
        snapshot = self.session.snapshot()
        if live_workers(snapshot):
            self.app.push_screen(QuitScreen(snapshot, label("Stop all workers? The run ends.")), self._stop_answered)
        else:
            self.session.stop()

    def _stop_answered(self, stop: bool | None) -> None:
        if stop and not self.session.snapshot().is_over:
            self.session.stop()

    def action_costs(self) -> None:
        self.app.push_screen(CostsScreen(self.session))

    def action_result(self) -> None:
        self.app.push_screen(FinalScreen(self.session))

    def action_toggle_policy(self) -> None:
        stop_on_crash = not self.session.snapshot().stop_on_crash
        self.session.set_stop_on_crash(stop_on_crash)
        self.tell(
            label("The next new crasher ends the run." if stop_on_crash else "The run goes on after new crashers.")
        )

    def explain(self) -> list[str]:
        paragraphs = super().explain()
        row = self.selected_worker()
        if row is not None and self.worker_table.has_focus:
            paragraphs.append(f"Worker {row.id}: {row.state.value}. That means: {MEANINGS[row.state]}.")
        return paragraphs

    def on_row_table_selected(self) -> None:
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if isinstance(message.key, int):
            self.app.push_screen(WorkerScreen(self.session, message.key))
        else:
            self.app.push_screen(CrasherScreen(self.session, message.key))


def _why_not_live(row: WorkerRow) -> str | None:
    if row.state is WorkerState.STOPPING:
        return "it is already stopping"
    return None if row.state.is_live else "it does not run"


def notice_lines(snapshot: Snapshot) -> tuple[Line, ...]:
    """What a person should read now: who is still ending while the run stops, and the engine's warnings."""
    lines: list[Line] = []
    if snapshot.is_stopping:
        ending = live_workers(snapshot)
        names = joined(", ", (say("{} ({})", row.id, piece(state_span(row)[0], 2)) for row in ending[:8]))
        more = say(" and {} more", len(ending) - 8) if len(ending) > 8 else NOTHING
        who = say("still ending: worker {}{}", names, more) if ending else label("every worker has ended")
        lines.append((span("warn", "□ Stopping, {}. q kills what is left at once.", who),))
    lines += [(span("warn", "! {}", warning),) for warning in snapshot.warnings[-3:]]
    if len(snapshot.warnings) > 3:
        lines.append((span("muted", "  {}", plural(len(snapshot.warnings) - 3, "earlier warning")),))
    return tuple(lines)
