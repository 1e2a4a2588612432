"""Every target of the repository starts, runs for some seconds and ends with the right code, all of them in one run."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fuzztui.target.discover import discover

pytestmark = [pytest.mark.processes, pytest.mark.soak]

ROOT = Path(__file__).parents[2]

SECONDS = 3
"""Of each target's turn."""

PATIENCE = 30
"""Seconds for each target on a busy machine, its start included."""


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """A project with copies of them: inputs are stored beside a target."""
    for name in ("examples", "benchmarks/targets"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "testdata"))
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, Sequence[dict[str, Any]]]:
    """The exit status of a run of all of them, and how each target ended."""
    command = [sys.executable, "-m", "fuzztui", "run", "examples", "benchmarks/targets", "--json", "-j", "2", *words]
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
