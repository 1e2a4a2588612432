"""The screen of costs: shares that add up, in a bar that is read without colours, and yields that hold still."""

from dataclasses import replace

import pytest

from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Snapshot, Yield
from fuzztui.engine.show.text import visible
from fuzztui.screens.costs import CostsScreen, legend
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.rows import cost_rows, yield_rows
from fuzztui.screens.run import RunScreen
from fuzztui.screens.worker import WorkerScreen
from fuzztui.widgets.bar import Bar, Part, apportion
from fuzztui.widgets.tone import plain
from fuzztui.widgets.wording import COST_MEANINGS, COSTS, NONE
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, ended, profile, profiled, snapshot, worker

PROFILED = snapshot(workers=profiled(2))


def row_of(driver: Driver, first: str) -> str:
    """The line of the table whose first cell is `first`."""
    return next(line for line in driver.lines if line.strip("│▸ ").startswith(f"{first} "))


def test_cells_are_shared_by_the_largest_remainders() -> None:
    assert apportion([1, 1, 1], 10) == [4, 3, 3]
    assert apportion([98, 1, 1], 10) == [10, 0, 0]
    assert apportion([0.5, 0.25, 0.25], 4) == [2, 1, 1]
    assert apportion([0, 0], 10) == [0, 0]
    assert apportion([], 10) == []
    for width in range(40):
        assert sum(apportion([7402, 300, 2040, 1383, 288, 209, 22, 460], width)) == width


def test_bar_fills_its_width_with_the_glyphs_of_its_parts() -> None:
    bar = Bar((Part(3, visible("█"), "good"), Part(0, visible("x"), "bad"), Part(1, visible("·"), "muted")))
    assert bar.line(8) == (("██████", "good"), ("··", "muted"))
    assert plain(Bar((Part(0, visible("█"), "good"),)).line(5)) == " " * 5


def test_every_cost_has_a_glyph_of_its_own_and_a_meaning() -> None:
    glyphs = [glyph for glyph, _ in COSTS.values()]
    assert set(COSTS) == set(COST_MEANINGS) == set(Cost)
    assert len(set(glyphs)) == len(Cost)
    assert {len(glyph) for glyph in glyphs} == {1}


@pytest.mark.parametrize("width", [40, 56, 76, 156])
def test_legend_fits_its_width_and_leaves_nothing_out(width: int) -> None:
    lines = [plain(line) for line in legend(width)]
    assert all(len(line) <= width for line in lines)
    assert all(f"{COSTS[cost][0]} {cost.value}" in "\n".join(lines) for cost in Cost)


async def test_bar_and_figures_say_the_same_for_each_worker_and_for_all() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("5")
        assert isinstance(driver.app.screen, CostsScreen)
        for first, target, probes in (("all", "62%", "3%"), ("0", "61%", "2%"), ("1", "62%", "3%")):
            line = row_of(driver, first)
            bar, *figures = line.strip("│▸ ").removeprefix(first).split()
            assert figures[:2] == [target, probes]
            assert abs(bar.count("█") / len(bar) - float(target.strip("%")) / 100) < 1 / len(bar)
            assert bar.count("█") > bar.count("▓") > bar.count("▒") > bar.count("=") > 0
            assert bar.count("+") > 0
        assert "24,232" in row_of(driver, "all")


async def test_figures_stay_in_their_places_when_they_change() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("5")
        places = set()
        for target in (0.0, 7.0, 99.0, 700.0, 123_456.0):
            one = Profile(((Cost.TARGET, target), (Cost.WAITING, 10.0)))
            await driver.show(snapshot(workers=(worker(0, profile=one), worker(1, profile=profile()))))
            places.add((row_of(driver, "1").index("61%"), row_of(driver, "insert token").index("5.60M")))
        assert len(places) == 1


async def test_without_a_profile_a_sentence_says_how_to_get_one_and_yields_are_shown() -> None:
    async with dashboard() as driver:
        await driver.press("5")
        assert "Start the run with --profile" in driver.text
        assert "where the time goes" not in driver.text
        assert row_of(driver, "insert token").split()[3:6] == ["5.60M", "61", "11"]
        assert "164 finds" in driver.text
        assert driver.app.focused is not None
        assert driver.app.focused.id == "yields"
        await driver.show(PROFILED)
        assert "Start the run with --profile" not in driver.text
        assert "62%" in row_of(driver, "all")


async def test_yields_stand_by_their_finds_and_do_not_change_places_as_tries_grow() -> None:
    before = [Yield(visible("b"), 100, 1), Yield(visible("a"), 900, 1), Yield(visible("c"), 5, 7)]
    after = [Yield(visible("b"), 2000, 1), Yield(visible("a"), 901, 1), Yield(visible("c"), 6, 7)]
    assert [row.key for row in yield_rows(before)] == [row.key for row in yield_rows(after)] == ["c", "a", "b"]


async def test_unknown_shares_are_dashes() -> None:
    async with dashboard(FakeSession(snapshot(workers=(worker(0, profile=Profile(())),), yields=()))) as driver:
        await driver.press("5")
        assert row_of(driver, "all").count(NONE) == len(Cost)
        assert "nothing has been mutated yet" in driver.text


async def test_many_workers_are_scrolled_through_and_enter_opens_one() -> None:
    async with dashboard(FakeSession(snapshot(workers=profiled(64))), size=(80, 24)) as driver:
        await driver.press("5", "enter")
        assert isinstance(driver.app.screen, CostsScreen)
        assert driver.app.screen.cost_table.check_action("open", ()) is None
        await driver.press("G")
        assert row_of(driver, "63")
        await driver.press("enter")
        assert isinstance(driver.app.screen, WorkerScreen)
        await driver.press("G")
        assert "worker 63 says hello" in driver.text


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (100, 30), (160, 50)])
@pytest.mark.mostly_soak(2)
async def test_every_share_is_in_sight_at_every_size(size: tuple[int, int]) -> None:
    async with dashboard(FakeSession(PROFILED), size=size) as driver:
        await driver.press("5")
        assert row_of(driver, "all").count("%") == len(Cost)
        assert row_of(driver, "insert token").split()[3:6] == ["5.60M", "61", "11"]
        assert "esc back" in driver.lines[-1]


async def test_key_is_in_sight_at_80_columns_and_leads_there_and_back() -> None:
    async with dashboard(FakeSession(PROFILED), size=(80, 24)) as driver:
        assert "5 costs" in driver.lines[-2]
        assert "enter open" in driver.lines[-1]
        await driver.press("5")
        await driver.until_screen(CostsScreen)
        await driver.press("1")
        await driver.until_screen(RunScreen)
        await driver.press("5", "escape")
        await driver.until_screen(RunScreen)
        assert driver.session.commands == []


async def test_help_names_what_each_share_means() -> None:
    async with dashboard(FakeSession(PROFILED), size=(120, 50)) as driver:
        await driver.press("5", "question_mark")
        for cost in Cost:
            assert f"{COSTS[cost][0]} {cost.value}: {COST_MEANINGS[cost]}." in driver.text
        await driver.press("escape", "tab", "question_mark")
        assert "Where inputs come from" in driver.text


async def test_screen_stays_reachable_when_the_run_has_ended() -> None:
    last = ended(workers=profiled(2))
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("5")
        driver.session.finish(last)
        await driver.until(lambda: "ENDED" in driver.text)
        assert isinstance(driver.app.screen, CostsScreen)
        await driver.press("escape")
        await driver.until_screen(FinalScreen)
        await driver.press("5")
        assert isinstance(driver.app.screen, CostsScreen)
        assert "62%" in row_of(driver, "all")
        await driver.press("q")
        await driver.until(lambda: not driver.app.is_running)


async def test_final_status_has_the_costs_of_a_profiled_run_only() -> None:
    async def costs(last: Snapshot) -> str:
        async with dashboard(FakeSession(), size=(110, 60)) as driver:
            driver.session.finish(last)
            await driver.until_screen(FinalScreen)
            return driver.text

    shown = ended(StopReason.TIME_LIMIT, workers=profiled(2))
    with_profile, without = await costs(shown), await costs(replace(shown, workers=(worker(0),)))
    assert "time, 24,232 samples  worker 0  worker 1  all" in with_profile
    assert "insert token" in with_profile
    assert "samples" not in without
    assert "insert token" not in without


def test_rows_of_workers_without_a_profile_are_left_out() -> None:
    assert [row.key for row in cost_rows((worker(0), *profiled(3)[1:]))] == [-1, 1, 2]
    assert cost_rows((worker(0),)) == []
