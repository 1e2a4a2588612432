"""Runs inputs with the comparisons of instrumented code traced: the observations that input-to-state needs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.log import LOG, Read
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.guidance.contexts import Constants
from fuzztui.worker.guidance.paths import Paths
from fuzztui.worker.guidance.slowness import Slowness
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.layers.observing import Transform
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sized import may_be_binary
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.runner import Runner
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

_LARGEST: Final = 1 << 16
"""Bytes of an input whose slices are looked at."""


def _has_slices(value: bytes) -> bool:
    return len(value) <= _LARGEST and may_be_binary(value)


class Tracing:
    """Traced executions, and the inputs among them that cover something new."""

    def __init__(
        self,
        probes: ProbeMap,
        retirement: Retirement,
        runner: Runner,
        seen: SeenCells,
        on_new: Callable[[Arguments], None],
    ) -> None:
        """`on_new` takes an input that covers something new, once for the same cells. The fuzzing loop has to run that
        input again: a traced execution reports failures, but no new coverage.
        """
        self._probes = probes
        self._retirement = retirement
        self._runner = runner
        self._seen = seen
        self._on_new = on_new
        self._passed_on: set[int] = set()
        """Cells first covered while tracing; the input that covers them was given to `on_new`."""
        self.slowness: Final = Slowness()
        """Of long inputs, which are not executed here when they have taken their part of the time."""
        self.transforms: tuple[Transform, ...] = ()
        """What the last input given to `comparisons` had decoded."""
        self.slices = Slices()
        """Those that the program took of that input, if that is binary data, or may be its beginning."""
        self.contexts: frozenset[int] = frozenset()
        """From where it had compared what."""
        self._constants = Constants()
        self.executions = 0
        """Traced executions so far."""

    @contextmanager
    def on(self) -> Iterator[None]:
        """Every probe and every comparison hook runs for as long as the context lasts, and what is read is logged."""
        self._probes.trace_comparisons(True)
        LOG.start()
        try:
            with self._retirement.complete():
                yield
        finally:
            LOG.stop()
            self._probes.trace_comparisons(False)
            self._probes.trace.clear()

    def comparisons(self, arguments: Arguments) -> list[Comparison]:
        """Execute an input inside of `on`; the comparisons made. None are, and nothing runs, if it is too long, or for
        now too slow.
        """
        trace = self._probes.trace
        value = arguments[0]
        has_slices = len(arguments) == 1 and type(value) is bytes and _has_slices(value)
        trace.clear(notes_sites=has_slices)
        LOG.reads.clear()
        data = self._runner.encode(arguments)
        self.transforms, self.contexts, self.slices = (), frozenset(), Slices()
        if not self._has_room(data):
            return []
        if self._runs_clean(arguments, data):
            self._pass_on(arguments)
        self.transforms = tuple(trace.observations.transforms)
        if has_slices and type(value) is bytes:
            self.slices = trace.slices(len(value))
        self.contexts = frozenset(trace.contexts.found)
        equalities = trace.contexts.equalities
        self._constants.learn(equalities, data)
        return self._constants.without(list(trace.comparisons), equalities)

    @contextmanager
    def covering(self) -> Iterator[None]:
        """Every probe runs for as long as the context lasts."""
        try:
            with self._retirement.complete():
                yield
        finally:
            self._seen.restore()

    def path(self, arguments: Arguments, paths: Paths | None = None) -> list[int] | None:
        """Execute an input inside of `covering`: the cells that it covers, but for those that count. None if it fails,
        is too long, or for now too slow, or covers what `paths` knows.
        """
        data = self._runner.encode(arguments)
        if not self._has_room(data):
            return None
        self._seen.clear_map()
        if not self._runs_clean(arguments, data):
            return None
        if paths is not None and paths.is_known(bytes(self._seen.cells)):
            return None
        counting = self._probes.counting()
        covered = self._seen.set_cells()
        if new := self._seen.new_of(covered):
            self._note_new(arguments, new)
        return [cell for cell in covered if cell not in counting]

    def reads(self, arguments: Arguments) -> list[Read]:
        """Execute an input without its comparisons; what a provider reads from it. Nothing runs if it is too long."""
        data = self._runner.encode(arguments)
        if not self._runner.executions.has_room(data):
            return []
        self.executions += 1
        LOG.start()
        try:
            if self._runner.runs_clean(arguments, data):
                self._pass_on(arguments)
            return list(LOG.reads)
        finally:
            LOG.stop()

    def nanoseconds(self, arguments: Arguments) -> int:
        """Execute an input as it is fuzzed; how many of a processor it takes. Nothing runs if it is too long."""
        data = self._runner.encode(arguments)
        if not self._runner.executions.has_room(data):
            return 0
        self.executions += 1
        begun = Clock.processor()
        if self._runner.runs_clean(arguments, data):
            self._pass_on(arguments)
        return Clock.processor() - begun

    @property
    def all_executions(self) -> int:
        """Executions of this process so far."""
        return self._runner.executions.memory.executions

    @property
    def is_interrupted(self) -> bool:
        """Whether the coordinator wants the call to end early."""
        return self._runner.executions.is_interrupted

    def _has_room(self, data: bytes) -> bool:
        return self._runner.executions.has_room(data) and not self.slowness.refuses(len(data))

    def _runs_clean(self, arguments: Arguments, data: bytes) -> bool:
        """Execute an input, and note how long that takes if it is long."""
        self.executions += 1
        if not self.slowness.is_long(len(data)):
            return self._runner.runs_clean(arguments, data)
        begun = Clock.processor()
        is_clean = self._runner.runs_clean(arguments, data)
        self.slowness.note(Clock.processor() - begun, len(data))
        return is_clean

    def _pass_on(self, arguments: Arguments) -> None:
        seen = self._seen
        if seen.cells != seen.seen:
            self._note_new(arguments, seen.new_cells())
            seen.restore()

    def _note_new(self, arguments: Arguments, new: set[int]) -> None:
        if not new <= self._passed_on:
            self._passed_on |= new
            self._on_new(arguments)
