"""A few inputs take most of the time: each is far slower than all others."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import NOTHING, Visible, label, say

NAME: Final = "slow"

SLOWER: Final = 10.0
"""Times the time that a usual execution takes for which one has to have been in progress when it is seen."""

FEW: Final = 0.5
"""Share of the executions from which on slow ones are the usual ones."""

LEAST_AGE: Final = 0.01
"""Seconds below which no input is slow."""

LEAST_LOOKS: Final = 100

MOST: Final = 0.4
"""Share of the looks that find such an input. It is less than that of the time which they take: one that has just begun
is not known by its age."""


def slow_ones(ages: Sequence[float], rate: float, waiting: float = 0.0) -> tuple[float, tuple[float, ...]]:
    """What an execution of one worker takes usually, and the ages of those, seen in progress, that take far longer.

    `ages`: at each look for how long the execution had been in progress; `rate`: executions per second in that time;
    `waiting`: the share of it in which the worker had no core, which makes any execution look old: the oldest that are
    left when as many looks are taken away are slow by themselves.
    The share of the looks is the share of the time, so both tell what the others take: of inputs that are slow one in
    a hundred, the average is that of neither.
    """
    usual = 1.0 / rate if rate > 0 else 0.0
    found = [age for age in ages if age >= LEAST_AGE]
    if not found or not usual:
        return usual, ()
    share = len(found) / len(ages)
    many = share / (2 * median(found))  # per second; one is seen in its middle on average
    if many < FEW * rate:
        usual = (1.0 - share) / (rate - many)
    slow = sorted(age for age in found if age >= SLOWER * usual)
    return usual, tuple(slow[math.ceil(waiting * len(ages)) :])


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where two in five looks or more find a worker in an input that is slower than ten of the usual ones."""
    seen = figures.glances
    if seen.looks < LEAST_LOOKS or len(seen.ages) < MOST * seen.looks:
        return None
    share = len(seen.ages) / seen.looks
    each = 2 * median(seen.ages)  # one is seen in its middle on average
    example = say(" One is {}.", seen.example) if seen.example else NOTHING
    finding = say(
        "Slow inputs eat the time: in {:.0f}% of {:,} looks a worker was in one that takes far longer than usual, "
        "about {} where others take {}.{}",
        share * 100,
        seen.looks,
        _short(each),
        _short(seen.usual),
        example,
    )
    advice = label(
        "Look why they are slow: that may be a bug by itself (--timeout makes it a crasher). A smaller --max-len keeps "
        "inputs short; a target that returns early for such inputs leaves the time to others."
    )
    figured = (("looks", seen.looks), ("share", share), ("seconds_each", each), ("seconds_usual", seen.usual))
    return Diagnosis(NAME, finding, advice, figured)


def _short(seconds: float) -> Visible:
    """`98 µs`, `1.6 ms`, `0.2 s`: nobody reads exponents."""
    for unit, of_a_second in (("s", 1.0), ("ms", 1e3)):
        if seconds * of_a_second >= (0.1 if unit == "s" else 1.0):
            return say("{:.2g} {}", seconds * of_a_second, unit)
    return say("{:.0f} µs", seconds * 1e6)
