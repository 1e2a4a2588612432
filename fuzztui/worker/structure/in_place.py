"""Operands put where they were read: in the slices that the program had just taken when it compared them.

A small number stands in many a byte of an input, and in most of them it is another one. What a comparison is of was
mostly read right before, and so was how long it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.elements import heads_of_texts
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.mutate.operands import Comparison, replacements_of, scalars_of
from fuzztui.worker.structure.editing import resized
from fuzztui.worker.structure.lengths import forms_of_digits, in_digits
from fuzztui.worker.structure.sevens import with_sevens
from fuzztui.worker.structure.slices import Slice, Slices

__builtins__ = PRIVATE_BUILTINS

MAX_PUT_IN_PLACE: Final = 160
"""Inputs that one leads to."""

MAX_FITTING: Final = 4

_WIDEST: Final = 8
"""Bytes of a number."""

_LONGEST: Final = 16
"""Bytes of a slice that may hold several numbers."""

_MAX_ALTERNATIVES: Final = 12
_MAX_COMPARISONS: Final = 24
_EQUALITIES: Final = frozenset({"==", "!=", "of", "in", "not in"})
_NEAR: Final = 4
"""Bytes between a number and the slice that it may count."""

_MAX_FIELDS: Final = 3
"""Numbers that were read, and are what is compared."""

_SHORT_TEXT: Final = 24
"""Characters of a text whose length is in the low bits of a byte."""

_MAX_SHORT: Final = 4
_LARGEST: Final = 256
"""Bytes of a slice that is given another size."""


def put_in_place(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_PUT_IN_PLACE` inputs, each once: with a text or a number in the place of what was compared with it,
    and with a length that says how much there is where it said more; those of what was compared last first.
    """
    if not slices.taken and not slices.numbers:
        return
    before = slices.before()
    latest = [(each, slices.latest(before.get(each, 0))) for each in [*reversed(comparisons)][:_MAX_COMPARISONS]]
    by_number = _by_number(data, slices.numbers)
    made = chain(
        fitting(data, slices),
        chain.from_iterable(_with_texts(data, each, taken, slices.numbers) for each, taken in latest),
        chain.from_iterable(_resized(data, each, taken, slices.numbers) for each, taken in latest),
        chain.from_iterable(_with_numbers(data, each, taken, whole=True) for each, taken in latest),
        chain.from_iterable(_in_fields(data, each, by_number) for each, _ in latest),
        chain.from_iterable(_of_other_widths(data, each, taken) for each, taken in latest),
        with_sevens(data, comparisons, slices),
        chain.from_iterable(_with_headed(data, each, taken) for each, taken in latest),
        chain.from_iterable(_with_numbers(data, each, taken, whole=False) for each, taken in latest),
    )
    seen = {data}
    for changed in made:
        if changed not in seen:
            seen.add(changed)
            yield changed
            if len(seen) > MAX_PUT_IN_PLACE:
                return


def fitting(data: bytes, slices: Slices) -> Iterator[bytes]:
    """At most `MAX_FITTING` inputs with a length that says how much there is, or a number of where that ends, where a
    slice was to be longer. To the program they may be what they were, until something is put behind.
    """
    return islice(dict.fromkeys(_all_fitting(data, slices)), MAX_FITTING)


def _all_fitting(data: bytes, slices: Slices) -> Iterator[bytes]:
    short = [number for number, each in enumerate(slices.taken) if each.asked > each.end]
    for number in short[-_MAX_SHORT:]:
        begin, end, asked, *_ = slices.taken[number]
        for old, new in ((asked - begin, end - begin), (asked, end)):
            for whole in (True, False):
                for taken in slices.latest(number):
                    yield from _with_number(data, taken, old, [new], whole=whole)


def _with_texts(
    data: bytes, comparison: Comparison, latest: Sequence[Slice], fields: Sequence[tuple[int, int]]
) -> Iterator[bytes]:
    """Where the text that was compared was taken as a slice: with its length, if that was read before, and without; and
    with what was read as a number right before by as much larger, which may count less than there is, or more.
    """
    for old, alternatives in replacements_of(*comparison):
        piece: Any = old.encode("utf-8", "surrogatepass") if isinstance(old, str) else old
        for at, taken in enumerate(latest) if isinstance(piece, bytes) else ():
            if data[taken.begin : taken.end] != piece or taken.begin > len(data):
                continue
            for new in islice(alternatives, _MAX_ALTERNATIVES):
                text: Any = new.encode("utf-8", "surrogatepass") if isinstance(new, str) else new
                if not isinstance(text, bytes):
                    continue
                for before in latest[at + 1 :] if len(text) != len(piece) else ():
                    if before.end <= taken.begin:
                        for sized in _with_number(data, before, len(piece), [len(text)], whole=None):
                            yield sized[: taken.begin] + text + sized[taken.end :]
                yield data[: taken.begin] + text + data[taken.end :]
                for moved in _with_length_moved(data, taken, len(text) - len(piece), fields):
                    yield moved[: taken.begin] + text + moved[taken.end :]
            break


def _with_length_moved(data: bytes, taken: Slice, by: int, fields: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """With each number that ends where a slice begins larger by so much, if it is not how long the slice is."""
    for begin, end in fields if by else ():
        if end == taken.begin and end - begin <= _WIDEST:
            for order in BYTE_ORDERS[: 1 + (end - begin > 1)]:
                old = int.from_bytes(data[begin:end], order)
                if old != taken.end - taken.begin and 0 <= old + by < 256 ** (end - begin) and old <= _LARGEST:
                    yield data[:begin] + (old + by).to_bytes(end - begin, order) + data[end:]


def _with_headed(data: bytes, comparison: Comparison, latest: Sequence[Slice]) -> Iterator[bytes]:
    """Where a number was taken, a text that it was compared with, behind a byte that says how long it is, and mostly in
    its high bits that it is a text.
    """
    operator, left, right = comparison
    for one, others in ((left, right), (right, left)) if operator in _EQUALITIES else ():
        texts = [each for each in scalars_of(others) if isinstance(each, str | bytes) and 0 < len(each) < _SHORT_TEXT]
        for taken in latest if type(one) is int and texts else ():
            piece = data[taken.begin : taken.end]
            if one not in [int.from_bytes(piece, order) for order in BYTE_ORDERS] or not 0 < len(piece) <= _WIDEST:
                continue
            for each in texts[:_MAX_ALTERNATIVES]:
                text = each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each
                for head in (*heads_of_texts(data), 0):
                    yield data[: taken.begin] + bytes((head | len(text) & 31,)) + text + data[taken.end :]


def _resized(
    data: bytes, comparison: Comparison, latest: Sequence[Slice], fields: Sequence[tuple[int, int]]
) -> Iterator[bytes]:
    """Where what was compared is how long a slice is: of another size, with the length that was read before, as a slice
    or as one of some numbers.
    """
    for old, alternatives in replacements_of(*comparison):
        if type(old) is not int:
            continue
        news = [each for each in islice(alternatives, _MAX_ALTERNATIVES) if type(each) is int]
        for at, (begin, end, *_) in enumerate(latest):
            if end - begin != old:
                continue
            near = [Slice(*each, each[1], 0) for each in fields if begin - _NEAR <= each[1] <= begin]
            for new in news:
                for before in latest[at + 1 :] if 0 <= new <= _LARGEST else ():
                    if before.end <= begin:
                        for sized in _with_number(data, before, old, [new], whole=None):
                            yield sized[:begin] + resized(sized[begin:end], new) + sized[end:]
                for before in near[::-1] if 0 <= new <= _LARGEST else ():
                    for sized in _with_number(data, before, old, [new], whole=True):
                        yield sized[:begin] + resized(sized[begin:end], new) + sized[end:]


def _with_numbers(data: bytes, comparison: Comparison, latest: Sequence[Slice], *, whole: bool) -> Iterator[bytes]:
    for old, alternatives in replacements_of(*comparison):
        if type(old) is int:
            news = [each for each in islice(alternatives, _MAX_ALTERNATIVES) if type(each) is int]
            for taken in latest:
                if whole:
                    yield from _with_digits(data, taken, old, news)
                yield from _with_number(data, taken, old, news, whole=whole)


def _in_fields(data: bytes, comparison: Comparison, fields: Mapping[int, Sequence[tuple[int, int]]]) -> Iterator[bytes]:
    """The same in what was taken as numbers besides slices, by these, of which nothing tells when."""
    for old, alternatives in replacements_of(*comparison):
        if type(old) is int:
            news = [each for each in islice(alternatives, _MAX_ALTERNATIVES) if type(each) is int]
            for begin, end in fields.get(old, ())[:_MAX_FIELDS]:
                yield from _with_number(data, Slice(begin, end, end, 0), old, news, whole=True)


def _by_number(data: bytes, fields: Sequence[tuple[int, int]]) -> Mapping[int, Sequence[tuple[int, int]]]:
    """Where numbers were read, by what they are in either order of bytes, the last ones first."""
    found: dict[int, list[tuple[int, int]]] = {}
    for begin, end in reversed(fields):
        if end - begin <= _WIDEST:
            for number in {int.from_bytes(data[begin:end], order) for order in BYTE_ORDERS}:
                found.setdefault(number, []).append((begin, end))
    return found


def _of_other_widths(data: bytes, comparison: Comparison, latest: Sequence[Slice]) -> Iterator[bytes]:
    """With a number that needs more bytes than the slice has in which another was, or fewer: with its length, if that
    was taken as a slice before, and without where it needs more.
    """
    for old, alternatives in replacements_of(*comparison):
        if type(old) is not int:
            continue
        news = [each for each in islice(alternatives, _MAX_ALTERNATIVES) if type(each) is int and each >= 0]
        for at, (begin, end, *_) in enumerate(latest):
            if end - begin > _WIDEST:
                continue
            for order in [order for order in BYTE_ORDERS if int.from_bytes(data[begin:end], order) == old]:
                for spelled in (new.to_bytes(max(1, (new.bit_length() + 7) // 8), order) for new in news):
                    if len(spelled) == end - begin:
                        continue
                    for before in latest[at + 1 :]:
                        if before.end <= begin:
                            for sized in _with_number(data, before, end - begin, [len(spelled)], whole=None):
                                yield sized[:begin] + spelled + sized[end:]
                    if len(spelled) > end - begin:
                        yield data[:begin] + spelled + data[end:]


def _with_digits(data: bytes, taken: Slice, old: int, news: Sequence[int]) -> Iterator[bytes]:
    """The same where the slice is a number in digits, in a field that has room for more."""
    begin, end = taken.begin, taken.end
    field = data[begin:end]
    for digits in forms_of_digits(field, old):
        for new in news:
            spelled = in_digits(field, new, digits) if new >= 0 else None
            if spelled is not None:
                yield data[:begin] + spelled + data[end:]


def _with_number(data: bytes, taken: Slice, old: int, news: Sequence[int], *, whole: bool | None) -> Iterator[bytes]:
    """With one of some numbers in the place of another, which a slice is, if `whole`, or is in there; None for both."""
    for at, width, order in _places(data[taken.begin : taken.end], old, whole=whole):
        place = taken.begin + at
        for new in news:
            if 0 <= new < 256**width:
                yield data[:place] + new.to_bytes(width, order) + data[place + width :]


def _places(piece: bytes, number: int, *, whole: bool | None) -> Iterator[tuple[int, int, ByteOrder]]:
    """(where, bytes, order)"""
    size = len(piece)
    widths = [size] if whole is not False and 0 < size <= _WIDEST else []
    widths += [each for each in (4, 2, 1) if each < size <= _LONGEST] if not whole else []
    for width in widths:
        if 0 <= number < 256**width:
            for order in BYTE_ORDERS[: 1 + (width > 1)]:
                spelled = number.to_bytes(width, order)
                at = piece.find(spelled)
                while at >= 0:
                    yield at, width, order
                    at = piece.find(spelled, at + 1)
