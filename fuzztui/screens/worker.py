"""One worker: what it does, and the last lines that its processes printed."""

import time
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from fuzztui.engine.questions.general import WorkerOutput
from fuzztui.engine.questions.worker import LookAtWorker
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, count, label, say, size
from fuzztui.engine.show.worker_look import WorkerLook
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.screens.workers import WORKER_KEYS, pause_worker, stop_worker, why_not_with
from fuzztui.widgets.braille import nice_ceiling
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.plot import Curve, Figure, Plot
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import Line, content, span
from fuzztui.widgets.wording import MEANINGS, NONE, ago, crasher_title, end_words, rate, state_span
from fuzztui.widgets.words import Words
from fuzztui.words.sentences import plural

LOOK_EVERY = 1.0
"""Seconds between two close looks."""

WINDOW = 240.0
"""Seconds of the rate's plot."""


class WorkerScreen(EngineScreen):
    """Figures, present input, stack, finds and output of one worker."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
        *WORKER_KEYS,
    ]

    HELP = """One worker, looked at once a second: its executions per second over the last four minutes, the input \
that it was given last and for how long it has been in it, where your code stood at the last look, what it has \
brought, how its last process ended, and the last lines that its processes printed. {worker.stop}, {worker.restart} \
and {worker.pause} stop, restart and pause it."""

    def __init__(self, session: SessionLike, worker: int) -> None:
        super().__init__(session)
        self._worker = worker
        self._printed: Visible | None = None
        self._looked_at = 0.0
        self.status = StatusBar(id="status")
        self.headline = Words(id="headline")
        self.plot = Plot(id="worker-rate")
        self.present = Words(id="present", classes="panel")
        self.stack = Words(id="stack", classes="panel")
        self.finds = Words(id="finds", classes="panel")
        self.output = Words(id="output", classes="panel")

    def body(self) -> Iterable[Widget]:
        set_title(self.output, label("its last output"))
        set_title(self.stack, label("where it stood at the last look"))
        set_title(self.finds, label("what it has found"))
        set_title(self.present, label("its input"))
        yield self.status
        yield self.headline
        yield self.plot
        yield Pager(self.present, self.stack, self.finds, self.output)

    @property
    def row(self) -> WorkerRow | None:
        """The worker, as the newest snapshot has it."""
        return next((row for row in self.session.snapshot().workers if row.id == self._worker), None)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        row = next((row for row in snapshot.workers if row.id == self._worker), None)
        if row is not None:
            self.headline.update(content(worker_lines(row)))
        self.keybar.update_keys()
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            self.ask(WorkerOutput(self._worker), self._show_output)
            self.ask(LookAtWorker(self._worker), self._show_look)

    def _show_output(self, printed: Visible) -> None:
        if printed != self._printed:
            self._printed = printed
            self.output.update(Content(printed or label("(it printed nothing)")))

    def _show_look(self, look: WorkerLook) -> None:
        self.plot.show(worker_figure(look))
        age = NOTHING if look.age is None else say(", for {:.1f} s", look.age)
        set_title(self.present, say("its input: {}{}", look.size, age) if look.values else label("its input"))
        self.present.update(Content(look.values or label("(none so far)")))
        self.stack.update(Content(look.stack or label("(between two executions)")))
        elapsed = self.session.snapshot().elapsed
        self.finds.update(content(find_lines(look, self._crashers(), elapsed)))

    def _crashers(self) -> list[Crasher]:
        """Those that this worker has met first, the newest first."""
        crashers = self.session.snapshot().crashers
        return [crasher for crasher in reversed(crashers) if crasher.worker == self._worker]

    def why_not(self, action: str) -> str | None:
        if action in ("stop_worker", "restart_worker", "pause_worker"):
            snapshot = self.session.snapshot()
            if snapshot.is_over:
                return "the run has ended"
            return "the run is stopping" if snapshot.is_stopping else why_not_with(action, self.row)
        return super().why_not(action)

    def words_now(self, action: str) -> str | None:
        is_paused = self.row is not None and self.row.state is WorkerState.PAUSED
        return "go on" if action == "pause_worker" and is_paused else None

    def subject(self, action: str) -> Visible:  # noqa: ARG002
        return say("worker {}", self._worker)

    def action_stop_worker(self) -> None:
        stop_worker(self, self._worker)

    def action_restart_worker(self) -> None:
        self.session.restart_worker(self._worker)

    def action_pause_worker(self) -> None:
        if self.row is not None:
            pause_worker(self, self.row)

    def action_back(self) -> None:
        self.app.pop_screen()


def worker_figure(look: WorkerLook) -> Figure:
    """The worker's executions per second over the last four minutes."""
    points = tuple((WINDOW - ago, rate) for ago, rate in look.rates if ago <= WINDOW)
    top = nice_ceiling(max((rate for _, rate in points), default=1.0))
    return Figure((Curve(points, top, count(round(top)), "good", filled=True),), (0.0, WINDOW))


def find_lines(look: WorkerLook, crashers: Sequence[Crasher], elapsed: float) -> list[Line]:
    """What a worker has found: crashers first, then the newest inputs."""
    lines: list[Line] = [
        (span("bad", "{}", crasher_title(crasher)), span("muted", "  {}", ago(elapsed - crasher.elapsed)))
        for crasher in crashers[:MOST_CRASHERS]
    ]
    lines += [
        (
            span("good", "+{:<5,}", find.brought),
            span("muted", "{:>12}  ", ago(elapsed - find.elapsed)),
            span("plain", "{}", find.values),
        )
        for find in look.finds
    ]
    return lines or [(span("muted", "(nothing so far)"),)]


MOST_CRASHERS = 5
"""Crashers that are listed; all of them are in the run's list."""


def worker_lines(row: WorkerRow) -> list[Line]:
    """A worker's figures in words."""
    lines: list[Line] = [
        (span("strong", "worker {}  ", row.id), state_span(row)),
        (span("muted", "  {}", MEANINGS[row.state]),),
        (
            span(
                "plain",
                "  {} executions, now {}, cpu {}, memory {}, process {}",
                count(row.executions),
                rate(row.rate),
                NONE if row.cpu is None else say("{:.0f}%", row.cpu),
                NONE if row.rss is None else size(row.rss),
                row.pid or NONE,
            ),
        ),
        (
            span(
                "plain",
                "  {}, {}, {}",
                plural(row.found, "new input"),
                plural(row.crashers, "hit"),
                plural(row.restarts, "restart"),
            ),
        ),
    ]
    for words in (row.location and say("stands at {}", row.location), end_words(row), row.reason):
        if words:
            lines.append((span("warn", "  {}", words),))
    return lines
