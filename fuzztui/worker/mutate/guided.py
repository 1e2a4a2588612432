"""Input-to-state: what comparison operands say about the input that led to them.

Where an operand (in one of the encodings that programs decode) occurs in the input, it probably came from there; the
other operand is then put in its place, and the comparison turns out the other way. The idea is REDQUEEN's (Aschermann
et al., NDSS 2019).
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, AnyStr, Final, NamedTuple, TypeAlias

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.dictionary import MAX_TOKEN
from fuzztui.worker.mutate.encodings import Encoder, decimal_of, encoders, float_of, int_of
from fuzztui.worker.mutate.operands import Comparison, Scalar, examples_of, pairs_of, scalar_key, scalars_of, steps_of
from fuzztui.worker.mutate.sized import replace_sized
from fuzztui.worker.mutate.sizes import Arguments, Value, size

__builtins__ = OWN_BUILTINS

MAX_COMPARISONS: Final = 2000
_MAX_PAIRS: Final = 20_000
_MAX_PLANS: Final = 10_000
_MAX_PLACES: Final = 8
_MAX_RESIZED: Final = 4096
"""Bounds, so that the work for one entry stays within a tenth of a second or so, whatever its comparisons are."""


class _Site(NamedTuple):
    """Where an operand may have come from."""

    rank: int
    """How likely it is a coincidence: 0 hardly, 3 very."""
    argument: int
    """Its position."""
    old: Any
    """What to replace: all of the argument or, of bytes and str, a part, where it occurs."""
    encode: Encoder
    """From an operand to what takes the place of `old`; None if that operand cannot stand there."""


_Plan: TypeAlias = tuple[int, int, int, int, Any, Any]
"""(rank, turn, number, position of an argument, what to replace, by what), in the order in which to try them.

The turn counts the plans that one comparison has led to, so that one with many counterparts does not keep the others
waiting; the number is unique.
"""


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
    seen: set[Hashable] = set()
    for operator, left, right in comparisons[:MAX_COMPARISONS]:
        for operand in (left, sum(examples_of(right), ()) if operator == "matches" else right):
            for scalar in scalars_of(operand):
                key = scalar_key(scalar)
                if key in seen:
                    continue
                seen.add(key)
                if _is_token(scalar) and not _stands_in(scalar, arguments):
                    yield scalar


def _key(arguments: Arguments) -> Hashable:
    return tuple(map(scalar_key, arguments))


def _plans(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[_Plan]:
    sites: dict[Hashable, list[_Site]] = {}
    planned: set[Hashable] = set()  # loops compare the same again and again
    number = 0
    pairs = 0
    for operator, left, right in comparisons[:MAX_COMPARISONS]:
        first = number
        for old, new in pairs_of(operator, left, right):
            pairs += 1
            if pairs > _MAX_PAIRS or number > _MAX_PLANS:
                return
            key = scalar_key(old)
            found = sites.get(key)
            if found is None:
                found = sites[key] = list(_sites(arguments, old))
            for site in found:
                replacement = site.encode(new)
                if replacement is None:
                    continue
                plan = (site.argument, site.old, scalar_key(replacement))
                if plan not in planned:
                    planned.add(plan)
                    yield site.rank, number - first, number, site.argument, site.old, replacement
                    number += 1
        for steps in (steps_of(left, right), steps_of(right, left)):
            for index, value in enumerate(arguments if len(steps) > 1 else ()):
                rebuilt = _rebuilt(value, steps)
                if rebuilt is not None:
                    yield 0, number - first, number, index, value, rebuilt
                    number += 1


def _sites(arguments: Arguments, old: Scalar) -> Iterator[_Site]:
    for index, value in enumerate(arguments):
        if isinstance(value, bytes | str):
            for encode in encoders(type(value), old):
                piece = encode(old)
                if piece is not None and piece in value:
                    yield _Site(0 if piece == value else 3 - min(len(piece), 3), index, piece, encode)
            if isinstance(old, int) and len(value) == old:
                yield _Site(1 if old > 8 else 2, index, value, _resizing(value))
        elif isinstance(value, bool):
            continue  # havoc flips it often enough
        elif isinstance(value, float):
            if value == old:
                yield _Site(0, index, value, float_of)
        elif value == old:
            yield _Site(0, index, value, int_of)
        elif decimal_of(old) == value:
            yield _Site(0, index, value, decimal_of)
        elif isinstance(old, int):
            for mask in (2**8 - 1, 2**16 - 1, 2**32 - 1, 2**64 - 1):
                if value & mask == old:
                    yield _Site(1, index, value, _masked(value, mask))


def _resizing(value: Any) -> Encoder:
    """The operand was the length of the value."""
    filler = value[-1:] or ("0" if isinstance(value, str) else b"\0")

    def encode(length: Scalar) -> bytes | str | None:
        if not isinstance(length, int) or not 0 <= length <= _MAX_RESIZED:
            return None
        resized: bytes | str = value[:length] + filler * (length - len(value))
        return resized

    return encode


def _masked(value: int, mask: int) -> Encoder:
    """The operand was the low bits of the value."""

    def encode(bits: Scalar) -> int | None:
        return value & ~mask | bits if isinstance(bits, int) and 0 <= bits <= mask else None

    return encode


def _rebuilt(value: Value, steps: list[tuple[Scalar, Scalar]]) -> Value | None:
    """The value with all the elements of a sequence replaced; None if not all are found, in their order."""
    if isinstance(value, bytes):
        return _all_replaced(value, steps)
    if isinstance(value, str):
        return _all_replaced(value, steps)
    return None


def _all_replaced(value: AnyStr, steps: list[tuple[Scalar, Scalar]]) -> AnyStr | None:
    done, rest = value[:0], value
    for old, new in steps:
        for encode in encoders(type(value), old):
            piece, replacement = encode(old), encode(new)
            if piece and replacement is not None and (at := rest.find(piece)) >= 0:
                done += rest[:at] + replacement
                rest = rest[at + len(piece) :]
                break
        else:
            return None
    return done + rest


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
        if len(new) != len(old) and isinstance(value, bytes):
            yield replace_sized(value, at, at + len(old), new)
        places += 1
        at = value.find(old, at + 1)
    if places > 1:
        yield value.replace(old, new)


def _is_token(scalar: Scalar) -> bool:
    if isinstance(scalar, bytes | str):
        return 2 <= len(scalar) <= MAX_TOKEN
    return not -16 <= scalar <= 16


def _stands_in(scalar: Scalar, arguments: Arguments) -> bool:
    for value in arguments:
        if isinstance(value, bytes | str):
            # As it is or in decimal: other encodings of a number are too short to mean anything.
            form = scalar if isinstance(scalar, bytes | str) else str(scalar)
            if any(
                (piece := encode(form)) is not None and piece in value for encode in encoders(type(value), form)[:1]
            ):
                return True
        elif type(value) is type(scalar) and value == scalar:
            return True
    return False
