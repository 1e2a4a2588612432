"""Whether a second worker does twice the work."""

import os
from dataclasses import dataclass
from typing import Final

from benchmarks.arena import arena
from benchmarks.child import run
from benchmarks.figures import Spread, Verdict, spread
from benchmarks.plan import Plan, Report
from benchmarks.table import cell, table
from benchmarks.throughput import fuzz

TARGETS: Final = ("empty", "json")

EXPECTED: Final = 1.85
"""Times one worker, of two workers on two cores."""

PAIRS: Final = 3

SETTLING: Final = 0.5
"""Seconds of fuzzing before the clock starts."""

PLAIN: Final = "plain loops"
"""Two processes without fuzztui: more than what these reach the machine does not give."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Executions per second of wall time, over pairs of runs in alternating order."""

    target: str
    one: Spread
    two: Spread
    ratio: Spread
    """Of each pair."""


def measure(plan: Plan) -> Report:
    """Fuzz with one worker and with two, and have the machine itself measured the same way."""
    pairs = max(PAIRS, plan.rounds)
    names = [PLAIN, *(target for target in plan.targets if target in TARGETS)]
    rows = [_one(name, pairs, plan) for name in names]
    text = table(
        f"Two workers against one, {os.cpu_count()} cores: executions per second, {pairs} pairs",
        ("target", "one worker", "two workers", "ratio (least - most)"),
        [(row.target, cell(row.one.median), cell(row.two.median), str(row.ratio)) for row in rows],
    )
    verdicts = [
        Verdict(f"two workers, {row.target}", row.ratio.median, EXPECTED, at_least=True, unit="x one worker")
        for row in rows
        if row.target != PLAIN
    ]
    return Report(rows, text, verdicts)


def _one(name: str, pairs: int, plan: Plan) -> Scaling:
    rates: dict[int, list[float]] = {1: [], 2: []}
    for pair in range(pairs):
        plan.progress(f"workers: {name}, pair {pair + 1} of {pairs}")
        for workers in (1, 2) if pair % 2 == 0 else (2, 1):
            rates[workers].append(_rate(name, workers, plan.seconds))
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    return Scaling(name, spread(rates[1]), spread(rates[2]), spread(ratios))


def _rate(name: str, workers: int, seconds: float) -> float:
    if name == PLAIN:
        turns = run("benchmarks.children.spin", workers, seconds, within=seconds + 20).result()
        return float(turns) / seconds
    with arena(name) as made:
        result = fuzz(made, workers, seconds, SETTLING)
    return result["window_executions"] / result["window_seconds"]
