"""What the dashboard says of code that has changed, and of what came of loading it anew."""

from dataclasses import replace
from typing import Any

import pytest

from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.reload import Fate, Recheck, ReloadCounts, Reloading, ReloadStage
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label, visible
from fuzztui.widgets.reloading import RESULT_SHOWN, reload_line
from fuzztui.widgets.tone import plain
from fuzztui.words.sentences import memory_lines
from tests.ui.driving import dashboard
from tests.ui.fakes import ObedientSession, crasher, snapshot

FILE = visible("miniyaml.py")
FAILURE = label("miniyaml.py:63: SyntaxError: invalid syntax")
COUNTS = ReloadCounts(fixed=3, fail=5, new=1)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({}, ""),
        ({"changed": (FILE,)}, "! changed: miniyaml.py  R reloads"),
        ({"changed": (FILE, FILE, FILE)}, "! changed: 3 files  R reloads"),
        ({"changed": (FILE,), "by_itself": True}, "! changed: miniyaml.py  reloads in a moment"),
        (
            {"changed": (FILE,), "stage": ReloadStage.LOADING},
            "↻ loading miniyaml.py, the workers go on meanwhile",
        ),
        ({"stage": ReloadStage.LOADING}, "↻ loading the code, the workers go on meanwhile"),
        ({"stage": ReloadStage.REPLACING}, "↻ replacing all workers by the new code"),
        ({"stage": ReloadStage.RECHECKING}, "↻ reloaded, running all crashers and the corpus again"),
        (
            {"changed": (FILE,), "failure": FAILURE},
            "✗ not reloaded: miniyaml.py:63: SyntaxError: invalid syntax  R tries again  the old code goes on",
        ),
        (
            {"changed": (FILE,), "failure": FAILURE, "by_itself": True},
            "✗ not reloaded: miniyaml.py:63: SyntaxError: invalid syntax  the old code goes on",
        ),
        ({"counts": COUNTS, "told_at": 100.0}, "↻ reloaded: 3 fixed, 5 still fail, 1 new"),
        ({"counts": COUNTS, "told_at": 100.0, "changed": (FILE,)}, "! changed: miniyaml.py  R reloads"),
    ],
)
def test_the_header_says_how_the_code_stands(shown: dict[str, Any], words: str) -> None:
    now = snapshot(elapsed=120.0, reloading=replace(Reloading(), **shown))
    assert plain(reload_line(now)) == words


def test_what_came_of_a_reload_is_not_said_for_ever() -> None:
    told = Reloading(counts=COUNTS, told_at=100.0)
    assert reload_line(snapshot(elapsed=100.0 + RESULT_SHOWN / 2, reloading=told))
    assert not reload_line(snapshot(elapsed=100.0 + RESULT_SHOWN, reloading=told))


def test_a_run_that_stops_reloads_nothing() -> None:
    changed = Reloading(changed=(FILE,))
    assert not reload_line(snapshot(stop_reason=StopReason.USER, phase=Phase.STOPPING, reloading=changed))


def test_the_end_says_what_was_fixed() -> None:
    fixed = crasher(0, recheck=Recheck(Fate.FIXED))
    assert memory_lines((fixed, crasher(1))) == [f"1 crasher was fixed during the run: {fixed.failure.title}"]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (ReloadCounts(), "no crasher fails"),
        (ReloadCounts(fail=1), "1 still fails"),
        (
            ReloadCounts(fixed=1, fail_again=2, differ=1, stayed_fixed=4),
            "1 fixed, 2 fail again, 1 fails differently, 4 fixed before",
        ),
        (ReloadCounts(unknown=2, new=1000), "2 cannot be told, 1,000 new"),
    ],
)
def test_each_fate_has_its_number(counts: ReloadCounts, words: str) -> None:
    assert counts.words == words


async def test_the_key_asks_for_a_reload_on_every_screen() -> None:
    session = ObedientSession(snapshot(crashers=(crasher(0),)))
    async with dashboard(session) as shown:
        await shown.press("R")
        await shown.press("tab", "enter")
        await shown.press("R")
        assert session.commands == [("reload", None)] * 2


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
@pytest.mark.mostly_soak(1)
async def test_the_header_has_a_third_line_only_while_there_is_something_to_say(size: tuple[int, int]) -> None:
    session = ObedientSession(snapshot())
    async with dashboard(session, size) as shown:
        status = shown.run_screen.status
        assert status.size.height == 2
        await shown.show(snapshot(version=7, reloading=Reloading(changed=(FILE,), failure=FAILURE)))
        assert status.size.height == 3
        assert "✗ not reloaded: miniyaml.py:63: SyntaxError: invalid" in shown.lines[2]
        assert len(shown.lines[2]) <= size[0]
        await shown.show(snapshot(version=8))
        assert status.size.height == 2


async def test_fixed_crashers_are_struck_through() -> None:
    fixed, failing = crasher(0, recheck=Recheck(Fate.FIXED)), crasher(1, recheck=Recheck(Fate.FAILS))
    async with dashboard(ObedientSession(snapshot(crashers=(fixed, failing)))) as shown:
        struck = "".join(
            segment.text
            for strip in shown.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and segment.style.strike
        )
        assert fixed.failure.title in struck
        assert struck.count(fixed.failure.function) == 1, "the other one still fails"
