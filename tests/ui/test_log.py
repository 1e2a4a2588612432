"""The log: what happened stands there with its time, what is old is dropped and counted, and one can find things."""

import re
from dataclasses import replace

from fuzztui.engine.show.events import CrasherFound, Ended, PhaseChanged, Stats, Warned, WorkerEnded, WorkerStarted
from fuzztui.engine.show.log import Log, LogKind, finds_between, words_of
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label, visible
from fuzztui.screens.log import LogScreen
from fuzztui.screens.run import RunScreen
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import crasher, outcome, snapshot, worker


def words(log: Log) -> list[str]:
    return [str(line.words) for line in log.lines]


def test_memory_is_bounded_and_what_is_dropped_is_counted() -> None:
    log = Log(most=3)
    for i in range(10):
        log.note(float(i), LogKind.RUN, visible(f"line {i}"))
    assert words(log) == ["line 7", "line 8", "line 9"]
    assert (log.dropped, log.count) == (7, 10)
    assert [line.number for line in log.lines] == [7, 8, 9]


def test_every_rare_event_has_a_line_with_its_time_and_figures_have_none() -> None:
    log = Log()
    for event in (
        PhaseChanged(0.5, Phase.FUZZING),
        WorkerStarted(1.0, 3, 4711, 2, 48_000_000),
        CrasherFound(2.0, replace(crasher(0), path=None)),
        Warned(3.0, label("the disk is slow")),
        WorkerEnded(4.0, 3, label("SIGKILL"), label("out of memory"), 0.25, is_orderly=False),
        Stats(5.0, snapshot()),
        Ended(6.0, outcome(StopReason.USER), 1, (), ()),
    ):
        log.take(event)
    assert [line.elapsed for line in log.lines] == [0.5, 1.0, 2.0, 3.0, 4.0, 6.0]
    assert words(log)[0] == "fuzzing"
    assert words(log)[1] == "worker 3 is ready: process 4711, 48.0 MB, restart 2"
    assert words(log)[2].startswith("worker 0: crasher: ValueError in py_scanstring at ")
    assert words(log)[2].endswith("chr() arg not in range(0x110000) (could NOT be saved)")
    assert words(log)[4] == "worker 3 ended in 250 ms (SIGKILL): out of memory"
    assert words(log)[5] == "ended, stopped by you"
    assert words_of(Stats(0.0, snapshot())) is None


def test_finds_between_two_snapshots_make_one_line_that_says_whose_they_are() -> None:
    before = snapshot(workers=(worker(0, found=5), worker(1, found=7)), corpus_new=12, edges=200)
    now = snapshot(workers=(worker(0, found=8), worker(1, found=7)), corpus_new=15, edges=201)
    assert finds_between(before, now) == "3 new inputs (worker 0: 3), 1 more edge: 201"
    assert finds_between(now, now) == ""


async def fill(driver: Driver, lines: int, kind: LogKind = LogKind.WORKER) -> None:
    log = driver.app.surroundings.log
    for i in range(lines):
        log.note(float(i), kind, visible(f"line {log.count}"))
    await driver.show(driver.session.snapshot())


async def test_key_4_shows_it_and_escape_goes_back() -> None:
    async with dashboard() as driver:
        await driver.press("4")
        await driver.until_screen(LogScreen)
        await driver.press("escape")
        await driver.until_screen(RunScreen)


async def test_it_stays_at_the_newest_line_until_one_moves_up_and_again_at_the_end() -> None:
    async with dashboard() as driver:
        await driver.press("4")
        await fill(driver, 100)
        await driver.until(lambda: "line 99" in driver.text or driver.text == "")
        await driver.press("k")
        selected = driver.app.screen.table.selected  # type: ignore[attr-defined]
        await fill(driver, 50)
        last = f"line {driver.app.surroundings.log.count - 1}"
        assert last not in driver.text
        assert driver.app.screen.table.selected == selected  # type: ignore[attr-defined]
        await driver.press("G")
        await fill(driver, 50)
        await driver.until(lambda: f"line {driver.app.surroundings.log.count - 1}" in driver.text)


async def test_what_is_read_stays_in_place_while_old_lines_are_dropped() -> None:
    log = Log(most=100)
    async with dashboard() as driver:
        screen = LogScreen(driver.session, log)
        for i in range(100):
            log.note(0.0, LogKind.RUN, visible(f"line {i}"))
        driver.app.push_screen(screen)
        await driver.until(lambda: "line 99" in driver.text)
        await driver.press("k", "pageup", "pageup")
        await driver.pilot.pause()
        shown = re.findall(r" line \d+", driver.text)
        for i in range(10):
            log.note(0.0, LogKind.RUN, visible(f"line {100 + i}"))
        await driver.show(driver.session.snapshot())
        await driver.until(lambda: "10 older lines dropped" in driver.text)
        assert re.findall(r" line \d+", driver.text) == shown


async def test_words_and_kinds_choose_lines_and_escape_takes_that_back() -> None:
    async with dashboard() as driver:
        log = driver.app.surroundings.log
        log.note(1.0, LogKind.WARNING, label("the disk is slow"))
        log.note(2.0, LogKind.WORKER, label("worker 1 is ready"))
        await driver.press("4", "slash", *"DISK")
        await driver.press("enter")
        assert "the disk is slow" in driver.text
        assert "worker 1 is ready" not in driver.text
        await driver.press("escape")
        assert "worker 1 is ready" in driver.text
        while "worker only" not in driver.text:
            await driver.press("o")
        assert "the disk is slow" not in driver.text
        await driver.press("escape")
        assert "the disk is slow" in driver.text


async def test_what_was_pressed_and_what_toasts_said_is_there_with_what_it_was_for() -> None:
    async with dashboard(notifications=True) as driver:
        await driver.press("j", "p")
        await driver.press("K")
        await driver.press("4")
        log = words(driver.app.surroundings.log)
        assert "p pause: worker 1" in log
        assert "The next new crasher ends the run." in log
        assert not any("Down" in line or "Select" in line for line in log), "moving about is no deed"
        assert "p pause: worker 1" in driver.text


async def test_the_selected_line_is_shown_in_full_below() -> None:
    async with dashboard() as driver:
        driver.app.surroundings.log.note(1.0, LogKind.WARNING, visible("first\nsecond line\nthird", multiline=True))
        await driver.press("4")
        assert "first second line third" in driver.text
        assert any(line.strip() == "second line" for line in driver.lines)


async def test_hostile_words_are_drawn_and_not_obeyed() -> None:
    async with dashboard() as driver:
        driver.app.surroundings.log.note(1.0, LogKind.MESSAGE, visible("\x1b]0;x\x07[/x]\u202e"))
        await driver.press("4")
        assert r"\x1b]0;x\x07[/x]\u202e" in driver.text
