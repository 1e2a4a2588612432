"""What has been covered, in order, so that each worker can be told what is new since its last call."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from fuzztui.engine.show import text
from fuzztui.engine.show.snapshot import ImportedModule
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Coverage, Imported, Module
from fuzztui.protocol.patterns import Pattern

MOST_PROBES: Final = 1 << 22
"""More than any program has: the standard library as a whole has 200,000."""

MOST_IMPORTS: Final = 1000
"""Modules that a target's file imports: more than any does."""

MISSED: Final = 50
MUCH: Final = 100
"""A module of which at most one probe in so many was reached, and not so many in all, is told of at the end: of a large
one a target may well need a small part."""

_NEVER_MISSED: Final = frozenset(
    [
        *("typing", "__future__", "typing_extensions", "annotated_types", "abc", "enum", "dataclasses"),
        *("attr", "attrs", "pydantic", "msgspec"),
    ]
)
"""Imported to write programs with, to declare types and classes, and mostly run while they are loaded only."""


class CoverageLog:
    """Append-only log of covered probes, each once.

    A probe is (module name, index in the module): the same in every worker that loaded the same sources.
    """

    def __init__(self, theirs: Callable[[str], Sequence[tuple[int, int]]] = lambda _file: ()) -> None:
        """`theirs`: which lines of a file belong to other targets, from and to; see `engine/neighbours.py`."""
        self._log: list[tuple[str, int]] = []
        self._numbers: dict[tuple[str, int], int] = {}
        """Covered probe -> its position in the log, which is its number here."""
        self._modules: dict[str, Module] = {}
        self._imports: dict[str, ImportedModule] = {}
        self._registered = 0
        """Probes in all modules registered so far."""
        self._theirs = theirs
        self._left_out: dict[tuple[str, int], tuple[tuple[int, int], int]] = {}
        """Module and first line of what belongs to other targets -> its lines, and its probes."""
        self._unreachable: dict[str, int] = {}
        """Registered module of which no code can be called -> its probes."""
        self._reached_all_the_same = 0
        """Covered probes in such modules."""
        self._reached: Counter[str] = Counter()
        """Covered probes by module."""

    def register(self, module: Module) -> None:
        """Take note of an instrumented module. Another worker's report of the same one changes nothing."""
        known = self._modules.get(module.name)
        if known is not None and len(module.lines) <= len(known.lines):
            return
        others = self._registered - (len(known.lines) if known is not None else 0)
        if others + len(module.lines) > MOST_PROBES:
            raise ProtocolError(f"a module with {len(module.lines)} probes on top of {others}")
        self._registered = others + len(module.lines)
        self._modules[module.name] = module
        self._leave_out(module)
        self._note_reach(module)

    def _leave_out(self, module: Module) -> None:
        """Count nothing of what belongs to other targets, unless it was reached all the same."""
        for first, last in self._theirs(module.file):
            inside = [index for index, line in enumerate(module.lines) if first <= line <= last]
            if inside and not any((module.name, index) in self._numbers for index in inside):
                self._left_out[module.name, first] = (first, last), len(inside)

    def _count_in(self, name: str, line: int) -> None:
        """Count a line and all that belongs to the same other targets: this one gets there."""
        for module, first in [key for key, (span, _) in self._left_out.items() if span[0] <= line <= span[1]]:
            if module == name:
                del self._left_out[module, first]

    def _note_reach(self, module: Module) -> None:
        name = module.name.partition("#")[0]
        while name and name not in self._imports:
            name = name.rpartition(".")[0]
        if name and not self._imports[name].instrumented:
            self._unreachable[module.name] = len(module.lines)

    @property
    def probes(self) -> int:
        """Probes in all modules registered so far, but for those of modules of which nothing can be called, and of what
        belongs to other targets and was not reached.
        """
        left_out = sum(probes for (name, _), (_, probes) in self._left_out.items() if name not in self._unreachable)
        return self._registered - sum(self._unreachable.values()) + self._reached_all_the_same - left_out

    def note_import(self, module: Imported) -> None:
        """Take note of what became of a module that the target's file imports."""
        if len(self._imports) >= MOST_IMPORTS and module.name not in self._imports:
            raise ProtocolError(f"more than {MOST_IMPORTS} imported modules")
        name, reason = text.one_line(module.name, 300), text.one_line(module.reason, 600)
        self._imports[module.name] = ImportedModule(name, module.instrumented, reason, module.probes)
        if not module.instrumented:
            for each in self._modules.values():
                self._note_reach(each)

    @property
    def instrumented(self) -> Mapping[str, Module]:
        """Modules with probes, by their names."""
        return self._modules

    def place_of(self, number: int) -> tuple[str, int]:
        """Module and line of a covered probe, by its number."""
        module, index = self._log[number]
        return module, self._modules[module].lines[index]

    @property
    def modules(self) -> tuple[str, ...]:
        """Names of all modules that are known to be loaded."""
        return (*self._modules, *self._imports)

    @property
    def imports(self) -> tuple[ImportedModule, ...]:
        """What became of the modules that the target's file imports."""
        return tuple(self._imports.values())

    @property
    def missed(self) -> text.Visible:
        """The imported modules of whose probes next to none were reached, with figures; empty if there are none."""
        parts = []
        for name, module in self._imports.items():
            count = self.reached_in(name)
            if count * MISSED <= module.probes and count < MUCH and module.probes and name not in _NEVER_MISSED:
                parts.append(text.say("{} ({} of {} probes)", module.name, count, module.probes))
        return text.joined(", ", parts)

    def reached_in(self, name: str) -> int:
        """Probes that are covered in a module, or in what lies below it if it is a package."""
        return sum(
            number
            for each, number in self._reached.items()
            if (known := each.partition("#")[0]) == name or known.startswith(f"{name}.")
        )

    @property
    def files(self) -> list[tuple[str, str]]:
        """Name and file of each instrumented module."""
        return [(name, module.file) for name, module in self._modules.items()]

    def place(self, name: str, index: int) -> tuple[str, int]:
        """File and line of a probe; empty and 0 for one that there is not."""
        module = self._modules.get(name)
        return (module.file, module.lines[index]) if module is not None and index < len(module.lines) else ("", 0)

    def reached_outside(self, file: str) -> int:
        """Probes that are covered in modules of other files than this one."""
        return sum(number for name, number in self._reached.items() if self._modules[name].file != file)

    def uncovered(self) -> dict[str, list[int]]:
        """For each file with instrumented code the lines of its probes that count and that nothing has covered, one for
        each probe.
        """
        lines: dict[str, list[int]] = {}
        for name, module in self._modules.items():
            if name not in self._unreachable and self._reached[name] < len(module.lines):
                spans = [span for (each, _), (span, _) in self._left_out.items() if each == name]
                missing = [
                    line
                    for index, line in enumerate(module.lines)
                    if (name, index) not in self._numbers
                    if not any(first <= line <= last for first, last in spans)
                ]
                lines.setdefault(module.file, []).extend(missing)
        return lines

    def has_module(self, matches: Pattern) -> bool:
        """Whether an instrumented module's name matches."""
        return any(matches(name) for name in self._modules)

    def add(self, coverage: Coverage) -> int:
        """Log what is new and return how many probes that is. ProtocolError for a probe that cannot exist."""
        new = 0
        for name, indices in coverage.items():
            module = self._modules.get(name)
            if module is None:
                raise ProtocolError(f"coverage of a module {name!r} that was never announced")
            size = len(module.lines)
            for index in indices:
                if index >= size:
                    raise ProtocolError(f"probe {index} of module {name!r}, which has {size}")
                probe = (name, index)
                if probe not in self._numbers:
                    self._numbers[probe] = len(self._log)
                    self._log.append(probe)
                    self._reached[name] += 1
                    self._reached_all_the_same += name in self._unreachable
                    if self._left_out:
                        self._count_in(name, module.lines[index])
                    new += 1
        return new

    def numbers(self, coverage: Coverage) -> list[int]:
        """The numbers of probes that have been logged."""
        return [self._numbers[name, index] for name, indices in coverage.items() for index in indices]

    def numbering(self, probes: Sequence[tuple[str, int]]) -> dict[int, int]:
        """Position in a list of probes -> number, of those that have been logged."""
        numbers = self._numbers
        return {position: numbers[probe] for position, probe in enumerate(probes) if probe in numbers}

    @property
    def edges(self) -> Sequence[tuple[str, int]]:
        """Covered probes, each at its number: module and index."""
        return self._log

    def __len__(self) -> int:
        """Probes covered so far; also the position of the log's end."""
        return len(self._log)

    def since(self, position: int) -> Coverage:
        """What was logged from `position` on."""
        return group(self._log[position:])


def group(probes: Iterable[tuple[str, int]]) -> Coverage:
    """Probes by module."""
    coverage: Coverage = {}
    for name, index in probes:
        coverage.setdefault(name, []).append(index)
    return coverage
