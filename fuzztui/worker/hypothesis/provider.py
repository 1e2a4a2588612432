"""Hands out the choices of an input, and what is drawn beyond them.

A choice that does not fit where it is drawn is made to: a number is brought within the bounds, a text cut, filled and
its characters replaced by others of the alphabet. One of another type is passed over.
"""

import math
from typing import Any, Final

from hypothesis.internal.conjecture.choice import choice_permitted
from hypothesis.internal.conjecture.providers import COLLECTION_DEFAULT_MAX_SIZE, PrimitiveProvider

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.hypothesis.beyond import Beyond, Constants

__builtins__ = PRIVATE_BUILTINS


ALPHABETS: Final = 256
"""That are remembered."""

CHARACTERS: Final = 1 << 14
"""Of an alphabet that are remembered."""


class Spelling(dict[int, int]):
    """From code points to those of an alphabet, for `str.translate`: others than its own stand for one of its own."""

    def __init__(self, alphabet: Any) -> None:
        """`alphabet`: the code points, at least one, as Hypothesis has them."""
        super().__init__()
        self.alphabet: Final = alphabet

    def __missing__(self, code: int) -> int:
        alphabet = self.alphabet
        found: int = code if chr(code) in alphabet else alphabet[code % len(alphabet)]
        if len(self) < CHARACTERS:
            self[code] = found
        return found


class Replay(PrimitiveProvider):
    """The choices of one input at a time. See `PrimitiveProvider` for what the methods return."""

    lifetime = "test_function"

    def __init__(self, constants: Constants) -> None:
        super().__init__(None)
        self.choices: tuple[Any, ...] = ()
        self.index = 0
        """Of the next choice. It also passes over those that the test forces: no one is asked for these."""
        self.end = 0
        self.beyond: Final = Beyond(constants)
        self._spellings: dict[int, Spelling] = {}

    def start(self, plain: tuple[Any, ...]) -> None:
        """Begin with an input: a seed and choices."""
        self.choices = plain
        self.index = 1
        self.end = len(plain)
        self.beyond.start(plain[0])

    def draw_boolean(self, p: float = 0.5) -> bool:
        index = self.index
        if index < self.end:
            self.index = index + 1
            value = self.choices[index]
            if type(value) is bool and 0 < p < 1:
                return value
        if p <= 0:
            return False
        return p >= 1 or self.beyond.boolean(p)

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,  # noqa: ARG002
        shrink_towards: int = 0,  # noqa: ARG002
    ) -> int:
        index = self.index
        if index < self.end:
            self.index = index + 1
            value = self.choices[index]
            if type(value) is int:
                return fitted_integer(value, min_value, max_value)
        return self.beyond.integer(min_value, max_value)

    def draw_float(
        self,
        *,
        min_value: float = -math.inf,
        max_value: float = math.inf,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float,
    ) -> float:
        constraints: Any = {
            "min_value": min_value,
            "max_value": max_value,
            "allow_nan": allow_nan,
            "smallest_nonzero_magnitude": smallest_nonzero_magnitude,
        }

        def fits(number: float) -> bool:
            return choice_permitted(number, constraints)

        index = self.index
        value: float | None = None
        if index < self.end:
            self.index = index + 1
            value = self.choices[index]
        if type(value) is not float:
            value = self.beyond.floating(fits, min_value, max_value)
        if fits(value):
            return value
        middle = min_value / 2 + max_value / 2
        bounded = min(max(value, min_value), max_value) if value == value else 0.0
        for near in (bounded, 0.0, min_value, max_value, middle):
            if fits(near):
                return near
        return smallest_nonzero_magnitude if fits(smallest_nonzero_magnitude) else -smallest_nonzero_magnitude

    def draw_string(self, intervals: Any, *, min_size: int = 0, max_size: int = COLLECTION_DEFAULT_MAX_SIZE) -> str:
        index = self.index
        value: str | None = None
        if index < self.end:
            self.index = index + 1
            value = self.choices[index]
        count = len(intervals)
        if not count:
            return ""
        if type(value) is not str:
            value = self.beyond.text(intervals, min_size, max_size)
        spelling = self._spellings.get(id(intervals))
        if spelling is None or spelling.alphabet is not intervals:
            if len(self._spellings) >= ALPHABETS:  # a test may make new ones in each execution
                self._spellings.clear()
            spelling = self._spellings[id(intervals)] = Spelling(intervals)
        value = value.translate(spelling)
        size = len(value)
        if size > max_size:
            return value[:max_size]
        if size < min_size:
            filler = value or chr(intervals[self.beyond.below(count)])
            value = (value + filler * (min_size // len(filler) + 1))[:min_size]
        return value

    def draw_bytes(self, min_size: int = 0, max_size: int = COLLECTION_DEFAULT_MAX_SIZE) -> bytes:
        index = self.index
        value: bytes | None = None
        if index < self.end:
            self.index = index + 1
            value = self.choices[index]
        if type(value) is not bytes:
            value = self.beyond.binary(min_size, max_size)
        if len(value) > max_size:
            return value[:max_size]
        return value.ljust(min_size, value[-1:] or b"\0")


def fitted_integer(value: int, low: int | None, high: int | None) -> int:
    """The number, or the one that takes its place within bounds."""
    if low is not None and value < low:
        return low if high is None else low + (value - low) % (high - low + 1)
    if high is not None and value > high:
        return high if low is None else low + (value - low) % (high - low + 1)
    return value
