"""The coverage map of a process: one cell per probe, and which module a cell belongs to."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import setitem
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.instrumentation.compares import TRACE
from fuzztui.worker.instrumentation.instrument import CELLS, SETITEM
from fuzztui.worker.instrumentation.literals import Constant, Expression, Literal

if TYPE_CHECKING:  # what is measured beside the engine needs the map without the library behind messages
    from fuzztui.protocol.messages import Coverage

__builtins__ = PRIVATE_BUILTINS

MAX_NAME: Final = 200
"""Characters of a module's name. A target can give a module any name, and the name goes into messages."""


_BUCKETS_OF_A_LINE: Final = 5
"""Probes in a row for one line, which are a loop's but for the first."""


class ProbedModule(NamedTuple):
    """An instrumented module of this process."""

    name: str
    file: str
    base: int
    """Its first cell; the others follow."""
    lines: list[int]
    """For each probe the line that it stands for."""


class ProbeMap:
    """Cells of all instrumented modules, and what a traced execution compares.

    `cells` is one object for life, which every instrumented module refers to; it grows in place as modules are
    imported. So nobody may hold a memoryview of it.
    """

    def __init__(self) -> None:
        self.cells: Final = bytearray()
        self.modules: Final[list[ProbedModule]] = []
        """In order of their cells."""
        self.constants: Final[list[Constant]] = []
        """The distinct constants of all instrumented modules, in order of appearance."""
        self.expressions: Final[dict[Expression, None]] = {}
        """The same for the regular expressions that their sources spell out."""
        self.placed: Final[list[tuple[int, Literal[Constant] | Literal[Expression]]]] = []
        """Literals that functions use, each with the first cell of its module."""
        self.trace: Final = ComparisonTrace()
        """What has been compared since the last `trace_comparisons(True)`."""
        self._bases: list[int] = []
        self._by_name: dict[str, ProbedModule] = {}
        self._variants: dict[str, list[tuple[ProbedModule, int]]] = {}
        """Name -> the modules of that name, in order, with the digests of their sources."""
        self._known_constants: set[tuple[type, Constant]] = set()
        self.namespaces: Final[dict[str, dict[str, Any]]] = {}
        """Of each instrumented module the globals, the latest where one has been loaded more than once."""
        self._tracing: ComparisonTrace | None = None
        self._counting: frozenset[int] = frozenset()
        self._counted = 0
        """Modules that `_counting` knows."""

    def register(
        self,
        name: str,
        file: str,
        lines: list[int],
        constants: Sequence[Literal[Constant]] = (),
        expressions: Sequence[Literal[Expression]] = (),
        digest: int = 0,
    ) -> int:
        """Give a module its cells, one per line in `lines`; returns the first. `digest` stands for its source.

        A module that is loaded once more from the same source, wherever that lies, gets the cells that it had. One
        with another source gets new cells and is known as `name#2` from then on, so that an index never means two
        things. A name that is too long or cannot be encoded is known by another one, the same in every process.
        """
        name = shortened(name)
        known = name
        for count, (module, other) in enumerate(self._variants.get(name, ()), 2):
            if other == digest and module.lines == lines:
                return module.base
            known = f"{name}#{count}"
        module = ProbedModule(known, file, len(self.cells), lines)
        self.cells.extend(bytes(len(lines)))
        self.modules.append(module)
        self._bases.append(module.base)
        self._by_name[known] = module
        self._variants.setdefault(name, []).append((module, digest))
        for constant in constants:
            key = (type(constant.value), constant.value)
            if key not in self._known_constants:
                self._known_constants.add(key)
                self.constants.append(constant.value)
        self.expressions.update(dict.fromkeys([expression.value for expression in expressions]))
        self.placed.extend([(module.base, literal) for literal in constants if literal.places])
        self.placed.extend([(module.base, literal) for literal in expressions if literal.places])
        return module.base

    def variants(self, name: str) -> int:
        """How many sources of a module's name have cells."""
        return len(self._variants.get(shortened(name), ()))

    def knows(self, name: str, digest: int) -> bool:
        """Whether the source with this digest has cells under a module's name."""
        return any(digest == other for _, other in self._variants.get(shortened(name), ()))

    def module_at(self, cell: int) -> ProbedModule:
        """The module that a cell belongs to."""
        return self.modules[bisect_right(self._bases, cell) - 1]

    def counting(self) -> frozenset[int]:
        """The cells that tell how often loops ran, of which each has several, one after the other for the same line."""
        if len(self.modules) != self._counted:
            self._counted = len(self.modules)
            found: set[int] = set()
            for module in self.modules:
                at = module.base
                for _, run in groupby(module.lines):
                    size = len(list(run))
                    if size >= _BUCKETS_OF_A_LINE:
                        found.update(range(at - 1, at + size))
                    at += size
            self._counting = frozenset(found)
        return self._counting

    def cells_by_file(self) -> dict[str, range]:
        """For each instrumented file its cells, from the first to the last where it has been loaded more than once."""
        found: dict[str, range] = {}
        for module in self.modules:
            end = module.base + len(module.lines)
            found[module.file] = range(found[module.file].start if module.file in found else module.base, end)
        return found

    def names(self) -> dict[str, Any]:
        """What instrumented code refers to, as long as comparisons are not traced."""
        return {CELLS: self.cells, SETITEM: setitem, TRACE: None}

    def attach(self, name: str, namespace: dict[str, Any]) -> None:
        """Give the namespace of the module `name` what instrumented code refers to."""
        namespace.update(self.names())
        if self._tracing is not None:
            namespace[TRACE] = self._tracing
        # Only the latest of a name is kept: a target that loads a module anew each time must not fill the memory.
        superseded = self.namespaces.get(name)
        if superseded is not None and superseded is not namespace:
            superseded[TRACE] = None
        self.namespaces[name] = namespace

    def coverage(self, cells: Iterable[int]) -> "Coverage":
        """Cell numbers as module names and indices, in the order given; IndexError for a number that is no cell."""
        found: Coverage = {}
        base = end = 0
        indices: list[int] = []
        for cell in cells:
            if not base <= cell < end:  # mostly the cell is of the same module as the one before
                if not 0 <= cell < len(self.cells):
                    raise IndexError(f"cell {cell} of a map of {len(self.cells)}")
                module = self.module_at(cell)
                base, end = module.base, module.base + len(module.lines)
                indices = found.setdefault(module.name, [])
            indices.append(cell - base)
        return found

    def place(self, coverage: "Coverage") -> "tuple[list[int], Coverage]":
        """The cells of what is covered in the modules known here, and the coverage of those not imported yet.

        An index that the module does not have is one of another source of that name and says nothing here: the
        coordinator compares what its processes have loaded, and ends this one where the difference counts.
        """
        cells: list[int] = []
        unknown: Coverage = {}
        for name, indices in coverage.items():
            module = self._by_name.get(name)
            if module is None:
                unknown[name] = indices
                continue
            cells.extend([module.base + index for index in indices if 0 <= index < len(module.lines)])
        return cells, unknown

    def cells_of(self, coverage: "Coverage") -> list[int]:
        """The cells of what is covered in the modules known here; `place` without the rest."""
        return self.place(coverage)[0]

    def trace_comparisons(self, on: bool, trace: ComparisonTrace | None = None) -> None:
        """From now on collect the operands of comparisons in instrumented code, or no longer; in another `trace` than
        the usual one, if one is given.
        """
        trace = (trace or self.trace) if on else None
        if trace is not None:
            trace.clear()
        self._tracing = trace
        for namespace in self.namespaces.values():
            namespace[TRACE] = trace


def shortened(name: str) -> str:
    """The name if it is short and can be encoded; else one that can be, still unlike others with the same beginning."""
    text = encodable(name)
    return text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}~{crc32(text.encode()):08x}"
