"""One instrumented target in this process, and an executor without a coordinator."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fuzztui.protocol.memory import SharedMemory, create
from fuzztui.protocol.messages import Fuzz, Result
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.executions import Executions
from fuzztui.worker.instrument import instrument
from fuzztui.worker.loop import MutationOptions, PythonExecutor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.reports import Reports
from fuzztui.worker.retire import Retirement
from fuzztui.worker.runner import Runner
from fuzztui.worker.seen import SeenCells
from fuzztui.worker.serve import answer
from fuzztui.worker.tracing import Tracing

CAPACITY = 200
"""Bytes of an input, in its file form."""

MAX_LEN = 100


class World:
    """A module whose function `fuzz` is the target."""

    def __init__(self, memory: SharedMemory, source: str, parameters: tuple[str, ...]) -> None:
        self.memory = memory
        self.probes = ProbeMap()
        made = instrument(source.encode(), "harness.py")
        base = self.probes.register("harness", "harness.py", made.lines)
        self.namespace: dict[str, Any] = {"__name__": "harness"}
        self.probes.attach("harness", self.namespace)
        exec(made.at(base), self.namespace)
        self.function: Callable[..., object] = self.namespace["fuzz"]
        self.sent: list[Result] = []
        self.executions = Executions(memory)
        self.reports = Reports(self.sent.append, self.executions)
        self._parameters = parameters
        self._target = LoadedTarget(self.function, parameters, [], (), None)

    def executor(self, *, weighs_probes: bool = False, says_mutating: bool = False) -> PythonExecutor:
        """One that puts its results into `sent`."""
        dictionary = Dictionary()
        mutator = Mutator(self._parameters, random.Random(1), dictionary, MAX_LEN)
        options = MutationOptions(
            mutator, dictionary, MAX_LEN, says_mutating=says_mutating, weighs_probes=weighs_probes
        )
        return PythonExecutor(self._target, [], self.probes, options, self.executions, self.reports)

    def tracing(self, on_new: Callable[[Arguments], None]) -> Tracing:
        """What runs inputs with their comparisons traced."""
        seen = SeenCells(self.probes)
        runner = Runner(self._target, self.executions, self.reports, seen)
        return Tracing(self.probes, Retirement(self.probes), runner, seen, on_new)

    def fuzz(
        self,
        executor: PythonExecutor,
        entry: bytes = b"entry",
        executions: int = 1,
        *,
        seconds: float = 3600.0,
        trace: bool = False,
    ) -> list[Result]:
        """What one call sends."""
        self.sent.clear()
        answer(Fuzz(entry, seconds, executions, {}, trace=trace), executor, self.executions, self.reports)
        return list(self.sent)


@contextmanager
def inhabited(source: str, parameters: tuple[str, ...] = ("bytes",)) -> Iterator[World]:
    """A world for as long as the context lasts."""
    fd = create(CAPACITY)
    memory = SharedMemory(fd, CAPACITY)
    os.close(fd)
    try:
        yield World(memory, source, parameters)
    finally:
        memory.close()
