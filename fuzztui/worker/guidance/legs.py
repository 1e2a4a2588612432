"""Divides the time of calls between what comparisons suggest, what may lead further, and plain mutation.

What comparisons suggest finds most of a format in its first second, and in a module that has been covered next to
nothing; working it out takes as long as many executions. So all ways go on in turns, each for some milliseconds, and
what finds more gets more time. What one way has taken too long it owes the others.
"""

from collections import deque
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.odds import Odds
from fuzztui.worker.mutate.sizes import Arguments, size
from fuzztui.worker.process.clock import Clock, Turn

__builtins__ = PRIVATE_BUILTINS

USUAL: Final = 4.0
FEWEST: Final = 0.25
MOST: Final = 16.0
"""Time for what comparisons suggest for each second of all else: as long as nothing tells the two apart, and the bounds
of what is learned."""

USUAL_FURTHER: Final = 1.0
FEWEST_FURTHER: Final = 0.05
MOST_FURTHER: Final = 4.0
"""The same for what may lead further, for each second of plain mutation."""

LEG: Final = 5_000_000
"""Nanoseconds after which another way may have its turn: longer than most executions."""

AT_ONCE: Final = 500_000_000
"""Nanoseconds that suggestions may take at once after none have been tried: those of a quick target all of it."""

AT_ONCE_FURTHER: Final = 10 * LEG
"""The same for what may lead further."""

ENOUGH: Final = 256
"""Suggestions that wait, with which no more are worked out: in a slow test more would be than are ever tried."""

POSTPONED: Final = 64
POSTPONED_BYTES: Final = 1 << 22
"""Entries whose comparisons wait to be looked at, the latest, and their bytes in all, but for one."""

NONE: Final[deque[Arguments]] = deque()

_SUGGESTED, _FURTHER, _MUTATED = range(3)


class Leg(NamedTuple):
    """What is done next."""

    suggested: deque[Arguments]
    """Tried before anything is mutated."""
    goes_further: bool
    """Whether inputs are made that may lead further, and not by plain mutation."""
    deadline: int
    """The moment to ask again, in nanoseconds of the clock; 0 if the call's time is used up."""


class Legs:
    """Those of one search's calls."""

    def __init__(self) -> None:
        self._suggesting = Odds(USUAL, FEWEST, MOST)
        self._furthering = Odds(USUAL_FURTHER, FEWEST_FURTHER, MOST_FURTHER)
        self._owed = -AT_ONCE
        """Nanoseconds that suggestions have taken, working them out included, beyond what is due to them."""
        self._owed_further = 0
        """The same of what may lead further."""
        self._postponed: deque[Arguments] = deque()
        self._postponed_bytes = 0
        self._way = _SUGGESTED
        self._goes_further = False
        """Whether anything is known in this call that may lead further."""
        self._since = 0
        self._found = 0
        self._times = [0, 0, 0]
        self._finds = [0, 0, 0]
        """Of each way, in this call."""

    def traced(self, arguments: Arguments | None, waiting: int) -> Arguments | None:
        """Which entry's comparisons are to be looked at now, if it is the turn of these, or of none; None if that has
        taken too long lately, or so many suggestions wait that there are enough.
        """
        if arguments is not None:
            self._postpone(arguments)
        if self._owed > 0 or waiting >= ENOUGH or not self._postponed:
            return None
        latest = self._postponed.pop()
        self._postponed_bytes -= sum(map(size, latest))
        return latest

    def _postpone(self, arguments: Arguments) -> None:
        self._postponed.append(arguments)
        self._postponed_bytes += sum(map(size, arguments))
        while len(self._postponed) > POSTPONED or (
            self._postponed_bytes > POSTPONED_BYTES and len(self._postponed) > 1
        ):
            self._postponed_bytes -= sum(map(size, self._postponed.popleft()))

    def begin(self, found: int) -> None:
        """A call begins, with looking at comparisons; `found`: finds so far."""
        self._way, self._since, self._found = _SUGGESTED, Clock.processor(), found
        self._times, self._finds = [0, 0, 0], [0, 0, 0]

    def prepared(self, *, goes_further: bool) -> None:
        """The entry has been looked at; whether anything is known that may lead further."""
        self._goes_further = goes_further

    def next(self, suggested: deque[Arguments], turn: Turn, found: int) -> Leg:
        """What is to be done from now on, with so many finds so far; `suggested`: what is waiting."""
        self._note(found)
        if self._owed <= 0 and suggested:
            self._way = _SUGGESTED
        else:
            self._way = _FURTHER if self._goes_further and self._owed_further <= 0 else _MUTATED
        deadline = min(turn.later(), Clock.nanoseconds() + LEG)
        return Leg(suggested if self._way == _SUGGESTED else NONE, self._way == _FURTHER, deadline)

    def settle(self, found: int, executions: int) -> None:
        """The call is over, which had so many executions."""
        self._note(found)
        suggested, further, mutated = self._times
        finds = self._finds
        share = suggested / max(1, suggested + further + mutated)
        self._suggesting.credit(finds[_SUGGESTED], finds[_FURTHER] + finds[_MUTATED], share, executions)
        if self._goes_further:
            share = further / max(1, further + mutated)
            self._furthering.credit(finds[_FURTHER], finds[_MUTATED], share, executions)

    def _note(self, found: int) -> None:
        """A leg is over."""
        now = Clock.processor()
        time, finds = now - self._since, found - self._found
        self._since, self._found = now, found
        self._times[self._way] += time
        self._finds[self._way] += finds
        if self._way == _SUGGESTED:
            self._owed += time
            return
        self._owed = max(-AT_ONCE, self._owed - int(self._suggesting.value * time))
        if self._way == _FURTHER:
            self._owed_further += time
        else:
            self._owed_further = max(-AT_ONCE_FURTHER, self._owed_further - int(self._furthering.value * time))
