"""Keeps the generated corpus small, and takes in what other fuzzers have found."""

import asyncio
from collections.abc import Callable, Sequence
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
    """Entries removed, or inputs not taken in, because others cover all that they do, or stored ones fail alike."""
    failing: tuple[Crasher, ...]
    """Distinct failures met on the way that no stored input has shown before; stored like any crasher."""
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
    distilled, taken = asyncio.run(_Distiller(options, _own_input_of).run(entries))
    for path, _ in entries:
        if path not in taken:
            path.unlink(missing_ok=True)
    return distilled


def take_in(options: RunOptions, folder: Path) -> Distilled:
    """Add to the generated corpus those files of a folder that cover something new. SoloFailed, OSError.

    Other fuzzers leave plain bytes: where the one argument is a text, those are read as UTF-8.
    """
    own = places.generated_dir(options.cache_dir, options.project, options.file, options.target)
    known = [data for _, data in stored_files(own)]
    distilled, taken = asyncio.run(_Distiller(options, _input_of).run(stored_files(folder), known))
    for data in taken.values():
        write_once(own, sha256(data).hexdigest(), data, durable=False)
    return distilled


def _own_input_of(data: bytes, parameters: tuple[str, ...]) -> bytes:
    """What we have stored, as it is. MalformedInput if it is no input."""
    decode(data, parameters)
    return data


def _input_of(data: bytes, parameters: tuple[str, ...]) -> bytes:
    """The file form of what a file holds, if that is not it already. MalformedInput if it is no input at all."""
    try:
        return _own_input_of(data, parameters)
    except MalformedInput:
        if parameters != ("str",):
            raise
    try:
        return encode((data.decode(),))
    except UnicodeDecodeError as error:
        raise MalformedInput(f"neither a stored input nor UTF-8: {error.reason} at byte {error.start}") from None


class _Distiller:
    def __init__(self, options: RunOptions, input_of: Callable[[bytes, tuple[str, ...]], bytes]) -> None:
        """`input_of` makes the input that a file holds, of its content and the names of the target's types."""
        self._options = options
        self._input_of = input_of
        self._covered: set[tuple[str, int]] = set()
        self._crashers = CrasherBook(options, RunClock())
        self._known_buckets: set[str] = set()
        """Of failures that seeds and stored inputs show."""

    async def run(
        self, files: list[tuple[Path, bytes]], known: Sequence[bytes] = ()
    ) -> tuple[Distilled, dict[Path, bytes]]:
        """Choose among `files`; `known`: inputs that stay in any case, besides seeds and stored inputs.

        Returns the inputs that were chosen, by the files they come from.
        """
        stored = stored_files(places.crashers_dir(self._options.file, self._options.target))
        at_target = [data for _, data in stored]
        largest = max(map(len, [*at_target, *known, *(data for _, data in files)]), default=0)
        worker = SoloWorker(self._options, largest, instrumented=True)
        with adopting():
            try:
                await worker.ready()
                self._crashers.set_parameters(worker.parameters)
                # Failures of the zero value and of generated entries are stored nowhere yet.
                unstored, kept = (encode(zero(worker.parameters)), *known), (*worker.seeds, *at_target)
                for number, data in enumerate((*unstored, *kept)):
                    answer = await worker.execute(data)
                    if isinstance(answer, Executed):
                        self._covered |= _edges(answer)
                    elif number >= len(unstored):
                        self._known_buckets.add(answer.bucket)
                return await self._choose(worker, files)
            finally:
                await worker.stop()

    async def _choose(self, worker: SoloWorker, files: list[tuple[Path, bytes]]) -> tuple[Distilled, dict[Path, bytes]]:
        taken: dict[Path, bytes] = {}
        malformed: list[str] = []
        dropped = 0
        for path, content in sorted(files, key=lambda file: (len(file[1]), file[0])):
            try:
                data = self._input_of(content, worker.parameters)
            except MalformedInput as error:
                malformed.append(f"{path.name}: {error}")
                continue
            answer = await worker.execute(data)
            if isinstance(answer, Finding):
                if answer.bucket in self._known_buckets:
                    dropped += 1
                else:
                    self._crashers.record(answer)
            elif new := _edges(answer) - self._covered:
                self._covered |= new
                taken[path] = data
            else:
                dropped += 1
        failing = tuple(self._crashers.crashers)
        return Distilled(len(taken), dropped, failing, tuple(malformed), len(self._covered)), taken


def _edges(result: Executed) -> set[tuple[str, int]]:
    return {(module, index) for module, indices in result.edges.items() for index in indices}
