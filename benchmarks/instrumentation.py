"""What the probes cost: the same inputs, called without a fuzzer around them.

Once with every probe, as a new input is measured, and once as nearly all of fuzzing runs: without those that have told
all they can, which is what is judged.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import peer
from benchmarks.arena import Arena, arena
from benchmarks.child import run
from benchmarks.figures import Spread, Verdict, geometric_mean, ratio, spread
from benchmarks.plan import NO_PEER, START, Plan, Report
from benchmarks.table import cell, table
from benchmarks.throughput import fuzz

EXPECTED = 1.3
"""Times the bare call, at most, geometric mean over the targets."""

PASSES = 7
"""Over all inputs; the fastest counts."""

INPUTS = 300
"""At most, taken evenly from what a short run has found."""

LONGEST = 2.0
"""Seconds of that run."""

WITHIN = 60.0

PROCESS = 0.6
"""Seconds of one process with all its passes, about, the mean over the targets: for estimates."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Microseconds per call, medians over the rounds of the best of `PASSES`."""

    target: str
    inputs: int
    bare: float
    fuzztui: float
    """As fuzzing runs, see `benchmarks.children.calls.lean`."""
    complete: float
    """With every probe."""
    atheris: float | None
    fuzztui_times_bare: Spread
    """Of each round."""
    complete_times_bare: Spread
    atheris_times_bare: float | None


def measure(plan: Plan) -> Report:
    """Time the calls on each target that has something to instrument."""
    rows = [_one(target, plan) for target in plan.targets if target != "empty"]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        "Instrumentation: microseconds per call on the same inputs",
        (
            *("target", "inputs", "bare", "fuzztui", "every probe", "Atheris"),
            *("fuzztui / bare", "every probe / bare", "Atheris / bare"),
        ),
        [
            (
                row.target,
                cell(row.inputs),
                cell(row.bare, ".1f"),
                cell(row.fuzztui, ".1f"),
                cell(row.complete, ".1f"),
                cell(row.atheris, ".1f", missing),
                str(row.fuzztui_times_bare),
                str(row.complete_times_bare),
                cell(row.atheris_times_bare, ".2f"),
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts({row.target: row.fuzztui_times_bare.median for row in rows}))


def verdicts(times_bare: dict[str, float]) -> list[Verdict]:
    """Whether the probes are cheap on the whole; which target they cost most is told, nothing is expected of it."""
    if not times_bare:
        return []
    worst = max(times_bare, key=lambda target: times_bare[target])
    name = f"instrumentation, geometric mean (worst: {worst} {times_bare[worst]:.2f}x)"
    return [Verdict(name, geometric_mean(times_bare.values()), EXPECTED, at_least=False, unit="x", of=" bare")]


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    ways = len(_ways(plan))
    one = min(plan.seconds, LONGEST) + START + plan.rounds * ways * PROCESS
    return one * sum(target != "empty" for target in plan.targets)


def _one(target: str, plan: Plan) -> Calls:
    with arena(target) as made:
        plan.progress(f"instrumentation: {target}, finding inputs")
        fuzz(made, 1, min(plan.seconds, LONGEST))
        inputs = made.folder / "inputs"
        count = _freeze(made, inputs)
        ways = _ways(plan)
        packages = ",".join(peer.packages(made))
        times: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(plan.rounds):
            plan.progress(f"instrumentation: {target}, round {number + 1} of {plan.rounds}")
            for way in ways if number % 2 == 0 else reversed(ways):
                arguments = (way, made.file, made.function, inputs, PASSES, packages)
                times[way].append(float(run("benchmarks.children.calls", *arguments, within=WITHIN).result()))
    bare = median(times["bare"])
    atheris = median(times["atheris"]) if plan.peer else None
    return Calls(
        target=target,
        inputs=count,
        bare=bare,
        fuzztui=median(times["lean"]),
        complete=median(times["complete"]),
        atheris=atheris,
        fuzztui_times_bare=_ratios(times["lean"], times["bare"]),
        complete_times_bare=_ratios(times["complete"], times["bare"]),
        atheris_times_bare=ratio(atheris, bare),
    )


def _ways(plan: Plan) -> list[str]:
    return ["bare", "lean", "complete", *(["atheris"] if plan.peer else [])]


def _ratios(ours: list[float], plain: list[float]) -> Spread:
    return spread(one / other for one, other in zip(ours, plain, strict=True))


def _freeze(made: Arena, folder: Path) -> int:
    """Copy seeds and found inputs to a folder; how many there are. File names are digests, so their order is random."""
    files = sorted(made.generated.iterdir())[:INPUTS] + sorted(made.seeds.iterdir())
    folder.mkdir()
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return len(files)
