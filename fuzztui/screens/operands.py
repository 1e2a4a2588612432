"""What is compared in a line: what the inputs had there, and what the code wanted."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.live.wishes import AddToken, LookAtOperands
from fuzztui.engine.questions.coverage import AskOperands
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.coverage import Operand, OperandTable
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, one_line, say
from fuzztui.screens.lists import ListScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import span
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("inputs", 6, right=True),
    Column("left", 16, grows=True),
    Column("", 10),
    Column("right", 16, grows=True),
)

ORDERS: Final = ("most inputs first", "by the left", "by the right")

WORDS: Final = {
    "of": label("one of"),
    "lacks": label("not there"),
    "wants": label("got None"),
    "matches": label("matches"),
}
"""Operators of a trace that are no operators of Python."""


class OperandsTable(ListTable[int]):
    """A row for each comparison, by its number."""

    HELP = """Both sides of what is compared in the line, in the twenty smallest inputs that reach it, each run once \
more. {operands.add} adds what the selected row names to the dictionary of all workers, one side after the other."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class OperandsScreen(ListScreen):
    """The comparisons of one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "add", "to dictionary", id="operands.add", tooltip="Have all workers try this value in inputs."),
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the source."),
    ]

    def __init__(self, session: SessionLike, file: str, place: Visible, line: int) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.table = OperandsTable(COLUMNS, "inputs that reach the line are being run", id="inputs", orders=ORDERS)
        self.about = Wrapped(id="about")
        self._file = file
        self._place = place
        self._line = line
        self._shown: OperandTable | None = None
        self._is_asking = False
        self._added: dict[tuple[Visible, Visible, Visible], int] = {}
        """How many of a row's values have been added."""

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table
        yield self.about

    def on_mount(self) -> None:
        self.session.steer(LookAtOperands(self._file, self._line))
        super().on_mount()

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        if not self._is_asking:
            self._is_asking = True
            self.ask(AskOperands(self._file, self._line), self._take)
        self.keybar.update_keys()

    def _take(self, table: OperandTable) -> None:
        self._is_asking = False
        if table == self._shown:
            return
        self._shown = table
        waiting = say(", {:,} to be run", table.waiting) if table.waiting else NOTHING
        of = plural(table.inputs, "input")
        set_title(self.table, say("{}:{}: compared by {}{}", self._place, self._line, of, waiting))
        self.table.show([_row(number, each) for number, each in enumerate(table.operands)])
        if not table.operands and table.inputs and not table.waiting:
            nothing = label("nothing that could be noted is compared here: text, numbers, lookups, match, patterns")
            self.table.say_when_empty(say("  {}", nothing))
        self._explain()

    def current(self) -> Operand | None:
        """The comparison that is selected."""
        number = self.table.selected
        return self._shown.operands[number] if self._shown is not None and number is not None else None

    def _explain(self) -> None:
        one = self.current()
        if one is None or not one.tokens:
            self.about.show([])
            return
        names = joined(", ", [one_line(repr(token)) for token in one.tokens])
        self.about.show([(span("muted", "{} adds to the dictionary: {}", key_of(self.app, "operands.add"), names),)])

    def on_row_table_selected(self) -> None:
        self._explain()
        self.keybar.update_keys()

    def why_not(self, action: str) -> str | None:
        if action == "add":
            one = self.current()
            if one is None or not one.tokens:
                return "there is no value to add"
            if self.session.snapshot().is_over:
                return "the run has ended"
        return super().why_not(action)

    def action_add(self) -> None:
        if (one := self.current()) is not None and one.tokens:
            key = one.left, one.operator, one.right
            number = self._added.get(key, 0)
            self._added[key] = number + 1
            self.session.steer(AddToken(one.tokens[number % len(one.tokens)]))

    def action_back(self) -> None:
        self.app.pop_screen()


def _row(number: int, one: Operand) -> Row[int]:
    operator = WORDS.get(one.operator, one.operator)
    cells = (
        span("muted", "{:,}", one.inputs),
        span("plain", "{}", one.left),
        span("accent", "{}", operator),
        span("plain", "{}", one.right),
    )
    return Row(number, cells, ranks=((-one.inputs, number), (one.left, number), (one.right, number)))
