"""CPU seconds to planted bugs, beside HypoFuzz and python-afl, as far as they are installed.

What `bugs` says of luck and limits holds here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import search
from benchmarks.arena import BUGS
from benchmarks.bugs import SLOW, USUAL, found, searches, seconds
from benchmarks.figures import Spread, Verdict, ratio
from benchmarks.other_search import SEARCHES
from benchmarks.plan import START, Effort, Plan, Report
from benchmarks.search import Search
from benchmarks.table import cell, table

WORST: Final = 1.0
"""Times another fuzzer's CPU time, at most, on every target."""

QUICK: Final = Effort(seeds=1, limit=10.0)

FULL: Final = Effort(seeds=3, limit=30.0)

NONE: Final = (
    "CPU seconds to a planted bug beside others: none is installed. "
    "`pip install -e '.[bench-others]'` brings HypoFuzz and python-afl, which needs AFL++'s `afl-fuzz` besides."
)

USUAL_OTHER: Final = 0.8
"""Which part of the limit a search by another takes, about: for estimates."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fuzzer's searches for one bug."""

    cpu: Spread
    """Seconds from the first input to the bug."""
    found: int
    searches: int
    start: float
    """CPU seconds before the first input, median."""


@dataclass(frozen=True, slots=True)
class Beside:
    """CPU seconds from the first input to a bug, over several random seeds."""

    target: str
    seeds: int
    limit: float
    """CPU seconds of one search."""
    fuzztui: Outcome
    others: dict[str, Outcome]
    """By name, where there are any."""
    times: dict[str, float | None]
    """`fuzztui / other`, of the medians."""


def measure(plan: Plan) -> Report:
    """Search for each bug with all; without others, say how to get them."""
    if not plan.others:
        return Report([], NONE, [])
    rows = [_one(target, plan) for target in targets(plan)]
    return Report(rows, shown(rows, plan), verdicts(rows))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    seeds, limit = plan.effort(QUICK, FULL)
    if not plan.others:
        return 0.0
    shares = (USUAL["fuzztui"], *(USUAL_OTHER for _ in plan.others))
    return len(targets(plan)) * seeds * sum(share * limit + START for share in shares)


def shown(rows: Sequence[Beside], plan: Plan) -> str:
    """The table, with two columns for each fuzzer and one for each comparison."""
    seeds, limit = plan.effort(QUICK, FULL)
    return table(
        f"CPU seconds to a planted bug, {seeds} random seed(s), at most {limit:g}: median (least - most)",
        (
            *("bug", "fuzztui", "found"),
            *(title for name in plan.others for title in (name, "found", f"fuzztui / {name}")),
        ),
        [
            (
                row.target,
                *_cells(row.fuzztui),
                *(text for name in plan.others for text in (*_cells(row.others[name]), cell(row.times[name], ".3f"))),
            )
            for row in rows
        ],
    )


def verdicts(rows: Sequence[Beside]) -> list[Verdict]:
    """Whether a bug took longer than it took another, for each bug and each other fuzzer."""
    return [
        Verdict(f"others, {row.target}", times, WORST, at_least=False, unit="x", of=f" {name}'s CPU time")
        for row in rows
        for name, times in row.times.items()
        if times is not None
    ]


def targets(plan: Plan) -> list[str]:
    """All that were asked for; if just everything was, without those that the others do not come near."""
    return [name for name in plan.bugs if plan.bugs != BUGS or name not in SLOW]


def _one(target: str, plan: Plan) -> Beside:
    effort = plan.effort(QUICK, FULL)
    ways = {"fuzztui": search.fuzztui, **{name: SEARCHES[name] for name in plan.others}}
    results = searches(target, ways, effort, lambda what: plan.progress(f"others: {what}"))
    outcomes = {who: outcome(made, effort.limit) for who, made in results.items()}
    fuzztui = outcomes.pop("fuzztui")
    times = {name: ratio(fuzztui.cpu.median, other.cpu.median) for name, other in outcomes.items()}
    return Beside(target, effort.seeds, effort.limit, fuzztui, outcomes, times)


def outcome(results: Sequence[Search], limit: float) -> Outcome:
    """Summarize at least one search."""
    return Outcome(seconds(results, limit), found(results), len(results), median(one.start for one in results))


def _cells(one: Outcome) -> tuple[str, str]:
    return str(one.cpu), f"{one.found}/{one.searches}"
