"""What is left of the search while a target fails a thousand times a second, hardly ever twice in the same line."""

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

EXPECTED: Final = 0.8
"""Times the rate of the same target where nothing of it is a failure."""

WORKERS: Final = 2

LINES: Final = 2_000
"""That fail: twice as many as crashers are told apart. (Of many more a process takes seconds to load them.)"""

PER_SECOND: Final = 1_000
"""Failures of all workers together."""

LEAST_SECONDS: Final = 60.0
"""Of each run: crashers are told apart and first run again in the beginning, which is not to count for all."""

GRACE: Final = 150.0
"""Seconds that a run may take besides fuzzing, on a busy machine."""


def source(lines: int = LINES, per_second: float = PER_SECOND, workers: int = WORKERS) -> str:
    """A target that works a little and, so many times a second, fails in one of so many lines; with FLOOD=calm in the
    environment it never comes to these lines. (Did it come there and not fail, it would cover ever new ones.)
    """
    failing = "".join(f"def f{n}(data): raise ValueError(len(data), {n})\n" for n in range(lines))
    names = ", ".join(f"f{n}" for n in range(lines))
    return (
        f"import os, time, zlib\n{failing}F = [{names}]\n"
        f"APART = 1e9 if os.environ.get('FLOOD') == 'calm' else {workers / per_second}\n"
        "last = time.monotonic()\n"
        "def fuzz(data: bytes) -> None:\n"
        "    global last\n"
        "    words = {}\n"
        "    for number, byte in enumerate(data[:32]):\n"
        "        words[byte] = words.get(byte, 0) + number\n"
        "    now = time.monotonic()\n"
        "    if now - last >= APART:\n"
        "        last = now\n"
        f"        F[zlib.crc32(data) % {lines}](data)\n"
    )


@dataclass(frozen=True, slots=True)
class Flood:
    """Both targets, over rounds that begin with another of them each."""

    calm: float
    """Executions per second by the clock, median."""
    flooded: float
    ratio_by_clock: Spread
    """Flooded to calm, of each round."""
    ratio: Spread
    """The same of executions per second of CPU time, of all processes: on a machine that others use this tells more."""
    ending: float
    """Seconds that the end of a flooded run took, median."""
    calm_ending: float
    longest: float
    """Seconds without a new snapshot, at most."""
    growth: float
    """Of the coordinator's memory in the second half of the time, per cent, at most."""
    crashers: float
    confirmed: float
    received: float
    """Median numbers of a flooded run."""


def measure(plan: Plan) -> Report:
    """Fuzz both in turns."""
    calm: list[Mapping[str, Any]] = []
    flooded: list[Mapping[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as folder:
        for number in range(plan.rounds):
            plan.progress(f"flood: round {number + 1} of {plan.rounds}")
            both = [("calm", calm), ("flooded", flooded)]
            for name, results in both if number % 2 == 0 else reversed(both):
                results.append(_fuzz(Path(folder, f"{name}-{number}"), name, max(plan.seconds, LEAST_SECONDS)))
    row = _row(calm, flooded)
    seconds = max(plan.seconds, LEAST_SECONDS)
    text = table(
        f"A flood of failures, {PER_SECOND:,} a second in {LINES:,} lines, {seconds:g} s with {WORKERS} workers",
        (
            *("", "executions/s", "by the clock", "per CPU second", "end [s]", "snapshots apart [s]"),
            *("crashers", "confirmed"),
        ),
        [
            ("calm", cell(row.calm), "1", "1", cell(row.calm_ending, ".1f"), "", "", ""),
            (
                *("flooded", cell(row.flooded), str(row.ratio_by_clock), str(row.ratio), cell(row.ending, ".1f")),
                *(cell(row.longest, ".1f"), cell(row.crashers), cell(row.confirmed)),
            ),
        ],
    )
    return Report([row], text, verdicts(row))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return 2 * plan.rounds * (max(plan.seconds, LEAST_SECONDS) + 6 * START)


def verdicts(row: Flood) -> list[Verdict]:
    """Whether the search goes on."""
    return [
        Verdict(name, ratio.median, EXPECTED, at_least=True, unit="x", of=" the calm rate", spread=ratio)
        for name, ratio in (("flood, by the clock", row.ratio_by_clock), ("flood, per CPU second", row.ratio))
    ]


def _row(calm: list[Mapping[str, Any]], flooded: list[Mapping[str, Any]]) -> Flood:
    def middle(results: list[Mapping[str, Any]], what: str) -> float:
        return float(median(result[what] for result in results))

    for result in flooded:
        if result["received"] != result["stored"] + result["duplicates"] + result["unsaved"]:
            raise MeasurementError(f"flood: the crashers' accounts do not balance: {result}")
    return Flood(
        calm=median(rates(calm, "seconds")),
        flooded=median(rates(flooded, "seconds")),
        ratio_by_clock=spread_of_rates(flooded, calm, "seconds"),
        ratio=spread_of_rates(flooded, calm, "cpu"),
        ending=middle(flooded, "ending"),
        calm_ending=middle(calm, "ending"),
        longest=max(result["longest"] for result in flooded),
        growth=max(100 * (result["resident"][1] / result["resident"][0] - 1) for result in flooded),
        crashers=middle(flooded, "crashers"),
        confirmed=middle(flooded, "confirmed"),
        received=middle(flooded, "received"),
    )


def _fuzz(folder: Path, name: str, seconds: float) -> Mapping[str, Any]:
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    file = folder / "fuzz_flood.py"
    file.write_text(source())
    environment = {"FLOOD": name, "XDG_CACHE_HOME": os.fspath(folder / ".cache")}
    arguments = (file, "fuzz", folder / ".fuzztui", WORKERS, seconds, 0)
    finished = run("benchmarks.children.flood", *arguments, within=seconds + GRACE, environment=environment)
    result: Mapping[str, Any] = finished.result()
    return result
