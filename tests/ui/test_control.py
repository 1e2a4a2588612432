"""Settings are shown as they are, take what can be, and say in a sentence what cannot."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.live.wishes import (
    AddWorker,
    DropWorker,
    Expect,
    FocusOn,
    SetDictionary,
    SetMaxLen,
    SetMemoryLimit,
    SetTimeout,
)
from fuzztui.engine.show.settings import Settings
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.control import ControlScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.run import RunScreen
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, snapshot, worker

SETTINGS = Settings(
    timeout=2.5,
    memory_limit=None,
    max_len=4096,
    tokens=12,
    expected=(label("json.decoder.JSONDecodeError"),),
    contract=label("@fuzz(raises=json.decoder.JSONDecodeError) (fuzz_json.py:12)"),
    focus=label("json.decoder"),
)


async def entered(driver: Driver, row: str, text: str) -> list[Any]:
    """Type a value for a setting; what is asked of the session then."""
    session = driver.session
    session.commands.clear()
    screen = driver.app.screen
    assert isinstance(screen, ControlScreen)
    screen.table.select(row)
    await driver.press(
        "enter", *(character if character.isalnum() else _KEYS[character] for character in text), "enter"
    )
    return [command[1] for command in session.commands if command[0] == "steer"]


_KEYS = {".": "full_stop", ":": "colon", "/": "slash", "-": "minus", " ": "space"}


async def test_every_setting_is_shown_as_it_is() -> None:
    async with dashboard(FakeSession(snapshot(settings=SETTINGS))) as driver:
        await driver.press("c")
        await driver.until_screen(ControlScreen)
        for words in (
            "2.5 s",
            "no limit",
            "4,096 bytes",
            "12 tokens",
            "json.decoder",
            "the run goes on",
            "JSONDecodeError",
        ):
            assert words in driver.text
        await driver.press("escape")
        await driver.until_screen(RunScreen)


async def test_what_is_typed_is_wished_for() -> None:
    async with dashboard(FakeSession(snapshot(settings=SETTINGS))) as driver:
        await driver.press("c")
        await driver.until_screen(ControlScreen)
        assert await entered(driver, "time-out", "500ms") == [SetTimeout(0.5)]
        assert await entered(driver, "memory", "2G") == [SetMemoryLimit(2 << 30)]
        assert await entered(driver, "memory", "none") == [SetMemoryLimit(None)]
        assert await entered(driver, "max length", "100") == [SetMaxLen(100)]
        assert await entered(driver, "dictionary", "/x/y.dict") == [SetDictionary(Path("/x/y.dict"))]
        assert await entered(driver, "dictionary", "none") == [SetDictionary(None)]
        assert await entered(driver, "focus", "json.decoder:scan") == [FocusOn("json.decoder:scan")]
        assert await entered(driver, "focus", "none") == [FocusOn("")]
        assert await entered(driver, "workers", "4") == [AddWorker(), AddWorker()]
        assert await entered(driver, "workers", "1") == [DropWorker()]
        assert await entered(driver, "time-out", "") == []


@pytest.mark.parametrize(
    ("row", "text", "says"),
    [
        ("time-out", "5", "'5' has no unit: write 5s"),
        ("time-out", "soon", "'soon' is not a time"),
        ("memory", "1", "is too little for any Python code to run in"),
        ("max length", "0", "'0' is no length"),
        ("workers", "0", "'0' is no number of workers, want one from 1 to 256"),
        ("workers", "many", "'many' is no number of workers"),
    ],
)
@pytest.mark.mostly_soak(2)
async def test_what_cannot_be_is_told_and_nothing_is_asked_for(row: str, text: str, says: str) -> None:
    async with dashboard(FakeSession(snapshot(settings=SETTINGS)), (120, 40)) as driver:
        await driver.press("c")
        await driver.until_screen(ControlScreen)
        assert await entered(driver, row, text) == []
        assert says in driver.text
        await driver.press("escape")
        assert says not in driver.text
        assert isinstance(driver.app.screen, ControlScreen)


async def test_keys_of_the_run_add_and_drop_workers_and_change_what_a_crash_does() -> None:
    session = FakeSession(snapshot(settings=SETTINGS))
    async with dashboard(session) as driver:
        await driver.press("plus", "minus")
        assert session.commands == [("steer", AddWorker()), ("steer", DropWorker())]
        await driver.press("c")
        await driver.until_screen(ControlScreen)
        await driver.press("plus")
        assert session.commands[-1] == ("steer", AddWorker())
        assert await entered(driver, "on a crash", "") == []
        assert ("set_stop_on_crash", True) in session.commands


async def test_an_exception_is_expected_and_its_line_copied() -> None:
    session = FakeSession(snapshot(settings=SETTINGS))
    async with dashboard(session, notifications=True) as driver:
        await driver.press("tab", "E")
        crasher = session.snapshot().crashers[-1]
        assert session.commands == [("steer", Expect(str(crasher.id)))]
        await driver.press("c")
        await driver.until_screen(ControlScreen)
        copied: list[str] = []
        driver.app.copy_to_clipboard = copied.append  # type: ignore[assignment, method-assign]
        driver.app.screen.table.select("raises")  # type: ignore[attr-defined]
        await driver.press("enter")
        assert copied == ["@fuzz(raises=json.decoder.JSONDecodeError)"]


async def test_stopping_the_last_worker_asks_first() -> None:
    one = snapshot(workers=(worker(0), worker(1, WorkerState.STOPPED)))
    session = FakeSession(one)
    async with dashboard(session) as driver:
        await driver.press("s")
        await driver.until_screen(QuitScreen)
        assert "Stop the last worker? The run ends." in driver.text
        await driver.press("n")
        assert session.commands == []
        await driver.press("s", "y")
        assert session.commands == [("stop_worker", 0)]
        session.commands.clear()
        await driver.show(replace(one, workers=(worker(0), worker(1))))
        await driver.press("s")
        assert session.commands == [("stop_worker", 0)], "there is another one"
