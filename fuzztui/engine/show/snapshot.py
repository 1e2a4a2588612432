"""What the engine shows of itself: immutable values, published by the coordinator, read from any thread.

A front end pulls the newest `Snapshot` on a timer of its own and draws what changed. Every text may be shown: its type
says so. What tells things apart and is sent elsewhere, as a crasher's path, is no text.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fuzztui.engine.show.text import NOTHING, Visible, say


class Phase(Enum):
    """Where a run stands. Values are the words shown to people."""

    STARTING = "starting"
    BASELINE = "gathering baseline coverage"
    FUZZING = "fuzzing"
    EXECUTING = "running inputs"
    """Inputs that exist already run once each: a replay, a regression test, a corpus that is minimized or imported."""
    FINISHING = "finishing"
    """The end has been decided; what must still be learned is learned, nothing else begins."""
    STOPPING = "stopping"
    ENDED = "ended"


class WorkerState(Enum):
    """What one worker is doing. Values are the words shown to people."""

    STARTING = "starting"
    BASELINE = "baseline"
    FUZZING = "fuzzing"
    WAITING = "waiting"
    """Nothing to do right now: the baseline is still running elsewhere, or the last executions are handed out."""
    EXECUTING = "running inputs"
    """Runs inputs that exist already, once each."""
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

    DONE = "done"
    """Everything that there was to do has been done."""
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

    @property
    def is_urgent(self) -> bool:
        """Whether nothing may be finished first: somebody wants out, or the run cannot go on."""
        return self in _URGENT


_FAILURES = {
    StopReason.CRASHER,
    StopReason.FAILING_SEED,
    StopReason.HARNESS,
    StopReason.WORKERS_GAVE_UP,
    StopReason.BAD_CORPUS,
    StopReason.INTERNAL,
}
_URGENT = {
    StopReason.USER,
    StopReason.LAST_WORKER_STOPPED,
    StopReason.INTERRUPTED,
    StopReason.TERMINATED,
    StopReason.HANGUP,
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
    """A MemoryError that left the target, or a process that used too much."""

    @property
    def ends_the_process(self) -> bool:
        """Whether such a failure ends the worker's process in any case."""
        return self in (CrasherKind.EXIT, CrasherKind.SIGNAL, CrasherKind.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Failure:
    """How one input fails its target: the part of a crasher that is told apart, shown, recorded and sent as JSON."""

    id: Visible
    """The failure's identity, see `fuzztui.protocol.identity`: equal for failures that are likely one bug."""
    kind: CrasherKind
    type: Visible
    """Exception class, signal name, `exit status 3`, `timeout after 10 s`."""
    message: Visible
    """One line, possibly empty."""
    traceback: Visible
    function: Visible
    """Innermost function of the project or library under test, or empty if unknown."""
    location: Visible
    """`file:line` of that function's failing line, or empty."""

    @property
    def sentence(self) -> Visible:
        """Type and message in one line."""
        return say("{}: {}", self.type, self.message) if self.message else self.type

    def fields(self) -> dict[str, str]:
        """The form in records and JSON Lines."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "type": self.type,
            "message": self.message,
            "function": self.function,
            "location": self.location,
            "traceback": self.traceback,
        }


@dataclass(frozen=True, slots=True)
class Crasher:
    """One distinct failure with the first input that showed it."""

    failure: Failure
    data: bytes
    """The input, in its file form."""
    path: Path | None
    """Where the input lies; None if it could not be stored."""
    seed_name: Visible | None
    """Name of the failing seed, or None for an input that the fuzzer made."""
    worker: int
    elapsed: float
    """Seconds from the start of the run to its first appearance."""
    hits: int
    """How often it appeared."""
    command: Visible
    """The one command that runs it again; empty where the input lies nowhere."""
    values: Visible
    """The arguments as Python would write them, truncated."""

    @property
    def id(self) -> Visible:
        """What tells this crasher from all others."""
        return self.failure.id

    @property
    def sha256(self) -> str:
        """Digest of the input's file form; also the name of its file."""
        return hashlib.sha256(self.data).hexdigest()


class InputVerdict(Enum):
    """What became of an input that was run once. Values are the words shown to people."""

    PASS = "PASS"
    FAIL = "FAIL"
    MALFORMED = "MALFORMED"
    """Not an input of this target."""


@dataclass(frozen=True, slots=True)
class InputResult:
    """One input, run once."""

    name: Visible
    """The input's path, or `seed 2` for one that the target's code declares."""
    verdict: InputVerdict
    values: Visible
    """The arguments as Python would write them, truncated; empty where the input is malformed."""
    seconds: float = 0.0
    output: Visible = NOTHING
    """What the target printed; for an input that ended its process that is part of the failure's traceback."""
    failure: Failure | None = None
    """For FAIL."""
    problem: Visible = NOTHING
    """For MALFORMED: what is wrong with the input."""


@dataclass(frozen=True, slots=True)
class CorpusChange:
    """What minimizing or importing has made of a corpus."""

    kept: int
    """Generated entries that stay, or inputs taken in."""
    dropped: int
    """Entries removed, or inputs not taken in, because others cover all that they do, or stored ones fail alike."""
    malformed: tuple[Visible, ...]
    """Names and reasons of files that are no inputs of the target; they are left where they are."""
    edges: int
    """Covered by all together."""


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
    """One worker; the processes in it may have been replaced.

    Sixteen fields: each is a figure that somebody is shown.
    """

    id: int
    state: WorkerState
    detail: Visible
    """Words that belong to the state: `3/192`, `12 s`, `(2) in 0.4 s`, or empty."""
    pid: int | None
    executions: int
    """Over all processes of the worker."""
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
    location: Visible
    """`file:line` where a stalled worker stands, or empty."""
    exit: Visible | None
    """How its last process ended: `exit 0`, `SIGKILL`; None while it runs."""
    exit_seconds: float | None
    """How long the end took, from the request (or the death) to the reaped process."""
    reason: Visible
    """Why it failed or gave up, one line, or empty."""
    profile: Profile | None
    """What its time was spent on, over all processes of the worker; None for a run without a profile."""


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


class MarkerKind(Enum):
    """What a mark in the plots stands for."""

    CRASHER = "crasher"
    PAUSE = "pause"
    WORKER_STOPPED = "worker stopped"


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened, to be marked in the plots."""

    elapsed: float
    kind: MarkerKind


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
class Outcome:
    """How a run ended. Exists only when every worker process has been reaped."""

    reason: StopReason
    detail: Visible
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
    modules: tuple[ImportedModule, ...] = ()
    """What became of the modules that the target's file imports itself."""

    @property
    def is_over(self) -> bool:
        """Whether every worker process has been reaped and nothing will change any more."""
        return self.outcome is not None

    @property
    def is_stopping(self) -> bool:
        """Whether the end has been decided and has not come."""
        return self.stop_reason is not None and not self.is_over
