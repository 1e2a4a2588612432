"""Lengths and checksums: what an input says about the rest of itself, put right again after the rest has changed.

Where a program compares two values of which neither is a constant of its own, and they are equal, the input fulfils a
condition on itself. Most of what is made from that input fails it, and everything behind it stays out of reach; but the
comparison that fails tells what should stand there instead. REDQUEEN (Aschermann et al., NDSS 2019) patches such checks
out of the program and repairs the inputs in the end; here an input is believed only once it has passed.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.balance import REMAINDER, balanced_inputs
from fuzztui.worker.mutate.domains import domain_of
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.scalars import Scalar, scalar_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_ATTEMPTS: Final = 48
"""Bound of what is tried to make one equality hold."""

_PACKED: Final = 4
_BEGUN: Final = 2
"""Bytes of a packed number or a digest, and of the beginning of one, which is no text."""

_LARGEST_BYTE: Final = 255
_DIGEST: Final = 8
_LONGEST: Final = 128
_MAX_CONDITIONS: Final = 256
_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")


class Broken(NamedTuple):
    """An equality that does not hold."""

    one: Scalar
    other: Scalar
    is_sum: bool
    """Whether the one side is a sum over the input, and the other what it has to be."""


class Attempt(NamedTuple):
    """A way to make an equality hold."""

    arguments: Arguments
    value: Scalar
    """What both sides have to be then."""


def is_conditional(arguments: Arguments, comparisons: Collection[Comparison]) -> bool:
    """Whether an input with these comparisons fulfils a condition on itself: two values are equal, and stand in it."""
    return any(
        one == other and any(domain_of(value).stores(value, one) for value in arguments)
        for one, other in _equalities(comparisons)
    ) or any(operator == REMAINDER and left == right for operator, left, right in comparisons)


def conditions_of(comparisons: Collection[Comparison]) -> frozenset[Comparison]:
    """What `failed` has to know of an input: its sums, and its first equalities, with operands of bounded size."""
    sums = [each for each in comparisons if each[0] == REMAINDER and each[1] == each[2]]
    return frozenset(sums[:_MAX_CONDITIONS]) | frozenset(
        islice((("same", one, other) for one, other in _equalities(comparisons)), _MAX_CONDITIONS)
    )


def failed(comparisons: Collection[Comparison], before: Collection[Comparison]) -> Broken | None:
    """The first equality that does not hold, and was not among the comparisons of the input that this one was made
    from; None if there is none.
    """
    return next(all_failed(comparisons, before), None)


def all_failed(comparisons: Collection[Comparison], before: Collection[Comparison]) -> Iterator[Broken]:
    """All such equalities, in order: of a number that was cut out of another there is one of each, and only one of the
    two stands in the input.
    """
    for comparison in comparisons:
        operator, left, right = comparison
        # A remainder that was not what it is compared with in the input that this one was made from is no condition.
        was_right = operator == REMAINDER and (REMAINDER, right, right) in before
        if was_right and type(left) is int and type(right) is int and left != right:
            yield Broken(left, right, is_sum=True)
            continue
        for one, other in _equalities((comparison,)):
            if one != other and ("same", one, other) not in before:
                yield Broken(one, other, is_sum=False)


def is_large(broken: Broken) -> bool:
    """Whether this may be a sum: a field of a byte has smaller values."""
    one, other, is_sum = broken
    return is_sum or not isinstance(one, int) or not isinstance(other, int) or min(one, other) > _LARGEST_BYTE


def holds(broken: Broken, value: Scalar, comparisons: Collection[Comparison]) -> bool:
    """Whether two values were equal to this one, and those that were not no longer compared, or the sum is what it has
    to be.
    """
    if broken.is_sum:
        wrong, right = (REMAINDER, broken.one, broken.other), (REMAINDER, broken.other, broken.other)
        return wrong not in comparisons and right in comparisons
    found = list(_equalities(comparisons))
    # The same value may be compared with itself elsewhere.
    return (broken.one, broken.other) not in found and any(
        one == other == value and type(one) is type(value) for one, other in found
    )


def attempts(arguments: Arguments, broken: Broken) -> Iterator[Attempt]:
    """The arguments with either side, where it stands in them, replaced by the other; the widest forms first, since
    these are hardly there by coincidence. At most `MAX_ATTEMPTS`. Of a sum the arguments with another number in it.
    """
    one, other, is_sum = broken
    if is_sum:
        for changed in balanced_inputs(arguments, [(REMAINDER, one, other)]):
            yield Attempt(changed, other)
        return
    count = 0
    for old, new in ((one, other), (other, one)):
        for index, value in enumerate(arguments):
            for changed in domain_of(value).repaired(value, old, new):
                yield Attempt((*arguments[:index], changed, *arguments[index + 1 :]), new)
                count += 1
                if count == MAX_ATTEMPTS:
                    return


def _equalities(comparisons: Collection[Comparison]) -> Iterator[tuple[Scalar, Scalar]]:
    """Of numbers and digests only: parsers compare names and words all the time, and to put these right is no more
    than to undo what has been changed.
    """
    for operator, left, right in comparisons:
        if operator == "same":
            one, other = scalar_of(left), scalar_of(right)
            if one is not None and other is not None and type(one) is type(other) and _may_be_sums(one, other):
                yield one, other


def _may_be_sums(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, str):
        return _is_digest(one) and _is_digest(other)
    if isinstance(one, bytes) and isinstance(other, bytes):
        # Two or three letters are a name.
        is_short = _BEGUN <= len(one) == len(other) < _PACKED and not (_is_text(one) and _is_text(other))
        return is_short or (_PACKED <= len(one) <= _LONGEST and _PACKED <= len(other) <= _LONGEST)
    return isinstance(one, int | float)


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and _DIGEST <= len(text) <= _LONGEST and _HEX_DIGITS.issuperset(text)


def _is_text(data: bytes) -> bool:
    return all(32 <= byte < 127 for byte in data)
