"""Executions per CPU second of one worker that fuzzes freely, beside Atheris.

What inputs a fuzzer makes decides how long they take: each is given the same seeds, but soon has inputs of its own.
libFuzzer begins with short ones and lets them grow, so its first seconds are its fastest.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from benchmarks import peer
from benchmarks.arena import Arena, arena
from benchmarks.child import MeasurementError, run
from benchmarks.figures import Verdict, ratio
from benchmarks.plan import NO_PEER, Plan, Report
from benchmarks.table import cell, table

EXPECTED = 1.0
"""Times Atheris, on every target that does something."""

GRACE = 60.0
"""Seconds that a run may take besides fuzzing."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Executions per CPU second on one target."""

    target: str
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
    """`worker / atheris`."""


def measure(plan: Plan) -> Report:
    """Fuzz each target with both."""
    rows = [_one(target, plan) for target in plan.targets]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        f"Executions per CPU second, one worker, {plan.seconds:g} s each",
        (
            *("target", "worker", "with coordinator", "waiting", "bytes/entry"),
            *("Atheris", "bytes/entry", "worker / Atheris"),
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
                cell(row.times_atheris, ".2f"),
            )
            for row in rows
        ],
    )
    return Report(rows, text, _verdicts(rows))


def _verdicts(rows: list[Throughput]) -> list[Verdict]:
    compared = {
        row.target: row.times_atheris for row in rows if row.times_atheris is not None and row.target != "empty"
    }
    if not compared:
        return []
    worst = min(compared, key=lambda target: compared[target])
    return [Verdict(f"throughput, worst target ({worst})", compared[worst], EXPECTED, at_least=True, unit="x Atheris")]


def _one(target: str, plan: Plan) -> Throughput:
    plan.progress(f"throughput: {target}")
    with arena(target) as made:
        ours = fuzz(made, 1, plan.seconds)
        entry_bytes = _mean_size(made.generated)
    atheris = atheris_entry_bytes = None
    if plan.peer:
        plan.progress(f"throughput: {target}, Atheris")
        with arena(target) as made:
            atheris = _atheris(made, plan.seconds)
            atheris_entry_bytes = _mean_size(made.seeds)
    worker = ours["executions"] / ours["worker_cpu"]
    return Throughput(
        target=target,
        worker=worker,
        total=ours["executions"] / (ours["worker_cpu"] + ours["coordinator_cpu"]),
        waiting=max(0.0, 1 - ours["running"] - ours["ready"]),
        entry_bytes=entry_bytes,
        atheris=atheris,
        atheris_entry_bytes=atheris_entry_bytes,
        times_atheris=ratio(worker, atheris),
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


def _atheris(made: Arena, seconds: float) -> float:
    """Executions per CPU second; libFuzzer counts time in whole seconds."""
    whole = math.ceil(seconds)
    options = (f"-max_total_time={whole}", "-print_final_stats=1", "-verbosity=0", made.seeds)
    packages = ",".join(peer.packages(made))
    finished = run("benchmarks.children.peer_fuzz", made.file, packages, *options, within=whole + GRACE)
    before = float(finished.output)
    for line in finished.errors.splitlines():
        name, _, value = line.rpartition(":")
        if name == "stat::number_of_executed_units":
            return int(value) / (finished.cpu - before)
    raise MeasurementError(f"Atheris printed no statistics:\n{finished.errors[-2000:]}")
