"""Executions per CPU second of targets that do nothing, by what they take, each beside one that takes bytes; and CPU
seconds to bugs behind values that are put together.

What the rates tell of is the fuzzer's own loop: mutation, the file form of the values, and building them for the call.
"""

from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.arena import FOLDER, bare_arena
from benchmarks.figures import Verdict, spread
from benchmarks.plan import START, Plan, Report
from benchmarks.search import fuzztui as search
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

BUGS: Final = ("refund", "merge")
"""Targets with a bug: `list[Order]`, and `list[tuple[int, int]], int`."""

WITHIN: Final = 5.0
"""CPU seconds of one search for a bug."""

SEEDS: Final = 10

USUAL: Final = 0.2
"""Which part of that it takes, about."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Executions per CPU second of the worker; medians over the pairs of runs."""

    target: str
    seconds: float
    rate: float
    plain: float
    """Of the target that takes bytes, in the same pairs."""
    ratios: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """CPU seconds to a bug, one figure for each random seed; None where it was not found."""

    target: str
    seconds: tuple[float | None, ...]


def measure(plan: Plan) -> Report:
    """Fuzz each target beside the plain one, then search for the bugs."""
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
    searched = [_searched(target, plan) for target in BUGS]
    text += "\n\n" + table(
        f"CPU seconds to a bug, at most {WITHIN:g}: each random seed",
        ("bug", *(f"{seed}" for seed in range(1, 1 + _seeds(plan)))),
        [(one.target, *(cell(seconds, ".2f") for seconds in one.seconds)) for one in searched],
    )
    for one in searched:
        found = sum(seconds is not None for seconds in one.seconds)
        name = f"typed values: bug of {one.target} found within {WITHIN:g} CPU seconds"
        verdicts.append(Verdict(name, found, _seeds(plan), at_least=True, unit=f" of {_seeds(plan)}", of=" searches"))
    return Report([*rows, *searched], text, verdicts)


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    rates = len(TARGETS) * PAIRS * 2 * (_seconds(plan) + START)
    return rates + len(BUGS) * _seeds(plan) * (USUAL * WITHIN + START)


def _seeds(plan: Plan) -> int:
    return plan.seeds or SEEDS


def _searched(target: str, plan: Plan) -> Searched:
    seconds: list[float | None] = []
    for seed in range(1, 1 + _seeds(plan)):
        plan.progress(f"typed: bug of {target}, seed {seed}")
        with bare_arena(target, FOLDER / "typed") as made:
            one = search(made, seed, WITHIN)
        seconds.append(one.cpu if one.found else None)
    return Searched(target, tuple(seconds))


def _seconds(plan: Plan) -> float:
    return min(plan.seconds, MOST_SECONDS)


def _rate(target: str, seconds: float) -> float:
    with bare_arena(target, FOLDER / "typed") as made:
        result = fuzz(made, 1, seconds)
    return result["executions"] / result["worker_cpu"]
