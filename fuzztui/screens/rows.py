"""Rows and columns of the tables. Pure functions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.observed import Observed
from fuzztui.engine.show.reload import Fate
from fuzztui.engine.show.snapshot import Yield
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import Visible, count, label, piece, say, size
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState, profile_of
from fuzztui.screens.decider import Verdict
from fuzztui.screens.listing import Desk, Fold, Item
from fuzztui.widgets.bar import Bar, Part
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import Span, Tone, span
from fuzztui.widgets.wording import (
    COSTS,
    NONE,
    ago,
    crasher_badge,
    crasher_state,
    crasher_title,
    hits_words,
    rate,
    shown_location,
    state_span,
    worker_note,
)
from fuzztui.words.sentences import finds_per_million, observed_words, share_words, source_words

WORKER_COLUMNS = (
    Column("id", 3, right=True),
    Column("state", 20),
    Column("now", 7, right=True),
    Column("execs", 6, right=True),
    Column("cpu", 5, right=True, rank=2),
    Column("memory", 8, right=True, rank=1),
    Column("new", 5, right=True, rank=3),
    Column("hits", 7, right=True),
    Column("restarts", 8, right=True, rank=6),
    Column("", 16, grows=True, rank=4),
)

_FOLD = Column("", 3, gap=1)

CRASHER_COLUMNS = (
    Column("", 1),
    Column("state", 9, rank=3, gap=1),
    Column("", 1, gap=1),
    _FOLD,
    Column("where", 16, grows=True, cut="front", wish=20),
    Column("what fails", 19, grows=True, wish=28),
    Column("message", 16, grows=True, rank=1, wish=16),
    Column("hits", 5, right=True),
    Column("again", 5, right=True, rank=4),
    Column("size", 14, right=True, rank=3),
    Column("worker", 6, right=True, rank=5),
    Column("first seen", 11, right=True, rank=2),
)


def crasher_columns(*, beside: bool, grouped: bool) -> tuple[Column, ...]:
    """The same, where a pane beside the list has the message of the selected one: words for the others come first; and
    where no crashers share a row, which need not be said then.
    """
    ranks = {"state": 1, "message": 2} if beside else {}
    columns = [replace(column, rank=ranks.get(column.title, column.rank)) for column in CRASHER_COLUMNS]
    if not grouped:
        columns[CRASHER_COLUMNS.index(_FOLD)] = replace(_FOLD, width=0, gap=0)
    return tuple(columns)


COST_COLUMNS = (
    Column("worker", 6, right=True),
    Column("", 16, grows=True, rank=1),
    # The legend above the table has the words.
    *(Column(COSTS[cost][0], 4, right=True, gap=1) for cost in Cost),
    Column("samples", 8, right=True, rank=2),
)

YIELD_COLUMNS = (
    Column("source", 26),
    Column("tries", 6, right=True),
    Column("finds", 6, right=True),
    Column("per 1M", 7, right=True),
    Column("", 8, grows=True, rank=1),
)

WORKER_ORDERS = ("by number", "by state", "most execs first", "most new first", "most hits first", "most memory first")

COST_ORDERS = ("by number", *(f"most {cost.value} first" for cost in Cost))

OBSERVED_COLUMNS = (
    Column("told by the test", 30, grows=True),
    Column("", 28, right=True),
    Column("", 8, rank=1),
)

OBSERVED_ORDERS = ("scores, then the most frequent", "by name", "the rarest first")

YIELD_ORDERS = ("most finds first", "by name", "most tries first", "most finds per try first")

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
            span("plain", "{:,}", row.found),
            span("plain", "{:,}", row.crashers),
            span("warn" if row.restarts else "muted", "{}", row.restarts),
            worker_note(row),
        ),
        ranks=(row.id, _STATES.index(row.state), -row.executions, -row.found, -row.crashers, -(row.rss or 0)),
    )


_STATES = tuple(WorkerState)


def crasher_row(item: Item, desk: Desk, now: float, *, says_message: bool = False) -> Row[str]:
    """One line of the crashers' table; `now` is the run's elapsed time in seconds.

    `says_message`: in place of what fails where, which several rows have in common.
    """
    crasher = item.crasher
    verdict = desk.decider.verdict(crasher)
    mark, state, tone = _state(item, desk)
    return Row(
        item.key,
        (
            (mark, tone),
            (state, tone),
            crasher_badge(crasher),
            (_fold_words(item), "accent"),
            (_place(crasher), "plain"),
            ((says_message and crasher.failure.message) or crasher_title(crasher), _title_tone(item, verdict)),
            (crasher.failure.message, "plain"),
            (hits_words(item.hits), "plain"),
            _again(crasher),
            size_span(crasher),
            span("plain", "{}", crasher.worker),
            (ago(now - crasher.elapsed), "muted"),
        ),
        is_marked=all(one.id in desk.marked for one in item.crashers),
    )


VERDICTS: dict[Status, tuple[Visible, Visible, Tone]] = {
    Status.NEW: (label("●"), label("new"), "bad"),
    Status.TRIAGED: (label("◐"), label("triaged"), "plain"),
    Status.IGNORED: (label("\u2013"), label("ignored"), "muted"),
    Status.FIXED: (label("◉"), label("fixed"), "good"),
}
"""How what people have decided is drawn: a mark, a word, its tone."""

REGRESSED: tuple[Visible, Visible, Tone] = (label("‼"), label("regressed"), "bad")
"""How that is drawn which was marked fixed, and fails."""

_TITLES: dict[Status, Tone] = {
    Status.NEW: "bad",
    Status.TRIAGED: "plain",
    Status.IGNORED: "muted",
    Status.FIXED: "muted",
}


RELOADED: tuple[Visible, Visible, Tone] = (label("↻"), label("fixed"), "good")
"""How that is drawn which does not fail any more on the code that is run now."""


NOT_FIXED: tuple[Visible, Visible, Tone] = (label("‼"), label("not fixed"), "bad")
"""How that is drawn whose input does not fail any more, but which the search has met again."""


def _title_tone(item: Item, verdict: Verdict) -> Tone:
    if all(one.is_fixed for one in item.crashers):
        return "struck"
    return "bad" if verdict.is_regressed else _TITLES[verdict.status]


def _state(item: Item, desk: Desk) -> tuple[Visible, Visible, Tone]:
    """What a person has to know of a row first: that an input is lost, what is decided, what is new."""
    lost = next((one for one in item.crashers if one.is_lost), None)
    if lost is not None:
        return crasher_state(lost, is_new=False)
    if all(one.is_fixed for one in item.crashers):
        return RELOADED
    verdicts = [desk.decider.verdict(one) for one in item.crashers]
    if any(verdict.is_regressed for verdict in verdicts):
        return REGRESSED
    if any(one.recheck is not None and one.recheck.fate is Fate.FAILS_AGAIN for one in item.crashers):
        return NOT_FIXED
    if all(verdict.status is not Status.NEW for verdict in verdicts):
        return VERDICTS[verdicts[0].status]
    return crasher_state(item.crasher, is_new=any(desk.is_new(one) for one in item.crashers))


def _again(crasher: Crasher) -> Span:
    """How often it has failed again of how many times."""
    known = crasher.confirmation
    if crasher.is_settled:
        return label("pass"), "good"
    return (known.count if known is not None else NONE), "plain"


def size_span(crasher: Crasher) -> Span:
    """How large a crasher's input is, and how small it has become."""
    known = crasher.minimized
    if known is None or not (known.is_running or known.is_smaller):
        return crasher.size, "plain"
    return known.sizes, "accent" if known.is_running else "plain"


def _fold_words(item: Item) -> Visible:
    """Whether a row unfolds, and into how many."""
    glyph = label(item.fold.value)
    if item.fold in (Fold.FOLDED, Fold.UNFOLDED):
        return say("{}{}", glyph, min(len(item.crashers), 99))
    return say(" {}", glyph)


def alike(items: Sequence[Item]) -> frozenset[str]:
    """Keys of the rows that look like another one, as long as the message is not shown."""
    looks = {item.key: (item.crasher.failure.location, crasher_title(item.crasher)) for item in items}
    times = Counter(looks.values())
    return frozenset(key for key, look in looks.items() if times[look] > 1)


def _place(crasher: Crasher) -> Visible:
    """Where it fails. Of a library's absolute path only the end says something."""
    return _last_parts(shown_location(crasher.failure.location)) or NONE


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
        # All together stay on top.
        ranks=(key, *((key != ALL, -(share or 0.0)) for _, share in shares)),
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
            ranks=(-one.finds, one.source, -one.tries, -one.finds / max(1, one.tries)),
        )
        for one in ranked
    ]


def observed_rows(observed: Sequence[Observed], executions: int) -> list[Row[str]]:
    """The lines of what a property test tells of its executions."""
    return [
        Row(
            one.words,
            (
                (one.words, "plain" if one.best is None else "strong"),
                (observed_words(one, executions), "plain" if one.best is None else "good"),
                Bar((Part(one.executions or 0, label("━"), "good"), Part(executions, label(" "), "plain"))),
            ),
            ranks=(number, one.words, one.executions or 0),
        )
        for number, one in enumerate(observed)
    ]
