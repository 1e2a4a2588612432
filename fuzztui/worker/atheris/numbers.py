"""The numbers that a `FuzzedDataProvider` and its inverse have to agree on."""

from sys import float_info
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

ALL_REMAINING: Final = 2**64 - 1
"""A count that no input is as long as."""

LARGEST: Final = float_info.max

SPECIAL: Final = (
    0.0,
    -0.0,
    float("inf"),
    float("-inf"),
    float("nan"),
    5e-324,
    -5e-324,
    float_info.min,
    -float_info.min,
    LARGEST,
    -LARGEST,
)
"""What `ConsumeFloat` gives for the bytes 0, 1, ..."""

REGULAR: Final = 9
"""Bytes behind the first one of `ConsumeFloat`: read as a number, or skipped where it stands for a special one."""

UNIT: Final = 2.0**64
"""What a probability's integer is divided by."""


def is_wide(low: float, high: float) -> bool:
    """Whether a range is too wide for a float, so that a flag tells which half of it a number is in."""
    return low < 0 < high and low + LARGEST < high
