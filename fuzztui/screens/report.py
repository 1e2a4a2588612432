"""How a run ended, in lines: for the last screen and for the normal screen after it. Pure functions."""

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.snapshot import Crasher, Outcome, Snapshot, StopReason, WorkerRow
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
from fuzztui.widgets.table import fit
from fuzztui.widgets.tone import Line, Span, plain, span, wrapped
from fuzztui.widgets.wording import NONE, crasher_input, crasher_title, end_words, rate, state_span
from fuzztui.words import account, cost_lines, plural, short_message

_ADVICE: dict[StopReason, Visible] = {
    StopReason.HARNESS: label("Correct the harness as the reason above says, then run again."),
    StopReason.WORKERS_GAVE_UP: label("Read the workers' reasons above; a lower memory use or fewer workers may help."),
    StopReason.BAD_CORPUS: label("Correct or delete the stored inputs named above, then run again."),
    StopReason.INTERNAL: label("This is a bug of fuzztui: please report it with the reason above."),
}

_VERDICTS: dict[bool, Span] = {False: span("strong", "■"), True: span("bad", "✗")}
"""How the reason looks, by whether it is a failure."""

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
        (span("strong", "Workers"),),
        *(_worker(row) for row in snapshot.workers),
        (),
        *_crashers(snapshot, unsaved_limit),
        *_costs(snapshot),
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
    lines: list[Line] = [
        (
            (plural(snapshot.executions, "execution", ","), "strong"),
            span("muted", " in {} ({})", clock(outcome.seconds), rate(snapshot.average_rate)),
        ),
        (span("plain", "{} edges, corpus {:,} ({:,} new in this run)", known, snapshot.corpus, snapshot.corpus_new),),
        ((account(outcome, sum(crasher.seed_name is not None for crasher in snapshot.crashers)), "plain"),),
    ]
    if outcome.unsaved:
        lines.append((span("bad", "✗ {} could not be saved", plural(outcome.unsaved, "crasher")),))
    return lines


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


def _crashers(snapshot: Snapshot, unsaved_limit: int | None) -> list[Line]:
    if not snapshot.crashers:
        return []
    lines: list[Line] = [
        (span("strong", "Crashers: {} ({})", len(snapshot.crashers), plural(snapshot.hits, "hit")),),
    ]
    listed = snapshot.crashers[:LISTED]
    # An input that lies nowhere is listed whatever its number: these lines are all that is left of it.
    lost = [crasher for crasher in snapshot.crashers[LISTED:] if crasher.path is None and crasher.seed_name is None]
    for crasher in (*listed, *lost):
        lines += _crasher(crasher, unsaved_limit)
    if more := len(snapshot.crashers) - len(listed) - len(lost):
        folder = next(
            (crasher.path.parent for crasher in reversed(snapshot.crashers) if crasher.path is not None), None
        )
        where = say(" in {}", shown_path(folder)) if folder is not None else NOTHING
        lines.append((span("muted", "  and {} more{}", more, where),))
    return [*lines, ()]


def _crasher(crasher: Crasher, unsaved_limit: int | None) -> list[Line]:
    message = say(": {}", short_message(crasher.failure.message)) if crasher.failure.message else NOTHING
    mark, words, tone = crasher_input(crasher)
    lines: list[Line] = [
        (
            span(tone, "  {} ", mark),
            (crasher_title(crasher), "strong"),
            (message, "plain"),
            span("muted", "  {}", plural(crasher.hits, "hit")),
        ),
    ]
    if crasher.command:
        lines.append((span("muted", "    $ "), (crasher.command, "plain")))
    elif crasher.path is not None:
        lines.append((span("muted", "    {}", shown_path(crasher.path)),))
    elif crasher.seed_name is not None:
        lines.append((span(tone, "    {}", words),))
    if crasher.path is None and crasher.seed_name is None:
        # Nothing else holds this input any more: whoever reads this can still copy it.
        data = crasher.data[:unsaved_limit]
        rest = len(crasher.data) - len(data)
        more = say(" and {} more, printed when you leave", rest) if rest else NOTHING
        # As long as the input is, and never cut.
        in_hexadecimal = visible(data.hex(), 2 * len(data))
        lines.append((span(tone, "    {}; its bytes in hexadecimal: {}{}", words, in_hexadecimal, more),))
    return lines


def _next(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    lines: list[Visible] = []
    if outcome.unsaved:
        lines.append(label("Make room on the disk, and keep the bytes above: they are stored nowhere else."))
    if outcome.reason in _ADVICE:
        lines.append(_ADVICE[outcome.reason])
    elif snapshot.crashers:
        lines.append(
            label("Run a crasher's command to see it fail, correct the code, and check all stored inputs with:")
        )
        lines.append(say("  $ fuzztui test {}", snapshot.target_word))
    elif not outcome.exit_code:
        lines.append(label("Nothing fails so far. A longer run goes on where this one ended:"))
        lines.append(say("  $ fuzztui run {} --fuzz-time 10m", snapshot.target_word))
    return [(span("strong", "Next"),), *((span("plain", "  {}", line),) for line in lines)] if lines else []
