"""`python -m benchmarks.several [--targets N] [--workers N] [--rounds N]`: how soon each of many targets in one run has
been executed.

The targets are those of the repository, in copies. CPU seconds are those of the command and of all below it, until the
last of them has executions, at which it is looked every three seconds. The first round begins with nothing, those after
it with what the one before has stored, and with its instrumented code.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.child import ROOT, MeasurementError
from benchmarks.table import table
from fuzztui.target.discover import discover
from fuzztui.target.imports import packages_of

FOLDERS: Final = ("examples", "benchmarks/targets")
"""Where the repository has targets."""

WITHIN: Final = 900.0
"""Seconds of the clock for a round, on however busy a machine."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What it took until each target had executions."""

    seconds: float
    """By the clock, from the start of the command."""
    own: float
    """CPU seconds of the command."""
    below: float
    """CPU seconds of all processes that it has started."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each round."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.several", description=__doc__)
    parser.add_argument("--targets", type=int, default=75)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as name:
        targets = copied(Path(name))[: asked.targets]
        rounds = [begin(Path(name), targets, asked.workers) for _ in range(asked.rounds)]
    title = f"{len(targets)} targets in one run of {asked.workers} workers, until each has been executed"
    lines = [
        (f"{number}", f"{each.seconds:.1f}", f"{each.own + each.below:.1f}", f"{each.own:.1f}")
        for number, each in enumerate(rounds, 1)
    ]
    print(table(title, ("round", "seconds", "CPU seconds", "of these the command's own"), lines))
    return 0


def copied(folder: Path) -> Sequence[str]:
    """Copies the targets into a project, since inputs are stored beside them; names those whose packages are there."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "testdata"))
    (folder / "pyproject.toml").touch()
    for file in {info.file for info in discover(folder).targets}:
        beside = {path.stem for path in file.parent.iterdir()}
        if not all(package in beside or find_spec(package) for package in packages_of(file.read_bytes())):
            file.unlink()
    return [f"{info.file.relative_to(folder)}::{info.name}" for info in discover(folder).targets]


def begin(folder: Path, targets: Sequence[str], workers: int) -> Begun:
    """Run them until each has executions. MeasurementError if that takes too long."""
    words = ("--json", "-j", str(workers), "-t", f"{WITHIN:.0f}s", "--minimize-time", "0")
    command = [sys.executable, "-m", "fuzztui", "run", *targets, *words]
    started = time.monotonic()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        begun: Begun | None = None
        for line in process.stdout:
            if begun is None and _have_all(json.loads(line)):
                begun = Begun(time.monotonic() - started, *_cpu(psutil.Process(process.pid)))
                process.terminate()
    if begun is None:
        raise MeasurementError(f"not all of {len(targets)} targets were executed: the run ended with {line}")
    return begun


def _have_all(event: dict[str, Any]) -> bool:
    return event["event"] == "stats" and "target" not in event and all(row["execs"] for row in event["targets"])


def _cpu(process: psutil.Process) -> tuple[float, float]:
    times = process.cpu_times()
    below = times.children_user + times.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.Error):  # it has just ended, and counts with those that have
            each = child.cpu_times()
            below += each.user + each.system + each.children_user + each.children_system
    return times.user + times.system, below


if __name__ == "__main__":
    sys.exit(main())
