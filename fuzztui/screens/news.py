"""What is worth a toast between two snapshots. Pure functions: a flood of news makes few toasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fuzztui.engine.show.events import WorkerEnded
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, say
from fuzztui.widgets.wording import crasher_title
from fuzztui.words import plural

Severity: TypeAlias = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Toast:
    """One short message."""

    message: Visible
    severity: Severity = "information"


def toasts(before: Snapshot, now: Snapshot, ended: Sequence[WorkerEnded]) -> list[Toast]:
    """At most one toast for new crashers and one for workers that ended unasked."""
    return [toast for toast in (_crashers(before, now), _workers(now, ended)) if toast is not None]


def _crashers(before: Snapshot, now: Snapshot) -> Toast | None:
    if len(now.crashers) <= len(before.crashers):
        return None
    new = now.crashers[len(before.crashers) :]
    noun = "failing seed" if all(crasher.seed_name is not None for crasher in new) else "new crasher"
    message = plural(len(new), noun)
    lost = sum(crasher.path is None and crasher.seed_name is None for crasher in new)
    if lost:
        message = say("{} could NOT be saved" if lost == len(new) else "{}, {} could NOT be saved", message, lost)
    if len(new) == 1:
        message = say("{}: {}", message, crasher_title(new[0]))
    return Toast(message, "error" if lost else "warning")


def _workers(now: Snapshot, ended: Sequence[WorkerEnded]) -> Toast | None:
    # Whoever stops a run knows that its workers end.
    if now.stop_reason is not None:
        return None
    unasked = [event for event in ended if not event.is_orderly and not event.is_by_input]
    if not unasked:
        return None
    if len(unasked) == 1:
        event = unasked[0]
        return Toast(say("Worker {} ended ({}): {}", event.worker, event.exit, event.why), "warning")
    last = unasked[-1]
    sentence = say("{} workers ended unasked, the last one ({}): {}", len(unasked), last.exit, last.why)
    return Toast(sentence, "warning")
