"""CPU seconds to bugs behind formats and protocols: the second list, written before what is to find them.

Half of the formats of each kind, chosen by a digest of their names, are set aside: nothing is tuned by looking at them,
they are searched for figures only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from benchmarks import search
from benchmarks.arena import FOLDER, bare_arena
from benchmarks.bugs import found, is_settled, seconds
from benchmarks.figures import Spread, Verdict
from benchmarks.plan import NO_PEER, START, Effort, Plan, Report
from benchmarks.search import Search
from benchmarks.table import table

NAME: Final = "formats"

KINDS: Final = {
    "settings": ("dialect", "ini", "settings", "tables"),
    "sessions": ("chunked", "mailbox", "store", "transfer"),
    "records with lengths and checksums": ("archive", "bitmap", "chunks", "datagram", "hexrecords", "position"),
    "binary values": ("cbor", "der", "packed", "wire"),
    "offsets, bits and code": ("catalog", "codes", "machine", "names"),
    "layers": ("envelope", "mail", "token", "wide"),
    "languages": ("calculator", "markup", "schedule", "template", "torrent", "versions"),
    "read by code in C or in other modules": ("booking", "form"),
    "frames and nested lengths": ("frames", "netstrings"),
    "tables, digests and differences": ("objectfile", "packfile"),
    "pictures and music": ("midi", "runs"),
    "headers and lines": ("cookies", "patch"),
    "requests": ("query", "rpc"),
    "programs and conversations": ("chat", "lisp"),
}
"""Targets in `targets/formats`."""

FORMATS: Final = tuple(name for names in KINDS.values() for name in names)


def _aside() -> Iterator[str]:
    for names in KINDS.values():
        by_digest = sorted(names, key=lambda name: sha256(name.encode()).hexdigest())
        yield from by_digest[: len(names) // 2]


ASIDE: Final = tuple(_aside())
"""Half of each kind, which is set aside."""

OPEN: Final = tuple(name for name in FORMATS if name not in ASIDE)

SHARE: Final = 5 / 6
"""Of the formats whose bug is to be found, of those set aside three quarters: by most of their searches each."""

SHARE_ASIDE: Final = 0.75

EFFORT: Final = Effort(seeds=3, limit=15.0)


@dataclass(frozen=True, slots=True)
class Format:
    """The searches for one bug."""

    target: str
    aside: bool
    limit: float
    """CPU seconds of one search."""
    seeds: int
    fuzztui: Spread
    fuzztui_found: int
    atheris_found: int | None
    atheris_searches: int | None


def measure(plan: Plan) -> Report:
    """Search for each bug with both, those that are set aside last."""
    named = [name for name in (*OPEN, *ASIDE) if name in plan.formats]
    rows = [_one(name, plan) for name in named]
    text = table(
        f"CPU seconds to a bug behind a format, {rows[0].seeds} random seed(s): median (least - most)",
        ("format", "", "fuzztui", "found", "Atheris found"),
        [
            (
                row.target,
                "set aside" if row.aside else "",
                str(row.fuzztui),
                f"{row.fuzztui_found}/{row.seeds}",
                NO_PEER if row.atheris_found is None else f"{row.atheris_found}/{row.atheris_searches}",
            )
            for row in rows
        ],
    )
    verdicts = [
        _verdict(what, [row for row in rows if row.aside in which], share)
        for what, which, share in (
            ("formats", (False, True), SHARE),
            ("formats set aside", (True,), SHARE_ASIDE),
        )
    ]
    return Report(rows, text, [verdict for verdict in verdicts if verdict is not None])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    seeds, limit = plan.effort(EFFORT, EFFORT)
    return len(plan.formats) * seeds * (0.5 * limit + START + bool(plan.peer) * (limit + START))


def _verdict(what: str, rows: list[Format], share: float) -> Verdict | None:
    if not rows:
        return None
    most = sum(2 * row.fuzztui_found > row.seeds for row in rows)
    return Verdict(
        f"{what} whose bug most searches find",
        most,
        round(share * len(rows)),
        at_least=True,
        unit=f" of {len(rows)}",
        of=" formats",
    )


def _one(target: str, plan: Plan) -> Format:
    seeds, limit = plan.effort(EFFORT, EFFORT)
    ours: list[Search] = []
    peers: list[Search] = []
    for seed in range(1, seeds + 1):
        plan.progress(f"{NAME}: {target}, seed {seed} of {seeds}")
        for way, results in ((search.fuzztui, ours), *([(search.atheris, peers)] if plan.peer else [])):
            if not is_settled(results, seeds):
                with bare_arena(target, FOLDER / NAME) as made:
                    results.append(way(made, seed, limit))
    return Format(
        target=target,
        aside=target in ASIDE,
        limit=limit,
        seeds=seeds,
        fuzztui=seconds(ours, limit),
        fuzztui_found=found(ours),
        atheris_found=found(peers) if peers else None,
        atheris_searches=len(peers) if peers else None,
    )
