"""Random mutation of what a provider reads: by fields."""

import random
from typing import Any

import pytest

from fuzztui.worker.atheris.mutation import FieldMutator, Plan, plan_of
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.sizes import Arguments
from tests.worker.test_provider_fields import Calls, fields, read
from tests.worker.world import inhabited

MAX_LEN = 300

OPERATORS = {"set_field", "draw_field", "draw_fields", "copy_field", "delete_fields", "repeat_fields", "insert_fields"}


class Mutants:
    """Mutations of one input, all of them by fields."""

    def __init__(self, data: bytes, calls: Calls, seed: int = 1) -> None:
        self.mutator = Mutator(("bytes",), random.Random(seed), Dictionary(), MAX_LEN)
        self.fields = FieldMutator(self.mutator)
        plan = plan_of(fields(data, calls))
        assert plan is not None
        self.plan: Plan = plan
        self.data = plan.data
        self.mutate = self.fields.beside(lambda _: b"", [plan])

    def by(self, name: str, count: int) -> list[bytes]:
        """So many mutations by one operator."""
        found: list[bytes] = []
        while len(found) < count:
            mutant = self.mutate(self.data)
            if self.mutator.last_operators() == [name]:
                found.append(mutant)
            self.mutator.forget_last()
        return found


CALLS: Calls = [
    ("ConsumeIntInRange", (0, 40)),
    ("ConsumeUnicode", (5,)),
    ("ConsumeInt", (2,)),
    ("ConsumeBool", ()),
    ("PickValueInList", ([*"abcdef"],)),
    ("ConsumeFloatInRange", (0.0, 9.0)),
    ("ConsumeIntInRange", (-5, 70_000)),
]
DATA = b"\1hello" + b"\7\0" + b"\1" + bytes(8) + b"\4\2\0" + b"\3" + b"\36"


@pytest.mark.parametrize("name", ["set_field", "draw_field", "copy_field"])
def test_one_field_changes_and_no_other(name: str) -> None:
    mutants = Mutants(DATA, CALLS)
    before = read(mutants.data, CALLS)
    changed: set[int] = set()
    for mutant in mutants.by(name, 300):
        different = [
            index for index, pair in enumerate(zip(before, read(mutant, CALLS), strict=True)) if pair[0] != pair[1]
        ]
        assert len(different) <= 1
        changed.update(different)
    assert changed == set(range(len(CALLS)))


def test_numbers_stay_in_their_range_and_reach_all_of_it() -> None:
    calls: Calls = [("ConsumeIntInRange", (10, 19)), ("ConsumeBool", ())]
    mutants = Mutants(b"\0\5", calls)
    assert {read(mutant, calls)[0] for mutant in mutants.by("draw_field", 400)} == set(range(10, 20))


def test_text_of_a_length_that_was_read_takes_it_along() -> None:
    def values(data: bytes) -> list[Any]:
        count = read(data, [("ConsumeIntInRange", (0, 40))])[0]
        return read(data, [("ConsumeIntInRange", (0, 40)), ("ConsumeUnicode", (count,)), ("ConsumeInt", (2,))])

    calls: Calls = [("ConsumeIntInRange", (0, 40)), ("ConsumeUnicode", (5,)), ("ConsumeInt", (2,))]
    mutants = Mutants(b"\1hello\7\0\5", calls)
    found = [values(mutant) for mutant in mutants.by("set_field", 300)]
    assert {count for count, text, number in found if len(text) == count and number == 7} >= {4, 5, 6}


def test_what_one_turn_of_a_loop_has_read_is_repeated_and_deleted_on_both_sides() -> None:
    calls: Calls = [("ConsumeIntInRange", (0, 255)), ("ConsumeBytes", (2,))] * 3
    mutants = Mutants(b"aabbcc\3\2\1", calls)
    assert read(mutants.data, calls) == [1, b"aa", 2, b"bb", 3, b"cc"]
    longer = [read(mutant, calls) for mutant in mutants.by("repeat_fields", 100)]
    assert [1, b"aa", 1, b"aa", 2, b"bb"] in longer
    shorter = [read(mutant, calls[:4]) for mutant in mutants.by("delete_fields", 100)]
    assert [1, b"aa", 3, b"cc"] in shorter


def test_fields_of_another_entry_are_taken_over() -> None:
    calls: Calls = [("ConsumeBytes", (4,)), ("ConsumeInt", (2,))]
    mutants = Mutants(b"abcd\1\0", calls)
    other = plan_of(fields(b"XYZW\2\0", calls))
    assert other is not None
    mutants.fields.add(other)
    assert any(b"XYZW" in mutant for mutant in mutants.by("copy_field", 60))
    assert any(b"abcdXYZW" in mutant for mutant in mutants.by("insert_fields", 60))


def test_half_of_the_mutations_are_left_to_the_other_mutator_and_all_are_counted() -> None:
    mutants = Mutants(DATA, CALLS)
    by_fields = sum(mutants.mutate(mutants.data) != b"" for _ in range(1000))
    assert 400 < by_fields < 600
    yields = mutants.mutator.take_yields((mutants.data,), 1000)
    assert sum(tries for name, (tries, _) in yields.items() if name in OPERATORS) == pytest.approx(by_fields, abs=10)


SOURCE = """
from fuzztui.worker.atheris.provider import FuzzedDataProvider

def fuzz(data):
    fdp = FuzzedDataProvider(data)
    total = 0
    for number in range(fdp.ConsumeIntInRange(0, 20)):
        total += number * fdp.ConsumeIntInRange(0, 1000) ^ len(fdp.ConsumeUnicode(10))
    if total % 997 == 5: return 1
    if total % 991 == 6: return 2
"""


def test_entry_that_this_process_has_not_traced_is_mutated_by_its_fields_too() -> None:
    with inhabited(SOURCE) as world:
        executor = world.executor()
        done = world.fuzz(executor, b"", 400)[-1]
        names = set(done.yields)  # type: ignore[union-attr]
    assert {"set_field", "draw_field", "repeat_fields"} <= names


def test_target_without_a_provider_is_asked_once() -> None:
    with inhabited("runs = []\ndef fuzz(data): runs.append(data)") as world:
        executor = world.executor()
        yields = [name for entry in (b"", b"x") for name in world.fuzz(executor, entry, 100)[-1].yields]  # type: ignore[union-attr]
        runs = world.namespace["runs"]
    assert not OPERATORS.intersection(yields)
    assert len(runs) == 200
    assert executor._tracing.executions == 1


def test_what_is_not_read_is_cut_from_what_is_kept() -> None:
    source = """
from fuzztui.worker.atheris.provider import FuzzedDataProvider

def fuzz(data):
    fdp = FuzzedDataProvider(data)
    return fdp.ConsumeBytes(3), fdp.ConsumeIntInRange(0, 255)
"""
    with inhabited(source) as world:
        discoveries = world.executor()._discoveries

        def keeps(arguments: Arguments) -> bool:
            return world.function(*arguments) == (b"abc", ord("z"))

        assert discoveries._without_unread((b"abc not read z",), keeps) == (b"abcz",)
        assert discoveries._without_unread((b"abc not read z",), lambda _: False) == (b"abc not read z",)
