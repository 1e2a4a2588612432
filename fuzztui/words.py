"""Sentences and figures that the dashboard, the plain lines and the command line say alike. Pure functions."""

from collections.abc import Sequence

from fuzztui.engine.show import text
from fuzztui.engine.show.snapshot import Cost, Outcome, Snapshot, WorkerRow, Yield, profile_of
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say, visible

MESSAGE_CHARACTERS = 300
TRACEBACK_LINES = 60
TRACEBACK_HEAD = 5
"""Lines kept of a longer traceback's beginning: the header and two frames."""

TRACEBACK_CHARACTERS = 4_000


WORKERS_LISTED = 8
"""Workers whose shares are printed one by one at the end; of more, all together say as much."""

YIELDS_LISTED = 8
"""Sources of inputs that are printed at the end: those that have brought the most."""


def plural(number: int, noun: str, grouping: str = "") -> Visible:
    """`1 hit`, `2 hits`; `2,000 hits` where `grouping` is a comma."""
    return say("{:,} {}" if grouping == "," else "{} {}", number, noun if number == 1 else f"{noun}s")


def account(outcome: Outcome, failing_seeds: int) -> Visible:
    """What became of the crashers that workers reported. Failing seeds were there before the run: they are no part of
    that sum, and named apart.
    """
    received = plural(outcome.received, "new crasher" if failing_seeds else "crasher")
    sum_up = say("{} received = {} stored + {}", received, outcome.stored, plural(outcome.duplicates, "duplicate"))
    if outcome.unsaved:
        sum_up = say("{} + {} NOT STORED", sum_up, outcome.unsaved)
    return say("{}; {}", plural(failing_seeds, "failing seed"), sum_up) if failing_seeds else sum_up


def run_rate(snapshot: Snapshot) -> float | None:
    """Executions per second: of the last seconds while the run goes on, of all of it where there is no such figure."""
    if snapshot.rate is not None and snapshot.outcome is None:
        return snapshot.rate
    return snapshot.executions / snapshot.elapsed if snapshot.elapsed > 0 else None


def short_message(message: str) -> Visible:
    """A crasher's message where many are listed; its record has all of it."""
    return text.visible(message, MESSAGE_CHARACTERS)


def short_traceback(traceback: str) -> list[Visible]:
    """Lines of a traceback as many as are read: its beginning, and the end that names the failing line; its record has
    all of it.
    """
    lines = [text.visible(line, MESSAGE_CHARACTERS) for line in traceback.rstrip().splitlines()]
    if len(lines) <= TRACEBACK_LINES and sum(map(len, lines)) <= TRACEBACK_CHARACTERS:
        return lines
    head = lines[:TRACEBACK_HEAD]
    rest = lines[TRACEBACK_HEAD:]
    room = TRACEBACK_CHARACTERS - sum(map(len, head))
    kept = 0
    for line in reversed(rest):
        room -= len(line)
        if room < 0 or kept == TRACEBACK_LINES - TRACEBACK_HEAD - 1:
            break
        kept += 1
    left_out = len(rest) - kept
    note = [say("… {} left out: the crash record has all of them", plural(left_out, "line"))] if left_out else []
    return [*head, *note, *rest[left_out:]]


def share_words(share: float | None) -> Visible:
    """A share in per cent, in at most four cells: `62%`, `<1%`; empty before there is a figure."""
    if share is None:
        return NOTHING
    return label("<1%") if 0 < share < 0.005 else say("{:.0f}%", share * 100)


def source_words(source: Visible) -> Visible:
    """The name of a source of inputs as people read it."""
    return visible(source.replace("_", " "))


def finds_per_million(source: Yield) -> Visible:
    """Finds in a million tries: `4.2`, `61`, `3.45k`; empty before the first try."""
    if not source.tries:
        return NOTHING
    finds = source.finds * 1_000_000 / source.tries
    return say("{:.1f}", finds) if 0 < finds < 9.95 else text.count(finds)


def cost_lines(rows: Sequence[WorkerRow], yields: Sequence[Yield]) -> list[Visible]:
    """What a run's time went on and what brought new inputs, as two small tables; none for a run without a profile."""
    whole = profile_of(rows)
    if whole is None:
        return []
    few = rows if len(rows) <= WORKERS_LISTED else []
    listed = [(say("worker {}", row.id), row.profile) for row in few if row.profile is not None]
    columns = [*listed, (label("all"), whole)]  # there are fewer workers than costs, mostly: such a table is narrow
    shares = _table(
        [say("time, {}", plural(whole.samples, "sample", ",")), *(name for name, _ in columns)],
        [
            [label(cost.value), *(share_words(profile.share(cost)) for _, profile in columns)]
            for cost in Cost
            if whole.share(cost)
        ],
    )
    brought = [one for one in yields if one.finds][:YIELDS_LISTED]
    sources = _table(
        list(map(label, ("new inputs from", "tries", "finds", "per million tries"))),
        [
            [source_words(one.source), text.count(one.tries), say("{}", one.finds), finds_per_million(one)]
            for one in brought
        ],
    )
    return [*shares, *(sources if brought else [])]


def _table(head: list[Visible], rows: list[list[Visible]]) -> list[Visible]:
    """Lines of aligned columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        joined(
            "  ",
            (
                say("{:>{}}" if i else "{:<{}}", cell, width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ),
        )
        for row in (head, *rows)
    ]
