"""What all screens over a session have in common."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import ClassVar, Final, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.questions.general import Question
from fuzztui.engine.session import ReadOnly, SessionLike, UnansweredError
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.screens.news import Severity
from fuzztui.widgets.keybar import KeyBar
from fuzztui.widgets.keynames import with_keys
from fuzztui.widgets.signpost import SignpostLine
from fuzztui.widgets.words import Words

T = TypeVar("T")

MIN_WIDTH, MIN_HEIGHT = 60, 15
"""Cells below which a screen only says that it is too small."""

WIDTHS = [(0, "-too-narrow"), (MIN_WIDTH, "-narrow"), (96, "-normal"), (130, "-wide")]
HEIGHTS = [(0, "-too-short"), (MIN_HEIGHT, "-short"), (22, "-low"), (29, "-middle"), (42, "-tall")]
"""Style classes that a screen carries from so many cells on."""


NEEDS_ENGINE: Final = frozenset(
    {
        "stop_worker",
        "restart_worker",
        "pause_worker",
        "stop_run",
        "toggle_policy",
        "validate",
        "minimize",
        "export",
        "decide_status",
        "note",
        "merge",
        "give",
        "edit_input",
        "remove",
        "put_back",
        "steer",
        "add_worker",
        "drop_worker",
        "expect",
        "reload",
    }
)
"""Actions that need a run, or its target: greyed where only its recording is there."""


class EngineScreen(Screen[None]):
    """A screen that shows snapshots of one session.

    The app calls `show` with every new snapshot while the screen is visible; the screen itself asks for the newest one
    when it comes back into view. Commands go straight to the session.
    """

    def __init__(self, session: SessionLike) -> None:
        super().__init__()
        self.session = session
        self.keybar = KeyBar()
        self._focused_last: Widget | None = None
        self.signposts = SignpostLine()
        """The places; the app fills it."""
        self.jobs = Words(id="jobs")
        """What is being done that somebody has asked for. News stand here for a moment, and cover nothing else."""

    def body(self) -> Iterable[Widget]:
        """The screen's own widgets."""
        raise NotImplementedError

    def extras(self) -> Iterable[Widget]:
        """Widgets between these and the line of the places."""
        return ()

    def show(self, snapshot: Snapshot) -> None:
        """Draw a snapshot."""
        raise NotImplementedError

    def why_not(self, action: str) -> str | None:  # noqa: ARG002
        """Why an action cannot be done now, in a few words; None if it can be done."""
        return None

    def refusal(self, action: str) -> str | None:
        """Why an action cannot be done now: there is no engine, or the screen knows why."""
        if isinstance(self.session, ReadOnly) and action in NEEDS_ENGINE:
            return self.session.reason
        return self.why_not(action)

    def words_now(self, action: str) -> str | None:  # noqa: ARG002
        """What an action's key does now, in a word or two, where that differs from what it usually does."""
        return None

    def subject(self, action: str) -> Visible:  # noqa: ARG002
        """What an action is for that is about to be done, in a few words; empty where nothing is selected."""
        return NOTHING

    def explain(self) -> list[str]:
        """Paragraphs about what is under the cursor, for the help."""
        focused = self.focused
        nodes = focused.ancestors_with_self if focused is not None else [self]
        helped = next((node for node in nodes if node.HELP), None)
        return [with_keys(self.app, helped.HELP)] if helped is not None and helped.HELP else []

    def compose(self) -> ComposeResult:
        yield from self.body()
        yield Static(f"This terminal is too small: fuzztui needs {MIN_WIDTH} x {MIN_HEIGHT}.", classes="too-small")
        yield from self.extras()
        with Horizontal(classes="news"):
            yield self.signposts
            yield self.jobs
        yield self.keybar

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return None if self.refusal(action) else True

    class Answer(Message):
        """The engine has answered a question of this screen's."""

        def __init__(self, take: Callable[[], None]) -> None:
            super().__init__()
            self.take = take

    class Lend(Message):
        """The terminal is to be somebody else's until `job` returns, which says what went wrong, or nothing."""

        def __init__(self, job: Callable[[], Visible]) -> None:
            super().__init__()
            self.job = job

    def steered(self, event: Steered) -> None:
        """What somebody has asked of the run has been done, or refused."""

    def ask(self, question: Question[T], then: Callable[[T], None]) -> None:
        """Have the engine answer a question, and call `then` with the answer in the app's own thread."""

        def answered(future: "Future[T]") -> None:
            if isinstance(future.exception(), UnansweredError):
                return  # the screen goes on to show what it has
            self.post_message(self.Answer(lambda: then(future.result())))

        self.session.ask(question).add_done_callback(answered)

    def tell(self, message: Visible, severity: Severity = "information") -> None:
        """Show a message for a moment, in place of one before."""
        self.app.clear_notifications()
        self.notify(message, severity=severity, markup=False)

    def on_engine_screen_answer(self, message: Answer) -> None:
        message.take()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._focused_last = event.widget

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        self.call_after_refresh(self._focus_again)

    def _focus_again(self) -> None:
        """Where the terminal was too small for what had the focus, it has it again."""
        last = self._focused_last
        if self.focused is None and last is not None and last.is_attached and last.focusable:
            self.set_focus(last)

    def on_mount(self) -> None:
        self.show(self.session.snapshot())

    def on_screen_resume(self) -> None:
        self.show(self.session.snapshot())
        self.keybar.update_keys()


class Pager(VerticalScroll):
    """Something to read, with the keys of a pager."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="pager.down", tooltip="Scroll down."),
        Binding("k", "scroll_up", "Up", show=False, id="pager.up", tooltip="Scroll up."),
        Binding("g", "scroll_home", "Top", show=False, id="pager.top", tooltip="Go to the beginning."),
        Binding("G", "scroll_end", "End", show=False, id="pager.end", tooltip="Go to the end."),
        Binding("space", "page_down", "Page down", show=False, id="pager.pagedown", tooltip="Scroll a page down."),
    ]
