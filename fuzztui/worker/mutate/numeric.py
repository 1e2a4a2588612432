"""Mutation of int, float and bool. Hot code, see `sequence`."""

import math
import struct
from collections.abc import Callable
from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, STOP, Bandit, Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.interesting import FLOATS, INTS
from fuzztui.worker.mutate.sequence import TRIES, RandomBits

__builtins__ = OWN_BUILTINS

MAX_BITS: Final = 4096
"""Of an int: multiplied again and again it would grow without end, and `str` of it takes quadratic time."""

_DOUBLE = struct.Struct("<d")


def bool_mutator() -> tuple[Callable[[bool], bool], Bandit[bool]]:
    """A function from bool to the other one, which is all there is to choose."""

    def negate(value: bool, _bits: int) -> bool:
        return not value

    bandit = Bandit({negate: 1}, stops=1)
    trail = bandit.trail

    def mutate(value: bool) -> bool:
        trail[0] = 0
        return not value

    return mutate, bandit


def int_mutator(random: RandomBits, dictionary: Dictionary) -> tuple[Callable[[int], int], Bandit[int]]:
    """A function from int to another int, of at most `MAX_BITS` bits, and what chooses its operators."""
    getrandbits = random.getrandbits
    bandit = Bandit(int_operators(random, dictionary))
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


def float_mutator(random: RandomBits, dictionary: Dictionary) -> tuple[Callable[[float], float], Bandit[float]]:
    """A function from float to another float, and what chooses its operators. Another float is one with other 64 bits:
    the payloads of NaNs are values too.
    """
    getrandbits = random.getrandbits
    pack = _DOUBLE.pack
    bandit: Bandit[float] = Bandit(float_operators(random, dictionary), stops=1)
    table, trail = bandit.table, bandit.trail
    last_slot = len(table) - 1

    def mutate(value: float) -> float:
        old = pack(value)
        for _ in range(TRIES):
            bits = getrandbits(30)
            trail[0] = slot = bits & last_slot  # so small a number ends the trail: this stacks nothing
            mutated = table[slot](value, bits >> SLOTS_BITS)
            if pack(mutated) != old:
                return mutated
        return 1.0 if value == 0 else 0.0

    return mutate, bandit


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
