"""Whether a second worker does twice the work.

All runs of a target begin with the corpus that one run before them has found. From the seeds alone two workers would
soon be further than one, with longer inputs that take longer to execute, and that is not what is asked here.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from benchmarks.arena import Arena, arena
from benchmarks.child import run
from benchmarks.figures import Spread, Verdict, spread
from benchmarks.plan import Plan, Report
from benchmarks.table import cell, table
from benchmarks.throughput import fuzz

TARGETS: Final = ("empty", "json")

EXPECTED: Final = 1.85
"""Times one worker, of two workers on two cores."""

PAIRS: Final = 4

GROWING: Final = 4.0
"""Seconds of the run that finds the corpus."""

LONGEST: Final = 2.0
"""Seconds of one run: rates are steady long before."""

SETTLING: Final = 1.5
"""Seconds of fuzzing before the clock starts: the first time that an entry has its turn, its comparisons are traced."""

PLAIN: Final = "plain loops"
"""Two processes without fuzztui: more than what these reach the machine does not give."""


class Rate(NamedTuple):
    """Executions per second of one run, all workers."""

    by_clock: float
    undisturbed: float
    """Had no other process taken the cores while workers were ready to run."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Two workers against one, over pairs of runs in alternating order."""

    target: str
    one: float
    """Executions per second by the clock, median."""
    two: float
    ratio_by_clock: Spread
    """Of each pair."""
    ratio: Spread
    """The same of the undisturbed rates."""


def undisturbed(rate: float, ready: float, own: float) -> float:
    """What a rate by the clock would have been on a machine that nobody else uses.

    `ready` is the share of the time in which the workers were ready to run but had no core; `own` how much of that the
    coordinator may have caused, which counts against us.
    """
    return rate / (1 - max(0.0, ready - own))


def measure(plan: Plan) -> Report:
    """Fuzz with one worker and with two, and have the machine itself measured the same way."""
    pairs = max(PAIRS, plan.rounds)
    rows = [_one(name, pairs, plan) for name in (PLAIN, *TARGETS) if name == PLAIN or name in plan.targets]
    text = table(
        f"Two workers against one, {os.cpu_count()} cores: executions per second, {pairs} pairs",
        ("target", "one worker", "two workers", "ratio by the clock", "ratio undisturbed"),
        [(row.target, cell(row.one), cell(row.two), str(row.ratio_by_clock), str(row.ratio)) for row in rows],
    )
    verdicts = [
        Verdict(f"two workers, {row.target}", row.ratio.median, EXPECTED, at_least=True, unit="x one worker")
        for row in rows
        if row.target != PLAIN
    ]
    return Report(rows, text, verdicts)


def _one(name: str, pairs: int, plan: Plan) -> Scaling:
    rates: dict[int, list[Rate]] = {1: [], 2: []}
    seconds = min(plan.seconds, LONGEST)
    with ExitStack() as stack:
        made = None if name == PLAIN else stack.enter_context(_grown(name, plan))
        for pair in range(pairs):
            plan.progress(f"workers: {name}, pair {pair + 1} of {pairs}")
            for workers in (1, 2) if pair % 2 == 0 else (2, 1):
                rates[workers].append(_spin(workers, seconds) if made is None else _fuzz(made, workers, seconds))
    paired = list(zip(rates[1], rates[2], strict=True))
    return Scaling(
        target=name,
        one=median(rate.by_clock for rate in rates[1]),
        two=median(rate.by_clock for rate in rates[2]),
        ratio_by_clock=spread(two.by_clock / one.by_clock for one, two in paired),
        ratio=spread(two.undisturbed / one.undisturbed for one, two in paired),
    )


@contextmanager
def _grown(target: str, plan: Plan) -> Iterator[Arena]:
    """An arena whose seeds are a corpus."""
    plan.progress(f"workers: {target}, finding inputs")
    with arena(target) as made:
        fuzz(made, 1, min(plan.seconds, GROWING))
        if made.generated.is_dir():
            shutil.copytree(made.generated, made.seeds, dirs_exist_ok=True)
        yield made


def _fuzz(made: Arena, workers: int, seconds: float) -> Rate:
    made.forget()
    result = fuzz(made, workers, seconds, SETTLING)
    by_clock = result["window_executions"] / result["window_seconds"]
    own = result["coordinator_cpu"] / result["seconds"] / workers
    return Rate(by_clock, undisturbed(by_clock, result["ready"], own))


def _spin(processes: int, seconds: float) -> Rate:
    result = run("benchmarks.children.spin", processes, seconds, within=seconds + 20).result()
    return Rate(result["rate"], undisturbed(result["rate"], result["ready"], 0.0))
