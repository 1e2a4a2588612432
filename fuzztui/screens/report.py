"""How a run ended, in lines: for the last screen and for the normal screen after it. Pure functions."""

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.target_row import TargetState
from fuzztui.engine.show.text import (
    NOTHING,
    Visible,
    clock,
    command_in,
    count,
    joined,
    label,
    lines_of,
    piece,
    say,
    visible,
)
from fuzztui.engine.show.worker_row import WorkerRow
from fuzztui.widgets.table import fit
from fuzztui.widgets.tone import Line, Span, plain, span, wrapped
from fuzztui.widgets.wording import (
    NONE,
    crasher_input,
    crasher_title,
    end_words,
    rate,
    refused_words,
    state_span,
)
from fuzztui.words.sentences import (
    account,
    confirmation_words,
    cost_lines,
    memory_lines,
    module_sentences,
    observed_lines,
    plural,
    short_message,
)
from fuzztui.words.targets import by_weight, target_line

_ADVICE: dict[StopReason, Visible] = {
    StopReason.HARNESS: label("Correct the harness as the reason above says, then run again."),
    StopReason.UNCALLABLE: label("Put right what the reason above says, then run again."),
    StopReason.WORKERS_GAVE_UP: label("Read the workers' reasons above; a lower memory use or fewer workers may help."),
    StopReason.WORKERS_FAILED: label("Read the workers' reasons above, and the output of each on its page."),
    StopReason.STRAY_FAILURES: label("Have the target wait for what it starts: then the input to blame is known."),
    StopReason.NOTHING_EXECUTED: label("Give the run more time."),
    StopReason.BASELINE_UNFINISHED: label("Give the run more time, or make the corpus smaller."),
    StopReason.BAD_CORPUS: label("Correct or delete the stored inputs named above, then run again."),
    StopReason.CODE_CHANGED: label("Run it again to fuzz the code as it is now."),
    StopReason.TARGETS_FAILED: label("Correct the targets as the reasons above say, then run again."),
    StopReason.INTERNAL: label("This is a bug of fuzztui: please report it with the reason above."),
}

_VERDICTS: dict[bool, Span] = {False: span("strong", "■"), True: span("bad", "✗")}
"""How the reason looks, by whether it is a failure."""

FEW = 4
"""Workers that are listed before the crashers; more would push these out of sight."""

LISTED = 10
"""Crashers that are listed one by one: the reason above them must stay in sight."""


def report(snapshot: Snapshot, unsaved_limit: int | None = None) -> list[Line]:
    """The final status: reason, workers, totals, crashers with their commands, and what to do next.

    Args:
        snapshot: the last one of the run.
        unsaved_limit: bytes to show of an input that was not saved; None shows them all.

    Raises:
        ValueError: the run has not ended.
    """
    if (outcome := snapshot.outcome) is None:
        raise ValueError("a run is reported when it has ended")
    return [
        *_reason(snapshot, outcome),
        (),
        *_totals(snapshot, outcome),
        (),
        *_targets(snapshot),
        *(_workers(snapshot) if len(snapshot.workers) <= FEW else []),
        *_crashers(snapshot, outcome, unsaved_limit),
        *(_workers(snapshot) if len(snapshot.workers) > FEW else []),
        *_costs(snapshot),
        *_observed(snapshot),
        *_next(snapshot, outcome),
    ]


def printed_report(snapshot: Snapshot, width: int | None, encoding: str = "utf-8") -> list[Line]:
    """The final status for the normal screen, of `width` characters; None leaves every line as it is.

    Commands, and words that are longer than a line, stay whole: what the terminal itself wraps is copied in one piece.
    Commands are in characters that `encoding` has.
    """
    lines = [_typed(line, encoding) if _is_command(line) else line for line in report(snapshot)]
    if width is None:
        return lines
    return [
        part
        for line in lines
        for part in ([line] if _is_command(line) else wrapped([line], width, hang=2, cut_words=False))
    ]


def _is_command(line: Line) -> bool:
    return plain(line).lstrip(" ").startswith("$ ")


def _typed(line: Line, encoding: str) -> Line:
    return tuple((command_in(encoding, text), tone) for text, tone in line)


def _reason(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    glyph, tone = _VERDICTS[outcome.reason.is_failure]
    reason = label(outcome.reason.value)
    words = say("{} {}{}", glyph, piece(reason, 0, 1).upper(), piece(reason, 1))
    where = span("muted", "  {}, exit code {}", visible(snapshot.target_id), outcome.exit_code)
    return [((words, tone), where), *((span("plain", "  {}", line),) for line in lines_of(outcome.detail))]


def _totals(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    known = say("{:,} of {:,}", snapshot.edges, snapshot.edges_total) if snapshot.edges_total else NONE
    executed: Line = (
        (plural(snapshot.executions, "execution"), "strong"),
        span("muted", " in {} ({})", clock(outcome.seconds), rate(snapshot.average_rate)),
        *refused_words(snapshot),
    )
    if not (snapshot.workers or snapshot.targets or outcome.received):  # nothing was searched for
        return [executed]
    lines: list[Line] = [
        executed,
        (span("plain", "{} edges, corpus {:,} ({:,} new in this run)", known, snapshot.corpus, snapshot.corpus_new),),
        ((account(outcome, [crasher for crasher in snapshot.crashers if crasher.seed_name is not None]), "plain"),),
    ]
    lines += [(span("muted", "{}", sentence),) for sentence in module_sentences(snapshot.modules)]
    lines += [(span("plain", "{}", sentence),) for sentence in memory_lines(snapshot.crashers)]
    if outcome.unsaved:
        lines.append((span("bad", "✗ {} could not be saved", plural(outcome.unsaved, "crasher")),))
    return lines


def _targets(snapshot: Snapshot) -> list[Line]:
    """Of a run that has several targets, a line for each: those that could not be fuzzed first, then the others."""
    if not snapshot.targets:
        return []
    lines = [
        (span("bad" if row.state is TargetState.FAILED else "strong" if row.crashers else "plain", "  {}", words),)
        for row, words in ((row, target_line(row)) for row in by_weight(snapshot.targets))
    ]
    return [(span("strong", "Targets"),), *lines, ()]


def _workers(snapshot: Snapshot) -> list[Line]:
    if not snapshot.workers:
        return []
    return [(span("strong", "Workers"),), *(_worker(row) for row in snapshot.workers), ()]


def _worker(row: WorkerRow) -> Line:
    state, tone = state_span(row)
    words = joined("; ", filter(None, (end_words(row), row.reason)))
    return (
        span("strong", "  {:>3}  ", row.id),
        span(tone, "{}", fit(state, 18)),
        span("plain", "{:>7} execs  ", count(row.executions)),
        (words or NONE, "muted"),
    )


def _costs(snapshot: Snapshot) -> list[Line]:
    lines = cost_lines(snapshot.workers, snapshot.yields)
    return [(span("strong", "Costs"),), *((span("plain", "  {}", line),) for line in lines), ()] if lines else []


def _observed(snapshot: Snapshot) -> list[Line]:
    lines = observed_lines(snapshot.observed, snapshot.executions)
    shown: list[Line] = [(span("plain", "  {}", line),) for line in lines]
    return [(span("strong", "Told by the test"),), *shown, ()] if lines else []


def _crashers(snapshot: Snapshot, outcome: Outcome, unsaved_limit: int | None) -> list[Line]:
    if not snapshot.crashers:
        return []
    lines: list[Line] = [
        (span("strong", "Crashers: {:,} ({})", snapshot.distinct, plural(snapshot.hits, "hit")),),
    ]
    listed = snapshot.crashers[:LISTED]
    # An input that lies nowhere is listed whatever its number: these lines are all that is left of it.
    lost = [crasher for crasher in snapshot.crashers[LISTED:] if crasher.is_lost]
    for crasher in (*listed, *lost):
        lines += _crasher(crasher, unsaved_limit, outcome.reason)
    if more := len(snapshot.crashers) - len(listed) - len(lost):
        folder = next(
            (crasher.path.parent for crasher in reversed(snapshot.crashers) if crasher.path is not None), None
        )
        where = say(" in {}", shown_path(folder)) if folder is not None else NOTHING
        lines.append((span("muted", "  and {:,} more{}", more, where),))
    return [*lines, ()]


def _crasher(crasher: Crasher, unsaved_limit: int | None, ended: StopReason) -> list[Line]:
    message = say(": {}", short_message(crasher.failure.message)) if crasher.failure.message else NOTHING
    mark, words, tone = crasher_input(crasher)
    lines: list[Line] = [
        (
            span(tone, "  {} ", mark),
            (crasher_title(crasher), "strong"),
            (message, "plain"),
            span("muted", "  {}, {}", plural(crasher.hits, "hit"), confirmation_words(crasher, ended)),
        ),
    ]
    if crasher.command:
        lines.append((span("muted", "    $ "), (crasher.command, "plain")))
    elif crasher.path is not None:
        lines.append((span("muted", "    {}", shown_path(crasher.path)),))
    elif crasher.seed_name is not None:
        lines.append((span(tone, "    {}", words),))
    if crasher.is_lost:
        # Nothing else holds this input any more: whoever reads this can still copy it.
        data = crasher.data[:unsaved_limit]
        rest = len(crasher.data) - len(data)
        more = say(" and {:,} more, printed when you leave", rest) if rest else NOTHING
        # As long as the input is, and never cut.
        in_hexadecimal = visible(data.hex(), 2 * len(data))
        lines.append((span(tone, "    {}; its bytes in hexadecimal: {}{}", words, in_hexadecimal, more),))
    return lines


def _next(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    lines: list[Visible] = []
    if outcome.reason is StopReason.LOST:
        lines.append(
            label("What was stored until then is not lost. A run that goes on from there, in the background again:")
        )
        lines.append(say("  $ fuzztui run {} --detach", snapshot.target_word))
    if outcome.unsaved:
        lines.append(label("Make room on the disk, and keep the bytes above: they are stored nowhere else."))
    if outcome.reason in _ADVICE:
        lines.append(_ADVICE[outcome.reason])
    if snapshot.crashers:
        lines.append(
            label("Run a crasher's command to see it fail, correct the code, and check all stored inputs with:")
        )
        lines.append(say("  $ fuzztui test {}", snapshot.target_word))
    elif not outcome.exit_code:
        lines.append(label("Nothing fails so far. A longer run goes on where this one ended:"))
        lines.append(say("  $ fuzztui run {} --fuzz-time 10m", snapshot.target_word))
    return [(span("strong", "Next"),), *((span("plain", "  {}", line),) for line in lines)] if lines else []
