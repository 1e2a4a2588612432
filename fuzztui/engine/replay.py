"""Runs stored inputs once each in a worker process and says which of them fail."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from fuzztui.engine import findings, places, text
from fuzztui.engine.clock import HangClock
from fuzztui.engine.corpus import stored_files
from fuzztui.engine.findings import Finding
from fuzztui.engine.options import RunOptions
from fuzztui.engine.orphans import adopting
from fuzztui.engine.verdict import Blame, Killed, blame
from fuzztui.engine.worker_handle import Output, WorkerHandle
from fuzztui.protocol.memory import State
from fuzztui.protocol.messages import Crashed, Done, Execute, Executed, Failed, Load, Ping, Pong, Result, Seed
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

VALUES_CHARACTERS: Final = 500
TICK: Final = 0.05


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
    """What the target printed."""


class ReplayFailed(Exception):  # noqa: N818 - reads as what happened
    """The target could not be loaded or the worker did not do its job; the message says why."""


def replay(options: RunOptions, files: list[Path], on_result: Callable[[Replayed], None]) -> bool:
    """Run each file's input once, in order; whether all passed.

    Calls `on_result` for each file as it is done. Raises ReplayFailed, and OSError for a file that cannot be read.
    """
    inputs = [(str(path), path.read_bytes()) for path in files]
    return asyncio.run(_Replay(options, on_result).run(inputs))


def regress(options: RunOptions, on_result: Callable[[Replayed], None]) -> bool:
    """Run the seeds that a target declares and every input stored beside it; otherwise as `replay`."""
    folder = places.crashers_dir(options.file, options.target)
    inputs = [(text.one_line(str(places.shown_path(path)), 4096), data) for path, data in stored_files(folder)]
    return asyncio.run(_Replay(options, on_result).run(inputs, with_seeds=True))


class _Replay:
    """One worker at a time; an input that ends it gets the blame, and the next one a new worker."""

    def __init__(self, options: RunOptions, on_result: Callable[[Replayed], None]) -> None:
        self._options = options
        self._on_result = on_result
        self._results: asyncio.Queue[Result | None] = asyncio.Queue()
        """What the worker sent; None for its end."""
        self._parameters: tuple[str, ...] = ()
        self._worker: WorkerHandle | None = None
        self._output = Output()
        self._failed: Failed | None = None
        self._seeds: list[bytes] = []
        """That the target declares, as the newest worker loaded it."""

    async def run(self, inputs: list[tuple[str, bytes]], *, with_seeds: bool = False) -> bool:
        passed = True
        capacity = max(1 << 20, max((len(data) for _, data in inputs), default=0))
        with adopting():
            try:
                if with_seeds:
                    await self._start(capacity)
                    inputs = [(f"seed {number}", data) for number, data in enumerate(self._seeds, 1)] + inputs
                for name, data in inputs:
                    if self._worker is None:
                        await self._start(capacity)
                    passed &= await self._run_one(name, data)
            finally:
                await self._stop()
        return passed

    async def _start(self, capacity: int) -> None:
        options = self._options
        self._results = asyncio.Queue()
        self._output = Output()
        self._failed = None
        self._seeds = []
        worker = self._worker = WorkerHandle(
            mark=f"replay-{time.monotonic_ns()}",
            capacity=capacity,
            environment=options.environment,
            output=self._output,
            on_result=self._results.put_nowait,
            on_end=lambda: self._results.put_nowait(None),
        )
        worker.send(
            Load(
                file=str(options.file),
                target=options.target,
                directory=str(Path.cwd()),
                include=[],
                exclude=["*"],  # nothing is to be learnt from coverage here
                dictionary=[],
                code_cache=str(places.code_cache_dir(options.cache_dir)),
                seed=0,
                max_len=options.max_len,
                memory_limit=options.memory_limit,
            )
        )
        worker.send(Ping())
        deadline = time.monotonic() + options.startup_timeout
        while True:
            try:
                result = await asyncio.wait_for(self._results.get(), deadline - time.monotonic())
            except TimeoutError:
                worker.kill(Killed.STARTUP_TIMEOUT)
                await worker.ended.wait()
                result = None
            match result:
                case Pong():
                    worker.answered_ping = True
                    self._parameters = tuple(result.parameters)
                    return
                case Seed():
                    self._seeds.append(result.data)
                case Failed():
                    self._failed = result
                case None:
                    raise self._failure("worker terminated without fuzzing: ")

    async def _run_one(self, name: str, data: bytes) -> bool:
        try:
            values = text.one_line(show(decode(data, self._parameters), VALUES_CHARACTERS), VALUES_CHARACTERS)
        except MalformedInput as error:
            self._on_result(Replayed(name, Verdict.MALFORMED, str(error), "", "", 0.0, ""))
            return False
        worker = self._worker
        assert worker is not None
        worker.send(Execute([data], {}))
        started = time.monotonic()
        finding = await self._answer(worker, data)
        self._on_result(
            Replayed(
                name=name,
                verdict=Verdict.FAIL if finding else Verdict.PASS,
                summary=text.one_line(": ".join(filter(None, (finding.type, finding.message)))) if finding else "",
                traceback=text.visible(finding.traceback, 40_000, multiline=True) if finding else "",
                values=values,
                seconds=time.monotonic() - started,
                output=text.visible(self._output.tail(), multiline=True) if self._worker is worker else "",
            )
        )
        return finding is None

    async def _answer(self, worker: WorkerHandle, data: bytes) -> Finding | None:
        """Wait until the input has run; what is wrong with it, if anything."""
        finding = None
        clock = HangClock()
        while True:
            try:
                result = await asyncio.wait_for(self._results.get(), TICK)
            except TimeoutError:
                self._watch(worker, clock)
                continue
            match result:
                case Executed():
                    finding = None
                case Crashed():
                    finding = findings.of_exception(data, result.failure, self._options)
                case Failed():
                    self._failed = result
                case Done():
                    return finding
                case None:
                    return self._blame(worker, data)

    def _watch(self, worker: WorkerHandle, clock: HangClock) -> None:
        running = worker.memory.state is State.RUNNING
        before = clock.stuck
        stuck = clock.look(worker.memory.executions, running=running, suspended=False, now=time.monotonic())
        if stuck >= self._options.timeout:
            if before < self._options.timeout:
                worker.request_stack()  # it is written by the next look
            else:
                worker.kill(Killed.TIMEOUT)

    def _blame(self, worker: WorkerHandle, data: bytes) -> Finding | None:
        ending = worker.ending
        assert ending is not None
        verdict = blame(ending)
        if verdict not in (Blame.INPUT, Blame.TIMEOUT, Blame.MEMORY, Blame.SUSPECT):
            raise self._failure("worker failed: ")
        finding = findings.of_death(
            data,
            verdict,
            ending,
            self._options,
            stack=worker.stack(),
            last_words=text.visible(self._output.tail(), multiline=True).strip(),
        )
        worker.close()
        self._worker = None
        return finding

    def _failure(self, prefix: str) -> ReplayFailed:
        worker = self._worker
        assert worker is not None
        assert worker.ending is not None
        sentence = findings.failure_sentence(
            worker.ending, self._failed, worker.complaint, self._options.startup_timeout
        )
        words = text.visible(self._output.tail(), multiline=True).strip()
        return ReplayFailed("\n".join(filter(None, (prefix + sentence, words))))

    async def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
            await worker.ended.wait()
            worker.close()
