"""Leaving: nobody is cut off, nothing is left running, and the final status appears when it is true."""

import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.content import Content

from fuzztui.app import FuzzApp
from fuzztui.dashboard import run_dashboard
from fuzztui.engine.show.events import WorkerEnded
from fuzztui.engine.show.exit_status import FAILED, UNSAVED, of_both
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.costs import CostsScreen
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.run import RunScreen
from fuzztui.settings import Settings
from fuzztui.widgets.wrapped import Wrapped
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import OPTIONS, FakeSession, crasher, ended, outcome, snapshot, worker

STOPPED = ("stop", StopReason.USER)


async def test_quit_asks_while_workers_run_and_takes_no_for_an_answer() -> None:
    async with dashboard() as driver:
        await driver.press("q")
        assert isinstance(driver.app.screen, QuitScreen)
        assert "2 workers are still running" in driver.text
        await driver.press("n")
        assert isinstance(driver.app.screen, RunScreen)
        await driver.press("q", "escape")
        assert driver.session.commands == []


@pytest.mark.parametrize("answer", ["y", "enter", "q"])
@pytest.mark.mostly_soak(2)
async def test_final_status_appears_when_and_only_when_the_run_has_ended(answer: str) -> None:
    async with dashboard() as driver:
        await driver.press("q", answer)
        assert driver.session.commands == [STOPPED]
        await driver.show(snapshot(phase=Phase.STOPPING, workers=(worker(0, WorkerState.STOPPING, detail="0.4 s"),)))
        assert isinstance(driver.app.screen, RunScreen)
        assert "still ending: worker 0 (stopping 0.4 s)" in driver.text
        driver.session.finish(ended(StopReason.USER))
        await driver.until_screen(FinalScreen)
        assert "Stopped by you" in driver.text
        assert "19 hits received = 2 stored + 17 duplicates" in driver.text
        assert "SIGKILL in 1.2 s" in driver.text
        assert driver.app.is_running
        await driver.press("q")
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.return_value == outcome(StopReason.USER)
    assert driver.app.return_code == 1


async def test_run_that_ends_by_itself_shows_its_final_status_until_somebody_leaves() -> None:
    async with dashboard() as driver:
        driver.session.finish(ended(StopReason.TIME_LIMIT, outcome=outcome(exit_code=0)))
        await driver.until_screen(FinalScreen)
        assert "Time limit reached" in driver.text
        await driver.press("j", "k", "G", "x")
        assert driver.app.is_running
        await driver.press("enter")
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.return_code == 0
    assert driver.session.commands == []


async def test_second_quit_forces_and_leaves_when_the_engine_has_ended() -> None:
    async with dashboard() as driver:
        await driver.press("q", "y")
        await driver.show(snapshot(phase=Phase.STOPPING))
        await driver.press("q")
        assert driver.session.commands == [STOPPED, ("force_stop",)]
        assert driver.app.is_running
        driver.session.finish(ended(StopReason.USER))
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.return_value == outcome(StopReason.USER)


async def test_ctrl_c_goes_the_same_way_as_quit() -> None:
    async with dashboard() as driver:
        await driver.press("ctrl+c")
        assert isinstance(driver.app.screen, QuitScreen)
        await driver.press("ctrl+c")
        assert driver.session.commands == [STOPPED]
        await driver.press("ctrl+c")
        assert driver.session.commands == [STOPPED, ("force_stop",)]
        driver.session.finish(ended(StopReason.USER))
        await driver.until(lambda: not driver.app.is_running)


async def test_quit_does_not_ask_when_no_worker_runs() -> None:
    gone = (worker(0, WorkerState.GAVE_UP), worker(1, WorkerState.STOPPED))
    async with dashboard(FakeSession(snapshot(workers=gone))) as driver:
        await driver.press("q")
        assert driver.session.commands == [STOPPED]


async def test_question_goes_away_when_the_run_ends_under_it() -> None:
    async with dashboard() as driver:
        await driver.press("q")
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        assert driver.session.commands == []


async def test_end_takes_no_screen_away_from_somebody_who_reads() -> None:
    async with dashboard() as driver:
        await driver.press("tab", "enter")
        driver.session.finish()
        await driver.until(lambda: "ENDED" in driver.text)
        assert isinstance(driver.app.screen, CrasherScreen)
        await driver.press("escape")
        await driver.until_screen(FinalScreen)


async def test_quit_from_another_screen_after_the_end_shows_the_final_status_first() -> None:
    async with dashboard() as driver:
        await driver.press("tab", "enter")
        driver.session.finish()
        await driver.until(lambda: "ENDED" in driver.text)
        await driver.press("q")
        await driver.until_screen(FinalScreen)
        await driver.press("enter")
        await driver.until(lambda: not driver.app.is_running)


async def test_end_is_told_to_somebody_who_reads_another_screen() -> None:
    async with dashboard(notifications=True) as driver:
        await driver.press("tab", "enter")
        driver.session.finish()
        await driver.until(lambda: "The run has ended: esc shows the result" in driver.text)
        assert isinstance(driver.app.screen, CrasherScreen)


async def test_escape_goes_from_the_final_status_to_the_dashboard_and_d_back() -> None:
    async with dashboard() as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        await driver.press("escape")
        assert isinstance(driver.app.screen, RunScreen)
        assert "d result" in driver.lines[-1]
        await driver.press("escape")
        assert driver.app.is_running
        await driver.press("d")
        assert isinstance(driver.app.screen, FinalScreen)
        assert "Time limit reached" in driver.text


async def test_dashboard_of_an_ended_run_offers_only_what_works() -> None:
    async with dashboard(size=(80, 24)) as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        await driver.press("d")
        assert driver.lines[-1].split("  ") == [" enter open", "d result", "/ search", "o order", "? help", "q quit"]
        await driver.press("question_mark")
        offered = driver.text
        for _ in range(4):
            await driver.press("space")
            offered += driver.text
        assert "Stop the selected worker" not in offered
        assert "Show again how the run ended" in offered
        await driver.press("escape", "5")
        assert isinstance(driver.app.screen, CostsScreen)
        await driver.press("escape", "d")
        assert isinstance(driver.app.screen, FinalScreen)


async def test_result_is_offered_only_when_there_is_one() -> None:
    async with dashboard() as driver:
        assert "result" not in driver.lines[-1]
        await driver.press("d")
        assert isinstance(driver.app.screen, RunScreen)


async def test_final_status_has_its_full_width_in_its_first_frame() -> None:
    async with dashboard(size=(80, 24)) as driver:
        await driver.press("tab", "enter")
        driver.session.finish()
        await driver.until(lambda: "ENDED" in driver.text)
        frames: list[str] = []
        render = Wrapped.render

        def noted(self: Wrapped) -> Content:
            frames.append(render(self).plain)
            return render(self)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Wrapped, "render", noted)
            await driver.press("escape")
            await driver.until_screen(FinalScreen)
        assert {frame.splitlines()[0] for frame in frames} == {
            "■ Time limit reached  examples/fuzz_json.py::fuzz_json, exit code 1"
        }


async def test_stop_all_asks_as_quit_does() -> None:
    async with dashboard() as driver:
        await driver.press("S")
        assert isinstance(driver.app.screen, QuitScreen)
        assert "Stop all workers? The run ends." in driver.text
        await driver.press("n")
        assert driver.session.commands == []
        await driver.press("S", "y")
        assert driver.session.commands == [STOPPED]


async def test_dashboard_can_be_read_again_after_the_end() -> None:
    async with dashboard() as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        await driver.press("d", "tab", "enter")
        assert isinstance(driver.app.screen, CrasherScreen)
        await driver.press("escape", "q")
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.return_value == outcome()


async def test_final_status_says_what_was_not_saved_and_keeps_its_bytes() -> None:
    lost = crasher(5, path=None, hits=1)
    last = ended(crashers=(lost,), outcome=outcome(exit_code=75, received=1, stored=0, duplicates=0, unsaved=1))
    async with dashboard(size=(120, 40)) as driver:
        driver.session.finish(last)
        await driver.until_screen(FinalScreen)
        assert "1 crasher could not be saved" in driver.text
        assert lost.data.hex() in driver.text
        assert "exit code 75" in driver.text


@pytest.mark.parametrize(
    "error", [ValueError("the [/x] broke"), SystemExit(3), KeyboardInterrupt()], ids=lambda error: type(error).__name__
)
async def test_engine_that_fails_ends_the_app_with_its_reason(error: BaseException) -> None:
    async with dashboard() as driver:
        driver.session.fail(error)
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.return_code == FAILED
    assert driver.app.failure is not None
    assert type(error).__name__ in driver.app.failure


async def test_exception_in_the_app_stops_the_engine() -> None:
    session = FakeSession()
    app = FuzzApp(session)

    def fail() -> None:
        raise ZeroDivisionError

    async def run() -> None:
        async with app.run_test() as pilot:
            await pilot.pause()
            app.call_later(fail)
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await run()
    assert session.commands == [("stop", StopReason.INTERNAL)]
    assert app.return_code == 1
    session.finish()


def arrive(driver: Driver, number: signal.Signals) -> None:
    """A signal, as the thread of the signals tells of it."""
    thread = threading.Thread(target=driver.listener, args=(number,))
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("number", "reason"), [(signal.SIGINT, StopReason.INTERRUPTED), (signal.SIGTERM, StopReason.TERMINATED)]
)
async def test_signal_stops_the_run_and_leaves_once_it_has_ended(number: signal.Signals, reason: StopReason) -> None:
    async with dashboard() as driver:
        arrive(driver, number)
        await driver.until(lambda: driver.session.commands == [("stop", reason)])
        assert driver.app.is_running
        driver.session.finish(ended(reason))
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.return_value == outcome(reason)


async def test_second_signal_forces() -> None:
    async with dashboard() as driver:
        arrive(driver, signal.SIGTERM)
        await driver.until(lambda: len(driver.session.commands) == 1)
        arrive(driver, signal.SIGTERM)
        await driver.until(lambda: ("force_stop",) in driver.session.commands)


async def test_signal_after_the_end_leaves_at_once() -> None:
    async with dashboard() as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        arrive(driver, signal.SIGTERM)
        await driver.until(lambda: not driver.app.is_running)


async def test_suspending_holds_the_workers_and_coming_back_lets_them_go_on() -> None:
    async with dashboard() as driver:
        driver.app.app_suspend_signal.publish(driver.app)
        driver.app.app_suspend_signal.publish(driver.app)
        await driver.until(lambda: driver.session.commands == [("pause",)])
        driver.app.app_resume_signal.publish(driver.app)
        await driver.until(lambda: driver.session.commands == [("pause",), ("resume",)])


async def test_suspending_a_paused_run_leaves_it_paused() -> None:
    async with dashboard(FakeSession(snapshot(is_paused=True))) as driver:
        driver.app.app_suspend_signal.publish(driver.app)
        driver.app.app_resume_signal.publish(driver.app)
        await driver.pilot.pause()
        assert driver.session.commands == []


async def test_events_after_the_app_has_left_are_refused_without_harm() -> None:
    async with dashboard() as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        await driver.press("q")
        await driver.until(lambda: not driver.app.is_running)
    driver.session.emit(WorkerEnded(1.0, 0, label("exit 0"), label("asked"), 0.1, is_orderly=True))


@pytest.mark.parametrize("keys", [["r"], ["d", "r"], ["d", "tab", "r"]])
async def test_r_on_the_result_and_on_the_ended_run_leaves_in_order_to_run_again(keys: list[str]) -> None:
    async with dashboard(runs_again=True) as driver:
        await driver.press("r")
        assert driver.app.is_running
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        assert "r runs again" in driver.lines[-1]
        await driver.press(*keys)
        await driver.until(lambda: not driver.app.is_running)
    assert driver.app.wants_again
    assert driver.app.return_code == 1


async def test_nothing_can_be_run_again_where_nobody_can_begin_another_run() -> None:
    async with dashboard() as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        assert "again" not in driver.lines[-1]
        await driver.press("r", "d", "r")
        assert "again" not in driver.lines[-1]
        assert driver.app.is_running
    assert not driver.app.wants_again


async def test_signal_that_comes_after_the_wish_to_run_again_takes_it_back() -> None:
    async with dashboard(runs_again=True) as driver:
        driver.session.finish()
        await driver.until_screen(FinalScreen)
        await driver.press("r")
        driver.listener(signal.SIGTERM)
        await driver.until(lambda: not driver.app.is_running)
    assert not driver.app.wants_again


@pytest.mark.parametrize(
    ("earlier", "later", "status"),
    [
        (0, 0, 0), (0, 1, 1), (1, 0, 1), (1, FAILED, FAILED), (FAILED, 0, FAILED), (FAILED, 1, 1),
        (1, 130, 1), (FAILED, 143, FAILED), (0, 143, 143), (UNSAVED, 1, UNSAVED), (1, UNSAVED, UNSAVED),
    ],
)  # fmt: skip
def test_no_run_hides_what_became_of_one_before(earlier: int, later: int, status: int) -> None:
    assert of_both(earlier, later) == status


def test_dashboard_runs_again_and_again_as_long_as_somebody_wants_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = iter([1, 0, 0])
    wishes = iter([True, True, False])
    shown: list[FuzzApp] = []

    def begin() -> FakeSession:
        session = FakeSession()
        session.finish(ended(outcome=outcome(exit_code=next(codes))))
        return session

    def run(app: FuzzApp) -> None:
        shown.append(app)
        app._remembered = "textual-light"  # what somebody chooses while it runs
        app._wants_again = next(wishes)

    monkeypatch.setattr(FuzzApp, "run", run)
    settings = Settings(theme="nord")
    options = replace(OPTIONS, cache_dir=tmp_path)
    assert run_dashboard(begin(), options, settings, again=begin) == 1
    assert [app.session.snapshot().outcome.exit_code for app in shown] == [1, 0, 0]  # type: ignore[union-attr]
    assert [app.theme for app in shown] == ["nord", "textual-light", "textual-light"]
    assert len({id(app.session) for app in shown}) == 3
    assert capsys.readouterr().out.count("19 hits received") == 3
