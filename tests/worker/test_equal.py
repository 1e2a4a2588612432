"""What has to be equal in two places changes in both."""

import random

import pytest

from fuzztui.worker.guidance.following import Following
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from fuzztui.worker.structure.equal import changed_together
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.slices import Slice, Slices

DATA = b"\xff\1a.\1a"


def read(*texts: tuple[int, int], compared: list[Comparison] | None = None) -> Slices:
    taken = tuple([Slice(begin, end, end, 0) for begin, end in texts])
    return Slices(taken, compared or [], ((1, 2), (4, 5)))


@pytest.mark.parametrize(
    ("compared", "made"),
    [
        ([("same", b"a", b"a"), ("==", b"a", b"root")], b"\xff\4root.\4root"),
        ([("same", b"a", b"a"), ("of", b"a", (b"up", b"down"))], b"\xff\4down.\4down"),
        ([("same", b"a", b"a"), ("==", 1, 3)], b"\xff\3aaa.\3aaa"),
        ([("same", b"a", b"a"), ("<", 1, 1)], b"\xff\2aa.\2aa"),
    ],
)
def test_it_becomes_what_it_was_compared_with_in_both_places(compared: list[Comparison], made: bytes) -> None:
    assert made in list(changed_together(DATA, compared, read((2, 3), (5, 6), compared=compared)))
    alone = read((2, 3), compared=compared)
    assert list(changed_together(DATA, compared, alone)) == [], "it was read in one place alone"
    unequal = read((2, 3), (5, 6), compared=compared[1:])
    assert list(changed_together(DATA, compared, unequal)) == [], "it does not have to be equal"


def test_what_encloses_both_grows_by_both() -> None:
    compared: list[Comparison] = [("same", b"", b""), ("==", 0, 2)]
    slices = Slices((Slice(1, 5, 5, 0), Slice(2, 2, 2, 0), Slice(5, 5, 5, 0)), compared, ((0, 1), (1, 2), (4, 5)))
    data = b"\4\0\xff.\0"  # two that are empty, each behind its length
    made = list(changed_together(data, compared, slices))
    assert [(each[0], each[1], len(each)) for each in made] == [(8, 2, 9)]


def test_they_follow_from_entries_and_from_what_has_come_further() -> None:
    compared: list[Comparison] = [("same", b"a", b"a"), ("==", b"a", b"root")]
    following, slices = Following(200), read((2, 3), (5, 6), compared=compared)
    made = (b"\xff\4root.\4root",)
    assert made in list(following.steps(Plain((DATA,)), compared, (), slices))
    assert made in list(following.followers(Plain((DATA,)), compared, iter(()), 0, slices))
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    assert made in list(StructureMutator(mutator, 200).suggested((DATA,), compared, slices))
