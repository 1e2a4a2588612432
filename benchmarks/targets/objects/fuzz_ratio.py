"""A ratio within a narrow range."""

from fractions import Fraction

LOW, HIGH = Fraction(355, 113), Fraction(3_550_001, 1_130_000)


class PlantedError(Exception):
    """It is the one."""


def fuzz_ratio(ratio: Fraction, scale: int) -> None:
    if ratio > LOW and ratio < HIGH and scale > 3:
        raise PlantedError
