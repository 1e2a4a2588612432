"""What is worth a toast between two snapshots. Pure functions: a flood of news makes few toasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import WorkerEnded
from fuzztui.engine.show.reload import Fate
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, joined, say
from fuzztui.widgets.wording import crasher_title
from fuzztui.words.sentences import plural

Severity: TypeAlias = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Toast:
    """One short message."""

    message: Visible
    severity: Severity = "information"


def toasts(before: Snapshot, now: Snapshot, ended: Sequence[WorkerEnded]) -> list[Toast]:
    """At most one toast, for new crashers, for those that fail again, and for workers that ended unasked: there is one
    line for it.
    """
    parts = (_crashers(before, now), _failing_again(before, now), _workers(now, ended))
    news = [toast for toast in parts if toast is not None]
    if len(news) < 2:
        return news
    return [Toast(joined(". ", (toast.message for toast in news)), news[0].severity)]


def _crashers(before: Snapshot, now: Snapshot) -> Toast | None:
    if len(now.crashers) <= len(before.crashers):
        return None
    new = now.crashers[len(before.crashers) :]
    message = plural(len(new), _noun(new))
    lost = sum(crasher.is_lost for crasher in new)
    if lost:
        message = say("{} could NOT be saved" if lost == len(new) else "{}, {} could NOT be saved", message, lost)
    if len(new) == 1:
        message = say("{}: {}", message, crasher_title(new[0]))
    return Toast(message, "error" if lost else "warning")


def failing_again(before: Snapshot, now: Snapshot) -> list[Crasher]:
    """Crashers that a reload had fixed, and that the search has met again since."""
    known = {crasher.id for crasher in before.crashers if crasher.recheck is not None and crasher.recheck.fate.is_fixed}
    return [
        crasher
        for crasher in (now.crashers if known else ())
        if crasher.id in known and crasher.recheck is not None and crasher.recheck.fate is Fate.FAILS_AGAIN
    ]


def _failing_again(before: Snapshot, now: Snapshot) -> Toast | None:
    again = failing_again(before, now)
    if not again:
        return None
    which = crasher_title(again[0]) if len(again) == 1 else plural(len(again), "crasher")
    fail = "fails" if len(again) == 1 else "fail"
    return Toast(say("Not fixed after all: {} {} by another input", which, fail), "warning")


def _noun(new: Sequence[Crasher]) -> str:
    if any(crasher.seed_name is None for crasher in new):
        return "new crasher"
    stored = sum(crasher.is_stored_input for crasher in new)
    return "failing stored input" if stored == len(new) else "failing input" if stored else "failing seed"


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
