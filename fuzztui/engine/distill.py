"""Keeps the generated corpus small, and takes in what other fuzzers have found."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fuzztui.engine import places
from fuzztui.engine.clock import RunClock
from fuzztui.engine.corpus import stored_files
from fuzztui.engine.crashers import CrasherBook
from fuzztui.engine.findings import Finding
from fuzztui.engine.options import RunOptions
from fuzztui.engine.orphans import adopting
from fuzztui.engine.snapshot import Crasher
from fuzztui.engine.solo import SoloWorker
from fuzztui.engine.storage import write_once
from fuzztui.protocol.messages import Executed
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, encode, zero


@dataclass(frozen=True, slots=True)
class Distilled:
    """What became of the inputs."""

    kept: int
    """Generated entries that stay, or inputs taken in."""
    dropped: int
    """Entries removed, or inputs not taken in, because others cover all that they do."""
    failing: tuple[Crasher, ...]
    """Distinct failures met on the way; stored like any crasher."""
    malformed: tuple[str, ...]
    """Names and reasons of files that are no inputs of the target."""
    edges: int
    """Covered by all together."""


def minimize(options: RunOptions) -> Distilled:
    """Remove from the generated corpus what other entries, seeds and stored inputs cover too. SoloFailed, OSError.

    Greedy by size, the smallest first: within a few per cent of the least, and each edge keeps its smallest entry.
    """
    folder = places.generated_dir(options.cache_dir, options.project, options.file, options.target)
    entries = stored_files(folder)
    distilled, taken = asyncio.run(_Distiller(options).run(entries))
    for path, _ in entries:
        if path not in taken:
            path.unlink(missing_ok=True)
    return distilled


def take_in(options: RunOptions, folder: Path) -> Distilled:
    """Add to the generated corpus those files of a folder that cover something new. SoloFailed, OSError."""
    own = places.generated_dir(options.cache_dir, options.project, options.file, options.target)
    known = [data for _, data in stored_files(own)]
    files = stored_files(folder)
    distilled, taken = asyncio.run(_Distiller(options).run(files, known))
    for path, data in files:
        if path in taken:
            write_once(own, sha256(data).hexdigest(), data, durable=False)
    return distilled


class _Distiller:
    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._covered: set[tuple[str, int]] = set()
        self._crashers = CrasherBook(options, RunClock())

    async def run(self, files: list[tuple[Path, bytes]], known: Sequence[bytes] = ()) -> tuple[Distilled, set[Path]]:
        """Choose among `files`; `known`: inputs that stay in any case, besides seeds and stored inputs."""
        stored = stored_files(places.crashers_dir(self._options.file, self._options.target))
        base = [*(data for _, data in stored), *known]
        largest = max(map(len, [*base, *(data for _, data in files)]), default=0)
        worker = SoloWorker(self._options, largest, instrumented=True)
        with adopting():
            try:
                await worker.ready()
                self._crashers.set_parameters(worker.parameters)
                for data in (encode(zero(worker.parameters)), *worker.seeds, *base):
                    answer = await worker.execute(data)
                    if isinstance(answer, Executed):
                        self._covered |= _edges(answer)
                return await self._choose(worker, files)
            finally:
                await worker.stop()

    async def _choose(self, worker: SoloWorker, files: list[tuple[Path, bytes]]) -> tuple[Distilled, set[Path]]:
        taken: set[Path] = set()
        malformed: list[str] = []
        dropped = 0
        for path, data in sorted(files, key=lambda file: (len(file[1]), file[0])):
            try:
                decode(data, worker.parameters)
            except MalformedInput as error:
                malformed.append(f"{path.name}: {error}")
                continue
            answer = await worker.execute(data)
            if isinstance(answer, Finding):
                self._crashers.record(answer)
            elif new := _edges(answer) - self._covered:
                self._covered |= new
                taken.add(path)
            else:
                dropped += 1
        failing = tuple(self._crashers.crashers)
        return Distilled(len(taken), dropped, failing, tuple(malformed), len(self._covered)), taken


def _edges(result: Executed) -> set[tuple[str, int]]:
    return {(module, index) for module, indices in result.edges.items() for index in indices}
