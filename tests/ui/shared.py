"""A shared campaign for tests of what shows it."""

from dataclasses import replace

from fuzztui.engine.show.sharing import Elsewhere, NodeRow, NodeWorker, Sharing
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, label, say
from tests.ui.fakes import crasher as a_crasher
from tests.ui.fakes import snapshot as a_snapshot


def node(name: str, number: int = 0, **changes: object) -> NodeRow:
    row = NodeRow(
        id=say("{}.{:08x}", name, number),
        name=say("{}", name),
        host=label("builder.example"),
        is_here=not number,
        state=label("fuzzing"),
        silent=None,
        age=0.0,
        workers=2,
        executions=123_456,
        rate=7_890.0,
        edges=321,
        corpus=54,
        crashers=number,
        received=17 * number,
        version=label("Python 3.12.1, fuzztui 0.1.0"),
        crew=(
            NodeWorker(0, label("fuzzing"), 100_000, 3),
            NodeWorker(1, label("running inputs"), 23_456, 0),
        ),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


SEEN = Elsewhere((label("old-python"),), a_crasher(0).failure, "0" * 64, label("b'{\\x00'"), label("2 B"))

SHARING = Sharing(
    place=label("valkey://store.example:6379"),
    node=label("here"),
    is_connected=True,
    sent=12,
    received=60,
    refused=2,
    run=55,
    taken=49,
    failing=3,
    nodes=(
        node("here"),
        node("old-python", 1),
        node("gone", 2, silent=23.4, age=33.4),
        node("done", 3, state=label("ended")),
    ),
    elsewhere=(SEEN,),
)

WATCHED = a_snapshot(
    phase=Phase.WATCHING,
    workers=(),
    crashers=(a_crasher(0, path=None, nodes=(label("old-python"),)),),
    executions=370_368,
    rate=7_890.0,
    corpus=54,
    corpus_new=0,
    sharing=replace(SHARING, node=NOTHING, nodes=SHARING.nodes[1:], elsewhere=(), run=0, taken=0, failing=0, sent=0),
)
"""A campaign as one sees it who only watches."""

AWAY = replace(SHARING, is_connected=False, problem=label("connection refused"), waiting=1_234)
