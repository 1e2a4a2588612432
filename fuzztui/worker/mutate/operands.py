"""What the operands of a comparison say should be replaced by what."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, AnyStr, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.literals import Expression
from fuzztui.worker.mutate.domains import domain_of
from fuzztui.worker.mutate.patterns import Examples, examples
from fuzztui.worker.mutate.scalars import Scalar, scalar_of

__builtins__ = PRIVATE_BUILTINS

Comparison: TypeAlias = tuple[str, object, object]
"""(operator, left operand, right operand). Operators are those of Python's comparisons, and `of` for one of several
constants, `startswith` and `endswith` of a text and one or several others, `matches` of a text and an `Expression`,
`like` of a text and one of the form that was wanted, which is put together of what is in the input and is not.
`lacks` and `wants` have a left operand only: a key that was not found, and what nothing was compared with."""

_MAX_CONTAINER: Final = 4096
MAX_MEMBERS: Final = 128
"""Elements of a container, or pieces of a text, that are looked at."""

_MAX_SIGNS: Final = 2

ALONE: Final = ("lacks", "wants")
"""Operators without a right operand: in its place stands `()`."""

LIKE: Final = "like"

READS: Final = "reads"
"""The operator of what a text of some length lacks at its end."""

ENDED: Final = "ended"
"""In place of a comparison: an element was wanted behind the last one of what the program had made of its input."""

NUMBER_OF_ARGUMENTS: Final = "arguments"
"""How many more of them were wanted, and the name of what was called, in place of a comparison."""

MEMBERSHIPS: Final = ("in", "not in")
ORDERINGS: Final = ("<", "<=", ">", ">=")


def replacements_of(operator: str, left: object, right: object) -> Iterator[tuple[Scalar, Iterable[Scalar]]]:
    """(what the input has led to, what it might lead to instead) for either side of a comparison.

    The alternatives are not worked out before they are iterated over: mostly what they replace is not in the input.
    """
    if operator == READS:
        return iter(())
    if operator in MEMBERSHIPS:
        return _membership(left, right)
    if operator in ("of", "named"):
        return _one_of(left, right)
    if operator in ("startswith", "endswith"):
        ends = (scalar_of(end) for end in (right, *elements_of(right)))
        return _for_texts(_end_of_text, scalar_of(left), ends, operator == "startswith")
    if operator == "matches":
        return _for_texts(_match_of_text, scalar_of(left), examples_of(right).matches)
    if _is_sequence(left) and _is_sequence(right):
        pairs = zip(elements_of(left), elements_of(right), strict=False)
        return chain.from_iterable(_of_scalars(operator, one, other) for one, other in pairs)
    return _of_scalars(operator, left, right)


def _of_scalars(operator: str, left: object, right: object) -> Iterator[tuple[Scalar, Iterable[Scalar]]]:
    one, other = scalar_of(left), scalar_of(right)
    if one is None or other is None or not _comparable(one, other):
        return
    if operator in ORDERINGS:
        yield one, (other, *domain_of(other).neighbors(other))  # just beyond the border, to either side
        yield other, (one, *domain_of(one).neighbors(one))
    elif _are_signs(one, other):  # what is there may be right, and what goes before it be lacking
        first: Any = one
        second: Any = other
        yield one, (other, second + first)
        yield other, (one, first + second)
    else:
        yield one, (other,)
        yield other, (one,)


def _are_signs(one: Scalar, other: Scalar) -> bool:
    """Whether these are single characters of a text of which none is a letter."""
    if type(one) is not type(other) or not isinstance(one, bytes | str) or not isinstance(other, bytes | str):
        return False
    return is_sign(one) and is_sign(other)


def is_sign(text: bytes | str) -> bool:
    """Whether this is a single character that texts have and that is no letter; in binary data any byte may be one."""
    return len(text) == 1 and text.isascii() and not text.isalnum() and (text.isspace() or 32 <= ord(text) < 127)


def splitting_signs(comparisons: Sequence[Comparison]) -> list[str]:
    """Signs that texts were split at, the last ones first: what is blank may be so for want of one."""
    signs: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        sign, whole = scalar_of(left), scalar_of(right)
        if operator == "in" and isinstance(sign, bytes | str) and type(sign) is type(whole) and is_sign(sign):
            signs.setdefault(sign if isinstance(sign, str) else sign.decode("latin-1"))
    return list(signs)[:_MAX_SIGNS]


def _one_of(left: object, constants: object) -> Iterator[tuple[Scalar, Iterable[Scalar]]]:
    one = scalar_of(left)
    if one is not None:
        yield one, _like(one, elements_of(constants))


def _like(one: Scalar, others: Iterable[object]) -> Iterator[Scalar]:
    for other in map(scalar_of, others):
        if other is not None and _comparable(one, other):
            yield other


def _membership(left: object, right: object) -> Iterator[tuple[Scalar, Iterable[Scalar]]]:
    piece, text = scalar_of(left), scalar_of(right)
    if text is not None:
        if isinstance(piece, int) and isinstance(text, bytes) and 0 <= piece < 256:
            piece = bytes((piece,))
        yield from _for_texts(_part_of_text, text, (piece,))
    elif piece is not None:
        yield from _one_of(left, right)
        for member in _like(piece, elements_of(right)):
            yield member, (piece,)  # a container may be made of the input
    else:
        for element in elements_of(right):
            yield from replacements_of("==", left, element)


_OfText: TypeAlias = Callable[..., Iterator[tuple[Scalar, Iterable[Scalar]]]]


def _for_texts(
    function: _OfText, text: Scalar | None, others: Iterable[Scalar | None], *options: bool
) -> Iterator[tuple[Scalar, Iterable[Scalar]]]:
    """What the function yields for a text and each of the others that is of the same type."""
    if isinstance(text, bytes | str):
        for other in others:
            if type(other) is type(text):
                yield from function(text, other, *options)


def _part_of_text(text: AnyStr, piece: AnyStr) -> Iterator[tuple[AnyStr, Iterable[AnyStr]]]:
    # Either the text is the program's and the input should be a part of it ...
    yield piece, _windows(text, len(piece) or 1)
    # ... or the text is the input's and should have the piece in it.
    yield text, (text + piece, piece + text)
    if 0 < len(piece) < len(text):
        yield text, (text[: -len(piece)] + piece,)


def _windows(text: AnyStr, width: int) -> Iterator[AnyStr]:
    yield text
    for start in range(min(len(text) - width + 1, MAX_MEMBERS)):
        yield text[start : start + width]


def _end_of_text(text: AnyStr, end: AnyStr, first: bool) -> Iterator[tuple[AnyStr, Iterable[AnyStr]]]:
    size = len(end)
    if not size:
        return
    # The input's end gives way to the wanted one, or goes after it ...
    yield text, (end + text[size:], end + text) if first else (text[:-size] + end, text + end)
    yield (text[:size] if first else text[-size:]), (end,)
    # ... or the text is the program's and the input should be its beginning or end.
    yield end, (text,)


def _match_of_text(text: AnyStr, match: AnyStr) -> Iterator[tuple[AnyStr, Iterable[AnyStr]]]:
    yield text, (match + text[len(match) :], match + text, match)


def examples_of(expression: object) -> Examples:
    """What the right operand of `matches` stands for."""
    return examples(expression) if type(expression) is Expression else Examples((), ())


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


def scalars_of(operand: object) -> Iterator[Scalar]:
    """The operand itself, or the elements of a container."""
    for element in (operand, *elements_of(operand)):
        scalar = scalar_of(element)
        if scalar is not None:
            yield scalar
