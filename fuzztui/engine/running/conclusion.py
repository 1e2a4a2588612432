"""What a run amounts to: whether what it was to do was done. Pure functions of what it has left.

A limit that is reached is success only for a run that has done its work until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.show.crasher import counted
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say
from fuzztui.engine.work.board import Board

_LIMITS = (StopReason.TIME_LIMIT, StopReason.EXECUTION_LIMIT)


@dataclass(frozen=True, slots=True)
class Work:
    """What is known at the end of a run, when every process has been reaped."""

    is_search: bool
    """Whether the run was to fuzz; otherwise it has had inputs of its own to run."""
    has_worked: bool
    """Whether any input was executed to its end, that of its process included."""
    unfinished: Visible
    """How much of the baseline was run, if not all of it; otherwise empty."""
    failures: Sequence[tuple[int, Visible]]
    """Workers that failed for reasons of their own, if that is what the run comes to: id and reason of each."""
    strays: Sequence[Visible]
    """Failures that no input is to blame for, a sentence each."""


def conclude(reason: StopReason, detail: Visible, work: Work) -> tuple[StopReason, Visible]:
    """Why the run ended, all considered, and a sentence or several lines that explain it.

    `reason` and `detail`: why the end was decided. A failure among these stands.
    """
    if reason.is_failure:
        return reason, detail
    decided = detail if reason is StopReason.DONE else _with(label(reason.value), detail)
    if work.failures:
        lines = (say("worker {}: {}", worker, why) for worker, why in work.failures)
        return StopReason.WORKERS_FAILED, joined("\n", filter(None, (decided, *lines)))
    if work.strays:
        return StopReason.STRAY_FAILURES, joined("\n", filter(None, (decided, *work.strays)))
    if not work.has_worked and reason in _LIMITS:
        return StopReason.NOTHING_EXECUTED, _with(decided, label("no input was executed to its end before that"))
    if not work.is_search:
        return reason, detail
    if not work.has_worked:
        return reason, _with(detail, label("no input was executed"))
    if work.unfinished and reason is StopReason.TIME_LIMIT:
        advice = label("give it more time, or fewer inputs to begin with")
        return StopReason.BASELINE_UNFINISHED, _with(decided, work.unfinished, advice)
    return reason, _with(detail, work.unfinished)


def outcome_of(
    reason: StopReason, detail: Visible, work: Work, book: CrasherBook, board: Board, seconds: float
) -> Outcome:
    """How the run ended, what it amounts to as an exit status, and what has become of what was found; `reason` and
    `detail`: as `conclude` has them; `seconds`: how long it took.
    """
    crashers = list(counted(book.crashers))
    return Outcome(
        reason=reason,
        detail=detail,
        exit_code=exit_code(
            reason,
            failing=book.failing + board.failing,
            unsaved=book.unsaved + board.unsaved,
            failed_workers=len(work.failures),
        ),
        received=book.received,
        stored=book.stored,
        duplicates=book.duplicates,
        unsaved=book.unsaved,
        seconds=seconds,
        known=sum(crasher.is_known for crasher in crashers),
        regressed=sum(crasher.is_regressed for crasher in crashers),
        ignored=sum(crasher.is_ignored for crasher in crashers),
        capped=book.capped,
    )


def _with(*parts: Visible) -> Visible:
    return joined("; ", [part for part in parts if part]) or NOTHING
