"""What is known of a run whose coordinator has gone without a last word: whether it had ended, and what is kept."""

import time
from dataclasses import replace
from typing import Final

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import Folder, is_held
from fuzztui.engine.show.crasher import counted
from fuzztui.engine.show.exit_status import FAILED, FAILING, UNSAVED
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, clock, command, joined, label, one_line, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.sessions import recording
from fuzztui.words.sentences import plural

PATIENCE: Final = 3.0
"""Seconds that a recording is waited for which is still being written: a run's last lines take two at most."""

STEP: Final = 0.05

_GONE: Final = label("its coordinator is gone")


def end_of(folder: Folder, name: str) -> Outcome | None:
    """How the run of a recording ended, when nobody writes to it any more; None if it does not say. OSError as files
    have it.
    """
    until = time.monotonic() + PATIENCE
    while is_held(folder, name) and time.monotonic() < until:
        time.sleep(STEP)
    return recording.outcome_in(folder, name)


def outcome(shown: Snapshot, why: Visible, folder: Folder, name: str) -> Outcome:
    """What a run amounts to of which nothing else is known than what it showed last.

    Args:
        shown: the last state that has arrived.
        why: what is known of how it went.
        folder: where its recording would be.
        name: that of its recording, if there is one.
    """
    crashers = counted(shown.crashers)
    unsaved = sum(each.path is None and each.seed_name is None for each in crashers)
    stored = sum(each.path is not None and each.seed_name is None for each in crashers)
    received = shown.hits - sum(each.seed_name is not None for each in crashers)
    failing = any(not each.is_ignored for each in crashers)
    return Outcome(
        StopReason.LOST,
        joined("\n", filter(None, (why, _kept(shown, stored), _recorded(folder, name)))),
        UNSAVED if unsaved else FAILING if failing else FAILED,
        received=received,
        stored=stored,
        duplicates=received - stored - unsaved,
        unsaved=unsaved,
        seconds=shown.elapsed,
        known=sum(each.is_known for each in crashers),
        regressed=sum(each.is_regressed for each in crashers),
        ignored=sum(each.is_ignored for each in crashers),
    )


def _kept(shown: Snapshot, stored: int) -> Visible:
    folder = next((each.path.parent for each in shown.crashers if each.path is not None), None)
    where = say(" in {}", one_line(shown_path(folder), 300)) if folder is not None else NOTHING
    crashers = say("{}{} and ", plural(stored, "crasher"), where) if stored else NOTHING
    return say(
        "Kept on the disk: {}a corpus of {}, as of {}.", crashers, plural(shown.corpus, "input"), clock(shown.elapsed)
    )


def _recorded(folder: Folder, name: str) -> Visible:
    if not name:
        return label("What it told is not recorded.")
    word = command("fuzztui", "replay-session", shown_path(folder.path / name))
    return say("What it told until then: {}", word)


def ended(shown: Snapshot, final: Outcome) -> Snapshot:
    """The last state of a run that ended so, without a state of its own for that."""
    rows = tuple(
        row
        if row.state.is_final
        else replace(
            row, state=WorkerState.ENDED, detail=NOTHING, pid=None, rate=None, cpu=None, rss=None, reason=_GONE
        )
        for row in shown.workers
    )
    return replace(
        shown,
        version=shown.version + 1,
        phase=Phase.ENDED,
        is_paused=False,
        stop_reason=final.reason,
        outcome=final,
        workers=rows,
    )
