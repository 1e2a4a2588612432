"""Numbers made of numbers: spreads, ratios, verdicts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """What repeated measurements of one thing gave."""

    least: float
    median: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} - {self.most:.2f})"


def spread(values: Iterable[float]) -> Spread:
    """Summarize at least one value; ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to summarize")
    return Spread(ordered[0], median(ordered), ordered[-1])


def ratio(figure: float | None, base: float | None) -> float | None:
    """`figure / base`; None where one of them was not measured or there is nothing to compare with."""
    return figure / base if figure is not None and base else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """An expectation and whether it was met."""

    name: str
    value: float
    expected: float
    at_least: bool
    """Whether `expected` is the least good value, or else the greatest."""
    unit: str
    """Follows the number: `x bare`."""

    @property
    def met(self) -> bool:
        """Whether the value is on the right side of what is expected, or just there."""
        return self.value >= self.expected if self.at_least else self.value <= self.expected

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        outcome = "met" if self.met else "MISSED"
        return f"{self.name}: {self.value:.2f}{self.unit} (expected {bound} {self.expected:g}x): {outcome}"
