"""Goes on from inputs that cover nothing new, but bring the program further: the states that lie between two branches.

Two looks are taken at some of what is made from an entry, each within its part of the time: at what the program
compares (see `progress`), and, which takes less, at what it covers together (see `paths`).
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.checked_lines import CheckedLines
from fuzztui.worker.grammar.elements import in_turns, wanted_of, with_value
from fuzztui.worker.grammar.recombining import recombined
from fuzztui.worker.guidance.eagerness import Eagerness
from fuzztui.worker.guidance.following import FEW, JOINED, Following, is_binary_alone
from fuzztui.worker.guidance.held import Held
from fuzztui.worker.guidance.leads import Leads
from fuzztui.worker.guidance.paths import Paths
from fuzztui.worker.guidance.progress import Progress
from fuzztui.worker.guidance.rarity import Rarity
from fuzztui.worker.guidance.recent import Recent
from fuzztui.worker.guidance.seeking import Seeking
from fuzztui.worker.guidance.slowness import Slowness
from fuzztui.worker.guidance.speculation import OfEntries, Speculation
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.adaptive import UNTOUCHED
from fuzztui.worker.mutate.crossing import crossed
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments, size
from fuzztui.worker.mutate.whole import Whole
from fuzztui.worker.process.clock import Timer
from fuzztui.worker.structure.aligned import Aligned
from fuzztui.worker.structure.as_read import Reading, as_read
from fuzztui.worker.structure.exchanged import Exchanges
from fuzztui.worker.structure.readings import Readings
from fuzztui.worker.structure.turned import Turns
from fuzztui.worker.trimming import trim

__builtins__ = PRIVATE_BUILTINS

FURTHER: Final = 300
"""Inputs of an entry that are traced since they may bring the program further without covering anything new."""

AT_ONCE: Final = 300
"""Of these, when an entry is traced; later ones have their part of the time."""

FOLLOWED: Final = 300
"""Inputs that are tried since they follow from one that has come further."""

ELEMENTS: Final = 400
"""Inputs with one element more that are tried since it, or what it goes into, has just been read."""

NESTED: Final = 160
"""Inputs with another one in the place of what was read last in one."""

TURNED: Final = 1000
"""Inputs with one element more or less of several that have been read turn by turn."""

SPLICED: Final = 1000
"""Inputs with the first elements of one and the last ones of another."""

EXCHANGED: Final = 300
"""Inputs with what one call of a function has read in the place of what another one has."""

STATEMENTS: Final = 60
"""Inputs with one statement more that are tried since they follow from one in a new state."""

MANY: Final = 200
"""Candidates tried because of the comparisons of one that has come further; `FEW` of another that is looked at."""

MAX_WAITING: Final = 32
"""Inputs that wait to be traced: the latest."""

EXPLORED: Final = 8
"""One call in so many has some of its mutations traced."""

EXPLORING: Final = 64
"""Mutations that are traced then."""

LOOKING_SHARE: Final = 0.05
"""Part of the time that may be spent on looking at what mutations compare."""

PURSUING_SHARE: Final = 0.08
"""The same for what follows from inputs that have come further. Looking would leave nothing of it, most of the time in
vain.
"""

SEEKING_SHARE: Final = 0.05
"""The same for inputs with a key that was looked up in vain, however many states there are."""

LOOKING_AHEAD: Final = 5.0
"""Calls' worth of that time which may be spent at once: in its beginning a search has most to look at."""

WALKING_SHARE: Final = 0.1
"""Part of the time in which it is looked at what inputs cover together."""

FEWEST_STEPS: Final = 16
"""Executions: for fewer, functions are not given other code."""

TRIMMING: Final = 48
"""Executions for making an input shorter that covers together what none did."""

LONG: Final = 4096
LONGER: Final = 4
"""An input is gone on from in the turns of entries that have a fourth of its length, at least, if it is longer than so
many bytes: else it would take the time in which hundreds of mutations of a short entry run.
"""

_HALF: Final = 1 << 19
"""Of random bits the one that leaves out every second case."""

_CROSSED: Final = 1 << 18
"""The same where an entry is crossed with another one, in half of the cases in which inputs that have come further are
gone on from.
"""

_SPLICED: Final = 1 << 17
"""The same where what an entry suggests are elements of several."""

_OTHERS: Final = 7 << 20
_MOSTLY_OTHERS: Final = 31 << 20
_OTHERS_IN_LEG: Final = 1 << 20
"""Of random bits those of which one is set where no input is tried that an entry suggests: in seven of eight cases, in
31 of 32 while mutations find something all the time, and where nothing has been found for long, and in half of those
where nothing but what may lead further is tried.
"""

MAX_LACKING: Final = 8
PER_FILLER: Final = 80
"""Inputs that lack something, and those that follow from each with a value that has just been found."""


class Exploring:
    """What has been learnt of the states of a program, and inputs that follow from it."""

    def __init__(
        self,
        tracing: Tracing,
        parts_of: Callable[[Arguments], Whole],
        max_len: int,
        slowness: Slowness,
        held: Held,
        readings: Readings | None = None,
        *,
        is_off: bool = False,
    ) -> None:
        """`parts_of`: takes the input apart that was traced last; `slowness`: tells which inputs are too long to go on
        from; `held`: what of an input is right; `readings`: takes binary data as they were read; `is_off`: whether
        mutations are not looked at.
        """
        self._tracing = tracing
        self._parts_of = parts_of
        self._max_len = max_len
        self._slowness = slowness
        self._held = held
        self._is_off = is_off
        self._readings = Readings() if readings is None else readings
        self._turns = Turns()
        self._exchanges = Exchanges()
        self._progress = Progress()
        self._paths = Paths()
        self._recent = Recent()
        self.following: Final = Following(max_len)
        self.lines: Final = CheckedLines()
        """What the lines of inputs end in."""
        self.speculation: Final = Speculation()
        """Inputs to try beside mutations, since there are many of them and few lead anywhere."""
        self.of_entries: Final = OfEntries()
        """The same of those that entries suggest, which states, of which there may be ever so many, must not displace.
        """
        self.spliced: Final = OfEntries()
        """The same of elements of several of them."""
        self._lacking: deque[tuple[Whole, list[Comparison]]] = deque(maxlen=MAX_LACKING)
        """Inputs in which something is lacking, with what they compare, the latest last: a value that nothing has told
        may be among the inputs still to come."""
        self._waiting: deque[Arguments] = deque(maxlen=MAX_WAITING)
        """Inputs to be traced when there is time."""
        self._calls = 1.0
        """As which this call counts, since the one before was long."""
        self._due = 0.0
        """Calls since some mutations were traced."""
        self._leads: Final = Leads()
        self._seeking: Final = Seeking()
        self._looking: float | None = None
        """Seconds that may be spent on looking at what mutations compare; None before the first call."""
        self._pursuing = 0.0
        """The same for what follows from inputs."""
        self._walking = 0.0
        """The same for what they cover together."""
        self._sought = 0.0
        """The same for keys that were looked up in vain."""
        self._speculated = 0
        """Inputs that were handed to the fuzzing loop instead of mutations, since last asked."""
        self.eagerness: Final = Eagerness()

    def begin_call(self, seconds: float, found: int, reached: int, took: float = 0.0) -> bool:
        """A call of so many seconds begins: in a run that has to be repeatable so many that no clock decides. So many
        inputs were `found` until now, of which so many have `reached` what none had. `took`: seconds of the call
        before, which are far more where an entry was looked into; what follows from inputs has its part of these, as
        far as it has led further. Returns whether states are learned anew from now on.
        """
        is_anew = self.eagerness.count(found, reached, self._tracing.all_executions) and not self._is_off
        if is_anew:
            self._progress, self._paths, self._recent = Progress(), Paths(), Recent()
            self.following.rarity = Rarity()
            self._leads.clear()
            self._seeking.clear()
        self._calls = max(1.0, took / seconds) if seconds else 1.0
        pursued = seconds + max(0.0, took - seconds) * self._leads.promise
        most, looking, walking = LOOKING_AHEAD * seconds, self.eagerness.looking, self.eagerness.walking
        if self._looking is None:
            self._looking = self._pursuing = self._sought = most
        self._looking = min(self._looking + looking * LOOKING_SHARE * seconds, most)
        self._pursuing = min(self._pursuing + looking * PURSUING_SHARE * pursued, LOOKING_AHEAD * pursued)
        self._sought = min(self._sought + self.eagerness.worth * SEEKING_SHARE * seconds, most)
        # What a walk took too long is missing in the next ones: making one input shorter may take as long as many.
        self._walking = max(-seconds, min(0.0, self._walking)) + walking * WALKING_SHARE * seconds
        return is_anew

    @property
    def is_hurried(self) -> bool:
        """Whether this call is left to mutations alone, see `Eagerness`."""
        return self.eagerness.is_hurried and not self._is_off

    def look_at(self, arguments: Arguments) -> None:
        """Trace an input when it is time to."""
        self._waiting.append(arguments)

    def learn(self, entry: Arguments, apart: Whole, compared: list[Comparison], end: int) -> None:
        """Learn of an entry that has just been traced, and queue what follows from inputs in which something can be
        decoded that could not, or is no longer lacking, up to execution number `end`: mostly that covers nothing new by
        itself.
        """
        tracing = self._tracing
        self._note_filler(entry)
        self.following.entries.append(entry)
        self.following.learn(apart.values, compared)
        self._learn_elements(entry, apart, compared, is_entry=True)
        self._is_new(compared, apart)
        comparisons = [each for each in compared if each[0] != "same"]
        self.following.rarity.count(comparisons)
        references = self.following.references.new
        self.speculation.extend(self._recent.add(apart, comparisons, self._max_len, references), apart.values)
        scattered = self.following.scattered(apart, comparisons)
        if scattered is not None:
            self.of_entries.extend(scattered, entry)
        if self._seek_for(apart, comparisons):
            self._lacking.append((apart, comparisons))
        self._leads.add(islice(self._steps(apart, comparisons), FURTHER))
        self._pursue(min(end, tracing.executions + AT_ONCE))
        self._seek(min(end, tracing.executions + AT_ONCE))

    def has_come_further(self, changed: Arguments, compared: list[Comparison]) -> bool:
        """Whether an input that has just been traced brings the program into a state that it has not been in. Where
        nothing but the order of things is new it is gone on from, but that is not said.
        """
        if self._is_off:
            return False
        apart = self._parts_of(changed)
        if not self._progress.is_new(compared, self._tracing.transforms, apart.values):
            return False
        if self._progress.is_slight:
            self._has_come_further(changed, apart, [each for each in compared if each[0] != "same"])
        return not self._progress.is_slight

    def _is_new(self, compared: list[Comparison], apart: Whole) -> bool:
        """Whether the input that was traced last has come further: of binary data, also where it was asked from."""
        tracing = self._tracing
        contexts = tracing.contexts if is_binary_alone(apart) else ()
        return self._progress.is_new(compared, tracing.transforms, apart.values, contexts)

    def _learn_elements(
        self, entry: Arguments, apart: Whole, comparisons: list[Comparison], *, is_entry: bool = False
    ) -> None:
        """Of the input that was traced last, if it is binary data."""
        data = entry[0]
        if len(entry) == 1 and type(data) is bytes and is_binary_alone(apart):
            slices = self._tracing.slices
            reading = self._readings.learn(data, slices)
            if reading is not None:
                self.speculation.extend(islice(self._fitting(self._turns.nested(reading)), NESTED), entry)
                self.speculation.extend(islice(self._fitting(self._exchanges.learn(reading)), EXCHANGED), entry)
            for each in (*self._readings.take_revised(), reading):
                if each is not None and each.runs:
                    self._learn_turns(each, is_entry=is_entry)
            made = self.following.elements.learn(data, list(slices.ranges), comparisons)
            self.speculation.extend(islice(self._fitting(made), ELEMENTS), entry)

    def _learn_reading(self, arguments: Arguments, apart: Whole) -> None:
        """How the input was read that was traced last, which has covered together what none has."""
        data = arguments[0]
        if len(arguments) == 1 and type(data) is bytes and is_binary_alone(apart):
            reading = self._readings.learn(data, self._tracing.slices)
            if reading is not None and reading.runs:
                self._turns.learn(reading, is_entry=False)
                self._splice(reading)

    def _splice(self, reading: Reading) -> None:
        spliced = self._fitting(self._turns.spliced(reading))
        self.spliced.extend(islice(spliced, SPLICED), (reading.data,))

    def _learn_turns(self, reading: Reading, *, is_entry: bool) -> None:
        spread = self._turns.learn(reading, is_entry=is_entry)
        turned = in_turns([self._turns.changed(reading), spread()])
        self.speculation.extend(islice(self._fitting(turned), TURNED), (reading.data,))
        self._leads.add(islice(self._fitting(spread()), FURTHER))
        self._splice(reading)

    def _fitting(self, made: Iterator[bytes]) -> Iterator[Arguments]:
        """Those that are no longer than an input may be."""
        return ((each,) for each in made if len(each) <= self._max_len)

    def _pursue(self, end: int) -> None:
        """Trace what follows from inputs, and what follows from those that come further."""
        tracing, leads, timer = self._tracing, self._leads, Timer()
        while leads and tracing.executions < end and not tracing.is_interrupted and timer.seconds < self._pursuing:
            changed = leads.next()
            if changed is None:
                continue
            changed = self.lines.right(changed)
            if self._slowness.holds_back(changed):
                continue
            found, compared = self._compared(changed)
            apart = self._parts_of(changed)
            is_further = self._is_new(compared, apart)
            leads.note(is_further=is_further)
            if is_further:
                self._has_come_further(changed, apart, found)
        self._pursuing -= timer.seconds

    def _seek_for(self, apart: Whole, comparisons: list[Comparison]) -> bool:
        """Whether something is lacking in an input, for which others are tried then."""
        wanted = wanted_of(comparisons)
        if wanted:
            made = self.following.lacking(apart, comparisons)
            self._seeking.add(apart.values, [each.key for each in wanted], made)
        return bool(wanted)

    def _seek(self, end: int) -> None:
        """Trace inputs that may have what was lacking, and go on from those that have."""
        tracing, seeking, timer = self._tracing, self._seeking, Timer()
        while seeking and tracing.executions < end and not tracing.is_interrupted and timer.seconds < self._sought:
            sought = seeking.next()
            if sought is None:
                continue
            keys, changed = sought
            changed = self.lines.right(changed)
            if self._slowness.holds_back(changed):
                continue
            found, compared = self._compared(changed)
            if seeking.has_found(keys, found):
                apart = self._parts_of(changed)
                self._is_new(compared, apart)
                self._go_on(changed, apart, found)
        self._sought -= timer.seconds

    def _compared(self, changed: Arguments) -> tuple[list[Comparison], list[Comparison]]:
        """What an input compares, without which of these are of no constant, and with that."""
        compared = self._tracing.comparisons(changed)
        found = [each for each in compared if each[0] != "same"]
        self.following.rarity.count(found)
        return found, compared

    def _has_come_further(self, changed: Arguments, apart: Whole, comparisons: list[Comparison]) -> None:
        if not self._progress.is_of_context:
            self.eagerness.note_state()
        self._go_on(changed, apart, comparisons)

    def _go_on(self, changed: Arguments, apart: Whole, comparisons: list[Comparison]) -> None:
        self._progress.keep(changed)
        self._held.learn(changed, comparisons)
        self._seek_for(apart, comparisons)
        self.following.learn(apart.values, comparisons)
        self._learn_elements(changed, apart, comparisons)
        self._follow(apart, comparisons, MANY)
        further = islice(self._steps(apart, comparisons), FURTHER)
        self._leads.add(further, is_slight=self._progress.is_slight)

    def explore(self, entry: Arguments, mutator: Mutator, budget: int) -> int:
        """Look at what waits, in one call of several at some mutations of an entry, too, and keep what brings the
        program into a state that it has not been in; returns the executions used, at most three tenths of `budget`.
        """
        if self._is_off:
            return 0
        before = self._tracing.executions
        self._due += self._calls
        is_due = self._due >= EXPLORED
        if is_due:
            self._due = 0.0
        if is_due or self._waiting:
            self._look(entry, mutator, min(EXPLORING, budget // 10) if is_due else len(self._waiting), budget // 10)
        if budget // 10 >= FEWEST_STEPS and self._walking > 0:
            self._walk(entry, mutator, budget // 10)
        return self._tracing.executions - before

    def _look(self, entry: Arguments, mutator: Mutator, count: int, budget: int) -> None:
        """At the comparisons of so many inputs."""
        tracing = self._tracing
        end, timer = tracing.executions + budget, Timer()
        with tracing.on():
            for number in range(count):
                if tracing.is_interrupted or timer.seconds > (self._looking or 0.0) or tracing.executions >= end:
                    break
                entries = self._progress.entries
                waited = bool(self._waiting)
                if waited:
                    changed = self._waiting.popleft()
                else:
                    start = entries[number // 2 % len(entries)] if entries and number & 1 else entry
                    changed = self.lines.right(self._mutated(start, mutator))
                if self._slowness.holds_back(changed):
                    continue
                found, compared = self._compared(changed)
                apart = self._parts_of(changed)
                if self._is_new(compared, apart):
                    self._has_come_further(changed, apart, found)
                elif waited:
                    self._held.learn(changed, compared)
                    self._learn_reading(changed, apart)
                    self._follow(apart, found, FEW)
            self._looking = (self._looking or 0.0) - timer.seconds
            # Not in a turn of its own: functions that are given other code run slowly at first.
            self._pursue(tracing.executions + budget)
            self._seek(tracing.executions + budget)

    def _walk(self, entry: Arguments, mutator: Mutator, budget: int) -> None:
        """Look at what mutations cover together."""
        tracing, paths = self._tracing, self._paths
        end, timer = tracing.executions + budget, Timer()
        with tracing.covering():
            path = tracing.path(entry, paths)
            if path is not None:
                paths.add(path)
            while tracing.executions < end and not tracing.is_interrupted and timer.seconds < self._walking:
                likely = self.spliced.take() if tracing.executions & 3 == 3 else None
                if likely is None and tracing.executions & 1:
                    likely = self.speculation.take()
                changed = self.lines.right(likely or self._next_step(entry, mutator))
                path = tracing.path(changed, paths)
                new = paths.add(path) if path is not None else None
                if new:
                    self.eagerness.note_pair()
                    shorter = self._trimmed(changed, {cell for pair in new for cell in pair}, mutator)
                    paths.keep(shorter)
                    self._note_filler(shorter)
                    self._waiting.append(shorter)
            self._walking -= timer.seconds

    def _next_step(self, entry: Arguments, mutator: Mutator) -> Arguments:
        getrandbits, pool = mutator.surroundings.random.getrandbits, mutator.entries
        bits = getrandbits(30)
        kept = self._paths.entries if bits & 8 else self._progress.entries
        start = kept[(bits >> 4) % len(kept)] if kept and bits & 1 else entry
        others = kept if kept and bits & 2 else pool
        if not bits & 4 or not others:
            return self._mutated(start, mutator)
        return self.recombined(start, others, mutator)

    def _mutated(self, start: Arguments, mutator: Mutator) -> Arguments:
        mutate = self._held.keeping(mutator.mutate, start, mutator.surroundings.random.getrandbits, raw=False)
        made: Arguments = mutate(start)
        return made

    def _changed_as_read(self, reading: Reading, mutator: Mutator) -> Arguments:
        """Binary data with a change between places at which they were read."""
        surroundings = mutator.surroundings
        getrandbits, latest = surroundings.random.getrandbits, self._readings.latest
        aligned = Aligned(getrandbits, mutator.mutate_bytes, surroundings.dictionary.ints)
        changed = self._held.heading(
            lambda _: aligned.changed(reading, latest[getrandbits(16) % len(latest)]),
            (reading.data,),
            getrandbits,
            raw=True,
        )(reading.data)
        return (changed if len(changed) <= self._max_len else reading.data,)

    def recombined(self, start: Arguments, others: Sequence[Arguments], mutator: Mutator) -> Arguments:
        """An input in which elements of a text have been put together anew, or which has been mutated where there is
        none.
        """
        random = mutator.surroundings.random
        index = random.getrandbits(8) % len(start)
        value: Any = start[index]
        if type(value) is not bytes and type(value) is not str:
            return mutator.mutate(start)
        reading = self._readings.get(value) if len(start) == 1 and type(value) is bytes else None
        if reading is not None and random.getrandbits(2):
            return self._changed_as_read(reading, mutator)
        changed = value
        for _ in range(1 + random.getrandbits(2)):
            other = self._other(others, index, mutator)
            if type(other) is type(value):
                changed = recombined(changed, other, self.following.signs.texts, random)
        if changed == value or len(changed) * 4 > self._max_len:
            return mutator.mutate(start)
        return (*start[:index], changed, *start[index + 1 :])

    def crossed(self, start: Arguments, mutator: Mutator) -> Arguments | None:
        """An input with some pieces of a text from another entry; None where the two have no signs equally often."""
        random, entries = mutator.surroundings.random, mutator.entries
        index = random.getrandbits(8) % len(start)
        value: Any = start[index]
        if not entries or (type(value) is not bytes and type(value) is not str):
            return None
        other: Any = entries[random.getrandbits(30) % len(entries)][index]
        signs: Any = self.following.signs.texts
        if type(value) is bytes:
            signs = [sign.encode("utf-8", "surrogatepass") for sign in signs]
        changed = crossed(value, other, signs, random.getrandbits(23))
        return None if changed is None or changed == value else (*start[:index], changed, *start[index + 1 :])

    def _other(self, others: Sequence[Arguments], index: int, mutator: Mutator) -> Any:
        """What elements are taken of: another input, a word of the dictionary, a number."""
        surroundings = mutator.surroundings
        getrandbits, dictionary = surroundings.random.getrandbits, surroundings.dictionary
        bits = getrandbits(30)
        other: Any = others[(bits >> 3) % len(others)][index]
        if bits & 6:
            return other
        words = dictionary.near_words if bits & 8 else dictionary.words
        text: Any = (
            b"%d" % dictionary.ints[(bits >> 4) % len(dictionary.ints)] if dictionary.ints and bits & 1 else None
        )
        if text is None:
            text = words[(bits >> 4) % len(words)] if words else other
        return text.decode("latin-1") if isinstance(text, bytes) and isinstance(other, str) else text

    def _trimmed(self, arguments: Arguments, wanted: set[int], mutator: Mutator) -> Arguments:
        def keeps(candidate: Arguments) -> bool:
            if self._tracing.is_interrupted:
                return False
            path = self._tracing.path(candidate)
            return path is not None and wanted.issubset(path)

        return trim(arguments, keeps, TRIMMING, mutator.roots)[0]

    def take_speculated(self) -> int:
        """Inputs since last asked that were tried beside mutations, and are none of an operator's."""
        speculated, self._speculated = self._speculated, 0
        return speculated

    def beside(
        self, mutate: Callable[[Any], Any], entry: Arguments, mutator: Mutator, *, raw: bool, is_in_leg: bool = False
    ) -> Callable[[Any], Any]:
        """A mutator that goes on from inputs that have come further in one of eight cases, if they are not far longer
        than the entry whose turn it is, and tries what may follow from them in three, or in one where that has long
        been in vain; where there are ever so many such inputs, it does both in one of sixteen, and where finds are,
        in none of most calls. Before these come inputs that entries suggest, or that have elements of several, in
        one of eight cases, or of 32.
        `is_in_leg`: whether it has a part of the time, by what it finds, and does nothing else in that: what entries
        suggest in half of all cases, and of the others the first in one of four. In half of the cases in which it would
        go on from inputs that have come further it crosses the entry with another one. `raw`: whether it takes the one
        argument itself.
        """
        if self.is_hurried:
            return mutate
        longest = max(LONG, LONGER * sum(map(size, entry)))
        further = [each for each in self._progress.entries if sum(map(size, each)) <= longest]
        together = [each for each in self._paths.entries if sum(map(size, each)) <= longest]
        speculation, of_entries, spliced = self.speculation, self.of_entries, self.spliced
        if not further and not together and not speculation and not of_entries and not spliced:
            return mutate
        getrandbits, trails = mutator.surroundings.random.getrandbits, mutator.trails
        own = self._held.keeping(mutate, entry, getrandbits, raw=raw)
        recombined, crossing, slowness, keeping = self.recombined, self.crossed, self._slowness, self._held.keeping
        kept: dict[Arguments, Callable[[Any], Any]] = {}
        eagerness = self.eagerness
        is_seldom = eagerness.is_swamped or eagerness.is_stale or eagerness.is_fruitful
        most, left_out, cases = 1 if is_seldom else 3, _HALF if eagerness.is_swamped else 0, 7
        of_others = _MOSTLY_OTHERS if eagerness.is_fruitful or eagerness.is_stale else _OTHERS
        if is_in_leg:
            most, left_out, cases, of_others = 3, 0, 3, _OTHERS_IN_LEG

        def mutated(value: Any) -> Any:
            bits = getrandbits(25)
            case = bits & cases
            arguments = None if bits & of_others else (bits & _SPLICED and spliced.take()) or of_entries.take()
            if arguments is None and not case and bits & _CROSSED:
                arguments = crossing(entry, mutator)
            if arguments is None:
                if case > most or bits & left_out:
                    return own(value)
                arguments = speculation.take() if case else None
            if arguments is None:
                entries = (together if bits & 16 else further) or further
                if case > 1 or not entries:
                    return own(value)
                arguments = entries[(bits >> 5) % len(entries)]
                if slowness.holds_back(arguments):
                    return mutate(value)
                if bits & 8:
                    careful = kept.get(arguments)
                    if careful is None:
                        careful = kept[arguments] = keeping(mutate, arguments, getrandbits, raw=raw)
                    return careful(arguments[0] if raw else arguments)
                arguments = recombined(arguments, entries, mutator)
            if slowness.holds_back(arguments):
                return mutate(value)
            self._speculated += 1
            for each in trails:
                each[0] = UNTOUCHED
            return arguments[0] if raw else arguments

        return mutated

    def in_right_lines(self, mutate: Callable[[Any], Any], mutator: Mutator, *, raw: bool) -> Callable[[Any], Any]:
        """A mutator that puts the sums of lines right in three of four cases, if any are known; in one, if they may be
        none.
        """
        if not self.lines.is_known:
            return mutate
        getrandbits, right = mutator.surroundings.random.getrandbits, self.lines.right
        cases = 3 if self.lines.is_certain else 1

        def mutated(value: Any) -> Any:
            made = mutate(value)
            if getrandbits(2) >= cases:
                return made
            return right((made,))[0] if raw else right(made)

        return mutated

    def _note_filler(self, entry: Arguments) -> None:
        for text in self.following.new_fillers(entry):
            for apart, comparisons in self._lacking:
                filled = with_value(apart.values, comparisons, self._max_len, text)
                self.speculation.extend(islice(apart.all_together(filled), PER_FILLER), apart.values)

    def _follow(self, apart: Whole, comparisons: list[Comparison], limit: int) -> None:
        """Queue what follows from an input that has come further without covering anything new; in its state, what
        has been tried elsewhere may do something else.
        """
        following = self.following
        steps = self._steps(apart, comparisons)
        followers = following.followers(apart, comparisons, steps, limit, self._tracing.slices)
        reading = self._reading(apart)
        if reading is not None:
            followers = as_read(reading, followers)
        self.speculation.extend(islice(followers, FOLLOWED if limit > FEW else limit), apart.values)
        self.speculation.extend(islice(following.statements(apart, comparisons), STATEMENTS), apart.values)
        scattered = following.scattered(apart, comparisons)
        if scattered is not None:
            self.speculation.extend(scattered, apart.values)

    def _steps(self, apart: Whole, comparisons: list[Comparison]) -> Iterator[Arguments]:
        others = [*self._progress.entries[-JOINED:], *self._paths.entries[-JOINED:]]
        steps = self.following.steps(apart, comparisons, others, self._tracing.slices)
        reading = self._reading(apart)
        if reading is None:
            return steps
        return in_turns([as_read(reading, steps), self._fitting(self._turns.changed(reading))])

    def _reading(self, apart: Whole) -> Reading | None:
        """How an input was read, if that is known, and there is but one value in it."""
        data = apart.values[0]
        return self._readings.get(data) if len(apart.values) == 1 and type(data) is bytes else None
