"""One instrumented target in this process, and an executor without a coordinator."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fuzztui.protocol.memory import SharedMemory, create
from fuzztui.protocol.messages import Fuzz, Result
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.instrument import instrument
from fuzztui.worker.loop import Executor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.probes import ProbeMap

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
        self._parameters = parameters

    def executor(self, *, weighs_probes: bool = False) -> Executor:
        """One that puts its results into `sent`."""
        dictionary = Dictionary()
        return Executor(
            LoadedTarget(self.function, self._parameters, [], (), None),
            self.memory,
            self.probes,
            Mutator(self._parameters, random.Random(1), dictionary, MAX_LEN),
            dictionary,
            MAX_LEN,
            self.sent.append,
            weighs_probes=weighs_probes,
        )

    def fuzz(
        self,
        executor: Executor,
        entry: bytes = b"entry",
        executions: int = 1,
        *,
        seconds: float = 3600.0,
        trace: bool = False,
    ) -> list[Result]:
        """What one call sends."""
        self.sent.clear()
        executor.fuzz(Fuzz(entry, seconds, executions, {}, trace=trace))
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
