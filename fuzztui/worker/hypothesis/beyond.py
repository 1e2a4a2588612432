"""What is drawn beyond a sequence of choices. It follows from the seed and the constants of the code alone.

So an input means the same in every process, whatever was found before. Values are small ones, bounds, constants and
odd ones more often than a uniform distribution has them.
"""

import math
import struct
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MASK: Final = (1 << 64) - 1
_MULTIPLIER: Final = 6364136223846793005
_INCREMENT: Final = 1442695040888963407
"""Of Knuth's MMIX: whose upper half is random enough, and is one multiplication."""

ODD_FLOATS: Final = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 0.1, 2.0**53, 1e-5, 1e16, 1e300, -1e300, 5e-324, 2.2250738585072014e-308),
    *(math.inf, -math.inf, math.nan, 1.7976931348623157e308),
)

_NARROW: Final = 32
"""Values of an integer's range up to which all are alike."""

_NEAR: Final = 128
"""Characters at the beginning of an alphabet from which most are taken."""


class Constants(NamedTuple):
    """What the code of a test names."""

    ints: tuple[int, ...] = ()
    floats: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    words: tuple[bytes, ...] = ()


class Beyond:
    """A source of values for one execution at a time."""

    __slots__ = ("constants", "is_brief", "state")

    def __init__(self, constants: Constants) -> None:
        self.constants: Final = constants
        self.state = 1
        self.is_brief = False
        """Whether what may go on ends sooner in this execution."""

    def start(self, seed: int) -> None:
        """Begin anew with a seed."""
        self.state = (seed * 2 + 1) * _MULTIPLIER & _MASK
        self.is_brief = self.bits(1) == 1

    def bits(self, count: int) -> int:
        """So many random bits."""
        self.state = state = (self.state * _MULTIPLIER + _INCREMENT) & _MASK
        if count <= 32:
            return state >> 64 - count if count else 0
        return state >> 32 | self.bits(count - 32) << 32

    def below(self, end: int) -> int:
        """A number from 0 on, below `end`."""
        return self.bits(max(32, end.bit_length() + 8)) % end

    def boolean(self, p: float) -> bool:
        """True with about this probability. What is likely is mostly whether there is one more of something: in half of
        all executions it is less so, since short inputs are quick, and grow by what they find.
        """
        if self.is_brief and p > 0.5:
            p = 0.25 + p / 2
        return self.bits(32) < p * 4294967296

    def integer(self, low: int | None, high: int | None) -> int:
        """A number within inclusive bounds."""
        if low is not None and high is not None:
            return self._bounded(low, high)
        kind = self.bits(3)
        ints = self.constants.ints
        if kind == 0 and ints:
            value = ints[self.below(len(ints))]
        else:
            value = self.bits(1 + (self.bits(6) if kind < 3 else self.bits(4)))
            if kind & 1:
                value = -value
        if low is not None and value < low:
            return low + (low - value)
        if high is not None and value > high:
            return high - (value - high)
        return value

    def _bounded(self, low: int, high: int) -> int:
        width = high - low + 1
        if width <= _NARROW:
            return low + self.below(width)
        kind = self.bits(3)
        ints = self.constants.ints
        if kind == 0 and ints:
            value = ints[self.below(len(ints))]
            if low <= value <= high:
                return value
        if kind < 4:
            return low + self.below(width)
        near = self.bits(4) % width
        return low + near if kind & 1 else high - near

    def floating(self, fits: Callable[[float], bool], low: float, high: float) -> float:
        """A number that fits, of which `low` and `high` are the inclusive bounds."""
        kind = self.bits(3)
        floats = self.constants.floats
        if kind == 0 and floats:
            value = floats[self.below(len(floats))]
        elif kind < 4:
            value = ODD_FLOATS[self.below(len(ODD_FLOATS))]
        elif kind < 6:
            value = float(self.bits(1 + self.bits(4)))
            value = -value if kind == 5 and low < 0 else value
        else:
            (value,) = struct.unpack("<d", self.bits(64).to_bytes(8, "little"))
        if fits(value):
            return value
        if math.isfinite(low) and math.isfinite(high):
            share = self.bits(53) / (1 << 53)
            value = low * (1 - share) + high * share
            if fits(value):
                return value
        return value

    def text(self, alphabet: Sequence[int], least: int, most: int) -> str:
        """A text of characters whose code points are in the alphabet, which is not empty."""
        texts = self.constants.texts
        if texts and not self.bits(2):
            return texts[self.below(len(texts))]
        count = len(alphabet)
        size = min(most, least + self.bits(3))
        near = min(count, _NEAR)
        return "".join([chr(alphabet[self.below(near if self.bits(2) else count)]) for _ in range(size)])

    def binary(self, least: int, most: int) -> bytes:
        """Bytes of such a length, or a constant of any."""
        words = self.constants.words
        if words and not self.bits(2):
            return words[self.below(len(words))]
        size = min(most, least + self.bits(3))
        return self.bits(8 * size).to_bytes(size, "little")
