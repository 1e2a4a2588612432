"""Decides which corpus entry is mutated next.

Entries that nobody has fuzzed come first, the newest before the others: what has just been found is the likeliest way
to something newer, and a chain of nested conditions is climbed at the speed of the calls. After that turns are shared
out in proportion to energy (stride scheduling, Waldspurger and Weihl 1995): deterministic, and several workers that ask
in a row get different entries. An entry whose turn has taken longer than it should waits longer for the next one.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count
from typing import Final

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.show.queue import Queue

COVERED_ENERGY: Final = 0.1
"""Share of turns of an entry whose edges smaller entries cover too, relative to its rarity. Not none: what reaches an
edge in a longer way may be closer to something that is not covered yet."""

FAVOURED_ENERGY: Final = 30.0
"""How many times as many turns an entry gets that a person favours: most of them, where one in ten is favoured."""

MOST_ENERGY: Final = 8.0
"""Bound on what rare edges earn an entry: one that reaches forty of its own would else keep the others waiting."""

LEAST_BREVITY: Final = 0.1
"""Share of turns of an entry that is ten times as long as the average or more. It is AFL's bound for slow ones; length
stands for time, which would make no two runs the same."""


FIRST_TURNS: Final = 64
FIRST_BYTES: Final = 1 << 18
"""Entries without an edge of their own that get a first turn when a corpus has been loaded, the smallest ones, and
their bytes in all: about a second."""

RESERVE_EVERY: Final = 20
"""One turn in so many goes to what the loaded corpus has beyond these."""

FOCUS_ENERGY: Final = 20.0
"""How many times the turns of others an entry gets that reaches the module or function that a person focuses on."""


class PowerSchedule:
    """Shares the workers' time out among the entries of the corpus.

    An edge's representative is the smallest entry that reaches it, as in AFL's favoured entries: small inputs run fast
    and leave mutation fewer places to miss. Energy is the sum over an entry's edges of one over the number of entries
    that reach the edge, so rare edges count for much and those that everything reaches for little; entries that
    represent no edge get a tenth, and entries longer than the average less in proportion.

    A corpus that is loaded may hold tens of thousands of entries that represent no edge; it is distilled first.
    """

    def __init__(self) -> None:
        self._fresh: list[Entry] = []
        self._turns: list[tuple[float, int, Entry]] = []
        """A heap by the moment, in virtual time, of the next turn."""
        self._reserve: deque[Entry] = deque()
        """Entries that take turns at few turns of all, however many they are."""
        self._now = 0.0
        """The virtual time of the last turn."""
        self._order = count()
        self._reached_by: dict[int, int] = {}
        """Edge -> number of entries that reach it."""
        self._representatives: dict[int, Entry] = {}
        """Edge -> the smallest entry that reaches it."""
        self._entries = 0
        self._bytes = 0
        """Both of all entries but those in reserve."""
        self._favoured: set[int] = set()
        """By `id`, entries that a person favours."""
        self._is_in_focus: Callable[[Entry], bool] | None = None
        """Whether an entry reaches the module or function that a person wants to be looked at."""
        self._given = 0
        """Turns so far."""
        self.is_from_reserve = False
        """Whether the last turn went to what waits in reserve."""

    def add(self, entry: Entry, edges: Iterable[int] = ()) -> None:
        """Have an entry fuzzed, soon; `edges`: numbers of all the edges that it reaches. One that was removed before it
        was run is not.
        """
        if entry.is_gone:
            return
        entry.edges = tuple(edges)
        for edge in entry.edges:
            self._reached_by[edge] = self._reached_by.get(edge, 0) + 1
            representative = self._representatives.get(edge)
            if representative is None or len(entry.data) < len(representative.data):
                self._representatives[edge] = entry
        self._entries += 1
        self._bytes += len(entry.data)
        self._fresh.append(entry)

    def distill(self) -> None:
        """A corpus has been loaded, of which nothing has been fuzzed: what covers nothing that smaller entries do not
        cover waits in reserve, but for a few.
        """
        representing = {id(entry) for entry in self._representatives.values()}
        redundant = [entry for entry in self._fresh if entry.edges and id(entry) not in representing]
        redundant.sort(key=lambda entry: (len(entry.data), entry.number))
        left = FIRST_BYTES
        for number, entry in enumerate(redundant):
            left -= len(entry.data)
            if number >= FIRST_TURNS or left < 0:
                self._reserve.extend(redundant[number:])
                break
        reserved = {id(entry) for entry in self._reserve}
        self._fresh = [entry for entry in self._fresh if id(entry) not in reserved]
        self._entries = len(self._fresh) + len(self._turns)
        self._bytes = sum(len(entry.data) for entry in self._fresh) + sum(len(turn[2].data) for turn in self._turns)

    def _call_up(self, wanted: Callable[[Entry], bool]) -> None:
        """Have those entries in reserve that are wanted take turns like others."""
        called = [entry for entry in self._reserve if wanted(entry)]
        if called:
            self._reserve = deque(entry for entry in self._reserve if not wanted(entry))
            self._fresh += called
            self._entries += len(called)
            self._bytes += sum(len(entry.data) for entry in called)

    def begin_anew(self) -> "PowerSchedule":
        """One without entries that favours what this one does."""
        empty = PowerSchedule()
        empty.focus_on(self._is_in_focus)
        return empty

    def focus_on(self, is_in_focus: Callable[[Entry], bool] | None) -> None:
        """Give the entries that reach a place more turns than others from now on; None for no place any more."""
        self._is_in_focus = is_in_focus
        if is_in_focus is not None:
            self._call_up(is_in_focus)
            # Theirs come next, wherever they stand in the round.
            self._turns = [(self._now if is_in_focus(turn[2]) else turn[0], *turn[1:]) for turn in self._turns]
            heapq.heapify(self._turns)

    def remove(self, entry: Entry, others: Iterable[Entry]) -> None:
        """Have an entry fuzzed no more, and the smallest of `others` represent its edges. One that was never added
        changes nothing.
        """
        self._call_up(lambda reserved: reserved is entry)
        if not (any(fresh is entry for fresh in self._fresh) or any(turn[2] is entry for turn in self._turns)):
            return
        self._entries -= 1
        self._bytes -= len(entry.data)
        lost = {edge for edge in entry.edges if self._representatives.get(edge) is entry}
        for edge in entry.edges:
            self._reached_by[edge] -= 1
        for edge in lost:
            del self._representatives[edge]
        for other in others:
            for edge in lost.intersection(other.edges):
                known = self._representatives.get(edge)
                if known is None or len(other.data) < len(known.data):
                    self._representatives[edge] = other
        self._call_up(lambda reserved: any(self._representatives.get(edge) is reserved for edge in lost))
        self._fresh = [fresh for fresh in self._fresh if fresh is not entry]
        self._turns = [turn for turn in self._turns if turn[2] is not entry]
        heapq.heapify(self._turns)

    def next(self) -> Entry | None:
        """The entry whose turn it is; None if there is none at all."""
        self.is_from_reserve = bool(self._reserve) and self._given % RESERVE_EVERY == RESERVE_EVERY - 1
        if self.is_from_reserve:
            self._given += 1
            self._reserve.rotate(-1)
            return self._reserve[-1]
        if self._fresh:
            entry = self._fresh.pop()
        elif self._turns:
            self._now, _, entry = heapq.heappop(self._turns)
        else:
            return None  # what is in reserve has others that represent its edges
        self._given += 1
        heapq.heappush(self._turns, (self._next_turn(entry), next(self._order), entry))
        return entry

    def favour(self, entries: Iterable[Entry]) -> None:
        """Have these entries come far more often than others, from now on, and none else."""
        before, self._favoured = self._favoured, {id(entry) for entry in entries}
        changed = before ^ self._favoured
        if not changed:
            return
        self._call_up(lambda entry: id(entry) in self._favoured)
        self._turns = [
            (self._next_turn(entry) if id(entry) in changed else at, number, entry) for at, number, entry in self._turns
        ]
        heapq.heapify(self._turns)

    @property
    def is_steered(self) -> bool:
        """Whether a person wants some entries to get more turns than others."""
        return bool(self._favoured) or self._is_in_focus is not None

    @property
    def entries(self) -> int:
        """How many take turns, but for those in reserve."""
        return self._entries

    @property
    def queue(self) -> Queue:
        """Where the search stands."""
        cycles, turn = divmod(self._given, max(1, self._entries))
        return Queue(cycles, turn, len(self._fresh))

    def _next_turn(self, entry: Entry) -> float:
        """When it is, in virtual time."""
        return self._now + entry.cost / self._energy(entry)

    def _energy(self, entry: Entry) -> float:
        """How many turns an entry gets relative to others. It changes as others reach its edges."""
        rarity = 0.1
        represents = not entry.edges
        for edge in entry.edges:
            rarity += 1.0 / self._reached_by[edge]
            represents = represents or self._representatives[edge] is entry
        energy = min(rarity, MOST_ENERGY) * (1.0 if represents else COVERED_ENERGY) * self._brevity(entry)
        energy *= FOCUS_ENERGY if self._is_in_focus is not None and self._is_in_focus(entry) else 1.0
        return energy * FAVOURED_ENERGY if id(entry) in self._favoured else energy

    def _brevity(self, entry: Entry) -> float:
        average = self._bytes / self._entries
        return max(LEAST_BREVITY, min(1.0, average / max(1, len(entry.data))))
