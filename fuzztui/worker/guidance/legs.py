"""Divides the time of calls between what comparisons suggest, changes of parts, what may lead further, and mutation.

What comparisons suggest finds most of a format in its first second, and in a module that has been covered next to
nothing; working it out takes as long as many executions. So all ways go on in turns, each for some milliseconds, and
what finds more gets more time. What one way has taken too long it owes the others.
"""

from collections import deque
from collections.abc import Sequence
from enum import IntEnum
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

USUAL_PARTS: Final = 0.5
USUAL_FURTHER: Final = 1.0
FEWEST_BESIDE: Final = 0.05
MOST_BESIDE: Final = 4.0
"""The same for changes of an entry's parts, and for what may lead further, for each second of plain mutation."""

LEG: Final = 5_000_000
"""Nanoseconds after which another way may have its turn: longer than most executions."""

AT_ONCE: Final = 500_000_000
"""Nanoseconds that suggestions may take at once after none have been tried: those of a quick target all of it."""

AT_ONCE_BESIDE: Final = 10 * LEG
"""The same for the other ways."""

ENOUGH: Final = 256
"""Suggestions that wait, with which no more are worked out: in a slow test more would be than are ever tried."""

POSTPONED: Final = 64
POSTPONED_BYTES: Final = 1 << 22
"""Entries whose comparisons wait to be looked at, the latest, and their bytes in all, but for one."""

NONE: Final[deque[Arguments]] = deque()


class Way(IntEnum):
    """In which inputs are made."""

    MUTATED = 0
    """By plain mutation."""
    PARTS = 1
    """By changing the parts of an entry that is binary data, or what can be decoded of it."""
    FURTHER = 2
    """Those that may lead further: what follows from states, and what entries suggest that is seldom right."""
    SUGGESTED = 3
    """As comparisons suggest: they wait in the queue."""


class Leg(NamedTuple):
    """What is done next."""

    suggested: deque[Arguments]
    """Tried before anything is made."""
    way: Way
    """How inputs are made where none is suggested."""
    deadline: int
    """The moment to ask again, in nanoseconds of the clock; 0 if the call's time is used up."""


class _Account:
    """The time of one way beside the rest."""

    def __init__(self, usual: float, fewest: float, most: float, at_once: int, owed: int) -> None:
        self.odds: Final = Odds(usual, fewest, most)
        self._at_once: Final = at_once
        self.eagerness = 1.0
        """The part of what is due to it that it gets at present."""
        self._owed = owed
        """Nanoseconds that it has taken beyond what is due to it."""

    @property
    def is_due(self) -> bool:
        """Whether it is its turn."""
        return self._owed <= 0

    def spend(self, time: int) -> None:
        """It has taken so many nanoseconds."""
        self._owed += time

    def grant(self, time: int) -> None:
        """The rest has."""
        self._owed = max(-self._at_once, self._owed - int(self.odds.value * self.eagerness * time))


class Legs:
    """Those of one search's calls."""

    def __init__(self) -> None:
        self._suggested = _Account(USUAL, FEWEST, MOST, AT_ONCE, -AT_ONCE)
        """Working suggestions out included."""
        self._beside = {
            way: _Account(usual, FEWEST_BESIDE, MOST_BESIDE, AT_ONCE_BESIDE, 0)
            for way, usual in ((Way.PARTS, USUAL_PARTS), (Way.FURTHER, USUAL_FURTHER))
        }
        self._postponed: deque[Arguments] = deque()
        self._postponed_bytes = 0
        self._way = Way.SUGGESTED
        self._open: Sequence[Way] = ()
        """What there is in this call beside plain mutation."""
        self._since = 0
        self._found = 0
        self._times = [0] * len(Way)
        self._finds = [0] * len(Way)
        """Of each way, in this call."""

    def traced(self, arguments: Arguments | None, waiting: int) -> Arguments | None:
        """Which entry's comparisons are to be looked at now, if it is the turn of these, or of none; None if that has
        taken too long lately, or so many suggestions wait that there are enough.
        """
        if arguments is not None:
            self._postpone(arguments)
        if not self._suggested.is_due or waiting >= ENOUGH or not self._postponed:
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

    def begin(self, found: int, eagerness: float) -> None:
        """A call begins, with looking at comparisons; `found`: finds so far; `eagerness`: the part of what is due to
        the other ways beside plain mutation that they get now.
        """
        for account in self._beside.values():
            account.eagerness = eagerness
        self._way, self._since, self._found = Way.SUGGESTED, Clock.processor(), found
        self._times, self._finds = [0] * len(Way), [0] * len(Way)

    def prepared(self, ways: Sequence[Way]) -> None:
        """The entry has been looked at; in which ways, beside plain mutation, inputs can be made of it."""
        self._open = ways

    def next(self, suggested: deque[Arguments], turn: Turn, found: int) -> Leg:
        """What is to be done from now on, with so many finds so far; `suggested`: what is waiting."""
        self._note(found)
        if self._suggested.is_due and suggested:
            self._way = Way.SUGGESTED
        else:
            self._way = next((way for way in self._open if self._beside[way].is_due), Way.MUTATED)
        deadline = min(turn.later(), Clock.nanoseconds() + LEG)
        if self._way == Way.SUGGESTED:
            return Leg(suggested, Way.MUTATED, deadline)
        return Leg(NONE, self._way, deadline)

    def settle(self, found: int, executions: int) -> tuple[int, int]:
        """The call is over, after so many executions; returns finds in turns of plain mutation, and in all others."""
        self._note(found)
        times, finds = self._times, self._finds
        share = times[Way.SUGGESTED] / max(1, sum(times))
        suggested = finds[Way.SUGGESTED]
        self._suggested.odds.credit(suggested, sum(finds) - suggested, share, executions)
        mutated = Way.MUTATED
        for way in self._open:
            share = times[way] / max(1, times[way] + times[mutated])
            self._beside[way].odds.credit(finds[way], finds[mutated], share, executions)
        return finds[mutated], sum(finds) - finds[mutated]

    def _note(self, found: int) -> None:
        """A leg is over."""
        now, way = Clock.processor(), self._way
        time, finds = now - self._since, found - self._found
        self._since, self._found = now, found
        self._times[way] += time
        self._finds[way] += finds
        if way == Way.SUGGESTED:
            self._suggested.spend(time)
            return
        self._suggested.grant(time)
        if way != Way.MUTATED:
            self._beside[way].spend(time)
            return
        for account in self._beside.values():
            account.grant(time)
