"""Mutation operators that bytes and str share.

Hot code: an operator is a closure over all it needs and takes a non-empty value and a number of 23 random bits, out of
which it makes its choices by shifts and remainders (10 ns each, where a draw costs 27 and `int(random() * n)` 86); it
draws more only where these do not suffice. The bias of a remainder is of no consequence here.
"""

from collections.abc import Callable
from re import Match
from typing import AnyStr, Final, Generic, NamedTuple, Protocol

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, STOP, Bandit, Weighted
from fuzztui.worker.mutate.interesting import INTS

__builtins__ = PRIVATE_BUILTINS

LENGTHS: Final = (
    (1,) * 12 + (2,) * 10 + (3,) * 6 + (4,) * 10 + (5, 6, 7) * 2 + (8,) * 6 + (12, 16, 16, 24, 32, 64) + (0,) * 8
)
"""64 lengths of ranges, mostly those of fields and words; 0 stands for anything up to the whole value."""

PIECE: Final = 4096
"""Length of a piece of another value that may be put into a shorter one. What is put into a longer one may be as long
as that: with pieces of a megabyte a short entry, of which a hundred thousand mutations run in a second, would spend
nearly all of its time on long ones.
"""

TRIES: Final = 16
"""Rounds until one has changed something: if one in ten is idle, all of them are in one case of 10**16."""


class RandomBits(Protocol):
    """The part of `random.Random` that mutators use."""

    def getrandbits(self, k: int, /) -> int:
        """A non-negative integer of `k` random bits."""


class Material(NamedTuple, Generic[AnyStr]):
    """What operators insert. All lists are live."""

    sources: tuple[list[AnyStr], ...]
    """Where tokens come from, eight lists with equal probability; while one is empty, `words` take its place."""
    words: list[AnyStr]
    pool: list[AnyStr]
    ints: list[int]
    separators: tuple[AnyStr, ...]
    pairs: tuple[tuple[AnyStr, AnyStr], ...]
    cases: tuple[Callable[[AnyStr], AnyStr], ...]
    find_digits: Callable[[AnyStr, int], Match[AnyStr] | None]
    """Searches from a position for a run of at most 19 digits that `int` accepts."""
    find_word: Callable[[AnyStr, int], Match[AnyStr] | None]
    decimal: Callable[[int], AnyStr]


def picker(material: Material[AnyStr]) -> Callable[[int], AnyStr]:
    """A function from random bits to a token."""
    sources = material.sources
    words = material.words

    def pick(bits: int) -> AnyStr:
        source = sources[bits & 7] or words
        return source[(bits >> 3) % len(source)]

    return pick


def sequence_operators(random: RandomBits, material: Material[AnyStr]) -> Weighted[AnyStr]:
    """The operators, with weights."""
    getrandbits = random.getrandbits
    pick = picker(material)
    pool, ints = material.pool, material.ints
    separators, pairs, cases = material.separators, material.pairs, material.cases
    find_digits, find_word, decimal = material.find_digits, material.find_word, material.decimal

    def delete_range(value: AnyStr, bits: int) -> AnyStr:
        size = len(value)
        length = LENGTHS[bits & 63] or (bits >> 6) % size
        start = (bits >> 6) % size
        return value[:start] + value[start + length :]

    def duplicate_range(value: AnyStr, bits: int) -> AnyStr:
        size = len(value)
        start = (bits >> 6) % size
        end = start + (LENGTHS[bits & 63] or size)
        at = getrandbits(30) % (size + 1)
        return value[:at] + value[start:end] + value[at:]

    def overwrite_with_range(value: AnyStr, bits: int) -> AnyStr:
        size = len(value)
        start = (bits >> 6) % size
        chunk = value[start : start + (LENGTHS[bits & 63] or size)]
        at = getrandbits(30) % size
        return value[:at] + chunk + value[at + len(chunk) :]

    def swap_ranges(value: AnyStr, bits: int) -> AnyStr:
        size = len(value)
        start = (bits >> 6) % size
        middle = start + (LENGTHS[bits & 63] or 1 + (bits >> 6) % size)
        end = middle + (LENGTHS[getrandbits(6)] or size)
        return value[:start] + value[middle:end] + value[start:middle] + value[end:]

    def repeat_range(value: AnyStr, bits: int) -> AnyStr:
        # Up to 2048 times, to exceed a limit of recursion, but mostly once or twice: long inputs are slow to run.
        start = (bits >> 8) % len(value)
        end = start + 1 + (bits & 3) * (bits >> 2 & 3)
        power = (bits >> 4 & 15) * getrandbits(4) // 20
        return value[:start] + value[start:end] * (1 + getrandbits(power)) + value[start:]

    def truncate(value: AnyStr, bits: int) -> AnyStr:
        at = (bits >> 1) % len(value)
        return value[at:] if bits & 1 else value[:at]

    def insert_token(value: AnyStr, bits: int) -> AnyStr:
        at = bits % (len(value) + 1)
        return value[:at] + pick(getrandbits(30)) + value[at:]

    def overwrite_with_token(value: AnyStr, bits: int) -> AnyStr:
        at = bits % len(value)
        token = pick(getrandbits(30))
        return value[:at] + token + value[at + len(token) :]

    def replace_word(value: AnyStr, bits: int) -> AnyStr:
        match = find_word(value, bits % len(value)) or find_word(value, 0)
        if match is None:
            return insert_token(value, bits)
        return value[: match.start()] + pick(getrandbits(30)) + value[match.end() :]

    def change_number(value: AnyStr, bits: int) -> AnyStr:
        size = len(value)
        match = find_digits(value, (bits >> 3) % size) or find_digits(value, 0)
        if match is None:
            start = end = (bits >> 3) % (size + 1)
            old = 0
        else:
            start, end = match.span()
            old = int(match[0])
        choice = bits & 7
        if choice == 0:
            new = old + 1
        elif choice == 1:
            new = old - 1
        elif choice == 2:
            new = getrandbits(1 + getrandbits(6))
        elif choice == 3:
            new = old * 10 + getrandbits(3)
        elif choice == 4:
            new = -old
        elif choice == 5 and ints:
            new = ints[getrandbits(30) % len(ints)]
        else:
            new = INTS[getrandbits(30) % len(INTS)]
        return value[:start] + decimal(new) + value[end:]

    def change_case(value: AnyStr, bits: int) -> AnyStr:
        start = (bits >> 6) % len(value)
        end = start + (LENGTHS[bits & 63] or len(value))
        return value[:start] + cases[getrandbits(2)](value[start:end]) + value[end:]

    def wrap_range(value: AnyStr, bits: int) -> AnyStr:
        start = (bits >> 6) % len(value)
        end = start + (LENGTHS[bits & 63] or len(value))
        left, right = pairs[getrandbits(30) % len(pairs)]
        return value[:start] + left + value[start:end] + right + value[end:]

    def change_field(value: AnyStr, bits: int) -> AnyStr:
        size = len(value)
        separator = separators[bits & 15]
        at = (bits >> 6) % size
        start = value.rfind(separator, 0, at) + 1
        end = value.find(separator, at)
        if end < 0:
            end = size
            if not start:  # not in here at all
                return delete_range(value, bits)
        choice = bits >> 4 & 3
        if choice == 0:
            return value[:start] + value[end + 1 :]
        if choice == 1:
            return value[:end] + separator + value[start:end] + value[end:]
        if choice == 2:
            return value[:start] + pick(getrandbits(30)) + value[end:]
        return value[start:end] + separator + value[:start] + value[end + 1 :]

    def splice(value: AnyStr, bits: int) -> AnyStr:
        if not pool:
            return duplicate_range(value, bits)
        other = pool[bits % len(pool)]
        bits = getrandbits(30)
        start = getrandbits(30) % len(other)
        if len(other) > PIECE:
            start = max(start, len(other) - max(PIECE, len(value)))
        return value[: 1 + bits % len(value)] + other[start:]

    def insert_other_range(value: AnyStr, bits: int) -> AnyStr:
        if not pool:
            return duplicate_range(value, bits)
        other = pool[(bits >> 6) % len(pool)]
        start = getrandbits(30) % len(other)
        at = getrandbits(30) % (len(value) + 1)
        return value[:at] + other[start : start + (LENGTHS[bits & 63] or max(PIECE, len(value)))] + value[at:]

    def overwrite_with_other_range(value: AnyStr, bits: int) -> AnyStr:
        if not pool:
            return overwrite_with_range(value, bits)
        other = pool[(bits >> 6) % len(pool)]
        start = getrandbits(30) % len(other)
        chunk = other[start : start + (LENGTHS[bits & 63] or max(PIECE, len(value)))]
        at = getrandbits(30) % len(value)
        return value[:at] + chunk + value[at + len(chunk) :]

    return {
        delete_range: 6,
        duplicate_range: 4,
        overwrite_with_range: 3,
        swap_ranges: 2,
        repeat_range: 1,
        truncate: 1,
        insert_token: 7,
        overwrite_with_token: 5,
        replace_word: 3,
        change_number: 4,
        change_case: 1,
        wrap_range: 2,
        change_field: 3,
        splice: 3,
        insert_other_range: 3,
        overwrite_with_other_range: 3,
    }


def havoc(
    random: RandomBits,
    bandit: Bandit[AnyStr],
    fresh: Callable[[int], AnyStr],
    clip: Callable[[AnyStr, int], AnyStr],
    widest: int,
    max_len: int,
) -> Callable[[AnyStr], AnyStr]:
    """A mutator that applies a few random operators one after another and whose result differs from its argument.

    The operators are the bandit's, which is told of each havoc stack by its trail.

    `fresh` makes something of nothing, `widest` is the most that one element counts towards `max_len`, which `clip`
    enforces. (No result can differ from an empty value where `max_len` is 0.)
    """
    getrandbits = random.getrandbits
    table, trail = bandit.table, bandit.trail
    last_slot = len(table) - 1
    longest = max_len // widest  # elements that need no look at their widths

    def mutate(value: AnyStr) -> AnyStr:
        tries = TRIES
        while tries:
            mutated = value
            depth = 0
            while True:
                bits = getrandbits(30)
                if mutated:
                    trail[depth] = bits
                    mutated = table[bits & last_slot](mutated, bits >> SLOTS_BITS)
                else:
                    trail[depth] = ~bits
                    mutated = fresh(bits)
                depth += 1
                # Each time: stacked duplications would otherwise grow exponentially.
                if len(mutated) > longest:
                    mutated = clip(mutated, max_len)
                if bits < STOP:
                    break
            if mutated != value:
                return mutated
            tries -= 1
        return value[1:]

    return mutate
