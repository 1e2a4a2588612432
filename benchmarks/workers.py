"""Whether a second worker does twice the work, and whether more workers than cores do no harm.

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
from benchmarks.plan import START, Plan, Report
from benchmarks.table import cell, table
from benchmarks.throughput import fuzz

TARGETS: Final = ("empty", "json")

EXPECTED: Final = 1.9
"""Times one worker, of two workers on two cores."""

MANY: Final = 8
"""Workers that have to share the cores."""

EXPECTED_OF_MANY: Final = 0.95
"""Times two workers: what is lost to sharing is at most the rest."""

GROWING: Final = 4.0
"""Seconds of the run that finds the corpus."""

LONGEST: Final = 2.0
"""Seconds of one run: rates are steady long before."""

SETTLING: Final = 2.5
"""Seconds of fuzzing before the clock starts: the first time that an entry has its turn, its comparisons are traced,
and each worker retires its probes by itself. The same for all, so that they are compared at one stage of the search.
"""

PLAIN: Final = "plain loops"
"""Processes without fuzztui: more than what these reach the machine does not give."""

LONGEST_OF_PLAIN: Final = 1.0
"""Seconds of one run of these."""


class Rate(NamedTuple):
    """Executions per second of one run, all workers."""

    by_clock: float
    undisturbed: float
    """Had no other process taken the cores while workers were ready to run; says nothing of more workers than cores."""
    per_cpu: float
    """Per second of CPU time, that of workers and coordinator together."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Two workers against one, and many against two, over rounds that begin with another of them each."""

    target: str
    one: float
    """Executions per second by the clock, median."""
    two: float
    many: float
    ratio_by_clock: Spread
    """Two workers to one, of each round."""
    ratio: Spread
    """The same of the undisturbed rates."""
    many_by_clock: Spread
    """Many workers to two, of each round. On a busy machine many get more of the cores than two, and seem faster."""
    many_per_cpu: Spread
    """The same per second of CPU time: time that two workers leave unused does not count against them, so this is
    what sharing costs at most.
    """


def undisturbed(rate: float, ready: float, own: float) -> float:
    """What a rate by the clock would have been on a machine that nobody else uses.

    `ready` is the share of the time in which the workers were ready to run but had no core; `own` how much of that the
    coordinator may have caused, which counts against us.
    """
    return rate / (1 - max(0.0, ready - own))


def measure(plan: Plan) -> Report:
    """Fuzz with one worker, with two and with many, and have the machine itself measured the same way."""
    rows = [_one(name, plan) for name in _names(plan)]
    text = table(
        f"Workers, {os.cpu_count()} cores: executions per second, {plan.rounds} round(s)",
        (
            *("target", "one worker", "two workers", f"{MANY} workers", "two / one by the clock"),
            *("two / one undisturbed", f"{MANY} / two by the clock", f"{MANY} / two per CPU second"),
        ),
        [
            (
                *(row.target, cell(row.one), cell(row.two), cell(row.many), str(row.ratio_by_clock)),
                *(str(row.ratio), str(row.many_by_clock), str(row.many_per_cpu)),
            )
            for row in rows
        ],
    )
    return Report(rows, text, [verdict for row in rows if row.target != PLAIN for verdict in verdicts(row)])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    one = min(plan.seconds, LONGEST)
    plain = 3 * plan.rounds * (min(plan.seconds, LONGEST_OF_PLAIN) + START / 2)
    fuzzing = min(plan.seconds, GROWING) + START + 3 * plan.rounds * (one + SETTLING + START)
    return sum(plain if name == PLAIN else fuzzing for name in _names(plan))


def verdicts(row: Scaling) -> list[Verdict]:
    """Whether the second worker brings its share, and many do not cost more than they may."""
    return [
        Verdict(
            f"two workers, {row.target}",
            row.ratio.median,
            EXPECTED,
            at_least=True,
            unit="x",
            of=" one worker",
            spread=row.ratio,
        ),
        Verdict(
            f"{MANY} workers, {row.target}",
            row.many_per_cpu.median,
            EXPECTED_OF_MANY,
            at_least=True,
            unit="x",
            of=" two workers",
            spread=row.many_per_cpu,
        ),
    ]


def _names(plan: Plan) -> list[str]:
    chosen = [name for name in TARGETS if name in plan.targets]
    return [PLAIN, *chosen] if chosen else []


def _one(name: str, plan: Plan) -> Scaling:
    rates: dict[int, list[Rate]] = {1: [], 2: [], MANY: []}
    seconds = min(plan.seconds, LONGEST_OF_PLAIN if name == PLAIN else LONGEST)
    with ExitStack() as stack:
        made = None if name == PLAIN else stack.enter_context(_grown(name, plan))
        for number in range(plan.rounds):
            plan.progress(f"workers: {name}, round {number + 1} of {plan.rounds}")
            counts = list(rates)
            for workers in counts if number % 2 == 0 else reversed(counts):
                rates[workers].append(_spin(workers, seconds) if made is None else _fuzz(made, workers, seconds))
    rounds = list(zip(*rates.values(), strict=True))
    return Scaling(
        target=name,
        one=median(rate.by_clock for rate in rates[1]),
        two=median(rate.by_clock for rate in rates[2]),
        many=median(rate.by_clock for rate in rates[MANY]),
        ratio_by_clock=spread(two.by_clock / one.by_clock for one, two, _ in rounds),
        ratio=spread(two.undisturbed / one.undisturbed for one, two, _ in rounds),
        many_by_clock=spread(many.by_clock / two.by_clock for _, two, many in rounds),
        many_per_cpu=spread(many.per_cpu / two.per_cpu for _, two, many in rounds),
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
    return Rate(by_clock, undisturbed(by_clock, result["ready"], own), by_clock / result["window_cores"])


def _spin(processes: int, seconds: float) -> Rate:
    result = run("benchmarks.children.spin", processes, seconds, within=seconds + 20).result()
    return Rate(result["rate"], undisturbed(result["rate"], result["ready"], 0.0), result["per_cpu"])
