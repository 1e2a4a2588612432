"""Searches that begin again with what people have given, beside the one that all workers share.

Most searches find what lies behind a chain of conditions soon or hardly at all, by what they have happened to keep
first: what comes later is made from that. As others with such run times they do best to begin anew now and then, with
nothing of what has been learned (Luby, Sinclair and Zuckerman 1993). They have a third of the time, and only where the
shared search has long found nothing: some things take all that was found before. Where a person says what is to be
looked at there are none. Such a search is an island, as in
evolutionary computing: what it finds is its own, and an entry of the corpus if it is new to all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.lineage import Step, digest
from fuzztui.engine.work.schedule import PowerSchedule
from fuzztui.engine.work.search import Search
from fuzztui.protocol.messages import Coverage

PATIENCE: Final = 150
"""Turns without a find, at least, after which a search is taken to have come to its end: three seconds of a processor.
"""

SHARED: Final = 2
"""Turns of the shared search for one of all islands, on average."""

TURNS_EACH: Final = 3
"""The same for each entry: what has been loaded is to have had its turns."""

NAME: Final = "island"
"""Of entries that are no others'."""


class _Progress:
    """How far a search has come, in turns: in a run that has to be repeatable no clock may decide."""

    def __init__(self) -> None:
        self.turns = 0
        self._last_find = 0

    def found(self) -> None:
        """Something new to it."""
        self._last_find = self.turns

    def is_barren(self, entries: int) -> bool:
        """Whether it has found nothing for as long as it had found something, with so many entries."""
        return self.turns - self._last_find >= max(PATIENCE, self._last_find, TURNS_EACH * entries)


@dataclass(frozen=True, slots=True)
class _Find:
    """What an island has found."""

    data: bytes
    edges: Coverage
    step: Step | None


class Island:
    """One search that has begun anew, of one worker."""

    def __init__(self, number: int, schedule: PowerSchedule) -> None:
        """`number`: tells it from all others, from 1 on; `schedule`: without entries."""
        self.number: Final = number
        self._schedule = schedule
        self._entries: list[Entry] = []
        self._given: dict[int, Entry] = {}
        """Of those that people have given, by `id`, what they are in the corpus."""
        self.progress: Final = _Progress()
        self._log: list[int] = []
        self._known: set[int] = set()
        self._finds: dict[str, _Find] = {}
        """By digest, those that are no entries of the corpus."""

    def begin(self, given: Iterable[Entry]) -> None:
        """Have entries of the corpus fuzzed here, too, as if nobody had."""
        for entry in given:
            own = replace(entry, fuzzed=0, cost=1.0)
            self._given[id(own)] = entry
            self._learn(entry.edges)
            self._add(own, entry.edges)
        self._schedule.distill()

    def next(self) -> Entry | None:
        """The entry whose turn it is, none that has been removed meanwhile; None if there is none at all."""
        while (entry := self._schedule.next()) is not None:
            given = self._given.get(id(entry))
            if given is None or not given.is_gone:
                break
            self._entries = [each for each in self._entries if each is not entry]
            del self._given[id(entry)]
            self._schedule.remove(entry, self._entries)
        return entry

    def add(self, entry: Entry) -> None:
        """Have an entry fuzzed of which it is not known what it covers."""
        self._add(entry, ())

    @property
    def is_from_reserve(self) -> bool:
        """See `PowerSchedule`."""
        return self._schedule.is_from_reserve

    @property
    def is_barren(self) -> bool:
        """Whether there is no more to be expected of it."""
        return self.progress.is_barren(self._schedule.entries)

    def _add(self, entry: Entry, edges: Sequence[int]) -> None:
        self._entries.append(entry)
        self._schedule.add(entry, edges)

    def _learn(self, edges: Iterable[int]) -> bool:
        """Edges have been covered here, by their numbers; whether any had not been."""
        new = [edge for edge in edges if edge not in self._known]
        self._known.update(new)
        self._log += new
        return bool(new)

    def found(self, find: _Find, edges: Sequence[int], *, is_kept: bool) -> None:
        """An input covers these edges; `is_kept`: it is an entry of the corpus."""
        if self._learn(edges):
            self.progress.found()
            self._add(Entry(find.data, NAME, Origin.GENERATED), edges)
            if not is_kept:
                self._finds[digest(find.data)] = find

    def take_way(self, made: Step | None) -> list[_Find]:
        """What has led to an input that was made so, and is no entry of the corpus, the first of it first. It is going
        to be: it is not returned again.
        """
        way: list[_Find] = []
        while made is not None and (find := self._finds.pop(made.parent, None)) is not None:
            way.append(find)
            made = find.step
        return way[::-1]

    def __len__(self) -> int:
        """Edges covered here; also the position of the log's end."""
        return len(self._log)

    def since(self, position: int) -> Sequence[int]:
        """What was covered here from `position` on."""
        return self._log[position:]


class Islands:
    """Which worker searches one, and when."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._of: dict[int, Island] = {}
        """By worker."""
        self._numbers = count(1)
        self._shared = _Progress()
        self._turns = 0
        """Of all islands."""

    def turn(self, worker: int, workers: int) -> Island | None:
        """The island that a worker's next turn belongs to, of so many workers; None for the shared search."""
        island = self._of.get(worker)
        if island is not None and (island.is_barren or self._search.schedule.is_steered):
            del self._of[worker]
            island = None
        if island is None and self._is_due(workers):
            island = self._of[worker] = self._begin()
        if island is None:
            self._shared.turns += 1
        else:
            island.progress.turns += 1
            self._turns += 1
        return island

    def _is_due(self, workers: int) -> bool:
        search, shared = self._search, self._shared
        if len(self._of) >= (workers + 1) // 2 or SHARED * self._turns > shared.turns or not len(search.coverage):
            return False
        return not search.schedule.is_steered and shared.is_barren(search.schedule.entries)

    def _begin(self) -> Island:
        """An island with what people have given, as far as it runs clean."""
        island = Island(next(self._numbers), PowerSchedule())
        island.begin(each for each in self._search.corpus.entries if each.origin is not Origin.GENERATED and each.edges)
        return island

    def found(self, worker: int, data: bytes, edges: Coverage, step: Step | None, *, is_new: bool) -> None:
        """A worker has found an input, made by `step`, whose edges are new to all or only to the worker."""
        island = self._of.get(worker)
        if is_new:
            self._shared.found()
            self.keep_way(worker, step)
        if island is not None:
            island.found(_Find(data, edges, step), self._search.coverage.numbers(edges), is_kept=is_new)

    def keep_way(self, worker: int, step: Step | None) -> None:
        """A worker has found something, made by `step`, that is kept. So is what has led to it: people want to see how
        it came about, and others go on from there, too.
        """
        island = self._of.get(worker)
        for find in island.take_way(step) if island is not None else ():
            self._search.admit(worker, find.data, find.edges, find.step)

    def leave(self, worker: int) -> None:
        """The worker will not come back."""
        self._of.pop(worker, None)

    def reload(self) -> None:
        """There is another program to search."""
        self._of.clear()
        self._shared, self._turns = _Progress(), 0
