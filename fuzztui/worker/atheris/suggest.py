"""What comparisons suggest for an input that a `FuzzedDataProvider` has read: other values of its fields."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.codecs import Flag, Pick
from fuzztui.worker.atheris.fields import Fields
from fuzztui.worker.mutate import Tried, candidates
from fuzztui.worker.mutate.operands import Comparison, elements_of, steps_of
from fuzztui.worker.mutate.scalars import Scalar, scalar_of

__builtins__ = PRIVATE_BUILTINS

MOST_CHOICES: Final = 64
_MOST_ALTERNATIVES: Final = 16
"""Other elements of one list that are chosen."""

_FEWEST_FLAGS: Final = 3
"""In a row, that are set together."""

_LARGEST_BITS: Final = 1000
"""Bits of integers that are calculated with."""

_MOST_PLACES: Final = 16
"""Where a sequence that was compared may have been read."""

_LARGEST_QUOTIENT: Final = 2.0**300

_MOST_SHIFTED: Final = 6
"""Numbers that a comparison with one which was calculated may be about."""


def suggestions(
    fields: Fields, comparisons: Sequence[Comparison], limit: int, max_len: int, tried: Tried
) -> Iterator[bytes]:
    """At most `limit` inputs with fields of other values: those that turn a comparison round. Best first."""
    found: set[bytes] = set()
    for data in _all(fields, comparisons, limit, max_len, tried):
        if len(data) <= max_len and data not in found:
            found.add(data)
            yield data
            if len(found) == limit:
                return


def choices(fields: Fields) -> Iterator[bytes]:
    """Inputs in which another flag or another element of a list is chosen: what is made of these need not be compared
    in a way that can be seen.
    """
    return islice(_choices(fields), MOST_CHOICES)


def _all(fields: Fields, comparisons: Sequence[Comparison], limit: int, max_len: int, tried: Tried) -> Iterator[bytes]:
    owners: list[int] = []
    views: list[Any] = []
    for index, field in enumerate(fields.fields):
        for view in field.codec.views(field.value):
            if type(view) is not bool and scalar_of(view) is not None:
                owners.append(index)
                views.append(view)
    yield from _sequences(fields, comparisons)
    if views:
        for candidate in candidates(tuple(views), comparisons, limit, max_len, tried):
            for owner, old, new in zip(owners, views, candidate, strict=True):
                if new is not old:
                    yield from fields.with_value(owner, new)
    known = {view for view in views if _is_number(view)}
    yield from _shifted(fields, comparisons, known, tried)


def _sequences(fields: Fields, comparisons: Sequence[Comparison]) -> Iterator[bytes]:
    """All elements of a sequence changed at once."""
    for operator, left, right in comparisons:
        if operator not in ("==", "!=", "same", "of", "in"):
            continue
        for one, other in ((left, right), (right, left)):
            steps = steps_of(one, other)
            if not steps:
                continue
            if len(elements_of(one)) != len(elements_of(other)):
                yield from _other_list(fields, elements_of(one), elements_of(other))
                continue
            for places in _places(fields, [old for old, _ in steps]):
                changed = {
                    place: next(fields.pieces_of(place, new), None)
                    for place, (_, new) in zip(places, steps, strict=True)
                }
                known = {place: field for place, field in changed.items() if field is not None}
                if len(known) == len(changed):
                    yield from fields.with_pieces(known)


def _places(fields: Fields, values: Sequence[Scalar]) -> Iterator[Sequence[int]]:
    """Fields that have been read as these values, in this order, next to each other or, failing that, anywhere."""
    read = [field.value for field in fields.fields]
    count = len(values)
    found = 0
    for start in range(len(read) - count + 1):
        if all(_same(*pair) for pair in zip(read[start : start + count], values, strict=True)):
            yield range(start, start + count)
            found += 1
            if found == _MOST_PLACES:
                return
    places: list[int] = []
    for value in () if found else values:
        places += [at for at in range(len(read)) if at not in places and _same(read[at], value)][:1]
    if not found and len(places) == count:
        yield places


def _same(value: Any, operand: Scalar) -> bool:
    kind = type(value)
    return (kind is type(operand) or (kind is bool and type(operand) is int)) and bool(value == operand)


def _other_list(fields: Fields, old: Sequence[Any], new: Sequence[Any]) -> Iterator[bytes]:
    """A list that was read, with as many elements as another."""
    start = 0
    while start < len(fields.fields):
        sequence = fields.fields[start].sequence
        end = start + 1
        while end < len(fields.fields) and fields.fields[end].sequence == sequence >= 0:
            end += 1
        if sequence >= 0 and [field.value for field in fields.fields[start:end]] == list(old):
            yield from fields.with_elements(start, end - start, new)
        start = end


def _shifted(fields: Fields, comparisons: Sequence[Comparison], known: set[Any], tried: Tried) -> Iterator[bytes]:
    """Numbers moved by as much as one that was calculated, perhaps from them, is to be moved; and flags that may be
    its bits.
    """
    numbers = [(index, field.value) for index, field in enumerate(fields.fields) if _is_number(field.value)]
    flags = _flags(fields)
    left: Any
    right: Any
    for operator, left, right in comparisons:
        if not (_is_number(left) and _is_number(right)) or left == right or operator in ("of", "same"):
            continue
        for old, new in ((left, right), (right, left)):
            if old in known or not tried.again(old, new):
                continue
            for index, value in numbers[:_MOST_SHIFTED]:
                for moved in _moved(value, old, new):
                    yield from fields.with_value(index, moved)
            for index, value in numbers[:_MOST_SHIFTED]:
                for scaled in scaled_numbers(value, old, new):
                    yield from fields.with_value(index, scaled)
            for run in flags if type(new) is int and new >= 0 else ():
                bits = [new >> at & 1 for at in range(len(run))]
                for ordered in (bits, bits[::-1]):
                    yield from _with_flags(fields, run, ordered)


def _moved(value: Any, old: Any, new: Any) -> Iterator[Any]:
    """What a number would be if the one that was calculated from it were another: by adding, taking away, or flipping
    bits; of floats also half way to zero from there, where a bound is to be passed.
    """
    yield value + (new - old)
    yield value - (new - old)
    if type(value) is type(old) is type(new) is int:
        yield value ^ old ^ new
    else:
        yield value + (new / 2 - old)
        yield value - (new / 2 - old)


def scaled_numbers(value: Any, old: Any, new: Any) -> Iterator[Any]:
    """What a number would be if the one that was calculated from it, by multiplying or dividing, were another. Nothing
    where it cannot have been calculated so.
    """
    if not value or not old or value == old or not (isfinite(value) and isfinite(old) and isfinite(new)):
        return
    if type(value) is float:
        scaled = new * (value / old)
        if isfinite(scaled):
            yield scaled
    elif type(old) is int and old % value == 0:
        exact, rest = divmod(_rounded(new), old // value)
        yield exact
        if rest:
            yield exact + 1
    elif type(old) is int:
        for divisor in dict.fromkeys(_divisors(value, old)):
            yield _rounded(new) * divisor
    elif type(old) is float and abs(scaled := new * (value / old)) < _LARGEST_QUOTIENT:
        yield round(scaled)


def _rounded(number: float) -> int:
    return number if type(number) is int else round(number)


def _divisors(value: int, quotient: int) -> list[int]:
    """The roundest of the whole numbers by which one can be divided to give such a quotient, rounded down, of decimal
    and of binary ones; none if there are too many for one of them to be meant.
    """
    value, quotient = abs(value), abs(quotient)
    least, most = value // (quotient + 1) + 1, value // quotient
    if most < 2 or least > most or most - least > most // 4:
        return []
    found = []
    for base in (10, 2):
        step = 1
        while most // (step * base) * (step * base) >= least:
            step *= base
        found.append(most // step * step)
    return found


def _is_number(value: Any) -> bool:
    # Floats hold no larger integers.
    return type(value) is float or (type(value) is int and value.bit_length() < _LARGEST_BITS)


def _flags(fields: Fields) -> list[range]:
    """The runs of flags, of some length each."""
    runs: list[range] = []
    start = 0
    for index in range(len(fields.fields) + 1):
        if index == len(fields.fields) or not isinstance(fields.fields[index].codec, Flag):
            if index - start >= _FEWEST_FLAGS:
                runs.append(range(start, index))
            start = index + 1
    return runs


def _with_flags(fields: Fields, run: range, bits: Sequence[int]) -> Iterator[bytes]:
    changed = {
        index: field for index, bit in zip(run, bits, strict=True) for field in fields.pieces_of(index, bool(bit))
    }
    yield from fields.with_pieces(changed)


def _choices(fields: Fields) -> Iterator[bytes]:
    for run in _flags(fields):
        for first, second in ((1, 1), (0, 0), (1, 0), (0, 1)):
            yield from _with_flags(fields, run, [second if at % 2 else first for at in range(len(run))])
    for index, field in enumerate(fields.fields):
        codec = field.codec
        if isinstance(codec, Flag):
            yield from fields.with_value(index, not field.value)
        elif isinstance(codec, Pick):
            for choice in range(min(codec.count, _MOST_ALTERNATIVES)):
                for piece in codec.at(choice, field.raw):
                    if piece != field.raw:
                        yield from fields.with_pieces({index: field._replace(raw=piece)})
