"""The nodes of a shared campaign: how each fares, its workers, and crashers that were seen on others only."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.sharing import Elsewhere, NodeRow, Sharing
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, count, joined, label, lines_of, say
from fuzztui.screens.base import Pager
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.node import NodeScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import Line, Span, Tone, content, span
from fuzztui.widgets.words import Words
from fuzztui.words.sentences import plural

NODE_COLUMNS: Final = (
    Column("node", 8, grows=True, wish=20),
    Column("state", 15, grows=True, wish=20),
    Column("execs", 5, right=True),
    Column("/sec", 5, right=True),
    Column("edges", 6, right=True),
    Column("corpus", 6, right=True),
    Column("crashers", 8, right=True),
    Column("last word", 9, right=True),
    Column("host", 8, grows=True),
)

NODE_ORDERS: Final = ("this one first", "silent first", "by name", "most edges first", "most executions first")

ELSEWHERE_COLUMNS: Final = (
    Column("seen on", 10, grows=True, wish=16),
    Column("crasher", 16, grows=True, wish=30),
    Column("message", 10, grows=True),
)

ELSEWHERE_ORDERS: Final = ("as they came", "by node", "by crasher")


class NodeTable(ListTable[str]):
    """One row for each node, by its identity."""

    HELP = """Each node is a run of this target that shares what it finds with this one; the first is this one. What \
a node has found is run once here, and kept where it covers something new. The last word is when a node was heard of: \
one that should have been heard of and was not is silent, killed perhaps, or cut off. {table.open} shows the workers \
of another node, with the keys to stop and hold them."""


class ElsewhereTable(ListTable[str]):
    """One row for each crasher that was seen elsewhere, by its bucket."""

    HELP = """Crashers of other nodes whose inputs run clean here: other versions of the code or of Python may be why, \
or chance. Below: the traceback of the node that has met it. Input and record are kept in the cache."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class NodesScreen(ListScreen):
    """All nodes, and what there is to tell of the selected one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.nodes = NodeTable(NODE_COLUMNS, "This run shares nothing with others.", id="nodes", orders=NODE_ORDERS)
        self.elsewhere = ElsewhereTable(ELSEWHERE_COLUMNS, "none", id="elsewhere", orders=ELSEWHERE_ORDERS)
        self.about = Words(id="about")
        self.beside = Pager(self.about, id="beside")
        self._sharing = Sharing()
        self._follows_elsewhere = False
        """Whether the pane below tells of a crasher, and of no node."""

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.nodes
        yield self.elsewhere
        yield self.beside

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self._sharing = sharing = snapshot.sharing
        set_title(self.nodes, nodes_title(sharing))
        self.nodes.show([node_row(row, number) for number, row in enumerate(sharing.nodes)])
        self.elsewhere.display = bool(sharing.elsewhere)
        set_title(self.elsewhere, say("seen on other nodes only: {:,}", len(sharing.elsewhere)))
        self.elsewhere.show([elsewhere_row(each, number) for number, each in enumerate(sharing.elsewhere)])
        self._explain()
        self.keybar.update_keys()

    def _explain(self) -> None:
        """Tell of what is selected in the table that has the focus, or had it last."""
        seen = next((each for each in self._sharing.elsewhere if each.id == self.elsewhere.selected), None)
        node = next((row for row in self._sharing.nodes if row.id == self.nodes.selected), None)
        if seen is not None and self._follows_elsewhere:
            set_title(self.beside, say("{} on {}", seen.failure.title, joined(", ", seen.nodes)))
            self.about.update(content(about_elsewhere(seen)))
        elif node is not None:
            set_title(self.beside, say("node {}", node.name))
            self.about.update(content(about_node(node, self._sharing)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:  # noqa: ARG002
        if self.focused in (self.nodes, self.elsewhere):
            self._follows_elsewhere = self.focused is self.elsewhere
        self._explain()

    def on_row_table_opened(self, message: NodeTable.Opened) -> None:
        row = next((row for row in self._sharing.nodes if row.id == message.key), None)
        if row is not None and row.is_here:
            self.action_back()  # where its workers are
        elif row is not None:
            self.app.push_screen(NodeScreen(self.session, row.id))

    def on_row_table_selected(self) -> None:
        self._explain()

    def action_back(self) -> None:
        self.app.pop_screen()


def nodes_title(sharing: Sharing) -> Visible:
    """How many there are, where they meet, and how much has come from them."""
    parts = [plural(len(sharing.nodes), "node"), sharing.place]
    if sharing.run:
        told = say("{:,} taken in, {:,} failing", sharing.taken, sharing.failing)
        parts.append(say("{} of others run, {}", plural(sharing.run, "input"), told))
    if sharing.refused:
        parts.append(say("{:,} refused", sharing.refused))
    return joined("   ", [part for part in parts if part])


def node_row(row: NodeRow, number: int) -> Row[str]:
    """A node in a line; `number`: its place among all."""
    tone: Tone = "warn" if row.silent is not None else "muted" if row.is_over else "plain"
    age = label("here") if row.is_here else age_words(row.age)
    cells: tuple[Span, ...] = (
        (row.name, "accent" if row.is_here else tone),
        (row.words, tone),
        (count(row.executions), tone),
        (count(row.rate) if not row.is_over else NOTHING, tone),
        span(tone, "{:,}", row.edges),
        span(tone, "{:,}", row.corpus),
        span("bad" if row.crashers else tone, "{:,}", row.crashers),
        (age, "warn" if row.silent is not None else "muted"),
        (row.host, "muted"),
    )
    silent = row.silent or 0.0
    ranks = (number, (-silent, number), row.name, (-row.edges, number), (-row.executions, number))
    return Row(row.id, cells, ranks=ranks)


def age_words(age: float) -> Visible:
    """How long ago a node was heard of."""
    return label("now") if age < 5.0 else say("{:.0f} s ago", age) if age < 600 else say("{:.0f} min ago", age / 60)


def about_node(row: NodeRow, sharing: Sharing) -> list[Line]:
    """A node, and what its workers do."""
    lines: list[Line] = [(span("strong", "{}", row.words), span("muted", "  on {}  {}", row.host, row.version))]
    if row.is_here:
        lines.append((span("muted", "{:,} messages sent, {:,} wait", sharing.sent, sharing.waiting),))
        if sharing.problem:
            lines.append((span("warn", "{}", sharing.problem),))
    else:
        lines.append((span("muted", "{} from it, {:,} refused", plural(row.received, "message"), row.refused),))
    lines += [
        (
            span("plain", "worker {:<4}", worker.number),
            span("plain", "{:<20}", worker.state),
            span("muted", "{} execs  {}", count(worker.executions), plural(worker.hits, "hit")),
        )
        for worker in row.crew
    ]
    if row.workers > len(row.crew):
        lines.append((span("muted", "and {}", plural(row.workers - len(row.crew), "more worker")),))
    return lines


def elsewhere_row(seen: Elsewhere, number: int) -> Row[str]:
    """A crasher in a line."""
    nodes = joined(", ", seen.nodes)
    cells: tuple[Span, ...] = ((nodes, "plain"), (seen.failure.title, "bad"), (seen.failure.message, "muted"))
    return Row(seen.id, cells, ranks=(number, (nodes, number), (seen.failure.title, number)))


def about_elsewhere(seen: Elsewhere) -> list[Line]:
    """A crasher, as the node that has met it has told."""
    head: Sequence[Line] = [
        (span("strong", "{}", seen.sentence),),
        (span("muted", "input: {} ({})", seen.values, seen.size),),
        (),
    ]
    return [*head, *((span("plain", "{}", line),) for line in lines_of(seen.failure.traceback))]
