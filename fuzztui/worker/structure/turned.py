"""Inputs with one element more, or one less, in a run of elements, and the number right that says how many there are.

An element of one input goes into the runs of others that the same loop has read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.structure.as_read import Number, Put, Reading, replaced
from fuzztui.worker.structure.runs import Run

__builtins__ = PRIVATE_BUILTINS

MAX_ELEMENTS: Final = 24
"""Of one kind that are remembered: the latest."""

MAX_KINDS: Final = 64
MAX_SIZE: Final = 128
"""Bytes of an element."""

MAX_WHOLE: Final = 16
"""Bytes of an input that may be a value within others."""

_LAST_READ: Final = 4
"""Ranges that were read last, in the place of which there may be another value."""

MAX_HOSTS: Final = 32
"""Inputs into which elements go that are new: the latest."""

_MAX_COUNTS: Final = 3
"""Numbers that may say how many elements there are."""

_MAX_REMOVED: Final = 8
_MAX_JOINTS: Final = 6
_MAX_TAIL: Final = 512
"""Elements that may be the first of a tail, or the last before one, and its bytes."""

_MAX_LINKED: Final = 6
_MASKS: Final = (15, 31, 63, 127)
"""Low bits of a byte that may be a number."""


class Turns:
    """What is known of runs."""

    def __init__(self) -> None:
        self._elements: dict[int, dict[bytes, None]] = {}
        """By kind of run."""
        self._hosts: tuple[dict[bytes, Reading], dict[bytes, Reading]] = {}, {}
        """Those that have just come further, of which there may be ever so many, and those that cover something new."""
        self._wholes: deque[bytes] = deque(maxlen=MAX_ELEMENTS)
        """Short inputs."""
        self._latest: deque[Reading] = deque(maxlen=MAX_HOSTS // 2)

    def learn(self, reading: Reading, *, is_entry: bool) -> Callable[[], Iterator[bytes]]:
        """Learn of an input; returns what makes those that came before it with what is new in it. `is_entry`: whether
        it is one of the corpus.
        """
        new: list[tuple[int, bytes]] = []
        for run in reading.runs:
            known = self._elements.setdefault(run.kind, {})
            for begin, end in run.elements():
                element = reading.data[begin:end]
                if len(element) <= MAX_SIZE and element not in known:
                    known[element] = None
                    new.append((run.kind, element))
            for old in list(known)[:-MAX_ELEMENTS]:
                del known[old]
        for kind in list(self._elements)[:-MAX_KINDS]:
            del self._elements[kind]
        hosts = self._others()
        if reading.runs:
            known_hosts = self._hosts[is_entry]
            known_hosts[reading.data] = reading
            for each in list(known_hosts)[:-MAX_HOSTS]:
                del known_hosts[each]
        return lambda: _spread(hosts, new)

    def spliced(self, reading: Reading) -> Iterator[bytes]:
        """The first elements of a run of this input and the last ones of another's, and the other way round: what is
        right alone, and covers nothing new with one element more, may do so with several.
        """
        return in_turns(_spliced(reading, host) for host in self._others() if host.data != reading.data)

    def _others(self) -> list[Reading]:
        """Inputs that came before, the latest first, those of the corpus and others in turns."""
        return list(in_turns([iter(list(each.values())[::-1]) for each in self._hosts[::-1]]))

    def nested(self, reading: Reading) -> Iterator[bytes]:
        """This input with other short ones in the place of what was read last in it, and others with this one there:
        where values are made of values, an input is one of them.
        """
        wholes, hosts = list(self._wholes)[::-1], list(self._latest)[::-1]
        self._latest.append(reading)
        ways = [_nested(reading, wholes, _LAST_READ)]
        if len(reading.data) <= MAX_WHOLE and reading.data not in self._wholes:
            self._wholes.append(reading.data)
            ways += [_nested(host, [reading.data], _LAST_READ // 2) for host in hosts]
        return in_turns(ways)

    def changed(self, reading: Reading) -> Iterator[bytes]:
        """An input with one element more or less."""
        return in_turns(
            [_with(reading, run, list(self._elements.get(run.kind, ()))[::-1]) for run in reading.runs]
            + [_without(reading, run) for run in reading.runs]
            + [_linked(reading, run, list(self._elements.get(run.kind, ()))[::-1]) for run in reading.runs]
        )


def _spread(hosts: Sequence[Reading], elements: Sequence[tuple[int, bytes]]) -> Iterator[bytes]:
    for kind, element in elements:
        for host in hosts:
            for run in host.runs:
                if run.kind == kind:
                    yield from _with(host, run, [element])


def _spliced(reading: Reading, other: Reading) -> Iterator[bytes]:
    pairs = [(run, its) for run, its in product(reading.runs, other.runs) if run.kind == its.kind]
    return in_turns(
        joined
        for run, its in pairs
        for joined in (_joined(reading, run, other, its), _joined(other, its, reading, run))
    )


def _joined(head: Reading, run: Run, tail: Reading, its: Run) -> Iterator[bytes]:
    for at in (run.end, *run.begins[1:][::-1][:_MAX_JOINTS]):
        left = sum([each >= at for each in run.begins])
        for number, begin in enumerate(its.begins[-_MAX_JOINTS:][::-1], 1):
            piece = tail.data[begin : its.end]
            if len(piece) <= _MAX_TAIL and piece != head.data[at : run.end]:
                for puts in _counts(head, run, number - left):
                    yield replaced(head, at, run.end, piece, (run.begins[0], run.end), puts)


def _nested(reading: Reading, wholes: Sequence[bytes], count: int) -> Iterator[bytes]:
    ranges = dict.fromkeys([(each.begin, each.end) for each in reversed(reading.reads) if each.begin < each.end])
    for begin, end in [*ranges][:count]:
        for whole in wholes:
            if reading.data[begin:end] != whole and end <= len(reading.data):
                yield replaced(reading, begin, end, whole)


def _with(reading: Reading, run: Run, elements: Sequence[bytes]) -> Iterator[bytes]:
    """With one of some elements more, at either end, and before the last one, with which a run may have to end."""
    last = reading.data[run.begins[-1] : run.end]
    counts = _counts(reading, run, 1)
    for element in dict.fromkeys([*elements[:1], last, *elements]):
        for at in dict.fromkeys([run.end, run.begins[0], run.begins[-1]]):
            for puts in counts:
                made = replaced(reading, at, at, element, (run.begins[0], run.end), puts)
                if element == last:
                    yield from _pointing_alike(reading, run, at, made)
                yield made


def _pointing_alike(reading: Reading, run: Run, at: int, made: bytes) -> Iterator[bytes]:
    """With the numbers of the last element that point to something pointing there in its copy at a place, too."""
    begin, size = run.begins[-1], run.end - run.begins[-1]
    changed = made
    for field, width, order, target in reading.offsets:
        if begin <= field and field + width <= run.end and target + size < 256**width:
            place = at + field - begin
            moved = target + size * (target >= at)
            changed = changed[:place] + moved.to_bytes(width, order) + changed[place + width :]
    if changed != made:
        yield changed


def _without(reading: Reading, run: Run) -> Iterator[bytes]:
    counts = _counts(reading, run, -1)
    for begin, end in list(run.elements())[:_MAX_REMOVED]:
        for puts in counts:
            yield replaced(reading, begin, end, b"", (run.begins[0], run.end), puts)


def _linked(reading: Reading, run: Run, elements: Sequence[bytes]) -> Iterator[bytes]:
    """With one more behind all, and its place in a number of the last one that is zero: a list ends so whose elements
    say where the next one is.
    """
    data, size = reading.data, len(reading.data)
    ends = [each for each in reading.numbers if run.begins[-1] <= each.at < run.end and each.width > 1]
    ends = [each for each in ends if not any(data[each.at : each.at + each.width])][::-1]
    for element in [data[run.begins[-1] : run.end], *elements[:_MAX_LINKED]]:
        for number in ends[:_MAX_LINKED]:
            yield replaced(reading, size, size, element, (size - 1, size + 1), [Put(number, size)])


def _counts(reading: Reading, run: Run, by: int) -> list[list[Put]]:
    """What else has to change where there are so many elements more: nothing, one of the numbers that may be how many
    there are, the nearest before the run first, or the two nearest.
    """
    turns = max(run.turns, len(run.begins))
    begin, end = run.begins[0], run.end
    before = [each for each in reading.numbers if each.at + each.width <= begin][::-1]
    behind = [each for each in reading.numbers if each.at >= end]
    found: list[Put] = []
    for wanted in (turns, turns + 1):
        for number in (*before, *behind):
            put = _put(reading.data, number, wanted, by)
            if put is not None and len(found) < _MAX_COUNTS:
                found.append(put)
    return [[], *[[each] for each in found], *([found[:2]] if len(found) > 1 else [])]


def _put(data: bytes, number: Number, wanted: int, by: int) -> Put | None:
    """The number that is larger by so much, if it is the one that is wanted, or a byte has that in its low bits."""
    at, width, _ = number
    piece = data[at : at + width]
    for order in BYTE_ORDERS[: 1 + (width > 1)]:
        if int.from_bytes(piece, order) == wanted:
            return Put(Number(at, width, order), wanted + by)
    if width == 1 and piece[0] > wanted and any(piece[0] & mask == wanted for mask in _MASKS):
        return Put(number, piece[0] + by)
    return None
