"""How many bytes a number stands for that counts something else: words, half bytes, bits, one less than there are, or
that is part of a number.

One input tells too little of that. What several inputs have had in the place of a number, and how much the program then
has read from the same line, is told by one form after a few of them.
"""

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.structure.read_parts import fields_within
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_KEYS: Final = 512
MAX_PAIRS: Final = 16
"""Of one number in one place: more tell nothing new."""

ENOUGH: Final = 4
"""Numbers that stand for different sizes, or two of them for one, in one form, or one less where that is so many times
what the number says: of few small numbers there is always some form.
"""

_AHEAD: Final = 8
_WITHIN: Final = 8
"""Bytes from where a number stands to where what it counts begins, and from where that begins to a number in it."""

_MAX_SLICES: Final = 48
_LARGEST: Final = 512
"""Bytes that a number stands for."""


class Form(NamedTuple):
    """Bytes are so many parts of what stands in some bits of a number, rounded up, and some more."""

    shift: int
    mask: int
    times: int
    parts: int
    more: int

    def size(self, number: int) -> int:
        """Bytes that a number stands for."""
        return -(-(number >> self.shift & self.mask) * self.times // self.parts) + self.more

    def number(self, old: int, size: int) -> int | None:
        """The number that stands for so many bytes, with the bits of the old one that have another meaning; None if
        none does.
        """
        bits, rest = divmod((size - self.more) * self.parts, self.times)
        for each in (bits, bits + 1) if rest else (bits,):
            number = old & ~(self.mask << self.shift) | each << self.shift
            if 0 <= each <= self.mask and self.size(number) == size:
                return number
        return None


def _forms(width: int) -> Iterator[Form]:
    """Those of numbers of so many bytes, the simplest ones first."""
    bits = 8 * width
    masks = [(0, 2**bits - 1), *[(0, 2 ** (bits - each) - 1) for each in (1, 2, 3, 4, 5)]]
    masks += [(each, 2 ** (bits - each) - 1) for each in ((4, 3, 5, 2, 6, 1) if width == 1 else (4, 3))]
    for more in (0, 1):
        for times, parts in _SCALES:
            for each in (0,) if not more else _MORE if times == parts else (times, -times) if parts == 1 else ():
                yield from [Form(shift, mask, times, parts, each) for shift, mask in masks]


_SCALES: Final = ((1, 1), (2, 1), (4, 1), (1, 2), (8, 1), (1, 8), (7, 8), (3, 1), (16, 1))
_MORE: Final = (1, -1, 2, -2, 3, -3, 4, -4)

_FORMS: Final = {width: tuple(_forms(width)) for width in (1, 2)}

Key: TypeAlias = tuple[int, int, int, ByteOrder]
"""(from where it was read, bytes from the number to it, bytes of the number, their order)"""


class Measured(NamedTuple):
    """What a number counts."""

    at: int
    stop: int
    begin: int
    end: int
    order: ByteOrder
    form: Form


class _Pairs:
    """What has stood in the place of a number, and how many bytes have been read then."""

    def __init__(self) -> None:
        self.sizes: Final[dict[int, int]] = {}
        self.forms: list[Form] | None = None
        """Those that all of these have; None if there is none yet."""

    def learn(self, width: int, number: int, size: int) -> None:
        """Learn one of them."""
        if self.sizes.get(number) == size or len(self.sizes) >= MAX_PAIRS:
            return
        known = _FORMS[width] if self.forms is None else self.forms
        self.forms = [form for form in known if form.size(number) == size]
        self.sizes[number] = size

    def form(self, width: int) -> Form | None:
        """The simplest form, if there is enough that tells one."""
        sizes = len({*self.sizes.values()} - {0})
        if not self.forms or sizes < ENOUGH - 1:
            return None
        form, plain = self.forms[0], _FORMS[width][0].mask
        is_plain = not form.more and form.mask == plain and form.parts == 1
        return form if is_plain or len(self.sizes) >= ENOUGH else None


class Measures:
    """Those of one search."""

    def __init__(self) -> None:
        self._pairs: dict[Key, _Pairs] = {}
        self._forms: dict[Key, Form] = {}
        self.known = 0
        """How often a form has become known."""

    def learn(self, data: bytes, slices: Slices, known: Collection[tuple[int, int]] = ()) -> None:
        """Learn of an input that has been read. `known`: slices of which it is told how long they are."""
        for key, number, size, _ in _seen(data, slices, known):
            pairs = self._pairs.get(key)
            if pairs is None:
                if len(self._pairs) >= MAX_KEYS:
                    continue
                pairs = self._pairs[key] = _Pairs()
            if pairs.forms == []:
                continue
            pairs.learn(key[2], number, size)
            form = pairs.form(key[2])
            if form is not None:
                self.known += self._forms.get(key) != form
                self._forms[key] = form
            else:
                self._forms.pop(key, None)

    def of(self, data: bytes, slices: Slices) -> list[Measured]:
        """What is known to be counted in an input, each slice once: by the nearest number before it, or one in it."""
        found: dict[tuple[int, int], Measured] = {}
        if not self._forms:
            return []
        for key, number, size, (at, begin) in _seen(data, slices, ()):
            form = self._forms.get(key)
            if form is not None and form.size(number) == size:
                known = found.get((begin, begin + size))
                if known is None or abs(begin - at) < abs(begin - known.at):
                    found[begin, begin + size] = Measured(at, at + key[2], begin, begin + size, key[3], form)
        return [*found.values()]


def _seen(
    data: bytes, slices: Slices, known: Collection[tuple[int, int]]
) -> Iterator[tuple[Key, int, int, tuple[int, int]]]:
    """(from where something was read and by which number, that number, how many bytes, where both stand)"""
    counted = {(each.begin, each.end) for each in slices.taken if not each.is_uncounted}.difference(known)
    if not counted:
        return
    ranges = dict.fromkeys(
        [*slices.ranges, *slices.numbers, *[(at, end) for at, end in fields_within(slices) if end == at + 1]]
    )
    numbers = [each for each in ranges if each[1] - each[0] in _FORMS and each[1] <= len(data)]
    reads = dict.fromkeys([(each.kind, each.begin, each.end) for each in slices.reads])
    for kind, begin, end in [*reads][:_MAX_SLICES]:
        if (begin, end) not in counted or end - begin > _LARGEST:
            continue
        for at, stop in numbers:
            is_before = begin - _AHEAD <= at and stop <= begin
            if is_before or (begin <= at <= begin + _WITHIN and stop <= end):
                for order in BYTE_ORDERS[: stop - at]:
                    key = kind, begin - at, stop - at, order
                    yield key, int.from_bytes(data[at:stop], order), end - begin, (at, begin)
