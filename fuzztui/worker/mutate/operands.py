"""Operands of comparisons, which may be anything, made safe: scalars of builtin types and of bounded size.

Operands come out of the target's code. Only objects whose type is exactly a builtin one are touched: no method of a
target's class is ever called.
"""

import struct
from collections.abc import Hashable, Iterator
from itertools import islice
from typing import Any, AnyStr, Final, TypeAlias, cast

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.literals import Expression
from fuzztui.worker.mutate.patterns import Examples, examples

__builtins__ = OWN_BUILTINS

Comparison: TypeAlias = tuple[str, object, object]
"""(operator, left operand, right operand). Operators are those of Python's comparisons, and `of` for one of several
constants, `startswith` and `endswith` of a text and one or several others, `matches` of a text and an `Expression`."""

Scalar: TypeAlias = bytes | str | int | float
"""An operand that we work with; never a bool."""

_MAX_OPERAND: Final = 4096
_MAX_INT_BITS: Final = 2048
_MAX_CONTAINER: Final = 4096
MAX_MEMBERS: Final = 128
"""Elements of a container, or pieces of a text, that are looked at."""

_ORDERINGS = ("<", "<=", ">", ">=")


def pairs_of(operator: str, left: object, right: object) -> Iterator[tuple[Scalar, Scalar]]:
    """(what the input has led to, what it should lead to) for either side of a comparison."""
    if operator in ("in", "not in"):
        yield from _membership(left, right)
    elif operator == "of":
        for member in elements_of(right):
            yield from _one_way(pairs_of("==", left, member))
    elif operator in ("startswith", "endswith"):
        for end in (right, *elements_of(right)):
            yield from _end(operator == "startswith", scalar_of(left), scalar_of(end))
    elif operator == "matches":
        yield from _match(left, right)
    elif _is_sequence(left) and _is_sequence(right):
        for one, other in zip(elements_of(left), elements_of(right), strict=False):
            yield from _scalar_pairs(operator, one, other)
    else:
        yield from _scalar_pairs(operator, left, right)


def _one_way(pairs: Iterator[tuple[Scalar, Scalar]]) -> Iterator[tuple[Scalar, Scalar]]:
    """Only the pairs that change what stands on the left."""
    return islice(pairs, 0, None, 2)


def _scalar_pairs(operator: str, left: object, right: object) -> Iterator[tuple[Scalar, Scalar]]:
    one, other = scalar_of(left), scalar_of(right)
    if one is None or other is None or not _comparable(one, other):
        return
    yield one, other
    yield other, one
    if operator in _ORDERINGS and isinstance(one, int | float) and isinstance(other, int | float):
        for delta in (1, -1):  # just beyond the border, to either side
            yield one, other + delta
            yield other, one + delta


def _membership(left: object, right: object) -> Iterator[tuple[Scalar, Scalar]]:
    piece, text = scalar_of(left), scalar_of(right)
    if isinstance(piece, int) and isinstance(text, bytes) and 0 <= piece < 256:
        piece = bytes((piece,))
    if isinstance(piece, bytes) and isinstance(text, bytes):  # noqa: SIM114  # joined, the types are lost
        yield from _text_membership(piece, text)
    elif isinstance(piece, str) and isinstance(text, str):
        yield from _text_membership(piece, text)
    else:
        for member in elements_of(right):
            yield from pairs_of("==", left, member)  # in both directions: a container may be made of the input


def _text_membership(piece: AnyStr, text: AnyStr) -> Iterator[tuple[AnyStr, AnyStr]]:
    # Either the text is the program's and the input should be a part of it ...
    yield piece, text
    width = len(piece) or 1
    for start in range(min(len(text) - width + 1, MAX_MEMBERS)):
        yield piece, text[start : start + width]
    # ... or the text is the input's and should have the piece in it.
    yield text, text + piece
    yield text, piece + text
    if 0 < len(piece) < len(text):
        yield text, text[: -len(piece)] + piece


def _end(first: bool, text: Scalar | None, end: Scalar | None) -> Iterator[tuple[Scalar, Scalar]]:
    if isinstance(text, bytes) and isinstance(end, bytes):  # noqa: SIM114  # joined, the types are lost
        yield from _text_end(first, text, end)
    elif isinstance(text, str) and isinstance(end, str):
        yield from _text_end(first, text, end)


def _text_end(first: bool, text: AnyStr, end: AnyStr) -> Iterator[tuple[AnyStr, AnyStr]]:
    size = len(end)
    if not size:
        return
    # The input's end gives way to the wanted one, or goes after it ...
    yield text, (end + text[size:] if first else text[:-size] + end)
    yield text, (end + text if first else text + end)
    yield (text[:size] if first else text[-size:]), end
    # ... or the text is the program's and the input should be its beginning or end.
    yield end, text


def _match(text: object, expression: object) -> Iterator[tuple[Scalar, Scalar]]:
    old = scalar_of(text)
    if old is None:
        return
    for new in examples_of(expression).matches:
        if isinstance(old, bytes) and isinstance(new, bytes):  # noqa: SIM114  # joined, the types are lost
            yield from _text_match(old, new)
        elif isinstance(old, str) and isinstance(new, str):
            yield from _text_match(old, new)


def _text_match(text: AnyStr, match: AnyStr) -> Iterator[tuple[AnyStr, AnyStr]]:
    yield text, match + text[len(match) :]
    yield text, match + text
    yield text, match


def examples_of(expression: object) -> Examples:
    """What the right operand of `matches` stands for."""
    return examples(cast("Expression", expression)) if type(expression) is Expression else Examples((), ())


def steps_of(one: object, other: object) -> list[tuple[Scalar, Scalar]]:
    """Pairs of elements of two sequences that were compared as wholes, so that all of them have to change at once."""
    if not _is_sequence(one) or not _is_sequence(other):
        return []
    steps = []
    for old, new in zip(map(scalar_of, elements_of(one)), map(scalar_of, elements_of(other)), strict=False):
        if old is None or new is None or not _comparable(old, new):
            return []
        steps.append((old, new))
    return steps


def _is_sequence(operand: object) -> bool:
    kind = type(operand)
    return kind is tuple or kind is list


def scalar_of(operand: object) -> Scalar | None:
    """The operand if it is of one of the types that we work with and not too large, else None."""
    # By identity of types: a subclass may override anything, __class__ included, and a metaclass the equality of types.
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


def elements_of(operand: object) -> list[object]:
    """The first elements of a container of builtin type, of a dict its keys; of a set the scalars, sorted."""
    kind = type(operand)
    container: Any = operand
    is_set = kind is set or kind is frozenset
    if not (is_set or kind is tuple or kind is list or kind is dict) or len(container) > _MAX_CONTAINER:
        return []
    elements: list[object] = list(container)  # in one step: the target's threads may go on changing it
    if is_set:  # iteration follows the hashes, which differ between processes
        elements = [element for element in elements if scalar_of(element) is not None]
        elements.sort(key=lambda element: (type(element).__name__, repr(element)))
    return elements[:MAX_MEMBERS]


def _comparable(one: Scalar, other: Scalar) -> bool:
    return type(one) is type(other) or (isinstance(one, int | float) and isinstance(other, int | float))


def scalar_key(scalar: Scalar) -> Hashable:
    """Tells scalars apart by type and bits: 1 and 1.0, 0.0 and -0.0 and the NaNs are different."""
    return (float, struct.pack("<d", scalar)) if isinstance(scalar, float) else (type(scalar), scalar)


def scalars_of(operand: object) -> Iterator[Scalar]:
    """The operand itself, or the elements of a container."""
    for element in (operand, *elements_of(operand)):
        scalar = scalar_of(element)
        if scalar is not None:
            yield scalar
