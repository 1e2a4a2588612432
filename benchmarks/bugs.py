"""CPU seconds to planted bugs, beside Atheris.

A search is a matter of luck: several random seeds each, of which the medians are compared. A bug that is not found
within the limit counts as found there, which flatters whoever did not find it. Once more than half of all searches
would have missed it, whatever the rest found, the median is the limit, and the rest is left out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import search
from benchmarks.arena import bug_arena
from benchmarks.figures import Spread, Verdict, ratio, spread
from benchmarks.plan import NO_PEER, Plan, Report
from benchmarks.search import Search
from benchmarks.table import cell, table

WORST: Final = 1.0
"""Times Atheris' CPU time, at most, on every target."""

MEAN: Final = 0.1
"""The same, geometric mean over the targets."""

QUICK: Final = (3, 10.0)
"""Random seeds, CPU seconds of one search."""

FULL: Final = (10, 40.0)


@dataclass(frozen=True, slots=True)
class Bug:
    """CPU seconds from the first input to a bug, over several random seeds."""

    target: str
    limit: float
    """CPU seconds of one search."""
    fuzztui: Spread
    fuzztui_found: int
    fuzztui_searches: int
    fuzztui_start: float
    """CPU seconds before the first input, median; not in the others."""
    atheris: Spread | None
    atheris_found: int | None
    atheris_searches: int | None
    atheris_start: float | None
    times_atheris: float | None
    """`fuzztui.median / atheris.median`."""


def measure(plan: Plan) -> Report:
    """Search for each bug with both."""
    seeds, limit = FULL if plan.full else QUICK
    rows = [_one(target, seeds, limit, plan) for target in plan.bugs]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        f"CPU seconds to a planted bug, {seeds} random seeds, at most {limit:g} s each: median (least - most)",
        ("bug", "fuzztui", "found", "Atheris", "found", "fuzztui / Atheris"),
        [
            (
                row.target,
                str(row.fuzztui),
                f"{row.fuzztui_found}/{row.fuzztui_searches}",
                missing if row.atheris is None else str(row.atheris),
                "-" if row.atheris is None else f"{row.atheris_found}/{row.atheris_searches}",
                cell(row.times_atheris, ".3f"),
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts({row.target: row.times_atheris for row in rows}))


def verdicts(times_atheris: dict[str, float | None]) -> list[Verdict]:
    """Whether no bug took longer than Atheris, and how they did on the whole; none without the peer."""
    compared = {target: times for target, times in times_atheris.items() if times is not None}
    if not compared:
        return []
    worst = max(compared, key=lambda target: compared[target])
    mean = math.prod(compared.values()) ** (1 / len(compared))
    unit = "x Atheris' CPU time"
    return [
        Verdict(f"bugs, worst target ({worst})", compared[worst], WORST, at_least=False, unit=unit),
        Verdict("bugs, geometric mean", mean, MEAN, at_least=False, unit=unit),
    ]


def _one(target: str, seeds: int, limit: float, plan: Plan) -> Bug:
    ours: list[Search] = []
    peers: list[Search] = []
    ways = [(search.fuzztui, ours), *([(search.atheris, peers)] if plan.peer else [])]
    for seed in range(1, seeds + 1):
        plan.progress(f"bugs: {target}, seed {seed} of {seeds}")
        for way, results in ways if seed % 2 else reversed(ways):
            if is_settled(results, seeds):
                continue
            with bug_arena(target) as made:
                results.append(way(made, seed, limit))
    fuzztui = seconds(ours, limit)
    atheris = seconds(peers, limit) if peers else None
    return Bug(
        target=target,
        limit=limit,
        fuzztui=fuzztui,
        fuzztui_found=_found(ours),
        fuzztui_searches=len(ours),
        fuzztui_start=median(one.start for one in ours),
        atheris=atheris,
        atheris_found=_found(peers) if peers else None,
        atheris_searches=len(peers) if peers else None,
        atheris_start=median(one.start for one in peers) if peers else None,
        times_atheris=ratio(fuzztui.median, atheris.median if atheris else None),
    )


def is_settled(searches: Sequence[Search], seeds: int) -> bool:
    """Whether the median of so many searches is the limit already."""
    return 2 * (len(searches) - _found(searches)) > seeds


def seconds(searches: Sequence[Search], limit: float) -> Spread:
    """CPU seconds of each; those of one without success, or with success beyond the limit, are the limit."""
    return spread(min(one.cpu, limit) if one.found else limit for one in searches)


def _found(searches: Sequence[Search]) -> int:
    return sum(one.found for one in searches)
