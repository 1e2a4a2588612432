"""Every list can be searched and ordered; what was typed stays, and a command goes to the row that is selected."""

import random

import pytest

from fuzztui.engine.live.wishes import SetMaxLen
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.control import SettingTable
from fuzztui.screens.costs import CostTable, YieldTable
from fuzztui.screens.coverage import SourceTable
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.bar import Bar, Part
from fuzztui.widgets.list_table import arranged
from fuzztui.widgets.table import Row, RowTable
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, profiled, snapshot, worker

MANY = tuple(
    worker(i, WorkerState.STALLED if i % 3 == 2 else WorkerState.FUZZING, executions=1000 * (i * 7 % 11), found=i % 4)
    for i in range(9)
)


def row(key: int, words: str, *ranks: object) -> Row[int]:
    bar = Bar((Part(1.0, label("secret"), "plain"),))
    return Row(key, ((label(words), "plain"), bar), ranks=ranks)


def keys(table: RowTable[int]) -> list[int]:
    return list(table._rows.keys)


def test_all_words_must_be_somewhere_in_a_row_in_any_case() -> None:
    rows = [row(0, "ValueError in scan"), row(1, "valueerror in parse"), row(2, "TypeError in scan")]
    assert [one.key for one in arranged(rows, "SCAN value", 0)] == [0]
    assert [one.key for one in arranged(rows, "error", 0)] == [0, 1, 2]
    assert [one.key for one in arranged(rows, "  ", 0)] == [0, 1, 2]
    assert arranged(rows, "secret", 0) == []


def test_rows_of_equal_rank_stay_as_they_came() -> None:
    source = random.Random(1)
    rows = [row(i, "x", i % 3, -i) for i in range(50)]
    assert [one.key for one in arranged(rows, "", 0)] == sorted(range(50), key=lambda i: i % 3)
    source.shuffle(rows)
    assert [one.key for one in arranged(rows, "", 1)] == list(range(49, -1, -1))


async def test_workers_are_searched_and_commands_go_to_the_one_that_is_selected() -> None:
    async with dashboard(FakeSession(snapshot(workers=MANY))) as driver:
        await driver.press("slash", *"stalled", "enter")
        table = driver.run_screen.worker_table
        assert keys(table) == [2, 5, 8]
        assert "/stalled: 3 of 9" in driver.text
        await driver.press("j", "s")
        assert driver.session.commands == [("stop_worker", 5)]
        await driver.press("escape")
        assert keys(table) == list(range(9))
        assert table.selected == 5


async def test_workers_are_ordered_and_the_cursor_stays_on_its_worker() -> None:
    async with dashboard(FakeSession(snapshot(workers=MANY))) as driver:
        table = driver.run_screen.worker_table
        await driver.press("j", "o")
        assert "by state" in driver.text
        assert keys(table) == [0, 1, 3, 4, 6, 7, 2, 5, 8]
        await driver.press("o")
        assert keys(table) == sorted(range(9), key=lambda i: -(i * 7 % 11))
        assert table.selected == 1


async def test_words_stay_while_one_is_elsewhere_and_new_rows_are_searched_too() -> None:
    async with dashboard(FakeSession(snapshot(workers=MANY))) as driver:
        await driver.press("slash", *"stalled", "enter", "5", "1")
        assert isinstance(driver.app.screen, RunScreen)
        await driver.show(snapshot(workers=(*MANY, worker(9, WorkerState.STALLED))))
        assert keys(driver.run_screen.worker_table) == [2, 5, 8, 9]


async def test_each_list_has_words_of_its_own() -> None:
    async with dashboard(FakeSession(snapshot(workers=MANY))) as driver:
        await driver.press("slash", *"stalled", "enter", "tab", "slash", *"scan_once", "enter")
        assert driver.run_screen.desk.words == "scan_once"
        assert keys(driver.run_screen.worker_table) == [2, 5, 8]
        await driver.press("escape")
        assert driver.run_screen.desk.words == ""
        assert keys(driver.run_screen.worker_table) == [2, 5, 8]


@pytest.mark.parametrize(("table", "focus"), [(CostTable, ()), (YieldTable, ("tab",))])
async def test_lists_of_costs_are_searched_and_ordered(table: type[RowTable[int]], focus: tuple[str, ...]) -> None:
    async with dashboard(FakeSession(snapshot(workers=profiled(3))), size=(120, 40)) as driver:
        await driver.press("5", *focus, "o")
        shown = driver.app.screen.query_one(table)
        before = keys(shown)
        await driver.press("slash", *("62%" if table is CostTable else "insert"), "enter")
        assert 0 < len(keys(shown)) < len(before)
        await driver.press("1", "5")
        assert 0 < len(keys(driver.app.screen.query_one(table))) < len(before)
        await driver.press("escape")
        assert keys(driver.app.screen.query_one(table)) == before


async def test_settings_are_searched_and_ordered_and_what_is_typed_to_change_one_searches_nothing() -> None:
    async with dashboard(FakeSession(snapshot())) as driver:
        await driver.press("c", "slash", *"worker", "enter")
        table = driver.app.screen.query_one(SettingTable)
        listed = list(table.listed)
        assert listed[0] == "workers"
        assert len(listed) < 8
        await driver.press("escape", "o")
        assert list(table.listed) == sorted(table.listed)
        assert len(table.listed) == 8
        await driver.press("g", "j", "j", "enter", *"4096", "enter")
        assert ("steer", SetMaxLen(4096)) in driver.session.commands
        assert len(table.listed) == 8
        await driver.press("escape")
        assert isinstance(driver.app.screen, RunScreen)


async def test_source_is_searched_and_ordered_and_gaps_are_sought_among_what_is_listed() -> None:
    async with dashboard(FakeSession(), size=(120, 40)) as driver:
        await driver.press("2")
        await driver.until(lambda: "ini.py" in driver.text)
        await driver.press("j", "enter")
        source = driver.app.screen.query_one(SourceTable)
        await driver.until(lambda: len(source.listed) > 3)
        whole = list(source.listed)
        await driver.press("slash", *"return", "enter")
        assert 0 < len(source.listed) < len(whole)
        assert f"/return: {len(source.listed)} of {len(whole)}" in driver.text
        await driver.press("n")
        assert source.selected in source.listed
        await driver.press("escape")
        assert list(source.listed) == whole
        await driver.press("o")
        assert "most inputs first" in driver.text
        assert sorted(source.listed) == whole
        assert list(source.listed) != whole


async def test_what_nothing_has_is_said_with_the_way_back() -> None:
    async with dashboard(FakeSession(snapshot(workers=MANY))) as driver:
        await driver.press("slash", *"xyz", "enter")
        assert "none of 9 has xyz; esc lists all" in driver.text
        await driver.press("s")
        assert driver.session.commands == []


async def test_markup_in_what_is_typed_is_shown_as_it_is() -> None:
    async with dashboard(FakeSession(snapshot(workers=MANY))) as driver:
        await driver.press("slash", "left_square_bracket", "slash", "x", "right_square_bracket", "enter")
        await driver.until(lambda: said(driver))


def said(driver: Driver) -> bool:
    return "/[/x]: 0 of 9" in driver.text
