"""What stands around the lists: the pane beside them, the charts' time, progress, and what asks before it is done."""

import pytest
from textual.content import Content

from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.report import report
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.tone import plain
from fuzztui.widgets.wording import LONG_AGO, PLATEAU_WIDTH, VERY_LONG_AGO, last_find_span, progress_bar, totals_line
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, crasher, crowd, empty_snapshot, ended, snapshot, worker, workpiece

CROWD = snapshot(crashers=crowd(), hits=sum(one.hits for one in crowd()))


def beside(screen: RunScreen) -> str:
    """What the pane beside the lists says."""
    content = screen.about.content
    assert isinstance(content, Content)
    return content.plain


async def test_pane_beside_the_lists_follows_what_is_selected_the_input_before_the_traceback() -> None:
    session = FakeSession(snapshot(crashers=(*crowd(), workpiece()), hits=1))
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("tab", "j", "j")
        crasher = driver.run_screen.current()
        assert crasher is not None
        said = beside(driver.run_screen)
        assert crasher.values in said
        assert said.index("arguments") < said.index("traceback")
        await driver.press("j")
        assert beside(driver.run_screen) != said
        await driver.press("shift+tab", "j")
        assert beside(driver.run_screen).startswith("worker 1")


async def test_pane_shows_a_crasher_before_anybody_has_chosen_and_a_worker_while_there_is_none() -> None:
    async with dashboard(FakeSession(snapshot(crashers=())), size=(120, 40)) as driver:
        assert beside(driver.run_screen).startswith("worker 0")
        await driver.show(CROWD)
        assert "exit status 3" in beside(driver.run_screen)


@pytest.mark.parametrize(("size", "has_pane"), [((119, 40), False), ((120, 39), False), ((120, 40), True)])
async def test_pane_is_there_where_there_is_room(size: tuple[int, int], has_pane: bool) -> None:
    async with dashboard(FakeSession(CROWD), size=size) as driver:
        assert driver.run_screen.beside.display is has_pane
        assert ("enter: all about it" in driver.text) is has_pane


async def test_crashers_beside_the_pane_have_a_word_for_their_state_and_rows_that_would_look_alike_tell_apart() -> None:
    place = {"location": "yaml/constructor.py:1190", "function": "construct"}
    found = (crasher(0, message="bad digit", **place), crasher(1, message="no digit", **place),
             crasher(2, location="yaml/reader.py:7", message="left out"))  # fmt: skip
    async with dashboard(FakeSession(snapshot(crashers=found)), size=(120, 40)) as driver:
        await driver.press("tab")
        left = [line.partition("││")[0] for line in driver.lines]
        rows = [line for line in left if ".py:" in line]
        assert all(" ● new " in row for row in rows)
        assert "no digit" in rows[1]
        assert "bad digit" in rows[2]
        assert "left out" not in rows[0], "nothing else looks like it"
        await driver.pilot.resize_terminal(120, 39)
        await driver.until(lambda: "message" in driver.text)
        assert "ValueError in const" in driver.text


async def test_bytes_beside_the_lists_have_lines_that_do_not_wrap() -> None:
    session = FakeSession(snapshot(crashers=(crasher(0, data=b"0123456789abcdef"),)))
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("tab")
        assert any("30 31 32 33 34 35 36 37" in line and "|01234567|" in line for line in driver.lines)


async def test_zoom_keys_change_the_time_of_both_charts() -> None:
    async with dashboard(FakeSession(snapshot(elapsed=2000.0))) as driver:
        seen = []
        for _ in range(6):
            seen.append(next(line for line in driver.lines if "╰" in line).split("─╯")[0].split("─ ")[-1].strip())
            await driver.press("z")
        assert seen == [
            "whole run", "last hour", "last 15 minutes", "last 4 minutes", "last minute", "last minute"
        ]  # fmt: skip
        await driver.press("Z", "Z")
        assert "last 15 minutes" in driver.text


async def test_last_worker_is_stopped_only_when_that_is_confirmed() -> None:
    rows = (worker(0), worker(1, WorkerState.STOPPED))
    async with dashboard(FakeSession(snapshot(workers=rows))) as driver:
        await driver.press("s")
        assert isinstance(driver.app.screen, QuitScreen)
        assert "Stop the last worker?" in driver.text
        assert "y or enter stop and show" in driver.text
        await driver.press("escape")
        assert driver.session.commands == []
        await driver.press("s", "enter")
        assert driver.session.commands == [("stop_worker", 0)]


def test_baseline_and_loading_are_shown_as_progress() -> None:
    loading = empty_snapshot(elapsed=26.0)
    assert "loading the target, 26s" in plain(totals_line(loading, 100))
    baseline = snapshot(phase=Phase.BASELINE, baseline_done=48, baseline_total=192)
    said = plain(totals_line(baseline, 100))
    assert "48 of 192" in said
    assert said.count("━") == 30 * 48 // 192


@pytest.mark.parametrize(("done", "total", "filled"), [(0, 0, 0), (0, 5, 0), (5, 5, 10), (9, 5, 10), (1, 3, 3)])
def test_bar_is_as_full_as_the_work_is_done_and_never_longer(done: int, total: int, filled: int) -> None:
    bar = "".join(text for text, _ in progress_bar(done, total, 10))
    assert len(bar) == 10
    assert bar.count("━") == filled


def test_last_find_changes_its_colour_with_its_age_and_says_in_words_when_it_is_old() -> None:
    spans = [last_find_span(snapshot(last_new=age)) for age in (1.0, LONG_AGO - 1, LONG_AGO, VERY_LONG_AGO)]
    assert [tone for _, tone in spans] == ["good", "plain", "warn", "bad"]
    assert ["stuck" in words for words, _ in spans] == [False, False, True, True]


@pytest.mark.parametrize(("age", "filled"), [(0.0, 0), (LONG_AGO / 2, 5), (LONG_AGO - 1, 9), (LONG_AGO, 10), (9e9, 10)])
def test_bar_beside_the_last_find_is_full_on_a_plateau(age: float, filled: int) -> None:
    said = plain(totals_line(snapshot(last_new=age), 160))
    assert said.count("━") == filled
    assert said.count("━") + said.count("╌") == PLATEAU_WIDTH
    assert "╌" not in plain(totals_line(snapshot(last_new=age), 100)), "where there is no room the words do"
    assert "╌" not in plain(totals_line(ended(last_new=age), 160))


@pytest.mark.parametrize(
    ("refused", "words"), [(0, ""), (100, ""), (1_000, ", 10% discarded"), (9_999, ", 99% discarded")]
)
def test_share_of_executions_that_classes_refuse_stands_beside_the_rate(refused: int, words: str) -> None:
    said = plain(totals_line(snapshot(executions=10_000, refused=refused), 160))
    assert ("discarded" in said) is bool(words)
    assert words in said


@pytest.mark.parametrize("width", [58, 78, 98, 118])
def test_totals_keep_what_says_how_the_search_goes(width: int) -> None:
    said = plain(totals_line(snapshot(last_new=3599.0), width))
    assert len(said) <= width
    assert "execs" in said
    assert ("last find" in said) is (width > 58)


async def test_focus_comes_back_when_the_terminal_is_large_enough_again() -> None:
    async with dashboard(FakeSession(CROWD)) as driver:
        await driver.press("tab")
        await driver.pilot.resize_terminal(40, 8)
        await driver.until(lambda: "too small" in driver.text)
        await driver.pilot.resize_terminal(100, 30)
        await driver.until(lambda: driver.run_screen.crasher_table.has_focus)


def test_crashers_come_before_many_workers_and_after_few() -> None:
    for number, crashers_first in ((2, False), (4, False), (5, True), (32, True)):
        rows = tuple(worker(i, WorkerState.ENDED) for i in range(number))
        said = "\n".join(plain(line) for line in report(ended(workers=rows)))
        assert (said.index("Crashers:") < said.index("Workers")) is crashers_first
