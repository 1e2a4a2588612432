"""What has been covered, in order, so that each worker can be told what is new since its last call."""

from collections import Counter
from collections.abc import Iterable
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
"""A module of which at most one probe in so many was reached is told of at the end."""

_NEVER_MISSED: Final = frozenset({"typing", "__future__"})
"""Imported to write programs with, and not run by them."""


class CoverageLog:
    """Append-only log of covered probes, each once.

    A probe is (module name, index in the module): the same in every worker that loaded the same sources.
    """

    def __init__(self) -> None:
        self._log: list[tuple[str, int]] = []
        self._numbers: dict[tuple[str, int], int] = {}
        """Covered probe -> its position in the log, which is its number here."""
        self._modules: dict[str, Module] = {}
        self._imports: dict[str, ImportedModule] = {}
        self.probes = 0
        """Probes in all modules registered so far."""

    def register(self, module: Module) -> None:
        """Take note of an instrumented module. Another worker's report of the same one changes nothing."""
        known = self._modules.get(module.name)
        if known is not None and len(module.lines) <= len(known.lines):
            return
        others = self.probes - (len(known.lines) if known is not None else 0)
        if others + len(module.lines) > MOST_PROBES:
            raise ProtocolError(f"a module with {len(module.lines)} probes on top of {others}")
        self.probes = others + len(module.lines)
        self._modules[module.name] = module

    def note_import(self, module: Imported) -> None:
        """Take note of what became of a module that the target's file imports."""
        if len(self._imports) >= MOST_IMPORTS and module.name not in self._imports:
            raise ProtocolError(f"more than {MOST_IMPORTS} imported modules")
        name, reason = text.one_line(module.name, 300), text.one_line(module.reason, 600)
        self._imports[module.name] = ImportedModule(name, module.instrumented, reason, module.probes)

    @property
    def imports(self) -> tuple[ImportedModule, ...]:
        """What became of the modules that the target's file imports."""
        return tuple(self._imports.values())

    @property
    def missed(self) -> text.Visible:
        """The imported modules of whose probes next to none were reached, with figures; empty if there are none."""
        reached = Counter(name.partition("#")[0] for name, _ in self._log)
        parts = []
        for name, module in self._imports.items():
            count = sum(number for each, number in reached.items() if each == name or each.startswith(f"{name}."))
            if count * MISSED <= module.probes and module.probes and name not in _NEVER_MISSED:
                parts.append(text.say("{} ({} of {} probes)", module.name, count, module.probes))
        return text.joined(", ", parts)

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
                    new += 1
        return new

    def numbers(self, coverage: Coverage) -> list[int]:
        """The numbers of probes that have been logged."""
        return [self._numbers[name, index] for name, indices in coverage.items() for index in indices]

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
