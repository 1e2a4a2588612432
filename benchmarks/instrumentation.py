"""What the probes cost: the same inputs, called without a fuzzer around them."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import peer
from benchmarks.arena import Arena, arena
from benchmarks.child import run
from benchmarks.figures import Verdict, ratio
from benchmarks.plan import NO_PEER, Plan, Report
from benchmarks.table import cell, table
from benchmarks.throughput import fuzz

EXPECTED = 1.6
"""Times the bare call, at most, on every target."""

PASSES = 7
"""Over all inputs; the fastest counts."""

INPUTS = 300
"""At most, taken evenly from what a short run has found."""

LONGEST = 3.0
"""Seconds of that run."""

WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Calls:
    """Microseconds per call, medians over the rounds of the best of `PASSES`."""

    target: str
    inputs: int
    bare: float
    fuzztui: float
    atheris: float | None
    fuzztui_times_bare: float
    atheris_times_bare: float | None


def measure(plan: Plan) -> Report:
    """Time the calls on each target that has something to instrument."""
    rows = [_one(target, plan) for target in plan.targets if target != "empty"]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        "Instrumentation: microseconds per call on the same inputs",
        ("target", "inputs", "bare", "fuzztui", "Atheris", "fuzztui / bare", "Atheris / bare"),
        [
            (
                row.target,
                cell(row.inputs),
                cell(row.bare, ".1f"),
                cell(row.fuzztui, ".1f"),
                cell(row.atheris, ".1f", missing),
                cell(row.fuzztui_times_bare, ".2f"),
                cell(row.atheris_times_bare, ".2f"),
            )
            for row in rows
        ],
    )
    verdicts = [
        Verdict(f"instrumentation, {row.target}", row.fuzztui_times_bare, EXPECTED, at_least=False, unit="x bare")
        for row in rows
    ]
    return Report(rows, text, verdicts)


def _one(target: str, plan: Plan) -> Calls:
    with arena(target) as made:
        plan.progress(f"instrumentation: {target}, finding inputs")
        fuzz(made, 1, min(plan.seconds, LONGEST))
        inputs = made.folder / "inputs"
        count = _freeze(made, inputs)
        ways = ["bare", "fuzztui", *(["atheris"] if plan.peer else [])]
        packages = ",".join(peer.packages(made))
        times: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(plan.rounds):
            plan.progress(f"instrumentation: {target}, round {number + 1} of {plan.rounds}")
            for way in ways:
                arguments = (way, made.file, made.function, inputs, PASSES, packages)
                times[way].append(float(run("benchmarks.children.calls", *arguments, within=WITHIN).result()))
    bare, ours = median(times["bare"]), median(times["fuzztui"])
    atheris = median(times["atheris"]) if plan.peer else None
    return Calls(target, count, bare, ours, atheris, ours / bare, ratio(atheris, bare))


def _freeze(made: Arena, folder: Path) -> int:
    """Copy seeds and found inputs to a folder; how many there are. File names are digests, so their order is random."""
    files = sorted(made.generated.iterdir())[:INPUTS] + sorted(made.seeds.iterdir())
    folder.mkdir()
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return len(files)
