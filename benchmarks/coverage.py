"""Branches covered after equal CPU time, beside Atheris.

Both begin with nothing. Neither's own coverage decides: the corpus that each leaves is run through the target once more
in a fresh process, under coverage.py, and what counts is branches of the library, the same files for both.
"""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import search
from benchmarks.arena import TARGETS, Arena, bare_arena
from benchmarks.child import run
from benchmarks.figures import Spread, Verdict, ratio, spread
from benchmarks.plan import NO_PEER, Plan, Report
from benchmarks.table import cell, table

EXPECTED: Final = 1.0
"""Times Atheris' branches, at least, on every target."""

SOURCES: Final = {
    "json": "json.decoder,json.scanner",
    "html": "html,_markupbase",
    "toml": "tomllib",
    "email": "email",
    "configparser": "configparser",
}
"""Target -> the packages and modules whose branches count."""

QUICK_TARGETS: Final = ("html", "toml")
"""What is measured unless more is asked for."""

QUICK: Final = (1, 15.0)
"""Random seeds, CPU seconds of one search."""

FULL: Final = (5, 60.0)

WITHIN: Final = 300.0
"""Seconds for the replay of one corpus."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Branches that the inputs found in so many CPU seconds cover, over several random seeds."""

    target: str
    seeds: int
    cpu_seconds: float
    branches: int
    """In all files that count."""
    fuzztui: Spread
    fuzztui_entries: int
    """Inputs in the corpus, all seeds together."""
    atheris: Spread | None
    atheris_entries: int | None
    times_atheris: float | None
    """`fuzztui.median / atheris.median`."""


def measure(plan: Plan) -> Report:
    """Search in each target with both, count the branches."""
    if importlib.util.find_spec("coverage") is None:
        return Report([], "Branches covered: coverage.py is not installed", [])
    seeds, limit = FULL if plan.full else QUICK
    chosen = plan.targets if plan.full or plan.targets != TARGETS else QUICK_TARGETS
    rows = [_one(target, seeds, limit, plan) for target in chosen if target in SOURCES]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        f"Branches covered after {limit:g} CPU seconds from an empty start, {seeds} random seed(s): "
        "median (least - most)",
        ("target", "branches", "fuzztui", "entries", "Atheris", "entries", "fuzztui / Atheris"),
        [
            (
                row.target,
                cell(row.branches),
                _whole(row.fuzztui),
                cell(row.fuzztui_entries),
                missing if row.atheris is None else _whole(row.atheris),
                cell(row.atheris_entries),
                cell(row.times_atheris, ".3f"),
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts({row.target: row.times_atheris for row in rows}))


def verdicts(times_atheris: dict[str, float | None]) -> list[Verdict]:
    """Whether no target is covered less than by Atheris; none without the peer."""
    compared = {target: times for target, times in times_atheris.items() if times is not None}
    if not compared:
        return []
    worst = min(compared, key=lambda target: compared[target])
    return [Verdict(f"coverage, worst target ({worst})", compared[worst], EXPECTED, at_least=True, unit="x Atheris")]


def _whole(branches: Spread) -> str:
    return f"{branches.median:g} ({branches.least:g} - {branches.most:g})"


def _one(target: str, seeds: int, limit: float, plan: Plan) -> Covered:
    counted: dict[str, list[int]] = {"fuzztui": [], "atheris": []}
    entries = {"fuzztui": 0, "atheris": 0}
    ways = ["fuzztui", *(["atheris"] if plan.peer else [])]
    branches = 0
    for seed in range(1, seeds + 1):
        for way in ways if seed % 2 else reversed(ways):
            plan.progress(f"coverage: {target}, {way}, seed {seed} of {seeds}")
            with bare_arena(target) as made:
                corpus = _corpus(way, made, seed, limit)
                covered, branches = replay(made, corpus)
                counted[way].append(covered)
                entries[way] += len(list(corpus.iterdir()))
    fuzztui = spread(counted["fuzztui"])
    atheris = spread(counted["atheris"]) if plan.peer else None
    return Covered(
        target=target,
        seeds=seeds,
        cpu_seconds=limit,
        branches=branches,
        fuzztui=fuzztui,
        fuzztui_entries=entries["fuzztui"],
        atheris=atheris,
        atheris_entries=entries["atheris"] if plan.peer else None,
        times_atheris=ratio(fuzztui.median, atheris.median if atheris else None),
    )


def _corpus(way: str, made: Arena, seed: int, limit: float) -> Path:
    if way == "atheris":
        search.atheris(made, seed, limit)
        return made.seeds
    search.fuzztui(made, seed, limit)
    made.generated.mkdir(parents=True, exist_ok=True)
    return made.generated


def replay(made: Arena, corpus: Path) -> tuple[int, int]:
    """Branches that the files of a folder cover, and how many there are."""
    scratch = made.folder / "replay"
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir()
    arguments = (made.file, made.function, corpus, SOURCES[made.name], scratch)
    covered, branches = run("benchmarks.children.replay", *arguments, within=WITHIN).result()
    return int(covered), int(branches)
