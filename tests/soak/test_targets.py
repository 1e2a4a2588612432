"""Every target of the repository starts, runs for some seconds and ends with the right code, all of them in one run."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import several
from fuzztui.target.discover import discover

pytestmark = [pytest.mark.processes, pytest.mark.soak]

SECONDS = 3
"""Of each target's turn."""

PATIENCE = 30
"""Seconds for each target on a busy machine, its start included."""

START = 20.0
"""Seconds in which 75 targets have begun on a machine that does nothing else."""


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """A project with copies of them: inputs are stored beside a target."""
    several.copied(tmp_path)
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, Sequence[dict[str, Any]]]:
    """The exit status of a run of all of them, and how each target ended."""
    command = [sys.executable, "-m", "fuzztui", "run", *several.FOLDERS, "--json", "-j", "2", *words]
    patience = PATIENCE * len(discover(folder).targets)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=patience, check=False)
    end = json.loads(done.stdout.splitlines()[-1])
    assert end["event"] == "end", done.stderr
    return done.returncode, end["targets"]


def test_every_target_runs_in_its_turn_and_ends_as_it_should(copies: Path) -> None:
    known = {f"{info.file.relative_to(copies)}::{info.name}" for info in discover(copies).targets}
    status, rows = run(copies, "--each", f"{SECONDS}s", "--minimize-time", "0")
    assert status == 1
    assert {row["target"] for row in rows} == known
    assert [row["target"] for row in rows if not row["execs"]] == []
    assert [
        (row["target"], row["exit_code"], row["detail"])
        for row in rows
        if row["exit_code"] != (1 if row["crashers"] else 0)
    ] == []


def test_all_of_them_together_each_have_executions(copies: Path) -> None:
    seconds = max(120, SECONDS * len(discover(copies).targets))  # of the clock, however busy the machine is
    status, rows = run(copies, "-t", f"{seconds}s", "--minimize-time", "0")
    assert status == 1
    assert [row["target"] for row in rows if not row["execs"]] == []
    assert {row["exit_code"] for row in rows} <= {0, 1}


def test_75_targets_have_begun_soon(tmp_path: Path) -> None:
    targets = several.copied(tmp_path)[:75]
    assert len(targets) == 75
    begun = several.begin(tmp_path, targets, 2)
    assert begun.own + begun.below <= 2 * START  # two cores; CPU time, since others may use the machine
