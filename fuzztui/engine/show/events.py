"""The rare things that happen in a run, as every front end receives them.

Counters are not events: they are in the `Snapshot`. Events are delivered in the engine's thread, in order, by a plain
call that must not block.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.observed import Observed
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.reload import Fate, ReloadCounts
from fuzztui.engine.show.results import CorpusChange, CorpusExport, InputResult
from fuzztui.engine.show.sharing import Elsewhere, NodeRow
from fuzztui.engine.show.snapshot import ImportedModule, Phase, Snapshot, Yield
from fuzztui.engine.show.target_row import TargetRow
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say
from fuzztui.engine.show.worker_row import WorkerRow

MOST_FILES: Final = 5
"""Changed files that a sentence names; a checkout of another branch changes many."""

MOST_TOLD: Final = 20
"""Crashers that are named after a reload."""

_TOLD: Final = frozenset({Fate.FIXED, Fate.FAILS_AGAIN, Fate.DIFFERS, Fate.UNKNOWN})


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The run entered another phase."""

    elapsed: float
    phase: Phase


@dataclass(frozen=True, slots=True)
class Stats:
    """Every three seconds and once at the end."""

    elapsed: float
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class ModulesLoaded:
    """The first worker has loaded the target: which of the modules that its file imports are instrumented."""

    elapsed: float
    modules: tuple[ImportedModule, ...]


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A worker's process has answered its ping."""

    elapsed: float
    worker: int
    pid: int
    restarts: int
    rss: int | None = None
    """Bytes that it uses with its target loaded; None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class WorkerEnded:
    """A worker's process has been reaped."""

    elapsed: float
    worker: int
    exit: Visible
    """`exit 0`, `SIGKILL`."""
    why: Visible
    """`stopped by you`, `crasher`, `timeout`, `out of memory`, `killed by SIGKILL from outside`, or a sentence."""
    seconds: float
    """How long the end took."""
    is_orderly: bool
    """Whether it ended because that was asked of it."""
    is_by_input: bool = False
    """Whether the input that it was running ended it: a crasher, which is told of by itself."""
    is_reason: bool = False
    """Whether the run ends for the same: then `Ended` says why."""


@dataclass(frozen=True, slots=True)
class CrasherFound:
    """A crasher was seen for the first time. It is on disk unless `crasher.path` is None."""

    elapsed: float
    crasher: Crasher


@dataclass(frozen=True, slots=True)
class CrasherConfirmed:
    """A crasher's input has been run again, see `crasher.confirmation`."""

    elapsed: float
    crasher: Crasher


@dataclass(frozen=True, slots=True)
class InputRan:
    """An input of a replay or a regression test has been run."""

    elapsed: float
    result: InputResult


@dataclass(frozen=True, slots=True)
class CorpusChanged:
    """A corpus has been minimized or imported."""

    elapsed: float
    change: CorpusChange


@dataclass(frozen=True, slots=True)
class CorpusExported:
    """Inputs of a property test have gone to its framework."""

    elapsed: float
    export: CorpusExport


@dataclass(frozen=True, slots=True)
class InputMinimized:
    """An input has been made as small as it could be in the time that there was: the one that the run is for, or that
    of one of its crashers.
    """

    elapsed: float
    minimized: Minimized


@dataclass(frozen=True, slots=True)
class CodeChanged:
    """Files of the code under test are not what the run executes."""

    elapsed: float
    files: tuple[Visible, ...]
    """None where they are again as they were."""

    @property
    def sentence(self) -> Visible:
        """`changed: a.py, b.py`."""
        if not self.files:
            return label("changed back: the code is again what this run executes")
        more = say(" and {:,} more", len(self.files) - MOST_FILES) if len(self.files) > MOST_FILES else NOTHING
        return say("changed: {}{}", joined(", ", self.files[:MOST_FILES]), more)


@dataclass(frozen=True, slots=True)
class ReloadFailed:
    """The code as it is now cannot be loaded; the workers go on with what they have loaded."""

    elapsed: float
    why: Visible
    """`miniyaml.py:63: SyntaxError: ...`."""

    @property
    def sentence(self) -> Visible:
        """What that means for the run."""
        return say("not reloaded, the workers go on with the old code: {}", self.why)


@dataclass(frozen=True, slots=True)
class Reloaded:
    """All workers have loaded the code as it is now, and every crasher has been run again on it."""

    elapsed: float
    counts: ReloadCounts
    crashers: tuple[Crasher, ...]
    """With what has become of each."""

    @property
    def sentence(self) -> Visible:
        """`reloaded: 3 fixed, 5 still fail, 1 new`."""
        return say("reloaded: {}", self.counts.words)

    @property
    def details(self) -> tuple[Visible, ...]:
        """A line for each crasher of which there is more to say than that it still fails, some of them where they are
        many.
        """
        told = [
            say("{}: {}", crasher.failure.title, crasher.recheck.sentence)
            for crasher in self.crashers
            if crasher.recheck is not None and crasher.recheck.fate in _TOLD
        ]
        if len(told) > MOST_TOLD:
            told[MOST_TOLD:] = [say("and {:,} more", len(told) - MOST_TOLD)]
        return tuple(told)


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know that ends nothing."""

    elapsed: float
    message: Visible


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """Something keeps the run from finding more, as its figures tell; or does so no longer."""

    elapsed: float
    diagnosis: Diagnosis
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Steered:
    """What a person has asked of the run while it goes on has been done, or could not be."""

    elapsed: float
    message: Visible
    is_refused: bool = False
    """Whether it was not done; the message says why."""
    crashers: tuple[Visible, ...] = ()
    """Ids of those that were to be run again, and were not."""


@dataclass(frozen=True, slots=True)
class InputsArrived:
    """Inputs that somebody has put into a folder of the corpus have been run."""

    elapsed: float
    folder: Visible
    given: int
    taken: int
    """Of these, those that cover something new: they are fuzzed from now on."""
    failing: int

    @property
    def sentence(self) -> Visible:
        """`3 inputs were put into testdata/corpus/fuzz_it: 1 is taken in, 1 fails, 1 covers nothing new`."""
        rest = self.given - self.taken - self.failing
        parts = [
            say("{:,} {} taken in", self.taken, "is" if self.taken == 1 else "are") if self.taken else NOTHING,
            say("{:,} {}", self.failing, "fails" if self.failing == 1 else "fail") if self.failing else NOTHING,
            say("{:,} {} nothing new", rest, "covers" if rest == 1 else "cover") if rest else NOTHING,
        ]
        words = label("input was" if self.given == 1 else "inputs were")
        return say(
            "{:,} {} put into {}: {}", self.given, words, self.folder, joined(", ", [part for part in parts if part])
        )


@dataclass(frozen=True, slots=True)
class SeenElsewhere:
    """A crasher that another node has met runs clean here."""

    elapsed: float
    crasher: Elsewhere


@dataclass(frozen=True, slots=True)
class NodeChanged:
    """A node of a campaign that is watched has come, has become silent or is heard again, does something else or has
    ended.
    """

    elapsed: float
    node: NodeRow

    @property
    def sentence(self) -> Visible:
        """`node b on host: fuzzing, 2 workers`."""
        workers = say(", {:,} {}", self.node.workers, "worker" if self.node.workers == 1 else "workers")
        is_there = self.node.silent is None and not self.node.is_over
        where = say(" on {}", self.node.host) if self.node.host != self.node.name else NOTHING
        return say("node {}{}: {}{}", self.node.name, where, self.node.words, workers if is_there else NOTHING)


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over, every worker process reaped. Always the last event."""

    elapsed: float
    outcome: Outcome
    executions: int
    workers: tuple[WorkerRow, ...]
    yields: tuple[Yield, ...]
    modules: tuple[ImportedModule, ...] = ()
    """What became of the modules that the target's file imports itself."""
    targets: tuple[TargetRow, ...] = ()
    """In a run that has several, how each fared."""
    refused: int = 0
    """Of the executions those whose values a class refused."""
    observed: tuple[Observed, ...] = ()
    """What a property test has told of its executions."""


Event: TypeAlias = (
    PhaseChanged
    | Stats
    | ModulesLoaded
    | WorkerStarted
    | WorkerEnded
    | CrasherFound
    | CrasherConfirmed
    | InputRan
    | CorpusChanged
    | CorpusExported
    | InputMinimized
    | CodeChanged
    | ReloadFailed
    | Reloaded
    | InputsArrived
    | SeenElsewhere
    | NodeChanged
    | Warned
    | Diagnosed
    | Steered
    | Ended
)


@dataclass(frozen=True, slots=True)
class OfTarget:
    """Something that happened to one target of a run that has several."""

    elapsed: float
    """Seconds of the whole run; the event's own are those in which its target had workers."""
    target: Visible
    """Its `TargetRow.id`."""
    event: Event


Told: TypeAlias = Event | OfTarget
"""What front ends are told: of a run of one target events, of one of several those of each of them, too."""
