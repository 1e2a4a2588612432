"""How a run ended, in lines: for the last screen and for the normal screen after it. Pure functions."""

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.snapshot import Crasher, Outcome, Snapshot, StopReason, WorkerRow
from fuzztui.engine.show.text import clock, count, visible
from fuzztui.widgets.table import fit
from fuzztui.widgets.tone import Line, Tone, plain, wrapped
from fuzztui.widgets.wording import NONE, crasher_input, crasher_title, end_words, rate, state_span
from fuzztui.words import account, cost_lines, plural, short_message

_ADVICE: dict[StopReason, str] = {
    StopReason.HARNESS: "Correct the harness as the reason above says, then run again.",
    StopReason.WORKERS_GAVE_UP: "Read the workers' reasons above; a lower memory use or fewer workers may help.",
    StopReason.BAD_CORPUS: "Correct or delete the stored inputs named above, then run again.",
    StopReason.INTERNAL: "This is a bug of fuzztui: please report it with the reason above.",
}

_VERDICTS: dict[bool, tuple[str, Tone]] = {False: ("■", "strong"), True: ("✗", "bad")}
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
        (("Workers", "strong"),),
        *(_worker(row) for row in snapshot.workers),
        (),
        *_crashers(snapshot, unsaved_limit),
        *_costs(snapshot),
        *_next(snapshot, outcome),
    ]


def printed_report(snapshot: Snapshot, width: int | None) -> list[Line]:
    """The final status for the normal screen, of `width` characters; None leaves every line as it is.

    Commands, and words that are longer than a line, stay whole: what the terminal itself wraps is copied in one piece.
    """
    lines = report(snapshot)
    if width is None:
        return lines
    return [
        part
        for line in lines
        for part in ([line] if _is_command(line) else wrapped([line], width, hang=2, cut_words=False))
    ]


def _is_command(line: Line) -> bool:
    return plain(line).lstrip(" ").startswith("$ ")


def _reason(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    glyph, tone = _VERDICTS[outcome.reason.is_failure]
    words = f"{glyph} {outcome.reason.value[0].upper()}{outcome.reason.value[1:]}"
    lines: list[Line] = [((words, tone), (f"  {visible(snapshot.target_id)}, exit code {outcome.exit_code}", "muted"))]
    lines += [((f"  {line}", "plain"),) for line in outcome.detail.splitlines()]
    return lines


def _totals(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    edges = f"{snapshot.edges:,} of {snapshot.edges_total:,} edges" if snapshot.edges_total else f"{NONE} edges"
    lines: list[Line] = [
        (
            (f"{snapshot.executions:,} {'execution' if snapshot.executions == 1 else 'executions'}", "strong"),
            (f" in {clock(outcome.seconds)} ({rate(snapshot.average_rate)})", "muted"),
        ),
        ((f"{edges}, corpus {snapshot.corpus:,} ({snapshot.corpus_new:,} new in this run)", "plain"),),
        ((account(outcome, sum(crasher.seed_name is not None for crasher in snapshot.crashers)), "plain"),),
    ]
    if outcome.unsaved:
        lines.append(((f"✗ {plural(outcome.unsaved, 'crasher')} could not be saved", "bad"),))
    return lines


def _worker(row: WorkerRow) -> Line:
    state, tone = state_span(row)
    words = "; ".join(filter(None, (end_words(row), row.reason)))
    return (
        (f"  {row.id:>3}  ", "strong"),
        (fit(state, 18), tone),
        (f"{count(row.executions):>7} execs  ", "plain"),
        (words or NONE, "muted"),
    )


def _costs(snapshot: Snapshot) -> list[Line]:
    lines = cost_lines(snapshot.workers, snapshot.yields)
    return [(("Costs", "strong"),), *(((f"  {line}", "plain"),) for line in lines), ()] if lines else []


def _crashers(snapshot: Snapshot, unsaved_limit: int | None) -> list[Line]:
    if not snapshot.crashers:
        return []
    lines: list[Line] = [
        ((f"Crashers: {len(snapshot.crashers)} ({plural(snapshot.hits, 'hit')})", "strong"),),
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
        where = f" in {visible(shown_path(folder))}" if folder is not None else ""
        lines.append(((f"  and {more} more{where}", "muted"),))
    return [*lines, ()]


def _crasher(crasher: Crasher, unsaved_limit: int | None) -> list[Line]:
    message = f": {short_message(crasher.failure.message)}" if crasher.failure.message else ""
    mark, words, tone = crasher_input(crasher)
    lines: list[Line] = [
        (
            (f"  {mark} ", tone),
            (crasher_title(crasher), "strong"),
            (message, "plain"),
            (f"  {plural(crasher.hits, 'hit')}", "muted"),
        ),
    ]
    if crasher.command:
        lines.append((("    $ ", "muted"), (crasher.command, "plain")))
    elif crasher.path is not None:
        lines.append(((f"    {visible(shown_path(crasher.path))}", "muted"),))
    elif crasher.seed_name is not None:
        lines.append(((f"    {words}", tone),))
    if crasher.path is None and crasher.seed_name is None:
        # Nothing else holds this input any more: whoever reads this can still copy it.
        data = crasher.data[:unsaved_limit]
        rest = len(crasher.data) - len(data)
        more = f" and {rest} more, printed when you leave" if rest else ""
        lines.append(((f"    {words}; its bytes in hexadecimal: {data.hex()}{more}", tone),))
    return lines


def _next(snapshot: Snapshot, outcome: Outcome) -> list[Line]:
    target = visible(snapshot.target_id)
    lines: list[str] = []
    if outcome.unsaved:
        lines.append("Make room on the disk, and keep the bytes above: they are stored nowhere else.")
    if outcome.reason in _ADVICE:
        lines.append(_ADVICE[outcome.reason])
    elif snapshot.crashers:
        lines.append("Run a crasher's command to see it fail, correct the code, and check all stored inputs with:")
        lines.append(f"  $ fuzztui test {target}")
    elif not outcome.exit_code:
        lines.append("Nothing fails so far. A longer run goes on where this one ended:")
        lines.append(f"  $ fuzztui run {target} --fuzz-time 10m")
    return [(("Next", "strong"),), *(((f"  {line}", "plain"),) for line in lines)] if lines else []
