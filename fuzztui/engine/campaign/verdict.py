"""What a run of several targets amounts to: pure functions of how each ended.

What was found wins over everything but its loss, then what could not be done, then the signal that ended the run:
the order of a run of one target (see `fuzztui.engine.crew.verdict.exit_code`), over all of them.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.show.exit_status import FAILED, FAILING, UNSAVED, USAGE
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, lines_of, piece, say

MOST_NAMED: Final = 10
"""Targets that could not be fuzzed which are named: each has a line of its own elsewhere."""

LONGEST: Final = 300
"""Characters of the reason of one of them."""

ENDS_BY_ITSELF: Final = (
    StopReason.TIME_LIMIT,
    StopReason.EXECUTION_LIMIT,
    StopReason.CRASHER,
    StopReason.FAILING_SEED,
    StopReason.DONE,
)
"""Why a target may end while the others go on, the most telling first."""


def exit_code_of_all(codes: Iterable[int], own: int) -> int:
    """The exit status of a run of several targets: `codes` of these, `own` as its own reason alone would have it."""
    found = set(codes)
    return next((code for code in (UNSAVED, FAILING, FAILED, USAGE) if code in found), own)


def reason_of_all(outcomes: Sequence[Outcome]) -> StopReason:
    """Why a run is over of which every target has ended by itself."""
    reasons = {outcome.reason for outcome in outcomes}
    return next((reason for reason in ENDS_BY_ITSELF if reason in reasons), StopReason.DONE)


def conclude(reason: StopReason, detail: Visible, ended: Sequence[tuple[Visible, Outcome]], seconds: float) -> Outcome:
    """How a run of several targets ended.

    Args:
        reason: why the end was decided, and `detail` a sentence about it.
        ended: the name and the outcome of each target.
        seconds: length of the run.
    """
    outcomes = [outcome for _, outcome in ended]
    failed = [(name, outcome) for name, outcome in ended if outcome.exit_code in (FAILED, USAGE)]
    own = exit_code(reason, failing=0, unsaved=0, failed_workers=0)
    if failed and not reason.is_failure:
        decided = label(reason.value) if reason is not StopReason.DONE else NOTHING
        reason, detail = StopReason.TARGETS_FAILED, joined("; ", [part for part in (decided, detail) if part])
    if failed:
        lines = [say("{}: {}", name, _why(outcome)) for name, outcome in failed[:MOST_NAMED]]
        if len(failed) > MOST_NAMED:
            lines.append(say("and {:,} more", len(failed) - MOST_NAMED))
        detail = joined("\n", [part for part in (detail, *lines) if part])
    return Outcome(
        reason=reason,
        detail=detail,
        exit_code=exit_code_of_all((outcome.exit_code for outcome in outcomes), own),
        received=sum(outcome.received for outcome in outcomes),
        stored=sum(outcome.stored for outcome in outcomes),
        duplicates=sum(outcome.duplicates for outcome in outcomes),
        unsaved=sum(outcome.unsaved for outcome in outcomes),
        seconds=seconds,
        known=sum(outcome.known for outcome in outcomes),
        regressed=sum(outcome.regressed for outcome in outcomes),
        ignored=sum(outcome.ignored for outcome in outcomes),
        capped=sum(outcome.capped for outcome in outcomes),
    )


def _why(outcome: Outcome) -> Visible:
    """Why a target could not be fuzzed, in one line."""
    lines = [line for line in lines_of(outcome.detail) if line.strip()]
    words = say("{}: {}", outcome.reason.value, lines[0].strip()) if lines else label(outcome.reason.value)
    return piece(words, 0, LONGEST)
