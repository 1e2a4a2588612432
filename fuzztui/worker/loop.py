"""Executes the inputs of a Python target, and holds the hot loop of fuzzing."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from zlib import crc32

from fuzztui.protocol.memory import (
    ACTIVITY,
    CHECKSUM,
    CONTROL_BYTE,
    EXECUTIONS,
    RECENT,
    REFUSED,
    STARTED,
    STATE,
    State,
)
from fuzztui.protocol.messages import Done, Fuzz, Remark
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.atheris.mutation import FieldMutator, Plan
from fuzztui.worker.choices import parts
from fuzztui.worker.coverage.lines import LineTracer
from fuzztui.worker.coverage.measuring import Measuring
from fuzztui.worker.discoveries import AFRESH, COMPARISONS, Discoveries
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.children import end_child
from fuzztui.worker.failures.scenes import Scenes
from fuzztui.worker.failures.strays import Strays
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.guidance.autodictionary import AutoDictionary
from fuzztui.worker.guidance.executed import LAST_SLOT, Executed
from fuzztui.worker.guidance.input_to_state import Guidance
from fuzztui.worker.guidance.legs import Legs, Way
from fuzztui.worker.guidance.need import Need
from fuzztui.worker.guidance.suggestions import Suggestions
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.instrumentation.overhead import Overhead
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.islands import Islands, Knowledge
from fuzztui.worker.layers.mutation import LayerMutator
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.mutate.whole import Plain, Taken
from fuzztui.worker.process.clock import UNHURRIED, Clock, Turn
from fuzztui.worker.process.executions import BOOKKEEPING, MEASURING, TRACING, Executions, saying
from fuzztui.worker.reports import Reports
from fuzztui.worker.single import SingleInputs
from fuzztui.worker.structure.mutation import StructureMutator

__builtins__ = PRIVATE_BUILTINS

_RUNNING: Final = int(State.RUNNING)
_IDLE: Final = int(State.IDLE)
_LAST: Final = RECENT - 1


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


class PythonExecutor(SingleInputs):
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
        buckets: Buckets,
        strays: Strays,
        scenes: Scenes | None = None,
        tracer: LineTracer | None = None,
        measuring: Measuring | None = None,
    ) -> None:
        """`seeds`: those that the target declares, in their file form; `buckets`: tell its failures apart; `strays`:
        whose hooks are in place; `scenes` and `tracer`: look into what fails, where that is asked for; `measuring`:
        notes what is executed, the same.
        """
        self._dictionary = options.dictionary
        self._says_mutating = options.says_mutating
        autodictionary = AutoDictionary(probes, options.dictionary)
        autodictionary.update()  # as long as the probe map shows what importing the target covered
        super().__init__(
            target, seeds, probes, options.mutator, executions, reports, buckets, strays, scenes, tracer, measuring
        )
        self._overhead = Overhead(self._retirement) if options.weighs_probes else None
        self._observations = parts.observations(target, probes, reports)
        self._discoveries = Discoveries(probes, self._seen, self._retirement, self._runner, options.mutator, reports)
        reports.operators = self._discoveries.origin
        self._afresh = parts.afresh(
            self._drawing, self._runner, self._seen, self._retirement, self._discoveries, options.mutator
        )
        self._layers = LayerMutator(options.mutator)
        self._structure = StructureMutator(options.mutator, options.max_len)
        take_apart = self._taker()

        def begin() -> Knowledge:
            suggestions = Suggestions()
            tracing = Tracing(probes, self._retirement, self._runner, self._seen, suggestions.add)
            guidance = Guidance(
                tracing,
                suggestions,
                options.dictionary,
                autodictionary,
                options.max_len,
                take_apart,
                self._layers,
                self._structure,
                looks_deeper=self._drawing is not None,
            )
            return Knowledge(suggestions, tracing, guidance, Executed(), Legs())

        self._need = Need()
        self._islands = Islands(begin, self._seen, self._retirement, options.mutator, self._discoveries)
        self._use(self._islands.knowledge)
        if target.refusals is not None:
            target.refusals.then = self._refused
        self._field_mutator = FieldMutator(options.mutator) if self._runner.raw else None

    def enter(self, island: int) -> None:
        if self._islands.enter(island):
            self._use(self._islands.knowledge)

    def _use(self, knowledge: Knowledge) -> None:
        self._suggestions = knowledge.suggestions
        self._executed = knowledge.executed
        self._legs = knowledge.legs
        self._tracing = knowledge.tracing
        self._guidance = knowledge.guidance
        self._discoveries.untrimmed = knowledge.guidance.exploring.look_at
        self._discoveries.legible = knowledge.guidance.legible.forms
        self._discoveries.is_far_slower = knowledge.guidance.slowness.is_too_slow

    def _refused(self) -> None:
        """A class has refused its values: count it, and forget what that has covered, which is no input's merit unless
        the class is what is fuzzed.
        """
        self._runner.executions.memory.words[REFUSED] += 1
        refusals = self._target.refusals
        if refusals is not None and not refusals.is_code:
            self._seen.restore()

    def fuzz(self, call: Fuzz) -> Done:
        """Mutate the entry and run what comes out until the budget is used up.

        Written for speed: everything that a turn of the loop needs is a local, and `Runner.run` is inlined.
        """
        runner = self._runner
        memory = runner.executions.memory
        words, record, ends, lap_bytes = memory.words, memory.record, memory.ends, memory.lap_bytes
        if call.single:
            self._seen.watch_coverage(call.single)
        self._retirement.count_call(self._seen.seen)
        self._mutator.forget_last()
        arguments = runner.decode(call.entry)
        raw = runner.raw
        entry = arguments[0] if raw else arguments
        budget = call.executions
        for token in call.tokens:
            self._dictionary.add(token)
        self._discoveries.begin_call(call.seconds)
        slowdown, executions = self._weigh_probes(arguments, call.entry, budget)
        executions += self._learn_of(arguments, call.entry, budget - executions)
        executions += self._check_ways(budget - executions, call.seconds)
        if self._afresh is not None:
            # An entry is traced once: what its comparisons suggest is looked at with the other half, at least.
            most = (budget - executions) // 2 if call.trace else budget - executions
            executions += self._afresh.draw(most, call.seconds)
        legs = self._legs if call.seconds < UNHURRIED else None
        if legs is not None:
            self._guidance.exploring.eagerness.need = self._need.value
            legs.begin(self._discoveries.found, self._guidance.exploring.eagerness.freshness)
        turn = Turn(call.seconds)
        executions += self._guide(call, arguments, budget - executions, legs)
        plans, used = self._plans(call.entry, budget - executions)
        executions += used
        # What is slow is slow to learn of: mutating has as much time as that has taken, or it would hardly have any.
        deadline = turn.prepared()

        value: Any
        function: Callable[..., object] = runner.function
        if runner.strays.is_careful:
            runner.strays.collect()
            function = runner.strays.carefully(function)
        strays = runner.strays.noted
        clean = runner.clean
        encode = runner.encode
        mutator = self._mutator
        mutate: Callable[[Any], Any] = mutator.mutate_bytes if raw else mutator.mutate
        if plans and self._field_mutator is not None:
            mutate = self._field_mutator.beside(mutate, plans)
        mutators = self._mutators(mutate, arguments, are_apart=legs is not None)
        mutate = mutators.get(Way.FURTHER, mutators[Way.MUTATED])
        mutator.forget_last()
        if self._drawing is not None:
            self._drawing.record(on=False)
        suggested = queue = self._suggestions.inputs
        queued, aside = len(queue), executions
        before = words[EXECUTIONS] - executions
        executions += before  # as the shared memory counts them
        budget += before
        whole, control, last = memory.whole, CONTROL_BYTE, _LAST
        start = ends[executions & last]
        cells, seen = self._seen.cells, self._seen.seen
        checksum, clock = crc32, Clock.nanoseconds
        executed, last_slot = self._executed.slots, LAST_SLOT
        is_new_wanted, repeated, finds_queued = self._executed.pays, 0, 0
        self._guidance.held.take_again()
        slowness, skipped, looked = self._guidance.slowness, 0, executions
        if legs is not None:
            legs.prepared([way for way in mutators if way != Way.MUTATED])
            suggested, way, deadline = legs.next(queue, turn, self._discoveries.found)
            mutate = mutators[way]
        if whole[control]:
            deadline = 0  # look at that again after one execution; every two milliseconds cost less than each time

        while executions < budget:
            if suggested:
                next_arguments, is_queued = suggested.popleft(), True
                value = next_arguments[0] if raw else next_arguments
                data = value if raw else encode(value)
                sum_of_it = checksum(data)
                is_again = is_new_wanted and executed[sum_of_it & last_slot] == sum_of_it
                if is_again or len(data) > slowness.longest:
                    skipped += 1
                    continue
            else:
                value, is_queued = mutate(entry), False
                data = value if raw else encode(value)
                sum_of_it = checksum(data)
                if is_new_wanted and executed[sum_of_it & last_slot] == sum_of_it:
                    # What is near has been tried: further away.
                    value = mutate(value)
                    data = value if raw else encode(value)
                    sum_of_it = checksum(data)
                    repeated += 1
            if is_new_wanted:
                executed[sum_of_it & last_slot] = sum_of_it
            end = start + len(data)
            executions += 1
            if end > lap_bytes:
                if len(data) > memory.capacity:  # typed values in text form can be longer than what max_len bounds
                    value, data = entry, call.entry
                    sum_of_it = checksum(data)
                memory.begin_lap(executions)
                start, end = 0, len(data)
            record[start:end] = data
            ends[executions & last] = end
            words[CHECKSUM] = sum_of_it
            words[EXECUTIONS] = executions
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
                if not runner.is_success(error):
                    runner.report(runner.crash_of(error), data)
                elif runner.strays.is_forked:
                    end_child(error)
            if strays:
                runner.report_stray(data)
            words[STATE] = _IDLE
            if cells != seen:
                words[ACTIVITY] = MEASURING
                used = self._discoveries.take(value, data, budget - executions)
                executions += used
                aside += used
                finds_queued += is_queued
                if self._drawing is not None:
                    self._drawing.record(on=False)
                end = ends[executions & last]
                words[ACTIVITY] = BOOKKEEPING
                deadline = 0 if whole[control] else deadline
            start = end
            if now >= deadline:
                if whole[control]:  # to stop or to pause: the coordinator hands out what is left of the call anew
                    break
                if legs is None:
                    deadline = turn.later()
                else:
                    suggested, way, deadline = legs.next(queue, turn, self._discoveries.found)
                    mutate = mutators[way]
                    mutator.forget_last()  # what is found next is nothing of the way before
                longer = max(len(data), ends[executions - 1 & last] - ends[executions - 2 & last])
                slowness.count(executions - looked, turn.elapsed, longer, turn.late)
                looked = executions
                if not deadline:
                    break
        if self._drawing is not None:
            self._drawing.record(on=True)
            words[REFUSED] += self._drawing.take_discarded()
            if sentence := self._drawing.take_sentence():
                self._tell(sentence)
        executions -= before
        self._guidance.settle(finds_queued)
        tried = queued - len(queue) - skipped
        mutations = executions - aside - tried
        repeated += self._guidance.held.take_again()
        executed_part = mutations / max(1, mutations + repeated)
        speculated = int(executed_part * self._guidance.exploring.take_speculated())
        tried += speculated
        yields = mutator.take_yields(arguments, mutations - speculated, executed_part)
        if tried or self._discoveries.suggested:
            # What no operator has changed may find something, too, if the target does something else the second time.
            finds = self._discoveries.take_suggested()
            yields[COMPARISONS] = max(tried, finds), finds
        if call.seconds < UNHURRIED:
            self._executed.settle(executions, turn.seconds)
        if legs is not None:
            found_by = legs.settle(self._discoveries.found, executions)
            if not self._guidance.exploring.is_hurried:  # then there has been nothing but mutation
                self._need.note(*found_by)
        if self._afresh is not None:
            yields[AFRESH] = self._afresh.settle(executions)
        self._tell_of_refusals(executions)
        events, scores = self._observations.take() if self._observations is not None else ({}, {})
        return Done(
            executions=executions,
            yields=yields,
            slowdown=slowdown,
            again=self._seen.take_met_again(),
            events=events,
            scores=scores,
            seconds=turn.seconds,
        )

    def _mutators(
        self, mutate: Callable[[Any], Any], entry: Arguments, *, are_apart: bool
    ) -> dict[Way, Callable[[Any], Any]]:
        """What makes inputs of an entry in each way that there is; `are_apart`: whether each has a part of the time,
        and not all of them are mixed in the last.
        """
        raw, exploring = self._runner.raw, self._guidance.exploring
        getrandbits = self._mutator.surroundings.random.getrandbits
        ways = {Way.MUTATED: self._guidance.held.keeping(mutate, entry, getrandbits, raw=raw)}
        further = exploring.beside(mutate, entry, self._mutator, raw=raw, is_in_leg=are_apart)
        before = mutate if are_apart else further
        parts = self._structure.beside(before, entry, raw=raw, is_in_leg=are_apart)
        if parts is not before:
            parts = self._guidance.held.heading(parts, entry, getrandbits, raw=raw)
        right = self._structure.right(entry)
        parts = self._layers.beside(parts, entry, right, raw=raw, is_in_leg=are_apart and parts is mutate)
        if not are_apart:
            ways[Way.FURTHER] = parts
        else:
            ways |= {way: made for way, made in ((Way.PARTS, parts), (Way.FURTHER, further)) if made is not mutate}
        for way, made in ways.items():
            in_lines = exploring.in_right_lines(made, self._mutator, raw=raw)
            ways[way] = saying(in_lines, self._runner.executions.memory.words) if self._says_mutating else in_lines
        return ways

    def _taker(self) -> Taken:
        """What takes the target's inputs apart."""
        if self._drawing is not None:
            return self._drawing.apart
        roots = self._mutator.roots
        if not any(roots):
            return Plain
        from fuzztui.worker.mutate.typed.classes import look_into
        from fuzztui.worker.mutate.typed.leaves import Apart

        look_into(self.parameters)
        return lambda arguments: Apart(arguments, roots)

    def _tell_of_refusals(self, executions: int) -> None:
        refusals = self._target.refusals
        if refusals is not None and (sentence := refusals.take_sentence(executions)):
            self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self._reports.note_module(Remark(encodable(sentence)))

    def _learn_of(self, arguments: Arguments, data: bytes, budget: int) -> int:
        """Execute an entry that nothing is known of, if it is to be known; returns the executions used, of `budget`."""
        drawing = self._drawing
        if drawing is None or budget < 2 or drawing.knows(arguments):
            return 0
        self._runner.executions.activity = TRACING
        if self._runner.runs_clean(arguments, data):
            self._mutator.add_to_pool(arguments)  # once more: now it is known what can be taken of it
        self._seen.restore()
        self._runner.executions.activity = BOOKKEEPING
        return 1

    def _check_ways(self, budget: int, seconds: float) -> int:
        """Find out which way a property test is executed; returns the executions used, of `budget`."""
        if self._drawing is None or not self._drawing.checks_left:
            return 0
        from fuzztui.worker.choices.checking import check  # it costs time that only those pay who need it

        return check(self._drawing, self._runner, self._discoveries, self._tell, budget, seconds)

    def _guide(self, call: Fuzz, arguments: Arguments, budget: int, legs: Legs | None) -> int:
        """Queue what the comparisons of an entry suggest; returns the executions used, of `budget`."""
        executions = 0
        self._guidance.begin_call(call.seconds, self._discoveries.found, self._discoveries.reached)
        is_due = call.trace or self._guidance.is_due(arguments)
        if self._guidance.puts_off(arguments, is_due=is_due):
            return 0
        state = self._runner.executions
        state.activity = TRACING
        traced = arguments if is_due else None
        if traced is None:
            traced = self._guidance.take_further()
        if legs is not None:
            traced = legs.traced(traced, len(self._suggestions.inputs))
        if traced is not None and budget > 0:
            executions += self._guidance.trace(traced, budget, call.seconds)
        executions += self._guidance.repair(arguments, self._mutator.mutate, budget - executions, call.seconds)
        if budget - executions > 1:
            executions += self._guidance.exploring.explore(arguments, self._mutator, budget - executions)
        state.activity = BOOKKEEPING
        return executions

    def _plans(self, entry: bytes, budget: int) -> tuple[list[Plan], int]:
        """Where the fields of an entry lie that a provider reads; and the executions used to know, of `budget`."""
        mutator, before = self._field_mutator, self._tracing.executions
        if mutator is None or budget < 2:  # to know them takes an execution, and one is to be left
            return [], 0
        plans = self._guidance.fields.plans(entry, self._mutator.surroundings.random, budget)
        for plan in plans[:1]:
            mutator.add(plan)
        return plans, self._tracing.executions - before

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
