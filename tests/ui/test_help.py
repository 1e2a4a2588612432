"""The help is searched by words, and does what it names on the screen below."""

from dataclasses import replace

import pytest
from textual.widget import Widget

from fuzztui.app import FuzzApp
from fuzztui.screens.base import Pager
from fuzztui.screens.control import ControlScreen
from fuzztui.screens.costs import CostsScreen
from fuzztui.screens.help import WORDS, DeedLine, Definition, HelpScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keynames import with_keys
from tests.support import mostly_soak
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, snapshot, worker

WORKERS = snapshot(workers=(worker(0), worker(1)))

SIZES = [(60, 15), (80, 24), (120, 40), (200, 60)]


def selected(driver: Driver) -> str | None:
    """The tooltip of what is selected in the help."""
    found = [line.deed.does for line in driver.app.screen.query(DeedLine) if line.has_class("-selected")]
    assert len(found) <= 1
    return found[0] if found else None


async def search(driver: Driver, words: str) -> None:
    await driver.press("question_mark", "slash", *("space" if letter == " " else letter for letter in words))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("STOP worker selected", "Stop the selected worker"),
        ("ctrl+l", "Draw the whole screen again"),
        ("costs", "Go to what the time"),
        ("nothing like this", ""),
    ],
)
@pytest.mark.mostly_soak(1)
async def test_only_what_bears_all_words_is_listed_and_its_first_key_is_selected(words: str, found: str) -> None:
    async with dashboard(FakeSession(WORKERS), size=(120, 40)) as driver:
        await search(driver, words)
        listed = [line for line in driver.app.screen.query(Definition) if line.display]
        assert all(line.bears(words.casefold().split()) for line in listed)
        assert (selected(driver) or "")[: len(found)] == found
        assert bool(selected(driver)) == bool(found)
        assert found in driver.text
        await driver.press("enter")
        assert isinstance(driver.app.screen, HelpScreen) == (not found), "where nothing is found, nothing is done"


async def test_words_taken_back_list_all_again_and_select_nothing() -> None:
    async with dashboard(FakeSession(WORKERS)) as driver:
        await search(driver, "no")
        await driver.press("backspace", "backspace")
        assert all(line.display for line in driver.app.screen.query(Definition))
        assert selected(driver) is None
        await driver.press("enter")
        assert isinstance(driver.app.screen, RunScreen)
        assert driver.session.commands == []


async def test_enter_does_what_was_searched_for_where_the_cursor_was() -> None:
    async with dashboard(FakeSession(WORKERS)) as driver:
        await driver.press("j")
        await search(driver, "stop selected worker")
        assert driver.session.commands == []
        await driver.press("enter")
        assert isinstance(driver.app.screen, RunScreen)
        assert driver.session.commands == [("stop_worker", 1)]


@pytest.mark.parametrize(
    ("words", "screen"),
    [("costs", CostsScreen), ("stop the run and show", QuitScreen), ("show settings", ControlScreen)],
)
@pytest.mark.mostly_soak(1)
async def test_enter_goes_where_the_key_goes(words: str, screen: type) -> None:
    async with dashboard(FakeSession(WORKERS)) as driver:
        await search(driver, words)
        await driver.press("enter")
        await driver.until_screen(screen)
        await driver.press("escape")
        assert isinstance(driver.app.screen, RunScreen), "the help is not left behind"


async def test_key_of_textual_is_done_too() -> None:
    async with dashboard(FakeSession(WORKERS)) as driver:
        before = driver.app.screen.focused
        await search(driver, "next pane")
        await driver.press("enter")
        await driver.until(lambda: driver.app.screen.focused not in (None, before))


async def test_what_cannot_be_done_says_why_and_does_nothing() -> None:
    stopped = replace(WORKERS, workers=())
    async with dashboard(FakeSession(stopped), size=(120, 40), notifications=True) as driver:
        await search(driver, "stop selected worker")
        reason = driver.run_screen.refusal("stop_worker")
        assert reason
        assert f"(Not now: {reason})" in driver.text
        await driver.press("enter")
        assert isinstance(driver.app.screen, RunScreen)
        await driver.until(lambda: f"Not now: {reason}" in driver.text)
        assert driver.session.commands == []


async def test_what_has_become_impossible_meanwhile_is_not_done() -> None:
    async with dashboard(FakeSession(WORKERS), size=(120, 40), notifications=True) as driver:
        await search(driver, "stop selected worker")
        await driver.show(replace(WORKERS, workers=()))
        await driver.press("enter")
        await driver.until(lambda: f"Not now: {driver.run_screen.refusal('stop_worker')}" in driver.text)
        assert driver.session.commands == []


@pytest.mark.parametrize("size", mostly_soak(SIZES, SIZES[0]))
async def test_arrows_and_the_keys_of_a_page_reach_all_there_is(size: tuple[int, int]) -> None:
    async with dashboard(FakeSession(WORKERS), size) as driver:
        await driver.press("question_mark")
        screen, top = driver.app.screen, driver.text
        assert isinstance(screen, HelpScreen)
        assert "Each worker is a process" in top
        keys = [line.deed.does for line in screen.query(DeedLine)]
        await driver.press("down")
        for does in keys:
            assert selected(driver) == does
            words = " ".join(does.split()[:2])
            await driver.until(lambda words=words: words in driver.text)  # type: ignore[misc]
            screen.action_move(1)
            await driver.pilot.pause()
        assert selected(driver) == keys[-1], "beyond the last there is only more to read"
        pager = screen.query_one(Pager)
        below = min(pager.scroll_offset.y + 1, pager.max_scroll_y)
        await driver.press("down")
        await driver.until(lambda: pager.scroll_offset.y == below)
        await driver.press("G")
        await driver.until(lambda: WORDS[-1][1] in driver.text)
        for _ in keys:
            screen.action_move(-1)
        await driver.press("g")
        assert selected(driver) is None
        await driver.until(lambda: driver.text == top)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.mostly_soak(1)
async def test_what_is_searched_for_is_in_sight(size: tuple[int, int]) -> None:
    async with dashboard(FakeSession(WORKERS), size) as driver:
        await search(driver, "costs")
        await driver.until(lambda: "Go to what the time" in driver.text)
        line = driver.app.screen.query_one(Entry)
        assert line.value in driver.lines[line.region.y]
        await driver.press("escape")
        assert not line.display, "what is searched for is let go of first"
        await driver.press("escape")
        assert isinstance(driver.app.screen, RunScreen)


async def test_keys_are_searched_for_as_a_person_has_them() -> None:
    async with dashboard(FakeSession(WORKERS)) as driver:
        driver.app.set_keymap({"worker.stop": "f5"})
        await search(driver, "f5")
        await driver.press("enter")
        await driver.until(lambda: driver.session.commands == [("stop_worker", 0)])


async def test_paragraphs_name_keys_as_a_person_has_them() -> None:
    async with dashboard(FakeSession(WORKERS), size=(120, 40)) as driver:
        driver.app.set_keymap({"worker.stop": "f5,x", "table.open": "ctrl+o"})
        await driver.press("question_mark")
        words = " ".join(driver.text.replace("│", " ").split())
        assert "f5 stops, r restarts" in words
        assert "^o shows what it" in words


def test_every_key_that_a_paragraph_names_is_one() -> None:
    app = FuzzApp(FakeSession())
    texts = [text for owner in helped(Widget) if (text := vars(owner).get("HELP"))]
    assert len(texts) > 10
    assert [text for text in texts if "{" in with_keys(app, text)] == []
    with pytest.raises(KeyError, match=r"worker\.stopp"):
        with_keys(app, "{worker.stopp} stops")


def helped(owner: type[Widget]) -> list[type[Widget]]:
    """All classes of ours that are derived from one."""
    found = [each for direct in owner.__subclasses__() for each in (direct, *helped(direct))]
    return [each for each in found if each.__module__.startswith("fuzztui.")]


async def test_keys_stand_in_the_order_of_the_line_of_keys() -> None:
    async with dashboard(FakeSession(WORKERS), size=(120, 40)) as driver:
        line = driver.lines[-1]
        await driver.press("question_mark")
        deeds = [line.deed for line in driver.app.screen.query(DeedLine)]
        shown = [deed.names.split()[0] for deed in deeds if f"{deed.keys} {deed.names.split()[0]}" in line]
        assert shown[:4] == ["open", "stop", "restart", "pause"]
