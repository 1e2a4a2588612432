"""Inputs of a property test that are drawn from nothing: how many, and what becomes of them."""

import pytest

from fuzztui.protocol.messages import Done, Found
from fuzztui.target.choices.value import CHOICES, Choices
from fuzztui.target.values import decode
from fuzztui.worker.afresh import AT_FIRST, FEWEST, FIRST, MOST, PATIENCE, USUAL, Odds
from fuzztui.worker.discoveries import AFRESH
from tests.choices.test_drawing import NOTHING, drawing

EASY = """
from hypothesis import given, strategies as st

@given(st.lists(st.sampled_from("abcdefgh"), min_size=3))
def fuzz(letters):
    for letter in letters:
        if letter == "a":
            pass
        elif letter == "b":
            pass
        elif letter == "c":
            pass
        elif letter == "d":
            pass
"""


def test_what_is_easily_reached_is_drawn_before_anything_is_known() -> None:
    assert Odds().value == AT_FIRST > 8 * USUAL


def test_what_is_drawn_first_gets_more_than_what_is_drawn_later() -> None:
    odds = Odds()
    odds.credit(0, 0, FIRST - 1, FIRST)
    assert odds.value == AT_FIRST
    odds.credit(0, 0, 1, 1)
    assert odds.value == USUAL


def test_a_way_is_judged_by_what_it_was_let_do() -> None:
    odds = Odds()
    for _ in range(10):
        odds.credit(2, 9, 2, 71)
    assert odds.value == AT_FIRST, "so few executions have made many finds"


def drawn_long() -> Odds:
    odds = Odds()
    odds.credit(0, 0, FIRST, FIRST)
    return odds


def test_the_way_that_finds_gets_the_time() -> None:
    for odds, usual, most in (Odds(), AT_FIRST, AT_FIRST), (drawn_long(), USUAL, MOST):
        for _ in range(100):
            odds.credit(0, 1, 2, 20)
        assert FEWEST <= odds.value < usual / 2
        for _ in range(90):
            odds.credit(1, 0, 2, 20)
        assert odds.value == most


def test_ways_that_find_alike_get_what_is_usual() -> None:
    odds = drawn_long()
    for _ in range(100):
        odds.credit(1, 8, 111, 1_000)
    assert USUAL / 2 < odds.value < USUAL * 2


def test_what_was_learned_is_forgotten_where_nothing_is_found() -> None:
    odds = drawn_long()
    for _ in range(100):
        odds.credit(0, 1, 2, 20)
    for _ in range(12):
        odds.credit(0, 0, 0, PATIENCE)
    assert odds.value == pytest.approx(USUAL, rel=0.05)


def test_a_call_begins_with_inputs_that_are_drawn_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(EASY, monkeypatch) as (world, test):
        executor = world.executor()
        sent = world.fuzz(executor, NOTHING, 400)
        sent += world.fuzz(executor, NOTHING, 400)
        yields = [each.yields[AFRESH] for each in sent if isinstance(each, Done)]
        assert sum(tried for tried, _ in yields) > 50
        assert sum(each.executions for each in sent if isinstance(each, Done)) <= 800
        finds = [each for each in sent if isinstance(each, Found) and each.operators[0] == AFRESH]
        assert len(finds) == sum(found for _, found in yields) > 0
        for each in finds:  # as it was drawn: no seed decides what it is
            (choices,) = decode(each.data, (CHOICES,))
            assert isinstance(choices, Choices)
            assert choices.plain[0] == 0
            test.run(choices.plain)
            assert test.drawn == choices.plain


def test_no_more_is_drawn_than_a_call_may_execute(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(EASY, monkeypatch) as (world, _):
        executor = world.executor()
        for executions in (1, 2, 3, 7, 50):
            before = world.memory.executions
            (done,) = [each for each in world.fuzz(executor, NOTHING, executions) if isinstance(each, Done)]
            assert done.executions == world.memory.executions - before <= executions
