"""What all screens over a session have in common."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.questions import Question
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible
from fuzztui.widgets.keybar import KeyBar

T = TypeVar("T")

MIN_WIDTH, MIN_HEIGHT = 60, 15
"""Cells below which a screen only says that it is too small."""

WIDTHS = [(0, "-too-narrow"), (MIN_WIDTH, "-narrow"), (96, "-normal"), (130, "-wide")]
HEIGHTS = [(0, "-too-short"), (MIN_HEIGHT, "-short"), (22, "-low"), (29, "-middle"), (42, "-tall")]
"""Style classes that a screen carries from so many cells on."""


class EngineScreen(Screen[None]):
    """A screen that shows snapshots of one session.

    The app calls `show` with every new snapshot while the screen is visible; the screen itself asks for the newest one
    when it comes back into view. Commands go straight to the session.
    """

    def __init__(self, session: SessionLike) -> None:
        super().__init__()
        self.session = session
        self.keybar = KeyBar()

    def body(self) -> Iterable[Widget]:
        """The screen's own widgets."""
        raise NotImplementedError

    def show(self, snapshot: Snapshot) -> None:
        """Draw a snapshot."""
        raise NotImplementedError

    def why_not(self, action: str) -> str | None:  # noqa: ARG002
        """Why an action cannot be done now, in a few words; None if it can be done."""
        return None

    def words_now(self, action: str) -> str | None:  # noqa: ARG002
        """What an action's key does now, in a word or two, where that differs from what it usually does."""
        return None

    def explain(self) -> list[str]:
        """Paragraphs about what is under the cursor, for the help."""
        focused = self.focused
        nodes = focused.ancestors_with_self if focused is not None else [self]
        helped = next((node for node in nodes if node.HELP), None)
        return [helped.HELP] if helped is not None and helped.HELP else []

    def compose(self) -> ComposeResult:
        yield from self.body()
        yield Static(f"This terminal is too small: fuzztui needs {MIN_WIDTH} x {MIN_HEIGHT}.", classes="too-small")
        yield self.keybar

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return None if self.why_not(action) else True

    class Answer(Message):
        """The engine has answered a question of this screen's."""

        def __init__(self, take: Callable[[], None]) -> None:
            super().__init__()
            self.take = take

    def ask(self, question: Question[T], then: Callable[[T], None]) -> None:
        """Have the engine answer a question, and call `then` with the answer in the app's own thread."""

        def answered(future: "Future[T]") -> None:
            self.post_message(self.Answer(lambda: then(future.result())))

        self.session.ask(question).add_done_callback(answered)

    def tell(self, message: Visible) -> None:
        """Show a message for a moment."""
        self.notify(message, markup=False)

    def on_engine_screen_answer(self, message: Answer) -> None:
        message.take()

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
