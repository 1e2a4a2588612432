"""The inputs that reach a line."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.questions.coverage import AskInputs
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.coverage import ReachingInput, SourceLine
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, hexdump, joined, label, say, size
from fuzztui.screens.lists import ListScreen
from fuzztui.terminal import clipboard
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import Line, span
from fuzztui.widgets.wording import ago
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("input", 12),
    Column("size", 7, right=True),
    Column("found", 10, right=True, rank=1),
    Column("arguments", 20, grows=True),
)

ORDERS: Final = ("smallest first", "newest first", "by name")

HEX_BYTES: Final = 64
"""Bytes of the selected input that are shown."""


class InputTable(ListTable[str]):
    """A row for each input, by its SHA-256."""

    HELP = """Inputs that reach the line when they are run: what is in the corpus, and crashers that do not end their \
process. Of a line that very many reach two hundred are known."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class ReachingScreen(ListScreen):
    """Inputs that reach one line of a file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", id="reaching.copy", tooltip="Copy the arguments, as Python writes them."),
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the source."),
    ]

    def __init__(self, session: SessionLike, file: str, place: Visible, line: SourceLine) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.table = InputTable(COLUMNS, "no input reaches this line", id="inputs", orders=ORDERS)
        set_title(self.table, say("{}:{}: {}", place, line.number, plural(line.inputs, "input")))
        self.bytes = Wrapped(id="about")
        self._file = file
        self._line = line
        self._inputs: dict[str, ReachingInput] = {}

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table
        yield self.bytes

    def on_mount(self) -> None:
        super().on_mount()
        self.ask(AskInputs(self._file, self._line.number), self._take)

    def _take(self, inputs: Sequence[ReachingInput]) -> None:
        self._inputs = {each.sha256: each for each in inputs}
        elapsed = self.session.snapshot().elapsed
        self.table.show([_row(each, elapsed) for each in inputs])
        self._show_bytes()

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self.keybar.update_keys()

    def current(self) -> ReachingInput | None:
        """The input that is selected."""
        return self._inputs.get(self.table.selected or "")

    def _show_bytes(self) -> None:
        one = self.current()
        lines: list[Line] = []
        if one is not None:
            lines = [((text, "muted"),) for text in hexdump(one.data, limit=HEX_BYTES)]
        self.bytes.show(lines)

    def on_row_table_selected(self) -> None:
        self._show_bytes()
        self.keybar.update_keys()

    def why_not(self, action: str) -> str | None:
        return "there is no input" if action == "copy" and self.current() is None else super().why_not(action)

    def action_copy(self) -> None:
        if (one := self.current()) is not None:
            self.app.copy_to_clipboard(one.values)
            self.tell(clipboard.sentence(label("the arguments"), one.values))

    def action_back(self) -> None:
        self.app.pop_screen()


def _row(one: ReachingInput, elapsed: float) -> Row[str]:
    name = joined("", (label("✗ ") if one.is_crasher else label(""), one.name))
    found = ago(elapsed - one.found) if one.found else label("before")
    cells = (
        span("bad" if one.is_crasher else "plain", "{}", name),
        span("plain", "{}", size(len(one.data))),
        span("muted", "{}", found),
        span("plain", "{}", one.values),
    )
    return Row(one.sha256, cells, ranks=((len(one.data), one.sha256), -one.found, (one.name, one.sha256)))
