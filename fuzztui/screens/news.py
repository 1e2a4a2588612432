"""What is worth a toast between two snapshots. Pure functions: a flood of news makes few toasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fuzztui.engine.events import WorkerEnded
from fuzztui.engine.snapshot import CrasherKind, Phase, Snapshot
from fuzztui.widgets.wording import crasher_title

_CRASHER_ENDS = {"crasher", CrasherKind.TIMEOUT.value, CrasherKind.MEMORY.value}
"""Why a process ends with its input: the crasher has a toast of its own, and the process is replaced in any case."""


@dataclass(frozen=True, slots=True)
class Toast:
    """One short message."""

    message: str
    severity: Literal["information", "warning", "error"] = "information"


def toasts(before: Snapshot, now: Snapshot, ended: Sequence[WorkerEnded]) -> list[Toast]:
    """At most one toast for new crashers and one for workers that ended unasked."""
    return [toast for toast in (_crashers(before, now), _workers(now, ended)) if toast is not None]


def _crashers(before: Snapshot, now: Snapshot) -> Toast | None:
    if len(now.crashers) <= len(before.crashers):
        return None
    new = now.crashers[len(before.crashers) :]
    hits = max(len(new), now.hits - before.hits)
    severity: Literal["warning", "error"] = "warning"
    lost = sum(crasher.path is None and crasher.seed_name is None for crasher in new)
    if hits == 1:
        message = f"New crasher: {crasher_title(new[0])}"
    elif len(new) == hits:
        message = f"{hits} new crashers"
    else:
        message = f"{hits} new crashers ({len(new)} distinct)"
    if lost:
        message, severity = f"{message}. {lost} could NOT be saved.", "error"
    return Toast(message, severity)


def _workers(now: Snapshot, ended: Sequence[WorkerEnded]) -> Toast | None:
    # Whoever stops a run knows that its workers end.
    if now.phase in (Phase.STOPPING, Phase.ENDED):
        return None
    unasked = [event for event in ended if not event.is_orderly and event.why not in _CRASHER_ENDS]
    if not unasked:
        return None
    if len(unasked) == 1:
        event = unasked[0]
        return Toast(f"Worker {event.worker} ended ({event.exit}): {event.why}", "warning")
    last = unasked[-1]
    return Toast(f"{len(unasked)} workers ended unasked, the last one ({last.exit}): {last.why}", "warning")
