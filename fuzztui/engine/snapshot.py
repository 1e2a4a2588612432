"""What the engine shows of itself: immutable values, published by the coordinator, read from any thread.

A front end pulls the newest `Snapshot` on a timer of its own and draws what changed. Texts that come from the target
are already printable (`fuzztui.engine.text.visible`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Phase(Enum):
    """Where a run stands. Values are the words shown to people."""

    STARTING = "starting"
    BASELINE = "gathering baseline coverage"
    FUZZING = "fuzzing"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


class WorkerState(Enum):
    """What one worker is doing. Values are the words shown to people."""

    STARTING = "starting"
    BASELINE = "baseline"
    FUZZING = "fuzzing"
    WAITING = "waiting"
    """Nothing to do right now: the baseline is still running elsewhere, or the last executions are handed out."""
    VALIDATING = "validating"
    """Runs a suspect again, to learn whether its input ends the process."""
    PAUSED = "paused"
    STALLED = "stalled"
    """In one execution for longer than a second."""
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped by you"
    ENDED = "ended"
    FAILED = "failed"
    """Could not do its job; the run says why."""
    GAVE_UP = "gave up"
    """Died too often in a row to be restarted."""

    @property
    def is_final(self) -> bool:
        """Whether no process of this worker is left."""
        return self in _FINAL

    @property
    def is_live(self) -> bool:
        """Whether the worker can be stopped, paused or restarted."""
        return self not in _FINAL and self is not WorkerState.STOPPING


_FINAL = {WorkerState.STOPPED, WorkerState.ENDED, WorkerState.FAILED, WorkerState.GAVE_UP}


class StopReason(Enum):
    """Why a run ended. A value, never the identity of an exception; the first failure is kept, and a mere limit or a
    person's wish gives way to it.
    """

    TIME_LIMIT = "time limit reached"
    EXECUTION_LIMIT = "execution limit reached"
    USER = "stopped by you"
    LAST_WORKER_STOPPED = "the last worker was stopped"
    INTERRUPTED = "interrupted (SIGINT)"
    TERMINATED = "terminated (SIGTERM)"
    HANGUP = "the terminal went away (SIGHUP)"
    CRASHER = "crasher found"
    FAILING_SEED = "a seed fails"
    HARNESS = "the harness failed"
    WORKERS_GAVE_UP = "every worker gave up"
    BAD_CORPUS = "malformed stored inputs"
    INTERNAL = "internal error"

    @property
    def is_failure(self) -> bool:
        """Whether this reason displaces a limit or a wish that was recorded before it."""
        return self in _FAILURES


_FAILURES = {
    StopReason.CRASHER,
    StopReason.FAILING_SEED,
    StopReason.HARNESS,
    StopReason.WORKERS_GAVE_UP,
    StopReason.BAD_CORPUS,
    StopReason.INTERNAL,
}


class CrasherKind(Enum):
    """In which way an input fails its target."""

    EXCEPTION = "exception"
    EXIT = "exit"
    """The process ended by `os._exit` or the like during the execution."""
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    MEMORY = "out of memory"


@dataclass(frozen=True, slots=True)
class Crasher:
    """One distinct failure with the first input that showed it."""

    sha256: str
    """Of the input's file; also the file's name."""
    kind: CrasherKind
    type: str
    """Exception class, signal name, `exit status 3`, `timeout after 10 s`."""
    message: str
    """One line, possibly empty."""
    traceback: str
    function: str
    """Innermost function of the project or library under test, or empty if unknown."""
    location: str
    """`file:line` of that function's failing line, or empty."""
    data: bytes
    """The input, in its file form."""
    path: Path | None
    """Where the input lies; None if it could not be stored."""
    seed_name: str | None
    """Name of the failing seed, or None for an input that the fuzzer made."""
    worker: int
    elapsed: float
    """Seconds from the start of the run to its first appearance."""
    hits: int
    """How often it appeared."""
    command: str
    """The one command that runs it again."""
    values: str
    """The arguments as Python would write them, truncated."""


class Cost(Enum):
    """What a worker's time is spent on, in the order in which it is shown. Values are the words shown to people."""

    TARGET = "target"
    """The target runs; as long as nothing is known of what its probes cost, they are in here."""
    INSTRUMENTATION = "instrumentation"
    """The probes in the target run: an estimate, from entries that were timed with and without them."""
    MUTATION = "mutation"
    """An input is being made from another."""
    BOOKKEEPING = "bookkeeping"
    """An input is recorded, its coverage compared with what is known; calls begin and end."""
    MEASURING = "measuring"
    """A found input runs again, to learn what it covers and to make it shorter."""
    TRACING = "tracing"
    """A new entry runs with its comparisons traced, and inputs are made that they suggest."""
    REPORTING = "reporting"
    """A failure is described, told apart from others and sent."""
    WAITING = "waiting"
    """The worker has no call to serve."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What workers' time was spent on, as far as looks at random moments tell. Time in which a worker loads its target,
    is held or is ending does not count.
    """

    weights: tuple[tuple[Cost, float], ...]
    """How many looks found a worker at what. (A look cannot tell the target from its probes: parts of one.)"""

    @property
    def samples(self) -> int:
        """Looks in all."""
        return round(sum(weight for _, weight in self.weights))

    def share(self, cost: Cost) -> float | None:
        """Part of the time that was spent on `cost`, 0 to 1; None before the first look."""
        whole = sum(weight for _, weight in self.weights)
        return sum(weight for what, weight in self.weights if what is cost) / whole if whole else None


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker slot; the processes in it may have been replaced."""

    id: int
    state: WorkerState
    detail: str
    """Words that belong to the state: `3/192`, `12 s`, `again in 0.4 s`, or empty."""
    pid: int | None
    executions: int
    """Over all processes of this slot."""
    rate: float | None
    """Executions per second over the last seconds; None while there is no figure."""
    cpu: float | None
    """Per cent of one core; None while there is no figure."""
    rss: int | None
    """Bytes; None while there is no figure."""
    found: int
    """New corpus entries it brought."""
    crashers: int
    """Crashers it reported, repeated ones included."""
    restarts: int
    location: str
    """`file:line` where a stalled worker stands, or empty."""
    exit: str | None
    """How its last process ended: `exit 0`, `SIGKILL`; None while it runs."""
    exit_seconds: float | None
    """How long the end took, from the request (or the death) to the reaped process."""
    reason: str
    """Why it failed or gave up, one line, or empty."""
    profile: Profile | None
    """What its time was spent on, over all processes of this slot; None for a run without a profile."""


def profile_of(rows: Iterable[WorkerRow]) -> Profile | None:
    """What the time of several workers was spent on; None for a run without a profile."""
    profiles = [row.profile for row in rows if row.profile is not None]
    return Profile(tuple(weight for profile in profiles for weight in profile.weights)) if profiles else None


@dataclass(frozen=True, slots=True)
class Sample:
    """One point of the plots."""

    elapsed: float
    rate: float
    """Executions per second since the previous sample."""
    edges: int
    corpus: int


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened, to be marked in the plots."""

    elapsed: float
    label: str
    """`crasher`, `worker 2 stopped`, `paused`."""


@dataclass(frozen=True, slots=True)
class Yield:
    """What one way of making inputs has brought, over all workers."""

    source: str
    """Name of a mutation operator, or of another source of inputs."""
    tries: int
    """Executions of inputs that it had a part in."""
    finds: int
    """Of these, inputs that reached something new to their worker."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. Exists only when every worker process has been reaped."""

    reason: StopReason
    detail: str
    """A sentence or several lines that explain the reason, e.g. the worker's last words; or empty."""
    exit_code: int
    received: int
    """Crashers reported by workers."""
    stored: int
    duplicates: int
    unsaved: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole run at one moment."""

    version: int
    """Grows with every published snapshot."""
    target_id: str
    phase: Phase
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
    warnings: tuple[str, ...]
    """Sentences that a person should read: no coverage, a crasher that could not be stored."""
    yields: tuple[Yield, ...]
    """What each source of inputs has brought, the most finds first."""
    outcome: Outcome | None
    """None until every worker process has been reaped."""
