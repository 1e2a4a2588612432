"""Executions per CPU second of targets that do nothing, by what they take, each beside one that takes bytes.

What is told of is the fuzzer's own loop: mutation, the file form of the values, and building them for the call.
"""

from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.arena import FOLDER, bare_arena
from benchmarks.figures import Verdict, spread
from benchmarks.plan import START, Plan, Report
from benchmarks.table import cell, table
from benchmarks.throughput import fuzz

PLAIN: Final = "bytes"

TARGETS: Final = ("str", "int", "float", "bool", "date", "mixed", "numbers", "pairs", "orders")
"""In `targets/typed`."""

COMPOSED: Final = ("pairs", "orders")

LEAST: Final = 50_000.0
"""Executions per CPU second of a worker, of the targets whose values are put together."""

MOST_SECONDS: Final = 3.0
"""Of one run: no input of a target that does nothing is longer than another for long."""

PAIRS: Final = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """Executions per CPU second of the worker; medians over the pairs of runs."""

    target: str
    seconds: float
    rate: float
    plain: float
    """Of the target that takes bytes, in the same pairs."""
    ratios: tuple[float, ...]


def measure(plan: Plan) -> Report:
    """Fuzz each target beside the plain one."""
    rows = []
    for target in TARGETS:
        pairs = []
        for pair in range(PAIRS):
            plan.progress(f"typed: {target}, {pair + 1} of {PAIRS}")
            # Who goes second finds the machine warm: they take turns.
            order = (target, PLAIN) if pair % 2 == 0 else (PLAIN, target)
            rates = {name: _rate(name, _seconds(plan)) for name in order}
            pairs.append((rates[target], rates[PLAIN]))
        own, plain = (median(rates) for rates in zip(*pairs, strict=True))
        rows.append(Beside(target, _seconds(plan), own, plain, tuple([one / other for one, other in pairs])))
    text = table(
        f"Executions per CPU second of a worker, {_seconds(plan):g} s each, {PAIRS} pairs",
        ("takes", "typed", "bytes", "typed / bytes"),
        [(row.target, cell(row.rate), cell(row.plain), str(spread(row.ratios))) for row in rows],
    )
    verdicts = [
        Verdict(f"typed values: {row.target}", row.rate, LEAST, at_least=True, unit="/s")
        for row in rows
        if row.target in COMPOSED
    ]
    return Report(rows, text, verdicts)


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return len(TARGETS) * PAIRS * 2 * (_seconds(plan) + START)


def _seconds(plan: Plan) -> float:
    return min(plan.seconds, MOST_SECONDS)


def _rate(target: str, seconds: float) -> float:
    with bare_arena(target, FOLDER / "typed") as made:
        result = fuzz(made, 1, seconds)
    return result["executions"] / result["worker_cpu"]
