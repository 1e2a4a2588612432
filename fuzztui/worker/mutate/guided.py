"""Input-to-state: what comparison operands say about the input that led to them.

Where an operand (in one of the encodings that programs decode) occurs in the input, it probably came from there; the
other operand is then put in its place, and the comparison turns out the other way. The idea is REDQUEEN's (Aschermann
et al., NDSS 2019).

Operands come out of the target's code, so they may be anything. Only objects whose type is exactly a builtin one are
touched: no method of a target's class is ever called.
"""

import struct
from collections.abc import Hashable, Iterator, Sequence
from math import isfinite
from typing import Any, AnyStr, Final, TypeAlias, TypeGuard

from fuzztui.worker.mutate.dictionary import MAX_TOKEN
from fuzztui.worker.mutate.sizes import Arguments, Value, size

Comparison: TypeAlias = tuple[str, object, object]
"""(operator, left operand, right operand)"""

Scalar: TypeAlias = bytes | str | int | float

Plan: TypeAlias = tuple[int, int, int, int, Any, Any]
"""(rank, turn, number, index of an argument, what to replace there, by what), in the order in which to try them.

The rank tells how likely it is a coincidence that the operand occurs there; the turn counts the plans that one
comparison has led to, so that one with many counterparts does not keep the others waiting; the number is unique.
"""

_MAX_COMPARISONS: Final = 4000
_MAX_PAIRS: Final = 4000
_MAX_MEMBERS: Final = 128
_MAX_CONTAINER: Final = 4096
_MAX_OPERAND: Final = 4096
_MAX_INT_BITS: Final = 2048
_MAX_PLACES: Final = 8
_MAX_RESIZED: Final = 4096
"""Bounds, so that the work for one entry ends within some hundredths of a second, whatever its comparisons are."""
_ORDERINGS = ("<", "<=", ">", ">=")
_SINGLE_MAX = 3.4028234e38


def candidates(
    arguments: Arguments, comparisons: Sequence[Comparison], limit: int, max_len: int = 2**20
) -> Iterator[Arguments]:
    """At most `limit` inputs of total size up to `max_len`, in which an operand has been replaced by its counterpart.

    Best first: an operand that occurs as a whole argument or is long is no coincidence, a single character may be
    one. None equals `arguments` or another candidate. The order depends on the arguments of this call alone.
    """
    room = max_len - sum(map(size, arguments))
    seen = {_key(arguments)}
    for _, _, _, index, old, new in sorted(_plans(arguments, comparisons)):
        value = arguments[index]
        for changed in _replaced(value, old, new):
            if size(changed) - size(value) > room:
                continue
            candidate = (*arguments[:index], changed, *arguments[index + 1 :])
            key = _key(candidate)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) - 1 > limit:
                return
            yield candidate


def tokens(comparisons: Sequence[Comparison], arguments: Arguments = ()) -> Iterator[Scalar]:
    """Operands that are worth a place in the dictionary, each once, in the order in which they were met.

    Not worth one is what havoc finds by itself (single characters, tiny numbers) and what stands in `arguments`
    already, since it is likely to be a piece of the input rather than of the program.
    """
    seen: set[tuple[type, object]] = set()
    for _, left, right in comparisons[:_MAX_COMPARISONS]:
        for operand in (left, right):
            for scalar in _scalars(operand):
                key = (type(scalar), _scalar_key(scalar))
                if key in seen:
                    continue
                seen.add(key)
                if _is_token(scalar) and not _stands_in(scalar, arguments):
                    yield scalar


def _plans(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Plan]:
    known: set[Hashable] = set()
    number = 0
    for operator, left, right in comparisons[:_MAX_COMPARISONS]:
        turn = 0
        for old, new in _pairs(operator, left, right):
            key = (type(old), _scalar_key(old), type(new), _scalar_key(new))
            if key in known:
                continue
            if len(known) == _MAX_PAIRS:
                return
            known.add(key)
            for index, value in enumerate(arguments):
                for rank, replaced, replacement in _substitutions(value, old, new):
                    yield rank, turn, number, index, replaced, replacement
                    turn += 1
                    number += 1


# From comparisons to pairs of scalars: (what the input led to, what it should lead to).


def _pairs(operator: str, left: object, right: object) -> Iterator[tuple[Scalar, Scalar]]:
    if operator in ("in", "not in"):
        yield from _membership(left, right)
    elif type(left) in (tuple, list) and type(right) in (tuple, list):
        for one, other in zip(_elements(left), _elements(right), strict=False):
            yield from _scalar_pairs(operator, one, other)
    else:
        yield from _scalar_pairs(operator, left, right)


def _scalar_pairs(operator: str, left: object, right: object) -> Iterator[tuple[Scalar, Scalar]]:
    one, other = _scalar(left), _scalar(right)
    if one is None or other is None or not _comparable(one, other):
        return
    yield one, other
    yield other, one
    if operator in _ORDERINGS and isinstance(one, int | float) and isinstance(other, int | float):
        for delta in (1, -1):  # just beyond the border, to either side
            yield one, other + delta
            yield other, one + delta


def _membership(left: object, right: object) -> Iterator[tuple[Scalar, Scalar]]:
    piece, text = _scalar(left), _scalar(right)
    if isinstance(piece, int) and isinstance(text, bytes) and 0 <= piece < 256:
        piece = bytes((piece,))
    if isinstance(piece, bytes) and isinstance(text, bytes):  # noqa: SIM114  # joined, the types are lost
        yield from _text_membership(piece, text)
    elif isinstance(piece, str) and isinstance(text, str):
        yield from _text_membership(piece, text)
    else:
        for member in _elements(right):
            yield from _pairs("==", left, member)  # in both directions: a container may be made of the input


def _text_membership(piece: AnyStr, text: AnyStr) -> Iterator[tuple[AnyStr, AnyStr]]:
    # Either the text is the program's and the input should be a part of it ...
    yield piece, text
    width = len(piece) or 1
    for start in range(min(len(text) - width + 1, _MAX_MEMBERS)):
        yield piece, text[start : start + width]
    # ... or the text is the input's and should have the piece in it.
    yield text, text + piece
    yield text, piece + text
    if 0 < len(piece) < len(text):
        yield text, text[: -len(piece)] + piece


def _scalar(operand: object) -> Scalar | None:
    """The operand if it is of one of the types that we work with and not too large, else None."""
    # By type() rather than isinstance(): a subclass may override anything, __class__ included.
    kind = type(operand)
    value: Any = operand
    if kind is bytearray and len(value) <= _MAX_OPERAND:
        return bytes(value)
    if (
        ((kind is bytes or kind is str) and len(value) <= _MAX_OPERAND)
        or (kind is int and value.bit_length() <= _MAX_INT_BITS)
        or kind is float
    ):
        scalar: Scalar = value
        return scalar
    return None


def _elements(operand: object) -> list[object]:
    """The first elements of a container of builtin type, of a dict its keys; of a set the scalars, sorted."""
    kind = type(operand)
    container: Any = operand
    if kind not in (tuple, list, set, frozenset, dict) or len(container) > _MAX_CONTAINER:
        return []
    elements: list[object] = list(container)  # in one step: the target's threads may go on changing it
    if kind is set or kind is frozenset:  # iteration follows the hashes, which differ between processes
        elements = [element for element in elements if _scalar(element) is not None]
        elements.sort(key=lambda element: (type(element).__name__, repr(element)))
    return elements[:_MAX_MEMBERS]


def _comparable(one: Scalar, other: Scalar) -> bool:
    return type(one) is type(other) or (isinstance(one, int | float) and isinstance(other, int | float))


def _scalar_key(scalar: Scalar) -> Hashable:
    return struct.pack("<d", scalar) if isinstance(scalar, float) else scalar


def _key(arguments: Arguments) -> Hashable:
    # Floats by their bits, since 0.0 == -0.0 and nan != nan.
    return tuple(map(_scalar_key, arguments))


# From a pair to what it means for one argument: (rank, what to replace, by what).


def _substitutions(value: Value, old: Scalar, new: Scalar) -> Iterator[tuple[int, Value, Value]]:
    if isinstance(value, bool):
        return
    if isinstance(value, bytes):
        yield from _within(value, _bytes_forms(old, new))
        yield from _resized(value, old, new, b"\0")
    elif isinstance(value, str):
        yield from _within(value, _text_forms(old, new))
        yield from _resized(value, old, new, "0")
    elif isinstance(value, int):
        yield from ((0, value, number) for number in _ints(value, old, new))
    elif (
        isinstance(old, int | float)
        and value == old
        and (isinstance(new, float) or (isinstance(new, int) and new.bit_length() <= 1023))
    ):
        yield 0, value, float(new)


def _within(value: AnyStr, forms: Iterator[tuple[AnyStr, AnyStr]]) -> Iterator[tuple[int, AnyStr, AnyStr]]:
    done = set()
    for old, new in forms:
        if old in value and old != new and (old, new) not in done:
            done.add((old, new))
            yield 0 if old == value else (3, 2, 1, 0)[min(len(old), 3)], old, new


def _resized(value: AnyStr, old: Scalar, new: Scalar, filler: AnyStr) -> Iterator[tuple[int, AnyStr, AnyStr]]:
    """The comparison was one of the argument's length."""
    if isinstance(old, int) and isinstance(new, int) and len(value) == old != new and 0 <= new <= _MAX_RESIZED:
        yield 1 if old > 8 else 2, value, value[:new] + (value[-1:] or filler) * (new - old)


def _ints(value: int, old: Scalar, new: Scalar) -> Iterator[int]:
    if isinstance(old, bytes | str):
        if _decimal(old) == value and (number := _decimal(new)) is not None:
            yield number
        return
    if isinstance(new, float):
        if value == old and isfinite(new) and abs(new) < 2.0**64:
            yield int(new)
    elif isinstance(new, int):
        if value == old:
            yield new
        elif isinstance(old, int):
            for mask in (2**8 - 1, 2**16 - 1, 2**32 - 1, 2**64 - 1):  # the low bits of it were compared
                if value & mask == old:
                    yield value & ~mask | new & mask


def _decimal(text: Scalar) -> int | None:
    if not isinstance(text, bytes | str) or not text.isdigit() or not text.isascii() or len(text) > 500:
        return None
    return int(text)


def _bytes_forms(old: Scalar, new: Scalar) -> Iterator[tuple[bytes, bytes]]:
    if isinstance(old, bytes) and isinstance(new, bytes):
        yield from _cases(old, new)
    elif isinstance(old, str) and isinstance(new, str):
        for one, other in _cases(old, new):
            yield _utf8(one), _utf8(other)
            if not one.isascii() or not other.isascii():
                try:
                    yield one.encode("latin-1"), other.encode("latin-1")
                except UnicodeEncodeError:
                    continue  # cannot have come from Latin-1
    elif isinstance(old, int | float) and isinstance(new, int | float):
        yield from _packed(old, new)
        for one, other in _written(old, new):
            yield one.encode(), other.encode()
        if _is_code_point(old) and _is_code_point(new) and (old > 127 or new > 127):
            yield _utf8(chr(old)), _utf8(chr(new))


def _text_forms(old: Scalar, new: Scalar) -> Iterator[tuple[str, str]]:
    if isinstance(old, str) and isinstance(new, str):
        yield from _cases(old, new)
    elif isinstance(old, bytes) and isinstance(new, bytes):
        for encoding in ("utf-8", "latin-1"):
            try:
                one, other = old.decode(encoding, "surrogatepass"), new.decode(encoding, "surrogatepass")
            except UnicodeDecodeError:
                continue  # no text in this encoding
            yield from _cases(one, other)
    elif isinstance(old, int | float) and isinstance(new, int | float):
        yield from _written(old, new)
        if _is_code_point(old) and _is_code_point(new):
            yield chr(old), chr(new)


def _cases(old: AnyStr, new: AnyStr) -> Iterator[tuple[AnyStr, AnyStr]]:
    """As they are, and as they may have been before the program changed their case."""
    yield old, new
    yield old.lower(), new.lower()
    yield old.upper(), new.upper()
    yield old.capitalize(), new.capitalize()


def _packed(old: int | float, new: int | float) -> Iterator[tuple[bytes, bytes]]:
    if isinstance(old, int) and isinstance(new, int):
        for width in (8, 4, 2, 1):
            lowest, modulus = -(256**width // 2), 256**width
            if lowest <= old < modulus and lowest <= new < modulus:
                one, other = (old % modulus).to_bytes(width, "big"), (new % modulus).to_bytes(width, "big")
                yield one, other
                yield one[::-1], other[::-1]
        return
    for layout in ("<d", ">d", "<f", ">f"):
        if layout[1] == "f" and any(isfinite(number) and abs(number) > _SINGLE_MAX for number in (old, new)):
            continue  # struct refuses what does not fit
        yield struct.pack(layout, old), struct.pack(layout, new)


def _written(old: int | float, new: int | float) -> Iterator[tuple[str, str]]:
    yield str(old), str(new)
    if isinstance(old, int) and isinstance(new, int):
        if old >= 0 and new >= 0:
            for layout in ("x", "X", "02x", "02X", "04x", "04X", "08x", "08X", "o"):
                yield format(old, layout), format(new, layout)
    elif float(old).is_integer() and abs(old) < 2.0**64:
        yield str(int(old)), str(int(new) if isfinite(new) and new == new // 1 and abs(new) < 2.0**64 else new)


def _is_code_point(number: int | float) -> TypeGuard[int]:
    return isinstance(number, int) and 0 <= number < 0x110000


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _replaced(value: Value, old: Any, new: Any) -> Iterator[Value]:
    if isinstance(value, bytes | str) and value != old:
        yield from _occurrences_replaced(value, old, new)
    else:
        yield new


def _occurrences_replaced(value: AnyStr, old: AnyStr, new: AnyStr) -> Iterator[AnyStr]:
    if not old:  # a slice beyond the end is empty: something should be there
        yield value + new
        yield new + value
        return
    at = value.find(old)
    places = 0
    while at >= 0 and places < _MAX_PLACES:
        yield value[:at] + new + value[at + len(old) :]
        places += 1
        at = value.find(old, at + 1)
    if places > 1:
        yield value.replace(old, new)


# Tokens.


def _scalars(operand: object) -> Iterator[Scalar]:
    for element in (operand, *_elements(operand)):
        scalar = _scalar(element)
        if scalar is not None:
            yield scalar


def _is_token(scalar: Scalar) -> bool:
    if isinstance(scalar, bytes | str):
        return 2 <= len(scalar) <= MAX_TOKEN
    return not -16 <= scalar <= 16


def _stands_in(scalar: Scalar, arguments: Arguments) -> bool:
    if isinstance(scalar, bytes):
        needle = scalar
    elif isinstance(scalar, str):
        needle = _utf8(scalar)
    else:
        if any(type(value) is type(scalar) and value == scalar for value in arguments):
            return True
        needle = str(scalar).encode()
    for value in arguments:
        if isinstance(value, bytes) and needle in value:
            return True
        if isinstance(value, str) and needle in _utf8(value):
            return True
    return False
