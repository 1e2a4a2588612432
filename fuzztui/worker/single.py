"""Executes single inputs of a Python target, and tells of them what the coordinator asks."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from fuzztui.protocol.messages import DATABASE, LOOK, Compared, Coverage, Exported
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import VALID, LoadedTarget
from fuzztui.target.values import decode, plain_of
from fuzztui.worker.choices import parts
from fuzztui.worker.coverage.lines import LineTracer
from fuzztui.worker.coverage.measuring import Measuring
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.scenes import Scenes
from fuzztui.worker.failures.strays import Strays
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.guidance.located import LocatedTrace
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.programs.running import blame_program
from fuzztui.worker.reports import Crash, Reports
from fuzztui.worker.runner import Runner

__builtins__ = PRIVATE_BUILTINS


class SingleInputs:
    """What an `Executor` is asked but for fuzzing: one input at a time, with everything that shows what it covers."""

    def __init__(
        self,
        target: LoadedTarget,
        seeds: list[bytes],
        probes: ProbeMap,
        mutator: Mutator,
        executions: Executions,
        reports: Reports,
        buckets: Buckets,
        strays: Strays,
        scenes: Scenes | None,
        tracer: LineTracer | None,
        measuring: Measuring | None,
    ) -> None:
        """See `PythonExecutor`; `mutator`: is offered what does not fail."""
        self.parameters: Final = target.parameters
        self.seeds: Final = seeds
        self._target = target
        self._probes = probes
        self._mutator = mutator
        self._seen = SeenCells(probes)
        self._retirement = Retirement(probes)
        self._drawing = parts.drawing(target, mutator)
        self._runner = Runner(target, executions, reports, self._seen, buckets, strays, scenes, self._drawing)
        self._runner_for: Callable[[LoadedTarget], Runner] = lambda other: Runner(
            other, executions, reports, self._seen, buckets, strays
        )
        self._reports = reports
        reports.noted = self._note_failure
        self._tracer = tracer
        self._measuring = measuring
        self._covered: list[int] = []
        """Cells that the last input given to `run` covered."""
        self._has_run = False

    @property
    def misuse(self) -> HarnessError | None:
        harness = self._target.harness
        return None if harness is None else harness.misuse

    def be_copy(self) -> None:
        self._runner.strays.be_copy()

    def close(self) -> None:
        try:
            self._target.close()
        finally:
            self._report_late()

    def learn(self, covered: Coverage) -> None:
        self._seen.learn(covered)
        self._report_late()

    def _report_late(self) -> None:
        for stray in self._runner.strays.take_late():
            self._reports.stray(stray, stray.origin)

    def run(self, data: bytes) -> Crash | None:
        """Run one input, which counts as seen and may be spliced with others from then on if it does not fail."""
        arguments = self._runner.decode(data)
        with self._retirement.complete():
            self._seen.clear_map()
            crash = self._runner.run_carefully(arguments, data)
        if not self._has_run:
            self._has_run = True
            if crash is not None and not data and self._target.program and self._probes.modules:
                blame_program(crash, self._target.program, self._reports)
        if crash is None:
            self._covered = self._seen.set_cells()
            self._seen.keep(self._covered)
            self._mutator.add_to_pool(arguments if self._drawing is None else self._drawing.canonical(arguments))
        return crash

    def measure(self, data: bytes, index: int) -> Crash | None:
        """Run one input and report which arcs it takes."""
        measuring = self._measuring
        assert measuring is not None, "arcs are asked of a target whose modules are instrumented"
        arguments = self._runner.decode(data)
        with measuring.measuring(self._retirement):
            crash = self._runner.run_carefully(arguments, data)
        self._seen.restore()
        self._reports.send(measuring.take(index))
        return crash

    def compare(self, data: bytes, index: int, file: str, lines: Collection[int]) -> Crash | None:
        """Run one input and report what it compares in these lines."""
        trace = LocatedTrace(file, lines)
        arguments = self._runner.decode(data)
        with self._retirement.complete():
            self._probes.trace_comparisons(True, trace)
            try:
                crash = self._runner.run_carefully(arguments, data)
            finally:
                self._probes.trace_comparisons(False)
        self._seen.restore()
        self._reports.send(Compared(index, trace.take()))
        return crash

    def shrink(self, data: bytes, executions: int) -> bytes:
        if self._target.test is None:
            return data
        from fuzztui.worker.hypothesis.minimal import minimal  # it costs time that only those pay who need it

        try:
            return minimal(self._target, self._runner_for, data, executions)
        finally:
            self._seen.restore()

    def export(self, data: bytes, index: int, to: str) -> Crash | None:
        target = self._target
        if target.test is None or target.explain is None or target.examples is None:
            raise HarnessError("the target is no property test: there is nothing to export its inputs to")
        crash = self.run(data)
        if crash is None:
            is_valid, drawn = target.test.status == VALID, target.test.drawn
            is_kept = is_valid and to == DATABASE and target.examples.keep(drawn)
            example = target.explain.example(drawn) if is_valid and to == LOOK else ""
            self._reports.send(Exported(index, is_valid, is_kept, encodable(example)))
        return crash

    def foretell(self, tell: Callable[[list[str]], None]) -> None:
        test, explain = self._target.test, self._target.explain
        if test is not None and explain is not None:
            test.foretell = lambda plain: tell([encodable(note) for note in explain.foretold(plain)])

    def _note_failure(self, bucket: str, data: bytes) -> None:
        if self._target.examples is not None:
            self._target.examples.note(bucket, plain_of(decode(data, self.parameters))[0])

    def tracing(self) -> AbstractContextManager[None]:
        return self._tracer.tracing() if self._tracer is not None else nullcontext()

    def steps(self) -> list[tuple[str, int, int]]:
        return self._tracer.take() if self._tracer is not None else []

    def canonical(self, data: bytes) -> bytes:
        return self._runner.canonical(data)

    def covered(self) -> Coverage:
        return self._probes.coverage(self._covered)
