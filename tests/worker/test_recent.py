"""What an input that was found offers to those that were found before it."""

from fuzztui.worker.guidance.recent import MAX_RECENT, OFFERED, Recent
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain


def added(recent: Recent, text: str) -> list[str]:
    """What follows from an input of lines."""
    lines: Comparison = ("in", "\n", text)
    return [str(value) for (value,) in recent.add(Plain((text,)), [lines], 1000)]


def test_earlier_inputs_get_the_last_statements_of_a_new_one() -> None:
    recent = Recent()
    assert added(recent, "OPEN a") == []
    assert "OPEN a\nREAD 5" in added(recent, "LOGIN\nREAD 5")
    assert "LOGIN\nREAD 5\nCLOSE" in added(recent, "CLOSE")


def test_earlier_objects_stand_beside_a_new_one() -> None:
    recent = Recent()
    list(recent.add(Plain((b'{"do": 1}',)), [], 1000))
    assert (b'[{"do": 1}, {"end": 2}]',) in list(recent.add(Plain((b'{"end": 2}',)), [], 1000))


def test_earlier_elements_give_way_to_new_ones_with_the_same_name() -> None:
    recent = Recent()
    list(recent.add(Plain((b"<a><v>1</v></a>",)), [], 1000))
    made = list(recent.add(Plain((b"<b><v><c/></v></b>",)), [], 1000))
    assert (b"<a><v><c/></v></a>",) in made
    assert not list(recent.add(Plain((b"<d><v>1</v></d>",)), [], 15))


def test_the_latest_inputs_are_remembered_each_once_and_lead_to_so_many() -> None:
    recent = Recent()
    for number in range(2 * MAX_RECENT):
        added(recent, f"LINE {number}")
        added(recent, f"LINE {number}")
    made = added(recent, "LAST")
    assert len(made) <= MAX_RECENT * OFFERED
    assert any(f"LINE {MAX_RECENT}" in each for each in made)
    assert not any(f"LINE {MAX_RECENT - 1}" in each.split("\n") for each in made)
