"""What a domain is: all that a worker makes of the values of one kind of argument."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import Bandit, Operator
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.encodings import Encoder
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.scalars import Scalar
from fuzztui.worker.mutate.sequence import RandomBits

__builtins__ = PRIVATE_BUILTINS

T = TypeVar("T")


class Occurrence(NamedTuple):
    """Where an operand occurs in an input, and so may have come from."""

    rank: int
    """How likely it is a coincidence: 0 hardly, 3 very."""
    argument: int
    """Its position."""
    operand: Scalar
    old: Any
    """What to replace: all of the argument or, of bytes and str, a part, where it occurs."""
    encode: Encoder
    """From an operand to what takes the place of `old`; None if that operand cannot stand there."""


Finder: TypeAlias = Callable[[Scalar], Iterator[Occurrence]]
"""From an operand to its occurrences in one argument."""


class Surroundings(NamedTuple):
    """What the mutator of one argument works with."""

    random: RandomBits
    dictionary: Dictionary
    pool: Pool
    max_len: int
    custom: Mapping[Operator[Any], int]
    """Operators that the target brings along, with their weights."""


class Domain(ABC, Generic[T]):
    """The values of one kind: how they are mutated, measured, trimmed, and how comparisons guide their mutation.

    What stands here is right for values that are replaced as wholes and have no length.
    """

    name: ClassVar[str]
    """Of the kind, see `fuzztui.target.kinds`."""
    is_sized: ClassVar[bool] = False
    """Whether values have a length: they count towards `max_len`, pieces are cut out of them, and spliced in."""

    @abstractmethod
    def mutator(self, surroundings: Surroundings, /) -> tuple[Callable[[T], T], Bandit[T]]:
        """A function from a value to another value, whose `size` is `max_len` at most, and what chooses its operators.

        A closure, not a method: nothing is faster to call.
        """

    @abstractmethod
    def finder(self, value: T, argument: int) -> Finder:
        """Finds operands in the value of an argument, given its position; occurrences come in the order of trying."""

    def size(self, _value: T, /) -> int:
        """Length that counts towards `max_len`, in bytes."""
        return 0

    def offer(self, _value: T, _pool: Pool, /) -> None:
        """Keep what a value of the corpus consists of, to be put into others; a whole value is kept in any case."""

    def clip(self, value: T, _limit: int, /) -> T:
        """The longest beginning whose `size` is at most the limit."""
        return value

    def cuts(self, _value: T, /) -> Callable[[int, int], Iterator[T]]:
        """A function from a position and a number of elements to a sized value without these, in the ways that trimming
        tries. Of one value it is asked for many.
        """
        return lambda _at, _piece: iter(())

    def neighbors(self, _scalar: T, /) -> tuple[T, ...]:
        """The values just after and just before one, where there is an order in which such are worth a try."""
        return ()

    def is_token(self, _scalar: T, /) -> bool:
        """Whether havoc hardly finds this by itself, so that it is worth a place in the auto-dictionary."""
        return True

    def spells(self, value: T, scalar: Scalar) -> bool:
        """Whether a scalar is plainly there in a value, so that it is no news."""
        return type(value) is type(scalar) and bool(value == scalar)

    def replaced(self, _value: T, _old: Any, new: Any, /) -> Iterator[T]:
        """The value with the `old` of an occurrence replaced, in all ways that are worth trying."""
        yield new

    def rebuilt(self, _value: T, _steps: Sequence[tuple[Scalar, Scalar]], /) -> T | None:
        """The value with all the elements of a sequence replaced; None if not all are found, in their order."""
        return None

    def stores(self, value: T, operand: Scalar) -> bool:
        """Whether the operand of a condition stands in the value, in a form that is hardly a coincidence."""
        return type(value) is type(operand) and bool(value == operand)

    def repaired(self, value: T, old: Scalar, new: Any) -> Iterator[T]:
        """The value with such an operand replaced, the widest forms first."""
        if self.stores(value, old):
            yield new
