"""Measures which lines and arcs an input takes through the instrumented modules: exactly, as the plain program would.

What probes tell is where an execution has been since it was last new, and at fewer places than there are lines. So an
input that is measured runs the code that the compiler makes of the plain source, and Python's tracing notes each step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Layout, Measured, Part
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.coverage.arcs import Arcs, ArcTracer
from fuzztui.worker.coverage.layout import layout_of
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.instrumentation.originals import Originals
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement

__builtins__ = PRIVATE_BUILTINS


class Measuring:
    """What is measured in this process."""

    def __init__(self, probes: ProbeMap, read: Callable[[str], bytes | None], send: Callable[[Layout], None]) -> None:
        """`read` gives the source that a file was loaded from, None where that is not to be had any more; `send` is
        told what there is to cover in each module, before anything that was measured in there.
        """
        self._probes = probes
        self._send = send
        self._originals = Originals(read)
        self._files: Final[set[str]] = set()
        self._told = 0
        """Of the probe map's modules, those that have been told of."""
        self.tracer: Final = ArcTracer(self._files)

    def follow(self, file: str) -> None:
        """Measure what a file's code does."""
        self._files.add(file)

    def announce(self) -> None:
        """Tell of the modules that have been loaded since the last time."""
        modules = self._probes.modules
        while self._told < len(modules):
            module = modules[self._told]
            self._told += 1
            self.follow(module.file)
            source = self._originals.source(module.file)
            if source is None:
                continue
            try:
                layout = layout_of(source, module.file)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue  # a file of the interpreter's that it has compiled in another way
            self._send(
                Layout(
                    file=encodable(module.file),
                    module=module.name,
                    digest=digest_of(source),
                    parts=[Part(encodable(part.name), part.first, part.last, part.statements) for part in layout.parts],
                    branches=[(branch.line, branch.to, branch.via) for branch in layout.branches],
                    firsts=list(layout.firsts.items()),
                )
            )

    @contextmanager
    def measuring(self, retirement: Retirement) -> Iterator[None]:
        """Functions run their plain code, and every line of it is noted, for as long as the context lasts."""
        self.announce()
        with retirement.original(self._originals.of), self.tracer.tracing():
            yield

    def take(self, index: int | None) -> Measured:
        """What has been noted; `index`: see `Measured`."""
        # Of a module that has been loaded meanwhile the arcs are those of other code.
        is_partial = index is not None and self._told < len(self._probes.modules)
        self.announce()
        arcs = {encodable(file): _listed(arcs) for file, arcs in self.tracer.take().items()}
        return Measured(index, arcs, is_partial)


def _listed(arcs: Arcs) -> list[tuple[int, int, int]]:
    return [(line, to, times) for (line, to), times in arcs.items()]
