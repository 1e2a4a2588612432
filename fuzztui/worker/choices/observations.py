"""What a property test tells of its executions, as coverage: its events, and how high its scores have come.

Each event is a module of one probe, and each score one of a probe for each of its buckets, which are the narrower the
nearer they are to zero. So an input that brings a new event, or a score nobody has seen, is an entry of the corpus, and
is mutated further: hills are climbed step by step.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

from fuzztui.protocol.messages import Module
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.instrumentation.probes import ProbeMap

__builtins__ = PRIVATE_BUILTINS

EVENTS: Final = 256
SCORES: Final = 32
"""Different ones that count; tests that name events after values have any number of them."""

_PER_OCTAVE: Final = 4
_BUCKETS: Final = 256
"""Of a score: from minus to plus 2**32, beyond which all are alike."""

_FRAMEWORKS: Final = ("gave up because", "invalid because", "Retried draw from", "Aborted test because", "Stateful")
"""Beginnings of events that the framework itself has made."""


class Observations:
    """What is seen of one test."""

    def __init__(self, probes: ProbeMap, announce: Callable[[Module], None], file: str, line: int) -> None:
        """`announce` tells of a module; `file` and `line`: where the test is."""
        self._probes = probes
        self._announce = announce
        self._file = file
        self._line = line
        self._events: dict[str, int | None] = {}
        self._scores: dict[str, int | None] = {}
        self.counts: dict[str, int] = {}
        """Executions with each event since it was asked last."""
        self.best: Final[dict[str, float]] = {}
        """The highest of each score."""
        self._risen: dict[str, float] = {}
        """Those that have risen since it was asked last."""

    def note(self, events: Mapping[str, object], scores: Mapping[str, float]) -> None:
        """Of one execution."""
        for event in events:
            cell = self._events.get(event, -1)
            if cell == -1:
                known = not event.startswith(_FRAMEWORKS) and len(self._events) < EVENTS
                cell = self._events[event] = self._cells(f"event {event}", 1) if known else None
            if cell is not None:
                self._probes.cells[cell] = 1
                self.counts[event] = self.counts.get(event, 0) + 1
        for label, score in scores.items():
            base = self._scores.get(label, -1)
            if base == -1:
                known = len(self._scores) < SCORES
                base = self._scores[label] = self._cells(f"target {label}".rstrip(), _BUCKETS) if known else None
            if base is not None:
                self._probes.cells[base + bucket(score)] = 1
                if score > self.best.get(label, -math.inf):
                    self.best[label] = self._risen[label] = score

    def take(self) -> tuple[dict[str, int], dict[str, float]]:
        """What is new since it was asked last: executions with each event, and scores that have risen."""
        events, self.counts = self.counts, {}
        scores, self._risen = self._risen, {}
        return events, scores

    def _cells(self, name: str, count: int) -> int:
        """The first of so many new cells."""
        name, lines = encodable(name), [self._line] * count
        base = self._probes.register(name, self._file, lines)
        self._announce(Module(name=self._probes.module_at(base).name, file=encodable(self._file), lines=lines))
        return base


def bucket(score: float) -> int:
    """The bucket of a finite score, from 0 to below the number of buckets."""
    half = _BUCKETS // 2
    step = min(half - 1, int(_PER_OCTAVE * math.log2(1 + abs(score)))) if score == score else 0
    return half - 1 - step if score < 0 else half + step
