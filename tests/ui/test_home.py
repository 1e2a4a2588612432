"""The project's screen: what runs have left is shown, and keys do what they say to the targets that are meant."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fuzztui.engine.keep import places
from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.text import NOTHING, label, visible
from fuzztui.home.app import HomeApp
from fuzztui.home.overview import Entry, LastRun, overview
from fuzztui.home.screen import Bench, HomeScreen, Plan, TimeScreen
from fuzztui.screens.help import HelpScreen
from tests.support import DEADLINE
from tests.terminals import Terminal
from tests.ui.fake_home import Scripted, entry, last, project


@asynccontextmanager
async def shown(app: Scripted, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[Any]]:
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        yield pilot


def text_of(app: HomeApp) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def test_what_runs_have_left_is_shown() -> None:
    app = Scripted()
    async with shown(app):
        lines = {word: line for line in text_of(app).splitlines() for word in ("yaml", "json", "toml", "html", "email")
                 if f"fuzz_{word}.py::" in line}  # fmt: skip
        assert "2h ago" in lines["yaml"]
        assert "214 / 339" in lines["yaml"]
        assert "63%" in lines["yaml"]
        assert "2 new, 1 ignored" in lines["yaml"]
        assert "1d ago" in lines["json"]
        assert "3 triaged" in lines["json"]
        assert "1 regressed" in lines["toml"]
        assert "running" in lines["html"]
        assert "never" in lines["email"]
        assert "6 targets   2 never run   ✗ 3 crashers to look at" in text_of(app)


async def test_enter_fuzzes_the_selected_target() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        await pilot.press("j", "enter")
        await pilot.pause()
    assert isinstance(app.return_value, Plan)
    assert [one.info.name for one in app.return_value.entries] == ["fuzz_email"]
    assert app.return_value.limit == Limit()


async def test_marked_targets_are_fuzzed_in_turn_each_for_the_time_that_is_typed() -> None:
    bench = Bench()
    app = Scripted(bench=bench)
    async with shown(app) as pilot:
        await pilot.press("space", "j", "space", "space")  # what cannot be run cannot be marked
        assert len(bench.marked) == 2
        assert "fuzz 2 in turn" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, TimeScreen)
        await pilot.press("ctrl+u", *"10", "enter")
        await pilot.pause()
        assert "has no unit" in text_of(app)
        await pilot.press("m", "enter")
        await pilot.pause()
    assert isinstance(app.return_value, Plan)
    assert {one.id for one in app.return_value.entries} == bench.marked
    assert app.return_value.limit == Limit(seconds=600.0)
    assert bench.time_each == "10m"


async def test_marked_targets_are_fuzzed_side_by_side_in_one_run() -> None:
    bench = Bench()
    app = Scripted(bench=bench)
    async with shown(app) as pilot:
        await pilot.press("space", "b")
        await pilot.pause()
        assert len(app.screen_stack) == 2, "one target has nobody beside it"
        await pilot.press("j", "space", "space", "b")
        await pilot.pause()
        assert isinstance(app.screen, TimeScreen)
        assert "side by side, how long in all?" in text_of(app)
        await pilot.press(*"1x", "enter")
        await pilot.pause()
        assert "want one execution at least for each of 2 targets" in text_of(app)
        await pilot.press("ctrl+u", "enter")
        await pilot.pause()
    assert isinstance(app.return_value, Plan)
    assert app.return_value.is_together
    assert {one.id for one in app.return_value.entries} == bench.marked
    assert app.return_value.limit == Limit(), "until somebody stops it"


async def test_escape_takes_back_the_question_and_the_search() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        await pilot.press("A", "enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        await pilot.press("slash", *"toml", "enter")
        await pilot.pause()
        assert "fuzz_toml" in text_of(app)
        assert "fuzz_json" not in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "fuzz_json" in text_of(app)


async def test_orders_go_round() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        firsts = []
        for _ in range(4):
            firsts.append(app.home.table.listed[0].rpartition("_")[2])
            await pilot.press("o")
        assert firsts == ["broken", "html", "yaml", "json"]


async def test_what_cannot_be_run_is_not_and_says_why() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        assert "cannot be read for pytest's pythonpath" in text_of(app)
        assert app.home.refusal("open") is not None
        await pilot.press("enter", "c")
        await pilot.pause()
        assert app.return_value is None
        assert app.is_running


async def test_known_crashers_are_looked_at_without_fuzzing() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        app.home.table.select("fuzz_json.py::fuzz_json")
        await pilot.press("c")
        await pilot.pause()
    assert isinstance(app.return_value, Plan)
    assert app.return_value.is_triage


async def test_coming_back_finds_the_cursor_where_it_was_and_what_came_of_the_run() -> None:
    name = "fuzz_json.py::fuzz_json"
    bench = Bench(selected=name, told=label("fuzz_json: stopped by you"), news={name: label("stopped by you")})
    app = Scripted(bench=bench)
    async with shown(app):
        assert app.home.table.selected == name
        assert "stopped by you" in text_of(app)
        assert bench.told == NOTHING


async def test_empty_project_says_what_to_do_and_can_be_read_again() -> None:
    app = Scripted([])
    async with shown(app) as pilot:
        assert "fuzztui init package.module:function" in text_of(app)
        app.entries = project()
        await pilot.press("r")
        await pilot.pause()
        await pilot.pause()
        assert app.reads == 2
        assert "fuzz_json" in text_of(app)


@pytest.mark.parametrize("entries", [None, []], ids=["targets", "empty"])
async def test_terminal_that_is_too_small_says_so_and_nothing_else(entries: list[Entry] | None) -> None:
    app = Scripted(entries)
    async with shown(app, (40, 8)) as pilot:
        assert "This terminal is too small" in text_of(app)
        assert "target" not in text_of(app)
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "too small" not in text_of(app)
        assert ("fuzz_json" if entries is None else "fuzztui init") in text_of(app)


async def test_help_explains_the_keys() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert "Mark the selected target" in text_of(app)


async def test_hostile_names_are_spelled_out() -> None:
    evil = "\x1b]0;x\x07[/x]\u202e\n"
    app = Scripted([entry("a", f"{evil}.py", titles=(visible(evil),), problem=visible(evil), last=last(9))])
    async with shown(app):
        assert "\\x1b" in text_of(app)
        assert all(each.isprintable() for each in text_of(app).splitlines())


async def test_project_is_read_from_the_disk_in_the_background(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "fuzz_a.py").write_text("def fuzz_a(data: bytes) -> None: ...\ndef fuzz_b(x) -> None: ...\n")
    app = HomeApp(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        end = time.monotonic() + DEADLINE
        while not app.home._is_read:
            assert time.monotonic() < end
            await asyncio.sleep(0.01)
        await pilot.pause()
        assert "fuzz_a.py::fuzz_a" in text_of(app)
        assert "fuzz_a.py:2" in text_of(app)  # which is no target, and says why


# What is read -----------------------------------------------------------------------------------------------------


STATS = """start_time        : 100
last_update       : 400
run_time          : 300
execs_done        : 7400000
edges_found       : 214
total_edges       : 339
"""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "fuzz_a.py").write_text("def fuzz_a(data: bytes) -> None: ...\n")
    (tmp_path / "deep" / "fuzz_b.py").write_text("def fuzz_b(data: bytes) -> None: ...\n")
    (tmp_path / "deep" / "other_b.py").write_text("def fuzz_b(data: bytes) -> None: ...\n")
    return tmp_path


def sessions_of(root: Path, file: str, name: str) -> Path:
    return places.sessions_dir(places.default_cache_dir(root), root, root / file, name).path


def test_newest_run_with_figures_is_the_last_one(disk: Path) -> None:
    folder = sessions_of(disk, "fuzz_a.py", "fuzz_a")
    for stamp, text in (("20260101-000000", STATS.replace("214", "1")), ("20260102-000000", STATS)):
        (folder / stamp).mkdir(parents=True)
        (folder / f"{stamp}.jsonl").touch()
        (folder / stamp / "fuzzer_stats").write_text(text)
    (folder / "20260103-000000.jsonl").touch()  # it ended before there were any
    (folder / "20260104-000000").mkdir()
    (folder / "20260104-000000.jsonl").touch()
    (folder / "20260104-000000" / "fuzzer_stats").write_text("run_time : many\n")
    (found,) = [one for glance in overview(disk) for one in glance.entries if one.info.name == "fuzz_a"]
    assert found.last == LastRun(400.0, 300, 7_400_000, 214, 339, False)


def test_targets_of_one_name_are_told_apart(disk: Path) -> None:
    found = {one.id: one for glance in overview(disk) for one in glance.entries}
    assert set(found) == {"deep/fuzz_b.py::fuzz_b", "deep/other_b.py::fuzz_b", "fuzz_a.py::fuzz_a"}
    target = found["deep/fuzz_b.py::fuzz_b"].target
    assert target is not None
    assert target.namesakes == ("other_b.py",)


def test_nothing_is_imported_and_nothing_is_made(disk: Path) -> None:
    (disk / "fuzz_trap.py").write_text("open('ran', 'w')\ndef fuzz_trap(data: bytes) -> None: ...\n")
    before = sorted(disk.rglob("*"))
    assert sum(len(glance.entries) for glance in overview(disk)) == 4
    assert sorted(disk.rglob("*")) == before


def test_reading_ends_when_nobody_wants_it(disk: Path) -> None:
    stopped = threading.Event()
    glances = overview(disk, stopped)
    next(glances)
    stopped.set()
    assert list(glances) == []


def test_settings_that_cannot_be_read_are_the_targets_problem(disk: Path) -> None:
    (disk / "pyproject.toml").write_text("[tool.pytest\n")
    for glance in overview(disk):
        for one in glance.entries:
            assert one.target is None
            assert "cannot be read for pytest's settings" in one.problem


# Pictures ---------------------------------------------------------------------------------------------------------


# In a terminal ----------------------------------------------------------------------------------------------------


@pytest.fixture
def terminal(disk: Path) -> Iterator[Terminal]:
    opened = Terminal([sys.executable, "-m", "fuzztui"], folder=disk)
    yield opened
    opened.close()


@pytest.mark.processes
def test_one_goes_from_the_project_to_a_run_and_back_and_leaves_a_terminal_as_it_was(terminal: Terminal) -> None:
    terminal.until(b"fuzz_a.py")
    os.write(terminal.master, b"G\r")
    terminal.until(b"FUZZING")
    os.write(terminal.master, b"qy")
    terminal.until(b"Stopped by you")
    os.write(terminal.master, b"q")
    terminal.until(b"just now")
    os.write(terminal.master, b"q")
    assert terminal.wait() == 0
    terminal.assert_restored()
    assert terminal.output.count(b"\x1b[?1049h") == 3  # the project, the run, the project


@pytest.mark.processes
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signal_leaves_the_project_and_restores_the_terminal(
    terminal: Terminal, number: signal.Signals, code: int
) -> None:
    terminal.until(b"fuzz_a.py")
    terminal.process.send_signal(number)
    assert terminal.wait() == code
    terminal.assert_restored()


def test_terminal_that_cannot_show_the_project_is_told_so_after_the_help(disk: Path) -> None:
    opened = Terminal([sys.executable, "-m", "fuzztui"], folder=disk, environment={"TERM": "dumb"})
    try:
        assert opened.wait() == 2
        assert b"Usage: fuzztui" in opened.output
        assert (
            b"TERM=dumb is no terminal that the dashboard can be drawn on, so the project is not shown" in opened.output
        )
        assert b"\x1b" not in opened.output
    finally:
        opened.close()


async def test_while_a_project_is_read_again_what_was_there_stays_until_all_is_read() -> None:
    app = Scripted()
    async with shown(app) as pilot:
        one, *others = project()
        assert len(app.home.table.listed) == len(others) + 1
        app.home.forget()
        app.home.take([one], [])
        await pilot.pause()
        assert len(app.home.table.listed) == len(others) + 1, "a list that is emptied and filled again flickers"
        app.home.finish()
        await pilot.pause()
        assert app.home.table.listed == (one.id,)
