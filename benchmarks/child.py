"""Runs one measurement in a process of its own."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


class MeasurementError(Exception):
    """A measuring process failed, or took too long; the message quotes its last words."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that ended as expected."""

    started: float
    """`time.monotonic()` just before it was started."""
    cpu: float
    """User and system seconds of it and of the processes it waited for."""
    output: str
    errors: str
    status: int
    """Of its exit, or of the signal that ended it, negative."""

    def result(self) -> Any:
        """What it printed: JSON in its last line."""
        return json.loads(self.output.splitlines()[-1])


def run(
    module: str,
    *arguments: object,
    within: float,
    environment: dict[str, str] | None = None,
    statuses: Collection[int] = (0,),
) -> Finished:
    """Run a Python module to its end, at most `within` seconds. MeasurementError if it ends with none of `statuses`."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=within)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)  # fuzztui's workers, in sessions of their own, die with their parent
            if isinstance(error, subprocess.TimeoutExpired):
                raise MeasurementError(f"{_shown(module, arguments)} took longer than {within:g} s") from None
            raise
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in statuses:
        raise MeasurementError(f"{_shown(module, arguments)} ended with status {process.returncode}:\n{errors[-2000:]}")
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return Finished(started, cpu, output, errors, process.returncode)


def _shown(module: str, arguments: Sequence[object]) -> str:
    return " ".join([module, *map(str, arguments)])
