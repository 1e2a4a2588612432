"""What is selected with the mouse can be copied; without that, ctrl+c asks whether to stop, as ever."""

import pytest
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from fuzztui.engine.show.text import label
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.quit import QuitScreen
from tests.ui.driving import Driver, dashboard


async def drag(driver: Driver, widget: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    await driver.pilot.hover(widget, offset=start)
    await driver.pilot.pause()
    await driver.pilot.mouse_down(widget, offset=start)
    await driver.pilot.hover(widget, offset=end)
    await driver.pilot.mouse_up(widget, offset=end)
    await driver.pilot.pause()


@pytest.fixture(autouse=True)
def no_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "TERM_PROGRAM", "VTE_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


async def test_rows_that_are_selected_with_the_mouse_are_copied_as_they_are_drawn() -> None:
    async with dashboard(notifications=True) as driver:
        lines = driver.lines
        top = driver.run_screen.crasher_table.region.y
        column = lines[top + 2].index("ValueError")
        await drag(driver, "#crashers", (column, 2), (column + 9, 2))
        await driver.press("ctrl+c")
        assert driver.app.clipboard == "ValueError"
        await driver.until(lambda: "What was selected was sent to the terminal's clipboard" in driver.text)
        assert not isinstance(driver.app.screen, QuitScreen)
        await driver.press("ctrl+c")
        assert isinstance(driver.app.screen, QuitScreen)


async def test_lines_in_between_are_copied_whole() -> None:
    async with dashboard() as driver:
        table = driver.run_screen.worker_table
        driver.app.screen.selections = {table: Selection(Offset(0, 0), Offset(6, 2))}
        await driver.pilot.pause()
        await driver.press("ctrl+c")
        heading, first, second = driver.app.clipboard.splitlines()
        assert heading.split()[:2] == ["id", "state"]
        assert first.split()[1:3] == ["0", "●"]
        assert len(second) <= 6


async def test_selection_is_drawn_and_everything_else_stays() -> None:
    async with dashboard() as driver:
        before = driver.text
        driver.app.screen.selections = {driver.run_screen.worker_table: SELECT_ALL}
        await driver.pilot.pause()
        assert driver.text == before
        style = driver.app.screen.get_component_rich_style("screen--selection")
        strip = driver.run_screen.worker_table.render_line(1)
        assert all(segment.style is not None and segment.style.bgcolor == style.bgcolor for segment in strip)


async def test_text_of_a_page_is_copied() -> None:
    async with dashboard() as driver:
        await driver.press("tab", "enter")
        assert isinstance(driver.app.screen, CrasherScreen)
        headline = driver.app.screen.query_one("#headline")
        driver.app.screen.selections = {headline: SELECT_ALL}
        await driver.press("ctrl+c")
        assert "ValueError in _scan_once" in driver.app.clipboard


async def test_terminal_that_takes_nothing_is_said_to_take_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with dashboard(notifications=True) as driver:
        driver.app.screen.selections = {driver.run_screen.worker_table: SELECT_ALL}
        await driver.press("ctrl+c")
        words = label("What was selected was sent, but the Linux console takes nothing into its clipboard.")
        await driver.until(lambda: words in driver.text)
