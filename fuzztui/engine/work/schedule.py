"""Decides which corpus entry is mutated next.

Entries that nobody has fuzzed come first, the newest before the others: what has just been found is the likeliest way
to something newer, and a chain of nested conditions is climbed at the speed of the calls. After that turns are shared
out in proportion to energy (stride scheduling, Waldspurger and Weihl 1995): deterministic, and several workers that ask
in a row get different entries.
"""

import heapq
from collections.abc import Iterable
from itertools import count
from typing import Final

from fuzztui.engine.keep.corpus import Entry

COVERED_ENERGY: Final = 0.1
"""Share of turns of an entry whose edges smaller entries cover too, relative to its rarity. Not none: what reaches an
edge in a longer way may be closer to something that is not covered yet."""

MOST_ENERGY: Final = 8.0
"""Bound on what rare edges earn an entry: one that reaches forty of its own would else keep the others waiting."""

LEAST_BREVITY: Final = 0.1
"""Share of turns of an entry that is ten times as long as the average or more. It is AFL's bound for slow ones; length
stands for time, which would make no two runs the same."""


class PowerSchedule:
    """Shares the workers' time out among the entries of the corpus.

    An edge's representative is the smallest entry that reaches it, as in AFL's favoured entries: small inputs run fast
    and leave mutation fewer places to miss. Energy is the sum over an entry's edges of one over the number of entries
    that reach the edge, so rare edges count for much and those that everything reaches for little; entries that
    represent no edge get a tenth, and entries longer than the average less in proportion.
    """

    def __init__(self) -> None:
        self._fresh: list[Entry] = []
        self._turns: list[tuple[float, int, Entry]] = []
        """A heap by the moment, in virtual time, of the next turn."""
        self._now = 0.0
        """The virtual time of the last turn."""
        self._order = count()
        self._reached_by: dict[int, int] = {}
        """Edge -> number of entries that reach it."""
        self._representatives: dict[int, Entry] = {}
        """Edge -> the smallest entry that reaches it."""
        self._entries = 0
        self._bytes = 0
        """Of all entries together."""

    def add(self, entry: Entry, edges: Iterable[int] = ()) -> None:
        """Have an entry fuzzed, soon; `edges`: numbers of all the edges that it reaches."""
        entry.edges = tuple(edges)
        for edge in entry.edges:
            self._reached_by[edge] = self._reached_by.get(edge, 0) + 1
            representative = self._representatives.get(edge)
            if representative is None or len(entry.data) < len(representative.data):
                self._representatives[edge] = entry
        self._entries += 1
        self._bytes += len(entry.data)
        self._fresh.append(entry)

    def next(self) -> Entry | None:
        """The entry whose turn it is; None if there is none at all."""
        if self._fresh:
            entry = self._fresh.pop()
        elif self._turns:
            self._now, _, entry = heapq.heappop(self._turns)
        else:
            return None
        heapq.heappush(self._turns, (self._now + 1.0 / self._energy(entry), next(self._order), entry))
        return entry

    def _energy(self, entry: Entry) -> float:
        """How many turns an entry gets relative to others. It changes as others reach its edges."""
        rarity = 0.1
        represents = not entry.edges
        for edge in entry.edges:
            rarity += 1.0 / self._reached_by[edge]
            represents = represents or self._representatives[edge] is entry
        return min(rarity, MOST_ENERGY) * (1.0 if represents else COVERED_ENERGY) * self._brevity(entry)

    def _brevity(self, entry: Entry) -> float:
        average = self._bytes / self._entries
        return max(LEAST_BREVITY, min(1.0, average / max(1, len(entry.data))))
