"""The words and figures of a snapshot, as every screen shows them. Pure functions; no figure is a dash, not a zero."""

import re
from typing import Final

from fuzztui.engine.keep.places import current_directory
from fuzztui.engine.show.costs import Cost
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import (
    NOTHING,
    Visible,
    clock,
    count,
    duration,
    joined,
    label,
    one_line,
    piece,
    repeated,
    say,
)
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from fuzztui.widgets.tone import Line, Span, Tone, blank, plain, span
from fuzztui.words.sentences import FEW_REFUSED, plural

NONE = label("\u2013")
"""Stands where there is no figure yet."""

PHASES: dict[Phase, Span] = {
    Phase.STARTING: span("accent", "◌ STARTING"),
    Phase.BASELINE: span("accent", "◔ BASELINE"),
    Phase.FUZZING: span("good", "● FUZZING"),
    Phase.EXECUTING: span("good", "● EXECUTING"),
    Phase.TRIAGE: span("accent", "◇ TRIAGE"),
    Phase.WATCHING: span("accent", "◉ WATCHING"),
    Phase.FINISHING: span("warn", "◎ FINISHING"),
    Phase.STOPPING: span("warn", "□ STOPPING"),
    Phase.ENDED: span("strong", "■ ENDED"),
}

PAUSED = span("warn", "‖ PAUSED")
"""Stands in the place of the phase while all workers are held."""

STATES: dict[WorkerState, Span] = {
    WorkerState.STARTING: span("accent", "◌"),
    WorkerState.BASELINE: span("accent", "◔"),
    WorkerState.FUZZING: span("good", "●"),
    WorkerState.WAITING: span("muted", "○"),
    WorkerState.EXECUTING: span("good", "●"),
    WorkerState.VALIDATING: span("accent", "◎"),
    WorkerState.MINIMIZING: span("accent", "◍"),
    WorkerState.MEASURING: span("accent", "◉"),
    WorkerState.AWAY: span("muted", "⋯"),
    WorkerState.PAUSED: span("warn", "‖"),
    WorkerState.STALLED: span("bad", "!"),
    WorkerState.RESTARTING: span("warn", "↻"),
    WorkerState.STOPPING: span("warn", "□"),
    WorkerState.STOPPED: span("muted", "■"),
    WorkerState.ENDED: span("muted", "■"),
    WorkerState.FAILED: span("bad", "✗"),
    WorkerState.GAVE_UP: span("bad", "✗"),
}

COSTS: dict[Cost, Span] = {
    Cost.TARGET: span("good", "█"),
    Cost.INSTRUMENTATION: span("warn", "+"),
    Cost.MUTATION: span("accent", "▓"),
    Cost.BOOKKEEPING: span("plain", "▒"),
    Cost.MEASURING: span("warn", "="),
    Cost.TRACING: span("accent", "~"),
    Cost.REPORTING: span("bad", "✗"),
    Cost.WAITING: span("muted", "·"),
}
"""How each cost is drawn."""

COST_MEANINGS: dict[Cost, str] = {
    Cost.TARGET: "your code runs (with its probes, as long as their part is not known)",
    Cost.INSTRUMENTATION: "the probes in your code run: its entries are timed with and without them",
    Cost.MUTATION: "an input is made from another",
    Cost.BOOKKEEPING: "an input is recorded and its coverage compared; calls begin and end",
    Cost.MEASURING: "a found input runs again, to learn what it covers and to make it shorter",
    Cost.TRACING: "a new entry runs with its comparisons traced, and inputs are made from them",
    Cost.REPORTING: "a failure is described, told apart from others and sent",
    Cost.WAITING: "the worker has nothing to do",
}

MEANINGS: dict[WorkerState, str] = {
    WorkerState.STARTING: "its process loads the target and has not answered yet",
    WorkerState.BASELINE: "it runs the seeds and stored inputs once, to learn what they cover",
    WorkerState.FUZZING: "it mutates inputs and runs the target",
    WorkerState.WAITING: "it has nothing to do right now: others finish the baseline or the last executions",
    WorkerState.EXECUTING: "it runs inputs that exist already, once each",
    WorkerState.MINIMIZING: "it runs smaller forms of a failing input",
    WorkerState.MEASURING: "it runs inputs with every line noted, since somebody looks at the coverage",
    WorkerState.VALIDATING: "it runs a crasher or a suspect again in a fresh process, to learn whether it fails there",
    WorkerState.AWAY: "it has no process: other targets of this run have the cores, and its turn comes",
    WorkerState.PAUSED: "it is held between two executions",
    WorkerState.STALLED: "it has been in one execution for longer than a second; the timeout will end it",
    WorkerState.RESTARTING: "its process died and is being replaced",
    WorkerState.STOPPING: "it was asked to end; it is terminated, then killed if it does not",
    WorkerState.STOPPED: "you stopped it; restart brings it back",
    WorkerState.ENDED: "its process has ended with the run",
    WorkerState.FAILED: "it could not do its job; its reason and its output say why",
    WorkerState.GAVE_UP: "it died too often in a row to be restarted by itself; restart tries again",
}


def rate(executions: float | None) -> Visible:
    """Executions per second."""
    return NONE if executions is None else say("{}/s", count(round(executions)))


def ago(seconds: float | None) -> Visible:
    """How long something is past."""
    return NONE if seconds is None else say("{} ago", duration(max(0.0, seconds)))


def percent(part: int, whole: int) -> Visible:
    return say("{}%", part * 100 // whole) if whole else NONE


def hits_words(hits: int) -> Visible:
    """Hits in a column of five cells: exact as they are elsewhere, as long as there is room."""
    return say("{:,}", hits) if hits < 10_000 else count(hits)


def target_words(target_id: Visible) -> tuple[Visible, Visible]:
    """Name and file of a target."""
    at = target_id.rfind("::")
    return (piece(target_id, at + 2), piece(target_id, 0, at)) if at >= 0 else (target_id, NOTHING)


def time_words(snapshot: Snapshot) -> Visible:
    """When the run will end by itself, or an empty string once it does not matter any more."""
    if snapshot.stop_reason is not None:
        return NOTHING
    if (left := snapshot.time_left) is not None:
        return say("stops in {}", clock(left))
    if snapshot.phase is Phase.TRIAGE:
        return NOTHING
    if snapshot.execution_limit is not None:
        return say("stops in {} execs", count(max(0, snapshot.execution_limit - snapshot.executions)))
    return label("no limit")


def phase_span(snapshot: Snapshot) -> Span:
    """The phase as a glyph and a word, with how far it is where that is known."""
    if snapshot.is_paused:
        return PAUSED
    words, tone = PHASES[snapshot.phase]
    if snapshot.phase is Phase.BASELINE and snapshot.baseline_total:
        words = say("{} {:,}/{:,}", words, snapshot.baseline_done, snapshot.baseline_total)
    return words, tone


def title_line(snapshot: Snapshot, width: int) -> Line:
    """Target on the left; phase, clock and limit on the right, each in a place of its own whatever the phase."""
    name, file = target_words(snapshot.target_id)
    words, tone = phase_span(snapshot)
    right: Line = ((say("{:<20}", words), tone), span("strong", "  {}", clock(snapshot.elapsed)))
    goes_on = snapshot.stop_reason is None
    if goes_on and width >= 76:
        right = (*right, span("muted", "  {:>{}}", time_words(snapshot), _limit_width(snapshot)))
    if goes_on and width >= 96:
        right = (*right, span("muted", "  {:<{}}", policy_words(snapshot), POLICY_WIDTH))
    room = width - len(plain(right)) - 2
    found = plural(snapshot.distinct, "crasher") if snapshot.distinct else NOTHING
    left: Line = ((one_line(name, limit=max(8, room - len(found) - 4)), "strong"),)
    if found:
        left = (*left, span("bad", "  ✗ {}", found))
    if (sharing := snapshot.sharing).place and (sharing.is_connected or sharing.problem) and not snapshot.is_over:
        forms = say("  ⇄ {}", sharing.words), say("  {}", sharing.word) if sharing.problem else NOTHING
        words = next((words for words in forms if len(words) <= room - len(plain(left))), NOTHING)
        left = (*left, (words, "warn" if sharing.problem else "accent"))
    if file and room - len(plain(left)) > 12:
        left = (*left, span("muted", "  {}", one_line(file, limit=room - len(plain(left)) - 2)))
    return (*left, blank(max(2, width - len(plain(left)) - len(plain(right)))), *right)


POLICY_WIDTH = len("on crash: go on")
"""Cells for what the next new crasher does to the run, whatever that is."""


def _limit_width(snapshot: Snapshot) -> int:
    """Cells that a run's limit needs at most: the clock beside it must not jump."""
    if snapshot.time_limit is not None:
        return len("stops in 00:00:00")
    return len("no limit" if snapshot.execution_limit is None else "stops in 1.00k execs")


def policy_words(snapshot: Snapshot) -> Visible:
    """What the next new crasher does to the run."""
    if snapshot.phase in (Phase.TRIAGE, Phase.WATCHING):
        return NOTHING
    return label("on crash: stop" if snapshot.stop_on_crash else "on crash: go on")


_LEAST: Final = 8
"""Counters that can be left out of a run's totals."""


def totals_line(snapshot: Snapshot, width: int) -> Line:
    """Counters of the whole run; from the right what does not fit is left out."""
    if snapshot.phase is Phase.TRIAGE:
        return (
            span("muted", "execs "),
            span("strong", "{:<5}", count(snapshot.executions)),
            span("muted", "  left by earlier sessions; nothing is fuzzed"),
        )
    if snapshot.phase in (Phase.STARTING, Phase.BASELINE) and snapshot.stop_reason is None:
        return progress_line(snapshot, width)
    # What says least is left out first; how long ago something new was found says most of how the search goes.
    for less in range(_LEAST):
        if len(plain(line := _totals(snapshot, width, less))) <= width:
            return line
    return _totals(snapshot, width, _LEAST)


def _totals(snapshot: Snapshot, width: int, less: int) -> Line:
    """Counters of the whole run, without those that say least, `less` of them."""
    bar = plateau_bar(snapshot) if less < 1 else ()
    less = max(0, less - 1)
    shown = snapshot.edges_total > 0
    known = say(" of {:,}", snapshot.edges_total) if shown and less < 3 else NOTHING
    with_share = less < 1 or less > 2 or not shown  # instead of the number of all, where there is no room for both
    share = say(" ({})", percent(snapshot.edges, snapshot.edges_total)) if with_share else NOTHING
    average = say(", {:>7} avg", rate(snapshot.average_rate)) if less < 2 and not snapshot.is_watched else NOTHING
    new = say(", {:,} new", snapshot.corpus_new) if less < 3 and not snapshot.is_watched else NOTHING
    if snapshot.sharing.taken and less < 2:
        new = say("{}, {:,} from others", new, snapshot.sharing.taken)
    age, tone = last_find_span(snapshot)
    parts: list[Line] = [
        (span("muted", "execs "), span("strong", "{:<5}", count(snapshot.executions))),
        (
            span("strong", "{:>7}", rate(None if snapshot.is_over else snapshot.rate)),
            span("muted", " now{}", average),
            *refused_words(snapshot),
        ),
        (
            span("muted", "edges "),
            span("strong", "{}", say("{:,}", snapshot.edges) if shown else NONE),
            span("muted", "{}{}", known, share),
        ),
        (span("muted", "corpus "), span("strong", "{:,}", snapshot.corpus), span("muted", "{}", new)),
        # As wide as it will be: what there is room for must not change with each find.
        (span("muted", "last find "), (say("{:<11}", age), tone), *bar),
    ]
    gap = blank(3 if width >= 110 else 2)
    for part in (3, 4, 2)[: max(0, less - 3)]:
        parts[part] = ()
    shown_parts = [part for part in parts if part]
    return tuple(one for i, part in enumerate(shown_parts) for one in (*((gap,) if i else ()), *part))


def refused_words(snapshot: Snapshot) -> Line:
    """How many executions a class keeps from the target, where that takes something of the rate."""
    if snapshot.refused <= FEW_REFUSED * snapshot.executions:
        return ()
    return (span("warn", ", {} discarded", percent(snapshot.refused, snapshot.executions)),)


LONG_AGO, VERY_LONG_AGO = 300.0, 900.0
"""Seconds without a find after which that begins to say that the search is stuck."""


PLATEAU_WIDTH = 10


def plateau_bar(snapshot: Snapshot) -> Line:
    """How far the search is on its way from its last find to a plateau, which it is on when the bar is full."""
    age = snapshot.last_new
    if age is None or snapshot.is_over:
        return ()
    filled = min(PLATEAU_WIDTH, int(PLATEAU_WIDTH * age / LONG_AGO))
    _, tone = last_find_span(snapshot)
    return (blank(1), (repeated(label("━"), filled), tone), (repeated(label("╌"), PLATEAU_WIDTH - filled), "muted"))


def last_find_span(snapshot: Snapshot) -> Span:
    """How long ago something new was found: it changes its colour, and at last says so, as it gets older."""
    age = snapshot.last_new
    if age is None or snapshot.is_over:
        return ago(age), "plain"
    if age < LONG_AGO:
        return ago(age), "good" if age < LONG_AGO / 5 else "plain"
    return say("{}: stuck?", ago(age)), "warn" if age < VERY_LONG_AGO else "bad"


BAR_WIDTH = 30
"""Cells of a bar that shows how far something is."""


def progress_line(snapshot: Snapshot, width: int) -> Line:
    """What has to be done before anything is mutated, and how far that is."""
    if snapshot.phase is Phase.STARTING:
        loaded = sum(row.state is not WorkerState.STARTING for row in snapshot.workers)
        words = span("muted", "  loading the target, {}", duration(snapshot.elapsed))
        return (*progress_bar(loaded, len(snapshot.workers), BAR_WIDTH), words)
    done, total = snapshot.baseline_done, snapshot.baseline_total
    line = (
        *progress_bar(done, total, BAR_WIDTH),
        span("muted", "  {:,} of {:,} stored inputs run once", done, total),
    )
    if width >= 92:
        line = (*line, span("muted", ", {} now", rate(snapshot.rate)))
    return line


def progress_bar(done: int, total: int, width: int) -> Line:
    """How far something is, in so many cells."""
    filled = width * min(done, total) // total if total else 0
    return (
        (repeated(label("━"), filled), "accent"),
        (repeated(label("╌"), width - filled), "muted"),
    )


def state_span(row: WorkerRow) -> Span:
    """A worker's state as a glyph, a word and what belongs to it."""
    glyph, tone = STATES[row.state]
    state = label(row.state.value)
    return say("{} {} {}", glyph, state, row.detail) if row.detail else say("{} {}", glyph, state), tone


def worker_note(row: WorkerRow) -> Span:
    """What else is to be said of a worker: where it stalls, why it failed, how it ended."""
    if row.state is WorkerState.STALLED:
        # The folder is on the worker's own screen; the line number must not be cut off here.
        return piece(row.location, row.location.rfind("/") + 1), "plain"
    if row.state in (WorkerState.FAILED, WorkerState.GAVE_UP):
        return joined("; ", filter(None, (row.reason, end_words(row)))), "bad"
    if row.state.is_final:
        return end_words(row), "muted"
    return row.reason, "muted"


def end_words(row: WorkerRow) -> Visible:
    """How a worker's last process ended and how long that took, or an empty string while it runs."""
    if row.exit is None:
        return NOTHING
    return row.exit if row.exit_seconds is None else say("{} in {}", row.exit, short_time(row.exit_seconds))


def short_time(seconds: float) -> Visible:
    """A time that is usually below a second."""
    return say("{:.0f} ms", seconds * 1000) if seconds < 1 else say("{:.1f} s", seconds)


def crasher_input(crasher: Crasher) -> tuple[Visible, Visible, Tone]:
    """Where a crasher's input is: the mark that stands before the crasher wherever it is shown, words, their tone."""
    if crasher.seed_name is not None:
        words = say("stored {}", crasher.seed_name) if crasher.is_stored_input else crasher.seed_name
        return label("◆"), words, "warn"
    if crasher.nodes:
        return label("●"), say("on {}", joined(", ", crasher.nodes)), "plain"
    if crasher.path is None:
        return label("✗"), label("NOT SAVED"), "bad"
    return label("●"), label("saved"), "plain"


def crasher_state(crasher: Crasher, *, is_new: bool) -> tuple[Visible, Visible, Tone]:
    """What a person has to know of a crasher first: the mark before it in a list, words for it, and their tone."""
    if crasher.is_lost:
        return label("✗"), label("NOT SAVED"), "bad"
    if is_new:
        return label("●"), label("new"), "bad"
    if crasher.is_known:
        return label("○"), label("known"), "plain"
    if crasher.seed_name is not None:
        return label("◆"), label("stored" if crasher.is_stored_input else "seed"), "warn"
    return label("○"), label("seen"), "muted"


def crasher_badge(crasher: Crasher) -> Span:
    """In one cell, what came of running a crasher again; blank as long as that is not known."""
    known = crasher.confirmation
    if known is None:
        return label(" "), "muted"
    if crasher.is_settled or known.had_failed:
        return label("↻"), "good"
    if not known.reproduces:
        return label("?"), "warn"
    return (label("✓"), "good") if known.failures == known.runs else (label("±"), "warn")


def crasher_title(crasher: Crasher) -> Visible:
    """What failed and where, an exception without its module: `ValueError in _decode_uXXXX`."""
    failure = crasher.failure
    name = short_type(failure)
    return say("{} in {}", name, failure.function) if failure.function else name


def shown_location(location: Visible) -> Visible:
    """A `file:line` as short as it can be typed: relative to the current folder where it lies inside."""
    here = say("{}/", current_directory())
    return piece(location, len(here)) if location.startswith(here) else location


def short_type(failure: Failure) -> Visible:
    """An exception's name without its module's: `JSONDecodeError`. What else fails has no module."""
    module = failure.type.rpartition(".")[0]
    if failure.kind not in (CrasherKind.EXCEPTION, CrasherKind.MEMORY) or not _MODULE.fullmatch(module):
        return failure.type
    return piece(failure.type, len(module) + 1)


_MODULE = re.compile(r"\w+(\.\w+)*")


def running_words(snapshot: Snapshot) -> Visible:
    """How many workers run, those that are held counted apart: `1 of 3 running, 1 paused`."""
    paused = sum(row.state is WorkerState.PAUSED for row in snapshot.workers)
    away = sum(row.state is WorkerState.AWAY for row in snapshot.workers)
    words = say("{} of {} running", len(live_workers(snapshot)) - paused - away, len(snapshot.workers))
    return say("{}, {} paused", words, paused) if paused else words


def helper_words(snapshot: Snapshot) -> Visible:
    """What the helper does, for which crasher, to follow words on the workers; empty where there is none."""
    helper = snapshot.helper
    if helper is None:
        return NOTHING
    crasher = next((one for one in snapshot.crashers if one.id == helper.crasher), None)
    what = say(" {}", crasher_title(crasher)) if crasher is not None else NOTHING
    others = say(" and {} more", helper.others) if crasher is not None and helper.others else NOTHING
    return say(" · helper {}{}{}", helper.state.value, what, others)


def live_workers(snapshot: Snapshot) -> tuple[WorkerRow, ...]:
    """Workers that still have a process or will get one."""
    return tuple(row for row in snapshot.workers if not row.state.is_final)
