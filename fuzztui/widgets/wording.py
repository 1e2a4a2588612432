"""The words and figures of a snapshot, as every screen shows them. Pure functions; no figure is a dash, not a zero."""

from fuzztui.engine.show.snapshot import Cost, Crasher, Phase, Snapshot, WorkerRow, WorkerState
from fuzztui.engine.show.text import NOTHING, Visible, clock, count, duration, joined, label, one_line, piece, say, size
from fuzztui.widgets.tone import Line, Span, Tone, blank, plain, span

NONE = label("\u2013")
"""Stands where there is no figure yet."""

PHASES: dict[Phase, Span] = {
    Phase.STARTING: span("accent", "◌ STARTING"),
    Phase.BASELINE: span("accent", "◔ BASELINE"),
    Phase.FUZZING: span("good", "● FUZZING"),
    Phase.EXECUTING: span("good", "● EXECUTING"),
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
    WorkerState.VALIDATING: "it runs an input again whose process was killed, to learn whether the input did it",
    WorkerState.PAUSED: "it is held between two executions",
    WorkerState.STALLED: "it has been in one execution for longer than a second; the time-out will end it",
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
    """Hits in a column of six cells: exact as they are elsewhere, until there are a million."""
    return say("{}", hits) if hits < 1_000_000 else count(hits)


def target_words(target_id: Visible) -> tuple[Visible, Visible]:
    """Name and file of a target."""
    at = target_id.rfind("::")
    return (piece(target_id, at + 2), piece(target_id, 0, at)) if at >= 0 else (target_id, NOTHING)


def time_words(snapshot: Snapshot) -> Visible:
    """When the run will end by itself, or an empty string once it does not matter any more."""
    if snapshot.stop_reason is not None:
        return NOTHING
    if snapshot.time_limit is not None:
        return say("stops in {}", clock(max(0.0, snapshot.time_limit - snapshot.elapsed)))
    if snapshot.execution_limit is not None:
        return say("stops in {} execs", count(max(0, snapshot.execution_limit - snapshot.executions)))
    return label("no limit")


def phase_span(snapshot: Snapshot) -> Span:
    """The phase as a glyph and a word, with how far it is where that is known."""
    if snapshot.is_paused:
        return PAUSED
    words, tone = PHASES[snapshot.phase]
    if snapshot.phase is Phase.BASELINE and snapshot.baseline_total:
        words = say("{} {}/{}", words, snapshot.baseline_done, snapshot.baseline_total)
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
        right = (*right, span("muted", "  {:<14}", policy_words(snapshot)))
    room = width - len(plain(right)) - 2
    left: Line = ((one_line(name, limit=max(8, room)), "strong"),)
    if file and room - len(plain(left)) > 12:
        left = (*left, span("muted", "  {}", one_line(file, limit=room - len(plain(left)) - 2)))
    return (*left, blank(max(2, width - len(plain(left)) - len(plain(right)))), *right)


def _limit_width(snapshot: Snapshot) -> int:
    """Cells that a run's limit needs at most: the clock beside it must not jump."""
    if snapshot.time_limit is not None:
        return len("stops in 00:00:00")
    return len("no limit" if snapshot.execution_limit is None else "stops in 1.00k execs")


def policy_words(snapshot: Snapshot) -> Visible:
    """What the next new crasher does to the run."""
    return label("stops on crash" if snapshot.stop_on_crash else "keeps fuzzing")


def totals_line(snapshot: Snapshot, width: int) -> Line:
    """Counters of the whole run; from the right what does not fit is left out."""
    edges = say("{:,}", snapshot.edges) if snapshot.edges_total else NONE
    known = say(" / {:,}", snapshot.edges_total) if snapshot.edges_total and width >= 92 else NOTHING
    now = None if snapshot.is_over else snapshot.rate
    parts: list[Line] = [
        (span("muted", "execs "), span("strong", "{:<5}", count(snapshot.executions))),
        (span("strong", "{:>7}", rate(now)), span("muted", " now, {:>7} avg", rate(snapshot.average_rate))),
        (
            span("muted", "edges "),
            (edges, "strong"),
            span("muted", "{} ({})", known, percent(snapshot.edges, snapshot.edges_total)),
        ),
        (
            span("muted", "corpus "),
            span("strong", "{:,}", snapshot.corpus),
            span("muted", " (+{:,})", snapshot.corpus_new),
        ),
        (span("muted", "last new "), (ago(snapshot.last_new), "plain")),
    ]
    gap = blank(3 if width >= 110 else 2)
    line: Line = ()
    for part in parts:
        longer = (*line, *((gap,) if line else ()), *part)
        if line and len(plain(longer)) > width:
            break
        line = longer
    return line


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
        return label("◆"), say("seed {}", crasher.seed_name), "warn"
    if crasher.path is None:
        return label("✗"), label("NOT SAVED"), "bad"
    return label("●"), label("saved"), "good"


def crasher_title(crasher: Crasher) -> Visible:
    """What failed and where: `ValueError in _decode_uXXXX`."""
    failure = crasher.failure
    return say("{} in {}", failure.type, failure.function) if failure.function else failure.type


def crasher_size(crasher: Crasher) -> Visible:
    return size(len(crasher.data))


def running_words(snapshot: Snapshot) -> Visible:
    """How many workers run, those that are held counted apart: `1 of 3 running, 1 paused`."""
    paused = sum(row.state is WorkerState.PAUSED for row in snapshot.workers)
    words = say("{} of {} running", len(live_workers(snapshot)) - paused, len(snapshot.workers))
    return say("{}, {} paused", words, paused) if paused else words


def newest_first(snapshot: Snapshot) -> tuple[Crasher, ...]:
    """Crashers as they are listed: what has just been found stands where it is seen."""
    return snapshot.crashers[::-1]


def live_workers(snapshot: Snapshot) -> tuple[WorkerRow, ...]:
    """Workers that still have a process or will get one."""
    return tuple(row for row in snapshot.workers if not row.state.is_final)
