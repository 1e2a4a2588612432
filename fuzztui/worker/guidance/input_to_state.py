"""Input-to-state: inputs that the comparisons of an entry suggest, beside those that chance makes.

Nothing of this runs in the hot loop: an entry is executed once with its comparisons traced, and the inputs that follow
from them wait in a queue, from which the loop takes before it mutates. (Aschermann et al., Redqueen, NDSS 2019.)
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.guidance import FieldGuidance
from fuzztui.worker.atheris.log import LOG
from fuzztui.worker.grammar.elements import in_turns, missing_in_texts
from fuzztui.worker.grammar.growing import grown_lists
from fuzztui.worker.grammar.lists import wanted_lists
from fuzztui.worker.grammar.resized import resized_parts
from fuzztui.worker.grammar.statements import Vocabulary, more_statements
from fuzztui.worker.guidance.autodictionary import AutoDictionary
from fuzztui.worker.guidance.candidate_budget import CandidateBudget
from fuzztui.worker.guidance.progress import Progress
from fuzztui.worker.guidance.suggestions import Suggestions
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.layers.mutation import LayerMutator
from fuzztui.worker.layers.parts import Layered
from fuzztui.worker.mutate import Dictionary, Mutator, Tried, candidates, tokens
from fuzztui.worker.mutate.adaptive import UNTOUCHED
from fuzztui.worker.mutate.elements import missing_elements
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.repair import attempts, conditions_of, failed, holds, is_conditional
from fuzztui.worker.mutate.sizes import Arguments, size
from fuzztui.worker.mutate.whole import Plain, Taken, Whole
from fuzztui.worker.process.clock import Clock

__builtins__ = PRIVATE_BUILTINS

CANDIDATES_PER_ENTRY: Final = 200
"""Candidates tried because a traced comparison suggests them: the best ones; beyond, havoc is as good."""

DEEPER: Final = 48
"""Inputs of an entry that are looked at like entries, where what is new in them shows in their comparisons alone."""

DEEPER_CANDIDATES: Final = 12
"""Candidates tried because of the comparisons of one of these."""

FEWEST_CANDIDATES: Final = 20
"""The same for an entry that is much longer than others."""

REPAIRS_PER_CALL: Final = 1000
"""Executions spent on repairing inputs in one call, if its time allows."""

TRACING_SHARE: Final = 10.0
"""Times the seconds of a call that repairing the candidates of an entry may take, which is done once for each entry."""

REPAIRING_SHARE: Final = 0.5
"""Times the seconds of a call that repairing mutations of an entry may take, which is done in each call."""

ALLOWANCE: Final = 48
"""Executions that the repair of one input may take on average. Most programs compare values with each other in ways
that no input can break, or that need no repair: their entries are soon not repaired any longer."""

FURTHER: Final = 150
"""Inputs of an entry that are traced since they may bring the program further without covering anything new."""

FOLLOWED: Final = 300
"""Inputs that are tried since they follow from one that has come further."""

UNTRIMMED_CANDIDATES: Final = 40
"""Candidates tried because of the comparisons of an entry as it was before it was made shorter."""

MAX_WAITING: Final = 32
"""Inputs that wait to be traced: the latest."""

EXPLORED: Final = 8
"""One call in so many has some of its mutations traced."""

EXPLORING: Final = 64
"""Mutations that are traced then."""

LOOKING_SHARE: Final = 0.05
"""Part of the time that may be spent on inputs that cover nothing new."""

LOOKING_AHEAD: Final = 5.0
"""Calls' worth of that time which may be spent at once: in its beginning a search has most to look at."""

MAX_FILLERS: Final = 8
MAX_FILLER: Final = 5
"""Entries that may be values within others, and their characters."""

CONDITIONS: Final = 3
"""Conditions of one input that are repaired one after the other: a length, then a checksum, then one that covers it."""

MAX_CONDITIONAL: Final = 1024
MAX_CONDITIONAL_BYTES: Final = 16 * 2**20
"""Entries with conditions that are remembered, and their bytes in all; beyond that, all are forgotten."""


class Guidance:
    """What the comparisons of one process's executions have taught it.

    State that outlives a call: the queue of suggestions, what has been tried, and entries with conditions.
    """

    def __init__(
        self,
        tracing: Tracing,
        suggestions: Suggestions,
        dictionary: Dictionary,
        autodictionary: AutoDictionary,
        max_len: int,
        take_apart: Taken = Plain,
        layers: LayerMutator | None = None,
        *,
        looks_deeper: bool = False,
    ) -> None:
        """`max_len`: bytes of a candidate; `take_apart`: takes inputs apart into what operands may stem from; `layers`
        is told of the layers of entries; `looks_deeper`: whether what has been added to an input is looked at for what
        it leads to.
        """
        self._looks_deeper = looks_deeper
        self._take_apart = take_apart
        self._layers = layers
        self._fillers: list[str] = []
        """Short entries, the latest last: where values are made of values, they are values."""
        self._progress = Progress()
        self._speculation = Suggestions()
        """Inputs to try beside mutations, since there are many of them and few lead anywhere."""
        self._vocabulary = Vocabulary()
        self._waiting: deque[Arguments] = deque(maxlen=MAX_WAITING)
        """Inputs to be traced when there is time."""
        self._calls = 0
        self._looking: float | None = None
        """Seconds that may be spent on looking at inputs that cover nothing new; None before the first call."""
        self._tracing = tracing
        self._suggestions = suggestions
        self._dictionary = dictionary
        self._autodictionary = autodictionary
        self._max_len = max_len
        self._tried = Tried()
        self._budget = CandidateBudget(CANDIDATES_PER_ENTRY, FEWEST_CANDIDATES)
        self._budget_of_structure = CandidateBudget(2 * CANDIDATES_PER_ENTRY, FEWEST_CANDIDATES)
        self._conditions: dict[Arguments, frozenset[Comparison]] = {}
        """Entries that fulfil conditions on themselves, with the values that they compare."""
        self._conditional_bytes = 0
        self.fields: Final = FieldGuidance(tracing, max_len)

    def begin_call(self, seconds: float) -> None:
        """A call of so many seconds begins: in a run that has to be repeatable so many that no clock decides."""
        most = LOOKING_AHEAD * seconds
        self._looking = most if self._looking is None else min(self._looking + LOOKING_SHARE * seconds, most)

    def trace(self, entry: Arguments, budget: int, seconds: float) -> int:
        """Queue what an entry's comparisons suggest; returns the executions used, at most `budget` (one or more).

        `seconds`: length of the call.
        """
        before = self._tracing.executions
        with self._tracing.on():
            compared = self._tracing.comparisons(entry)
            apart = self._parts_of(entry)
            self._note_filler(entry)
            if self._layers is not None and isinstance(apart, Layered) and apart.layers:
                self._layers.remember(entry, apart)
            if LOG.reads:
                self._suggestions.extend(self.fields.suggested(entry, compared, (budget - 1) // 4))
            comparisons = self._tried.fresh(each for each in compared if each[0] != "same")
            self._autodictionary.update(self._tracing.all_executions)  # modules may be imported as they are needed
            for token in tokens(comparisons, apart.values):
                self._dictionary.add(token)
            replaced = candidates(apart.values, comparisons, CANDIDATES_PER_ENTRY, self._max_len, self._tried)
            structure = in_turns(
                [
                    missing_in_texts(apart.values, comparisons, self._max_len, self._fillers),
                    wanted_lists(apart.values, comparisons, self._max_len),
                    resized_parts(apart.values, comparisons, self._max_len),
                    grown_lists(apart.values, comparisons, self._max_len),
                ]
            )
            found: Iterator[Arguments] = chain(
                apart.all_together(missing_elements(apart.values, comparisons, self._max_len)),
                apart.exchanged(comparisons),
                apart.resized(comparisons),
                self._budget.apply(entry, apart.all_together(replaced)),
            )
            speculation = self._budget_of_structure.apply(entry, apart.all_together(structure))
            self._vocabulary.add(compared)
            self._progress.is_new(compared, self._tracing.transforms, apart.values)
            self._look_further(apart, [each for each in compared if each[0] != "same"], before + budget - 1)
            if self._looks_deeper:
                self._look_deeper(apart.resized(comparisons), before + budget - 1)
            if is_conditional(apart.values, compared):
                self._remember(entry, conditions_of(compared))
                found = in_turns([found, speculation])
                self._repair_all(entry, found, (budget - 1) // 2, TRACING_SHARE * seconds)
            self._suggestions.extend(found)  # the rest, where repairing does not pay or takes too long
            self._speculation.extend(speculation)
        return self._tracing.executions - before

    def _note_filler(self, entry: Arguments) -> None:
        for value in entry:
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            if isinstance(text, str) and 1 < len(text) <= MAX_FILLER and text not in self._fillers:
                self._fillers.append(text)
                del self._fillers[:-MAX_FILLERS]

    def _parts_of(self, arguments: Arguments) -> Whole:
        """The input that was traced last, taken apart, with what the target has decoded of it."""
        whole = self._take_apart(arguments)
        transforms = self._tracing.transforms
        return Layered(arguments, transforms, self._max_len) if transforms and type(whole) is Plain else whole

    def _look_further(self, apart: Whole, comparisons: list[Comparison], end: int) -> None:
        """Queue what follows from inputs in which something can be decoded that could not, or is no longer lacking, up
        to execution number `end`: mostly that covers nothing new by itself.
        """
        tracing, begun = self._tracing, Clock.seconds()
        deadline = begun + (self._looking or 0.0)
        waiting = deque(islice(self._steps(apart, comparisons), FURTHER))
        left = 2 * FURTHER
        while waiting and left and tracing.executions < end and not tracing.is_interrupted:
            left -= 1
            changed = waiting.popleft()
            found = [each for each in tracing.comparisons(changed) if each[0] != "same"]
            if Clock.seconds() > deadline:
                break
            inner = self._parts_of(changed)
            if self._progress.is_new(found, tracing.transforms, inner.values):
                self._progress.keep(changed)
                self._vocabulary.add(found)
                self._follow(inner, found, CANDIDATES_PER_ENTRY)
                waiting.extendleft(islice(self._steps(inner, found), FURTHER // 2))
        self._looking = (self._looking or 0.0) - (Clock.seconds() - begun)

    def _follow(self, apart: Whole, comparisons: list[Comparison], limit: int) -> None:
        """Queue what follows from an input that has come further without covering anything new; in its state, what
        has been tried elsewhere may do something else.
        """
        replaced = candidates(apart.values, comparisons, limit, self._max_len)
        grown = grown_lists(apart.values, comparisons, self._max_len)
        ways = [apart.all_together(chain(replaced, grown)), self._steps(apart, comparisons)]
        self._speculation.extend(islice(in_turns(ways), FOLLOWED if limit > UNTRIMMED_CANDIDATES else limit))

    def look_at(self, arguments: Arguments) -> None:
        """Trace an input when it is time to."""
        self._waiting.append(arguments)

    def explore(self, entry: Arguments, mutate: Callable[[Arguments], Arguments], budget: int) -> int:
        """Trace what is to be looked at, in one call of several some mutations of an entry, too, and keep what brings
        the program into a state that it has not been in; returns the executions used, at most a tenth of `budget`.
        """
        self._calls += 1
        is_due = self._calls % EXPLORED == 0
        if self._looks_deeper or not (is_due or self._waiting):
            return 0
        tracing = self._tracing
        before, begun = tracing.executions, Clock.seconds()
        deadline = begun + (self._looking or 0.0)
        with tracing.on():
            for number in range(min(EXPLORING, budget // 10) if is_due else len(self._waiting)):
                if tracing.is_interrupted or Clock.seconds() > deadline or tracing.executions - before >= budget // 10:
                    break
                entries = self._progress.entries
                waited = bool(self._waiting)
                if waited:
                    changed = self._waiting.popleft()
                else:
                    changed = mutate(entries[number // 2 % len(entries)] if entries and number & 1 else entry)
                found = [each for each in tracing.comparisons(changed) if each[0] != "same"]
                apart = self._parts_of(changed)
                is_new = self._progress.is_new(found, tracing.transforms, apart.values)
                if is_new:
                    self._progress.keep(changed)
                    self._vocabulary.add(found)
                if is_new or waited:
                    self._follow(apart, found, CANDIDATES_PER_ENTRY if is_new else UNTRIMMED_CANDIDATES)
        return tracing.executions - before

    def _steps(self, apart: Whole, comparisons: list[Comparison]) -> Iterator[Arguments]:
        """Inputs with something that can be decoded, with an element that was lacking, or with one statement more."""
        in_texts = missing_in_texts(apart.values, comparisons, self._max_len, self._fillers)
        statements = more_statements(apart.values, comparisons, self._vocabulary.words(), self._max_len)
        decoded = apart.exchanged(()) if isinstance(apart, Layered) else ()
        return in_turns([iter(decoded), apart.all_together(in_texts), apart.all_together(statements)])

    def _look_deeper(self, inputs: Iterator[Arguments], end: int) -> None:
        """Queue what the comparisons of inputs suggest that may cover nothing new yet, up to execution number `end`."""
        tracing = self._tracing
        for changed in islice(inputs, DEEPER):
            if tracing.executions >= end or tracing.is_interrupted:
                break
            comparisons = self._tried.fresh(each for each in tracing.comparisons(changed) if each[0] != "same")
            apart = self._parts_of(changed)
            for token in tokens(comparisons, apart.values):
                self._dictionary.add(token)
            replaced = candidates(apart.values, comparisons, DEEPER_CANDIDATES, self._max_len, self._tried)
            self._suggestions.extend(chain(apart.all_together(replaced), islice(apart.resized(comparisons), DEEPER)))

    def repair(self, entry: Arguments, mutate: Callable[[Arguments], Arguments], budget: int, seconds: float) -> int:
        """Queue mutations of an entry that fulfils conditions on itself, repaired so that they fulfil them too.

        Returns the executions used, at most a third of `budget`: the rest is for the queued inputs. Does nothing for
        other entries, and while inputs are waiting.
        """
        if self._suggestions.inputs or entry not in self._conditions:
            return 0
        before = self._tracing.executions
        with self._tracing.on():
            changed = (mutate(entry) for _ in range(REPAIRS_PER_CALL))
            self._repair_all(entry, changed, budget // 3, REPAIRING_SHARE * seconds)
        return self._tracing.executions - before

    def beside(self, mutate: Callable[[Any], Any], mutator: Mutator, *, raw: bool) -> Callable[[Any], Any]:
        """A mutator that goes on from inputs that have come further in one of eight cases, and tries what may follow
        from them in three; `raw`: whether it takes the one argument itself.
        """
        entries, speculation = self._progress.entries, self._speculation.inputs
        if not entries and not speculation:
            return mutate
        getrandbits, trails = mutator.surroundings.random.getrandbits, mutator.trails

        def mutated(value: Any) -> Any:
            bits = getrandbits(20)
            if bits & 7 > 3:
                return mutate(value)
            if bits & 7 and speculation:
                for each in trails:
                    each[0] = UNTOUCHED
                arguments = speculation.popleft()
                return arguments[0] if raw else arguments
            if bits & 7 or not entries:
                return mutate(value)
            entry = entries[(bits >> 3) % len(entries)]
            return mutate(entry[0] if raw else entry)

        return mutated

    def _remember(self, entry: Arguments, conditions: frozenset[Comparison]) -> None:
        self._forget(entry)
        length = _bytes_of(entry)
        if len(self._conditions) >= MAX_CONDITIONAL or self._conditional_bytes + length > MAX_CONDITIONAL_BYTES:
            self._conditions.clear()
            self._conditional_bytes = 0
        self._conditions[entry] = conditions
        self._conditional_bytes += length

    def _forget(self, entry: Arguments) -> None:
        if self._conditions.pop(entry, None) is not None:
            self._conditional_bytes -= _bytes_of(entry)

    def _repair_all(self, entry: Arguments, inputs: Iterator[Arguments], budget: int, seconds: float) -> None:
        """Queue inputs made from an entry, repaired, as long as that pays."""
        tracing = self._tracing
        conditions = self._conditions[entry]
        end = tracing.executions + min(budget, REPAIRS_PER_CALL)
        allowance = ALLOWANCE
        deadline = Clock.seconds() + seconds
        while tracing.executions < end and not tracing.is_interrupted and Clock.seconds() < deadline:
            changed = next(inputs, None)
            if changed is None:
                break
            before = tracing.executions
            repaired = self._repaired(changed, conditions, end)
            if repaired != entry:  # otherwise it has only been undone
                self._suggestions.add(repaired)
                allowance += ALLOWANCE * (repaired != changed)
            allowance -= tracing.executions - before
            if allowance <= 0:
                self._forget(entry)
                break

    def _repaired(self, changed: Arguments, conditions: Collection[Comparison], end: int) -> Arguments:
        """The input with its broken conditions repaired, as far as that succeeds before execution number `end`."""
        tracing = self._tracing
        comparisons = tracing.comparisons(changed)
        for _ in range(CONDITIONS):
            broken = failed(comparisons, conditions)
            if broken is None:
                break
            apart = self._parts_of(changed)
            for attempt in attempts(apart.values, *broken):
                if tracing.executions == end or tracing.is_interrupted:
                    return changed
                whole = apart.together(attempt.arguments)
                if whole is None:
                    continue
                comparisons = tracing.comparisons(whole)
                if holds(attempt.value, comparisons):
                    changed = whole
                    break
            else:
                break
        return changed


def _bytes_of(arguments: Arguments) -> int:
    return sum(map(size, arguments))
