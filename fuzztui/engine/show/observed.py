"""What a property test tells of its executions: its events, and the scores that it wants high."""

import math
from dataclasses import dataclass
from typing import Final

from fuzztui.engine.show.text import Visible, label, say, visible
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Done

NAMES: Final = 512
"""Different ones in a run. A worker tells of some three hundred at most."""

NAME: Final = 100
"""Characters of a name that are shown."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One event or score."""

    name: Visible
    """Empty for a score that has no label."""
    executions: int | None
    """Of an event: of how many executions it was told."""
    best: float | None
    """Of a score: the highest."""

    @property
    def words(self) -> Visible:
        """What it is."""
        if self.executions is not None:
            return say("event {}", self.name)
        return say("score {}", self.name) if self.name else label("score")

    def fields(self) -> dict[str, object]:
        """The form in JSON Lines."""
        return {"name": self.name, "executions": self.executions, "best": self.best}


class ObservedSums:
    """All that the workers have told."""

    def __init__(self) -> None:
        self._events: dict[str, int] = {}
        self._scores: dict[str, float] = {}

    def add(self, done: Done) -> None:
        """Add a worker's report on one call; ProtocolError if it cannot be true, and nothing is added then."""
        if not all(map(math.isfinite, done.scores.values())):
            raise ProtocolError("a score that is no number")
        for name, count in done.events.items():
            if name in self._events or len(self._events) < NAMES:
                self._events[name] = self._events.get(name, 0) + count
        for name, score in done.scores.items():
            if name in self._scores or len(self._scores) < NAMES:
                self._scores[name] = max(score, self._scores.get(name, score))

    @property
    def observed(self) -> tuple[Observed, ...]:
        """The scores by their names, then the events, the most frequent first."""
        events = sorted(self._events.items(), key=lambda item: (-item[1], item[0]))
        return (
            *(Observed(visible(name, NAME), None, score) for name, score in sorted(self._scores.items())),
            *(Observed(visible(name, NAME), count, None) for name, count in events),
        )
