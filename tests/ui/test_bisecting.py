"""A crasher is bisected by a key, in sight, beside all else, and nothing of it outlives the dashboard."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep.record import FirstBad
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.text import Visible, label, say
from fuzztui.outside.bisect import CannotBisectError, Question
from fuzztui.outside.processes import Processes, StoppedError
from fuzztui.screens.bisecting import Bisecting
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.help import HelpScreen
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, crasher, snapshot
from tests.ui.test_deciding import MemoryDecider

FOUND = FirstBad("0123456789abcdef", "2026-02-28T01:02:03+00:00", label("some\\x1bone"), label("look it up"))


class Asking(MemoryDecider):
    """Bisects with a question of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.options = RunOptions(PythonTarget(folder / "fuzz_it.py", "fuzz_it", folder), folder / ".fuzztui", 1)
        self.forgotten = 0

    def question(self, crasher: Crasher) -> Question:
        return Question(self.options, crasher.data, crasher.failure)

    def forget(self) -> None:
        self.forgotten += 1


class Scripted:
    """A search that goes on when it is told to."""

    def __init__(self) -> None:
        self.goes_on = threading.Semaphore(0)
        self.failure: Exception | None = None
        self.asked: list[Question] = []
        self.is_over = False

    def __call__(self, question: Question, tell: Callable[[Visible], None], processes: Processes) -> FirstBad:
        self.asked.append(question)
        try:
            for number in range(2):
                while not self.goes_on.acquire(timeout=0.01):
                    processes.check()
                tell(say("good  {}", number))
            if self.failure is not None:
                raise self.failure
        finally:
            self.is_over = True
        return FOUND


@pytest.fixture
def search() -> Scripted:
    return Scripted()


def bisecting(driver: Driver, search: Scripted) -> Bisecting:
    one = driver.app.surroundings.desk.bisecting = Bisecting(search)
    return one


async def test_it_is_shown_how_far_it_has_come_and_what_it_has_found(search: Scripted, tmp_path: Path) -> None:
    decider = Asking(tmp_path)
    session = FakeSession(snapshot(crashers=(crasher(0),)))
    async with dashboard(session, (120, 40), notifications=True, decider=decider) as driver:
        one = bisecting(driver, search)
        await driver.press("tab", "enter")
        await driver.until_screen(CrasherScreen)
        await driver.press("B")
        await driver.until(lambda: "bisecting" in driver.text)
        assert "asks git" in driver.text
        search.goes_on.release()
        await driver.until(lambda: "1. good  0" in driver.text)
        await driver.press("question_mark")
        await driver.until_screen(HelpScreen)
        search.goes_on.release()
        await driver.until(lambda: not one.is_running)
        await driver.until(lambda: "fails since 0123456789ab of 2026-02-28" in driver.text)
        assert decider.forgotten == 1, "what was known before is looked up again"
        await driver.press("escape")
        assert "bisecting" not in driver.text.replace("not bisecting", "")
    assert [question.data for question in search.asked] == [crasher(0).data]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (CannotBisectError(label("there is no git")), "there is no git"),
        (ZeroDivisionError("wrong"), "ZeroDivisionError: wrong"),
    ],
)
async def test_why_there_is_no_answer_is_said(search: Scripted, tmp_path: Path, failure: Exception, words: str) -> None:
    session = FakeSession(snapshot(crashers=(crasher(0),)))
    search.failure = failure
    async with dashboard(session, (120, 40), notifications=True, decider=Asking(tmp_path)) as driver:
        bisecting(driver, search)
        search.goes_on.release(2)
        await driver.press("tab", "B")
        await driver.until(lambda: words in driver.text)
        assert "not bisected" in driver.text


async def test_the_same_key_stops_it(search: Scripted, tmp_path: Path) -> None:
    session = FakeSession(snapshot(crashers=(crasher(0),)))
    async with dashboard(session, (120, 40), notifications=True, decider=Asking(tmp_path)) as driver:
        one = bisecting(driver, search)
        await driver.press("tab", "B")
        await driver.until(lambda: bool(search.asked))
        await driver.press("B")
        await driver.until(lambda: not one.is_running)
        await driver.until(lambda: "not bisected: stopped" in driver.text)


async def test_where_no_commits_can_be_asked_that_is_said(search: Scripted) -> None:
    session = FakeSession(snapshot(crashers=(crasher(0),)))
    async with dashboard(session, notifications=True, decider=MemoryDecider()) as driver:
        one = bisecting(driver, search)
        await driver.press("tab", "B")
        await driver.until(lambda: "no commits here" in driver.text)
        assert not one.is_running


def test_nothing_is_left_when_it_is_closed(search: Scripted, tmp_path: Path) -> None:
    ends: list[tuple[str, bool]] = []
    one = Bisecting(search)
    asked = Asking(tmp_path).question(crasher(0))
    one.start("a", asked, lambda: None, lambda crasher, words, *, is_answer: ends.append((words, is_answer)))
    one.close()
    assert (search.is_over, ends) == (True, [("stopped", False)])
    assert issubclass(StoppedError, Exception)
    Bisecting(search).close()
