"""What a person decides about crashers: asked for here, written by others."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import Visible, say
from fuzztui.screens.choice import ChoiceScreen
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keynames import answers
from fuzztui.widgets.tone import content, span
from fuzztui.widgets.wording import crasher_title
from fuzztui.words.sentences import plural


class StatusScreen(ChoiceScreen[Status]):
    """Asks what is decided about some crashers."""

    prefix = "status."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,enter", "answer('triaged')", "triaged", key_display="t", id="status.triaged",
                tooltip="triaged: somebody has looked at it"),
        Binding("i", "answer('ignored')", "ignored", id="status.ignored",
                tooltip="ignored: known and not wanted, its hits are only counted"),
        Binding("f", "answer('fixed')", "fixed", id="status.fixed",
                tooltip="fixed: if it fails again, that is a regression"),
        Binding("n", "answer('new')", "new", id="status.new", tooltip="new: nothing is decided"),
    ]  # fmt: skip

    def __init__(self, crashers: Sequence[Crasher]) -> None:
        super().__init__()
        self._crashers = crashers

    def question(self) -> Visible:
        one = len(self._crashers) == 1
        name = crasher_title(self._crashers[0]) if one else plural(len(self._crashers), "crasher")
        return say("What about {}?", name)

    def action_answer(self, word: str) -> None:
        self.dismiss(Status(word))


class NoteScreen(ModalScreen[str | None]):
    """Asks for a note on a crasher; its result is what was typed, None if it was left."""

    def __init__(self, crasher: Crasher, before: Visible) -> None:
        super().__init__()
        self._crasher = crasher
        self._entry = Entry("why, since when, who knows more", id="note")
        self._before = before

    def compose(self) -> ComposeResult:
        with Vertical(id="question", classes="-typed"):
            yield Static(content([(span("strong", "A note on {}", crasher_title(self._crasher)),)]))
            yield self._entry
            yield Static(
                content([answers(self.app, ("entry.take", "keeps it"), ("entry.cancel", "leaves it as it was"))])
            )

    def on_mount(self) -> None:
        self._entry.value = self._before
        self._entry.focus()

    def on_input_submitted(self, message: Entry.Submitted) -> None:
        self.dismiss(message.value)

    def action_cancel_entry(self) -> None:
        self.dismiss(None)
