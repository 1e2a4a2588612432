"""What people see of a campaign that is shared with other nodes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say

ENDED: Final = "ended"
"""The state of a node whose run is over."""

SILENT_AFTER: Final = 5.0
"""Times the interval of its beats after which a node is taken for silent."""


@dataclass(frozen=True, slots=True)
class NodeWorker:
    """What a worker of a node does."""

    number: int
    state: Visible
    executions: int
    hits: int


@dataclass(frozen=True, slots=True)
class NodeRow:
    """How a node fares, as far as it has told."""

    id: Visible
    """Its name, and what tells it from others of that name."""
    name: Visible
    host: Visible
    is_here: bool
    """Whether it is this one."""
    state: Visible
    """What it does: `fuzzing`, `paused`, `ended`."""
    silent: float | None
    """Seconds for which it should have given a sign of life, and has not; None as long as it does, or has ended."""
    age: float
    """Seconds since its last word."""
    workers: int
    executions: int
    rate: float
    """Executions per second."""
    edges: int
    corpus: int
    crashers: int
    received: int = 0
    """Messages that have come from it."""
    refused: int = 0
    """Of these, what was none, or not for this target."""
    version: Visible = NOTHING
    """Of Python and fuzztui."""
    crew: tuple[NodeWorker, ...] = ()
    """Its workers, the first ones of many."""
    pid: int = 0
    """Of its coordinator."""

    @property
    def is_over(self) -> bool:
        """Whether its run has ended, as it has said."""
        return self.state == ENDED

    @property
    def words(self) -> Visible:
        """Its state, or for how long it has been silent."""
        return say("silent for {:.0f} s", self.silent) if self.silent is not None else self.state

    def fields(self) -> dict[str, object]:
        """The form in JSON Lines."""
        return {
            "id": self.id,
            "name": self.name,
            "host": self.host,
            "here": self.is_here,
            "state": self.state,
            "silent": round(self.silent, 1) if self.silent is not None else None,
            "age": round(self.age, 1),
            "workers": self.workers,
            "executions": self.executions,
            "rate": round(self.rate, 1),
            "edges": self.edges,
            "corpus": self.corpus,
            "crashers": self.crashers,
            "received": self.received,
            "refused": self.refused,
            "version": self.version,
            "crew": [
                {"id": one.number, "state": one.state, "executions": one.executions, "hits": one.hits}
                for one in self.crew
            ],
        }


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A crasher that other nodes have met, and whose input runs clean here."""

    nodes: tuple[Visible, ...]
    """Names of those that have met it, in the order in which we heard of it."""
    failure: Failure
    """As the first of them has told it."""
    sha256: str
    """Of the input's file form."""
    values: Visible
    """The arguments as Python would write them, truncated."""
    size: Visible

    @property
    def id(self) -> Visible:
        """The bucket."""
        return self.failure.id

    @property
    def sentence(self) -> Visible:
        """`seen on node b only: ValueError in parse: bad digit`."""
        where = say("node {}", self.nodes[0]) if len(self.nodes) == 1 else say("nodes {}", joined(", ", self.nodes))
        said = say("{}{}", ": " if self.failure.message else "", self.failure.message)
        return say("seen on {} only: {}{}", where, self.failure.title, said)

    def fields(self) -> dict[str, object]:
        """The form in JSON Lines."""
        return {**self.failure.fields(), "nodes": list(self.nodes), "sha256": self.sha256, "values": self.values}


@dataclass(frozen=True, slots=True)
class Sharing:
    """How sharing goes."""

    place: Visible = NOTHING
    """The store; empty where nothing is shared."""
    node: Visible = NOTHING
    """The name of this node; empty where this is none, and only watches."""
    is_connected: bool = False
    problem: Visible = NOTHING
    """Why nothing can be published, or read either where it `is_connected` not; empty as long as all is well."""
    waiting: int = 0
    """Finds and crashers that were not published yet."""
    sent: int = 0
    received: int = 0
    """Messages that have come from others and are for this target."""
    refused: int = 0
    """Messages that were none, or were not for this target."""
    run: int = 0
    """Inputs of others that were run."""
    taken: int = 0
    """Of these, those that were new here, and are in the corpus."""
    failing: int = 0
    """Of these, those that failed."""
    nodes: tuple[NodeRow, ...] = ()
    """All nodes, this one first."""
    elsewhere: tuple[Elsewhere, ...] = ()
    """Crashers that were seen on other nodes only."""

    @property
    def others(self) -> int:
        """Nodes that are alive, besides this one."""
        return sum(not row.is_here and row.silent is None and not row.is_over for row in self.nodes)

    @property
    def words(self) -> Visible:
        """How it goes, for a header."""
        if self.problem:
            if not self.node:
                return label("store away")
            finds = "find waits" if self.waiting == 1 else "finds wait"
            return say("store {}, {:,} {}", "refuses" if self.is_connected else "away", self.waiting, finds)
        other = "other " if self.node else ""
        return say("{:,} {}{}", self.others, other, "node" if self.others == 1 else "nodes")

    @property
    def word(self) -> Visible:
        """What is wrong with the store, in one word: for where there is room for no more."""
        return label("full" if self.is_connected else "away")

    def fields(self) -> dict[str, object]:
        """The form in JSON Lines."""
        return {
            "place": self.place,
            "node": self.node,
            "connected": self.is_connected,
            "problem": self.problem or None,
            "waiting": self.waiting,
            "sent": self.sent,
            "received": self.received,
            "refused": self.refused,
            "run": self.run,
            "taken": self.taken,
            "failing": self.failing,
            "nodes": [row.fields() for row in self.nodes],
            "elsewhere": [each.fields() for each in self.elsewhere],
        }


NOT_SHARED: Final = Sharing()


def together(parts: Iterable[Sharing]) -> Sharing:
    """How sharing goes in a run of several targets; `parts`: how it goes for each. A node that fuzzes several of them
    is one: it is told apart by its name and its process.
    """
    shared = [each for each in parts if each.place]
    if not shared:
        return NOT_SHARED
    nodes: dict[tuple[bool, Visible, Visible, int], list[NodeRow]] = {}
    for each in shared:
        for row in each.nodes:
            nodes.setdefault((row.is_here, row.name, row.host, row.pid), []).append(row)
    return Sharing(
        place=shared[0].place,
        node=shared[0].node,
        is_connected=all(each.is_connected for each in shared),
        problem=next((each.problem for each in shared if each.problem), NOTHING),
        waiting=sum(each.waiting for each in shared),
        sent=sum(each.sent for each in shared),
        received=sum(each.received for each in shared),
        refused=sum(each.refused for each in shared),
        run=sum(each.run for each in shared),
        taken=sum(each.taken for each in shared),
        failing=sum(each.failing for each in shared),
        nodes=tuple(map(_one_node, nodes.values())),
        elsewhere=tuple(seen for each in shared for seen in each.elsewhere),
    )


def _one_node(rows: Sequence[NodeRow]) -> NodeRow:
    """A node from what it has told of each target."""
    lives = [row for row in rows if not row.is_over]
    heard = [row for row in lives if row.silent is None]
    states = [row.state for row in heard or lives or rows]
    return replace(
        rows[0],
        state=next((state for state in states if state == "fuzzing"), states[0]),
        silent=min((row.silent for row in lives if row.silent is not None), default=None) if not heard else None,
        age=min(row.age for row in rows),
        workers=sum(row.workers for row in lives),
        executions=sum(row.executions for row in rows),
        rate=sum(row.rate for row in lives),
        edges=sum(row.edges for row in rows),
        corpus=sum(row.corpus for row in rows),
        crashers=sum(row.crashers for row in rows),
        received=sum(row.received for row in rows),
        refused=sum(row.refused for row in rows),
        crew=tuple(replace(one, number=number) for number, one in enumerate(one for row in lives for one in row.crew)),
    )
