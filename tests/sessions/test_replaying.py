"""A recorded run plays in the dashboard, at any speed, and takes no commands."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from fuzztui.engine.questions.general import WorkerOutput
from fuzztui.engine.session import UnansweredError
from fuzztui.engine.show.events import CrasherFound, Ended, Event
from fuzztui.engine.show.outcome import Outcome
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.places import PLACES
from fuzztui.screens.run import RunScreen
from fuzztui.screens.worker import WorkerScreen
from fuzztui.sessions.recording import Recording, read
from fuzztui.sessions.replay_app import ReplayApp
from fuzztui.sessions.replaying import ReplaySession
from tests.sessions.test_recording import record, story
from tests.support import wait_for
from tests.ui.driving import Driver


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_read = threading.Event()

    def __call__(self) -> float:
        self.is_read.set()
        return self.now


@pytest.fixture
def recorded(tmp_path: Path) -> Recording:
    return read(record(tmp_path, story(40))[0])


class Playing:
    """A session that plays in a thread, from the time that the clock shows now."""

    def __init__(self, session: ReplaySession, clock: Clock) -> None:
        self.session = session
        self.events: list[Event] = []
        self.outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=lambda: self.outcomes.append(session.run(self.events.append)))
        self._thread.start()
        assert clock.is_read.wait(20)

    def end(self) -> None:
        self.session.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()


def test_replay_tells_the_events_in_their_order_and_never_ends_by_itself(recorded: Recording) -> None:
    clock = Clock()
    session = ReplaySession(recorded, 1.0, clock)
    playing = Playing(session, clock)
    try:
        clock.now = 3.0
        wait_for(lambda: session.snapshot().elapsed >= 3.0, "three seconds")
        assert not any(isinstance(event, CrasherFound) for event in playing.events)
        clock.now = 5.0
        wait_for(lambda: any(isinstance(event, CrasherFound) for event in playing.events), "the crasher")
        assert len(session.snapshot().crashers) == 1
        clock.now = 1000.0
        wait_for(lambda: session.snapshot().is_over, "the end")
        assert not any(isinstance(event, Ended) for event in playing.events)
    finally:
        playing.end()
    assert isinstance(playing.events[-1], Ended)
    assert playing.outcomes[0].exit_code == 0


def test_replay_can_be_held_sped_up_and_jumped_about_in(recorded: Recording) -> None:
    clock = Clock()
    session = ReplaySession(recorded, 1.0, clock)
    playing = Playing(session, clock)
    try:
        session.pause()
        clock.now = 20.0
        assert session.snapshot().is_paused
        assert "held" in session.words
        session.jump(10.0)
        assert session.snapshot().elapsed == pytest.approx(10.0, abs=1.1)
        assert len(session.snapshot().crashers) == 1
        session.jump(-9.0)
        assert session.snapshot().elapsed == pytest.approx(1.0, abs=1.1)
        assert not session.snapshot().crashers
        session.jump(-100.0)
        assert session.snapshot().elapsed == 0.0
        session.jump(1e9)
        assert session.snapshot().is_over
        assert session.is_at_end
        session.jump(-40.0)
        assert not session.snapshot().is_over
        session.change_speed(2)
        session.resume()
        assert "4x" in session.words
        before = session.snapshot().elapsed
        wait_for(lambda: not session.snapshot().is_paused, "the replay to go on")
        clock.now += 2.0
        wait_for(lambda: session.snapshot().elapsed >= before + 7.0, "eight seconds in two")
        for _ in range(30):
            session.change_speed(1)
        assert "128x" in session.words
    finally:
        playing.end()


def test_versions_only_grow(recorded: Recording) -> None:
    session = ReplaySession(recorded)
    versions = []
    for seconds in (5, -3, 30, -60, 1, 0):
        session.jump(seconds)
        versions.append(session.snapshot().version)
    assert versions == sorted(set(versions))


def test_question_that_was_not_recorded_is_not_answered(recorded: Recording) -> None:
    with pytest.raises(UnansweredError):
        ReplaySession(recorded).ask(WorkerOutput(0)).result(1)


def test_recording_that_was_cut_off_says_so_at_its_end(tmp_path: Path) -> None:
    path, _ = record(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: -len(content) // 3])
    session = ReplaySession(read(path))
    assert not session.snapshot().warnings
    session.jump(1e6)
    assert any("recording" in warning for warning in session.snapshot().warnings)


@asynccontextmanager
async def replay(recorded: Recording, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Driver]:
    session = ReplaySession(recorded, 1.0, Clock())
    app = ReplayApp(session)
    try:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield _driver(app, session, pilot)
    finally:
        session.stop()


def _driver(app: ReplayApp, session: ReplaySession, pilot: "Pilot[Outcome | None]") -> Driver:
    return Driver(app, session, pilot)  # type: ignore[arg-type]  # it takes what it needs of any session


async def test_dashboard_plays_a_recording(recorded: Recording) -> None:
    async with replay(recorded) as driver:
        await driver.until(lambda: "replay 1x  00:00:00 of 00:00:40" in driver.text)
        await driver.press("]")
        await driver.until(lambda: "00:00:10 of" in driver.text)
        assert "1 crasher" in driver.text
        await driver.press("[")
        await driver.until(lambda: "00:00:00 of" in driver.text)
        await driver.press(">", ">")
        await driver.until(lambda: "replay 4x" in driver.text)
        await driver.press("<")
        await driver.until(lambda: "replay 2x" in driver.text)
        await driver.press("space")
        await driver.until(lambda: "replay held" in driver.text)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
@pytest.mark.mostly_soak(1)
async def test_keys_that_need_an_engine_are_greyed_with_the_reason(recorded: Recording, size: tuple[int, int]) -> None:
    async with replay(recorded, size) as driver:
        await driver.press("]")
        screen = driver.run_screen
        for action in ("stop_worker", "restart_worker", "pause_worker", "stop_run", "validate", "minimize", "note"):
            assert screen.refusal(action) == "this is a replay"
            assert screen.check_action(action, ()) is None
        assert screen.check_action("pause_run", ()) is True
        before = driver.app.session.snapshot().workers
        await driver.press("s", "S", "r")
        assert driver.app.session.snapshot().workers == before
        assert isinstance(driver.app.screen, RunScreen)


async def test_screen_that_asks_the_engine_shows_what_there_is(recorded: Recording) -> None:
    async with replay(recorded) as driver:
        await driver.press("enter")
        await driver.until_screen(WorkerScreen)
        assert "worker 0" in driver.text


async def test_end_of_a_recording_shows_the_result_and_one_can_go_back(recorded: Recording) -> None:
    async with replay(recorded) as driver:
        await driver.press("}")
        await driver.until_screen(FinalScreen)
        assert "ENDED" in driver.text
        await driver.press("{")
        await driver.until_screen(RunScreen)
        assert "FUZZING" in driver.text
        await driver.press("}")
        await driver.until_screen(FinalScreen)
        await driver.press("q")
        await driver.until(lambda: driver.app.return_code is not None)
        assert driver.app.return_code == 0


@pytest.mark.parametrize("size", [(60, 15), (120, 40)])
@pytest.mark.mostly_soak(1)
async def test_every_place_can_be_visited_in_a_replay(recorded: Recording, size: tuple[int, int]) -> None:
    async with replay(recorded, size) as driver:
        await driver.press("]")
        for place in PLACES:
            await driver.press(place.key)
            await driver.until(lambda: "replay" in driver.text)
        await driver.press("1", "D", "escape", "question_mark", "escape")
        assert driver.app._exception is None
