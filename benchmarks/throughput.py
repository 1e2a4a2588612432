"""Executions per CPU second of a run that fuzzes freely, beside Atheris.

What inputs a fuzzer makes decides how long they take: each is given the same seeds, but soon has inputs of its own.
libFuzzer begins with short ones and lets them grow, so its first seconds are its fastest: a short run flatters it.

All that fuzzing costs is counted: of Atheris its one process, of fuzztui the worker and the coordinator, which keeps
the corpus as libFuzzer does within its process. What either needs before its first input is not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from benchmarks import peer
from benchmarks.arena import Arena, arena
from benchmarks.child import Finished, MeasurementError, run
from benchmarks.figures import Verdict, geometric_mean, spread
from benchmarks.plan import NO_PEER, START, Plan, Report
from benchmarks.search import PATIENCE
from benchmarks.table import cell, table

MEAN = 3.5
"""Times Atheris, geometric mean over the targets that do something."""

WORST = 2.0
"""The same, on every one of them."""

OVERHEAD = 2.5
"""Microseconds of one execution that does nothing."""

NOTHING = "empty"
"""The target that does nothing: it tells what the fuzzer's own loop costs."""

LONGEST_OF_NOTHING = 4.0
"""Seconds of a run that does nothing: no input is longer than another there."""

GRACE = 60.0
"""Seconds that a run may take besides fuzzing."""

_STATISTICS = ("-print_final_stats=1", "-verbosity=0")
"""What has libFuzzer print them."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Executions per CPU second on one target; medians over the pairs of runs."""

    target: str
    pairs: int
    seconds: float
    """Of one run."""
    worker: float
    """Of the worker process alone."""
    total: float
    """Of the worker and the coordinator together."""
    waiting: float
    """Share of the time in which the worker had nothing to do."""
    entry_bytes: float
    """Mean length of the corpus' entries at the end."""
    atheris: float | None
    atheris_entry_bytes: float | None
    times_atheris: float | None
    """`total / atheris`, median of the pairs."""
    ratios: tuple[float, ...]
    """The same of each pair."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run of either fuzzer did."""

    total: float
    entry_bytes: float
    worker: float = 0.0
    waiting: float = 0.0


def measure(plan: Plan) -> Report:
    """Fuzz each target with both."""
    rows = [_one(number, target, plan) for number, target in enumerate(plan.targets)]
    missing = "-" if plan.peer else NO_PEER
    pairs = _pairs(plan)
    text = table(
        f"Executions per CPU second, one worker, {plan.seconds:g} s each, {pairs} pair{'s' * (pairs > 1)}",
        (
            *("target", "worker alone", "with coordinator", "waiting", "bytes/entry"),
            *("Atheris", "bytes/entry", "fuzztui / Atheris"),
        ),
        [
            (
                row.target,
                cell(row.worker),
                cell(row.total),
                cell(row.waiting, ".1%"),
                cell(row.entry_bytes),
                cell(row.atheris, missing=missing),
                cell(row.atheris_entry_bytes),
                str(spread(row.ratios)) if row.ratios else "-",
            )
            for row in rows
        ],
    )
    ratios = {row.target: row.ratios for row in rows if row.ratios}
    return Report(rows, text, [*comparison(ratios), *overhead(rows)])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    runs = _pairs(plan) * (2 if plan.peer else 1)
    return sum(runs * (_seconds(target, plan) + START) for target in plan.targets)


def comparison(ratios: Mapping[str, Sequence[float]]) -> list[Verdict]:
    """Whether the targets that do something are fast beside Atheris, on the whole and each; none without the peer.

    `ratios` are those of each pair, in order.
    """
    compared = {target: values for target, values in ratios.items() if target != NOTHING}
    if not compared:
        return []
    medians = {target: median(values) for target, values in compared.items()}
    worst = min(medians, key=lambda target: medians[target])
    means = [geometric_mean(values) for values in zip(*compared.values(), strict=True)]
    mean_of_medians = geometric_mean(medians.values())
    return [
        Verdict(
            "throughput, geometric mean",
            mean_of_medians,
            MEAN,
            at_least=True,
            unit="x",
            of=" Atheris",
            spread=spread(means),
        ),
        Verdict(
            f"throughput, worst target ({worst})",
            medians[worst],
            WORST,
            at_least=True,
            unit="x",
            of=" Atheris",
            spread=spread(compared[worst]),
        ),
    ]


def overhead(rows: Sequence[Throughput]) -> list[Verdict]:
    """Whether the engine's own work, coordinator included, is short enough; none where it was not measured."""
    return [
        Verdict(
            "engine's own work, empty target",
            1e6 / row.total,
            OVERHEAD,
            at_least=False,
            unit=" us",
            of=" of CPU time per execution",
        )
        for row in rows
        if row.target == NOTHING
    ]


def _pairs(plan: Plan) -> int:
    """One will do for a hint: a long run tells more than two short ones."""
    return plan.rounds if plan.full else 1


def _seconds(target: str, plan: Plan) -> float:
    return min(plan.seconds, LONGEST_OF_NOTHING) if target == NOTHING else plan.seconds


def _one(number: int, target: str, plan: Plan) -> Throughput:
    pairs, seconds = _pairs(plan), _seconds(target, plan)
    ours: list[_Run] = []
    peers: list[_Run] = []
    ways = [("fuzztui", _fuzztui, ours), *([("Atheris", _atheris, peers)] if plan.peer else [])]
    for pair in range(pairs):
        # Who goes second finds the machine warm: they take turns.
        for name, way, runs in ways if (number + pair) % 2 == 0 else reversed(ways):
            plan.progress(f"throughput: {target}, {name}, {pair + 1} of {pairs}")
            with arena(target) as made:
                runs.append(way(made, seconds))
    ratios = tuple(our.total / their.total for our, their in zip(ours, peers, strict=False))
    return Throughput(
        target=target,
        pairs=pairs,
        seconds=seconds,
        worker=median(run.worker for run in ours),
        total=median(run.total for run in ours),
        waiting=median(run.waiting for run in ours),
        entry_bytes=median(run.entry_bytes for run in ours),
        atheris=median(run.total for run in peers) if peers else None,
        atheris_entry_bytes=median(run.entry_bytes for run in peers) if peers else None,
        times_atheris=median(ratios) if ratios else None,
        ratios=ratios,
    )


def _mean_size(folder: Path) -> float:
    """Bytes of a file in a folder; 0 for a folder that is empty or missing."""
    sizes = [file.stat().st_size for file in folder.iterdir()] if folder.is_dir() else []
    return mean(sizes) if sizes else 0.0


def fuzz(made: Arena, workers: int, seconds: float, settling: float = 0.0) -> dict[str, float]:
    """Fuzz with fuzztui; returns what `benchmarks.children.fuzz` prints."""
    arguments = (made.file, made.function, made.cache, workers, seconds, settling)
    finished = run("benchmarks.children.fuzz", *arguments, within=seconds + settling + GRACE)
    result: dict[str, float] = finished.result()
    return result


def _fuzztui(made: Arena, seconds: float) -> _Run:
    result = fuzz(made, 1, seconds)
    return _Run(
        total=result["executions"] / (result["worker_cpu"] + result["coordinator_cpu"]),
        entry_bytes=_mean_size(made.generated),
        worker=result["executions"] / result["worker_cpu"],
        waiting=max(0.0, 1 - result["running"] - result["ready"]),
    )


def atheris_rate(made: Arena, seed: int, limit: float, instrumented: Sequence[str] = ()) -> float:
    """Executions per CPU second of Atheris in so many of them, from the seeds of an arena; `instrumented`: packages, if
    not those that fuzztui instruments.
    """
    options = (f"-seed={seed}", *_STATISTICS, made.seeds)
    arguments = (limit, made.file, ",".join(instrumented or peer.packages(made)), *options)
    return _rate(run("benchmarks.children.peer_rate", *arguments, within=PATIENCE * limit + GRACE))


def _atheris(made: Arena, seconds: float) -> _Run:
    """LibFuzzer counts time in whole seconds."""
    whole = math.ceil(seconds)
    options = (f"-max_total_time={whole}", *_STATISTICS, made.seeds)
    packages = ",".join(peer.packages(made))
    finished = run("benchmarks.children.peer_fuzz", made.file, packages, *options, within=whole + GRACE)
    return _Run(total=_rate(finished), entry_bytes=_mean_size(made.seeds))


def _rate(finished: Finished) -> float:
    before = float(finished.output)
    for line in finished.errors.splitlines():
        name, _, value = line.rpartition(":")
        if name == "stat::number_of_executed_units":
            return int(value) / (finished.cpu - before)
    raise MeasurementError(f"Atheris printed no statistics:\n{finished.errors[-2000:]}")
