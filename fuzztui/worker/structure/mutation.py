"""Random changes of inputs by their parts, beside those of their bytes. Hot code."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.companion import Companion
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sized import is_binary, may_be_binary
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.structure.aligned import Aligned
from fuzztui.worker.structure.anatomy import MAX_SIZE, Anatomy, Layouts
from fuzztui.worker.structure.as_read import Reading, keeps, kept_right, put_right
from fuzztui.worker.structure.editing import Path, followed, group_at, part_at, paths, resized, with_part, with_parts
from fuzztui.worker.structure.equal import changed_together
from fuzztui.worker.structure.fixed import filled
from fuzztui.worker.structure.in_place import put_in_place
from fuzztui.worker.structure.moved import moved
from fuzztui.worker.structure.numbers import put_in
from fuzztui.worker.structure.offsets import offsets_of, shifted
from fuzztui.worker.structure.parts import Group, Part, parsed, written
from fuzztui.worker.structure.read_parts import lengthened, read_group, read_lengths
from fuzztui.worker.structure.readings import Readings
from fuzztui.worker.structure.relocated import relocated
from fuzztui.worker.structure.slices import Slices
from fuzztui.worker.structure.stuffing import stuffed
from fuzztui.worker.structure.suggested import places_of, suggested, totals_of, values_of
from fuzztui.worker.structure.vocabulary import Vocabulary
from fuzztui.worker.structure.within_parts import put_into_parts

__builtins__ = PRIVATE_BUILTINS

MOST_ENTRIES: Final = 512
"""Entries whose parts are remembered; beyond that, all are forgotten."""

MAX_SUGGESTED: Final = 300
"""Inputs with other parts that the comparisons of one entry lead to."""

_NO_SLICES: Final = Slices()

_EARLIER: Final = 64
"""Entries that are looked at again when there is a new layout."""

_AGAIN: Final = 3
"""Mutations that are made in turn until one is left when it is put right."""

_SMALLEST: Final = 2
_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 16)


class StructureMutator:
    """Mutates the parts of entries, beside the mutator of the entries themselves."""

    def __init__(self, mutator: Mutator, max_len: int) -> None:
        self._mutator = mutator
        self._max_len = max_len
        self._layouts = Layouts()
        self._vocabulary = Vocabulary()
        self._known: dict[bytes, list[Anatomy]] = {}
        self.readings: Final = Readings()
        self._companion: Companion | None = None
        """Made when there is something to mutate."""

    def remember(self, entry: Arguments, comparisons: Sequence[Comparison], slices: Slices = _NO_SLICES) -> None:
        """Take an entry apart that has been traced, if it is binary data. `slices`: what the program took of it."""
        data = entry[0]
        if len(entry) == 1 and type(data) is bytes:
            self.readings.learn(data, slices)
        if len(entry) != 1 or type(data) is not bytes or not _SMALLEST <= len(data) <= MAX_SIZE or not is_binary(data):
            return
        anatomies = self._known.get(data)
        if anatomies is None:
            known = places_of(data, comparisons)
            anatomies = self._layouts.anatomies(data, values_of(comparisons), totals_of(comparisons), known)
            read = read_group(data, slices)
            if read is not None:
                lengths = read_lengths(data, slices)
                anatomies = [_without_sums(each, len(data), lengths) for each in anatomies]
                anatomies = [each for each in anatomies if each.group.parts or each.sums]
                sums = anatomies[0].sums if anatomies else ()
                anatomies.insert(bool(sums) or any(each.is_checked for each in anatomies[:1]), Anatomy(read, sums))
            offsets = offsets_of(data, slices)
            if offsets:
                anatomies = [each._replace(offsets=offsets) for each in anatomies or [Anatomy(Group(data), ())]]
        if len(self._known) >= MOST_ENTRIES:
            self._known.clear()
        if anatomies:
            self._known[data] = anatomies
            for anatomy in anatomies:
                if anatomy.is_checked and not self._vocabulary.kinds(anatomy.group.parts[0].layout):
                    self._learn_anew(anatomy.group)
                self._vocabulary.learn(anatomy.group, comparisons)

    def _learn_anew(self, group: Group) -> None:
        """Learn the parts of earlier entries that have the layout of a group, which is a new one: those that were too
        short to tell.
        """
        for data in [*self._known][-_EARLIER:]:
            made = parsed(data, len(group.head), len(data), group.parts[0].layout, whole=False)
            if made is not None:
                self._vocabulary.learn(Group(b"", made[0]), ())

    def suggested(
        self, entry: Arguments, comparisons: Sequence[Comparison], slices: Slices = _NO_SLICES
    ) -> Iterator[Arguments]:
        """Inputs with other parts that the comparisons of an entry lead to."""
        data = entry[0]
        if len(entry) != 1 or not isinstance(data, bytes) or not may_be_binary(data):
            return iter(())
        parts = suggested(self._known.get(data, ()), comparisons, self._vocabulary)
        made = in_turns(
            [
                parts,
                put_in(data, comparisons, slices),
                stuffed(data, comparisons),
                lengthened(data, slices, put_in_place(data, comparisons, slices)),
                relocated(data, comparisons, slices),
                put_into_parts(data, comparisons, slices),
                changed_together(data, comparisons, slices),
                moved(data, comparisons, slices),
                filled(data, comparisons, slices),
            ]
        )
        return ((each,) for each in islice(made, MAX_SUGGESTED) if len(each) <= self._max_len)

    def kept_right(self, entry: Arguments, inputs: Iterator[Arguments]) -> Iterator[Arguments]:
        """What is made from an entry, with its lengths and sums put right as the first way to take it apart says, and
        the second, if that makes something else; and as it is, where no sum tells that these are right.
        """
        data = entry[0]
        if not isinstance(data, bytes):
            return inputs
        anatomies, reading = self._known.get(data, []), self.readings.get(data)
        if reading is not None and not reading.sums and not reading.lengths:
            reading = None
        return _all_right(anatomies[:2], reading, data, inputs) if anatomies or reading else inputs

    def keeps(self, entry: Arguments, values: Collection[object]) -> bool:
        """Whether `kept_right` keeps all of these right: values of an entry that have to be equal to others."""
        data = entry[0]
        reading = self.readings.get(data) if len(entry) == 1 and isinstance(data, bytes) else None
        return reading is not None and keeps(reading, values)

    def right(self, entry: Arguments) -> Callable[[Arguments], Arguments]:
        """What puts the lengths and sums right of what is made of an entry, as far as they have been read."""
        data = entry[0]
        reading = self.readings.get(data) if len(entry) == 1 and isinstance(data, bytes) else None
        if reading is None:
            return lambda changed: changed
        known = reading

        def right(changed: Arguments) -> Arguments:
            value = changed[0]
            return (put_right(known, value),) if isinstance(value, bytes) else changed

        return right

    def checked(self, mutate: Callable[[Any], Any], entry: Arguments, *, raw: bool) -> Callable[[Any], Any]:
        """A mutator that puts right in seven of eight cases what is made of an entry with sums: where one is wrong, a
        program mostly looks at nothing else. Another one is returned as it is where an entry has none.
        """
        data = entry[0]
        if len(entry) != 1 or not isinstance(data, bytes):
            return mutate
        reading, anatomies = self.readings.get(data), self._known.get(data, [])
        right: Callable[[bytes], bytes]
        if reading is not None and reading.is_sure:
            right = partial(kept_right, reading)
        elif anatomies and anatomies[0].is_sure:
            right = partial(_right, anatomies[0], data)
        else:
            return mutate
        getrandbits = self._mutator.surroundings.random.getrandbits

        def mutated(value: Any) -> Any:
            for _ in range(_AGAIN):
                changed = mutate(value)
                made = changed if raw else changed[0]
                if not getrandbits(3) or made == data:
                    return changed
                made = right(made)
                if made != data:
                    break
            if len(made) > self._max_len:
                return changed
            return made if raw else (made,)

        return mutated

    def beside(
        self, mutate: Callable[[Any], Any], entry: Arguments, *, raw: bool, is_in_leg: bool = False
    ) -> Callable[[Any], Any]:
        """A mutator that changes an entry by its parts in half of all cases, and leaves the other half to another one;
        `is_in_leg`: whether it has a part of the time, and does so in all cases; `raw`: whether they take the one
        argument itself.
        """
        data = entry[0]
        if not raw or not isinstance(data, bytes):
            return mutate
        anatomies, reading = self._known.get(data, []), self.readings.get(data)
        if not anatomies and reading is None:
            return mutate
        companion = self._companion
        if companion is None:
            companion = self._companion = Companion(self._mutator, "change_parts")
        is_sure = any(each.is_checked and each.is_sure for each in anatomies)
        if is_sure:
            anatomies = [each for each in anatomies if each.is_checked and each.is_sure]
        getrandbits = self._mutator.surroundings.random.getrandbits
        leave, made, max_len = companion.leave, companion.made, self._max_len
        count, changed_parts = len(anatomies), self._changed
        known = [list(paths(anatomy.group)) for anatomy in anatomies]
        mutate_bytes: Callable[[bytes], bytes] = self._mutator.mutate_bytes
        aligned = Aligned(getrandbits, mutate_bytes, self._mutator.surroundings.dictionary.ints)
        latest = self.readings.latest
        # What has parts with sums of their own is hardly made of anything else.
        others = 3 << 16 if is_sure else 1 << 16

        def mutated(value: Any) -> Any:
            leave()
            bits = getrandbits(20)
            if bits & 1 and not is_in_leg:
                return mutate(value)
            if reading is not None and (not bits & others or not count):
                changed = aligned.changed(reading, latest[(bits >> 1) % len(latest)])
                if changed == data or len(changed) > max_len:
                    return mutate(value)
                made()
                return changed
            which = min((bits >> 1) % count, (bits >> 8) % count)
            anatomy = anatomies[which]
            if not bits & 6 or not anatomy.group.parts:
                changed = _right(anatomy, data, mutate_bytes(data))
            else:
                changed = anatomy.together(changed_parts(anatomy.group, known[which]))
            if changed == data or len(changed) > max_len:
                return mutate(value)
            made()
            return changed

        return mutated

    def _changed(self, group: Group, known: Sequence[Path]) -> Group:
        """The group with another part, with one more, or less, or in another order; `known`: the paths in it."""
        bits = self._mutator.surroundings.random.getrandbits(30)
        choice = bits & 15
        path = known[(bits >> 4) % len(known)]
        part = part_at(group, path)
        if choice < 7 or (choice < 8 and not part.body.parts):
            return with_part(group, path, self._changed_part(part, choice, bits))
        above = path[:-1]
        return with_parts(group, above, self._rearranged(group_at(group, above).parts, path[-1], choice, bits))

    def _changed_part(self, part: Part, choice: int, bits: int) -> Part:
        """The part with another body, of another kind, of another size, or with another part in it."""
        if choice < 4:
            return _with_body(part, Group(self._mutator.mutate_bytes(written(part.body))))
        if choice < 5:
            return self._renamed(part)
        if choice < 6:
            layout = part.layout
            if not bits & 3 << 20 and layout.check is not None:  # whether there is padding shows in odd sizes alone
                layout = layout._replace(pad=2 if layout.pad == 1 else 1)
            return part._replace(layout=layout, body=Group(resized(written(part.body), self._size())))
        other = self._vocabulary.part(part.layout, self._mutator.surroundings.random.getrandbits)
        if choice >= 7:
            return _with_body(part, Group(b"", (other,), written(part.body) if bits & 1 << 20 else b""))
        body = other.body
        if bits & 1 << 20:  # one behind, or within, the other: what comes first is another state for what follows
            first, second = written(part.body), written(body)
            cut = len(first) if bits & 1 << 21 else (bits >> 22) % (len(first) + 1)
            body = Group(first[:cut] + second + first[cut:])
        return _with_body(part, body)

    def _rearranged(self, siblings: tuple[Part, ...], at: int, choice: int, bits: int) -> tuple[Part, ...]:
        """The parts without the one at a place, with that one in another's place, or with one more."""
        part = siblings[at]
        if choice < 9:
            return (*siblings[:at], *siblings[at + 1 :]) if len(siblings) > 1 else siblings
        if choice < 10:
            other = (bits >> 16) % len(siblings)
            order = list(siblings)
            order[at], order[other] = order[other], order[at]
            return tuple(order)
        if choice < 12:
            new = part
        elif choice < 14:
            new = self._vocabulary.part(part.layout, self._mutator.surroundings.random.getrandbits)
        else:
            new = _with_body(self._renamed(part), Group(resized(bytes((bits >> 20 & 3,)), self._size())))
        at = len(siblings) if bits & 1 << 29 else (bits >> 16) % (len(siblings) + 1)
        return (*siblings[:at], new, *siblings[at:])

    def _renamed(self, part: Part) -> Part:
        """With another of the kinds that parts with this layout have, or with a random one."""
        getrandbits = self._mutator.surroundings.random.getrandbits
        kinds = self._vocabulary.kinds(part.layout)
        bits = getrandbits(30)
        if kinds and bits & 3:
            before, between = kinds[(bits >> 2) % len(kinds)]
            return Part(part.layout, before, between, part.body)
        if part.before:
            at = (bits >> 2) % len(part.before)
            new = bytes((bits >> 8 & 255,))
            return part._replace(before=part.before[:at] + new + part.before[at + 1 :])
        return part

    def _size(self) -> int:
        """One that the program names, or a small one."""
        surroundings = self._mutator.surroundings
        bits = surroundings.random.getrandbits(20)
        ints: Sequence[int] = surroundings.dictionary.ints
        number = ints[(bits >> 1) % len(ints)] if ints and bits & 1 else -1
        return number if 0 <= number <= 64 else _SIZES[(bits >> 1) % len(_SIZES)]


def _without_sums(anatomy: Anatomy, size: int, lengths: Sequence[tuple[int, int]]) -> Anatomy:
    """Without sums that would stand where lengths have been read: they are right by chance."""
    kept = []
    for each in anatomy.sums:
        at = each.at if each.at >= 0 else size + each.at
        if not any(at < end and begin < at + each.width for begin, end in lengths):
            kept.append(each)
    return anatomy._replace(sums=tuple(kept))


def _with_body(part: Part, body: Group) -> Part:
    return Part(part.layout, part.before, part.between, body)


def _all_right(
    anatomies: Sequence[Anatomy], reading: Reading | None, data: bytes, inputs: Iterator[Arguments]
) -> Iterator[Arguments]:
    """`reading`: how data were read, if there are sums or lengths among that."""
    is_sure = any(each.is_sure for each in anatomies) or (reading is not None and reading.is_sure)
    for changed in inputs:
        value = changed[0]
        if isinstance(value, bytes):
            made = [_right(anatomy, data, value) for anatomy in anatomies]
            if reading is not None:
                made.insert(0, put_right(reading, value))
            if not is_sure:  # lengths alone may be there by chance
                made.append(value)
            for each in dict.fromkeys(made):
                yield (each,)
        else:
            yield changed


def _right(anatomy: Anatomy, data: bytes, changed: bytes) -> bytes:
    """Changed data with lengths, offsets and sums put right, as far as that can be: but for sums that were changed
    themselves, which may be none.
    """
    sums = tuple([each for each in anatomy.sums if each.stands(data) == each.stands(changed)])
    group = followed(anatomy.group, data, changed)
    if group is None:
        changed = shifted(data, changed, anatomy.offsets)
        for each in sums:
            changed = each.written(changed)
        return changed
    made = Anatomy(anatomy.group, sums, anatomy.offsets).together(group)
    return changed if made == data else made
