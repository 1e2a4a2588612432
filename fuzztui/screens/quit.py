"""The question before a running run is stopped."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.widgets.tone import Line, content
from fuzztui.widgets.wording import live_workers
from fuzztui.words import plural


class QuitScreen(ModalScreen[bool]):
    """Asks whether to stop; its result is the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter,q", "answer(True)", "stop", id="quit.yes", tooltip="Stop the run."),
        Binding("n,escape", "answer(False)", "go on", id="quit.no", tooltip="Let the run go on."),
    ]

    def __init__(self, snapshot: Snapshot, question: str = "Stop the run?") -> None:
        super().__init__()
        self._snapshot = snapshot
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield Static(content(question_lines(self._snapshot, self._question)))

    def action_answer(self, stop: bool) -> None:
        self.dismiss(stop)


def question_lines(snapshot: Snapshot, question: str) -> list[Line]:
    """The question and its answers."""
    running = len(live_workers(snapshot))
    unsaved = sum(crasher.path is None and crasher.seed_name is None for crasher in snapshot.crashers)
    kept: Line = (("Everything found so far is saved.", "muted"),)
    if unsaved:
        kept = ((f"{plural(unsaved, 'crasher')} could not be saved and will be printed at the end.", "bad"),)
    return [
        ((question, "strong"),),
        ((f"{plural(running, 'worker')} {'is' if running == 1 else 'are'} still running.", "plain"),),
        kept,
        (),
        (("y", "accent"), (" stop and show the result    ", "plain"), ("n", "accent"), (" go on", "plain")),
    ]
