"""What the jobs of a run share: the target's parameters, the corpus, the coverage, the crashers, who brought what."""

from collections import Counter
from typing import Protocol

from fuzztui.engine.clock import RunClock
from fuzztui.engine.keep.corpus import Corpus, Entry
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.options import RunOptions
from fuzztui.engine.show.events import Event
from fuzztui.engine.show.snapshot import Crasher, Failure
from fuzztui.engine.show.text import Visible, label, os_error, say
from fuzztui.engine.show.yields import YieldSums
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.engine.work.schedule import PowerSchedule
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Coverage
from fuzztui.target.errors import MalformedInput
from fuzztui.target.kinds import KINDS
from fuzztui.target.values import decode


class Listener(Protocol):
    """Who acts upon what the jobs notice."""

    def on_crasher(self, crasher: Crasher) -> None:
        """The first of its kind; it is on disk if that was at all possible."""

    def on_new_entry(self) -> None:
        """The corpus has grown."""

    def on_event(self, event: Event) -> None:
        """Something rare, as front ends are told it."""

    def warn(self, topic: str, message: Visible) -> None:
        """Something that a person should know; a later message on a topic replaces the one before."""


class Search:
    """The state of one run's search. Changed by its jobs and the board only."""

    def __init__(self, options: RunOptions, capacity: int, clock: RunClock, listener: Listener) -> None:
        """`capacity`: bytes of the largest input that workers have room for."""
        target = options.target
        self.options = options
        self.capacity = capacity
        self.clock = clock
        self.listener = listener
        self.parameters: tuple[str, ...] = ()
        """Names of the target's types, known once a worker has loaded it."""
        self.coverage = CoverageLog()
        self.corpus = Corpus(
            target.crashers_dir, target.generated_dir(options.cache_dir), target.records_dir(options.cache_dir)
        )
        self.schedule = PowerSchedule()
        self.crashers = CrasherBook(options, clock)
        self.yields = YieldSums()
        self.found: Counter[int] = Counter()
        """New corpus entries, by the worker that brought them."""
        self.hits: Counter[int] = Counter()
        """Crashers reported, repeated ones included, by worker."""
        self.ran_clean = False
        """Whether any input has run to its end: only then a lack of coverage means something."""

    def begin(self, parameters: tuple[str, ...], seeds: list[bytes]) -> None:
        """A worker has loaded the target. ProtocolError if it told nonsense."""
        if not parameters or not set(parameters) <= KINDS.keys():
            raise ProtocolError(f"a target that takes {parameters}")
        for seed in seeds:
            self.check_input(seed, parameters)
        self.parameters = parameters
        self.crashers.set_parameters(parameters)

    def check_input(self, data: bytes, parameters: tuple[str, ...] | None = None) -> None:
        """ProtocolError if a worker cannot have run this input."""
        if len(data) > self.capacity:
            raise ProtocolError(f"an input of {len(data)} bytes")
        try:
            decode(data, self.parameters if parameters is None else parameters)
        except MalformedInput as error:
            raise ProtocolError(f"an input that is none: {error}") from None

    def record(self, worker: int, data: bytes, failure: Failure, seed: Entry | None) -> None:
        """Store a failing input, then tell of it. `seed`: the seed or stored input that it is."""
        self.hits[worker] += 1
        crasher = self.crashers.record(data, failure, worker=worker, seed=seed)
        if self.crashers.problem:
            sentence = say("A crasher could not be stored in its place: {}", self.crashers.problem)
            self.listener.warn("storage", sentence)
        if self.crashers.record_problem:
            sentence = say("What is known of a crasher could not be kept: {}", self.crashers.record_problem)
            self.listener.warn("records", sentence)
        if crasher is not None:
            self.listener.on_crasher(crasher)

    def repeat(self, worker: int, failure_id: str, hits: int) -> None:
        """A known failure came up again. ProtocolError if it is not known."""
        if not self.crashers.repeat(failure_id, hits):
            raise ProtocolError("a repeated failure that was never reported")
        self.hits[worker] += hits

    def admit(self, worker: int, data: bytes, edges: Coverage) -> None:
        """Make an input an entry of the corpus and have it fuzzed."""
        try:
            entry = self.corpus.add(data)
        except OSError as error:
            self.listener.warn("corpus", say("the generated corpus cannot be written: {}", os_error(error)))
            entry = self.corpus.entries[-1]
        if entry is not None:
            self.found[worker] += 1
            self.schedule.add(entry, self.coverage.numbers(edges))
            self.listener.on_new_entry()

    def keep_for_next_run(self, data: bytes, suspicion: Visible) -> None:
        """Have an input run first in the next run; `suspicion`: how its process ended."""
        fate = label("it is kept in the generated corpus and will be run first next time")
        try:
            self.corpus.keep(data)
        except OSError as error:
            fate = say("it could not be kept: {}", os_error(error))
        self.listener.warn("suspect", say("an input was not run again ({}); {}", suspicion, fate))
