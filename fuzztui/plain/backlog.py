"""Events that wait to be printed, as few as will do: a reader may be slow, and runs last for days."""

import threading
from collections import deque
from typing import Final, TypeAlias

from fuzztui.engine.show.events import OfTarget, Stats, Told, WorkerEnded, WorkerStarted

MOST: Final = 10_000
"""Waiting events beyond which starts and ends of workers are left out. All others are rare."""

Entry: TypeAlias = Told | BaseException
"""An event, or what the engine's thread failed with."""


class Backlog:
    """A queue from the engine's thread to the one that prints; putting never waits."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._figures: Stats | None = None
        """The newest that were put."""
        self._changed = threading.Condition()

    def put(self, entry: Entry) -> None:
        """Append an entry. Figures of a run take the place of those that nobody has read yet."""
        with self._changed:
            if isinstance(entry, Stats):
                self._entries = deque(waiting for waiting in self._entries if waiting is not self._figures)
                self._figures = entry
            elif isinstance(_what(entry), Stats | WorkerStarted | WorkerEnded) and len(self._entries) >= MOST:
                return
            self._entries.append(entry)
            self._changed.notify()

    def get(self) -> Entry:
        """Take the oldest entry, and wait for one where there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._entries)
            return self._entries.popleft()


def _what(entry: Entry) -> Entry:
    """What happened, to whichever target."""
    return entry.event if isinstance(entry, OfTarget) else entry
