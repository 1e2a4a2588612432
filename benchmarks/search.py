"""One search by either fuzzer, from nothing, with so much CPU time and a random seed."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from benchmarks import peer
from benchmarks.arena import Arena
from benchmarks.child import run

BUG: Final = "PlantedError"
"""The exception that a target raises for its bug."""

PATIENCE: Final = 8.0
"""Seconds by the clock that a CPU second may take on a busy machine."""

GRACE: Final = 60.0
"""Seconds by the clock for what is not the search."""

LIBFUZZER_FAILURE: Final = 77
"""libFuzzer's exit status when the target has failed."""


@dataclass(frozen=True, slots=True)
class Search:
    """What became of it."""

    cpu: float
    """Seconds, user and system, of all processes from the first input to the bug, or to the end without one."""
    start: float
    """CPU seconds before the first input."""
    found: bool


Way: TypeAlias = Callable[[Arena, int, float], Search]
"""How one fuzzer searches in an arena, with a random seed and so many CPU seconds."""


def fuzztui(made: Arena, seed: int, limit: float) -> Search:
    """Search with one worker, beyond what else the target may fail with."""
    made.forget()
    arguments = (made.file, made.function, made.cache, seed, limit, BUG)
    result = run("benchmarks.children.search", *arguments, within=PATIENCE * limit + GRACE).result()
    return Search(result["cpu"], result["before"], bool(result["crasher"]))


def atheris(made: Arena, seed: int, limit: float) -> Search:
    """Search with Atheris, whose corpus goes to `made.seeds`. It ends with the first failure, be it another one."""
    options = (f"-seed={seed}", "-verbosity=0", f"-artifact_prefix={made.folder}/", made.seeds)
    finished = run(
        "benchmarks.children.peer_search",
        *(limit, made.file, ",".join(peer.packages(made)), *options),
        within=PATIENCE * limit + GRACE,
        statuses=(LIBFUZZER_FAILURE, -signal.SIGPROF),
    )
    found = finished.status == LIBFUZZER_FAILURE
    start, _, words = finished.output.partition("\n")
    return Search(finished.cpu - float(start), float(start), found and BUG in words)
