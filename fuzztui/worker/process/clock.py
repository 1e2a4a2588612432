"""The worker's clock.

A library that freezes time, for tests, replaces every name for a clock that it finds in a module, or the functions of
the common clocks themselves. So the clock here stands in a class, and is `perf_counter`, which on Linux is the same as
`monotonic`.
"""

import time
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

MOST_BY_CLOCK: Final = 16
"""Times as much by the clock as a call may take of a processor: a target that sleeps uses none."""

ENOUGH: Final = 32
"""What is less than one part in so many of a call's time is not worth going on for."""

LOOK: Final = 2_000_000
"""Nanoseconds until it is looked again at the time, at most: what takes much longer has been slow."""


UNHURRIED: Final = 600.0
"""Seconds from which on the time of a call says that no clock may decide anything: the run has to be repeatable."""


class Clock:
    """Time since some moment."""

    seconds: Final = staticmethod(time.perf_counter)
    nanoseconds: Final = staticmethod(time.perf_counter_ns)
    processor: Final = staticmethod(time.process_time_ns)
    """Nanoseconds of processors that this process has used, with all of its threads. Costs ten times as much to ask."""


class Timer:
    """Seconds of a processor that this process has used since it was made, for what takes a part of an entry's turn.

    Where a target sleeps it has used few; the clock counts for so much that all the turn's time by it bounds that.
    """

    def __init__(self) -> None:
        self._begun: Final = Clock.nanoseconds()
        self._processor: Final = Clock.processor()

    @property
    def seconds(self) -> float:
        """Until now."""
        by_clock = (Clock.nanoseconds() - self._begun) / MOST_BY_CLOCK
        return max(Clock.processor() - self._processor, by_clock) / 1e9


class Turn:
    """The time of a call. It is that of a processor, since on a busy machine the clock runs while the process does not:
    an entry's turn would be over before much has been done, and what each turn costs beside would prevail.
    """

    def __init__(self, seconds: float) -> None:
        """It begins now."""
        self._begun: Final = Clock.nanoseconds()
        self._processor: Final = Clock.processor()
        self._length = int(seconds * 1e9)
        self._looked = self._processor
        self._due = self._next = 0
        self.elapsed = 0
        """Nanoseconds of a processor between the last two looks."""

    @property
    def late(self) -> int:
        """By how many of these the last look was later than it was due: at least so many has the execution taken that
        was under way then.
        """
        return self.elapsed - self._due

    @property
    def seconds(self) -> float:
        """Of a processor, until now."""
        return (Clock.processor() - self._processor) / 1e9

    def prepared(self) -> int:
        """Have as much time as has been used until now, if that is more; returns the first moment to ask `later`."""
        self._length = max(self._length, 2 * (Clock.processor() - self._processor))
        return self.later()

    def later(self) -> int:
        """The moment to look again, in nanoseconds of the clock: 0 if the time is used up."""
        now, processor = Clock.nanoseconds(), Clock.processor()
        self.elapsed, self._looked = processor - self._looked, processor
        self._due = self._next
        left = self._length - (processor - self._processor)
        if left * ENOUGH < self._length or now - self._begun >= MOST_BY_CLOCK * self._length:
            return 0
        self._next = min(left, LOOK)
        return int(now + self._next)
