"""How the time of a property test is divided between two ways to make inputs."""

import pytest

from fuzztui.worker.guidance.odds import BELIEF, MEMORY, PATIENCE, Odds

USUAL, FEWEST, MOST = 0.5, 0.125, 4.0


def made() -> Odds:
    return Odds(USUAL, FEWEST, MOST)


def test_nothing_is_known_at_first() -> None:
    assert made().value == USUAL


def test_the_way_that_finds_gets_the_time() -> None:
    odds = made()
    for _ in range(100):
        odds.credit(0, 1, 0.3, 20)
    assert FEWEST <= odds.value < USUAL / 2
    for _ in range(90):
        odds.credit(1, 0, 0.3, 20)
    assert odds.value == MOST


def test_ways_that_find_alike_get_what_is_usual_the_less_the_more_they_find() -> None:
    odds = made()
    odds.credit(1, 2, 1 / 3, 1_000)
    assert odds.value == pytest.approx(USUAL, rel=0.2)
    for _ in range(100):
        odds.credit(1, 2, 1 / 3, 1_000)
    assert odds.value == pytest.approx(USUAL ** (BELIEF / MEMORY), rel=0.05)


def test_a_way_is_judged_by_the_time_that_it_had() -> None:
    odds = made()
    for _ in range(10):
        odds.credit(2, 9, 0.02, 71)
    assert odds.value > 2 * USUAL, "so little time has made many finds"


def test_what_was_learned_is_forgotten_where_nothing_is_found() -> None:
    odds = made()
    for _ in range(100):
        odds.credit(0, 1, 0.3, 20)
    for _ in range(12):
        odds.credit(0, 0, 0.3, PATIENCE)
    assert odds.value == pytest.approx(USUAL, rel=0.05)
