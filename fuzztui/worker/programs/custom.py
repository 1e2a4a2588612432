"""The mutator and the crossover that a program brings along, as operators among ours."""

import random as library
from collections.abc import Callable, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError, UserCodeFailed
from fuzztui.target.tracebacks import place_of, user_traceback
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.adaptive import Weighted
from fuzztui.worker.mutate.sequence import RandomBits

__builtins__ = PRIVATE_BUILTINS

WEIGHT: Final = 60
"""Of each, where ours together have about as much: it knows the format, so every other input goes through it."""

SEED_BITS: Final = 31
"""Bits of the seed that it is given: as many as libFuzzer's has that are no sign."""

LARGEST: Final = 1 << 26
"""Bytes of what `Mutate` makes."""

Mutation = Callable[[bytes, int, int], Any]
Crossover = Callable[[bytes, bytes, int, int], Any]


class CustomMutation:
    """What a program mutates inputs with."""

    def __init__(self) -> None:
        self._mutator: Mutation | None = None
        self._crossover: Crossover | None = None
        self._own = Mutator(("bytes",), library.Random(0), Dictionary(), LARGEST)
        """What `mutate` makes inputs with."""

    def begin(self, random: RandomBits, dictionary: Dictionary) -> None:
        """The program is served from now on; tokens that `mutate` inserts are in this dictionary."""
        self._own = Mutator(("bytes",), random, dictionary, LARGEST)

    def use(self, mutator: Mutation | None, crossover: Crossover | None) -> None:
        """These are the functions."""
        self._mutator = mutator
        self._crossover = crossover

    def operators(self, random: RandomBits, pool: Sequence[tuple[Any, ...]], max_len: int) -> Weighted[bytes]:
        """The operators; `pool`: entries of the corpus. HarnessError out of one whose function fails."""
        mutator, crossover = self._mutator, self._crossover
        found: dict[Callable[[bytes, int], bytes], int] = {}
        if mutator is not None:
            mutation = mutator

            def custom_mutator(value: bytes, _bits: int) -> bytes:
                return _made("custom_mutator", max_len, mutation, value, max_len, random.getrandbits(SEED_BITS))

            found[custom_mutator] = WEIGHT
        if crossover is not None:
            crossing = crossover

            def custom_crossover(value: bytes, bits: int) -> bytes:
                if not pool:
                    return value
                other = pool[bits % len(pool)][0]
                return _made(
                    "custom_crossover", max_len, crossing, value, other, max_len, random.getrandbits(SEED_BITS)
                )

            found[custom_crossover] = WEIGHT
        return found

    def mutate(self, data: bytes, max_size: int) -> bytes:
        """`atheris.Mutate`: another input that is made of one as ours are, of at most so many bytes."""
        return bytes(self._own.mutate_bytes(bytes(data)))[: max(0, max_size)]


def _made(name: str, max_len: int, function: Callable[..., Any], *arguments: Any) -> bytes:
    try:
        made = function(*arguments)
    except Exception as error:
        text, last = user_traceback(error)
        place = place_of(error)
        raise UserCodeFailed(f"{place}: {name} raised {last}", text, place, last) from None
    if not isinstance(made, bytes | bytearray | memoryview):
        raise HarnessError(f"{name} returned {type(made).__name__}, want bytes")
    return bytes(made)[:max_len]
