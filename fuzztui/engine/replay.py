"""Runs stored inputs once each in a worker process and says which of them fail."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from fuzztui.engine import places, text
from fuzztui.engine.corpus import stored_files
from fuzztui.engine.findings import Finding
from fuzztui.engine.options import RunOptions
from fuzztui.engine.orphans import adopting
from fuzztui.engine.solo import SoloWorker
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

VALUES_CHARACTERS: Final = 500


class Verdict(Enum):
    """What became of one input."""

    PASS = "PASS"
    FAIL = "FAIL"
    MALFORMED = "MALFORMED"
    """Not an input of this target."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One input, run once. Texts are printable."""

    name: str
    """Its path, or `seed 2` for one that the target's code declares."""
    verdict: Verdict
    summary: str
    """Exception with its message, signal, exit status, or what is malformed; empty for a PASS."""
    traceback: str
    values: str
    """The arguments as Python would write them, truncated."""
    seconds: float
    output: str
    """What the target printed; for an input that ended its process that is part of `traceback`."""


def replay(options: RunOptions, files: list[Path], on_result: Callable[[Replayed], None]) -> bool:
    """Run each file's input once, in order; whether all passed.

    Calls `on_result` for each file as it is done. Raises SoloFailed, and OSError for a file that cannot be read.
    """
    inputs = [(text.one_line(str(path), 4096), path.read_bytes()) for path in files]
    return asyncio.run(_run(options, inputs, on_result, with_seeds=False))


def regress(options: RunOptions, on_result: Callable[[Replayed], None]) -> bool:
    """Run the seeds that a target declares and every input stored beside it; otherwise as `replay`."""
    folder = places.crashers_dir(options.file, options.target)
    inputs = [(text.one_line(places.shown_path(path), 4096), data) for path, data in stored_files(folder)]
    return asyncio.run(_run(options, inputs, on_result, with_seeds=True))


async def _run(
    options: RunOptions, inputs: list[tuple[str, bytes]], on_result: Callable[[Replayed], None], *, with_seeds: bool
) -> bool:
    passed = True
    largest = max((len(data) for _, data in inputs), default=0)
    worker = SoloWorker(options, largest, instrumented=False)
    with adopting():
        try:
            await worker.ready()
            if with_seeds:
                inputs = [(f"seed {number}", data) for number, data in enumerate(worker.seeds, 1)] + inputs
            for name, data in inputs:
                result = await _run_one(worker, name, data)
                passed &= result.verdict is Verdict.PASS
                on_result(result)
        finally:
            await worker.stop()
    return passed


async def _run_one(worker: SoloWorker, name: str, data: bytes) -> Replayed:
    try:
        values = text.one_line(show(decode(data, worker.parameters), VALUES_CHARACTERS), VALUES_CHARACTERS)
    except MalformedInput as error:
        return Replayed(name, Verdict.MALFORMED, str(error), "", "", 0.0, "")
    worker.forget_output()
    started = time.monotonic()
    answer = await worker.execute(data)
    seconds = time.monotonic() - started
    if not isinstance(answer, Finding):
        return Replayed(name, Verdict.PASS, "", "", values, seconds, worker.output)
    return Replayed(
        name=name,
        verdict=Verdict.FAIL,
        summary=text.one_line(": ".join(filter(None, (answer.type, answer.message)))),
        traceback=text.visible(answer.traceback, 40_000, multiline=True),
        values=values,
        seconds=seconds,
        output="" if answer.ended_its_process else worker.output,
    )
