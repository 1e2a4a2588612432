"""Inputs of a property test that are drawn from nothing: how many, and what becomes of them."""

import pytest

from fuzztui.protocol.messages import Done, Found
from fuzztui.target.choices.value import CHOICES, Choices
from fuzztui.target.values import decode
from fuzztui.worker.choices import afresh
from fuzztui.worker.discoveries import AFRESH
from fuzztui.worker.guidance.ration import TimeShare
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


SLOW = """
from time import process_time

from hypothesis import given, strategies as st

ran = 0

@given(st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=3))
def fuzz(letters):
    global ran
    ran += 1
    until = process_time() + 0.001
    while process_time() < until:
        pass
    for letter in letters:
        if letter == "a":
            pass
        elif letter == "b":
            pass
        elif letter == "c":
            pass
"""


def test_finds_of_a_slow_test_are_not_executed_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afresh, "USUAL", 8.0)
    monkeypatch.setattr(afresh, "SLOW", 500_000)
    monkeypatch.setattr(afresh, "TELLING", 0)
    with drawing(SLOW, monkeypatch) as (world, test):
        executor = world.executor()
        sent = world.fuzz(executor, NOTHING, 1 << 20, seconds=0.02)
        finds = [each for each in sent if isinstance(each, Found) and each.operators[0] == AFRESH]
        (done,) = [each for each in sent if isinstance(each, Done)]
        assert done.executions == test.executions
        assert executor._afresh is not None
        turn = executor._afresh._turn
        assert turn.executions == turn.drawn == done.yields[AFRESH][0] > 8
        assert turn.found > turn.before
        assert all(each.edges for each in finds)


def test_what_finds_nothing_ends_before_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afresh, "AT_FIRST", 1e9)
    monkeypatch.setattr(afresh, "FIRST", 1_000_000)
    with drawing(EASY, monkeypatch) as (world, _):
        executor = world.executor()
        (done,) = [each for each in world.fuzz(executor, NOTHING, 1 << 20, seconds=0.001) if isinstance(each, Done)]
        assert done.yields[AFRESH][0] < 100_000


@pytest.mark.parametrize("looks", [False, True])
def test_finds_are_only_measured_where_looking_into_them_has_taken_its_time(
    looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeShare, "allows", lambda _share, _seconds: looks)
    with drawing(EASY, monkeypatch) as (world, _):
        finds = [each for each in world.fuzz(world.executor(), NOTHING, 600) if isinstance(each, Found)]
    assert finds
    assert all(each.edges and each.is_checked == looks for each in finds)
