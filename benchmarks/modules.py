"""Executions per CPU second and branches beside Atheris, on modules that were chosen before anything was tuned.

Six of the standard library and six packages of others; none of them has seeds.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import peer, throughput
from benchmarks.arena import FOLDER, Arena, bare_arena
from benchmarks.child import run
from benchmarks.coverage import can_count, replay
from benchmarks.figures import Spread, Verdict, geometric_mean, spread
from benchmarks.plan import NO_PEER, START, Plan, Report
from benchmarks.search import GRACE, PATIENCE
from benchmarks.table import cell, table

MODULES: Final = {
    "ipaddress": "ipaddress",
    "urls": "urllib.parse",
    "shlex": "shlex",
    "gettext": "gettext",
    "cookies": "http.cookies",
    "tokenize": "tokenize",
    "mistune": "mistune",
    "markdown": "markdown_it",
    "sqlparse": "sqlparse",
    "jmespath": "jmespath",
    "requirement": "packaging",
    "yaml": "yaml",
}
"""Target -> the module or package that it needs, and whose branches count."""

_CALLS: Final = "benchmarks.children.calls"

SECONDS: Final = 30.0
"""CPU seconds of a search."""

MEAN: Final = 3.5
"""Times Atheris, geometric mean."""

WORST: Final = 1.2
"""The same, each."""

PROBES: Final = 1.1
"""Times the bare call on the same inputs, geometric mean."""

INPUTS: Final = 80
"""Of what Atheris leaves, so many are timed at most."""

PASSES: Final = 4
"""Over these; the fastest counts."""


@dataclass(frozen=True, slots=True)
class Module:
    """Executions per CPU second on one, medians."""

    target: str
    rate: float
    atheris: float | None
    times: Spread | None
    branches: float | None = None
    """Covered by what is left, under coverage.py; None without that."""
    atheris_branches: float | None = None
    call_times_bare: Spread | None = None
    """A call beside one without probes, on the inputs that Atheris leaves; None without Atheris."""
    atheris_call_times: Spread | None = None
    """One of Atheris' beside ours, on the same."""


def measure(plan: Plan) -> Report:
    """Search in each that is installed."""
    rows = [_one(target, plan) for target, package in MODULES.items() if _is_there(package)]
    text = table(
        f"Executions per CPU second, first {_seconds(plan):g} CPU s, from nothing",
        ("target", "fuzztui", "Atheris", "fuzztui / Atheris", "branches", "Atheris", "call / bare", "Atheris' / ours"),
        [
            (
                row.target,
                cell(row.rate),
                cell(row.atheris, missing="-" if plan.peer else NO_PEER),
                str(row.times or "-"),
                cell(row.branches),
                cell(row.atheris_branches),
                str(row.call_times_bare or "-"),
                str(row.atheris_call_times or "-"),
            )
            for row in rows
        ],
    )
    compared = {row.target: row.times.median for row in rows if row.times}
    if not compared:
        return Report(rows, text, [])
    worst = min(compared, key=lambda target: compared[target])
    return Report(
        rows,
        text,
        [
            Verdict(
                "modules, geometric mean",
                geometric_mean(compared.values()),
                MEAN,
                at_least=True,
                unit="x",
                of=" Atheris",
            ),
            Verdict(f"modules, worst ({worst})", compared[worst], WORST, at_least=True, unit="x", of=" Atheris"),
            Verdict(
                "modules, probes",
                geometric_mean([row.call_times_bare.median for row in rows if row.call_times_bare]),
                PROBES,
                at_least=False,
                unit="x",
                of=" bare, on Atheris' inputs",
            ),
        ],
    )


def _is_there(module: str) -> bool:
    return find_spec(module.partition(".")[0]) is not None


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return len(MODULES) * plan.rounds * (2 if plan.peer else 1) * (_seconds(plan) + 2 * START)


def _seconds(plan: Plan) -> float:
    return plan.limit or SECONDS


def _one(target: str, plan: Plan) -> Module:
    seconds = _seconds(plan)
    ours, theirs = [], []
    branches: list[int] = []
    atheris_branches: list[int] = []
    beside_bare: list[float] = []
    beside_ours: list[float] = []
    for seed in range(1, 1 + plan.rounds):
        plan.progress(f"modules: {target}, {seed} of {plan.rounds}")
        with bare_arena(target, FOLDER / "modules") as made:
            arguments = (made.file, made.function, made.cache, seed, seconds)
            result = run("benchmarks.children.search", *arguments, within=PATIENCE * seconds + GRACE).result()
            ours.append(result["executions"] / result["cpu"])
            made.generated.mkdir(parents=True, exist_ok=True)
            branches += _branches(made, made.generated)
        if plan.peer:
            with bare_arena(target, FOLDER / "modules") as made:
                theirs.append(throughput.atheris_rate(made, seed, seconds))
                atheris_branches += _branches(made, made.seeds)
                bare, lean, other = _calls(made, made.seeds)
                beside_bare.append(lean / bare)
                beside_ours.append(other / lean)
    times = spread(one / other for one, other in zip(ours, theirs, strict=True)) if theirs else None
    return Module(
        target,
        spread(ours).median,
        spread(theirs).median if theirs else None,
        times,
        median(branches) if branches else None,
        median(atheris_branches) if atheris_branches else None,
        spread(beside_bare) if beside_bare else None,
        spread(beside_ours) if beside_ours else None,
    )


def _calls(made: Arena, corpus: Path) -> tuple[float, float, float]:
    """Microseconds of a call with the same inputs: bare, as a worker runs it, and with Atheris' instrumentation."""
    folder = made.folder / "timed"
    folder.mkdir()
    for file in sorted(corpus.iterdir())[:INPUTS]:  # names are digests: by chance
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "empty").touch()
    packages = ",".join(peer.packages(made))
    bare, lean, other = [
        float(run(_CALLS, way, made.file, made.function, folder, PASSES, packages, within=GRACE * PATIENCE).result())
        for way in ("bare", "lean", "atheris")
    ]
    return bare, lean, other


def _branches(made: Arena, corpus: Path) -> list[int]:
    """How many branches the files of a folder cover; empty if that cannot be counted."""
    return [replay(made, corpus, MODULES[made.name])[0]] if can_count() else []
