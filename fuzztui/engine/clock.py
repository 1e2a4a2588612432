"""Durations of the run and of the execution in progress, and rates."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

LONGEST_STEP: Final = 0.25
"""Seconds that one look adds at most: if the coordinator itself was suspended or starved, its workers were too."""

RATE_WINDOW: Final = 3.0
"""Seconds over which executions per second are averaged: long enough to hold still, short enough to show a fall."""


class RunClock:
    """Seconds of a run, not counting those in which it was paused."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start now; `now` tells the seconds of a clock that never goes back."""
        self._now = now
        self._started = now()
        self._paused_at: float | None = None
        self._paused = 0.0

    def elapsed(self) -> float:
        """Seconds so far."""
        end = self._now() if self._paused_at is None else self._paused_at
        return end - self._started - self._paused

    def pause(self) -> None:
        """Stand still."""
        if self._paused_at is None:
            self._paused_at = self._now()

    def resume(self) -> None:
        """Go on."""
        if self._paused_at is not None:
            self._paused += self._now() - self._paused_at
            self._paused_at = None


class HangClock:
    """Seconds that a worker has been in one execution, as far as it could run.

    An overloaded or suspended machine is no hang, so this adds up looks at the worker instead of subtracting times: a
    look counts little however long ago the one before was, and not at all while somebody keeps the worker suspended.
    """

    def __init__(self) -> None:
        """Start with no execution in progress."""
        self._executions = -1
        self._looked_at = 0.0
        self.stuck = 0.0
        """Seconds in the execution in progress."""

    def look(self, executions: int, *, running: bool, suspended: bool, now: float) -> float:
        """Take a look at the worker's counters; returns `stuck`."""
        step = min(now - self._looked_at, LONGEST_STEP)
        self._looked_at = now
        if not running or executions != self._executions:
            self._executions = executions
            self.stuck = 0.0
        elif not suspended:
            self.stuck += step
        return self.stuck


class RateMeter:
    """Counts per second over a sliding window."""

    def __init__(self, window: float = RATE_WINDOW) -> None:
        """`window` in seconds."""
        self._window = window
        self._points: deque[tuple[float, int]] = deque()

    def add(self, now: float, count: int) -> None:
        """Take a reading of a counter that only grows."""
        points = self._points
        points.append((now, count))
        while len(points) > 2 and now - points[1][0] >= self._window:
            points.popleft()

    @property
    def rate(self) -> float | None:
        """Counts per second; None before there are two readings."""
        if len(self._points) < 2:
            return None
        (begin, first), (end, last) = self._points[0], self._points[-1]
        return (last - first) / (end - begin) if end > begin else None

    def clear(self) -> None:
        """Forget the readings."""
        self._points.clear()
