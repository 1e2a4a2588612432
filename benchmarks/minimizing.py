"""Sizes that inputs with known smallest forms come to, and the CPU time that takes, beside Hypothesis and afl-tmin.

The CPU time is that of whole programs: fuzztui's starts an engine and a worker, which takes most of it. What afl-tmin's
fork server uses counts as far as somebody waits for it.
"""

import importlib.util
import json
import os
import shutil
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.child import ROOT, run
from benchmarks.figures import Verdict
from benchmarks.other_search import AFL_SETTINGS, PATHS
from benchmarks.plan import START, Plan, Report
from benchmarks.table import cell, table

FILE: Final = ROOT / "benchmarks" / "targets" / "fuzz_minimizing.py"

WITHIN: Final = 300.0
"""Seconds that one may take."""

USUAL: Final = 4.0
"""Seconds that one takes, about: for estimates."""

LINES: Final = b"\n".join(b"Header-%d: some value %d" % (number, number) for number in range(40))

INPUTS: Final[dict[str, tuple[bytes, int]]] = {
    "records": (
        b"".join(bytes([n % 7, n, *range(n)]) for n in range(30)) + b"\x07\x05abcd\x09" + b"\x01\x02xy" * 20,
        3,
    ),
    "header": (LINES + b"\nHeader-7: another\n" + LINES, 4),
    "brackets": (b"[1, [2, [3, 4], []], [5, [6, [7, [8, [9]]]]], 10, [[[[]]], []]]" * 8, 8),
    "keys": (json.dumps({"list": [{"name": n, "deep": {"x": [n, {"id": n}]}} for n in range(40)]}).encode(), 8),
    "pair": (struct.pack("<200I", *range(200)) + b"\xc3 some text between \xc3" + bytes(range(256)) * 2, 4),
}
"""Name of the bug -> an input that has it, and the bytes of the smallest one."""

NONE: Final = "Neither Hypothesis nor python-afl with `afl-tmin` is installed: there is nothing to compare with."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one program has made of an input."""

    size: int
    """Bytes."""
    cpu: float
    """Seconds."""
    calls: int | None
    """Of the target."""


@dataclass(frozen=True, slots=True)
class Minimized:
    """One input, as each program has made it smaller."""

    bug: str
    before: int
    """Bytes of the input."""
    smallest: int
    """Bytes of the smallest one."""
    outcomes: dict[str, Outcome]
    """By program."""


def fuzztui(function: str, given: Path, folder: Path) -> Outcome:
    """`fuzztui minimize`."""
    file = shutil.copy(FILE, folder)
    options = ("--json", "--cache-dir", str(folder / "cache"), "-t", f"{WITHIN:g}s")
    finished = run("fuzztui", "minimize", f"{file}::{function}", given, *options, within=2 * WITHIN)
    events = [json.loads(line) for line in finished.output.splitlines()]
    (event,) = [event for event in events if event["event"] == "minimized"]
    return Outcome(event["after"], finished.cpu, event["execs"])


def hypothesis(function: str, given: Path, folder: Path) -> Outcome:
    """Hypothesis' shrinker, on one argument of bytes."""
    environment = {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")}
    return _child("benchmarks.children.hypothesis_shrink", FILE, function, given, environment=environment)


def afl_tmin(function: str, given: Path, folder: Path) -> Outcome:
    """AFL++'s `afl-tmin`, which runs the target by python-afl."""
    environment = {"PATH": PATHS, **AFL_SETTINGS}
    return _child("benchmarks.children.afl_tmin", FILE, function, given, folder, environment=environment)


def _child(module: str, *arguments: object, environment: dict[str, str]) -> Outcome:
    finished = run(module, *arguments, within=WITHIN, environment=environment)
    result: dict[str, Any] = finished.result()
    return Outcome(result["size"], finished.cpu, result["calls"])


def programs() -> dict[str, Callable[[str, Path, Path], Outcome]]:
    """Fuzztui and those of the others that are installed."""
    found: dict[str, Callable[[str, Path, Path], Outcome]] = {"fuzztui": fuzztui}
    if importlib.util.find_spec("hypothesis") is not None:
        found["Hypothesis"] = hypothesis
    is_afl = importlib.util.find_spec("afl") is not None
    if is_afl and shutil.which("afl-tmin", path=PATHS) and shutil.which("py-afl-tmin", path=PATHS):
        found["afl-tmin"] = afl_tmin
    return found


def measure(plan: Plan) -> Report:
    """Make each input smaller with each program."""
    rows = []
    for bug, (data, smallest) in INPUTS.items():
        outcomes = {}
        for name, program in programs().items():
            plan.progress(f"minimizing {bug} with {name}")
            with TemporaryDirectory() as made:
                given = Path(made, "given")
                given.write_bytes(data)
                outcomes[name] = program(f"fuzz_{bug}", given, Path(os.path.realpath(made)))
        rows.append(Minimized(bug, len(data), smallest, outcomes))
    text = shown(rows)
    return Report(rows, text if len(programs()) > 1 else f"{text}\n{NONE}", verdicts(rows))


def duration(_plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return len(INPUTS) * len(programs()) * (USUAL + START)


def shown(rows: Sequence[Minimized]) -> str:
    """The table, with three columns for each program."""
    names = list(rows[0].outcomes) if rows else []
    return table(
        "Bytes that an input comes to, CPU seconds, calls of the target",
        ("bug", "before", "smallest", *(title for name in names for title in (name, "CPU s", "calls"))),
        [
            (
                row.bug,
                cell(row.before),
                cell(row.smallest),
                *(
                    text
                    for name in names
                    for one in (row.outcomes[name],)
                    for text in (cell(one.size), cell(one.cpu, ".2f"), cell(one.calls))
                ),
            )
            for row in rows
        ],
    )


def verdicts(rows: Sequence[Minimized]) -> list[Verdict]:
    """Whether each input has come to its smallest form, and to none larger than another program's."""
    return [
        Verdict(
            f"minimizing, {row.bug}", row.outcomes["fuzztui"].size, row.smallest, at_least=False, unit=" bytes", of=""
        )
        for row in rows
    ]
