"""Rows and columns of the tables. Pure functions."""

from collections.abc import Sequence

from fuzztui.engine.show.snapshot import Cost, Crasher, Profile, WorkerRow, Yield, profile_of
from fuzztui.engine.show.text import Visible, count, label, piece, say, size
from fuzztui.widgets.bar import Bar, Part
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import span
from fuzztui.widgets.wording import (
    COSTS,
    NONE,
    ago,
    crasher_input,
    crasher_size,
    crasher_title,
    hits_words,
    rate,
    state_span,
    worker_note,
)
from fuzztui.words import finds_per_million, share_words, source_words

WORKER_COLUMNS = (
    Column("id", 3, right=True),
    Column("state", 20),
    Column("now", 8, right=True),
    Column("execs", 7, right=True),
    Column("cpu", 5, right=True, rank=2),
    Column("memory", 7, right=True, rank=1),
    Column("new", 5, right=True, rank=3),
    Column("crashes", 7, right=True, rank=5),
    Column("restarts", 8, right=True, rank=6),
    Column("", 16, grows=True, rank=4),
)

CRASHER_COLUMNS = (
    Column("", 1),
    Column("input", 11, rank=6),
    Column("what fails", 30, grows=True),
    Column("message", 18, grows=True, rank=1),
    Column("where", 22, rank=5),
    Column("hits", 6, right=True),
    Column("size", 8, right=True, rank=3),
    Column("worker", 6, right=True, rank=4),
    Column("first seen", 11, right=True, rank=2),
)

COST_COLUMNS = (
    Column("worker", 6, right=True),
    Column("", 16, grows=True, rank=1),
    # The legend above the table has the words.
    *(Column(COSTS[cost][0], 4, right=True) for cost in Cost),
    Column("samples", 8, right=True, rank=2),
)

YIELD_COLUMNS = (
    Column("source", 26),
    Column("tries", 6, right=True),
    Column("finds", 6, right=True),
    Column("per 1M", 7, right=True),
    Column("", 8, grows=True, rank=1),
)

ALL = -1
"""Key of the row of all workers together."""


def worker_row(row: WorkerRow) -> Row[int]:
    """One line of the workers' table."""
    return Row(
        row.id,
        (
            span("strong", "{}", row.id),
            state_span(row),
            (rate(row.rate), "plain"),
            (count(row.executions), "plain"),
            (NONE if row.cpu is None else say("{:.0f}%", row.cpu), "plain"),
            (NONE if row.rss is None else size(row.rss), "plain"),
            span("plain", "{}", row.found),
            span("plain", "{}", row.crashers),
            span("warn" if row.restarts else "muted", "{}", row.restarts),
            worker_note(row),
        ),
    )


def crasher_row(crasher: Crasher, now: float) -> Row[str]:
    """One line of the crashers' table; `now` is the run's elapsed time in seconds."""
    mark, saved, tone = crasher_input(crasher)
    return Row(
        crasher.id,
        (
            (mark, tone),
            (saved, tone),
            (crasher_title(crasher), "strong"),
            (crasher.failure.message, "plain"),
            # Of a library's absolute path only the end says something in so few cells.
            (_last_parts(crasher.failure.location), "muted"),
            (hits_words(crasher.hits), "plain"),
            (crasher_size(crasher), "plain"),
            span("plain", "{}", crasher.worker),
            (ago(now - crasher.elapsed), "muted"),
        ),
    )


def _last_parts(location: Visible) -> Visible:
    """The file's name with its folder's."""
    folders, _, _ = location.rpartition("/")
    return piece(location, folders.rfind("/") + 1)


def cost_rows(workers: Sequence[WorkerRow]) -> list[Row[int]]:
    """The lines of a profile: all workers together, then each of them."""
    profiles = [
        (ALL, label("all"), profile_of(workers)),
        *((row.id, say("{}", row.id), row.profile) for row in workers),
    ]
    return [_cost_row(key, name, profile) for key, name, profile in profiles if profile is not None]


def _cost_row(key: int, name: Visible, profile: Profile) -> Row[int]:
    shares = [(cost, profile.share(cost)) for cost in Cost]
    return Row(
        key,
        (
            (name, "strong"),
            Bar(tuple(Part(share or 0.0, *COSTS[cost]) for cost, share in shares)),
            *((share_words(share) or NONE, "plain" if share else "muted") for _, share in shares),
            span("muted", "{:,}", profile.samples),
        ),
    )


def yield_rows(yields: Sequence[Yield]) -> list[Row[str]]:
    """The lines of what sources of inputs have brought: the most finds first, of equal ones by name. (By tries they
    would change places all the time.)
    """
    most = max((one.finds for one in yields), default=0)
    ranked = sorted(yields, key=lambda one: (-one.finds, one.source))
    return [
        Row(
            one.source,
            (
                (source_words(one.source), "plain" if one.finds else "muted"),
                (count(one.tries), "plain"),
                span("strong" if one.finds else "muted", "{:,}", one.finds),
                (finds_per_million(one) or NONE, "plain"),
                Bar((Part(one.finds, label("━"), "good"), Part(most - one.finds, label(" "), "plain"))),
            ),
        )
        for one in ranked
    ]
