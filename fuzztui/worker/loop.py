"""Executes inputs: the hot loop of fuzzing, and the slower single execution that measures coverage.

Novelty is one comparison of two byte strings. The probe map is never cleared between executions: `seen` is what it
looked like after everything known so far, so an execution was new exactly if the map differs from `seen` now. Only
then is the input run once more, on a cleared map, to learn all that it covers.
"""

from collections.abc import Callable, Iterable
from time import monotonic, monotonic_ns
from typing import Any, Final
from zlib import crc32

from fuzztui.protocol.memory import (
    ACTIVITY,
    CHECKSUM,
    CONTROL,
    EXECUTIONS,
    LENGTH,
    STARTED,
    STATE,
    Activity,
    SharedMemory,
    State,
)
from fuzztui.protocol.messages import (
    Coverage,
    Crashed,
    Done,
    Execute,
    Executed,
    Found,
    Fuzz,
    Repeated,
    Result,
)
from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import LoadedTarget
from fuzztui.target.values import decode, encoder
from fuzztui.worker.failure import bucket, describe
from fuzztui.worker.guidance import Guidance
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.overhead import Overhead
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.retire import Retirement
from fuzztui.worker.shorten import shorten

__builtins__ = OWN_BUILTINS

SHORTENING_TRIES: Final = 40
"""Executions spent on making a found input shorter. It pays back: what is mutated from it runs faster and has fewer
places to miss."""

SHORTENING_SHARE: Final = 0.5
"""Part of a call's seconds that an execution may take for its input to be shortened, so that a slow one does not keep
all others waiting. A call of a run that has to be repeatable has so many seconds that no clock decides."""

COMPARISONS: Final = "comparisons"
"""The source of inputs that is no operator: what traced comparisons suggest."""

_RUNNING: Final = int(State.RUNNING)
_IDLE: Final = int(State.IDLE)

_WAITING: Final = int(Activity.WAITING)
_BOOKKEEPING: Final = int(Activity.BOOKKEEPING)
_MUTATING: Final = int(Activity.MUTATING)
_MEASURING: Final = int(Activity.MEASURING)
_TRACING: Final = int(Activity.TRACING)
_REPORTING: Final = int(Activity.REPORTING)


class Executor:
    """Runs inputs in the target on behalf of the calls `Execute` and `Fuzz`.

    State that outlives a call: what has been seen of the probe map, the mutator with its pool and dictionary, inputs
    suggested by comparisons, and the buckets of failures that have been reported.
    """

    def __init__(
        self,
        target: LoadedTarget,
        memory: SharedMemory,
        probes: ProbeMap,
        mutator: Mutator,
        dictionary: Dictionary,
        max_len: int,
        send: Callable[[Result], None],
        *,
        tells_mutation: bool = False,
        weighs_probes: bool = False,
    ) -> None:
        """`max_len`: bytes of an input that is made here; `send` takes every result, what it raises ends the worker;
        `tells_mutation`: leave word in the memory while an input is mutated; `weighs_probes`: run an entry with its
        probes and without now and then.
        """
        self.parameters = target.parameters
        self._function = target.function
        self._harness = target.harness
        self._clean = target.raises
        """Exceptions that are part of the target's contract."""
        self._raw = target.parameters == ("bytes",)
        """Whether an input's file form is its one argument."""
        self._encode = encoder(target.parameters)
        self._memory = memory
        self._probes = probes
        self._mutator = mutator
        self._send = send
        self._tells_mutation = tells_mutation
        self._seen = bytearray(len(probes.cells))
        self._unplaced: Coverage = {}
        """Covered elsewhere, in modules that this process has not imported yet."""
        self._observed: set[int] = set()
        """Cells that were new to inputs which were executed on the side, and are left to the loop to find."""
        self._shortened_within = 0.0
        """Seconds that an execution of this call may take for its input to be shortened."""
        self._guided = 0
        """Inputs of this call that comparisons suggested and that were found to be new."""
        self._reported: set[str] = set()
        self._repeated: dict[str, int] = {}
        self._retirement = Retirement(probes)
        self._overhead = Overhead(self._retirement) if weighs_probes else None
        self._guidance = Guidance(probes, self._retirement, dictionary, max_len, self._observe, self._goes_on)
        probes.cells[:] = self._seen  # what importing the target covered says nothing about inputs

    def execute(self, call: Execute) -> None:
        """Run each input once and report on it."""
        self._memory.words[ACTIVITY] = _BOOKKEEPING
        self._learn(call.covered)
        executions = 0
        for index, data in enumerate(call.inputs):
            if self._memory.words[CONTROL]:
                break
            executions += 1
            self._execute_one(index, data)
        self._end_call(executions, {})

    def _execute_one(self, index: int, data: bytes) -> None:
        arguments = decode(data, self.parameters)
        with self._retirement.complete():
            error = self._run(arguments[0] if self._raw else arguments, data, cleared=True)
        if error is None:
            cells = _set_cells(self._probes.cells)
            self._keep(cells)
            self._mutator.add_to_pool(arguments)
            self._send(Executed(index=index, edges=self._probes.coverage(cells)))
        else:
            self._crashed(error, data, index)

    def fuzz(self, call: Fuzz) -> None:
        """Mutate the entry and run what comes out until the budget is used up.

        Written for speed: everything a turn of the loop needs is a local, `_run` stands inlined in it.
        """
        words, record, capacity = self._memory.words, self._memory.record, self._memory.capacity
        words[ACTIVITY] = _BOOKKEEPING
        self._learn(call.covered)
        self._retirement.count_call(self._seen)
        arguments = decode(call.entry, self.parameters)
        entry = arguments[0] if self._raw else arguments
        budget = call.executions
        self._shortened_within = SHORTENING_SHARE * call.seconds
        slowdown, executions = self._weigh_probes(arguments, call.entry, budget)
        deadline = monotonic_ns() + int(call.seconds * 1e9)
        guidance, mutator = self._guidance, self._mutator
        value: Any
        words[ACTIVITY] = _TRACING
        if call.trace and executions < budget:
            executions += guidance.trace(arguments, budget - executions, call.seconds)
        executions += guidance.repair(arguments, mutator.mutate, budget - executions, call.seconds)
        words[ACTIVITY] = _BOOKKEEPING

        raw = self._raw
        function: Callable[..., object] = self._function
        clean = self._clean
        encode = self._encode
        mutate: Callable[[Any], Any] = mutator.mutate_bytes if raw else mutator.mutate
        if self._tells_mutation:
            mutate = _telling(mutate, words)
        mutator.forget_last()
        suggested = guidance.queue
        queued, aside = len(suggested), executions
        before = words[EXECUTIONS] - executions
        cells, seen = self._probes.cells, self._seen
        checksum, clock = crc32, monotonic_ns

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
                if not _is_success(error):
                    self._crashed(error, data, None)
            words[STATE] = _IDLE
            if cells != seen:
                words[ACTIVITY] = _MEASURING
                used = self._found(value, data, budget - executions)
                executions += used
                aside += used
                words[ACTIVITY] = _BOOKKEEPING
            if words[CONTROL]:  # to stop or to pause: what is left of the call goes back, for others to do
                break
            if now >= deadline:
                break
        tried = queued - len(suggested)
        yields = mutator.take_yields(arguments, executions - aside - tried)
        if tried:
            yields[COMPARISONS] = tried, self._guided
            self._guided = 0
        self._end_call(executions, yields, slowdown)

    def _run(self, value: Any, data: bytes, *, cleared: bool) -> BaseException | None:
        """One execution outside the hot loop; returns what left the target and is not part of its contract."""
        words = self._memory.words
        if cleared:
            cells = self._probes.cells
            cells[:] = bytes(len(cells))
        self._memory.record[: len(data)] = data
        words[LENGTH] = len(data)
        words[CHECKSUM] = crc32(data)
        words[EXECUTIONS] += 1
        words[STARTED] = monotonic_ns()
        words[STATE] = _RUNNING
        try:
            if self._raw:
                self._function(value)
            else:
                self._function(*value)
        except self._clean:
            pass
        except BaseException as error:
            if not _is_success(error):
                return error  # still RUNNING: describing the error runs the target's code
        words[STATE] = _IDLE
        return None

    def _weigh_probes(self, arguments: tuple[Any, ...], data: bytes, budget: int) -> tuple[float | None, int]:
        """Measure what probes cost an entry, if it is time to; the slowdown, and how many of `budget` executions that
        took.
        """
        overhead, words = self._overhead, self._memory.words
        if overhead is None or not overhead.is_due():
            return None, 0
        value = arguments[0] if self._raw else arguments

        def run() -> int | None:
            error = self._run(value, data, cleared=False)
            nanoseconds = monotonic_ns() - words[STARTED]
            if error is None:
                return nanoseconds
            self._crashed(error, data, None)
            return None

        words[ACTIVITY] = _MEASURING
        result = overhead.measure(run, budget)
        self._restore_cells()
        words[ACTIVITY] = _BOOKKEEPING
        return result

    def _found(self, value: Any, data: bytes, budget: int) -> int:
        """Measure, shorten and report an input that changed the map; how many of `budget` executions that took."""
        new = self._new_cells()
        if not new:
            return 0
        if not self._mutator.credit():
            self._guided += 1
        arguments = (value,) if self._raw else value
        covered = set(new)
        used = 0
        started = monotonic()
        if budget:
            used = 1
            measured = self._measure(arguments, data)
            if measured is None:
                return used
            covered = measured
            wanted = sorted(covered & new)  # if empty, what is new is not covered every time: nothing to hold on to
            if wanted and budget > 2 and monotonic() - started < self._shortened_within:
                shorter, tries = self._shorten(arguments, wanted, min(budget - 2, SHORTENING_TRIES))
                used += tries
                if shorter is not arguments:
                    used += 1
                    measured = self._measure(shorter, self._encode(shorter))
                    if measured is not None and measured.issuperset(wanted):
                        arguments, covered = shorter, measured
        self._keep(covered | new)
        self._mutator.add_to_pool(arguments)
        edges = self._probes.coverage(sorted(covered | new))
        self._send(Found(data=self._encode(arguments), edges=edges))
        return used

    def _measure(self, arguments: tuple[Any, ...], data: bytes) -> set[int] | None:
        """Everything that one input covers; None if it fails, which is then reported."""
        with self._retirement.complete():
            error = self._run(arguments[0] if self._raw else arguments, data, cleared=True)
        if error is not None:
            self._crashed(error, data, None)
            return None
        return set(_set_cells(self._probes.cells))

    def _shorten(self, arguments: tuple[Any, ...], wanted: list[int], tries: int) -> tuple[tuple[Any, ...], int]:
        """The shortest form found that still covers the wanted cells, which are new; the executions that took.

        Nothing else is asked of it, so the lean code does, whose probes are those of what has not been seen.
        """
        cells = self._probes.cells

        def keeps(candidate: tuple[Any, ...]) -> bool:
            if not self._goes_on():
                return False
            for cell in wanted:
                cells[cell] = 0
            data = self._encode(candidate)
            error = self._run(candidate[0] if self._raw else candidate, data, cleared=False)
            if error is not None:
                self._crashed(error, data, None)
                return False
            return all(cells[cell] for cell in wanted)

        return shorten(arguments, keeps, tries)

    def _observe(self, arguments: tuple[Any, ...]) -> bool:
        """Execute an input whose comparisons are looked at; False if it is too long for that."""
        data = self._encode(arguments)
        if len(data) > self._memory.capacity:
            return False
        error = self._run(arguments[0] if self._raw else arguments, data, cleared=False)
        if error is not None:
            self._crashed(error, data, None)
        elif self._probes.cells != self._seen:
            new = self._new_cells()
            if not new <= self._observed:  # to be found in the loop, once
                self._observed |= new
                self._guidance.queue.append(arguments)
        self._restore_cells()
        return True

    def _goes_on(self) -> bool:
        return not self._memory.words[CONTROL]

    def _crashed(self, error: BaseException, data: bytes, index: int | None) -> None:
        """Report an exception that left the target; a harness's misuse is not the input's fault and is raised."""
        words = self._memory.words
        if issubclass(type(error), HarnessError):  # what the error itself says of its class may be a lie
            raise error
        activity = words[ACTIVITY]
        words[ACTIVITY] = _REPORTING
        name = bucket(error)
        if index is None and name in self._reported:
            self._repeated[name] = self._repeated.get(name, 0) + 1
        else:
            failure = describe(error, name)
            words[STATE] = State.REPORTING
            self._reported.add(name)
            self._send(Crashed(data=data, index=index, failure=failure))
        # A crasher is no corpus entry: what it covered is still new to the next input that gets there.
        self._restore_cells()
        words[STATE] = _IDLE
        words[ACTIVITY] = activity

    def _end_call(self, executions: int, yields: dict[str, tuple[int, int]], slowdown: float | None = None) -> None:
        harness = self._harness
        if harness is not None and harness.misuse is not None:
            raise harness.misuse  # the target swallowed it
        for name, hits in self._repeated.items():
            self._send(Repeated(bucket=name, hits=hits))
        self._repeated.clear()
        self._send(Done(executions=executions, yields=yields, slowdown=slowdown))
        self._memory.words[ACTIVITY] = _WAITING

    def _learn(self, covered: Coverage) -> None:
        """Take over what other workers have covered: it is not new here either."""
        for module, indices in covered.items():
            self._unplaced.setdefault(module, []).extend(indices)
        self._fit_seen()
        self._restore_cells()

    def _fit_seen(self) -> None:
        """Bring `seen` to the size of the map, which grows as modules are imported, and place what waited for them."""
        seen = self._seen
        seen.extend(bytes(len(self._probes.cells) - len(seen)))
        if self._unplaced:
            known, self._unplaced = self._probes.place(self._unplaced)
            for cell in known:
                seen[cell] = 1

    def _new_cells(self) -> set[int]:
        """The cells that are set and had not been seen."""
        self._fit_seen()
        return {cell for cell in _set_cells(self._probes.cells) if not self._seen[cell]}

    def _restore_cells(self) -> None:
        """Make the map look as after everything seen."""
        self._fit_seen()
        self._probes.cells[:] = self._seen

    def _keep(self, covered: Iterable[int]) -> None:
        """Count cells as seen."""
        self._fit_seen()
        for cell in covered:
            self._seen[cell] = 1
        self._probes.cells[:] = self._seen


def _telling(mutate: Callable[[Any], Any], words: "memoryview[int]") -> Callable[[Any], Any]:
    """`mutate`, leaving word while it runs: two stores and a call more with each execution."""

    def telling(value: Any) -> Any:
        words[ACTIVITY] = _MUTATING
        mutant = mutate(value)
        words[ACTIVITY] = _BOOKKEEPING
        return mutant

    return telling


def _is_success(error: BaseException) -> bool:
    """`sys.exit()` with status 0 is a way to return."""
    return type(error) is SystemExit and (error.code is None or (type(error.code) is int and error.code == 0))


def _set_cells(cells: bytearray) -> list[int]:
    found = []
    cell = cells.find(1)
    while cell >= 0:
        found.append(cell)
        cell = cells.find(1, cell + 1)
    return found
