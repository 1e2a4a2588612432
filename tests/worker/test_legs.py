"""The time of calls, between what comparisons suggest, what may lead further, and mutation."""

from collections import deque
from collections.abc import Mapping, Sequence

import pytest

from fuzztui.target.choices.value import Plain
from fuzztui.worker.guidance import legs
from fuzztui.worker.guidance.legs import (
    AT_ONCE,
    ENOUGH,
    FEWEST,
    FEWEST_BESIDE,
    LEG,
    MOST_BESIDE,
    NONE,
    POSTPONED,
    POSTPONED_BYTES,
    USUAL,
    USUAL_FURTHER,
    USUAL_PARTS,
    Legs,
    Way,
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
    of.begin(found, 1.0)
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
    made.begin(0, 1.0)
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


def beside(
    of: Legs,
    time: type[Time],
    seconds: float,
    finds: Mapping[Way, int],
    ways: Sequence[Way] = (Way.PARTS, Way.FURTHER),
    *,
    eagerness: float = 1.0,
) -> dict[Way, int]:
    """Nanoseconds of each way while nothing is suggested, with so many finds in each leg of theirs."""
    turn = Turn(3600.0)
    times = dict.fromkeys(Way, 0)
    found = 0
    of.begin(found, eagerness)
    of.prepared(ways)
    for _ in range(int(seconds * 1e9 / LEG)):
        way = of.next(NONE, turn, found).way
        time.now += LEG
        times[way] += LEG
        found += finds.get(way, 0)
    of.settle(found, 1_000)
    return times


def test_each_way_has_its_part(time: type[Time]) -> None:
    times = beside(Legs(), time, 5, {})
    assert times[Way.PARTS] == pytest.approx(USUAL_PARTS * times[Way.MUTATED], rel=0.1)
    assert times[Way.FURTHER] == pytest.approx(USUAL_FURTHER * times[Way.MUTATED], rel=0.1)


def test_what_leads_nowhere_loses_its_time(time: type[Time]) -> None:
    made = Legs()
    for _ in range(20):
        beside(made, time, 1, {Way.MUTATED: 1})
    times = beside(made, time, 5, {})
    for way in (Way.PARTS, Way.FURTHER):
        assert times[way] == pytest.approx(FEWEST_BESIDE * times[Way.MUTATED], rel=0.2)


@pytest.mark.parametrize("way", [Way.PARTS, Way.FURTHER])
def test_what_finds_more_gets_more_of_the_time(time: type[Time], way: Way) -> None:
    made = Legs()
    for _ in range(20):
        beside(made, time, 1, {way: 1})
    times = beside(made, time, 5, {})
    assert times[way] == pytest.approx(MOST_BESIDE * times[Way.MUTATED], rel=0.2)
    (other,) = {Way.PARTS, Way.FURTHER} - {way}
    assert times[other] < times[way] / 3


@pytest.mark.parametrize("ways", [(), (Way.PARTS,), (Way.FURTHER,)])
def test_what_there_is_nothing_of_takes_no_time(time: type[Time], ways: Sequence[Way]) -> None:
    times = beside(Legs(), time, 1, {}, ways)
    assert {way for way, spent in times.items() if spent} == {Way.MUTATED, *ways}


def test_long_entries_that_wait_are_few() -> None:
    made = Legs()
    made.begin(0, 1.0)
    for number in range(2 * POSTPONED):
        made.traced((bytes((number,)),), ENOUGH)
    assert [made.traced(None, 0) is None for _ in range(POSTPONED + 1)] == [False] * POSTPONED + [True]
    half = bytes(POSTPONED_BYTES // 2)
    for _ in range(3):
        made.traced((half,), ENOUGH)
    made.traced((half + half + half,), ENOUGH)
    assert made.traced(None, 0) == (half + half + half,), "the latest waits, however long it is"
    assert made.traced(None, 0) is None


def test_a_way_that_there_was_nothing_of_does_not_take_all_that_it_has_missed(time: type[Time]) -> None:
    made = Legs()
    beside(made, time, 60, {}, ())
    times = beside(made, time, 1, {}, (Way.FURTHER,))
    assert times[Way.FURTHER] < 1.2 * times[Way.MUTATED]


def test_what_has_long_been_in_vain_has_a_part_of_its_time(time: type[Time]) -> None:
    times = beside(Legs(), time, 5, {}, eagerness=0.4)
    assert times[Way.PARTS] == pytest.approx(0.4 * USUAL_PARTS * times[Way.MUTATED], rel=0.1)
    assert times[Way.FURTHER] == pytest.approx(0.4 * USUAL_FURTHER * times[Way.MUTATED], rel=0.1)


def test_a_call_tells_what_plain_mutation_has_found_and_all_else(time: type[Time]) -> None:
    made, turn = Legs(), Turn(3600.0)
    made.begin(3, 1.0)
    made.prepared([Way.FURTHER, Way.PARTS])
    found = dict.fromkeys((Way.MUTATED, Way.FURTHER, Way.PARTS), 0)
    for _ in range(100):
        way = made.next(NONE, turn, 3 + sum(found.values())).way
        time.now += LEG
        found[way] += 2 if way is Way.FURTHER else 1
    others = found[Way.FURTHER] + found[Way.PARTS]
    assert made.settle(3 + sum(found.values()), 1_000) == (found[Way.MUTATED], others)
    assert all(found.values())
