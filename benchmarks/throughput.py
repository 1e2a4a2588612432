"""Executions per CPU second of one worker that fuzzes freely, beside Atheris."""

import math
from dataclasses import dataclass
from statistics import median

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
    """Executions per CPU second on one target, medians over the rounds."""

    target: str
    worker: float
    """Of the worker process alone."""
    total: float
    """Of the worker and the coordinator together."""
    busy: float
    """CPU seconds of the worker per second of the run: what is missing to 1 it waited, for work or for the machine."""
    edges: float
    atheris: float | None
    times_atheris: float | None
    """`worker / atheris`."""


def measure(plan: Plan) -> Report:
    """Fuzz each target with both, alternately."""
    rows = [_one(target, plan) for target in plan.targets]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        f"Executions per CPU second, one worker, {plan.seconds:g} s each",
        ("target", "worker", "with coordinator", "busy", "Atheris", "times Atheris"),
        [
            (
                row.target,
                cell(row.worker),
                cell(row.total),
                cell(row.busy, ".0%"),
                cell(row.atheris, missing=missing),
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
    results = []
    peers = []
    for number in range(plan.rounds):
        plan.progress(f"throughput: {target}, round {number + 1} of {plan.rounds}")
        with arena(target) as made:
            results.append(fuzz(made, 1, plan.seconds))
        if plan.peer:
            with arena(target) as made:
                peers.append(_atheris(made, plan.seconds))
    worker = median(result["executions"] / result["worker_cpu"] for result in results)
    atheris = median(peers) if peers else None
    return Throughput(
        target=target,
        worker=worker,
        total=median(r["executions"] / (r["worker_cpu"] + r["coordinator_cpu"]) for r in results),
        busy=median(result["worker_cpu"] / result["seconds"] for result in results),
        edges=median(result["edges"] for result in results),
        atheris=atheris,
        times_atheris=ratio(worker, atheris),
    )


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
