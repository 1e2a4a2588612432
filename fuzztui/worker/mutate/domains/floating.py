"""The domain of float. Hot code, see `sequence`."""

import math
import struct
from collections.abc import Callable, Iterator

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, Bandit, Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.domain import Domain, Finder, Occurrence, Surroundings
from fuzztui.worker.mutate.encodings import float_of
from fuzztui.worker.mutate.interesting import FLOATS
from fuzztui.worker.mutate.scalars import Scalar
from fuzztui.worker.mutate.sequence import TRIES, RandomBits

__builtins__ = PRIVATE_BUILTINS

_DOUBLE = struct.Struct("<d")


class Floating(Domain[float]):
    """Of the kind `float`. Another value is one with other 64 bits: the payloads of NaNs are values too."""

    name = "float"

    def mutator(self, surroundings: Surroundings, /) -> tuple[Callable[[float], float], Bandit[float]]:
        """One operator at a time."""
        random = surroundings.random
        getrandbits = random.getrandbits
        pack = _DOUBLE.pack
        bandit: Bandit[float] = Bandit(float_operators(random, surroundings.dictionary), stops=1)
        table, trail = bandit.table, bandit.trail
        last_slot = len(table) - 1

        def mutate(value: float) -> float:
            old = pack(value)
            for _ in range(TRIES):
                bits = getrandbits(30)
                trail[0] = slot = bits & last_slot  # so small a number ends the trail: there is no havoc stack
                mutated = table[slot](value, bits >> SLOTS_BITS)
                if pack(mutated) != old:
                    return mutated
            return 1.0 if value == 0 else 0.0

        return mutate, bandit

    def finder(self, value: float, argument: int) -> Finder:
        """Finds an operand that is the value."""

        def find(old: Scalar) -> Iterator[Occurrence]:
            if value == old:
                yield Occurrence(0, argument, old, value, float_of)

        return find

    def neighbors(self, scalar: float, /) -> tuple[float, ...]:
        """One more, one less, and the very next ones."""
        return scalar + 1, scalar - 1, math.nextafter(scalar, math.inf), math.nextafter(scalar, -math.inf)

    def is_token(self, scalar: float, /) -> bool:
        """No tiny one."""
        return not -16 <= scalar <= 16


def float_operators(random: RandomBits, dictionary: Dictionary) -> Weighted[float]:
    """The operators on float, with weights. None raises for any operand."""
    getrandbits = random.getrandbits
    floats = dictionary.floats
    pack, unpack = _DOUBLE.pack, _DOUBLE.unpack

    def from_bits(word: int) -> float:
        number: float = unpack((word & 2**64 - 1).to_bytes(8, "little"))[0]
        return number

    def flip_bit(value: float, bits: int) -> float:
        return from_bits(int.from_bytes(pack(value), "little") ^ 1 << (bits & 63))

    def step(value: float, bits: int) -> float:
        return from_bits(int.from_bytes(pack(value), "little") + (1 if bits & 1 else -1) * (1 + (bits >> 1 & 3)))

    def interesting(_value: float, bits: int) -> float:
        return FLOATS[bits % len(FLOATS)]

    def from_dictionary(_value: float, bits: int) -> float:
        source = floats or FLOATS
        return source[bits % len(source)]

    def add(value: float, bits: int) -> float:
        delta = (0.1, 0.5, 1.0, 2.0, 10.0, 100.0, 1e-9, 1e6)[bits & 7]
        return value + delta if bits & 8 else value - delta

    def multiply(value: float, bits: int) -> float:
        return value * (0.1, 0.5, 2.0, 3.0, 10.0, 1e-5, 1e5, -1.0)[bits & 7]

    def whole(value: float, bits: int) -> float:
        if not bits & 3 and math.isfinite(value):
            return value // 1.0
        number = float(getrandbits(1 + (bits >> 3) % 60))
        return -number if bits & 4 else number

    def nan(_value: float, bits: int) -> float:
        return from_bits(0x7FF0 << 48 | getrandbits(52) | (bits & 1) << 63)

    def randomize(_value: float, _bits: int) -> float:
        return from_bits(getrandbits(64))

    return {
        flip_bit: 4,
        step: 1,
        interesting: 4,
        from_dictionary: 4,
        add: 3,
        multiply: 2,
        whole: 3,
        nan: 1,
        randomize: 2,
    }
