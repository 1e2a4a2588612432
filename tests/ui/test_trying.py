"""A crasher's test is written and run by one key, in sight, beside all else, and its command can be copied."""

import signal
import threading
from pathlib import Path

import pytest

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.text import Visible, label
from fuzztui.outside.processes import Processes, StoppedError
from fuzztui.outside.tryout import CannotTryError, Test
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.decider import Exported
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.trying import Trying
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, crasher, snapshot
from tests.ui.test_deciding import MemoryDecider


class Exporting(MemoryDecider):
    """Has written a test of any crasher."""

    def export(self, crasher: Crasher) -> Exported:
        return Exported(Test(Path.cwd() / "tests" / "test_it.py", "test_that", crasher.failure), label("written"))


class Scripted:
    """A test that runs until it is told to end."""

    def __init__(self) -> None:
        self.ends = threading.Semaphore(0)
        self.failure: Exception | None = None
        self.answer = label("failed as it should")
        self.ran: list[Test] = []

    def __call__(self, test: Test, processes: Processes) -> Visible:
        self.ran.append(test)
        while not self.ends.acquire(timeout=0.01):
            processes.check()
        if self.failure is not None:
            raise self.failure
        return self.answer


@pytest.fixture
def run() -> Scripted:
    return Scripted()


def trying(driver: Driver, run: Scripted) -> Trying:
    one = driver.app.surroundings.desk.trying = Trying(run)
    return one


def found() -> FakeSession:
    return FakeSession(snapshot(crashers=(crasher(0),)))


async def test_it_is_run_in_sight_and_what_comes_of_it_stands_on_the_page(run: Scripted) -> None:
    async with dashboard(found(), (120, 40), notifications=True, decider=Exporting()) as driver:
        one = trying(driver, run)
        await driver.press("tab", "enter")
        await driver.until_screen(CrasherScreen)
        await driver.press("x")
        await driver.until(lambda: "▷ tests/test_it.py::test_that: pytest runs it" in driver.text)
        assert "$ pytest tests/test_it.py::test_that" in driver.text
        await driver.press("question_mark")
        await driver.until_screen(HelpScreen)
        run.ends.release()
        await driver.until(lambda: not one.is_running)
        await driver.until(lambda: "failed as it should (tests/test_it.py::test_that)" in driver.text)
        await driver.press("escape")
        await driver.until(lambda: "▷" not in driver.text)
        assert any(line.strip("│ ").startswith("failed as it should") for line in driver.lines)
        run.answer = label("passed: fixed")
        run.ends.release()
        await driver.press("x")
        await driver.until(lambda: any("passed: fixed" in line and "::" not in line for line in driver.lines))
    assert len(run.ran) == 2


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (CannotTryError(label("pytest is not installed")), "pytest is not installed"),
        (ZeroDivisionError("wrong"), "ZeroDivisionError: wrong"),
    ],
)
async def test_why_it_was_not_run_is_said(run: Scripted, failure: Exception, words: str) -> None:
    run.failure = failure
    run.ends.release()
    async with dashboard(found(), (120, 40), notifications=True, decider=Exporting()) as driver:
        trying(driver, run)
        await driver.press("tab", "x")
        await driver.until(lambda: f"not run: {words}" in driver.text or f"not run: it failed: {words}" in driver.text)


async def test_the_same_key_stops_it_and_leaving_does(run: Scripted) -> None:
    async with dashboard(found(), (120, 40), notifications=True, decider=Exporting()) as driver:
        one = trying(driver, run)
        await driver.press("tab", "x")
        await driver.until(lambda: bool(run.ran))
        await driver.press("x")
        await driver.until(lambda: not one.is_running)
        await driver.until(lambda: "stopped" in driver.text)
        await driver.press("x")
        await driver.until(lambda: len(run.ran) == 2)
    one.close()
    assert not one.is_running


async def test_its_command_is_copied_once_there_is_one(run: Scripted) -> None:
    async with dashboard(found(), (120, 40), notifications=True, decider=Exporting()) as driver:
        trying(driver, run)
        await driver.press("tab", "y", "p", "escape")
        assert driver.app.clipboard == ""
        run.ends.release()
        await driver.press("x", "y", "p")
        assert driver.app.clipboard == "pytest tests/test_it.py::test_that"


async def test_what_cannot_be_written_is_not_run(run: Scripted) -> None:
    async with dashboard(found(), (120, 40), notifications=True, decider=MemoryDecider()) as driver:
        one = trying(driver, run)
        await driver.press("tab", "x")
        await driver.until(lambda: "No test here." in driver.text)
        assert not one.is_running


def test_a_stop_is_no_answer() -> None:
    told: list[tuple[Visible, bool]] = []
    done = threading.Event()

    def answered(crasher: str, words: Visible, *, is_answer: bool) -> None:
        told.append((words, is_answer))
        done.set()

    def stopped(test: Test, processes: Processes) -> Visible:
        raise StoppedError(signal.SIGTERM)

    one = Trying(stopped)
    one.start("a", Test(Path("x.py"), "test_x", crasher(0).failure), answered)
    assert done.wait(60)
    one.close()
    assert told == [(label("stopped"), False)]
    assert one.results == {"a": label("stopped")}
