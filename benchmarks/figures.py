"""Numbers made of numbers: spreads, ratios, means, verdicts. Pure."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """What repeated measurements of one thing gave."""

    least: float
    median: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f}{self.range()}"

    def range(self, form: str = ".2f") -> str:
        """Least and most in parentheses; nothing where that is one number."""
        return f" ({self.least:{form}} - {self.most:{form}})" if self.least < self.most else ""


def spread(values: Iterable[float]) -> Spread:
    """Summarize at least one value; ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to summarize")
    return Spread(ordered[0], median(ordered), ordered[-1])


def ratio(figure: float | None, base: float | None) -> float | None:
    """`figure / base`; None where one of them was not measured or there is nothing to compare with."""
    return figure / base if figure is not None and base else None


def rates(results: Iterable[Mapping[str, Any]], per: str) -> list[float]:
    """The executions of each run, per what is called so in its results."""
    return [result["executions"] / result[per] for result in results]


def spread_of_rates(these: Iterable[Mapping[str, Any]], those: Iterable[Mapping[str, Any]], per: str) -> Spread:
    """How these runs' rates compare with those of the runs beside them."""
    return spread(one / other for one, other in zip(rates(these, per), rates(those, per), strict=True))


def geometric_mean(values: Collection[float]) -> float:
    """The mean of positive ratios: of twice as fast and half as fast it is 1. ValueError for none."""
    if not values:
        raise ValueError("no values to take the mean of")
    return math.exp(math.fsum(map(math.log, values)) / len(values))


@dataclass(frozen=True, slots=True)
class Verdict:
    """An expectation and whether it was met."""

    name: str
    value: float
    expected: float
    at_least: bool
    """Whether `expected` is the least good value, or else the greatest."""
    unit: str
    """Follows both numbers: `x`, ` s`."""
    of: str = ""
    """Follows the value and its unit: ` Atheris`."""
    strict: bool = False
    """Whether just the expected value is not good enough."""
    spread: Spread | None = None
    """Of the value, where it comes from repetitions."""

    @property
    def met(self) -> bool:
        """Whether the value is on the right side of what is expected, or just there unless that is too little."""
        if self.value == self.expected:
            return not self.strict
        return (self.value > self.expected) is self.at_least

    def __str__(self) -> str:
        bound = ("more than" if self.strict else "at least") if self.at_least else "at most"
        value = f"{self.value}" if isinstance(self.value, int) else f"{self.value:.2f}"
        between = self.spread.range() if self.spread else ""
        outcome = "met" if self.met else "MISSED"
        expected = f"expected {bound} {self.expected:g}{self.unit}"
        return f"{self.name}: {value}{self.unit}{self.of}{between}, {expected}: {outcome}"
