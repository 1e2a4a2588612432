"""The time of a property test's calls, between what comparisons suggest and mutation."""

from collections import deque

import pytest

from fuzztui.target.choices.value import Plain
from fuzztui.worker.choices import legs
from fuzztui.worker.choices.legs import AT_ONCE, ENOUGH, FEWEST, LEG, USUAL, Legs
from fuzztui.worker.mutate.choices.record import arguments_of
from fuzztui.worker.process.clock import Turn


class Time:
    """A clock that stands still unless it is told to go on."""

    now = 0

    @classmethod
    def processor(cls) -> int:
        return cls.now

    nanoseconds = processor


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> type[Time]:
    monkeypatch.setattr(legs, "Clock", Time)
    monkeypatch.setattr(Time, "now", 0)
    return Time


ENTRY: Plain = (0, 1)
SUGGESTED = deque([arguments_of(ENTRY)])


def spent(of: Legs, time: type[Time], seconds: float, finds: tuple[int, int] = (0, 0)) -> tuple[float, float]:
    """Nanoseconds of suggestions and of mutation, with so many finds in each leg of theirs."""
    turn = Turn(3600.0)
    times = [0, 0]
    found = 0
    of.begin(found)
    for _ in range(int(seconds * 1e9 / LEG)):
        chosen, _ = of.next(SUGGESTED, turn, found)
        way = 0 if chosen is SUGGESTED else 1
        time.now += LEG
        times[way] += LEG
        found += finds[way]
    of.settle(found, 1_000)
    return times[0], times[1]


def test_the_suggestions_of_a_quick_test_are_all_tried_at_once(time: type[Time]) -> None:
    guided, mutated = spent(Legs(), time, AT_ONCE / 1e9)
    assert (guided, mutated) == (AT_ONCE, 0)


def test_a_slow_test_is_mutated_while_suggestions_wait(time: type[Time]) -> None:
    made = Legs()
    spent(made, time, AT_ONCE / 1e9)
    guided, mutated = spent(made, time, 5)
    assert guided == pytest.approx(USUAL * mutated, rel=0.1)


def test_suggestions_that_find_nothing_lose_their_time(time: type[Time]) -> None:
    made = Legs()
    for _ in range(20):
        spent(made, time, 1, finds=(0, 1))
    guided, mutated = spent(made, time, 5)
    assert FEWEST * mutated <= guided < mutated


def test_comparisons_wait_where_looking_at_them_takes_too_long(time: type[Time]) -> None:
    made, one, other = Legs(), arguments_of(ENTRY), arguments_of((0, 2))
    assert made.traced(None, 0) is None
    assert made.traced(one, 0) is one
    made.begin(0)
    time.now += 3 * AT_ONCE
    assert made.next(SUGGESTED, Turn(1.0), 0)[0] is not SUGGESTED, "it has taken more than its part"
    made.settle(0, 10)
    assert made.traced(other, 0) is None
    spent(made, time, 10)
    assert made.traced(None, 0) is other, "now it is time to"


def test_no_more_is_worked_out_while_enough_waits() -> None:
    made, one = Legs(), arguments_of(ENTRY)
    assert made.traced(one, ENOUGH) is None
    assert made.traced(None, ENOUGH - 1) is one
