"""Fuzzes a target with python-afl until it fails or the CPU time is used up.

Arguments: file, function, folder for what afl-fuzz reads and writes, random seed, CPU seconds. The CPU time is that of
afl-fuzz, of the fork server, which is the process that has loaded the target, and of those that it forks.

afl-fuzz does not begin without a seed, nor with an empty one: it gets a line feed.
"""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.children.fuzz import scheduled
from fuzztui.target.load import load

LOOK: Final = 0.02
"""Seconds between looks at the CPU time and for crashes, of which one is seen as much too late at most."""

PATIENCE: Final = 20.0
"""Seconds by the clock that afl-fuzz has to end when it is told to."""


def used(fuzzer: psutil.Process) -> float:
    """CPU seconds of a process, of its descendants, and of those that any of them has waited for."""
    seconds = 0.0
    for process in (fuzzer, *fuzzer.children(recursive=True)):
        with suppress(psutil.NoSuchProcess, OSError):  # its parent has just waited for it: it counts at the next look
            ended = process.cpu_times()
            seconds += scheduled(process.pid).running + ended.children_user + ended.children_system
    return seconds


def search(file: str, name: str, folder: Path, seed: str, limit: float) -> dict[str, Any]:
    """Run to the end; see `main` for what is returned."""
    inputs, output, ready, words = (folder / what for what in ("in", "out", "ready", "words"))
    inputs.mkdir(parents=True)
    (inputs / "line-feed").write_bytes(b"\n")
    target = (sys.executable, "-m", "benchmarks.children.afl_target", file, name, str(ready))
    command = ("py-afl-fuzz", "-i", str(inputs), "-o", str(output), "-s", seed, "--", *target)
    before = cpu = 0.0
    crashes: list[Path] = []
    with words.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as fuzzer:
        watched = psutil.Process(fuzzer.pid)
        try:
            while not crashes and cpu - before < limit:
                time.sleep(LOOK)
                if fuzzer.poll() is not None:
                    raise SystemExit(f"afl-fuzz has ended:\n{words.read_text('utf-8', 'replace')[-2000:]}")
                crashes = sorted(output.glob("default/crashes/id:*"))
                cpu = max(cpu, used(watched))
                if not before and ready.exists():
                    before = float(ready.read_text("ascii") or 0)
        finally:
            fuzzer.terminate()
            fuzzer.wait(PATIENCE)
    return {"before": before, "cpu": cpu - before, "crasher": failure(file, name, crashes[0]) if crashes else ""}


def failure(file: str, name: str, crash: Path) -> str:
    """Class of what the target raises for an input; a SystemExit says that it raises nothing."""
    try:
        load(file, name).function(crash.read_bytes())
    except Exception as error:
        return type(error).__name__
    raise SystemExit(f"afl-fuzz has kept {crash.name}, for which the target does not fail")


def main() -> None:
    """Print the CPU seconds before the search and of it, and the class of the exception that ended it."""
    file, name, folder, seed, limit = sys.argv[1:]
    print(json.dumps(search(file, name, Path(folder), seed, float(limit))))


if __name__ == "__main__":
    main()
