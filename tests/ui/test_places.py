"""Every place is one key away from everywhere, says where it is, and is found again as it was left."""

from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from textual.screen import Screen

from fuzztui.app import FuzzApp
from fuzztui.screens.costs import CostsScreen, YieldTable
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.places import PLACES
from fuzztui.screens.run import CrasherTable, RunScreen
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.signpost import SignpostLine
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, ended, profiled, snapshot

PROFILED = snapshot(workers=profiled(2))


def screens() -> dict[str, type[Screen[None]]]:
    """The class of each place's screen, by its key."""
    app = FuzzApp(FakeSession())
    return {place.key: type(place.build(app.surroundings)) for place in PLACES}


def here(driver: Driver) -> list[str]:
    """The places that are marked as the one in front."""
    line = driver.app.screen.query_one(SignpostLine)
    return [post.name for post in line.posts if post.is_here]


def walk(places: Sequence[str]) -> list[str]:
    """Places in an order in which each comes directly after each, itself too."""
    steps: list[str] = []
    for i, place in enumerate(places):
        steps += [place, place]
        for other in places[i + 1 :]:
            steps += [other, place]
    return steps


async def test_each_key_goes_to_its_place_from_every_other_and_escape_goes_back_to_the_run() -> None:
    classes = screens()
    names = {place.key: place.name for place in PLACES}
    steps = walk([*classes])
    assert set(pairwise(steps)) == set(product(classes, classes))
    async with dashboard(FakeSession(PROFILED)) as driver:
        for key in steps:
            await driver.press(key)
            assert isinstance(driver.app.screen, classes[key])
            assert here(driver) == [names[key]]
            assert len(driver.app.screen_stack) == (2 if classes[key] is RunScreen else 3)
        for key, screen in classes.items():
            await driver.press(key, *([] if screen is RunScreen else ["escape"]))
            assert isinstance(driver.app.screen, RunScreen)
            assert here(driver) == ["run"]


async def test_from_a_page_of_one_thing_too_and_its_line_shows_the_place_below() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("tab", "enter")
        await driver.until_screen(CrasherScreen)
        assert here(driver) == ["run"]
        await driver.press("5")
        await driver.until_screen(CostsScreen)
        await driver.press("escape")
        await driver.until_screen(RunScreen)
        await driver.press("enter")
        await driver.until_screen(CrasherScreen)
        await driver.press("1")
        await driver.until_screen(RunScreen)


async def test_what_is_selected_at_a_place_is_found_again() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("tab", "j", "5", "tab", "j", "j")
        chosen = driver.app.screen.query_one(YieldTable).selected
        for keys in (("1", "5"), ("escape", "6", "5")):
            await driver.press(*keys)
            table = driver.app.screen.query_one(YieldTable)
            assert table.has_focus
            assert table.selected == chosen
        second = driver.run_screen.crasher_table.selected
        await driver.press("1")
        assert driver.run_screen.crasher_table.has_focus
        assert driver.run_screen.crasher_table.selected == second


async def test_a_place_left_at_one_size_is_right_at_another() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("5", "1")
        await driver.pilot.resize_terminal(60, 15)
        await driver.press("5")
        await driver.until(lambda: len(driver.lines) == 15)
        assert max(map(len, driver.lines)) <= 60
        assert "esc back" in driver.lines[-1]


async def test_a_place_shows_the_newest_figures_when_one_comes_back() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("5", "1")
        await driver.show(snapshot(workers=profiled(2), elapsed=900.0))
        await driver.press("5")
        await driver.until(lambda: "00:15:00" in driver.text)


async def test_places_can_be_clicked() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.pilot.click(SignpostLine, offset=(driver.lines[-2].index("5 costs") - 1, 0))
        await driver.until_screen(CostsScreen)
        await driver.pilot.click(SignpostLine, offset=(driver.lines[-2].index("1 run") - 1, 0))
        await driver.until_screen(RunScreen)


async def test_places_are_in_palette_and_help() -> None:
    async with dashboard(FakeSession(PROFILED), size=(120, 60)) as driver:
        titles = [command.title for command in driver.app.get_system_commands(driver.app.screen)]
        assert [place.tooltip.rstrip(".") for place in PLACES if place.tooltip.rstrip(".") not in titles] == []
        await driver.press("question_mark")
        await driver.until_screen(HelpScreen)
        assert [place.tooltip for place in PLACES if place.tooltip not in driver.text] == []


async def test_number_that_is_typed_goes_nowhere() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        await driver.press("tab", "slash", "5")
        assert isinstance(driver.app.screen, RunScreen)
        assert driver.app.screen.query_one(Entry).value == "5"
        assert driver.app.screen.query_one(CrasherTable).display


async def test_from_the_result_a_place_leads_back_to_the_result() -> None:
    async with dashboard(FakeSession(PROFILED)) as driver:
        driver.session.finish(ended(workers=profiled(2)))
        await driver.until_screen(FinalScreen)
        await driver.press("5", "6", "5")
        await driver.until_screen(CostsScreen)
        await driver.press("escape")
        await driver.until_screen(FinalScreen)
        await driver.press("1")
        await driver.until_screen(RunScreen)


def test_keys_and_names_of_places_are_their_own() -> None:
    assert len({place.key for place in PLACES}) == len({place.name for place in PLACES}) == len(PLACES)
    assert [place.key for place in PLACES] == sorted(place.key for place in PLACES)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
@pytest.mark.mostly_soak(2)
async def test_line_is_in_sight_at_every_size(size: tuple[int, int]) -> None:
    async with dashboard(FakeSession(PROFILED), size=size) as driver:
        for key in ("1", "5", "6"):
            await driver.press(key)
            assert all(f"{place.key} {place.name}" in driver.lines[-2] for place in PLACES), driver.lines[-2]
