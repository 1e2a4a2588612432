"""Plain lines of a run of several targets: each names its target, and what is the same for all is told once."""

from dataclasses import replace
from typing import Final

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import Diagnosed, Ended, OfTarget, PhaseChanged, Stats, Told
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.target_row import TargetState
from fuzztui.engine.show.text import NOTHING, Visible, duration, joined, lines_of, say
from fuzztui.plain.lines import PlainLines, plain_line
from fuzztui.words.sentences import account, plural, run_rate
from fuzztui.words.targets import by_weight, ending, target_line

_ENDING: Final = (Phase.FINISHING, Phase.STOPPING)


class TargetLines:
    """Events of a run of several targets for people (see `fuzztui.plain.lines.Formatter`).

    Figures are sums, every three seconds, whatever the number of targets; how each fared stands at the end, in one line
    each. What a target's own lines would tell again and again, that its baseline begins and ends, is left out.
    """

    def __init__(self, encoding: str = "utf-8") -> None:
        """`encoding`: of the stream that the lines go to."""
        self._encoding = encoding
        self._targets: dict[Visible, PlainLines] = {}
        self._is_ending = False

    def __call__(self, event: Told) -> Visible:
        match event:
            case OfTarget():
                return self._of_target(event)
            case Stats():
                return plain_line(event.elapsed, figures(event.snapshot))
            case PhaseChanged():
                self._is_ending = event.phase in _ENDING
                return NOTHING
            case Ended():
                return self._summary(event)
            case _:
                return PlainLines(self._encoding)(event)

    def _of_target(self, told: OfTarget) -> Visible:
        lines = self._targets.setdefault(told.target, PlainLines(self._encoding, told.target))
        match told.event:
            case Stats():
                lines(told.event)  # it remembers the crashers, for the end
                return NOTHING
            case PhaseChanged() | Diagnosed():
                return NOTHING
            case Ended(outcome=outcome):
                # How it ended is told at once where the others go on, and at the end for all.
                return NOTHING if self._is_ending else plain_line(told.elapsed, ending(told.target, outcome))
            case _:
                return lines(replace(told.event, elapsed=told.elapsed))

    def _summary(self, event: Ended) -> Visible:
        outcome = event.outcome
        known: list[Crasher] = [crasher for lines in self._targets.values() for crasher in lines.known]
        remarks = [
            say("{}: {}", row.id, remark)
            for row in event.targets
            if row.outcome is not None and (lines := self._targets.get(row.id)) is not None
            for remark in lines.remarks(row.outcome)
        ]
        head = say(
            "fuzz: {} after {}, {}, {}",
            outcome.reason.value,
            duration(outcome.seconds),
            plural(len(event.targets), "target"),
            plural(event.executions, "exec"),
        )
        # The detail names those that failed, too, some of them where they are many: here each has its line.
        own = lines_of(outcome.detail)[:1] if outcome.reason is StopReason.TARGETS_FAILED else lines_of(outcome.detail)
        targets = [target_line(row) for row in by_weight(event.targets)]
        parts = [*(line for line in own if line not in targets), *targets, account(outcome, known)]
        return joined("\n", [head, *(say("    {}", line) for line in (*parts, *remarks))])


def figures(snapshot: Snapshot) -> Visible:
    """Sums, in the words of a run of one target."""
    rows = snapshot.targets
    counts = [
        (sum(row.workers > 0 for row in rows), "at work"),
        (sum(row.state is TargetState.NOT_BEGUN for row in rows), "not begun"),
        (sum(row.state is TargetState.PAUSED for row in rows), "paused"),
        (sum(row.state is TargetState.ENDED for row in rows), "ended"),
        (sum(row.state in (TargetState.FAILED, TargetState.NEVER_BEGUN) for row in rows), "failed"),
    ]
    states = joined(", ", (say("{:,} {}", number, words) for number, words in counts if number))
    return say(
        "targets: {:,}{}, execs: {} ({}/sec), new interesting: {} (total: {}), edges: {}, crashers: {} ({})",
        len(rows),
        say(" ({})", states) if states else NOTHING,
        snapshot.executions,
        round(run_rate(snapshot) or 0),
        snapshot.corpus_new,
        snapshot.corpus,
        snapshot.edges,
        sum(row.crashers for row in rows),
        plural(snapshot.hits, "hit"),
    )
