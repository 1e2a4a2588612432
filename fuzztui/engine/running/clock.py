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
    """Seconds that a worker has been in one execution, and how many of them were the execution's own doing.

    An overloaded or suspended machine is no hang. So this adds up the steps from one look at the worker to the next
    instead of subtracting times: a look counts little however long ago the one before was. And what the execution was
    held up by others is taken off.
    """

    def __init__(self) -> None:
        """Start with no execution in progress."""
        self._looked_at = 0.0
        self._ran = 0.0
        self._held_up = 0.0
        self.execution = -1
        """The worker's counter at the last look."""
        self.clock = 0.0
        """Seconds of the execution in progress in which nobody had stopped it."""

    @property
    def own(self) -> float:
        """Seconds of the execution in progress in which it ran, or had nothing to run: a wait for a lock or a socket
        is its own. Several threads that wait for a core at once are held up for longer than the clock tells; then what
        it ran is what it had.
        """
        return min(self.clock, max(self.clock - self._held_up, self._ran))

    def tick(self, now: float) -> tuple[float, float]:
        """Note a look at the monotonic time `now`: seconds since the one before, and how many of them may count."""
        seconds = now - self._looked_at
        self._looked_at = now
        return seconds, min(seconds, LONGEST_STEP)

    def begin(self, execution: int) -> None:
        """Nothing or another execution is in progress."""
        self.execution = execution
        self.clock = self._ran = self._held_up = 0.0

    def add(self, step: float, *, ran: float = 0.0, held_up: float = 0.0) -> None:
        """The execution has gone on for `step` seconds; CPU seconds that it had, and seconds that it had no core."""
        self.clock += step
        self._ran += ran
        self._held_up += held_up


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


class RateHistory:
    """Counts per second over the last minutes, one figure a second."""

    def __init__(self, seconds: int = 240) -> None:
        """`seconds`: how far it looks back."""
        self._points: deque[tuple[float, float]] = deque(maxlen=seconds)
        self._since: tuple[float, int] | None = None

    def add(self, now: float, count: int) -> None:
        """Take a reading of a counter that only grows; of several in a second one makes a figure."""
        if self._since is None:
            self._since = (now, count)
            return
        before, counted = self._since
        if now - before >= 1.0:
            self._points.append((now, (count - counted) / (now - before)))
            self._since = (now, count)

    def ago(self, now: float) -> tuple[tuple[float, float], ...]:
        """Seconds ago and counts per second, the oldest first."""
        return tuple((now - at, rate) for at, rate in self._points)
