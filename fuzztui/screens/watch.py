"""What there is to see of a campaign that is only watched: its nodes, and the crashers that they have met."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import label, say
from fuzztui.screens.listing import Desk
from fuzztui.screens.node import NodeScreen
from fuzztui.screens.nodes import NODE_COLUMNS, NODE_ORDERS, NodeTable, about_node, node_row
from fuzztui.screens.run import RunScreen
from fuzztui.screens.steering import STEERING
from fuzztui.widgets.edge import set_subtitle, set_title
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.table import RowTable
from fuzztui.widgets.tone import content
from fuzztui.words.sentences import plural

_ORDERS = ("as listed", *NODE_ORDERS[1:])

_OF_A_RUN = STEERING | {"control", "diagnoses"}
"""Actions for which there is nothing here."""


class WatchedNodeTable(NodeTable):
    """One row for each node, by its identity."""

    HELP = """Each node is a run of this target somewhere. {table.open} shows the workers of the selected one, with \
the keys to stop and hold them. The last word is when a node was heard of: one that should have been heard of and was \
not is silent, killed perhaps, or cut off."""


class WatchScreen(RunScreen):
    """Sums and plots over all nodes, the nodes, and the crashers."""

    def __init__(self, session: SessionLike, desk: Desk) -> None:
        super().__init__(session, desk)
        self.nodes = WatchedNodeTable(NODE_COLUMNS, "no node has come yet", id="nodes", orders=_ORDERS)
        self.worker_table.display = False  # each node has its own
        self._follows_nodes = False
        """Whether the pane below tells of a node, and of no crasher."""

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Horizontal(self.rate_plot, self.coverage_plot, id="plots")
        yield self.nodes
        yield self.worker_table
        with Horizontal(id="below"):
            yield self.crasher_table
            yield self.beside
        yield self.diagnosis
        yield self.notices

    def on_mount(self) -> None:
        super().on_mount()
        self.nodes.focus()

    def show(self, snapshot: Snapshot) -> None:
        sharing = snapshot.sharing
        self.nodes.show([node_row(row, number) for number, row in enumerate(sharing.nodes)])
        set_title(self.nodes, say("{}   {}", plural(len(sharing.nodes), "node"), sharing.place))
        super().show(snapshot)
        set_title(self.rate_plot, label("execs/s, all nodes"))

    def _show_beside(self, snapshot: Snapshot) -> None:
        row = next((row for row in snapshot.sharing.nodes if row.id == self.nodes.selected), None)
        if not self._follows_nodes or row is None:
            super()._show_beside(snapshot)
        elif self.has_class("-with-detail"):
            self.about.update(content(about_node(row, snapshot.sharing)))
            set_title(self.beside, say("node {}", row.name))
            set_subtitle(self.beside, say("{}: its workers", key_of(self.app, "table.open")))

    def on_row_table_selected(self, message: RowTable.Selected) -> None:
        self._follows_nodes = message.table is self.nodes
        super().on_row_table_selected(message)

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if message.table is self.nodes:
            self.app.push_screen(NodeScreen(self.session, str(message.key)))
        else:
            super().on_row_table_opened(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action in _OF_A_RUN else super().check_action(action, parameters)
