"""Long inputs that are slow have a part of the time, and all others are executed."""

import sys

from fuzztui.worker.guidance.slowness import AT_ONCE, HELD, PART, TRACED, Slowness

MILLISECOND = 1_000_000
CALL = 0.02


def experienced(long: float = 100) -> Slowness:
    """Of a thousand quick executions, for which inputs of more than 100 bytes are long."""
    slowness = Slowness()
    slowness.begin_call(CALL, long)
    slowness.count(1000, 20 * MILLISECOND, 20, 0)
    return slowness


def test_the_first_long_inputs_are_executed_however_slow_they_are() -> None:
    slowness = experienced()
    slowness.count(1, 200 * MILLISECOND, 1024, 198 * MILLISECOND)
    assert slowness.longest == sys.maxsize


def test_then_no_input_as_long_as_the_shortest_that_was_slow() -> None:
    slowness = experienced()
    slowness.count(1, 200 * MILLISECOND, 1024, 198 * MILLISECOND)
    slowness.count(1, 100 * MILLISECOND, 700, 98 * MILLISECOND)
    assert slowness.longest == 699


def test_until_they_have_taken_no_more_than_their_part_of_the_time() -> None:
    slowness = experienced()
    taken = int(AT_ONCE * CALL * 1e9) + 10 * MILLISECOND
    slowness.count(1, taken, 1024, taken)
    others = 0
    while slowness.longest < 1024:
        slowness.count(100, 2 * MILLISECOND, 20, 0)
        others += 2
    assert others + 20 == 10 / PART


def test_a_short_input_that_is_slow_keeps_no_other_from_being_executed() -> None:
    slowness = experienced()
    slowness.count(1, 2_000 * MILLISECOND, 8, 1_998 * MILLISECOND)
    assert slowness.longest == sys.maxsize


def test_where_all_inputs_take_long_none_is_slow() -> None:
    slowness = Slowness()
    slowness.begin_call(CALL, 100)
    for turn in range(50):
        slowness.count(1, 50 * MILLISECOND, 300, 48 * MILLISECOND)
        slowness.begin_call(CALL, 100)
        slowness.count(1, 50 * MILLISECOND, 80, 48 * MILLISECOND)
        slowness.begin_call(CALL, 100)
        assert turn < HELD or slowness.longest == sys.maxsize


def test_what_is_not_long_is_executed_though_all_beyond_it_waits() -> None:
    slowness = experienced()
    slowness.count(1, 900 * MILLISECOND, 101, 898 * MILLISECOND)
    slowness.begin_call(CALL, 400)
    assert slowness.longest == 400


def test_no_clock_decides_in_a_call_of_a_run_that_has_to_be_repeatable() -> None:
    slowness = Slowness()
    slowness.begin_call(3600, 100)
    slowness.count(1000, 20 * MILLISECOND, 20, 0)
    slowness.count(1, 90_000 * MILLISECOND, 1024, 90_000 * MILLISECOND)
    assert slowness.longest == sys.maxsize


def test_long_inputs_wait_until_it_is_known_how_long_others_take() -> None:
    slowness = Slowness()
    slowness.begin_call(CALL, 100)
    slowness.count(1, 200 * MILLISECOND, 1024, 198 * MILLISECOND)
    assert slowness.longest == 100
    slowness.begin_call(CALL, 100)
    assert slowness.longest == 100
    slowness.count(10, MILLISECOND, 20, 0)
    slowness.begin_call(CALL, 100)
    assert slowness.longest == sys.maxsize


def test_what_is_traced_has_part_of_the_time_that_slow_inputs_have() -> None:
    slowness = experienced()
    slowness.note(400 * MILLISECOND, 1024)
    assert slowness.longest == 1023
    assert slowness.refuses(1024)
    assert not slowness.refuses(1023)


def test_a_traced_execution_takes_longer_anyway() -> None:
    slowness = Slowness()
    slowness.begin_call(CALL, 100)
    slowness.count(50, 250 * MILLISECOND, 20, 0)
    for _ in range(10):
        slowness.note(16 * 5 * (TRACED - 1) * MILLISECOND, 1024)
    assert slowness.longest == sys.maxsize


def test_long_inputs_wait_for_some_calls_and_then_all_may_take_so_long() -> None:
    slowness = Slowness()
    slowness.begin_call(CALL, 100)
    assert slowness.is_too_slow_yet(400 * MILLISECOND)
    assert not experienced().is_too_slow_yet(400 * MILLISECOND)
    refused = []
    for _ in range(10):
        slowness.note(400 * MILLISECOND, 1024)
        slowness.count(1, 200 * MILLISECOND, 1024, 198 * MILLISECOND)
        refused.append(slowness.refuses(1024))
        slowness.begin_call(CALL, 100)
    assert refused == [True] * HELD + [False] * (10 - HELD)
