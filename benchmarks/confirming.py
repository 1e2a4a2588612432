"""What is left of the search while thirty crashers, which it meets almost at once, are run again to be confirmed."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.child import MeasurementError, run
from benchmarks.figures import Spread, Verdict, rates, spread_of_rates
from benchmarks.plan import START, Plan, Report
from benchmarks.table import cell, table

EXPECTED: Final = 0.9
"""Times the rate of the same target where nothing of it is a failure."""

WORKERS: Final = 2

CRASHERS: Final = 30

RARE: Final = 30_000
"""One execution in so many fails in a given line, so that failures themselves cost next to nothing."""

SALT: Final = 12_345
"""Lets no input fail that is tried again and again: without it the empty one would, in each thirtieth execution."""

LONGEST: Final = 150.0
"""Seconds that all of them may take to be confirmed, on a busy machine."""

GRACE: Final = 60.0
"""Seconds that a run may take besides fuzzing."""


def source(crashers: int = CRASHERS, rare: int = RARE) -> str:
    """A target that works a little and fails in one of so many lines; with CONFIRMING=calm in the environment it does
    not.
    """
    failing = "".join(f"def f{n}(data): raise ValueError(len(data), {n})\n" for n in range(crashers))
    names = ", ".join(f"f{n}" for n in range(crashers))
    return (
        f"import os, zlib\n{failing}F = [{names}]\n"
        "IS_CALM = os.environ.get('CONFIRMING') == 'calm'\n"
        "def fuzz(data: bytes) -> None:\n"
        "    words = {}\n"
        "    for number, byte in enumerate(data[:32]):\n"
        "        words[byte] = words.get(byte, 0) + number\n"
        f"    place = zlib.crc32(data, {SALT}) % {rare}\n"
        f"    if place < {crashers} and not IS_CALM:\n"
        "        F[place](data)\n"
    )


@dataclass(frozen=True, slots=True)
class Confirming:
    """Both targets, one after the other in each round."""

    calm: float
    """Executions per second by the clock, median."""
    confirming: float
    ratio_by_clock: Spread
    """Confirming to calm, of each round."""
    ratio: Spread
    """The same of executions per second of CPU time, of all processes."""
    seconds: float
    """From the beginning until all crashers were confirmed, median."""


def measure(plan: Plan) -> Report:
    """Fuzz both in turns, the calm one as long as the other."""
    calm: list[Mapping[str, Any]] = []
    confirming: list[Mapping[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as folder:
        for number in range(plan.rounds):
            plan.progress(f"confirming: round {number + 1} of {plan.rounds}")
            confirming.append(_fuzz(Path(folder, f"confirming-{number}"), "confirming", LONGEST, CRASHERS))
            calm.append(_fuzz(Path(folder, f"calm-{number}"), "calm", confirming[-1]["seconds"], 0))
    row = _row(calm, confirming)
    text = table(
        f"{CRASHERS} crashers are confirmed while {WORKERS} workers go on",
        ("", "executions/s", "by the clock", "per CPU second", "all confirmed after [s]"),
        [
            ("calm", cell(row.calm), "1", "1", ""),
            ("confirming", cell(row.confirming), str(row.ratio_by_clock), str(row.ratio), cell(row.seconds, ".1f")),
        ],
    )
    return Report([row], text, verdicts(row))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return plan.rounds * (LONGEST / 2 + 4 * START)


def verdicts(row: Confirming) -> list[Verdict]:
    """Whether the search goes on."""
    name, by_clock = f"fuzzing while {CRASHERS} crashers are confirmed", row.ratio_by_clock
    return [Verdict(name, by_clock.median, EXPECTED, at_least=True, unit="x", of=" the calm rate", spread=by_clock)]


def _row(calm: list[Mapping[str, Any]], confirming: list[Mapping[str, Any]]) -> Confirming:
    for result in confirming:
        if result["confirmed"] < CRASHERS:
            raise MeasurementError(f"confirming: {result['confirmed']} crashers of {CRASHERS} in {LONGEST:g} s")
    return Confirming(
        calm=median(rates(calm, "seconds")),
        confirming=median(rates(confirming, "seconds")),
        ratio_by_clock=spread_of_rates(confirming, calm, "seconds"),
        ratio=spread_of_rates(confirming, calm, "cpu"),
        seconds=float(median(result["seconds"] for result in confirming)),
    )


def _fuzz(folder: Path, name: str, seconds: float, enough: int) -> Mapping[str, Any]:
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    file = folder / "fuzz_confirming.py"
    file.write_text(source())
    environment = {"CONFIRMING": name, "XDG_CACHE_HOME": os.fspath(folder / ".cache")}
    arguments = (file, "fuzz", folder / ".fuzztui", WORKERS, seconds, enough)
    finished = run("benchmarks.children.flood", *arguments, within=seconds + GRACE, environment=environment)
    result: Mapping[str, Any] = finished.result()
    return result
