"""What the engine shows of itself: immutable values, published by the coordinator, read from any thread.

A front end pulls the newest `Snapshot` on a timer of its own and draws what changed. Every text may be shown: its type
says so. What tells things apart and is sent elsewhere, as a crasher's path, is no text.
"""

from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.charts import Marker, Sample
from fuzztui.engine.show.crasher import Crasher, counted
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.helper_row import HelperRow
from fuzztui.engine.show.observed import Observed
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.queue import NO_QUEUE, Queue
from fuzztui.engine.show.reload import NO_RELOAD, Reloading
from fuzztui.engine.show.settings import NO_SETTINGS, Settings
from fuzztui.engine.show.sharing import NOT_SHARED, Sharing
from fuzztui.engine.show.target_row import TargetRow
from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.engine.show.worker_row import WorkerRow


class Phase(Enum):
    """Where a run stands. Values are the words shown to people."""

    STARTING = "starting"
    BASELINE = "gathering baseline coverage"
    FUZZING = "fuzzing"
    EXECUTING = "running inputs"
    """Inputs that exist already run once each: a replay, a regression test, a corpus that is minimized or imported."""
    TRIAGE = "triage"
    """Nothing runs but what a person asks for, of crashers that earlier sessions left."""
    WATCHING = "watching"
    """Nothing runs here: it is shown what the nodes of a shared campaign do."""
    FINISHING = "finishing"
    """The end has been decided; what must still be learned is learned, nothing else begins."""
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Yield:
    """What one way of making inputs has brought, over all workers."""

    source: Visible
    """Name of a mutation operator, or of another source of inputs."""
    tries: int
    """Executions of inputs that it had a part in."""
    finds: int
    """Of these, inputs that reached something new to their worker."""


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """What became of a module that the target's file imports."""

    name: Visible
    instrumented: bool
    reason: Visible
    """Why the module has no probes, or which part of it has none: a clause; empty if there is nothing to say."""
    probes: int
    """Of the module and, for a package, of all that was loaded of it at the start."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole run at one moment.

    It has many fields: it is the one answer to all that a front end draws four times a second, and holds no state.
    """

    version: int
    """Grows with every published snapshot."""
    target_id: Visible
    target_word: Visible
    """The target as it is typed on a command line in the current folder."""
    phase: Phase
    is_paused: bool
    """Whether all workers are held between two executions."""
    stop_reason: StopReason | None
    """Why the run ends, as far as that is decided; a failure may still displace a limit or a wish."""
    elapsed: float
    """Seconds since the start, or the length of an ended run."""
    time_limit: float | None
    execution_limit: int | None
    stop_on_crash: bool
    baseline_done: int
    baseline_total: int
    executions: int
    rate: float | None
    """Executions per second over the last seconds, all workers."""
    average_rate: float | None
    """Executions per second since the first execution."""
    edges: int
    edges_total: int
    """Probes in the modules that have been instrumented so far."""
    corpus: int
    corpus_new: int
    """Of these, found in this run."""
    last_new: float | None
    """Seconds since the last new entry; None before the first."""
    workers: tuple[WorkerRow, ...]
    crashers: tuple[Crasher, ...]
    """Distinct ones, in order of appearance."""
    hits: int
    recent: tuple[Sample, ...]
    """The last four minutes, two samples a second."""
    history: tuple[Sample, ...]
    """The whole run at a resolution that gets coarser with its length; at most 512 samples."""
    markers: tuple[Marker, ...]
    warnings: tuple[Visible, ...]
    """Sentences that a person should read: no coverage, a crasher that could not be stored."""
    yields: tuple[Yield, ...]
    """What each source of inputs has brought, the most finds first."""
    outcome: Outcome | None
    """None until every worker process has been reaped."""
    helper: HelperRow | None = None
    """The process beside the workers that helps the search; None where there is none at this moment."""
    modules: tuple[ImportedModule, ...] = ()
    """What became of the modules that the target's file imports itself."""
    reloading: Reloading = NO_RELOAD
    """Which code has changed, whether it is loaded, what came of that."""
    loaded_at: float | None = None
    """Seconds from the start at which a worker had loaded the target, from where on the time limit counts; None before
    that.
    """

    diagnoses: tuple[Diagnosis, ...] = ()
    """What keeps the run from finding more, what explains others first."""
    queue: Queue = NO_QUEUE
    settings: Settings = NO_SETTINGS
    """What can be changed while the run goes on, as it is now."""

    favoured: Visible = NOTHING
    """The line whose inputs a person has come more often than others, `parser.py:12`; empty if there is none."""

    refused: int = 0
    """Of the executions those that came to no verdict: a class had refused the values, or a property test has."""

    sharing: Sharing = NOT_SHARED
    """What other nodes of the campaign do, and what has come from them."""

    observed: tuple[Observed, ...] = ()
    """What a property test has told of its executions: scores, then events."""

    targets: tuple[TargetRow, ...] = ()
    """In a run that has several, how each fares: then the figures above are sums. Empty in a run of one target."""

    @property
    def time_left(self) -> float | None:
        """Seconds until the time limit; None without one."""
        if self.time_limit is None or self.loaded_at is None:
            return self.time_limit
        return max(0.0, self.loaded_at + self.time_limit - self.elapsed)

    @property
    def distinct(self) -> int:
        """Crashers, those that were merged meanwhile counted as one, what is marked fixed and passes not at all."""
        return sum(not crasher.is_settled for crasher in counted(self.crashers))

    @property
    def is_watched(self) -> bool:
        """Whether nothing of this runs here: others tell of it."""
        return bool(self.sharing.place) and not self.sharing.node

    @property
    def is_over(self) -> bool:
        """Whether every worker process has been reaped and nothing will change any more."""
        return self.outcome is not None

    @property
    def is_stopping(self) -> bool:
        """Whether the end has been decided and has not come."""
        return self.stop_reason is not None and not self.is_over
