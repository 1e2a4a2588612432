"""The workers of one node of a shared campaign, and the keys that stop and hold them from here."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.live.wishes import OrderNode
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.sharing import NodeRow, NodeWorker
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, count, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.list_table import SEARCH_KEYS, ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import Tone, span
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("id", 4, right=True),
    Column("state", 12, grows=True),
    Column("execs", 6, right=True),
    Column("hits", 6, right=True),
)

ORDERS: Final = ("by number", "by state", "most executions first")

_ENDED: Final = frozenset(state.value for state in WorkerState if state.is_final)


class NodeWorkerTable(ListTable[int]):
    """One row for each worker, by its number."""

    HELP = """The workers of another node, as it has told. {worker.stop} stops the selected one, and {worker.pause} \
holds it or lets it go on: the node is asked, and does so within seconds if it hears that. A node obeys nobody where \
its store asks for no password over TLS, unless the store is a folder or on its own machine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "screen.tell('stop')", "stop", id="worker.stop",
                tooltip="Have the node stop the selected worker; its others go on."),
        Binding("p", "screen.tell('pause')", "pause", id="worker.pause",
                tooltip="Have the node hold the selected worker, or let it go on."),
        *SEARCH_KEYS,
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class NodeScreen(ListScreen):
    """One node's workers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the nodes."),
    ]

    def __init__(self, session: SessionLike, node: str) -> None:
        """`node`: its identity."""
        super().__init__(session)
        self._id = node
        self.status = StatusBar(id="status")
        self.table = NodeWorkerTable(COLUMNS, "It has told of no workers.", id="workers", orders=ORDERS)

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table

    @property
    def node(self) -> NodeRow | None:
        """The node, as the newest snapshot has it."""
        return next((row for row in self.session.snapshot().sharing.nodes if row.id == self._id), None)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        node = self.node
        if node is not None:
            more = node.workers - len(node.crew)
            rest = say("   {} not told of", plural(more, "more worker")) if more > 0 else NOTHING
            set_title(self.table, say("node {}   {}   {}{}", node.name, node.words, node.host, rest))
            self.table.show([_row(worker) for worker in node.crew])
        self.keybar.update_keys()

    def why_not(self, action: str) -> str | None:
        if action != "tell":
            return super().why_not(action)
        worker = self._selected()
        if worker is None:
            return "there is no worker"
        if self.session.snapshot().targets:
            return "it is steered from its target's own nodes"
        return "it does not run" if worker.state in _ENDED else None

    def action_tell(self, action: str) -> None:
        """Have the node do something with the selected worker."""
        node, worker = self.node, self._selected()
        if node is None or worker is None or self.why_not("tell") is not None:
            return
        if action == "pause" and worker.state == WorkerState.PAUSED.value:
            action = "resume"
        wish = OrderNode(node.id, worker.number, action)
        if action == "stop" and sum(each.state not in _ENDED for each in node.crew) == 1:
            self._ask_first(node.name, wish)
        else:
            self.session.steer(wish)

    def _ask_first(self, name: Visible, wish: OrderNode) -> None:
        def answered(stop: bool | None) -> None:
            if stop:
                self.session.steer(wish)

        question = say("Stop the last worker of node {}? Its run ends.", name)
        self.app.push_screen(QuitScreen(self.session.snapshot(), question), answered)

    def _selected(self) -> NodeWorker | None:
        node = self.node
        crew = node.crew if node is not None else ()
        return next((worker for worker in crew if worker.number == self.table.selected), None)

    def action_back(self) -> None:
        self.app.pop_screen()


def _row(worker: NodeWorker) -> Row[int]:
    tone: Tone = "muted" if worker.state in _ENDED else "plain"
    cells = (
        span(tone, "{}", worker.number),
        (worker.state, tone),
        (count(worker.executions), tone),
        span("bad" if worker.hits else tone, "{:,}", worker.hits),
    )
    return Row(
        worker.number, cells, ranks=(worker.number, (worker.state, worker.number), (-worker.executions, worker.number))
    )
