"""What is under the cursor, which keys do what, and what the words on the screen mean."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.widgets.wording import NONE

WORDS: tuple[tuple[str, str], ...] = (
    ("crasher", "an input that makes the target fail: an exception it does not declare, an exit, a signal, a time-out"),
    ("hit", "one time that a crasher was seen; the same failure again is a hit, not a new crasher"),
    ("corpus", "inputs worth keeping, because each reaches something that the others do not"),
    ("seed", "an input that you gave, in the code or beside it"),
    ("baseline", "the first pass: every seed and stored input runs once, to learn what they cover"),
    ("edge", "a place in the code that can be reached or not: a branch, a loop count, an operand"),
    ("execs", "executions: how often the target was called"),
    ("now", "executions per second over the last seconds; `run` is the average of the whole run"),
    ("new", "inputs that were added to the corpus in this run"),
    ("stalled", "a worker that has been in one execution for longer than a second"),
    (NONE, "there is no figure yet"),
)
"""In the order in which a newcomer meets them."""


class HelpScreen(ModalScreen[None]):
    """Explains the screen below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", "close", id="help.close", tooltip="Close the help."),
    ]

    def __init__(self, about: Sequence[str], keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._about = about
        self._keys = keys

    @classmethod
    def over(cls, screen: EngineScreen) -> "HelpScreen":
        """Help for a screen as it is now: its focused part and the keys that it has bound."""
        keys: dict[str, tuple[list[str], str]] = {}
        for _, binding, _, tooltip in screen.active_bindings.values():
            if binding.id is not None:
                names, _ = keys.setdefault(binding.id, ([], tooltip or binding.description))
                names.append(screen.app.get_key_display(binding))
        return cls(screen.explain(), [(" ".join(names), words) for names, words in keys.values()])

    def compose(self) -> ComposeResult:
        with Pager(id="help"):
            for paragraph in self._about:
                yield Static(Content(paragraph), classes="paragraph")
            for title, pairs in (("Keys", self._keys), ("Words", WORDS)):
                yield Static(Content.styled(title, "bold $text-accent"))
                yield Static(definitions(pairs), classes="paragraph")

    def on_mount(self) -> None:
        pager = self.query_one(Pager)
        pager.border_title = "help"
        pager.border_subtitle = "escape closes"
        pager.focus()

    def action_close(self) -> None:
        self.dismiss(None)


def definitions(pairs: Iterable[tuple[str, str]]) -> Table:
    """Words on the left, what they mean on the right, each wrapped within its column."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=14, style="bold")
    table.add_column(ratio=1)
    for word, meaning in pairs:
        table.add_row(Text(word), Text(meaning))
    return table
