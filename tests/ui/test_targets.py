"""The dashboard of a run that has several targets: all of them in a list, and each with its own places."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from fuzztui.engine.show.events import Ended, OfTarget, Steered, Warned
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.sharing import together
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.target_row import TargetRow, TargetState
from fuzztui.engine.show.text import label
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.log import LogScreen
from fuzztui.screens.node import NodeScreen
from fuzztui.screens.nodes import NodesScreen
from fuzztui.screens.places import PLACES
from fuzztui.screens.targets import ORDERS, TargetRunScreen, TargetsScreen
from fuzztui.targets_app import TargetsApp
from fuzztui.widgets.signpost import SignpostLine
from tests.support import DEADLINE
from tests.ui.driving import Driver
from tests.ui.fake_targets import FakeSeveral, many, row, whole
from tests.ui.fakes import crasher, ended, outcome
from tests.ui.shared import SHARING

SIZES = [(60, 15), (80, 24), (120, 40)]


@asynccontextmanager
async def shown(*rows: TargetRow, size: tuple[int, int] = (100, 30)) -> AsyncIterator[tuple[Driver, FakeSeveral]]:
    session = FakeSeveral(whole(*rows))
    app = TargetsApp(session)
    app.NOTIFICATION_TIMEOUT = DEADLINE  # type: ignore[misc]  # a slow machine must not miss them
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            yield Driver(app, session, pilot), session
    finally:
        if not session.returned:
            session.finish()


@pytest.mark.parametrize("number", [1, 3, 75])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.mostly_soak(4)
async def test_the_list_is_clear_at_every_size(number: int, size: tuple[int, int]) -> None:
    async with shown(*many(number), size=size) as (driver, _):
        text = driver.text
        assert f"targets: {number}, {min(number, 2)} at work" in text
        assert "fuzz_00.py::fuzz_target" in text
        assert "● fuzzing" in text
        assert all(len(line) <= size[0] for line in driver.lines)
        assert "q quit" in text
        assert f"{number} targets" in driver.lines[0]


async def test_enter_opens_a_target_with_all_its_places_and_0_and_escape_come_back() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        await driver.press("down", "enter")
        await driver.until_screen(TargetRunScreen)
        front = driver.app.screen
        assert isinstance(front, TargetRunScreen)
        assert front.session is session.parts[label("b.py::fuzz_b")]
        assert "fuzz_b" in driver.lines[0]
        for place in PLACES:
            await driver.press(place.key)
            assert getattr(driver.app.screen, "session", None) is front.session, place.name
        await driver.press("0")
        await driver.until_screen(TargetsScreen)
        await driver.press("enter")
        await driver.until_screen(TargetRunScreen)
        assert driver.app.screen is front, "a target's screens are kept"
        await driver.press("escape")
        await driver.until_screen(TargetsScreen)


async def test_what_a_target_shows_is_drawn_anew_while_it_is_looked_at() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        await driver.press("enter")
        part = session.parts[label("a.py::fuzz_a")]
        part.publish(replace(part.snapshot(), crashers=(crasher(0),), hits=1))
        await driver.show(session.snapshot())
        assert "crashers: 1 (1 hit)" in driver.text


async def test_places_of_a_target_are_offered_only_where_one_is_open() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, _):
        await driver.press("2")
        await driver.until_screen(TargetsScreen)
        assert "That is a place of one target" in driver.text
        await driver.press("4")
        assert isinstance(driver.app.screen, LogScreen)


async def test_the_log_of_all_names_targets_and_each_has_its_own() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        session.tell(OfTarget(60.0, label("b.py::fuzz_b"), Warned(1.0, label("no coverage"))))
        await driver.press("4")
        assert "b.py::fuzz_b: no coverage" in driver.text
        await driver.press("0", "enter", "4")
        assert "no coverage" not in driver.text
        await driver.press("0", "down", "enter", "4")
        assert "no coverage" in driver.text
        assert "b.py::fuzz_b: no coverage" not in driver.text


async def test_a_target_is_stopped_and_held_by_keys() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        part = session.parts[label("b.py::fuzz_b")]
        await driver.press("down", "p")
        assert ("pause",) in part.commands
        await driver.show(whole(row("a.py::fuzz_a"), row("b.py::fuzz_b", TargetState.PAUSED)))
        await driver.press("p")
        assert ("resume",) in part.commands
        await driver.press("s")
        assert ("stop", StopReason.USER) in part.commands
        assert not session.parts[label("a.py::fuzz_a")].commands
        await driver.press("space")
        assert ("pause",) in session.commands


async def test_what_has_ended_can_be_opened_and_not_be_stopped() -> None:
    async with shown(row("a.py::fuzz_a", TargetState.FAILED), row("b.py::fuzz_b")) as (driver, session):
        assert "the harness failed: no module x" in driver.text
        await driver.press("s")
        assert not session.parts[label("a.py::fuzz_a")].commands
        await driver.press("enter")
        await driver.until_screen(TargetRunScreen)


async def test_targets_are_searched_ordered_and_folded() -> None:
    rows = [row("one.py::fuzz_a"), row("one.py::fuzz_b", crashers=3), row("two.py::fuzz_c", crashers=1, new=9)]
    async with shown(*rows) as (driver, _):
        await driver.press("left")
        assert "▸ one.py (2 targets)" in driver.text
        assert "one.py::fuzz_a" not in driver.text
        await driver.press("enter")
        assert "one.py::fuzz_a" in driver.text, "enter unfolds"
        await driver.press("slash", *"fuzz_c", "enter")
        assert [line for line in driver.lines if "one.py::" in line and "fuzzing" in line] == []
        await driver.press("escape")
        for _ in range(ORDERS.index("most crashers first")):
            await driver.press("o")
        lines = [line for line in driver.lines if "::fuzz_" in line]
        assert [line.split("::")[1].split()[0] for line in lines[:3]] == ["fuzz_b", "fuzz_c", "fuzz_a"]


async def test_a_file_with_one_target_cannot_be_folded() -> None:
    async with shown(row("one.py::fuzz_a"), row("two.py::fuzz_c")) as (driver, _):
        await driver.press("left")
        assert "(2 targets)" not in driver.text
        assert "one.py::fuzz_a" in driver.text


async def test_what_was_asked_of_a_target_is_answered_wherever_one_is() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        session.tell(OfTarget(1.0, label("b.py::fuzz_b"), Steered(1.0, label("the time-out is 3 s now"))))
        await driver.until(lambda: "the time-out is 3 s now" in driver.text)


async def test_the_result_lists_the_targets_what_failed_first() -> None:
    rows = [row("a.py::fuzz_a"), row("b.py::fuzz_b", TargetState.FAILED)]
    async with shown(*rows) as (driver, session):
        whole_outcome = outcome(StopReason.TARGETS_FAILED)
        last = replace(ended(), targets=tuple(rows), outcome=whole_outcome, workers=())
        session.tell(OfTarget(1.0, label("a.py::fuzz_a"), Ended(1.0, whole_outcome, 0, (), ())))
        session.finish(last)
        await driver.until_screen(FinalScreen)
        text = driver.text
        assert text.index("b.py::fuzz_b: the harness failed: no module x") < text.index("a.py::fuzz_a: fuzzing")


async def test_the_end_takes_no_target_away_from_somebody_who_looks_at_it() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        await driver.press("enter")
        await driver.until_screen(TargetRunScreen)
        session.finish(replace(ended(), targets=session.snapshot().targets))
        await driver.until(lambda: "The run has ended: esc shows the result." in driver.text)
        assert isinstance(driver.app.screen, TargetRunScreen)
        await driver.press("escape")
        await driver.until_screen(FinalScreen)


async def test_quitting_from_a_target_ends_the_run_as_a_whole() -> None:
    async with shown(row("a.py::fuzz_a"), row("b.py::fuzz_b")) as (driver, session):
        await driver.press("enter")
        await driver.until_screen(TargetRunScreen)
        await driver.press("q", "y")
        assert ("stop", StopReason.USER) in session.commands
        assert not session.parts[label("a.py::fuzz_a")].commands
        await driver.until_screen(TargetsScreen)
        assert session.snapshot().phase is Phase.STOPPING


async def test_each_row_says_nothing_of_what_there_is_not() -> None:
    bare = replace(
        row("a.py::fuzz_a", TargetState.NOT_BEGUN), edges_total=0, edges=0, last_new=None, executions=0, corpus_new=0
    )
    async with shown(bare, row("b.py::fuzz_b")) as (driver, _):
        assert "○ not begun" in driver.text


async def test_nodes_of_all_targets_are_a_place_of_the_whole_run() -> None:
    shown = whole(*many(3), sharing=together([SHARING, SHARING]))
    session = FakeSeveral(shown)
    app = TargetsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, session, pilot)
        await driver.until_screen(TargetsScreen)
        assert "⇄ 1 other node" in driver.text
        await driver.press("7")
        await driver.until_screen(NodesScreen)
        assert "4 nodes   valkey://store.example:6379" in driver.text
        assert [post.name for post in app.screen.query_one(SignpostLine).posts] == ["targets", "log", "nodes"]
        await driver.press("j", "enter")
        await driver.until_screen(NodeScreen)
        await driver.press("s", "p")
        assert session.commands == []
        await driver.press("0")
        await driver.until_screen(TargetsScreen)
    session.finish()
