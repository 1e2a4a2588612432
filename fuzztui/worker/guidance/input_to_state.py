"""Input-to-state: inputs that the comparisons of an entry suggest, beside those that chance makes.

Nothing of this runs in the hot loop: an entry is executed once with its comparisons traced, and the inputs that follow
from them wait in a queue, from which the loop takes before it mutates. (Aschermann et al., Redqueen, NDSS 2019.)
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.guidance import FieldGuidance
from fuzztui.worker.atheris.log import LOG
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.grammar.legible import Legible
from fuzztui.worker.grammar.reading_on import read_on
from fuzztui.worker.guidance.autodictionary import AutoDictionary
from fuzztui.worker.guidance.candidate_budget import LONG, CandidateBudget
from fuzztui.worker.guidance.exploring import Exploring
from fuzztui.worker.guidance.held import Held
from fuzztui.worker.guidance.once import Once
from fuzztui.worker.guidance.suggestions import Suggestions
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.layers.mutation import LayerMutator
from fuzztui.worker.layers.parts import Layered
from fuzztui.worker.mutate import Dictionary, Tried, candidates, tokens
from fuzztui.worker.mutate.elements import missing_elements
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.repair import (
    MAX_ATTEMPTS,
    Broken,
    all_failed,
    attempts,
    conditions_of,
    failed,
    holds,
    is_conditional,
    is_large,
)
from fuzztui.worker.mutate.sizes import Arguments, size
from fuzztui.worker.mutate.trailing import with_room, with_zeros
from fuzztui.worker.mutate.whole import Plain, Taken, Whole
from fuzztui.worker.process.clock import Timer
from fuzztui.worker.structure.in_place import fitting
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.relocated import disentangled

__builtins__ = PRIVATE_BUILTINS

CANDIDATES_PER_ENTRY: Final = 200
"""Candidates tried because a traced comparison suggests them: the best ones; beyond, havoc is as good."""

STRUCTURAL_PER_ENTRY: Final = 4 * CANDIDATES_PER_ENTRY
"""The same in which elements have been added, moved or resized: there are more than a dozen ways, and each needs some
dozens of tries."""

DEEPER: Final = 48
"""Inputs of an entry that are looked at like entries, where what is new in them shows in their comparisons alone."""

DEEPER_SHARE: Final = 5.0
"""Times the seconds of a call that looking at these may take: of a slow test no more than a few are."""

DEEPER_CANDIDATES: Final = 12
"""Candidates tried because of the comparisons of one of these."""

ZEROS_CANDIDATES: Final = 60
"""The same of one with zeros where a number was to be read."""

TRAILING_CANDIDATES: Final = 12
"""Candidates tried of each input with room for a sum at its end, in which it is put right."""

FEWEST_CANDIDATES: Final = 20
"""The same for an entry that is much longer than others."""

REPAIRS_PER_CALL: Final = 1000
"""Executions spent on repairing inputs in one call, if its time allows."""

TRACING_SHARE: Final = 10.0
"""Times the seconds of a call that repairing the candidates of an entry may take, which is done once for each entry."""

REPAIRING_SHARE: Final = 0.5
"""Times the seconds of a call that repairing mutations of an entry may take, which is done in each call."""

BARREN: Final = 32
MOST_SELDOM: Final = 8
"""Calls in a row with repairs that have led to no find until it is repaired in one call of two only, twice as many
until in one of three, and so on; and how seldom at most: a sum that is checked first keeps all finds behind it.
"""

ALLOWANCE: Final = 48
"""Executions that the repair of one input may take on average. Most programs compare values with each other in ways
that no input can break, or that need no repair: their entries are soon not repaired any longer."""

LOOKS: Final = 240
MAX_FURTHER: Final = 8
"""Repaired inputs of one entry of which it is looked at whether they bring the program further, and such that wait."""

FORMS: Final = 4
"""Equalities that may be the one that is to be repaired: a number that was cut out of others, and each of these."""

CONDITIONS: Final = 3
"""Conditions of one input that are repaired one after the other: a length, then a checksum, then one that covers it."""

COVERING: Final = 4
"""Ways to put a sum right that is checked before what it covers, and has been broken by putting that right."""

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
        structure: StructureMutator | None = None,
        *,
        looks_deeper: bool = False,
    ) -> None:
        """`max_len`: bytes of a candidate; `take_apart`: takes inputs apart into what operands may stem from; `layers`
        is told of the layers of entries, `structure` of what they compare; `looks_deeper`: whether what has been added
        to an input is looked at for what it leads to.
        """
        self._looks_deeper = looks_deeper
        self._take_apart = take_apart
        self._layers = layers
        self._structure = structure
        self._tracing = tracing
        self._suggestions = suggestions
        self._dictionary = dictionary
        self._autodictionary = autodictionary
        self._max_len = max_len
        self._tried = Tried()
        self._traced: Final = Once()
        """Entries that have been traced."""
        self._is_anew = False
        """Whether that has been forgotten once: entries that have had their first turn are to be traced, too."""
        self._put_off: Final = Once()
        """Entries that were to be traced when there was no time for it."""
        self._budget = CandidateBudget(CANDIDATES_PER_ENTRY, FEWEST_CANDIDATES)
        self._budget_of_structure = CandidateBudget(STRUCTURAL_PER_ENTRY, FEWEST_CANDIDATES)
        self._conditions: dict[Arguments, frozenset[Comparison]] = {}
        """Entries that fulfil conditions on themselves, with the values that they compare."""
        self._conditional_bytes = 0
        self._further: deque[Arguments] = deque(maxlen=MAX_FURTHER)
        """Repaired inputs that have brought the program further: what follows from them has to be repaired, too."""
        self._repairs_due = 0
        """Calls in which mutations could have been repaired."""
        self._call = Timer()
        self._took = 0.0
        """Seconds of the last call."""
        self._has_repaired = False
        """Whether they have been in the last call."""
        self._barren = 0
        """Calls in a row in which they have been, and have led to no find."""
        self.fields: Final = FieldGuidance(tracing, max_len)
        self.slowness: Final = tracing.slowness
        self.legible: Final = Legible()
        self.held: Final = Held(dictionary, structure)
        readings = None if structure is None else structure.readings
        self.exploring: Final = Exploring(
            tracing, self._parts_of, max_len, self.slowness, self.held, readings, is_off=looks_deeper
        )

    def begin_call(self, seconds: float, found: int, reached: int) -> None:
        """A call of so many seconds begins: in a run that has to be repeatable so many that no clock decides. So many
        inputs were `found` until now, of which so many have `reached` what none had.
        """
        self._call = Timer()
        if self.exploring.begin_call(seconds, found, reached, self._took):
            self._tried, self._is_anew = Tried(), True
            self._traced.clear()
        self.slowness.begin_call(seconds, LONG * self._budget.average)

    def is_due(self, entry: Arguments) -> bool:
        """Whether an entry is to be traced, though its turn is none in which all are."""
        return entry in self._put_off or (self._is_anew and entry not in self._traced)

    def puts_off(self, entry: Arguments, *, is_due: bool) -> bool:
        """Whether nothing is to be learned of an entry in this call, since mutations alone find more than can be looked
        into. One that `is_due` to be traced is so in the next of its turns that has time for it.
        """
        if not self.exploring.is_hurried:
            return False
        if is_due:
            self._put_off.add(entry)
        return True

    def take_further(self) -> Arguments | None:
        """An input that is to be traced like an entry, since it has brought the program further when it was repaired,
        and what follows from it has to be repaired, too; None if there is none, or others wait to be run first.
        """
        return self._further.popleft() if self._further and not self._suggestions.inputs else None

    def trace(self, entry: Arguments, budget: int, seconds: float) -> int:
        """Queue what an entry's comparisons suggest; returns the executions used, at most `budget` (one or more).

        `seconds`: length of the call. An entry that takes longer than that, because it is long, is not looked at: it
        would take as much time as a hundred others. It is in its next turn where nothing is known of how long these
        take, and when long ones have had no more than their part of the time.
        """
        before = self._tracing.executions
        was_put_off = entry in self._put_off
        self._put_off.discard(entry)
        if self.slowness.refuses(_bytes_of(entry)):
            self._put_off.add(entry)
            return 0
        if self.slowness.is_long(_bytes_of(entry)) and budget > 1:
            nanoseconds = self._tracing.nanoseconds(entry)
            if self.slowness.is_too_slow(nanoseconds):
                return 1
            if self.slowness.is_too_slow_yet(nanoseconds) and not was_put_off:
                self._put_off.add(entry)
                return 1
            budget -= 1
        with self._tracing.on():
            compared = self._tracing.comparisons(entry)
            apart, slices = self._parts_of(entry), self._tracing.slices
            if self._layers is not None and isinstance(apart, Layered) and apart.layers:
                self._layers.remember(entry, apart)
            if LOG.reads:
                self._suggestions.extend(self.fields.suggested(entry, compared, (budget - 1) // 4))
            # At another time what has been tried is not asked: in this state it may do something else.
            tried = self._tried if self._traced.add(entry) else None
            comparisons = [each for each in compared if each[0] != "same"]
            if tried is not None:
                comparisons = tried.fresh(comparisons)
            self._autodictionary.update(self._tracing.all_executions)  # modules may be imported as they are needed
            for token in tokens(comparisons, apart.values):
                self._dictionary.add(token)
            replaced = candidates(apart.values, comparisons, CANDIDATES_PER_ENTRY, self._max_len, tried)
            found: Iterator[Arguments] = chain(
                apart.all_together(read_on(apart.values, comparisons, self._max_len)),
                apart.all_together(missing_elements(apart.values, comparisons, self._max_len)),
                apart.exchanged(comparisons),
                apart.resized(comparisons),
                self._budget.apply(entry, apart.all_together(replaced)),
                self.exploring.following.referring(apart, comparisons),
            )
            self.legible.learn(entry, compared)
            self.held.learn(entry, compared)
            lines = self.exploring.lines
            lines.learn(entry, compared)
            if lines.is_known:
                found = lines.all_right(found)
            structural = self.exploring.following.structural(apart, comparisons)
            speculation = self._budget_of_structure.apply(entry, structural)
            structure = self._structure
            if structure is not None:
                structure.remember(entry, compared, slices)
                speculation = in_turns([speculation, structure.suggested(entry, compared, slices)])
            data = entry[0]
            if slices.taken and isinstance(data, bytes):
                for each in chain(fitting(data, slices), disentangled(data, slices)):
                    self.exploring.look_at((each,))
            self.exploring.learn(entry, apart, compared, before + budget - 1)
            if self._looks_deeper:
                self._look_deeper(apart.resized(comparisons), before + budget - 1, DEEPER_SHARE * seconds)
            if is_conditional(apart.values, compared):
                conditions = conditions_of(compared)
                found = in_turns([found, speculation])
                if structure is not None:
                    found = structure.kept_right(entry, found)
                equal = [one for _, one, other in conditions if one == other]
                if structure is None or not structure.keeps(entry, equal):
                    self._remember(entry, conditions)
                    self._repair_all(entry, found, (budget - 1) // 2, TRACING_SHARE * seconds)
            self._make_room(with_room(apart.values, compared), apart, before + budget - 1)
            self._read_zeros(with_zeros(entry, compared), before + budget - 1)
            self._suggestions.extend(found)  # the rest, where repairing does not pay or takes too long
            self.exploring.of_entries.extend(speculation, entry)
        return self._tracing.executions - before

    def _parts_of(self, arguments: Arguments) -> Whole:
        """The input that was traced last, taken apart, with what the target has decoded of it."""
        whole = self._take_apart(arguments)
        transforms = self._tracing.transforms
        if not transforms or type(whole) is not Plain:
            return whole
        return Layered(arguments, transforms, self._max_len, [*self._tracing.slices.ranges])

    def _make_room(self, inputs: Iterator[Arguments], apart: Whole, end: int) -> None:
        """Queue inputs that have room for a sum at their end, as they are and with what it comes out as in them, up to
        execution number `end`.
        """
        tracing = self._tracing
        for longer in apart.all_together(inputs):
            if tracing.executions >= end or tracing.is_interrupted or sum(map(size, longer)) > self._max_len:
                break
            compared = tracing.comparisons(longer)
            equalities = [each for each in compared if each[0] == "same"]
            whole = self._parts_of(longer)
            put = candidates(whole.values, equalities, TRAILING_CANDIDATES, self._max_len)
            self._suggestions.extend(chain(whole.all_together(put), (longer,)))

    def _read_zeros(self, inputs: Iterator[Arguments], end: int) -> None:
        """Queue what follows from inputs that have zeros where they were too short, up to execution number `end`."""
        tracing, structure = self._tracing, self._structure
        for longer in inputs:
            if structure is None or tracing.executions >= end or sum(map(size, longer)) > self._max_len:
                break
            comparisons = [each for each in tracing.comparisons(longer) if each[0] != "same"]
            made = structure.suggested(longer, comparisons, tracing.slices)
            self._suggestions.extend(islice(made, ZEROS_CANDIDATES))

    def _look_deeper(self, inputs: Iterator[Arguments], end: int, seconds: float) -> None:
        """Queue what the comparisons of inputs suggest that may cover nothing new yet, up to execution number `end`,
        for so many seconds of a processor.
        """
        tracing = self._tracing
        timer = Timer()
        for changed in islice(inputs, DEEPER):
            if tracing.executions >= end or tracing.is_interrupted or timer.seconds > seconds:
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
        other entries, and while inputs are waiting, and is seldom done where it has long led to nothing.
        """
        self._has_repaired = False
        if self._suggestions.inputs or entry not in self._conditions:
            return 0
        self._repairs_due += 1
        if self._repairs_due % min(MOST_SELDOM, 1 + self._barren // BARREN):
            return 0
        self._has_repaired = True
        before = self._tracing.executions
        with self._tracing.on():
            changed = (mutate(entry) for _ in range(REPAIRS_PER_CALL))
            self._repair_all(entry, changed, budget // 3, REPAIRING_SHARE * seconds)
        return self._tracing.executions - before

    def settle(self, finds: int) -> None:
        """A call is over, in which so many of the queued inputs have found something."""
        self._took = self._call.seconds
        if self._has_repaired:
            self._barren = 0 if finds else self._barren + 1

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
        end = tracing.executions + min(budget, REPAIRS_PER_CALL)
        allowance, looks = ALLOWANCE, LOOKS
        timer = Timer()
        while tracing.executions < end and not tracing.is_interrupted and timer.seconds < seconds:
            changed = next(inputs, None)
            if changed is None:
                break
            if self.slowness.holds_back(changed):
                continue
            before = tracing.executions
            repaired, comparisons = self._repaired(changed, entry, end)
            if repaired != entry:  # otherwise it has only been undone
                self._suggestions.add(repaired)
                if comparisons is not None and looks:
                    looks -= 1
                    if self.exploring.has_come_further(repaired, comparisons):
                        self._further.append(repaired)
                allowance += ALLOWANCE * (repaired != changed)
            allowance -= tracing.executions - before
            if allowance <= 0:
                self._forget(entry)
                break

    def _repaired(self, changed: Arguments, entry: Arguments, end: int) -> tuple[Arguments, list[Comparison] | None]:
        """The input with the broken conditions of its entry repaired, as far as that succeeds before execution number
        `end`, and what it compares, if all are.
        """
        conditions = self._conditions[entry]
        comparisons = self._tracing.comparisons(changed)
        for _ in range(CONDITIONS):
            broken = [*islice(all_failed(comparisons, conditions), FORMS)]
            if not broken:
                return changed, comparisons
            apart = self._parts_of(changed)
            tries = (self._put_right(apart, each, conditions, end, MAX_ATTEMPTS) for each in broken)
            made = next((each for each in tries if each is not None), None)
            if made is None:
                return changed, None
            changed, comparisons = made
        return changed, comparisons

    def _put_right(
        self, apart: Whole, broken: Broken, conditions: Collection[Comparison], end: int, most: int
    ) -> tuple[Arguments, list[Comparison]] | None:
        """An input with an equality put right in one of so many ways, and what it compares; None if that does not
        succeed before execution number `end`.
        """
        tracing = self._tracing
        for attempt in islice(attempts(apart.values, broken), most):
            if tracing.executions >= end or tracing.is_interrupted:
                break
            whole = apart.together(attempt.arguments)
            if whole is None:
                continue
            comparisons = tracing.comparisons(whole)
            made: tuple[Arguments, list[Comparison]] | None = (whole, comparisons)
            # Of a sum it is the same one again that is wrong: it was put right in the wrong place.
            covering = None if is_large(broken) else failed(comparisons, conditions)
            if covering is not None and is_large(covering):
                made = self._put_right(self._parts_of(whole), covering, conditions, end, COVERING)
            if made is not None and holds(broken, attempt.value, made[1]):
                return made
        return None


def _bytes_of(arguments: Arguments) -> int:
    return sum(map(size, arguments))
