"""What a run has to execute, and what came of it: the budget, the corpus, the coverage, the crashers.

Knows workers as slots that ask for calls and report results, and nothing of processes, clocks on the wall or reasons
to stop; what others must act upon it tells a `Listener`.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from fuzztui.engine import findings, places
from fuzztui.engine.clock import RunClock
from fuzztui.engine.corpus import Corpus, Entry, Origin
from fuzztui.engine.coverage_log import CoverageLog
from fuzztui.engine.crashers import CrasherBook
from fuzztui.engine.findings import Finding
from fuzztui.engine.harvest import Harvest
from fuzztui.engine.ledger import ExecutionLedger
from fuzztui.engine.options import RunOptions, usable_cores
from fuzztui.engine.schedule import Schedule
from fuzztui.engine.snapshot import Crasher, WorkerState
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Coverage, Crashed, Done, Execute, Executed, Found, Fuzz, Repeated
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import TYPES, decode, encode, zero

SLICE: Final = 0.02
"""Seconds of a core that an entry is mutated before the next one gets its turn."""

CORES: Final = usable_cores()
"""More workers than that take turns at them, so a slice of each takes longer: what a call costs stays the same."""

UNHURRIED: Final = 3600.0
"""Seconds of a slice that only executions end."""

REPEATABLE_SLICE: Final = 500
"""Executions of a slice where a run is to be repeatable: no clock may decide then how far a worker gets."""

EXECUTIONS_PER_CALL: Final = 1 << 20
"""More than a slice can hold: without a limit of executions it is time that ends a call."""

BASELINE_BATCH: Final = 32
"""Inputs of one `Execute` call at most: a worker's death gives the unanswered ones back."""

BASELINE_BYTES: Final = 4 << 20
"""Bytes of one `Execute` call at most (one input always fits)."""

TRIES: Final = 3
"""How often a suspect's input must run clean to be cleared."""


class Purpose(Enum):
    """Why an input is executed unmutated."""

    BASELINE = "baseline"
    SUSPECT = "suspect"


@dataclass(slots=True)
class Item:
    """One input of an `Execute` call."""

    data: bytes
    purpose: Purpose
    entry: Entry | None = None
    """The corpus entry, for the baseline."""
    tries_left: int = 0
    """For a suspect: how often it has still to run clean to be cleared."""
    suspicion: str = ""
    """For a suspect: how its process ended."""
    is_new: bool = False
    """Whether it covered something that nothing had covered before."""
    answered: bool = False

    @property
    def seed(self) -> Entry | None:
        """The seed or stored input that this is; an entry of the generated corpus is neither."""
        return self.entry if self.entry is not None and self.entry.origin.is_users else None


@dataclass(slots=True)
class CallInFlight:
    """The call that a worker is busy with."""

    message: Execute | Fuzz
    granted: int
    """Executions reserved for it."""
    state: WorkerState
    """What people are told that the worker is doing."""
    items: list[Item] = field(default_factory=list)
    """What is being executed, in order; empty for a `Fuzz` call."""
    executions_before: int = 0
    """The process's counter when the call was made."""


class Worker(Protocol):
    """What a campaign keeps with each worker."""

    id: int
    call: CallInFlight | None
    told: int
    """Position in the coverage log up to which its process knows it."""
    suspects: list[Item]
    found: int
    crashers: int

    def take_slowdown(self, slowdown: float) -> None:
        """Note how many times as long an entry takes with its probes. ProtocolError if that cannot be."""


class Listener(Protocol):
    """Who acts upon what a campaign notices."""

    def on_crasher(self, crasher: Crasher) -> None:
        """The first of its kind; it is on disk if that was at all possible."""

    def on_new_entry(self) -> None:
        """The corpus has grown."""

    def on_baseline_done(self) -> None:
        """Every input that the run started from has been executed."""

    def warn(self, topic: str, message: str) -> None:
        """Something that a person should know; a later message on a topic replaces the one before."""


class Campaign:
    """The state of one run's search."""

    def __init__(self, options: RunOptions, capacity: int, clock: RunClock, listener: Listener) -> None:
        """`capacity`: bytes of the largest input that workers have room for."""
        self._options = options
        self._capacity = capacity
        self._listener = listener
        self._schedule = Schedule()
        self._baseline: deque[Item] = deque()
        self.parameters: tuple[str, ...] = ()
        """Names of the target's types, known once a worker has loaded it."""
        self.ledger = ExecutionLedger(options.limit.executions)
        self.coverage = CoverageLog()
        self.corpus = Corpus(
            places.crashers_dir(options.file, options.target),
            places.generated_dir(options.cache_dir, options.project, options.file, options.target),
            places.records_dir(options.cache_dir, options.project, options.file, options.target),
        )
        self.crashers = CrasherBook(options, clock)
        self.harvest = Harvest()
        self.baseline_done = 0
        self.baseline_total = 0
        self.ran_clean = False
        """Whether any input has run to its end: only then a lack of coverage means something."""

    def begin(self, parameters: tuple[str, ...], seeds: list[bytes]) -> None:
        """A worker has loaded the target, so what inputs look like is known: collect what there is.

        MalformedCorpus if inputs that the user keeps cannot be used, OSError if they cannot be read, ProtocolError if
        the worker told nonsense.
        """
        if not parameters or not set(parameters) <= TYPES.keys():
            raise ProtocolError(f"a target that takes {parameters}")
        for seed in seeds:
            self._check_input(seed, parameters)
        self.parameters = parameters
        self.crashers.set_parameters(parameters)
        self.corpus.load(parameters, seeds, encode(zero(parameters)), self._capacity)
        if self.corpus.skipped:
            files = "1 malformed file" if self.corpus.skipped == 1 else f"{self.corpus.skipped} malformed files"
            self._listener.warn("skipped", f"{files} in the generated corpus skipped")
        self._baseline.extend(Item(entry.data, Purpose.BASELINE, entry) for entry in self.corpus.entries)
        self.baseline_total = len(self._baseline)

    # Work ------------------------------------------------------------------------------------------------------------

    def next_call(self, worker: Worker, workers: int) -> CallInFlight | None:
        """What an idle worker is to do, of `workers` in all: suspects of its own, then the baseline, then mutation.

        None if there is nothing for it now: the baseline is not finished elsewhere, or the budget is handed out.
        """
        if worker.suspects:
            return self._execute(worker, [worker.suspects.pop(0)], WorkerState.VALIDATING)
        if self._baseline:
            return self._execute(worker, self._take_batch(workers), WorkerState.BASELINE)
        if self.baseline_done < self.baseline_total:
            return None
        return self._fuzz(worker, workers)

    def _take_batch(self, workers: int) -> list[Item]:
        share = max(1, min(BASELINE_BATCH, len(self._baseline) // (2 * workers)))
        items: list[Item] = []
        size = 0
        while self._baseline and len(items) < share and (not items or size < BASELINE_BYTES):
            items.append(self._baseline.popleft())
            size += len(items[-1].data)
        return items

    def _execute(self, worker: Worker, items: list[Item], state: WorkerState) -> CallInFlight | None:
        granted = self.ledger.reserve(len(items))
        self._give_back(worker, items[granted:])
        items = items[:granted]
        if not items:
            return None
        message = Execute([item.data for item in items], self._untold(worker))
        return CallInFlight(message, granted, state, items)

    def _fuzz(self, worker: Worker, workers: int) -> CallInFlight | None:
        share, seconds = EXECUTIONS_PER_CALL, SLICE * max(1.0, workers / CORES)
        if self._options.limit.executions is not None:
            if self._options.seed is not None:
                share, seconds = REPEATABLE_SLICE, UNHURRIED
            share = max(1, min(share, self.ledger.available // (2 * workers)))
        granted = self.ledger.reserve(share)
        if not granted:
            return None
        entry = self._schedule.next()
        if entry is None:  # every entry failed in the baseline: a start that fails is better than none
            entry = Entry(encode(zero(self.parameters)), "zero value", Origin.ZERO)
            self._schedule.add(entry)
        trace = entry.fuzzed == 0
        entry.fuzzed += 1
        message = Fuzz(entry.data, seconds, granted, self._untold(worker), trace)
        return CallInFlight(message, granted, WorkerState.FUZZING)

    def _untold(self, worker: Worker) -> Coverage:
        coverage = self.coverage.since(worker.told)
        worker.told = len(self.coverage)
        return coverage

    def _give_back(self, worker: Worker, items: list[Item]) -> None:
        """Put inputs that were not executed where they came from."""
        self._baseline.extendleft(item for item in reversed(items) if item.purpose is Purpose.BASELINE)
        worker.suspects[:0] = [item for item in items if item.purpose is Purpose.SUSPECT]

    # Results ---------------------------------------------------------------------------------------------------------

    def take_executed(self, worker: Worker, result: Executed) -> None:
        """An input ran clean."""
        item = _item(worker, result.index)
        item.is_new |= self.coverage.add(result.edges) > 0
        item.answered = True
        self.ran_clean = True
        if item.purpose is Purpose.SUSPECT:
            self._suspect_ran_clean(worker, item, result.edges)
        elif item.entry is not None:
            self._schedule.add(item.entry, self.coverage.numbers(result.edges))
            self._count_baseline_item()

    def take_found(self, worker: Worker, result: Found) -> None:
        """A mutated input reached something that was new to its worker; it is kept if it is new to all."""
        if worker.call is None or worker.call.items:
            raise ProtocolError("a found input outside of fuzzing")
        self._check_input(result.data, self.parameters)
        if self.coverage.add(result.edges):  # otherwise another worker was faster
            self._admit(worker, result.data, result.edges)

    def _admit(self, worker: Worker, data: bytes, edges: Coverage) -> None:
        """Make an input an entry of the corpus and have it fuzzed."""
        try:
            entry = self.corpus.add(data)
        except OSError as error:
            self._listener.warn("corpus", f"the generated corpus cannot be written: {_sentence(error)}")
            entry = self.corpus.entries[-1]
        if entry is not None:
            worker.found += 1
            self._schedule.add(entry, self.coverage.numbers(edges))
            self._listener.on_new_entry()

    def take_crashed(self, worker: Worker, result: Crashed) -> None:
        """An exception left the target."""
        if worker.call is None:
            raise ProtocolError("a crasher outside of a call")
        self._check_input(result.data, self.parameters)
        item = None
        if result.index is not None:
            item = _item(worker, result.index)
            if item.data != result.data:
                raise ProtocolError("a crasher that is not the input it was given")
        seed = item.seed if item is not None else None
        finding = findings.of_exception(result.data, result.failure, self._options, worker=worker.id, seed=seed)
        self.record(worker, finding, item)

    def take_repeated(self, worker: Worker, result: Repeated) -> None:
        """A failure that is known came up again."""
        if worker.call is None or result.hits > worker.call.granted:
            raise ProtocolError(f"{result.hits} repetitions of a failure, more than there were executions")
        if not self.crashers.repeat(result.bucket, result.hits):
            raise ProtocolError("a repeated failure that was never reported")
        worker.crashers += result.hits

    def take_done(self, worker: Worker, result: Done) -> bool:
        """A call is over; whether it left something for others to do."""
        call = worker.call
        if call is None:
            raise ProtocolError("the end of a call that was not made")
        if result.executions > call.granted:
            raise ProtocolError(f"{result.executions} executions of a call that was granted {call.granted}")
        if result.slowdown is not None:
            worker.take_slowdown(result.slowdown)
        self.harvest.add(result.yields, result.executions * len(self.parameters))
        self.ledger.settle(call.granted, result.executions)
        worker.call = None
        unanswered = [item for item in call.items if not item.answered]
        self._give_back(worker, unanswered)
        is_limited = self._options.limit.executions is not None
        return bool(unanswered) or (is_limited and result.executions < call.granted)

    def settle_dead(self, worker: Worker, executions: int) -> Item | None:
        """Account for the call that a worker died in, its process's counter at `executions`; returns the input of an
        `Execute` call that it was executing, if it was. What it did not come to is given back.
        """
        call, worker.call = worker.call, None
        if call is None:
            return None
        used = min(call.granted, max(0, executions - call.executions_before))
        self.ledger.settle(call.granted, used)
        unanswered = [item for item in call.items if not item.answered]
        answered = len(call.items) - len(unanswered)
        was_executing = bool(unanswered) and used > answered
        self._give_back(worker, unanswered[1:] if was_executing else unanswered)
        return unanswered[0] if was_executing else None

    def give_back(self, worker: Worker, item: Item | None) -> None:
        """Have an input that `settle_dead` returned executed again, unless it has been answered since."""
        if item is not None and not item.answered:
            self._give_back(worker, [item])

    def _check_input(self, data: bytes, parameters: tuple[str, ...]) -> None:
        if len(data) > self._capacity:
            raise ProtocolError(f"an input of {len(data)} bytes")
        try:
            decode(data, parameters)
        except MalformedInput as error:
            raise ProtocolError(f"an input that is none: {error}") from None

    def _count_baseline_item(self) -> None:
        self.baseline_done += 1
        if self.baseline_done == self.baseline_total:
            self._listener.on_baseline_done()

    # Crashers and suspects -------------------------------------------------------------------------------------------

    def record(self, worker: Worker, finding: Finding, item: Item | None) -> None:
        """Store a finding, then tell of it. `item`: the input of an `Execute` call that it is about."""
        if item is not None:
            item.answered = True
        worker.crashers += 1
        crasher = self.crashers.record(finding)
        if self.crashers.problem:
            self._listener.warn("storage", f"A crasher could not be stored in its place: {self.crashers.problem}")
        if crasher is not None:
            self._listener.on_crasher(crasher)
        if item is not None and item.purpose is Purpose.BASELINE:
            self._count_baseline_item()

    def suspect(self, worker: Worker, data: bytes, suspicion: str, item: Item | None) -> None:
        """A process was killed from outside while it executed `data`: have it run again by the one that follows."""
        entry = None
        if item is not None:
            item.answered = True
            entry = item.entry
            self._count_baseline_item()
        worker.suspects.append(Item(data, Purpose.SUSPECT, entry, TRIES, suspicion))

    def _suspect_ran_clean(self, worker: Worker, item: Item, edges: Coverage) -> None:
        left = item.tries_left - 1
        if left:
            again = Item(item.data, Purpose.SUSPECT, item.entry, left, item.suspicion, is_new=item.is_new)
            worker.suspects.insert(0, again)
            return
        if item.entry is not None:
            self._schedule.add(item.entry, self.coverage.numbers(edges))
        elif item.is_new:
            self._admit(worker, item.data, edges)
        message = f"worker {worker.id}: {item.suspicion}, input ran clean {TRIES}/{TRIES}"
        self._listener.warn(f"suspect {worker.id}", message)

    def keep_suspects(self, worker: Worker) -> None:
        """Suspects that nobody will run again in this run are kept for the next one's baseline."""
        for item in worker.suspects:
            self.keep_suspect(item.data, item.suspicion)
        worker.suspects.clear()

    def keep_suspect(self, data: bytes, suspicion: str) -> None:
        """Have an input run first in the next run; `suspicion`: how its process ended."""
        fate = "it is kept in the generated corpus and will be run first next time"
        try:
            self.corpus.keep(data)
        except OSError as error:
            fate = f"it could not be kept: {_sentence(error)}"
        message = f"an input was not run again ({suspicion}); {fate}"
        self._listener.warn("suspect", message)


def _item(worker: Worker, index: int) -> Item:
    call = worker.call
    if call is None or index >= len(call.items) or call.items[index].answered:
        raise ProtocolError(f"a result for input {index}, which was not asked for")
    return call.items[index]


def _sentence(error: OSError) -> str:
    return f"{error.filename}: {error.strerror or error}"
