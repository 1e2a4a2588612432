"""Keeps a few long inputs from taking most of the time.

What is compared with a length suggests inputs so long, and some programs take quadratic time: one such input may take
as long as ten thousand others, and hundreds of them follow from one another. The first ones are executed, since what a
long input does is worth to be known; after that they have a part of the time.
"""

import sys
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments, size
from fuzztui.worker.process.clock import LOOK

__builtins__ = PRIVATE_BUILTINS

SLOW: Final = 16
"""Times as long as others an execution takes that is slow."""

TRACED: Final = 8
"""Times as long an execution takes that is traced."""

HELD: Final = 8
"""Calls in which long inputs wait, at most, when the first of all has taken longer than one: those that it leads to, as
long as it is, come before others.
"""

PART: Final = 0.1
AT_ONCE: Final = 12.0
"""The part of the time that long inputs may take which are slow, and calls' worth of time that they may take before."""


class Slowness:
    """How much time long inputs have taken."""

    def __init__(self) -> None:
        self.longest = sys.maxsize
        """Bytes of an input that may be executed because something suggests it: without bound while there is time."""
        self._shortest = sys.maxsize
        """Bytes of the shortest long one that was slow."""
        self._executions = 0
        self._usual = 0
        """Executions between looks that were in time, and their nanoseconds of a processor."""
        self._time = 0
        """Nanoseconds of all executions but those of `_slow`."""
        self._slow = 0
        """Those of long inputs that were slow."""
        self._held = HELD
        """Calls in which long inputs may still wait."""
        self._is_held = False
        """Whether they do, since one has taken long, and nothing is known yet of how long others take."""
        self._call = 0.0
        """Nanoseconds of one."""
        self._long = float(sys.maxsize)

    def begin_call(self, seconds: float, long: float) -> None:
        """A call of so many seconds begins, in a run that has to be repeatable so many that no clock decides; inputs of
        more than `long` bytes are longer than most.
        """
        self._call, self._long = seconds * 1e9, long
        self._held -= self._is_held
        self._is_held = self._is_held and self._held > 0 and not self._usual
        self._weigh()

    def holds_back(self, arguments: Arguments) -> bool:
        """Whether an input is too long to be executed now because something suggests it. Hot: mostly none is."""
        return self.longest < sys.maxsize and sum(map(size, arguments)) > self.longest

    def refuses(self, length: int) -> bool:
        """Whether an input of so many bytes is not to be traced now: such ones have had their part of the time."""
        return length > self.longest

    def is_long(self, length: int) -> bool:
        """Whether an input has more bytes than most."""
        return length > self._long

    def is_too_slow(self, nanoseconds: int) -> bool:
        """Whether an input that takes so much time of a processor takes far more than others, and more than a call."""
        return nanoseconds > self._call and self._is_slow(nanoseconds)

    def is_too_slow_yet(self, nanoseconds: int) -> bool:
        """Whether one takes more than a call while nothing is known of how long others take."""
        return nanoseconds > self._call and not self._usual

    def note(self, nanoseconds: int, length: int) -> None:
        """An input of so many bytes has been traced, which took so much time."""
        if length > self._long and nanoseconds > self._call:
            if self._is_slow(nanoseconds // TRACED):
                self._slow += nanoseconds
                self._shortest = min(self._shortest, length)
            else:
                self._hold()
            self._weigh()

    def _is_slow(self, nanoseconds: int) -> bool:
        return nanoseconds * self._executions > SLOW * self._usual > 0

    def count(self, executions: int, nanoseconds: int, length: int, late: int) -> None:
        """So many executions have taken so much time; `late` of it, at least, the last one, which has so many bytes."""
        is_slow = length > self._long and self._is_slow(late)
        if is_slow:
            self._slow += late
            self._shortest = min(self._shortest, length)
        elif late > self._call and length > self._long:
            self._hold()
        if late < LOOK:
            self._executions += executions
            self._usual += nanoseconds
        self._time += nanoseconds - late * is_slow
        self._weigh()

    def _hold(self) -> None:
        self._is_held = self._held > 0 and not self._usual

    def _weigh(self) -> None:
        if self._is_held:
            self.longest = int(self._long)
        elif self._slow > AT_ONCE * self._call + PART * self._time:
            self.longest = max(int(self._long), self._shortest - 1)
        else:
            self.longest = sys.maxsize
