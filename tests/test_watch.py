"""`fuzztui watch`: which campaign is meant, what is said where it cannot be watched, and the dashboard over one."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fuzztui.cli import cli
from fuzztui.commands.watch import meant_by
from fuzztui.engine.live.wishes import OrderNode
from fuzztui.engine.session import ReadOnly
from fuzztui.engine.share.campaigns import Found
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import label
from fuzztui.engine.watching import WatchSession
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.node import NodeScreen
from fuzztui.screens.watch import WatchScreen
from fuzztui.sessions.watch_app import WatchApp
from fuzztui.widgets.signpost import SignpostLine
from tests.engine.test_watching import A, B, come
from tests.ui.driving import Driver
from tests.ui.fakes import ObedientSession
from tests.ui.shared import WATCHED

FOUND = [
    Found("a" * 32, "tests/fuzz_a.py::fuzz_a", ("bytes",), 1),
    Found("b" * 32, "tests/fuzz_a.py::other", ("bytes",), 1),
    Found("c" * 32, "tests/fuzz_b.py::fuzz_b", ("bytes",), 1),
]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("", "abc"),
        ("tests/fuzz_a.py::fuzz_a", "a"),
        ("./tests/fuzz_a.py:other", "b"),
        ("tests/fuzz_a.py", "ab"),
        ("fuzz_b.py", "c"),
        ("fuzz_b", "c"),
        ("other", "b"),
        ("cc", "c"),
        ("nothing", ""),
    ],
)
def test_a_word_may_mean_campaigns(word: str, meant: str) -> None:
    assert "".join(each.topic[0] for each in meant_by(FOUND, word)) == meant


def watch(folder: Path, *arguments: str) -> Result:
    with contextlib.chdir(folder):
        return CliRunner().invoke(cli, ["watch", *arguments])


def test_of_several_campaigns_one_is_to_be_chosen(tmp_path: Path) -> None:
    come(tmp_path, "a.py::fuzz", A)
    come(tmp_path, "b.py::fuzz", A, B)
    result = watch(tmp_path, ".", "--headless")
    assert result.exit_code == 2
    assert "nodes fuzz 2 targets there, choose one" in result.output
    assert "fuzztui watch . a.py::fuzz  (1 node)" in result.output
    assert "fuzztui watch . b.py::fuzz  (2 nodes)" in result.output
    result = watch(tmp_path, ".", "c.py", "--headless")
    assert result.exit_code == 2
    assert "no node there fuzzes c.py, but these are" in result.output


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("missing",), 2, "there is no folder"),
        (("ftp://x",), 2, "DIR|URL: ftp:// is no kind of store"),
        ((".", "--for", "soon"), 2, "--for: 'soon' is not a time"),
        (("valkey://127.0.0.1:1",), 70, "fuzztui: valkey://127.0.0.1:1: "),
    ],
)
def test_what_cannot_be_watched_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    result = watch(tmp_path, *arguments, "--headless")
    assert result.exit_code == status
    assert words in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.processes
def test_a_campaign_is_watched_for_as_long_as_is_said(tmp_path: Path) -> None:
    come(tmp_path, "a.py::fuzz", A)
    command = [sys.executable, "-m", "fuzztui", "watch", str(tmp_path), "--for", "1s", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["event"] for event in events] == ["phase", "node", "stats", "end"]
    assert events[1]["id"] == A
    assert events[2]["sharing"]["nodes"][0]["executions"] == 10
    assert events[-1]["reason"] == "time_limit"


class _WatchSession(ObedientSession, ReadOnly):
    reason = WatchSession.reason


async def test_the_dashboard_has_nodes_crashers_and_nothing_of_a_run() -> None:
    session = _WatchSession(WATCHED)
    app = WatchApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, session, pilot)
        await driver.until_screen(WatchScreen)
        text = driver.text
        for words in ("◉ WATCHING", "⇄ 1 node", "old-python", "silent for 23 s", "ValueError in py_scanstring"):
            assert words in text
        for words in ("pause all", "on crash", " new in", "avg"):
            assert words not in text
        assert [post.name for post in app.screen.query_one(SignpostLine).posts] == ["run", "log", "nodes"]
        await driver.press("2")
        assert isinstance(app.screen, WatchScreen)
        await driver.press("enter")
        await driver.until_screen(NodeScreen)
        await driver.press("p")
        assert session.commands == [("steer", OrderNode(label("old-python.00000001"), 0, "pause"))]
        await driver.press("escape", "tab", "enter")
        await driver.until_screen(CrasherScreen)
        assert "on node old-python, which keeps its input and its record" in driver.text
        await driver.press("m", "v")
        assert session.commands[1:] == []
        await driver.press("q")
        await driver.until(lambda: ("stop", StopReason.USER) in session.commands)
