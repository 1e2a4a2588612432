"""What is found in property tests fails again: in a fresh process of ours, and in plain pytest.

`FUZZTUI_SOAK_TARGETS=machine,state` has only tests looked at whose names have one of these in them.
"""

import ast
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis.core import encode_failure
from hypothesis.version import __version__

from fuzztui.target.choices.value import CHOICES, Choices
from fuzztui.target.discover import discover
from fuzztui.target.values import decode
from tests.soak import planted

pytestmark = [pytest.mark.processes, pytest.mark.soak]

ENOUGH = 200
"""Crashers of which it is looked whether they fail again."""

TURN = "5s"
"""Of fuzzing each test."""

AGAIN = """
import json
from pathlib import Path
import pytest

ROUND = json.loads(Path("round.json").read_text())

def pytest_collection_modifyitems(items):
    items[:] = [each for each in items if each.nodeid in ROUND]

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    test = getattr(item.obj, "__func__", item.obj)
    while hasattr(test, "__wrapped__"):
        test = test.__wrapped__
    if not hasattr(test, "hypothesis"):
        test = getattr(test, "_hypothesis_state_machine_class", None) or item.module.Shop
    version, blob = ROUND[item.nodeid]
    test._hypothesis_internal_use_reproduce_failure = version, blob.encode()

def pytest_runtest_makereport(item, call):
    if call.when == "call":
        with open("round.txt", "a") as stream:
            stream.write(json.dumps([item.nodeid, call.excinfo.typename if call.excinfo else ""]) + "\\n")
"""
"""A plugin of pytest, in its own right: Hypothesis is told to reproduce one failure of each test."""


@dataclass
class Found:
    """A crasher."""

    target: str
    path: Path
    type: str
    badge: str = ""
    verdict: str = ""
    """Of the fresh process."""
    note: str = ""
    """What people are told of the verdict."""
    plain: str = ""
    """What plain pytest has raised."""
    choices: tuple[Any, ...] = field(default=())

    @property
    def is_flaky(self) -> bool:
        if not self.badge:  # the run ended before it was run again: where it passes now, that is told
            return self.verdict == "pass" and "depend on state" in self.note
        return any(word in self.badge for word in ("flaky", "needs state", "clean"))

    @property
    def number(self) -> int | None:
        """Of an example of the test's own, which is no choices; below zero."""
        return self.choices[0] if self.choices[0] < 0 else None


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    for name, text in planted.files().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (folder / "again.py").write_text(AGAIN)
    return folder


def ran(folder: Path, *words: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "CI"))}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=kept, capture_output=True, text=True, timeout=600, check=False
    )
    return done.stdout


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def found_in(folder: Path, target: str) -> list[Found]:
    """Fuzz one test, and run again in a fresh process what has failed."""
    fuzzing = ("--json", "-j1", "-t", TURN, "--keep-fuzzing", "--minimize-time", "0")
    events = lines(ran(folder, "fuzztui", "run", target, *fuzzing))
    crashers = {
        each["id"]: Found(target, folder / each["path"], each["type"])
        for each in events
        if each["event"] == "crasher" and each["path"]
    }
    for each in events:
        if each["event"] == "confirmed" and each["id"] in crashers:
            crashers[each["id"]].badge = each["badge"]
    by_name = {crasher.path.name: crasher for crasher in crashers.values()}
    if by_name:
        again = lines(ran(folder, "fuzztui", "replay", target, *by_name, "--json"))
        for each in again:
            if each["event"] == "input":
                found = by_name[Path(each["name"]).name]
                found.verdict, found.note = each["verdict"], each["note"]
    for crasher in by_name.values():
        (value,) = decode(crasher.path.read_bytes(), (CHOICES,))
        assert isinstance(value, Choices)
        crasher.choices = value.plain
    return list(by_name.values())


def run_plainly(folder: Path, crashers: list[Found]) -> None:
    """Have Hypothesis itself reproduce each, one of each test in a run of pytest."""
    nodes: dict[str, list[str]] = {}
    for line in ran(folder, "pytest", "--collect-only", "-q", "-p", "no:fuzztui").splitlines():
        if "::" in line:
            nodes.setdefault(line.partition("[")[0].removesuffix("::runTest"), []).append(line)
    waiting: dict[str, list[tuple[Found, bytes]]] = {}
    for crasher in crashers:
        ids, choices = nodes[crasher.target], crasher.choices[1:]
        if len(ids) > 1:
            ids, choices = [ids[choices[0]]], choices[1:]
        waiting.setdefault(ids[0], []).append((crasher, encode_failure(choices)))
    while any(waiting.values()):
        turn = {node: queue.pop() for node, queue in waiting.items() if queue}
        blobs = {node: (__version__, blob.decode()) for node, (_, blob) in turn.items()}
        (folder / "round.json").write_text(json.dumps(blobs))
        (folder / "round.txt").unlink(missing_ok=True)
        ran(folder, "pytest", "-q", "-p", "no:fuzztui", "-p", "again", "-p", "no:cacheprovider")
        for node, raised in map(ast.literal_eval, (folder / "round.txt").read_text().splitlines()):
            turn[node][0].plain = raised


def test_crashers_of_property_tests_fail_again(project: Path) -> None:
    wanted = os.environ.get("FUZZTUI_SOAK_TARGETS", "").split(",")
    names = [
        f"{info.file.relative_to(project)}::{info.name}"
        for info in discover(project).targets
        if any(each in info.name for each in wanted)
    ]
    crashers = [crasher for name in names for crasher in found_in(project, name)]
    own = [each for each in crashers if each.number is None]
    run_plainly(project, own)
    print(f"{len(crashers)} crashers of {len(names)} tests, {sum(each.is_flaky for each in crashers)} of them flaky")
    assert [each for each in crashers if each.verdict != "fail" and not each.is_flaky] == []
    assert [each for each in own if each.plain in ("", "DidNotReproduce", "Flaky") and not each.is_flaky] == []
    assert all(each.is_flaky == each.target.endswith("test_state_between") for each in crashers)
    assert len(crashers) >= ENOUGH or wanted != [""]
