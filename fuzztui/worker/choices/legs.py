"""Divides the time of a property test's calls between what comparisons suggest and mutation.

Of other targets all suggestions are tried first: an execution takes microseconds. In a test that takes milliseconds the
suggestions of one entry take seconds, and working them out takes as long as many executions; so both ways go on in
turns, and the one that finds more gets more time. What one has taken too long it owes the other.
"""

from collections import deque
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.choices.odds import Odds
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.clock import Clock, Turn

__builtins__ = PRIVATE_BUILTINS

USUAL: Final = 4.0
FEWEST: Final = 0.25
MOST: Final = 16.0
"""Time for what comparisons suggest for each second of mutation: as long as nothing tells the two apart, and the bounds
of what is learned."""

LEG: Final = 5_000_000
"""Nanoseconds after which the other way may have its turn: longer than most executions."""

AT_ONCE: Final = 500_000_000
"""Nanoseconds that suggestions may take at once after none have been tried: those of a quick test all of it."""

ENOUGH: Final = 256
"""Suggestions that wait, with which no more are worked out: in a slow test more would be than are ever tried."""

POSTPONED: Final = 64
"""Entries whose comparisons wait to be looked at, the latest."""

NONE: Final[deque[Arguments]] = deque()


class Legs:
    """Those of one test's calls."""

    def __init__(self) -> None:
        self._odds = Odds(USUAL, FEWEST, MOST)
        self._owed = -AT_ONCE
        """Nanoseconds that suggestions have taken, working them out included, beyond what is due to them."""
        self._postponed: deque[Arguments] = deque(maxlen=POSTPONED)
        self._is_guided = True
        self._since = 0
        self._found = 0
        self._times = [0, 0]
        self._finds = [0, 0]
        """Of suggestions and of mutation, in this call."""

    def traced(self, arguments: Arguments | None, waiting: int) -> Arguments | None:
        """Which entry's comparisons are to be looked at now, if it is the turn of these, or of none; None if that has
        taken too long lately, or so many suggestions wait that there are enough.
        """
        if arguments is not None:
            self._postponed.append(arguments)
        return self._postponed.pop() if self._owed <= 0 and waiting < ENOUGH and self._postponed else None

    def begin(self, found: int) -> None:
        """A call begins, with looking at comparisons; `found`: finds so far."""
        self._is_guided, self._since, self._found = True, Clock.processor(), found
        self._times, self._finds = [0, 0], [0, 0]

    def next(self, suggested: deque[Arguments], turn: Turn, found: int) -> tuple[deque[Arguments], int]:
        """What is to be tried before mutations, and the moment to ask again: 0 if the call's time is used up."""
        self._note(found)
        self._is_guided = self._owed <= 0 and bool(suggested)
        return suggested if self._is_guided else NONE, min(turn.later(), Clock.nanoseconds() + LEG)

    def settle(self, found: int, executions: int) -> None:
        """The call is over, which had so many executions."""
        self._note(found)
        share = self._times[0] / max(1, sum(self._times))
        self._odds.credit(self._finds[0], self._finds[1], share, executions)

    def _note(self, found: int) -> None:
        """A leg is over."""
        now = Clock.processor()
        time, finds = now - self._since, found - self._found
        self._since, self._found = now, found
        way = 0 if self._is_guided else 1
        self._times[way] += time
        self._finds[way] += finds
        self._owed = max(-AT_ONCE, self._owed - int(self._odds.value * time) if way else self._owed + time)
