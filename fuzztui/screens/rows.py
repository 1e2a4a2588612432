"""Rows and columns of the two tables. Pure functions."""

from fuzztui.engine.snapshot import Crasher, WorkerRow
from fuzztui.engine.text import count, size
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.wording import (
    NONE,
    ago,
    crasher_size,
    crasher_span,
    crasher_title,
    hits_words,
    rate,
    state_span,
    worker_note,
)

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


def worker_row(row: WorkerRow) -> Row[int]:
    """One line of the workers' table."""
    return Row(
        row.id,
        (
            (str(row.id), "strong"),
            state_span(row),
            (rate(row.rate), "plain"),
            (count(row.executions), "plain"),
            (NONE if row.cpu is None else f"{row.cpu:.0f}%", "plain"),
            (NONE if row.rss is None else size(row.rss), "plain"),
            (str(row.found), "plain"),
            (str(row.crashers), "plain"),
            (str(row.restarts), "warn" if row.restarts else "muted"),
            worker_note(row),
        ),
    )


def crasher_row(crasher: Crasher, now: float) -> Row[str]:
    """One line of the crashers' table; `now` is the run's elapsed time in seconds."""
    input_words, tone = crasher_span(crasher)
    glyph, _, saved = input_words.partition(" ")
    return Row(
        crasher.sha256,
        (
            (glyph, tone),
            (saved, tone),
            (crasher_title(crasher), "strong"),
            (crasher.message, "plain"),
            # Of a library's absolute path only the end says something in so few cells.
            ("/".join(crasher.location.rsplit("/", 2)[-2:]), "muted"),
            (hits_words(crasher.hits), "plain"),
            (crasher_size(crasher), "plain"),
            (str(crasher.worker), "plain"),
            (ago(now - crasher.elapsed), "muted"),
        ),
    )
