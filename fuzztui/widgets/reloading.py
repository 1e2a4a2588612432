"""The line of the header about code that has changed. Pure functions."""

from typing import Final

from fuzztui.engine.show.reload import ReloadStage
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, label, say
from fuzztui.widgets.tone import Line, span

RESULT_SHOWN: Final = 60.0
"""Seconds for which the header says what came of a reload; the crashers' rows say it from then on."""


def reload_line(snapshot: Snapshot, key: str = "R") -> Line:
    """What a person should know of the code under test now; empty if there is nothing. `key`: the one that reloads, as
    this person has it.
    """
    shown = snapshot.reloading
    if snapshot.stop_reason is not None:
        return ()
    match shown.stage:
        case ReloadStage.LOADING:
            files = say(" {},", shown.changed_words) if shown.changed else label(" the code,")
            return (span("accent", "↻ loading{}", files), span("muted", " the workers go on meanwhile"))
        case ReloadStage.REPLACING:
            return (span("accent", "↻ replacing all workers"), span("muted", " by the new code"))
        case ReloadStage.RECHECKING:
            return (span("accent", "↻ reloaded"), span("muted", ", running all crashers and the corpus again"))
    changed = say("changed: {}", shown.changed_words)
    if shown.failure:
        again = say("  {} tries again", key) if not shown.by_itself else NOTHING
        return (span("bad", "✗ not reloaded: {}", shown.failure), span("muted", "{}  the old code goes on", again))
    if shown.changed and shown.by_itself:
        return (span("warn", "! {}", changed), span("muted", "  reloads in a moment"))
    if shown.changed:
        return (span("warn", "! {}", changed), span("strong", "  {}", key), span("plain", " reloads"))
    if shown.counts is not None and snapshot.elapsed - shown.told_at < RESULT_SHOWN:
        return (span("good" if not shown.counts.is_bad else "warn", "↻ reloaded: {}", shown.counts.words),)
    return ()
