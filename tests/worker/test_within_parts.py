"""What is wanted of a name goes behind all others in the part in which it is pointed to."""

import random

import pytest

from fuzztui.worker.guidance.following import Following
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.slices import Slice, Slices
from fuzztui.worker.structure.within_parts import put_into_parts

DATA = b"\xff\0\4a\0b\0\2\0\2"
"""Two names that are counted, and where each of two things has its name: the second."""


def read(*names: tuple[int, int], compared: list[Comparison] | None = None) -> Slices:
    taken = [(1, 3), (3, 7), *names]
    numbers = ((7, 8), (8, 9), (9, 10))
    return Slices(tuple([Slice(begin, end, end, 0) for begin, end in taken]), compared or [], numbers)


@pytest.mark.parametrize(
    "compared",
    [("==", b"b", b"main"), ("in", b"main", (b"a", b"b")), ("in", b"b", (b"main", b"exit"))],
)
def test_a_name_that_is_wanted_stands_behind_the_others_and_is_pointed_to(compared: Comparison) -> None:
    made = list(put_into_parts(DATA, [compared], read((5, 6))))
    assert b"\xff\0\x09a\0b\0main\0\2\0\4" in made
    assert b"\xff\0\x09a\0b\0main\0\4\0\2" in made
    assert list(put_into_parts(DATA, [compared], read())) == [], "it has been read nowhere"


def test_a_name_that_is_there_is_pointed_to() -> None:
    data = DATA.replace(b"a\0", b"xy\0").replace(b"\4", b"\5").replace(b"\2", b"\3")
    slices = Slices((Slice(1, 3, 3, 0), Slice(3, 8, 8, 0), Slice(6, 7, 7, 0)), [], ((8, 9), (9, 10), (10, 11)))
    made = list(put_into_parts(data, [("==", b"b", b"xy")], slices))
    assert b"\xff\0\5xy\0b\0\3\0\0" in made


def test_it_follows_from_entries_and_from_what_has_come_further() -> None:
    compared: list[Comparison] = [("==", b"b", b"main")]
    following, slices = Following(200), read((5, 6), compared=compared)
    made = (b"\xff\0\x09a\0b\0main\0\2\0\4",)
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    assert made in list(StructureMutator(mutator, 200).suggested((DATA,), compared, slices))
    assert made in list(following.steps(Plain((DATA,)), compared, (), slices))
    assert made in list(following.followers(Plain((DATA,)), compared, iter(()), 0, slices))
