"""The domain of int. Hot code, see `sequence`."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, STOP, Bandit, Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.domain import Domain, Finder, Occurrence, Surroundings
from fuzztui.worker.mutate.encodings import Encoder, decimal_of, int_of
from fuzztui.worker.mutate.interesting import INTS
from fuzztui.worker.mutate.scalars import Scalar
from fuzztui.worker.mutate.sequence import RandomBits

__builtins__ = PRIVATE_BUILTINS

MAX_BITS: Final = 4096
"""Multiplied again and again an int would grow without end, and `str` of it takes quadratic time."""

_MASKS: Final = (2**8 - 1, 2**16 - 1, 2**32 - 1, 2**64 - 1)


class Integer(Domain[int]):
    """Of the kind `int`, of at most `MAX_BITS` bits."""

    name = "int"

    def mutator(self, surroundings: Surroundings, /) -> tuple[Callable[[int], int], Bandit[int]]:
        """A havoc stack."""
        random = surroundings.random
        getrandbits = random.getrandbits
        bandit = Bandit(int_operators(random, surroundings.dictionary))
        table, trail = bandit.table, bandit.trail
        last_slot = len(table) - 1

        def mutate(value: int) -> int:
            mutated = value
            depth = 0
            while True:
                trail[depth] = bits = getrandbits(30)
                depth += 1
                mutated = table[bits & last_slot](mutated, bits >> SLOTS_BITS)
                if bits < STOP:
                    break
            if mutated.bit_length() > MAX_BITS:
                mutated &= (1 << MAX_BITS) - 1
            return mutated if mutated != value else value ^ 1

        return mutate, bandit

    def finder(self, value: int, argument: int) -> Finder:
        """Finds an operand that is the value, its decimal text, or its low bits."""

        def find(old: Scalar) -> Iterator[Occurrence]:
            if value == old:
                yield Occurrence(0, argument, old, value, int_of)
            elif decimal_of(old) == value:
                yield Occurrence(0, argument, old, value, decimal_of)
            elif isinstance(old, int):
                for mask in _MASKS:
                    if value & mask == old:
                        yield Occurrence(1, argument, old, value, _masked(value, mask))

        return find

    def neighbors(self, scalar: int, /) -> tuple[int, ...]:
        """One more, and one less."""
        return scalar + 1, scalar - 1

    def is_token(self, scalar: int, /) -> bool:
        """No tiny one."""
        return not -16 <= scalar <= 16


def _masked(value: int, mask: int) -> Encoder:
    """The operand was the low bits of the value."""

    def encode(bits: Any) -> int | None:
        return value & ~mask | bits if isinstance(bits, int) and 0 <= bits <= mask else None

    return encode


def int_operators(random: RandomBits, dictionary: Dictionary) -> Weighted[int]:
    """The operators on int, with weights."""
    getrandbits = random.getrandbits
    ints = dictionary.ints

    def flip_bit(value: int, bits: int) -> int:
        return value ^ 1 << bits % (value.bit_length() + 2)

    def nudge(value: int, bits: int) -> int:
        delta = (bits >> 1 & 15) + 1
        return value + delta if bits & 1 else value - delta

    def near_power_of_two(_value: int, bits: int) -> int:
        power = (1 << (bits >> 3) % 130) + bits % 3 - 1
        return -power if bits & 4 else power

    def negate(value: int, bits: int) -> int:
        return ~value if bits & 1 else -value

    def interesting(_value: int, bits: int) -> int:
        return INTS[bits % len(INTS)]

    def from_dictionary(_value: int, bits: int) -> int:
        source = ints or INTS
        return source[(bits >> 2) % len(source)] + (0, 0, 1, -1)[bits & 3]

    def multiply(value: int, bits: int) -> int:
        return value * ((bits & 15) + 2)

    def divide(value: int, bits: int) -> int:
        return value // ((bits & 15) + 2)

    def append_digit(value: int, bits: int) -> int:
        return value * 10 + bits % 10

    def randomize(_value: int, bits: int) -> int:
        number = getrandbits(1 + (bits >> 1 & 255) if bits & 1 else 1 + (bits >> 1 & 31))
        return -number if bits >> 10 & 1 else number

    return {
        flip_bit: 4,
        nudge: 4,
        near_power_of_two: 2,
        negate: 1,
        interesting: 3,
        from_dictionary: 4,
        multiply: 1,
        divide: 1,
        append_digit: 1,
        randomize: 3,
    }
