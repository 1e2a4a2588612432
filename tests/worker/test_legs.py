"""The time of calls, between what comparisons suggest, what may lead further, and mutation."""

from collections import deque

import pytest

from fuzztui.target.choices.value import Plain
from fuzztui.worker.guidance import legs
from fuzztui.worker.guidance.legs import (
    AT_ONCE,
    ENOUGH,
    FEWEST,
    FEWEST_FURTHER,
    LEG,
    MOST_FURTHER,
    NONE,
    POSTPONED,
    POSTPONED_BYTES,
    USUAL,
    USUAL_FURTHER,
    Legs,
)
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
        way = 0 if of.next(SUGGESTED, turn, found).suggested is SUGGESTED else 1
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
    assert made.next(SUGGESTED, Turn(1.0), 0).suggested is not SUGGESTED, "it has taken more than its part"
    made.settle(0, 10)
    assert made.traced(other, 0) is None
    spent(made, time, 10)
    assert made.traced(None, 0) is other, "now it is time to"


def test_no_more_is_worked_out_while_enough_waits() -> None:
    made, one = Legs(), arguments_of(ENTRY)
    assert made.traced(one, ENOUGH) is None
    assert made.traced(None, ENOUGH - 1) is one


def parts(of: Legs, time: type[Time], seconds: float, finds: tuple[int, int] = (0, 0)) -> tuple[float, float]:
    """Nanoseconds of what may lead further and of mutation while nothing is suggested, with so many finds in each leg
    of theirs.
    """
    turn = Turn(3600.0)
    times = [0, 0]
    found = 0
    of.begin(found)
    of.prepared(goes_further=True)
    for _ in range(int(seconds * 1e9 / LEG)):
        leg = of.next(NONE, turn, found)
        way = 0 if leg.goes_further else 1
        time.now += LEG
        times[way] += LEG
        found += finds[way]
    of.settle(found, 1_000)
    return times[0], times[1]


def test_what_may_lead_further_has_its_part(time: type[Time]) -> None:
    further, mutated = parts(Legs(), time, 5)
    assert further == pytest.approx(USUAL_FURTHER * mutated, rel=0.1)


def test_what_leads_nowhere_loses_its_time(time: type[Time]) -> None:
    made = Legs()
    for _ in range(20):
        parts(made, time, 1, finds=(0, 1))
    further, mutated = parts(made, time, 5)
    assert further == pytest.approx(FEWEST_FURTHER * mutated, rel=0.2)


def test_what_leads_further_gets_most_of_the_time(time: type[Time]) -> None:
    made = Legs()
    for _ in range(20):
        parts(made, time, 1, finds=(1, 0))
    further, mutated = parts(made, time, 5)
    assert further == pytest.approx(MOST_FURTHER * mutated, rel=0.2)


def test_nothing_leads_further_where_nothing_is_known(time: type[Time]) -> None:
    made = Legs()
    made.begin(0)
    for goes_further in (True, False):
        made.prepared(goes_further=goes_further)
        assert made.next(NONE, Turn(3600.0), 0).goes_further == goes_further


def test_long_entries_that_wait_are_few() -> None:
    made = Legs()
    made.begin(0)
    for number in range(2 * POSTPONED):
        made.traced((bytes((number,)),), ENOUGH)
    assert [made.traced(None, 0) is None for _ in range(POSTPONED + 1)] == [False] * POSTPONED + [True]
    half = bytes(POSTPONED_BYTES // 2)
    for _ in range(3):
        made.traced((half,), ENOUGH)
    made.traced((half + half + half,), ENOUGH)
    assert made.traced(None, 0) == (half + half + half,), "the latest waits, however long it is"
    assert made.traced(None, 0) is None
