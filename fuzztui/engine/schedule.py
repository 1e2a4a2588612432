"""Decides which corpus entry is mutated next.

Entries that nobody has fuzzed come first, the newest before the others: what has just been found is the likeliest way
to something newer, and a chain of nested conditions is climbed at the speed of the calls. After that the corpus is
gone through in turn.
"""

from collections import deque

from fuzztui.engine.corpus import Entry


class Schedule:
    """A round robin over the corpus with a fast lane for new entries."""

    def __init__(self) -> None:
        """Start without entries."""
        self._fresh: deque[Entry] = deque()
        self._turns: deque[Entry] = deque()

    def add(self, entry: Entry) -> None:
        """Have an entry fuzzed, soon."""
        self._fresh.append(entry)

    def next(self) -> Entry | None:
        """The entry whose turn it is; None if there is none at all."""
        if self._fresh:
            entry = self._fresh.pop()
        elif self._turns:
            entry = self._turns.popleft()
        else:
            return None
        self._turns.append(entry)
        return entry
