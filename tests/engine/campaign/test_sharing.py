"""What a run of several targets shows of its nodes: each once, with what it does for all targets."""

from dataclasses import replace

from fuzztui.engine.show.sharing import NOT_SHARED, Sharing, together
from fuzztui.engine.show.text import label
from tests.ui.shared import SHARING, node


def one(*rows: object) -> Sharing:
    return replace(SHARING, nodes=rows, elsewhere=())  # type: ignore[arg-type]


def test_a_node_that_fuzzes_several_targets_is_one() -> None:
    first = one(node("here"), node("b", 1, pid=7, age=9.0, silent=9.0), node("c", 2, pid=7))
    second = one(node("here"), node("b", 3, pid=7, state=label("starting")), node("c", 4, pid=8))
    shown = together([first, NOT_SHARED, second])
    assert [(row.name, row.words, row.executions, row.workers) for row in shown.nodes] == [
        ("here", "fuzzing", 246_912, 4),
        ("b", "starting", 246_912, 4),
        ("c", "fuzzing", 123_456, 2),
        ("c", "fuzzing", 123_456, 2),
    ]
    assert shown.nodes[1].age == 0.0
    assert [worker.number for worker in shown.nodes[1].crew] == [0, 1, 2, 3]
    assert (shown.sent, shown.run, shown.others) == (24, 110, 3)


def test_it_is_over_when_it_is_over_for_all_and_silent_when_nothing_is_heard() -> None:
    ended, silent = node("b", 1, state=label("ended")), node("b", 1, silent=30.0)
    assert together([one(ended), one(node("b", 1))]).nodes[0].words == "fuzzing"
    assert together([one(ended), one(ended)]).nodes[0].is_over
    assert together([one(ended), one(silent)]).nodes[0].words == "silent for 30 s"


def test_a_run_that_is_alone_shares_nothing() -> None:
    assert together([NOT_SHARED, NOT_SHARED]) is NOT_SHARED
