"""Executions get slower while a worker's memory grows: something is kept from one input to the next."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from fuzztui.engine.diagnoses.figures import Figures, Reading
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import count, duration, label, say, size

NAME: Final = "slowing"

LEAST_SECONDS: Final = 60.0
LEAST_READINGS: Final = 12

SLOWER: Final = 0.6
"""Of the rate at first from which down it is a fall: longer inputs alone cost some of it."""

GREW: Final = 1.5
"""Times the memory at first."""

GREW_BYTES: Final = 32 << 20
"""And so many bytes more: a corpus and caches of the interpreter take some."""

PARTS: Final = 4
"""The first and the last of so many parts of the time are compared."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where both have changed much over the life of one process."""
    worst: tuple[float, Diagnosis] | None = None
    for labour in figures.labours:
        found = _of(labour.worker, labour.readings)
        if found is not None and (worst is None or found[0] < worst[0]):
            worst = found
    return worst[1] if worst is not None else None


def _of(worker: int, readings: Sequence[Reading]) -> tuple[float, Diagnosis] | None:
    if len(readings) < LEAST_READINGS or readings[-1].elapsed - readings[0].elapsed < LEAST_SECONDS:
        return None
    part = len(readings) // PARTS
    first, middle, last = readings[:part], readings[part:-part], readings[-part:]
    rates = [median(reading.rate for reading in each) for each in (first, middle, last)]
    sizes = [median(reading.rss for reading in each) for each in (first, middle, last)]
    is_slower = rates[2] < SLOWER * rates[0] and rates[2] <= rates[1]  # a fall that goes on, not one that is over
    is_larger = sizes[2] > GREW * sizes[0] and sizes[2] - sizes[0] > GREW_BYTES and sizes[2] >= sizes[1]
    if not (rates[0] > 0 and is_slower and is_larger):
        return None
    finding = say(
        "Worker {} gets slower as its memory grows: from {}/s to {}/s and from {} to {} in {}.",
        worker,
        count(rates[0]),
        count(rates[2]),
        size(int(sizes[0])),
        size(int(sizes[2])),
        duration(readings[-1].elapsed - readings[0].elapsed),
    )
    advice = label(
        "Something is kept from one input to the next: a cache, a list that only grows, what is registered and never "
        "removed. Clear it in the target; until then r restarts a worker, and --memory-limit bounds it."
    )
    figured = (
        ("worker", worker),
        ("rate_before", rates[0]),
        ("rate", rates[2]),
        ("bytes_before", sizes[0]),
        ("bytes", sizes[2]),
    )
    return rates[2] / rates[0], Diagnosis(NAME, finding, advice, figured)
