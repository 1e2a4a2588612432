from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.adaptive import (
    BUILT_AT_ONCE,
    BUILT_SELDOM,
    CEILING,
    FLOOR,
    FROM_NOTHING,
    HEIGHT,
    PATIENCE,
    SLOTS_BITS,
    STOP,
    STOPS,
    UNTOUCHED,
    Bandit,
    apportion,
    score,
)

SLOTS = 2**SLOTS_BITS
WEIGHTS = {"first": 4, "second": 2, "third": 1, "fourth": 1}


def operator(name: str) -> Callable[[bytes, int], bytes]:
    def append(value: bytes, _bits: int) -> bytes:
        return value + name[:1].encode()

    append.__name__ = name
    return append


def bandit() -> Bandit[bytes]:
    return Bandit({operator(name): weight for name, weight in WEIGHTS.items()})


def slot_of(chooser: Bandit[bytes], name: str) -> int:
    return next(slot for slot, chosen in enumerate(chooser.table) if chosen.__name__ == name)


def find(chooser: Bandit[bytes], *stack: str) -> None:
    """What a stack of these operators made has found something."""
    for depth, name in enumerate(stack):
        is_last = depth == len(stack) - 1
        chooser.trail[depth] = slot_of(chooser, name) | (0 if is_last else STOP & -SLOTS) + (0 if is_last else SLOTS)
    assert chooser.credit()


def takings(chooser: Bandit[bytes], mutations: float, *, fresh: bool = False) -> dict[str, tuple[int, int]]:
    return {name: (tries, finds) for name, tries, finds in chooser.take_yields(mutations, fresh=fresh)}


def test_shares_begin_as_the_weights_say() -> None:
    assert bandit().shares() == {"first": 0.5, "second": 0.25, "third": 0.125, "fourth": 0.125}


def test_an_operator_that_finds_is_tried_more_and_few_finds_do_not_swing_the_table() -> None:
    chooser = bandit()
    shares = [chooser.shares()["third"]]
    for _ in range(40):
        find(chooser, "third")
        shares.append(chooser.shares()["third"])
    assert shares == sorted(shares)
    assert shares[3] < 2 * shares[0]
    assert shares[-1] > 3 * shares[0]
    assert chooser.table.count(chooser.table[slot_of(chooser, "third")]) == shares[-1] * SLOTS


def test_of_many_finds_in_a_call_some_change_the_table_and_all_have_once_it_is_over() -> None:
    chooser = bandit()
    shares = []
    for _ in range(3 * BUILT_SELDOM):
        find(chooser, "third")
        shares.append(chooser.shares()["third"])
    changed = {number for number, (before, after) in enumerate(pairwise(shares), 2) if before != after}
    assert changed <= {*range(2, BUILT_AT_ONCE + 1), BUILT_SELDOM, 2 * BUILT_SELDOM, 3 * BUILT_SELDOM}
    assert {BUILT_AT_ONCE, 2 * BUILT_SELDOM} <= changed
    for _ in range(BUILT_SELDOM - 3):
        find(chooser, "third")
    takings(chooser, 0)
    after_the_call = chooser.shares()["third"]
    assert after_the_call > shares[-1]
    for _ in range(2):
        find(chooser, "first")
    assert chooser.shares()["third"] < after_the_call


def test_finds_in_proportion_to_the_shares_change_little() -> None:
    chooser, random = bandit(), Random(1)
    for _ in range(2000):
        find(chooser, chooser.table[random.randrange(SLOTS)].__name__)
    for name, share in chooser.shares().items():
        weight = WEIGHTS[name] / sum(WEIGHTS.values())
        assert weight / 2 < share < weight * 2


def test_what_is_learned_has_bounds_and_weighs_little_at_first() -> None:
    assert score(0, 0) == score(1, 1) == score(1e6, 1e6) == 1
    assert 0.7 < score(0, 1) < 1 < score(1, 0) < 1.4
    assert score(0, 1e6) == FLOOR
    assert score(1e6, 0) == CEILING
    chooser = bandit()
    for _ in range(5000):
        find(chooser, "fourth")
    assert min(chooser.shares().values()) >= 1 / SLOTS


def test_what_stopped_finding_is_forgotten() -> None:
    chooser = bandit()
    for name in ("third", "fourth"):
        for _ in range(1000):
            find(chooser, name)
    shares = chooser.shares()
    assert shares["third"] < shares["fourth"] / 4


def test_without_finds_the_weights_come_into_their_own_again() -> None:
    chooser = bandit()
    for _ in range(1000):
        find(chooser, "fourth")
    learned = chooser.shares()
    takings(chooser, PATIENCE - 1)
    find(chooser, "fourth")
    takings(chooser, PATIENCE - 1)
    assert chooser.shares() == learned, "there was a find in between"
    for _ in range(20):
        takings(chooser, PATIENCE)
    assert chooser.shares() == bandit().shares()


def test_all_operators_of_a_stack_are_credited_each_once_and_no_others() -> None:
    chooser = bandit()
    find(chooser, "fourth", "fourth", "third", "fourth", "first")
    find(chooser, "first")  # what the stack before left further up is not its
    finds = {name: finds for name, (_, finds) in takings(chooser, 1000).items()}
    assert finds == {"first": 2, "second": 0, "third": 1, "fourth": 1}


def test_the_operators_of_a_stack_are_named_in_order() -> None:
    chooser = bandit()
    assert chooser.last_operators() == []
    find(chooser, "fourth", "fourth", "third")
    chooser = bandit()
    for depth, name in enumerate(("fourth", "first", "third")):
        chooser.trail[depth] = slot_of(chooser, name) | (STOP + SLOTS if depth < 2 else 0)
    assert chooser.last_operators() == ["fourth", "first", "third"]
    chooser.trail[0] = ~(STOP + SLOTS)
    assert chooser.last_operators() == ["from_nothing", "first", "third"]


def test_what_was_made_afresh_is_no_operators_find() -> None:
    chooser = bandit()
    chooser.trail[0] = ~(STOP + SLOTS)
    chooser.trail[1] = slot_of(chooser, "second")
    assert chooser.credit()
    chooser.trail[0] = ~0
    assert chooser.credit()
    finds = {name: finds for name, (_, finds) in takings(chooser, 1000).items()}
    assert finds == {"first": 0, "second": 1, "third": 0, "fourth": 0}


def test_a_trail_that_fills_its_room_is_credited() -> None:
    chooser = bandit()
    chooser.trail[:] = [STOP + SLOTS & -SLOTS] * HEIGHT
    assert chooser.credit()


def test_reported_tries_are_those_of_the_mutations_and_at_least_the_finds() -> None:
    chooser = bandit()
    find(chooser, "fourth")
    find(chooser, "fourth")
    assert takings(chooser, 1) == {"fourth": (2, 2)}
    tries = dict.fromkeys(WEIGHTS, 0)
    tries["fourth"] = 2
    for _ in range(1000):  # so few at a time that each has only a part of a try
        for name, (more, finds) in takings(chooser, 1.0).items():
            assert finds == 0
            tries[name] += more
    for name, share in chooser.shares().items():
        assert tries[name] == pytest.approx(1001 * share / (STOPS + (1 - STOPS) * share), abs=1.5)


@pytest.mark.parametrize("kind", ["bytes", "str", "int", "float", "bool"])
def test_reported_tries_are_what_the_operators_were_really_called(kind: str) -> None:
    text = 'Name = ["abc", 1, 22.5, "De", {"f": null}]; other = <0>\n'
    value: Any = {"bytes": text.encode(), "str": text, "int": 1234, "float": 0.5, "bool": True}[kind]
    made = Mutator((kind,), Random(1), Dictionary(), 4096)
    made.add_to_pool((value,))
    (chooser,) = made._bandits
    called: dict[str, int] = dict.fromkeys(chooser.names, 0)
    mutations = 60_000
    for _ in range(mutations):
        made.mutate((value,))
        for slot in {chooser._owners[bits & SLOTS - 1] for bits in stack(chooser)}:
            called[chooser.names[slot]] += 1
    reported = made.take_yields((value,), mutations)
    assert reported.keys() == called.keys()
    for name, count in called.items():
        assert reported[name][0] == pytest.approx(count, rel=0.35), "one that often changes nothing has fewer"
    assert sum(tries for tries, _ in reported.values()) == pytest.approx(sum(called.values()), rel=0.05)


def stack(chooser: Bandit[Any]) -> list[int]:
    last = next(depth for depth, bits in enumerate(chooser.trail) if max(bits, ~bits) < STOP)
    return [bits for bits in chooser.trail[: last + 1] if bits >= 0]


def test_an_empty_value_counts_as_tries_only_what_stands_on_something_fresh() -> None:
    filled = sum(tries for tries, _ in takings(bandit(), 100_000).values())
    taken = takings(bandit(), 100_000, fresh=True)
    assert taken.pop(FROM_NOTHING) == (100_000, 0)
    empty = sum(tries for tries, _ in taken.values())
    assert empty == pytest.approx(filled * (1 - STOPS), rel=0.01)


def test_a_mutation_is_credited_and_what_is_none_is_not() -> None:
    made = Mutator(("bytes",), Random(1), Dictionary(), 4096)
    assert not made.credit()
    made.mutate_bytes(b"abc")
    assert made.credit()
    made.forget_last()
    assert not made.credit()
    assert sum(finds for _, finds in made.take_yields((b"abc",), 1000).values()) >= 1


def test_of_several_parameters_those_that_were_changed_are_credited() -> None:
    made = Mutator(("bytes", "bool", "bytes"), Random(1), Dictionary(), 4096)
    arguments = (b"abc", True, b"xyz")
    credited: set[tuple[bool, ...]] = set()
    for _ in range(500):
        changed = made.mutate(arguments)
        touched = tuple(bandit.trail[0] != UNTOUCHED for bandit in made._bandits)
        assert touched == tuple(now != old for now, old in zip(changed, arguments, strict=True))
        credited.add(touched)
        assert made.credit()
    assert {(True, False, False), (False, True, False), (False, False, True)} <= credited
    yields = made.take_yields(arguments, 500)
    assert all(0 <= finds <= tries for tries, finds in yields.values())
    assert yields["negate"][1] > 100


def test_the_parameters_learn_by_themselves() -> None:
    made = Mutator(("bytes", "bytes"), Random(1), Dictionary(), 4096)
    first, second = made._bandits
    for _ in range(100):
        made.forget_last()
        first.trail[0] = 0
        made.credit()
    assert first.shares() != second.shares()
    assert second.shares() == Mutator(("bytes",), Random(1), Dictionary(), 4096)._bandits[0].shares()


@pytest.mark.parametrize("parameters", [("bytes",), ("str", "int"), ("float",)], ids="-".join)
def test_the_same_finds_lead_to_the_same_mutations(parameters: tuple[str, ...]) -> None:
    by_type: dict[str, Any] = {"bytes": b"[1, 2]", "str": "[1, 2]", "int": 5, "float": 0.5}
    values = tuple(by_type[name] for name in parameters)

    def run(every: int) -> list[str]:
        made = Mutator(parameters, Random(1), Dictionary(), 4096)
        seen = []
        for step in range(2000):
            seen.append(repr(made.mutate(values)))
            if step % every == 0:
                made.credit()
        return seen

    assert run(5) == run(5)
    assert run(5) != run(2)


@pytest.mark.parametrize(
    ("weights", "slots", "expected"),
    [
        ([1.0, 1.0], 8, [4, 4]),
        ([3.0, 1.0], 8, [6, 2]),
        ([1.0, 1.0, 1.0], 8, [3, 3, 2]),
        ([1000.0, 1.0, 1.0], 8, [6, 1, 1]),
        ([1000.0, 600.0, 1.0, 1.0, 1.0], 8, [3, 2, 1, 1, 1]),
        ([5.0], 8, [8]),
        ([1.0, 100.0], 2, [1, 1]),
    ],
)
def test_slots_are_divided_by_weight_with_one_for_each(weights: list[float], slots: int, expected: list[int]) -> None:
    assert apportion(weights, slots) == expected


def test_every_division_is_complete() -> None:
    random = Random(1)
    for _ in range(500):
        weights = [random.choice((0.01, 0.25, 1.0, 4.0, 40.0)) for _ in range(random.randrange(1, 40))]
        counts = apportion(weights, SLOTS)
        assert sum(counts) == SLOTS
        assert min(counts) >= 1


def test_finds_of_something_fresh_are_never_more_than_its_tries() -> None:
    chooser = bandit()
    for _ in range(5):
        chooser.trail[0] = ~0  # something fresh, and nothing on top of it
        assert chooser.credit()
    assert takings(chooser, 2, fresh=True)[FROM_NOTHING] == (5, 5)
