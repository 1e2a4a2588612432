"""What people see of another node, from what it has told. Pure."""

from typing import Final

from fuzztui.engine.share.exchange import Peer
from fuzztui.engine.show.sharing import ENDED, SILENT_AFTER, NodeRow, NodeWorker
from fuzztui.engine.show.text import Visible, one_line, say

LARGEST: Final = 1 << 53
"""Of a number that another node tells: more than any figure of a run."""

MOST_SHOWN: Final = 32
"""Workers of a node that others are told of."""


def name_of(node: str, peer: Peer | None) -> Visible:
    """How a node is called; `node`: its identity."""
    return one_line(peer.beat.name if peer is not None and peer.beat is not None else node.rpartition(".")[0], 60)


def row_of(node: str, peer: Peer, now: float, *, refused: int = 0, since: float | None = None) -> NodeRow | None:
    """What people see of a node; None for a dashboard that watches, and for one that has been silent since before we
    came, unless it is told when that was: `since`, as `now` on the monotonic clock. `refused`: inputs that were none.
    """
    beat = peer.beat
    heard = peer.heard if peer.heard is not None else since
    if beat is None or heard is None or beat.watches:
        return None
    age = now - heard
    is_late = age > SILENT_AFTER * max(1.0, min(beat.every, 600.0))
    return NodeRow(
        id=one_line(node, 60),
        name=one_line(beat.name, 60),
        host=one_line(beat.host, 100),
        is_here=False,
        state=one_line(beat.state, 40),
        silent=age if is_late and beat.state != ENDED else None,
        age=age,
        pid=figure(beat.pid),
        workers=figure(beat.workers),
        executions=figure(beat.executions),
        rate=float(figure(beat.rate)),
        edges=figure(beat.edges),
        corpus=figure(beat.corpus),
        crashers=figure(beat.crashers),
        received=peer.received,
        refused=peer.malformed + refused,
        version=say("Python {}, fuzztui {}", one_line(beat.python, 20), one_line(beat.version, 20)),
        crew=tuple(
            NodeWorker(figure(number), one_line(state, 40), figure(executions), figure(hits))
            for number, state, executions, hits in beat.crew[:MOST_SHOWN]
        ),
    )


def figure(number: float) -> int:
    """A number that another node tells, within what any could be."""
    return int(max(0, min(LARGEST, number))) if number == number else 0
