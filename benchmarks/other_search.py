"""One search by HypoFuzz or by python-afl, from nothing, with so much CPU time: the optional extra `bench-others`."""

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from benchmarks.arena import Arena
from benchmarks.child import MeasurementError, run
from benchmarks.search import BUG, GRACE, PATIENCE, Search, Way

PATHS: Final = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
"""Where programs are looked for: the interpreter's own come first, whether its environment is activated or not."""

AFL_SETTINGS: Final = {
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
    "AFL_NO_AFFINITY": "1",
    "AFL_NO_UI": "1",
}
"""What afl-fuzz would refuse to begin without, or would do to the machine or the terminal; none is about fuzzing."""


def hypofuzz(made: Arena, _seed: int, limit: float) -> Search:
    """Search with HypoFuzz in one process; it takes no random seed. MeasurementError as for the others."""
    finished = run(
        "benchmarks.children.hypofuzz_search",
        *(made.file, made.function, made.folder / "database", limit),
        within=PATIENCE * limit + GRACE,
        environment={"HYPOTHESIS_STORAGE_DIRECTORY": str(made.folder / "hypothesis")},
        statuses=(0, -signal.SIGPROF),
    )
    start, _, failure = finished.output.strip().partition("\n")
    _check(made, "HypoFuzz", failure)
    return Search(finished.cpu - float(start), float(start), bool(failure))


def python_afl(made: Arena, seed: int, limit: float) -> Search:
    """Search with python-afl and afl-fuzz; what afl-fuzz itself needs to begin, milliseconds, is part of the search.

    MeasurementError as for the others.
    """
    result = run(
        "benchmarks.children.afl_search",
        *(made.file, made.function, made.folder / "afl", seed, limit),
        within=PATIENCE * limit + GRACE,
        environment={"PATH": PATHS, **AFL_SETTINGS},
    ).result()
    _check(made, "python-afl", result["crasher"])
    return Search(result["cpu"], result["before"], bool(result["crasher"]))


SEARCHES: Final[dict[str, Way]] = {"HypoFuzz": hypofuzz, "python-afl": python_afl}
"""Name of a fuzzer -> how it searches."""


def versions(
    version: Callable[[str], str] = importlib.metadata.version,
    program: Callable[[str], str | None] = lambda name: shutil.which(name, path=PATHS),
) -> dict[str, str]:
    """Name -> version of those that can run here; python-afl needs AFL++ too, whose version follows its own."""
    found = {}
    for name in SEARCHES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = version(name)
    afl_fuzz = program("afl-fuzz")
    if not (afl_fuzz and program("py-afl-fuzz")):
        found.pop("python-afl", None)
    elif "python-afl" in found:
        found["python-afl"] += f" with AFL{_afl_version(afl_fuzz)}"
    return found


def _afl_version(afl_fuzz: str) -> str:
    """What the banner above its help says, such as `++4.04c`."""
    shown = subprocess.run([afl_fuzz, "-h"], capture_output=True, text=True, errors="replace", timeout=60, check=False)
    banner = re.search(r"afl-fuzz *([+.0-9][+.\w]*)", shown.stdout + shown.stderr)
    return banner[1] if banner else ""


def _check(made: Arena, who: str, failure: str) -> None:
    if failure not in ("", BUG):
        raise MeasurementError(f"{made.name}: {who} has found something else: {failure}")
