"""Branches covered after equal CPU time, beside Atheris.

Both begin with nothing, and of both all processes count. Neither's own coverage decides: the corpus that each leaves is
run through the target once more in a fresh process, under coverage.py, and what counts is branches of the library, the
same files for both.
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
from benchmarks.plan import NO_PEER, START, Effort, Plan, Report
from benchmarks.table import cell, table

EXPECTED: Final = 1.0
"""Times Atheris' branches: more than that, on every target."""

CEILINGS: Final = ("json",)
"""Targets of which both soon cover every branch that any input reaches: as many as Atheris' are good enough."""

EARLIER: Final = 4
"""Atheris' figure is to be reached in this part of its time, at most."""

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

QUICK: Final = Effort(seeds=1, limit=15.0)

FULL: Final = Effort(seeds=5, limit=60.0)

REPLAYING: Final = 1.0
"""Seconds that a replay takes, about: for estimates."""

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
    fuzztui_early: Spread | None
    """After `cpu_seconds / EARLIER`, in searches of their own; None where that was not asked."""
    atheris: Spread | None
    atheris_entries: int | None
    times_atheris: float | None
    """`fuzztui.median / atheris.median`."""


def measure(plan: Plan) -> Report:
    """Search in each target with both, count the branches."""
    if not can_count():
        return Report([], "Branches covered: coverage.py is not installed", [])
    seeds, limit = plan.effort(QUICK, FULL)
    rows = [_one(target, seeds, limit, plan) for target in _targets(plan)]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        f"Branches covered after {limit:g} CPU seconds from an empty start, {seeds} random seed(s): "
        "median (least - most)",
        (
            *("target", "branches", "fuzztui", "entries", f"after {limit / EARLIER:g} s"),
            *("Atheris", "entries", "fuzztui / Atheris"),
        ),
        [
            (
                row.target,
                cell(row.branches),
                _whole(row.fuzztui),
                cell(row.fuzztui_entries),
                "-" if row.fuzztui_early is None else _whole(row.fuzztui_early),
                missing if row.atheris is None else _whole(row.atheris),
                cell(row.atheris_entries),
                cell(row.times_atheris, ".3f"),
            )
            for row in rows
        ],
    )
    return Report(rows, text, [verdict for row in rows for verdict in verdicts(row)])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    if not can_count():
        return 0.0
    seeds, limit = plan.effort(QUICK, FULL)
    searches = [limit, *([limit] if plan.peer else []), *([limit / EARLIER] if plan.full else [])]
    return len(_targets(plan)) * seeds * sum(one + START + REPLAYING for one in searches)


def can_count() -> bool:
    """Whether coverage.py is installed."""
    return importlib.util.find_spec("coverage") is not None


def _targets(plan: Plan) -> list[str]:
    """What was asked for; if just everything was, and no more than a hint, some."""
    chosen = plan.targets if plan.full or plan.targets != TARGETS else QUICK_TARGETS
    return [target for target in chosen if target in SOURCES]


def verdicts(row: Covered) -> list[Verdict]:
    """Whether a target is covered more than by Atheris, and as much in a part of the time; none without the peer.

    A tie is good enough at a ceiling only, and where fuzztui had less time.
    """
    if row.atheris is None or not row.times_atheris:
        return []
    compared = Verdict(
        f"coverage, {row.target}{', which has a ceiling' * (row.target in CEILINGS)}",
        row.times_atheris,
        EXPECTED,
        at_least=True,
        unit="x",
        of=" Atheris' branches",
        strict=row.target not in CEILINGS,
    )
    if row.fuzztui_early is None:
        return [compared]
    early = Verdict(
        f"coverage, {row.target}, after {row.cpu_seconds / EARLIER:g} s beside Atheris after {row.cpu_seconds:g} s",
        row.fuzztui_early.median / row.atheris.median,
        EXPECTED,
        at_least=True,
        unit="x",
        of=" Atheris' branches",
    )
    return [compared, early]


def _whole(branches: Spread) -> str:
    return f"{branches.median:g}{branches.range('g')}"


def _one(target: str, seeds: int, limit: float, plan: Plan) -> Covered:
    counted: dict[str, list[int]] = {"fuzztui": [], "early": [], "atheris": []}
    entries = dict.fromkeys(counted, 0)
    ways = ["fuzztui", *(["early"] if plan.full else []), *(["atheris"] if plan.peer else [])]
    branches = 0
    for seed in range(1, seeds + 1):
        for way in ways if seed % 2 else reversed(ways):
            plan.progress(f"coverage: {target}, {way}, seed {seed} of {seeds}")
            with bare_arena(target) as made:
                corpus = _corpus(way, made, seed, limit)
                covered, branches = replay(made, corpus, SOURCES[made.name])
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
        fuzztui_early=spread(counted["early"]) if plan.full else None,
        atheris=atheris,
        atheris_entries=entries["atheris"] if plan.peer else None,
        times_atheris=ratio(fuzztui.median, atheris.median if atheris else None),
    )


def _corpus(way: str, made: Arena, seed: int, limit: float) -> Path:
    if way == "atheris":
        search.atheris(made, seed, limit)
        return made.seeds
    search.fuzztui(made, seed, limit / EARLIER if way == "early" else limit)
    made.generated.mkdir(parents=True, exist_ok=True)
    return made.generated


def replay(made: Arena, corpus: Path, sources: str) -> tuple[int, int]:
    """Branches of packages and modules (with commas) that the files of a folder cover, and how many there are."""
    scratch = made.folder / "replay"
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir()
    arguments = (made.file, made.function, corpus, sources, scratch)
    covered, branches = run("benchmarks.children.replay", *arguments, within=WITHIN).result()
    return int(covered), int(branches)
