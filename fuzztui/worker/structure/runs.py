"""Runs of elements: what a program has read turn by turn, each time from the same line, called from the same others.

Where the first read of each turn begins, an element begins, whatever is in it. As many turns as there were may have
been told by a number that was read before them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.structure.slices import Read

__builtins__ = PRIVATE_BUILTINS

MAX_RUNS: Final = 12
MAX_TURNS: Final = 64
"""Of one input, and of one run."""

_MAX_FOUND: Final = 64
"""Runs of one input of which it is looked at whether they lie in the turns of others."""

_FAR: Final = 16
"""Bytes behind what was read last in a turn: what begins farther away belongs to it only if it has been pointed to."""


class Run(NamedTuple):
    """One of them. Of elements that point to each other there may be several of the same turns."""

    kind: int
    """The same for runs of the same loop, wherever it is called from within itself."""
    begins: tuple[int, ...]
    """Of the elements, in ascending order."""
    end: int
    """Of the last one."""
    turns: int
    """How many there were, if that is more."""

    def elements(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of each."""
        return zip(self.begins, (*self.begins[1:], self.end), strict=True)


def runs_of(reads: Sequence[Read], loops: Collection[int] = ()) -> list[Run]:
    """At most `MAX_RUNS`, the longest ones first. `loops`: kinds of sites that are known to have had several turns, so
    that one turn is a run, too.
    """
    places: dict[int, list[int]] = {}
    """By site, which reads were made from there."""
    for number, read in enumerate(reads):
        places.setdefault(read.site, []).append(number)
    first = {site: numbers[0] for site, numbers in places.items()}
    found: list[Run] = []
    for each_read in places.values():
        numbers = _without_end(reads, each_read)
        inner = reads[numbers[0]].kind
        outer = hash((inner, "calls"))
        for turns in _apart(reads, numbers, first):
            bursts = list(_bursts(turns))
            starts = [each[0] for each in bursts]
            several = [(each, inner) for each in bursts if len(each) > 1 or inner in loops]
            for each, kind in [*([(starts, outer)] if len(starts) > 1 or outer in loops else []), *several]:
                found += [_run(reads, part, first, kind, len(each)) for part in _ascending(reads, each)]
    found.sort(key=lambda run: (run.begins[0], -run.end, -len(run.begins)))
    kept: list[Run] = []
    for run in found[:_MAX_FOUND]:
        if not any(_is_within_turns(run, other) for other in kept):
            kept.append(run)
    kept.sort(key=lambda run: len(run.begins), reverse=True)
    return kept[:MAX_RUNS]


def _without_end(reads: Sequence[Read], numbers: list[int]) -> list[int]:
    """Those reads from one site without the last one, if that got nothing: so a loop ends."""
    begin, end, *_ = reads[numbers[-1]]
    return numbers[:-1] if begin == end and len(numbers) > 1 else numbers


def _apart(reads: Sequence[Read], numbers: Sequence[int], first: Mapping[int, int]) -> Iterator[list[int]]:
    """Those reads from one site that are turns of one run: nothing was read between two from where something had been
    read before anything was from this site: that is a turn of what is around this run.
    """
    turns = [numbers[0]]
    for before, number in pairwise(numbers):
        if any(first[each.site] < numbers[0] for each in reads[before + 1 : number]):
            yield turns
            turns = []
        turns.append(number)
    yield turns


def _bursts(turns: Sequence[int]) -> Iterator[list[int]]:
    """Turns between which nothing else was read: those of a loop that does nothing but read. What is read between the
    others is part of the turns of another loop, which may call the first one.
    """
    found = [turns[0]]
    for before, turn in pairwise(turns):
        if turn != before + 1:
            yield found
            found = []
        found.append(turn)
    yield found


def _ascending(reads: Sequence[Read], turns: Sequence[int]) -> Iterator[list[int]]:
    """Turns of which each has read farther behind."""
    found = [turns[0]]
    for before, turn in pairwise(turns):
        if reads[turn].begin <= reads[before].begin or len(found) == MAX_TURNS:
            yield found
            found = []
        found.append(turn)
    yield found


def _run(reads: Sequence[Read], turns: Sequence[int], first: Mapping[int, int], kind: int, count: int) -> Run:
    before = _before(reads, turns)
    begins = tuple([reads[turn].begin - before for turn in turns])
    steps = {after - before for before, after in pairwise(begins)}
    end = _end(reads, turns, first)
    if len(steps) == 1 and len(begins) > _FEW:
        end = max(end, begins[-1] + steps.pop())
    return Run(kind, begins, end, count)


def _before(reads: Sequence[Read], turns: Sequence[int]) -> int:
    """Bytes of each element that stand before what is read first in its turn: as many in all but the last one, which
    ends nobody knows where.
    """
    found = set()
    for turn, after in pairwise(turns):
        begin = reads[turn].begin
        behind = [begin - each.begin for each in reads[turn + 1 : after] if 0 < begin - each.begin <= _NEAR]
        found.add(max(behind, default=0))
    return found.pop() if len(found) == 1 else 0


_NEAR: Final = 8
"""Bytes between the first that is read of an element and one that stands before that."""

_FEW: Final = 2
"""Turns: of more that are of one size the last one is, too."""


def _end(reads: Sequence[Read], turns: Sequence[int], first: Mapping[int, int]) -> int:
    """Where the last element ends: with what was read in that turn."""
    last = turns[-1]
    within = reads[turns[0] : last]
    usual, depth = {each.site for each in within}, min([each.depth for each in within], default=0)
    begin, end, *_ = reads[last]
    for each in reads[last + 1 :]:
        is_behind = each.depth <= depth and each.site not in usual
        if first[each.site] < first[reads[last].site] or is_behind:
            break
        if begin <= each.begin <= end + _FAR:
            end = max(end, each.end)
    return end


def _is_within_turns(run: Run, other: Run) -> bool:
    """Whether each turn of a run lies in another turn of the other: it is of the same loop, further on in its turns."""
    at = -1
    begins = other.begins
    if other.end < run.begins[-1]:
        return False
    for begin in run.begins:
        turn = sum([each <= begin for each in begins]) - 1
        if turn <= at:
            return False
        at = turn
    return len(run.begins) > 1 or len(begins) == 1
