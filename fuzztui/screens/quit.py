"""The question before a running run is stopped."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, label, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.widgets.keynames import answers
from fuzztui.widgets.tone import Line, content, span
from fuzztui.widgets.wording import live_workers, running_words
from fuzztui.words.sentences import plural

QUESTION = label("Stop the run?")


class QuitScreen(ModalScreen[bool]):
    """Asks whether to stop; its result is the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter,q", "answer(True)", "stop", id="quit.yes", tooltip="Stop the run."),
        Binding("n,escape", "answer(False)", "go on", id="quit.no", tooltip="Let the run go on."),
    ]

    def __init__(self, snapshot: Snapshot, question: Visible = QUESTION) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            keys = answers(self.app, ("quit.yes", "stop and show the result"), ("quit.no", "go on"))
            yield Static(content(question_lines(self._snapshot, self._question, keys)))

    def action_answer(self, stop: bool) -> None:
        self.dismiss(stop)


def question_lines(snapshot: Snapshot, question: Visible, answers: Line) -> list[Line]:
    """The question and its answers, of which there is a line."""
    running = len(live_workers(snapshot))
    workers = say("{} {} still running.", plural(running, "worker"), "is" if running == 1 else "are")
    if any(row.state is WorkerState.PAUSED for row in snapshot.workers):
        workers = say("Workers: {}.", running_words(snapshot))
    unsaved = sum(crasher.is_lost for crasher in snapshot.crashers)
    kept: Line = (span("muted", "Everything found so far is saved."),)
    if unsaved:
        kept = (span("bad", "{} could not be saved and will be printed at the end.", plural(unsaved, "crasher")),)
    return [
        ((question, "strong"),),
        (span("plain", "{}", workers),),
        kept,
        (),
        answers,
    ]
