"""The log of a session: everything that happened, with its time, in bounded memory.

A front end keeps one. The engine's events are taken in as they come, from the engine's thread; finds are told by the
difference between two snapshots, so that a flood of them makes few lines; what a person was told or has done is noted
by the front end itself.
"""

import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never

from fuzztui.engine.show.events import (
    CodeChanged,
    CorpusChanged,
    CorpusExported,
    CrasherConfirmed,
    CrasherFound,
    Diagnosed,
    Ended,
    Event,
    InputMinimized,
    InputRan,
    InputsArrived,
    ModulesLoaded,
    NodeChanged,
    PhaseChanged,
    Reloaded,
    ReloadFailed,
    SeenElsewhere,
    Stats,
    Steered,
    Warned,
    WorkerEnded,
    WorkerStarted,
)
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say, size

MOST: Final = 10_000
"""Lines that are kept, the newest ones."""


class LogKind(Enum):
    """What a line of the log tells of. Values are the words shown to people."""

    FIND = "find"
    CRASHER = "crasher"
    WORKER = "worker"
    RUN = "run"
    WARNING = "warning"
    MESSAGE = "message"
    """What a toast has said."""
    CONTROL = "control"
    """What has come of what a person has asked of the run."""
    KEY = "key"
    """What a person has done."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that happened."""

    number: int
    """Counts all lines of the log, those that have been dropped since too."""
    elapsed: float
    """Seconds of the run."""
    kind: LogKind
    words: Visible
    """May have several lines."""


class Log:
    """The newest lines, and how many older ones were dropped. May be used from any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._lines: deque[LogLine] = deque(maxlen=most)
        self._lock = threading.Lock()
        self._count = 0

    @property
    def count(self) -> int:
        """How many lines were written in all: changes with each."""
        return self._count

    @property
    def dropped(self) -> int:
        """How many of them are gone."""
        with self._lock:
            return self._count - len(self._lines)

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """Those that are kept, the oldest first."""
        with self._lock:
            return tuple(self._lines)

    def note(self, elapsed: float, kind: LogKind, words: Visible) -> None:
        """Write a line; `elapsed`: seconds of the run."""
        with self._lock:
            self._lines.append(LogLine(self._count, elapsed, kind, words))
            self._count += 1

    def take(self, event: Event) -> None:
        """Write a line for an event of the engine's, if it is one that people are told of."""
        told = words_of(event)
        if told is not None:
            self.note(event.elapsed, *told)

    def take_finds(self, before: Snapshot, now: Snapshot) -> None:
        """Write a line for what was found between two snapshots of a run."""
        if words := finds_between(before, now):
            self.note(now.elapsed, LogKind.FIND, words)


def finds_between(before: Snapshot, now: Snapshot) -> Visible:
    """`2 new inputs (worker 0: 1, worker 3: 1), 3 more edges: 217`; empty if the corpus has not grown."""
    new = now.corpus_new - before.corpus_new
    if new <= 0:
        return NOTHING
    earlier = {row.id: row.found for row in before.workers}
    shares = [(row.id, row.found - earlier.get(row.id, 0)) for row in now.workers]
    whose = joined(", ", (say("worker {}: {:,}", worker, share) for worker, share in shares if share > 0))
    edges = now.edges - before.edges
    more = say(", {:,} more {}: {:,}", edges, "edge" if edges == 1 else "edges", now.edges) if edges > 0 else NOTHING
    return say("{}{}{}", _counted(new, "new input"), say(" ({})", whose) if whose else NOTHING, more)


def words_of(event: Event) -> tuple[LogKind, Visible] | None:
    """What the log says of an event; None of one that tells nothing new."""
    match event:
        case Stats():
            return None
        case PhaseChanged():
            return LogKind.RUN, label(event.phase.value)
        case ModulesLoaded():
            with_probes = sum(module.instrumented for module in event.modules)
            return LogKind.RUN, say(
                "the target is loaded: {} of {} have probes", with_probes, _counted(len(event.modules), "module")
            )
        case WorkerStarted():
            memory = say(", {}", size(event.rss)) if event.rss is not None else NOTHING
            again = say(", restart {}", event.restarts) if event.restarts else NOTHING
            return LogKind.WORKER, say("worker {} is ready: process {}{}{}", event.worker, event.pid, memory, again)
        case WorkerEnded():
            return LogKind.WORKER, say(
                "worker {} ended in {:.0f} ms ({}): {}", event.worker, event.seconds * 1000, event.exit, event.why
            )
        case CrasherFound(crasher=crasher):
            place = say(" at {}", crasher.failure.location) if crasher.failure.location else NOTHING
            message = say(": {}", crasher.failure.message) if crasher.failure.message else NOTHING
            lost = label(" (could NOT be saved)") if crasher.is_lost else NOTHING
            who = say("node {}", crasher.nodes[0]) if crasher.nodes else say("worker {}", crasher.worker)
            return LogKind.CRASHER, say(
                "{}: {}: {}{}{}{}", who, crasher.words, crasher.failure.title, place, message, lost
            )
        case CrasherConfirmed(crasher=crasher):
            outcome = crasher.confirmation.sentence if crasher.confirmation is not None else label("not run again")
            return LogKind.CRASHER, say("run again: {}: {}", crasher.failure.title, outcome)
        case InputMinimized(minimized=minimized):
            title = minimized.failure.title if minimized.failure is not None else minimized.name
            return LogKind.CRASHER, say("{}: {}", title, minimized.sentence)
        case InputRan(result=result):
            return LogKind.RUN, say("{} {}", result.verdict.value, result.name)
        case CorpusChanged(change=change):
            return LogKind.RUN, say("corpus: {:,} kept, {:,} dropped", change.kept, change.dropped)
        case CorpusExported(export=export):
            return LogKind.RUN, say("corpus: {:,} of {:,} exported", export.chosen, export.inputs)
        case CodeChanged():
            return LogKind.RUN, event.sentence
        case ReloadFailed():
            return LogKind.WARNING, event.sentence
        case Reloaded():
            return LogKind.RUN, joined("\n", (event.sentence, *event.details))
        case Warned():
            return LogKind.WARNING, event.message
        case Diagnosed():
            return LogKind.WARNING, say(
                "no more: {}", event.diagnosis.finding
            ) if event.is_over else event.diagnosis.text
        case SeenElsewhere():
            return LogKind.CRASHER, event.crasher.sentence
        case NodeChanged():
            return LogKind.RUN, event.sentence
        case InputsArrived():
            return LogKind.FIND, event.sentence
        case Steered():
            return LogKind.CONTROL, event.message
        case Ended(outcome=outcome):
            detail = say(": {}", outcome.detail) if outcome.detail else NOTHING
            return LogKind.RUN, say("ended, {}{}", outcome.reason.value, detail)
        case _:
            assert_never(event)


def _counted(number: int, noun: str) -> Visible:
    return say("{:,} {}", number, noun if number == 1 else f"{noun}s")
