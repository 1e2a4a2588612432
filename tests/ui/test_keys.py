"""Every key does what it says, to the worker that was selected when it was pressed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from fuzztui.app import FuzzApp
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.copying import CopyScreen
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.run import CrasherTable, RunScreen, WorkerTable
from fuzztui.screens.worker import WorkerScreen
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keybar import KeyBar, KeyCap, fitting
from fuzztui.widgets.table import RowTable
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, ended, snapshot, worker

THREE = (worker(0), worker(1), worker(2))


async def test_each_key_sends_its_command() -> None:
    expected: dict[str, tuple[Any, ...]] = {
        "s": ("stop_worker", 0),
        "r": ("restart_worker", 0),
        "p": ("pause_worker", 0),
        "space": ("pause",),
        "K": ("set_stop_on_crash", True),
    }
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        for key, command in expected.items():
            driver.session.commands.clear()
            await driver.press(key)
            assert driver.session.commands == [command], key
        driver.session.commands.clear()
        await driver.press("S", "y")
        assert driver.session.commands == [("stop", StopReason.USER)]


async def test_cursor_keys_select_the_worker_that_commands_go_to() -> None:
    expected = {
        ("j",): 1,
        ("down", "down"): 2,
        ("j", "j", "k"): 1,
        ("j", "up"): 0,
        ("G",): 2,
        ("end", "g"): 0,
        ("end", "home"): 0,
        ("pagedown",): 2,
        ("G", "pageup"): 0,
        ("k",): 0,
        ("G", "j"): 2,
    }
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        for keys, selected in expected.items():
            driver.session.commands.clear()
            driver.run_screen.worker_table.select(0)
            await driver.press(*keys, "s")
            assert driver.session.commands == [("stop_worker", selected)], keys


async def test_selection_stays_with_its_worker_when_rows_move() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        await driver.press("j")
        await driver.show(snapshot(workers=(worker(2), worker(1), worker(0))))
        await driver.press("s")
        await driver.show(snapshot(workers=(worker(1), worker(0))))
        await driver.press("p")
        assert driver.session.commands == [("stop_worker", 1), ("pause_worker", 1)]


async def test_command_goes_by_the_newest_state_not_by_the_drawn_one() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        driver.session.publish(snapshot(workers=(worker(0, WorkerState.PAUSED), worker(1), worker(2))))
        await driver.press("p")
        assert driver.session.commands == [("resume_worker", 0)]


async def test_keys_let_go_on_what_is_paused() -> None:
    paused = tuple(worker(i, WorkerState.PAUSED) for i in range(2))
    async with dashboard(FakeSession(snapshot(workers=paused, is_paused=True))) as driver:
        await driver.press("p", "space")
        assert driver.session.commands == [("resume_worker", 0), ("resume",)]


async def test_second_stop_of_a_worker_that_is_stopping_sends_nothing() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        await driver.press("s")
        await driver.show(snapshot(workers=(worker(0, WorkerState.STOPPING), *THREE[1:])))
        await driver.press("s", "p", "r")
        assert driver.session.commands == [("stop_worker", 0)]


async def test_action_that_a_worker_cannot_take_is_greyed_with_its_reason() -> None:
    every = {"stop_worker", "restart_worker", "pause_worker"}
    expected = {
        WorkerState.STARTING: every,
        WorkerState.FUZZING: every,
        WorkerState.STALLED: every,
        WorkerState.RESTARTING: every,
        WorkerState.STOPPING: set[str](),
        WorkerState.STOPPED: {"restart_worker"},
        WorkerState.GAVE_UP: {"restart_worker"},
        WorkerState.FAILED: {"restart_worker"},
    }
    async with dashboard() as driver:
        screen = driver.run_screen
        for state, possible in expected.items():
            await driver.show(snapshot(workers=(worker(0, state), worker(1))))
            for action in every:
                assert screen.check_action(action, ()) is (True if action in possible else None), (state, action)
                assert bool(screen.why_not(action)) is (action not in possible), (state, action)


async def test_nothing_can_be_steered_once_the_run_stops() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE, phase=Phase.STOPPING))) as driver:
        await driver.press("s", "r", "p", "space", "S", "K")
        await driver.show(snapshot(workers=THREE, phase=Phase.ENDED))
        await driver.press("s", "r", "p", "space", "S", "K")
        assert driver.session.commands == []


async def test_steering_before_there_is_a_worker_sends_nothing() -> None:
    async with dashboard(FakeSession(snapshot(workers=(), crashers=()))) as driver:
        await driver.press("s", "r", "p", "j", "G", "pagedown", "enter")
        assert driver.session.commands == []
        assert isinstance(driver.app.screen, RunScreen)


async def test_tab_goes_from_pane_to_pane_and_enter_opens_what_is_selected() -> None:
    async with dashboard() as driver:
        assert isinstance(driver.app.focused, WorkerTable)
        await driver.press("j", "enter")
        assert isinstance(driver.app.screen, WorkerScreen)
        assert "worker 1 says hello" in driver.text
        await driver.press("escape", "tab")
        assert isinstance(driver.app.focused, CrasherTable)
        await driver.press("enter")
        assert isinstance(driver.app.screen, CrasherScreen)
        assert "ValueError in _scan_once" in driver.text
        await driver.press("escape")
        assert isinstance(driver.app.screen, RunScreen)


async def test_crasher_keys_copy_the_command_and_step_through_crashers() -> None:
    async with dashboard() as driver:
        second, first = snapshot().crashers  # the newest is listed first
        await driver.press("tab", "enter", "y", "y")
        assert driver.app.clipboard == first.command
        await driver.press("right", "y", "y")
        assert driver.app.clipboard == second.command
        await driver.press("left", "left", "y", "y")
        assert driver.app.clipboard == second.command
        await driver.press("right_square_bracket", "y", "y")
        assert driver.app.clipboard == first.command
        await driver.press("left_square_bracket", "y", "y")
        assert driver.app.clipboard == second.command


async def test_click_selects_and_double_click_opens() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        await driver.pilot.click("#workers", offset=(20, 4))
        await driver.press("s")
        assert driver.session.commands == [("stop_worker", 2)]
        await driver.pilot.click("#workers", offset=(20, 3), times=2)
        await driver.until_screen(WorkerScreen)


async def test_click_on_a_key_of_the_key_bar_presses_it() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        keys = driver.lines[-1]
        await driver.pilot.click(KeyBar, offset=(keys.index("p pause"), 0))
        await driver.until(lambda: driver.session.commands == [("pause_worker", 0)])


async def test_key_bar_says_why_a_key_does_not_work_now() -> None:
    async with dashboard(FakeSession(snapshot(workers=(worker(0, WorkerState.STOPPING), worker(1))))) as driver:
        bar = driver.run_screen.keybar
        await driver.pilot.hover(KeyBar, offset=(driver.lines[-1].index("s stop"), 0))
        assert bar.tooltip == "Stop the selected worker; the others go on. (Not now: it is already stopping)"


async def test_palette_offers_every_action_that_is_possible_now() -> None:
    async with dashboard(FakeSession(snapshot(workers=(worker(0, WorkerState.STOPPED), worker(1))))) as driver:
        titles = [command.title for command in driver.app.get_system_commands(driver.app.screen)]
        assert "Decide whether the next new crasher ends the run" in titles
        assert "Hold every worker, or let them go on" in titles
        assert not any(title.startswith("Stop the selected worker") for title in titles)
        await driver.press("ctrl+p")
        await driver.press(*"decide whether")
        await driver.press("enter", "enter")
        await driver.until(lambda: driver.session.commands == [("set_stop_on_crash", True)])


async def test_picture_is_saved_in_the_working_directory_and_the_toast_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with dashboard(notifications=True) as driver:
        await driver.press("ctrl+p")
        await driver.press(*"picture")
        await driver.press("enter", "enter")
        await driver.until(lambda: any(tmp_path.iterdir()))
        (picture,) = tmp_path.iterdir()
        assert picture.name.startswith("fuzztui-fuzz_json-20")
        assert "FUZZING" in picture.read_text()
        await driver.until(lambda: f"Saved {picture.name}" in driver.text)


async def test_picture_is_not_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    monkeypatch.setattr("fuzztui.app.time.strftime", lambda *_: "20260101-000000")
    picture = tmp_path / "fuzztui-fuzz_json-20260101-000000.svg"
    picture.symlink_to(victim)
    async with dashboard(notifications=True) as driver:
        driver.app.save_picture()
        await driver.until(lambda: f"Saved {picture.name}" in driver.text)
    assert victim.read_text() == "precious"
    assert not picture.is_symlink()
    assert "FUZZING" in picture.read_text()


async def test_picture_that_cannot_be_saved_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with dashboard(notifications=True) as driver:
        tmp_path.rmdir()
        driver.app.save_picture()
        await driver.until(lambda: "No picture" in driver.text and "No such file" in driver.text)


async def test_help_explains_the_focused_pane_the_state_of_its_row_and_the_keys() -> None:
    stalled = worker(0, WorkerState.STALLED)
    async with dashboard(FakeSession(snapshot(workers=(stalled,))), size=(120, 90)) as driver:
        await driver.press("question_mark")
        assert isinstance(driver.app.screen, HelpScreen)
        for words in (
            "Each worker is a process",
            "Worker 0: stalled",
            "Stop the selected worker",
            "crasher ",
            "ctrl+p",
            "tab",
            "✗ ‖ ■ ↻ ◇",
            "edges x of y",
        ):
            assert words in driver.text
        await driver.press("escape", "tab", "question_mark")
        assert "A crasher is an input" in driver.text


async def test_remapped_key_works_and_help_shows_it() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE)), size=(100, 50)) as driver:
        driver.app.set_keymap({"worker.stop": "x"})
        await driver.press("s", "x")
        assert driver.session.commands == [("stop_worker", 0)]
        assert "x stop" in driver.lines[-1]


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    owners: list[type] = [
        FuzzApp, RunScreen, CrasherScreen, WorkerScreen, FinalScreen, HelpScreen, QuitScreen, RowTable,
        WorkerTable, CrasherTable, CopyScreen, Entry,
    ]  # fmt: skip
    for owner in owners:
        for binding in owner.BINDINGS:  # type: ignore[attr-defined]
            assert binding.system or (binding.id and binding.tooltip), (owner, binding)


def test_narrow_key_bar_keeps_what_matters_most_help_and_quit() -> None:
    caps: list[KeyCap] = [(name, name, "words", True, "") for name in "esrp?q"]
    assert [cap[0] for cap in fitting(caps, 100)] == list("esrp?q")
    assert [cap[0] for cap in fitting(caps, 45)] == list("esr?q")
    assert [cap[0] for cap in fitting(caps, 30)] == list("e?q")
    assert [cap[0] for cap in fitting(caps, 5)] == list("?q")
    assert [cap[0] for cap in fitting(caps, 30, last=3)] == list("p?q")


@pytest.mark.soak
async def test_way_back_and_what_an_ended_run_offers_are_in_sight_at_every_size() -> None:
    sizes = [(60, 15), (80, 24), (100, 30), (120, 40)]
    async with dashboard(FakeSession(snapshot(workers=THREE)), size=sizes[0], runs_again=True) as driver:
        await driver.press("tab", "enter")
        for keys in ("", *"23456"):
            await driver.press(*keys)
            for size in sizes:
                await driver.pilot.resize_terminal(*size)
                assert driver.lines[-1].endswith("esc back  ? help  q quit"), (keys, size)
        await driver.press("1")
        driver.session.finish(ended(workers=()))
        await driver.until_screen(FinalScreen)
        await driver.press("d", "tab")
        for size in sizes:
            await driver.pilot.resize_terminal(*size)
            assert "r runs again" in driver.lines[-1], size


async def test_modal_screens_do_not_let_keys_through_to_the_run() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        await driver.press("question_mark", "s", "S", "space")
        assert driver.session.commands == []
        await driver.press("escape", "q", "s", "S", "space")
        assert driver.session.commands == []


async def test_phase_is_read_when_the_key_is_pressed() -> None:
    async with dashboard(FakeSession(snapshot(workers=THREE))) as driver:
        driver.session.publish(replace(snapshot(workers=THREE), is_paused=True))
        screen: Screen[Any] = driver.app.screen
        assert isinstance(screen, RunScreen)
        await driver.press("space")
        assert driver.session.commands == [("resume",)]
