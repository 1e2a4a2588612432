"""One instrumented target in this process, and an executor without a coordinator."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fuzztui.protocol.memory import SharedMemory, create
from fuzztui.protocol.messages import Crashed, Found, Fuzz, Result
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.atheris.log import LOG
from fuzztui.worker.coverage.measuring import Measuring
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.strays import Strays
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.loop import MutationOptions, PythonExecutor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Reports
from fuzztui.worker.runner import Runner
from fuzztui.worker.serve import answer

CAPACITY = 200
"""Bytes of an input, in its file form."""

MAX_LEN = 100


class World:
    """A module whose function `fuzz` is the target."""

    def __init__(self, memory: SharedMemory, source: str, parameters: tuple[str, ...], file: str) -> None:
        self.memory = memory
        self.probes = ProbeMap()
        made = instrument(source.encode(), file)
        base = self.probes.register("harness", file, made.lines)
        self.namespace: dict[str, Any] = {"__name__": "harness"}
        self.probes.attach("harness", self.namespace)
        exec(made.at(base), self.namespace)
        self.function: Callable[..., object] = self.namespace["fuzz"]
        self.sent: list[Result] = []
        self.executions = Executions(memory)
        self.reports = Reports(self.sent.append, self.executions)
        self.buckets = Buckets(lambda name, file: True)
        self.strays = Strays(memory.words, self.buckets)
        self._parameters = parameters
        self._target = LoadedTarget(self.function, parameters, [], (), None)

    def executor(
        self, *, weighs_probes: bool = False, says_mutating: bool = False, measuring: Measuring | None = None
    ) -> PythonExecutor:
        """One that puts its results into `sent`."""
        dictionary = Dictionary()
        mutator = Mutator(self._parameters, random.Random(1), dictionary, MAX_LEN)
        options = MutationOptions(
            mutator, dictionary, MAX_LEN, says_mutating=says_mutating, weighs_probes=weighs_probes
        )
        return PythonExecutor(
            self._target,
            [],
            self.probes,
            options,
            self.executions,
            self.reports,
            self.buckets,
            self.strays,
            measuring=measuring,
        )

    def tracing(self, on_new: Callable[[Arguments], None]) -> Tracing:
        """What runs inputs with their comparisons traced."""
        seen = SeenCells(self.probes)
        runner = Runner(self._target, self.executions, self.reports, seen, self.buckets, self.strays)
        return Tracing(self.probes, Retirement(self.probes), runner, seen, on_new)

    def fuzz(
        self,
        executor: PythonExecutor,
        entry: bytes = b"entry",
        executions: int = 1,
        *,
        seconds: float = 3600.0,
        trace: bool = False,
        island: int = 0,
    ) -> list[Result]:
        """What one call sends."""
        self.sent.clear()
        answer(
            Fuzz(entry, seconds, executions, {}, trace=trace, island=island), executor, self.executions, self.reports
        )
        return list(self.sent)

    def search(self, entry: bytes, executions: int) -> bytes | None:
        """Fuzz what is found new from an entry on, each of it in turns; the first input that fails within so many
        executions. The target has no provider, whatever another test has imported.
        """
        with without_provider():
            return self._search(entry, executions)

    def _search(self, entry: bytes, executions: int) -> bytes | None:
        executor, entries, fuzzed = self.executor(), [entry], 0
        while self.memory.executions < executions:
            at = fuzzed % len(entries)
            for result in self.fuzz(executor, entries[at], 400, trace=fuzzed < len(entries)):
                if isinstance(result, Crashed):
                    return result.data
                if isinstance(result, Found):
                    entries.append(result.data)
            fuzzed += 1
        return None


@contextmanager
def without_provider() -> Iterator[None]:
    """No target has a provider for as long as the context lasts, whatever another test has imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name, nothing in (("_provider", None), ("_methods", {}), ("_logging", {})):
            patch.setattr(LOG, name, nothing)
        yield


@contextmanager
def inhabited(source: str, parameters: tuple[str, ...] = ("bytes",), *, file: str = "harness.py") -> Iterator[World]:
    """A world for as long as the context lasts."""
    fd = create(CAPACITY)
    memory = SharedMemory(fd, CAPACITY)
    os.close(fd)
    try:
        yield World(memory, source, parameters, file)
    finally:
        memory.close()
