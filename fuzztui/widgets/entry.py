"""One line that a person types."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from fuzztui.engine.show.text import visible


class Entry(Input):
    """A line of text. What is pasted into it is shown, as everything else, and not obeyed by the terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "take", key_display="enter", id="entry.take", tooltip="Take what was typed."),
        Binding("escape", "screen.cancel_entry", "cancel", id="entry.cancel", tooltip="Leave without what was typed."),
    ]

    DEFAULT_CSS = """
    Entry, Entry:focus { height: 1; border: none; padding: 0; background: $surface; }
    """

    def __init__(self, placeholder: str, *, id: str) -> None:  # noqa: A002
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """What may be shown of a text, which Textual asks for before it takes it."""
        return str(visible(value, 1000))
