"""What bits of an input do to a comparison, and which of them to change so that it turns out the other way.

Where an operand was shifted, masked, added to, counted from an end, or is a sum over half the input, it stands nowhere
in the input. But what each bit does to it tells how it was made: by addition, where each bit counts a fixed number, or
by xor, where each bit inverts fixed bits. Both are solved, and what comes out is to be tried. (Linear approximations of
branches from runs with small changes: Choi et al., Eclipser, ICSE 2019; Gan et al., GREYONE, USENIX Security 2020.)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any, Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.balance import REMAINDER
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

Bit: TypeAlias = int
"""Of an input: eight times the place of its byte, and 7 for the lowest bit of that, 0 for its highest."""

Trace: TypeAlias = Sequence[Comparison]

ITSELF: Final = -1
SIZE: Final = -2

Operands: TypeAlias = tuple[int, int]

_EQUALITIES: Final = frozenset({"==", "!=", REMAINDER})
_MEMBERSHIPS: Final = frozenset({"in", "not in", "of"})
_ORDERINGS: Final = {"<": lt, "<=": le, ">": gt, ">=": ge}

_CARRIES: Final = frozenset([number for bits in (8, 16, 32) for number in (1 << bits, (1 << bits) - 1)])

_MAX_MEMBERS: Final = 8
_MAX_FIELDS: Final = 4
_MAX_WINDOWS: Final = 12
_WIDEST: Final = 40
"""Bits of two fields."""

_FEWEST: Final = 9
"""Bits of what may be a sum or a size: more than are in one field of one byte."""

_MAX_BYTES: Final = 32
"""Of operands that are bytes."""

_MOST_AROUND: Final = 16
"""Bytes of a header and of a trailer that a size may not count."""

_MODULI: Final = (65535, 1 << 16, 1 << 8, 255, 1 << 32)
"""What sums are taken by: all that is lost in a carry."""


class Question(NamedTuple):
    """Two operands of a comparison as numbers, and what their difference is to be."""

    place: int
    """Of the comparison in its trace."""
    member: int
    """Which one of the right operand's members is the other side; `ITSELF` where that is the right operand, `SIZE` if
    it is asked how long both are, since texts of other sizes are never equal.
    """
    left: int
    right: int
    wanted: tuple[int, ...]
    """Differences of left and right with which the comparison turns out the other way."""


def flipped(data: bytes, bits: Iterator[Bit] | Sequence[Bit] | frozenset[Bit]) -> bytes:
    """The data with these bits inverted."""
    made = bytearray(data)
    for bit in bits:
        made[bit >> 3] ^= 128 >> (bit & 7)
    return bytes(made)


def once_each(comparisons: Trace) -> Trace:
    """A trace in which nothing is noted in two ways, and without the loops in which a sum takes up what it has carried:
    how often they run is no other way through the program.
    """
    found: list[Comparison] = []
    for operator, left, right in comparisons:
        if operator == "same" or (operator in _ORDERINGS and type(right) is int and right in _CARRIES):
            continue
        if found and found[-1] == (REMAINDER, left, right):
            found.pop()
        if operator in ("==", "!=") and type(left) is tuple and type(right) is tuple:
            found += _one_by_one(left, right)
        elif operator in ("in", "not in") and type(left) is int and type(right) is bytes:
            found.append((operator, left, tuple(right[:_MAX_BYTES])))
        else:
            found.append(_as_equality(operator, _as_bytes(left), _as_bytes(right)))
    return found


def _one_by_one(left: tuple[object, ...], right: tuple[object, ...]) -> Iterator[Comparison]:
    """What Python compares of two tuples: one after the other, up to the first that differ."""
    for one, other in zip(left, right, strict=False):
        yield "==", _as_bytes(one), _as_bytes(other)
        if one != other:
            break


def _as_equality(operator: str, left: object, right: object) -> Comparison:
    """A beginning and an end as what is compared there."""
    if operator in ("startswith", "endswith") and type(left) is bytes and type(right) is bytes and right:
        return "==", left[: len(right)] if operator == "startswith" else left[-len(right) :], right
    return operator, left, right


def _as_bytes(operand: object) -> object:
    return operand.encode("utf-8", "surrogatepass") if type(operand) is str else operand


def questions(trace: Trace, most: int) -> list[Question]:
    """The last comparisons of a trace that are of numbers, or of bytes of the same length, and so many questions."""
    found: list[Question] = []
    for place in range(len(trace) - 1, -1, -1):
        operator, left, right = trace[place]
        if operator in _MEMBERSHIPS and type(right) is tuple:
            members: Any = right[:_MAX_MEMBERS]
            if left in right:
                continue
            found += [
                Question(place, index, *numbers, (0,))
                for index, member in enumerate(members)
                if (numbers := _numbers(left, member)) is not None
            ]
        elif operator in _EQUALITIES or operator in _ORDERINGS:
            numbers = _numbers(left, right)
            if numbers is not None:
                wanted = _wanted(operator, numbers[0] - numbers[1])
                if wanted:
                    found.append(Question(place, ITSELF, *numbers, wanted))
            elif type(left) is bytes and type(right) is bytes and len(left) != len(right):
                found.append(Question(place, SIZE, len(left), len(right), (0,)))
        if len(found) >= most:
            break
    return found[:most]


def answer(trace: Trace, place: int, member: int) -> Operands | None:
    """What the two operands of a question are in another trace; None if it is not asked there."""
    _, left, right = trace[place]
    if member == SIZE:
        return (len(left), len(right)) if type(left) is bytes and type(right) is bytes else None
    if member >= 0:
        if type(right) is not tuple or member >= len(right):
            return None
        right = right[member]
    return _numbers(left, right)


def is_turned(base: Trace, other: Trace, question: Question) -> bool:
    """Whether the comparison that a question is of turns out the other way in another trace, or its sides have become
    of one size.
    """
    place = question.place
    if not is_asked(base, other, place):
        return False
    if question.member == SIZE:
        sizes = answer(other, place, SIZE)
        return sizes is not None and sizes[0] == sizes[1]
    return outcome(other[place]) != outcome(base[place])


def agreement(base: Trace, other: Trace) -> int:
    """How many comparisons another trace has in common with this one, in the sense that they turned out alike."""
    at = 0
    for one, two in zip(base, other, strict=False):
        if one != two and (one[0] != two[0] or outcome(one) is None or outcome(one) != outcome(two)):
            break
        at += 1
    return at


def is_asked(base: Trace, other: Trace, place: int) -> bool:
    """Whether another trace has come to a comparison of this one, and all before it turned out alike."""
    return agreement(base, other) >= place < len(other) and base[place][0] == other[place][0]


def lacking(base: Trace, other: Trace, size: int) -> int:
    """How many bytes more an input needs, of which another number tells how long it is or reaches beyond its end, in
    comparison with one of so many bytes that is as it should be; 0 if that is not what has changed.
    """
    place = agreement(base, other)
    if place >= min(len(base), len(other)) or base[place][0] != other[place][0]:
        return 0
    before, now = answer(base, place, ITSELF), answer(other, place, ITSELF)
    if before is None or now is None or base[place][0] in _MEMBERSHIPS:
        return 0
    for one in (0, 1):
        if before[one] == now[one] and 0 <= size - now[one] <= _MOST_AROUND:  # what is around it may not count
            return max(0, now[1 - one] - now[one])
    return 0


class Condition:
    """Numbers that were equal in an input, and depend on many bits: a sum over it, a size. Put right by one field."""

    def __init__(self, data: bytes, place: int, influences: Mapping[Bit, Operands]) -> None:
        """`place`: of the comparison in its trace; `influences`: by bit the operands when it is inverted."""
        self._place, self._size = place, len(data)
        self._counts: dict[Bit, int] = {}
        """By bit by how much the difference is larger where it is set."""
        self._patterns: dict[Bit, int] = {}
        for bit, (left, right) in influences.items():
            self._counts[bit] = right - left if _is_set(data, bit) else left - right
            self._patterns[bit] = left ^ right if min(left, right) >= 0 else 0
        self._modulus = _modulus(self._counts.values())
        self._fields = _windows(data, self._counts)

    def put_right(self, data: bytes, trace: Trace, kept: frozenset[Bit]) -> bytes | None:
        """Other data, in which the two are not equal, with one field changed so that they are; None if none does it."""
        operands = answer(trace, self._place, ITSELF)
        if operands is None or len(data) != self._size:
            return None
        changes = {bit: -count if _is_set(data, bit) else count for bit, count in self._counts.items()}
        question = Question(self._place, ITSELF, *operands, (0,))
        for field in self._fields:
            if kept.isdisjoint(field):
                bits = next(_solved_in(question, field, changes, self._patterns, 0, self._modulus), None)
                if bits:
                    if field is not self._fields[0]:  # what has done it once does it again
                        self._fields.remove(field)
                        self._fields.insert(0, field)
                    return flipped(data, bits)
        return None


def conditions(data: bytes, trace: Trace, single: Mapping[Bit, Trace]) -> dict[int, Condition]:
    """By place those of a trace that many bits would break. `single`: the traces with one bit inverted each."""
    broken: dict[int, dict[Bit, Operands]] = {}
    for bit, other in single.items():
        place = agreement(trace, other)
        if place < min(len(trace), len(other)) and trace[place][0] == other[place][0] in _EQUALITIES:
            operands = answer(other, place, ITSELF)
            if operands is not None and outcome(trace[place]):
                broken.setdefault(place, {})[bit] = operands
    return {place: Condition(data, place, found) for place, found in broken.items() if len(found) >= _FEWEST}


def solved(data: bytes, question: Question, influences: Mapping[Bit, Operands]) -> Iterator[frozenset[Bit]]:
    """Sets of bits of the data with which the comparison may turn out the other way, the best first. `influences`: by
    bit what the operands are when it is inverted, for all bits on which they depend.
    """
    difference, pattern = question.left - question.right, question.left ^ question.right
    changes = {bit: left - right - difference for bit, (left, right) in influences.items()}
    is_signed = question.left < 0 or question.right < 0
    patterns = {} if is_signed else {bit: one ^ other ^ pattern for bit, (one, other) in influences.items()}
    # What depends on more than a field is a sum: the less of the input it takes, the more is left for what comes next.
    windows = _windows(data, changes) if len(changes) > _WIDEST else []
    modulus = _modulus(changes.values()) if windows else 0
    seen: set[frozenset[Bit]] = {frozenset()}
    for wanted in question.wanted:
        for field in (*windows, *_fields(changes)[::-1][:_MAX_FIELDS], list(changes)):
            for bits in _solved_in(question, field, changes, patterns, wanted, modulus):
                if bits not in seen:
                    seen.add(bits)
                    yield bits


def _solved_in(
    question: Question,
    field: Sequence[Bit],
    changes: Mapping[Bit, int],
    patterns: Mapping[Bit, int],
    wanted: int,
    modulus: int,
) -> Iterator[frozenset[Bit]]:
    """By changes of these bits only."""
    difference = question.left - question.right
    if modulus:
        found = _by_addition([(_single(changes[bit], modulus), bit) for bit in field], wanted - difference, modulus)
        if found is not None:
            yield found
        return
    found = _by_addition([(changes[bit], bit) for bit in field], wanted - difference)
    if found is not None:
        yield found
    if wanted or question.wanted != (0,) or question.left < 0 or question.right < 0:
        return
    found = _by_xor([(patterns.get(bit, 0), bit) for bit in field], question.left ^ question.right)
    if found is not None:
        yield found


def _is_set(data: bytes, bit: Bit) -> bool:
    return bool(data[bit >> 3] & 128 >> (bit & 7))


def _windows(data: bytes, changes: Mapping[Bit, int]) -> list[list[Bit]]:
    """Fields of two, four and one bytes all of whose bits change a number: first those that seem to hold it as it is,
    and the largest numbers of these, since what stands in other fields is mostly small.
    """
    found: list[tuple[int, int, list[Bit]]] = []
    for width in (2, 4, 1):
        for at in range(len(data) - width + 1):
            field = list(range(8 * at, 8 * (at + width)))
            if all(bit in changes for bit in field):
                plain = sum([1 for bit in field if abs(changes[bit]).bit_count() == 1])
                found.append((plain // width, int.from_bytes(data[at : at + width], "big") >> 8 * (width - 1), field))
    found.sort(key=lambda each: each[:2], reverse=True)
    return [field for _, _, field in found[:_MAX_WINDOWS]]


def _numbers(left: object, right: object) -> tuple[int, int] | None:
    if type(left) is int and type(right) is int:
        return left, right
    if type(left) is bytes and type(right) is bytes and len(left) == len(right) <= _MAX_BYTES:
        return int.from_bytes(left, "big"), int.from_bytes(right, "big")
    return None


def _wanted(operator: str, difference: int) -> tuple[int, ...]:
    if operator in _EQUALITIES:
        return (0,) if difference else ()
    if operator == "<":
        return (0, 1) if difference < 0 else (-1,)
    if operator == "<=":
        return (1,) if difference <= 0 else (0, -1)
    if operator == ">":
        return (0, -1) if difference > 0 else (1,)
    return (-1,) if difference >= 0 else (0, 1)


def outcome(comparison: Comparison) -> bool | None:
    """How a comparison of numbers turned out; None for others."""
    operator, left, right = comparison
    if operator in _MEMBERSHIPS and type(right) is tuple:
        return left in right
    numbers = _numbers(left, right)
    if numbers is None:
        return None
    if operator in _ORDERINGS:
        return bool(_ORDERINGS[operator](*numbers))
    return numbers[0] == numbers[1] if operator in _EQUALITIES or operator == "same" else None


def _fields(changes: Mapping[Bit, int]) -> list[list[Bit]]:
    """Bits in bytes that stand side by side."""
    found: list[list[Bit]] = []
    for bit in sorted(changes):
        if found and (bit >> 3) - (found[-1][-1] >> 3) <= 1:
            found[-1].append(bit)
        else:
            found.append([bit])
    return found


def _by_addition(changes: list[tuple[int, Bit]], lacking: int, modulus: int = 0) -> frozenset[Bit] | None:
    """Bits that together change a number by what lacks, if each counts what it seems to: a bit whose inversion makes
    the number smaller is one that counts now.
    """
    rest = lacking + sum([-change for change, _ in changes if change < 0])
    if modulus:
        rest %= modulus
    chosen: set[Bit] = set()
    for size, change, bit in sorted([(abs(change), change, bit) for change, bit in changes], reverse=True):
        counts = 0 < size <= rest
        if counts:
            rest -= size
        if counts != (change < 0):
            chosen.add(bit)
    return None if rest else frozenset(chosen)


def _by_xor(vectors: list[tuple[int, Bit]], pattern: int) -> frozenset[Bit] | None:
    """Bits whose patterns combine to this one (Gauss' elimination over GF(2))."""
    basis: dict[int, tuple[int, int]] = {}
    for index, (vector, _) in enumerate(vectors):
        vector, made_of = _reduced(basis, vector, 1 << index)
        if vector:
            basis[vector.bit_length()] = vector, made_of
    rest, made_of = _reduced(basis, pattern, 0)
    if rest:
        return None
    return frozenset([bit for index, (_, bit) in enumerate(vectors) if made_of >> index & 1])


def _reduced(basis: Mapping[int, tuple[int, int]], vector: int, made_of: int) -> tuple[int, int]:
    while vector:
        known = basis.get(vector.bit_length())
        if known is None:
            break
        vector ^= known[0]
        made_of ^= known[1]
    return vector, made_of


def _modulus(changes: Iterable[int]) -> int:
    """By what a sum is taken to which each bit counts a power of two; 0 if by none."""
    several = list(changes)
    if all(abs(change).bit_count() == 1 for change in several):
        return 0
    return next((each for each in _MODULI if all(_single(change, each) for change in several)), 0)


def _single(change: int, modulus: int) -> int:
    """A change of a sum as a power of two, or as a negative one; 0 if it is neither."""
    if (change % modulus).bit_count() == 1:
        return change % modulus
    return -(-change % modulus) if (-change % modulus).bit_count() == 1 else 0
