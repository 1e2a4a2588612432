"""Which lines and branches the inputs of a run cover: what was measured, by file, and by which input.

An input is measured by running it once with every line noted, see `measuring`. So all of this is exact, and what it
costs depends on the inputs that were kept, not on the executions of a search.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from fuzztui.engine.show.coverage import Amount, Function, Way
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Layout, Measured, Operands, Part

MOST_FILES: Final = 20_000
"""More than any program loads."""

MOST_LINES: Final = 10_000_000
"""Statements and branches of all files together."""

MOST_INPUTS: Final = 200
"""Inputs that are remembered for a line; how many there are is counted in any case."""

MOST_MET: Final = 500
"""Comparisons of one line that are kept."""

MOST_LOOKED_AT: Final = 100
"""Lines whose comparisons are kept: those that were asked for last."""

MOST_TIMES: Final = 1 << 50
"""How often anything is counted."""


class MeasuredInput(NamedTuple):
    """An input that was run to learn what it covers."""

    sha256: str
    data: bytes
    name: str
    found: float
    """When in the run; 0 for what was there before."""
    is_crasher: bool


@dataclass(slots=True)
class Reached:
    """How a line, or an arc, was reached."""

    first: float
    """When in the run the first input was found that does it."""
    count: int = 0
    """Inputs that do it."""
    times: int = 0
    """How often they do, each run once."""
    inputs: list[int] = field(default_factory=list)
    """The first of them, by their numbers."""

    def add(self, number: int, found: float, times: int) -> None:
        """One more input does it."""
        self.first = min(self.first, found)
        self.count += 1
        self.times = min(self.times + times, MOST_TIMES)
        if len(self.inputs) < MOST_INPUTS:
            self.inputs.append(number)


@dataclass(slots=True)
class Met:
    """What is compared in a line, as far as inputs were run for it."""

    waiting: int = 0
    """Inputs that have still to be run."""
    inputs: int = 0
    """Those that were."""
    operands: dict[tuple[str, str, str], tuple[int, tuple[bytes, ...]]] = field(default_factory=dict)
    """Operator and both sides -> how many inputs compare so, and what of that may be worth trying."""

    def add(self, operands: Iterable[Operands]) -> None:
        """An input has compared these."""
        self.inputs += 1
        for one in operands:
            key = one.operator, one.left, one.right
            times, _ = self.operands.get(key, (0, ()))
            if times or len(self.operands) < MOST_MET:
                self.operands[key] = times + 1, tuple(one.tokens)


class FileLines:
    """What is known of one file."""

    def __init__(self, layout: Layout, theirs: Sequence[tuple[int, int]] = ()) -> None:
        """`theirs`: the lines that belong to other targets, from and to; see `engine/neighbours.py`."""
        self.layout: Final = layout
        self._theirs = theirs
        self.version = 0
        """Grows whenever something was measured in there."""
        self.lines: Final[dict[int, Reached]] = {}
        """By the line in which a statement begins."""
        self.arcs: Final[dict[tuple[int, int], Reached]] = {}
        """By the lines in which two statements begin of which one follows the other."""
        self.loaded: Final[dict[int, int]] = {}
        """Line -> how often it was executed as the file was loaded, where that was noted."""
        self.loaded_arcs: Final[dict[tuple[int, int], int]] = {}
        self.raw: Final[set[tuple[int, int]]] = set()
        """Arcs as the interpreter has told them."""
        self.parts_of: Final = {line: number for number, part in enumerate(layout.parts) for line in part.statements}
        """Statement -> number of the part that it is in."""
        self.shown: tuple[int, list[Function]] | None = None
        """What was made of this to be shown, and at which version."""
        self._firsts = dict(layout.firsts)
        self.ways: Final[dict[int, list[tuple[int, int]]]] = {}
        """Line that decides -> where it may go on, each with the line of a `with` on the way, or 0."""
        for line, to, via in layout.branches:
            self.ways.setdefault(line, []).append((to, via))

    def _first(self, line: int) -> int:
        return self._firsts.get(line, line) if line > 0 else -self._firsts.get(-line, -line)

    def _statements(self, arcs: Iterable[tuple[int, int, int]]) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
        """Raw arcs as statements and arcs between these, with how often each was reached."""
        lines: dict[int, int] = {}
        between: dict[tuple[int, int], int] = {}
        for line, to, times in arcs:
            self.raw.add((line, to))
            arc = self._first(line), self._first(to)
            between[arc] = between.get(arc, 0) + times
            if arc[1] > 0 and (arc[0] != arc[1] or line == to):
                lines[arc[1]] = lines.get(arc[1], 0) + times
        return lines, between

    def lines_of(self, statement: int) -> tuple[int, ...]:
        """All lines of a statement."""
        return (statement, *sorted(line for line, first in self._firsts.items() if first == statement))

    def add(self, number: int, found: float, arcs: Iterable[tuple[int, int, int]]) -> None:
        """An input has taken these arcs."""
        self.version += 1
        lines, between = self._statements(arcs)
        for line, times in lines.items():
            self.lines.setdefault(line, Reached(found)).add(number, found, times)
        for arc, times in between.items():
            self.arcs.setdefault(arc, Reached(found)).add(number, found, times)

    def add_loading(self, arcs: Iterable[tuple[int, int, int]]) -> None:
        """Loading the target has taken these arcs, in one of the processes: the same in all, so it counts once."""
        if self.loaded:
            return
        self.version += 1
        lines, between = self._statements(arcs)
        self.loaded.update(lines)
        self.loaded_arcs.update(between)

    @property
    def left_out(self) -> list[Part]:
        """The functions that belong to other targets, unless an input reaches them all the same."""
        spans = [(a, b) for a, b in self._theirs if not any(a <= line <= b for line in self.lines)]
        parts = self.layout.parts[1:] if spans else []
        return [part for part in parts if any(a <= part.last <= b for a, b in spans)]

    def times(self, line: int) -> int:
        """How often a statement was executed, by all inputs and as the file was loaded."""
        reached = self.lines.get(line)
        return (reached.times if reached is not None else 0) + self.loaded.get(line, 0)

    def is_covered(self, line: int) -> bool:
        """Whether a statement was executed, by an input or as the file was loaded."""
        return line in self.lines or line in self.loaded

    def ways_of(self, line: int) -> tuple[Way, ...]:
        """Where a line may go on, and how often it does; nothing for one that does not decide."""
        return tuple(self._way(line, to, via) for to, via in self.ways.get(line, ()))

    def _way(self, line: int, to: int, via: int) -> Way:
        arcs = [(line, to)] + [(line, via)] * bool(via)
        reached = [self.arcs[arc] for arc in arcs if arc in self.arcs]
        loaded = sum(self.loaded_arcs.get(arc, 0) for arc in arcs)
        inputs = max([each.count for each in reached], default=0)
        return Way(to, inputs, sum(each.times for each in reached) + loaded)

    def amount(self, statements: Iterable[int]) -> Amount:
        """How much of some statements is covered."""
        total = covered = branches = taken = partial = 0
        for line in statements:
            total += 1
            covered += self.is_covered(line)
            ways = self.ways_of(line)
            of_line = sum(way.times > 0 for way in ways)
            branches += len(ways)
            taken += of_line
            partial += 0 < of_line < len(ways)
        return Amount(total, covered, branches, taken, partial)


class LineCoverage:
    """What was measured in a run."""

    def __init__(self, theirs: Callable[[str], Sequence[tuple[int, int]]] = lambda _file: ()) -> None:
        """`theirs`: which lines of a file belong to other targets."""
        self._theirs = theirs
        self.files: Final[dict[str, FileLines]] = {}
        self.inputs: Final[list[MeasuredInput]] = []
        """By their numbers."""
        self.wishes = 0
        """How many want to know; nothing is measured for nobody."""
        self.waiting = 0
        """Inputs that wait to be measured."""
        self.unmeasured = 0
        """Inputs that could not be."""
        self.favoured: tuple[str, int] | None = None
        """File and line whose inputs are to come more often than others."""
        self.favoured_source: tuple[str, ...] = ()
        """That file, as it was loaded."""
        self.met: Final[dict[tuple[str, int], Met]] = {}
        """By file and line, what is compared there, where somebody has asked."""
        self._amount = 0
        self._base = 0
        """Of the versions: what was measured of code that has been replaced."""

    def begin_anew(self) -> "LineCoverage":
        """Nothing measured, for those who have wanted to know; the versions go on."""
        anew = LineCoverage(self._theirs)
        anew.wishes, anew._base = self.wishes - (self.favoured is not None), self.version + 1
        return anew

    @property
    def version(self) -> int:
        """Grows whenever something was measured, or begun anew."""
        return self._base + len(self.inputs) + self.unmeasured + len(self.files)

    def announce(self, layout: Layout) -> None:
        """A worker tells what there is in a file. ProtocolError for what cannot be; what is known is not told anew."""
        if layout.file in self.files:
            return
        self._amount += len(layout.branches) + len(layout.firsts) + sum(len(part.statements) for part in layout.parts)
        if len(self.files) >= MOST_FILES or self._amount > MOST_LINES or not layout.parts:
            raise ProtocolError(f"a file with {len(layout.parts)} functions beside {len(self.files)} others")
        self.files[layout.file] = FileLines(layout, self._theirs(layout.file))

    def add(self, measured: Measured, of: MeasuredInput) -> None:
        """An input was measured."""
        number = len(self.inputs)
        self.inputs.append(of)
        for lines, arcs in self._known(measured):
            lines.add(number, of.found, arcs)

    def reaching(self, file: str, line: int) -> list[MeasuredInput]:
        """The inputs that are remembered to reach a line."""
        known = self.files.get(file)
        reached = known.lines.get(line) if known is not None else None
        return [self.inputs[number] for number in reached.inputs] if reached is not None else []

    def ask_met(self, file: str, line: int) -> Met:
        """Begin anew to note what is compared in a line."""
        self.met.pop((file, line), None)
        while len(self.met) >= MOST_LOOKED_AT:
            del self.met[next(iter(self.met))]
        met = self.met[file, line] = Met()
        return met

    def add_loading(self, measured: Measured) -> None:
        """A process has told what loading the target executes."""
        for lines, arcs in self._known(measured):
            lines.add_loading(arcs)

    def _known(self, measured: Measured) -> Iterator[tuple[FileLines, list[tuple[int, int, int]]]]:
        # A file whose source is not to be had has no layout, and nothing of it can be shown.
        return ((self.files[file], arcs) for file, arcs in measured.arcs.items() if file in self.files)
