"""A property test on screen: the call of what fails, decorators to copy, what the test tells of its executions."""

from dataclasses import replace

import pytest

from fuzztui.engine.show.drawn import Drawn, drawn
from fuzztui.engine.show.observed import Observed, ObservedSums
from fuzztui.engine.show.text import NOTHING, label, visible
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Done
from fuzztui.screens.sections import INPUT, Look, trace_of
from fuzztui.widgets.tone import plain
from fuzztui.words.sentences import observed_lines
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, crasher, snapshot

CALL = "Failing test case: test_total(\n    orders=[(0, False), (7741, True)],\n)\n2 of them"
EXAMPLE = "@example(orders=[(0, False), (7741, True)])"
REPRODUCE = "@reproduce_failure('6.170.17', b'AAEB')"
TRACE = 'Traceback (most recent call last):\n  File "test_it.py", line 3, in test_total\n    assert n\nAssertionError'
WHOLE = f"{TRACE}\n\n{CALL}\n{EXAMPLE}\n{REPRODUCE}\n"
CHOICES = b"fuzztui choices v1\nseed 0\nTrue\n"

FAILED = crasher(1, data=CHOICES, traceback=visible(WHOLE, 10_000, multiline=True))
"""A crasher of a property test."""


def test_call_and_decorators_are_told_apart_from_the_traceback() -> None:
    assert drawn(visible(WHOLE, 10_000, multiline=True)) == Drawn(TRACE, CALL, EXAMPLE, REPRODUCE)  # type: ignore[arg-type]
    older = WHOLE.replace("Failing test case:", "Falsifying example:").replace(EXAMPLE + "\n", "")
    found = drawn(visible(older, 10_000, multiline=True))
    assert found is not None
    assert (found.example, found.reproduce) == ("", REPRODUCE)
    assert drawn(visible(TRACE, 10_000, multiline=True)) is None
    assert crasher(2, traceback=FAILED.failure.traceback).drawn is None, "of another target these are a target's words"


def test_page_has_the_call_as_a_part_of_its_own() -> None:
    section = INPUT["call"](FAILED, Look(0.0, None))
    assert section is not None
    assert section.text.plain.split("\n") == [*CALL.split("\n"), EXAMPLE, REPRODUCE]
    assert "\n".join(map(plain, trace_of(FAILED).lines)) == TRACE
    assert INPUT["call"](crasher(3), Look(0.0, None)) is None


async def test_decorators_are_copied_by_their_keys() -> None:
    session = FakeSession(snapshot(crashers=(FAILED,)))
    async with dashboard(session, (120, 40)) as driver:
        await driver.press("tab", "enter", "y")
        assert "@reproduce_failure that has the test fail" in driver.text
        await driver.press("e")
        assert driver.app.clipboard == EXAMPLE
        await driver.press("y", "r")
        assert driver.app.clipboard == REPRODUCE


async def test_other_targets_have_no_such_keys() -> None:
    async with dashboard(FakeSession(snapshot(crashers=(crasher(1),))), (120, 40)) as driver:
        await driver.press("tab", "enter", "y")
        assert "Copy what" in driver.text
        assert "@example" not in driver.text


def test_what_workers_tell_is_added_up() -> None:
    sums = ObservedSums()
    sums.add(Done(10, events={"few": 3, "\x1b[0m": 1}, scores={"": 1.5}))
    sums.add(Done(10, events={"few": 4}, scores={"": -2.0, "size": 7.0}))
    with pytest.raises(ProtocolError):
        sums.add(Done(1, events={"lost": 1}, scores={"size": float("inf")}))
    found = sums.observed
    assert found == (
        Observed(NOTHING, None, 1.5),
        Observed(label("size"), None, 7.0),
        Observed(label("few"), 7, None),
        Observed(visible("\x1b[0m"), 1, None),
    )
    assert observed_lines(found, 28) == [
        "score: 1.5 at best",
        "score size: 7 at best",
        "event few: 25% of the executions",
        "event \\x1b[0m: 3.57% of the executions",
    ]


async def test_costs_show_what_the_test_tells() -> None:
    told = (Observed(label("size"), None, 7.0), Observed(label("few"), 250, None))
    shown = replace(snapshot(), observed=told, executions=1_000)
    async with dashboard(FakeSession(shown), (80, 24)) as driver:
        await driver.press("5")
        screen = "\n".join(driver.lines)
        assert "1 event, 1 score" in screen
        assert "score size" in screen
        assert "25% of the executions" in screen
    async with dashboard(FakeSession(snapshot()), (80, 24)) as driver:
        await driver.press("5")
        assert "told by the test" not in "\n".join(driver.lines)
