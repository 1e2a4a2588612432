"""A small question whose answers are keys."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fuzztui.engine.show.text import Visible, visible
from fuzztui.widgets.tone import Line, content, span

T = TypeVar("T")


class ChoiceScreen(ModalScreen[T | None]):
    """Shows its own bindings, one a line; each is an answer. A subclass has the bindings and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", key_display="esc", id="choice.back", tooltip="Back, and change nothing."),
    ]

    def question(self) -> Visible:
        """What is asked."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield Static(content(self._lines()))

    def _lines(self) -> Iterable[Line]:
        yield ((self.question(), "strong"),)
        yield ()
        seen: set[str] = set()
        # Those of the subclass first: the way back comes last.
        for _, binding, enabled, tooltip in sorted(
            self.active_bindings.values(), key=lambda active: (active.binding.id or "").startswith("choice.")
        ):
            if binding.id and binding.id.startswith(("choice.", self.prefix)) and binding.id not in seen:
                seen.add(binding.id)
                key = visible(self.app.get_key_display(binding))
                yield (
                    span("accent" if enabled else "muted", "{:<5}", key),
                    span("plain" if enabled else "muted", "{}", tooltip),
                )

    prefix: ClassVar[str] = "choice."
    """How the ids of a subclass's own bindings begin."""

    def action_leave(self) -> None:
        self.dismiss(None)
