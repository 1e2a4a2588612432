"""CPU seconds to planted bugs, beside Atheris.

A search is a matter of luck: several random seeds each, of which the medians are compared. A bug that is not found
within the limit counts as found there, which flatters whoever did not find it. Once more than half of all searches
would have missed it, whatever the rest found, the median is the limit, and the rest is left out.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from benchmarks import search
from benchmarks.arena import BUGS, bug_arena
from benchmarks.figures import Spread, Verdict, geometric_mean, ratio, spread
from benchmarks.plan import NO_PEER, START, Effort, Plan, Report
from benchmarks.search import Search, Way
from benchmarks.table import cell, table

WORST: Final = 1.0
"""Times Atheris' CPU time, at most, on every target."""

MEAN: Final = 0.1
"""The same, geometric mean over the targets."""

QUICK: Final = Effort(seeds=3, limit=10.0)

FULL: Final = Effort(seeds=10, limit=40.0)

LIMITS: Final = {"tlv": 60.0}
"""Target -> CPU seconds of one search in the full run, where that is another."""

SLOW: Final = ("checksum", "tlv", "csv", "grammar")
"""What the quick run leaves out: Atheris does not come near these in its time, so they would take most of it."""


class Promise(NamedTuple):
    """What is expected of fuzztui alone."""

    within: float
    """CPU seconds of one search."""
    share: float
    """Of the searches that find the bug by then, at least."""


PROMISES: Final = {
    "keyword": Promise(10.0, 1.0),
    "tomlkit": Promise(10.0, 1.0),
    "dateutil": Promise(10.0, 1.0),
    "json": Promise(10.0, 1.0),
    "tlv": Promise(60.0, 0.8),
}

USUAL: Final = {"fuzztui": 0.08, "atheris": 0.4}
"""Which part of the limit a search takes, about, those that are left out included: for estimates."""


@dataclass(frozen=True, slots=True)
class Bug:
    """CPU seconds from the first input to a bug, over several random seeds."""

    target: str
    seeds: int
    limit: float
    """CPU seconds of one search."""
    fuzztui: Spread
    fuzztui_found: int
    fuzztui_searches: int
    fuzztui_in_time: int
    """Those that found it within what is promised; within the limit where nothing is."""
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
    rows = [_one(target, plan) for target in _targets(plan)]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        f"CPU seconds to a planted bug, {_effort('', plan).seeds} random seed(s): median (least - most)",
        ("bug", "limit", "fuzztui", "found", "Atheris", "found", "fuzztui / Atheris"),
        [
            (
                row.target,
                cell(row.limit, "g"),
                str(row.fuzztui),
                f"{row.fuzztui_found}/{row.fuzztui_searches}",
                missing if row.atheris is None else str(row.atheris),
                "-" if row.atheris is None else f"{row.atheris_found}/{row.atheris_searches}",
                cell(row.times_atheris, ".3f"),
            )
            for row in rows
        ],
    )
    compared = verdicts({row.target: row.times_atheris for row in rows})
    kept = [promise(row.target, row.fuzztui_in_time, row.seeds, row.limit) for row in rows if row.target in PROMISES]
    return Report(rows, text, [*compared, *(verdict for verdict in kept if verdict is not None)])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    shares = [share for who, share in USUAL.items() if who == "fuzztui" or plan.peer]
    efforts = [_effort(target, plan) for target in _targets(plan)]
    return sum(seeds * (share * limit + START) for seeds, limit in efforts for share in shares)


def verdicts(times_atheris: Mapping[str, float | None]) -> list[Verdict]:
    """Whether no bug took longer than Atheris, and how they did on the whole; none without the peer."""
    compared = {target: times for target, times in times_atheris.items() if times is not None}
    if not compared:
        return []
    worst = max(compared, key=lambda target: compared[target])
    mean, of = geometric_mean(compared.values()), " Atheris' CPU time"
    return [
        Verdict(f"bugs, worst target ({worst})", compared[worst], WORST, at_least=False, unit="x", of=of),
        Verdict("bugs, geometric mean", mean, MEAN, at_least=False, unit="x", of=of),
    ]


def promise(target: str, found: int, seeds: int, limit: float) -> Verdict | None:
    """Whether so many of the searches found a bug in time; None for searches too short to tell.

    A search that was left out, since the median was settled, counts as one that found nothing: so did most.
    """
    within, share = PROMISES[target]
    if limit < within:
        return None
    name = f"{target}'s bug found within {within:g} CPU seconds"
    return Verdict(name, found, math.ceil(share * seeds), at_least=True, unit=f" of {seeds}", of=" searches")


def _targets(plan: Plan) -> list[str]:
    """All that were asked for; if just everything was, and no more than a hint, without the slow ones."""
    return [name for name in plan.bugs if plan.full or plan.bugs != BUGS or name not in SLOW]


def _effort(target: str, plan: Plan) -> Effort:
    own = FULL._replace(limit=LIMITS.get(target, FULL.limit))
    return plan.effort(QUICK, own)


def _one(target: str, plan: Plan) -> Bug:
    seeds, limit = _effort(target, plan)
    ways = {"fuzztui": search.fuzztui, **({"Atheris": search.atheris} if plan.peer else {})}
    results = searches(target, ways, Effort(seeds, limit), lambda what: plan.progress(f"bugs: {what}"))
    ours, peers = results["fuzztui"], results.get("Atheris", [])
    fuzztui = seconds(ours, limit)
    atheris = seconds(peers, limit) if peers else None
    return Bug(
        target=target,
        seeds=seeds,
        limit=limit,
        fuzztui=fuzztui,
        fuzztui_found=found(ours),
        fuzztui_searches=len(ours),
        fuzztui_in_time=found(ours, PROMISES[target].within if target in PROMISES else limit),
        fuzztui_start=median(one.start for one in ours),
        atheris=atheris,
        atheris_found=found(peers) if peers else None,
        atheris_searches=len(peers) if peers else None,
        atheris_start=median(one.start for one in peers) if peers else None,
        times_atheris=ratio(fuzztui.median, atheris.median if atheris else None),
    )


def searches(
    target: str, ways: Mapping[str, Way], effort: Effort, progress: Callable[[str], None]
) -> dict[str, list[Search]]:
    """Search for a bug in each of these ways, one after the other and in alternating order, until all are settled."""
    results: dict[str, list[Search]] = {who: [] for who in ways}
    for seed in range(1, effort.seeds + 1):
        progress(f"{target}, seed {seed} of {effort.seeds}")
        for who in ways if seed % 2 else reversed(list(ways)):
            if is_settled(results[who], effort.seeds):
                continue
            with bug_arena(target) as made:
                results[who].append(ways[who](made, seed, effort.limit))
    return results


def is_settled(searches: Sequence[Search], seeds: int) -> bool:
    """Whether the median of so many searches is the limit already."""
    return 2 * (len(searches) - found(searches)) > seeds


def seconds(searches: Sequence[Search], limit: float) -> Spread:
    """CPU seconds of each; those of one without success, or with success beyond the limit, are the limit."""
    return spread(min(one.cpu, limit) if one.found else limit for one in searches)


def found(searches: Sequence[Search], within: float = math.inf) -> int:
    """How many have found the bug, within so many CPU seconds."""
    return sum(one.found and one.cpu <= within for one in searches)
