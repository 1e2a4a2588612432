"""One worker: what it does, and the last lines that its processes printed."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.questions import WorkerOutput
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot, WorkerRow
from fuzztui.engine.show.text import Visible, count, label, say, size
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import Line, content, span
from fuzztui.widgets.wording import MEANINGS, NONE, end_words, rate, state_span
from fuzztui.words import plural


class WorkerScreen(EngineScreen):
    """Figures and output of one worker."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]

    HELP = "One worker: its figures, how its last process ended, and the last lines that its processes printed."

    def __init__(self, session: SessionLike, worker: int) -> None:
        super().__init__(session)
        self._worker = worker
        self._printed: Visible | None = None
        self.status = StatusBar(id="status")
        self.headline = Static(id="headline")
        self.output = Static(id="output", classes="panel")

    def body(self) -> Iterable[Widget]:
        self.output.border_title = "its last output"
        yield self.status
        yield self.headline
        yield Pager(self.output)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        row = next((row for row in snapshot.workers if row.id == self._worker), None)
        if row is not None:
            self.headline.update(content(worker_lines(row)))
        self.ask(WorkerOutput(self._worker), self._show_output)

    def _show_output(self, printed: Visible) -> None:
        if printed != self._printed:
            self._printed = printed
            self.output.update(Content(printed or label("(it printed nothing)")))

    def action_back(self) -> None:
        self.app.pop_screen()


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
                plural(row.crashers, "crasher report"),
                plural(row.restarts, "restart"),
            ),
        ),
    ]
    for words in (row.location and say("stands at {}", row.location), end_words(row), row.reason):
        if words:
            lines.append((span("warn", "  {}", words),))
    return lines
