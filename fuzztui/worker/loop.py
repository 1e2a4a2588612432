"""Executes the inputs of a Python target, and holds the hot loop of fuzzing."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from zlib import crc32

from fuzztui.protocol.memory import (
    ACTIVITY,
    CHECKSUM,
    CONTROL,
    EXECUTIONS,
    LENGTH,
    STARTED,
    STATE,
    State,
)
from fuzztui.protocol.messages import Coverage, Done, Fuzz
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.autodictionary import AutoDictionary
from fuzztui.worker.clock import Clock
from fuzztui.worker.discoveries import Discoveries
from fuzztui.worker.executions import BOOKKEEPING, MEASURING, MUTATING, TRACING, Executions
from fuzztui.worker.failure import PythonCrash
from fuzztui.worker.guidance import Guidance
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.overhead import Overhead
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.reports import Reports
from fuzztui.worker.retire import Retirement
from fuzztui.worker.runner import Runner, crash_of, is_success
from fuzztui.worker.seen import SeenCells
from fuzztui.worker.suggestions import Suggestions
from fuzztui.worker.tracing import Tracing

__builtins__ = PRIVATE_BUILTINS

COMPARISONS: Final = "comparisons"
"""The source of inputs that is no operator: what traced comparisons suggest."""

_RUNNING: Final = int(State.RUNNING)
_IDLE: Final = int(State.IDLE)


class MutationOptions(NamedTuple):
    """What new inputs are made with, and how."""

    mutator: Mutator
    dictionary: Dictionary
    """The mutator's."""
    max_len: int
    """Bytes of an input that is made here."""
    says_mutating: bool = False
    """Whether the shared memory shows when an input is being mutated: costs something with each execution."""
    weighs_probes: bool = False
    """Whether an entry runs with its probes and without now and then, to learn what they cost."""


class PythonExecutor:
    """The `Executor` of a Python function in this process, whose modules are instrumented.

    State that outlives a call: what has been seen of the probe map, the mutator with its pool and dictionary, inputs
    suggested by comparisons.
    """

    def __init__(
        self,
        target: LoadedTarget,
        seeds: list[bytes],
        probes: ProbeMap,
        options: MutationOptions,
        executions: Executions,
        reports: Reports,
    ) -> None:
        """`seeds`: those that the target declares, in their file form."""
        self.parameters: Final = target.parameters
        self.seeds: Final = seeds
        self._target = target
        self._probes = probes
        self._mutator = options.mutator
        self._says_mutating = options.says_mutating
        autodictionary = AutoDictionary(probes, options.dictionary)
        autodictionary.update()  # as long as the probe map shows what importing the target covered
        self._seen = SeenCells(probes)
        self._retirement = Retirement(probes)
        self._overhead = Overhead(self._retirement) if options.weighs_probes else None
        self._runner = Runner(target, executions, reports, self._seen)
        self._discoveries = Discoveries(probes, self._seen, self._retirement, self._runner, options.mutator, reports)
        self._suggestions = Suggestions()
        tracing = Tracing(probes, self._retirement, self._runner, self._seen, self._suggestions.add)
        self._guidance = Guidance(tracing, self._suggestions, options.dictionary, autodictionary, options.max_len)
        self._covered: list[int] = []
        """Cells that the last input given to `run` covered."""

    @property
    def misuse(self) -> HarnessError | None:
        harness = self._target.harness
        return None if harness is None else harness.misuse

    def close(self) -> None:
        self._target.close()

    def learn(self, covered: Coverage) -> None:
        self._seen.learn(covered)

    def run(self, data: bytes) -> PythonCrash | None:
        """Run one input, which counts as seen and may be spliced with others from then on if it does not fail."""
        arguments = self._runner.decode(data)
        with self._retirement.complete():
            self._seen.clear_map()
            crash = self._runner.run(arguments, data)
        if crash is None:
            self._covered = self._seen.set_cells()
            self._seen.keep(self._covered)
            self._mutator.add_to_pool(arguments)
        return crash

    def covered(self) -> Coverage:
        return self._probes.coverage(self._covered)

    def fuzz(self, call: Fuzz) -> Done:
        """Mutate the entry and run what comes out until the budget is used up.

        Written for speed: everything that a turn of the loop needs is a local, and `Runner.run` is inlined.
        """
        runner = self._runner
        memory = runner.executions.memory
        words, record, capacity = memory.words, memory.record, memory.capacity
        self._retirement.count_call(self._seen.seen)
        arguments = runner.decode(call.entry)
        raw = runner.raw
        entry = arguments[0] if raw else arguments
        budget = call.executions
        self._discoveries.begin_call(call.seconds)
        slowdown, executions = self._weigh_probes(arguments, call.entry, budget)
        deadline = Clock.nanoseconds() + int(call.seconds * 1e9)
        executions += self._guide(call, arguments, budget - executions)

        value: Any
        function: Callable[..., object] = runner.function
        clean = runner.clean
        encode = runner.encode
        mutator = self._mutator
        mutate: Callable[[Any], Any] = mutator.mutate_bytes if raw else mutator.mutate
        if self._says_mutating:
            mutate = _saying(mutate, words)
        mutator.forget_last()
        suggested = self._suggestions.inputs
        queued, aside = len(suggested), executions
        before = words[EXECUTIONS] - executions
        cells, seen = self._seen.cells, self._seen.seen
        checksum, clock = crc32, Clock.nanoseconds

        while executions < budget:
            if suggested:
                next_arguments = suggested.popleft()
                value = next_arguments[0] if raw else next_arguments
            else:
                value = mutate(entry)
            data = value if raw else encode(value)
            length = len(data)
            if length > capacity:  # the text form of typed values can be longer than what max_len bounds
                value, data = entry, call.entry
                length = len(data)
            record[:length] = data
            words[LENGTH] = length
            words[CHECKSUM] = checksum(data)
            executions += 1
            words[EXECUTIONS] = before + executions
            words[STARTED] = now = clock()
            words[STATE] = _RUNNING
            try:
                if raw:
                    function(value)
                else:
                    function(*value)
            except clean:
                pass
            except BaseException as error:
                if not is_success(error):
                    runner.report(crash_of(error), data)
            words[STATE] = _IDLE
            if cells != seen:
                words[ACTIVITY] = MEASURING
                used = self._discoveries.take(value, data, budget - executions)
                executions += used
                aside += used
                words[ACTIVITY] = BOOKKEEPING
            if words[CONTROL]:  # to stop or to pause: the coordinator hands out what is left of the call anew
                break
            if now >= deadline:
                break
        tried = queued - len(suggested)
        yields = mutator.take_yields(arguments, executions - aside - tried)
        if tried:
            yields[COMPARISONS] = tried, self._discoveries.take_suggested()
        return Done(executions=executions, yields=yields, slowdown=slowdown)

    def _guide(self, call: Fuzz, arguments: Arguments, budget: int) -> int:
        """Queue what the comparisons of an entry suggest; returns the executions used, of `budget`."""
        executions = 0
        state = self._runner.executions
        state.activity = TRACING
        if call.trace and budget > 0:
            executions += self._guidance.trace(arguments, budget, call.seconds)
        executions += self._guidance.repair(arguments, self._mutator.mutate, budget - executions, call.seconds)
        state.activity = BOOKKEEPING
        return executions

    def _weigh_probes(self, arguments: Arguments, data: bytes, budget: int) -> tuple[float | None, int]:
        """Measure what probes cost an entry, if it is time to; returns the slowdown, and the executions used, of
        `budget`.
        """
        overhead, runner = self._overhead, self._runner
        if overhead is None or not overhead.is_due():
            return None, 0

        def run() -> int | None:
            crash = runner.run(arguments, data)
            nanoseconds = runner.executions.nanoseconds
            if crash is None:
                return nanoseconds
            runner.report(crash, data)
            return None

        runner.executions.activity = MEASURING
        result = overhead.measure(run, budget)
        self._seen.restore()
        runner.executions.activity = BOOKKEEPING
        return result


def _saying(mutate: Callable[[Any], Any], words: "memoryview[int]") -> Callable[[Any], Any]:
    """`mutate`, with the activity word set while it runs: two stores and a call more with each execution."""

    def saying(value: Any) -> Any:
        words[ACTIVITY] = MUTATING
        mutant = mutate(value)
        words[ACTIVITY] = BOOKKEEPING
        return mutant

    return saying
