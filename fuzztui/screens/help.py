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
    ("● ◆ ✗", "before a crasher: its input is saved; it is a seed that fails; its input could NOT be saved"),
    ("hit", "one time that a crasher was seen; the same failure again is a hit, not a new crasher"),
    ("corpus", "inputs worth keeping, because each reaches something that the others do not"),
    ("seed", "an input that you gave, in the code or beside it"),
    ("baseline", "the first pass: every seed and stored input runs once, to learn what they cover"),
    ("edge", "a place in the code that can be reached or not: a branch, a loop count, an operand"),
    ("edges x / y", "reached so far, of those that the instrumented modules have; not all of them can be reached"),
    ("execs", "executions: how often the target was called"),
    ("now, avg", "executions per second over the last seconds, and on average over the whole run"),
    ("new", "inputs that were added to the corpus in this run"),
    ("stalled", "a worker that has been in one execution for longer than a second"),
    ("✗ ‖ ■", "marks on the time axis of a plot: a new crasher, a pause, a worker that was stopped"),
    ("per 1M", "of a source of inputs: how many of its finds come in a million of its tries"),
    (NONE, "there is no figure yet"),
)
"""In the order in which a newcomer meets them."""


EVERYWHERE: tuple[tuple[str, str], ...] = (
    ("tab", "Go to the next pane; shift+tab to the one before."),
    ("ctrl+p", "Find any of these commands by name; also the theme, and a picture of the screen."),
)
"""Keys that Textual brings along."""


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
        described = [(" ".join(names), words) for names, words in keys.values()]
        return cls(screen.explain(), [*described, *EVERYWHERE])

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
