"""Runs single inputs in a worker process, one after another, outside of any fuzzing run."""

import asyncio
import time
from pathlib import Path
from typing import Final

from fuzztui.engine import findings, places, text
from fuzztui.engine.clock import HangClock
from fuzztui.engine.findings import Finding
from fuzztui.engine.options import RunOptions
from fuzztui.engine.verdict import Blame, Killed, blame
from fuzztui.engine.worker_handle import Output, WorkerHandle
from fuzztui.protocol.memory import State
from fuzztui.protocol.messages import Crashed, Done, Execute, Executed, Failed, Load, Ping, Pong, Result, Seed

TICK: Final = 0.05


class SoloFailed(Exception):  # noqa: N818 - reads as what happened
    """The target could not be loaded or the worker did not do its job; the message says why."""


class SoloWorker:
    """One worker at a time; an input that ends it gets the blame, and the next input a new worker.

    Use it inside `orphans.adopting()`, and `stop` it in the end.
    """

    def __init__(self, options: RunOptions, capacity: int, *, instrumented: bool) -> None:
        """`capacity`: bytes of the largest input; `instrumented`: whether coverage is wanted, which costs time."""
        self._options = options
        self._capacity = max(1 << 20, capacity)
        self._instrumented = instrumented
        self._results: asyncio.Queue[Result | None] = asyncio.Queue()
        """What the worker sent; None for its end."""
        self._worker: WorkerHandle | None = None
        self._output = Output()
        self._failed: Failed | None = None
        self.parameters: tuple[str, ...] = ()
        """Names of the target's types, known once it has been loaded."""
        self.seeds: list[bytes] = []
        """That the target declares, as the newest worker loaded it."""

    async def ready(self) -> None:
        """Have a worker that has loaded the target; SoloFailed if that cannot be."""
        if self._worker is None:
            await self._start()

    async def execute(self, data: bytes) -> Executed | Finding:
        """Run one input: what it covers, or how it fails. SoloFailed if the worker does not do its job."""
        await self.ready()
        worker = self._worker
        assert worker is not None
        worker.send(Execute([data], {}))
        answer: Executed | Finding | None = None
        clock = HangClock()
        while True:
            try:
                result = await asyncio.wait_for(self._results.get(), TICK)
            except TimeoutError:
                self._watch(worker, clock)
                continue
            match result:
                case Executed():
                    answer = result
                case Crashed():
                    answer = findings.of_exception(data, result.failure, self._options)
                case Failed():
                    self._failed = result
                case Done() if answer is not None:
                    return answer
                case None:
                    return self._blame(worker, data)

    @property
    def output(self) -> str:
        """What the target printed since its worker started, made printable."""
        return text.visible(self._output.tail(), multiline=True)

    def forget_output(self) -> None:
        """Begin anew with what is printed."""
        self._output.clear()

    async def stop(self) -> None:
        """End the worker and wait for that."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
            await worker.ended.wait()
            worker.close()

    async def _start(self) -> None:
        options = self._options
        self._results = asyncio.Queue()
        self._output = Output()
        self._failed = None
        self.seeds = []
        worker = self._worker = WorkerHandle(
            mark=f"solo-{time.monotonic_ns()}",
            capacity=self._capacity,
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
                include=list(options.include),
                exclude=list(options.exclude) if self._instrumented else ["*"],
                dictionary=[],
                code_cache=places.code_cache_dir(),
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
                case Seed():
                    self.seeds.append(result.data)
                case Pong():
                    worker.answered_ping = True
                    self.parameters = tuple(result.parameters)
                    return
                case Failed():
                    self._failed = result
                case None:
                    raise self._failure(worker, "worker terminated without fuzzing: ")

    def _watch(self, worker: WorkerHandle, clock: HangClock) -> None:
        running = worker.memory.state is State.RUNNING
        before = clock.stuck
        stuck = clock.look(worker.memory.executions, running=running, suspended=False, now=time.monotonic())
        if stuck >= self._options.timeout:
            if before < self._options.timeout:
                worker.request_stack()  # it is written by the next look
            else:
                worker.kill(Killed.TIMEOUT)

    def _blame(self, worker: WorkerHandle, data: bytes) -> Finding:
        ending = worker.ending
        assert ending is not None
        verdict = blame(ending)
        if verdict not in (Blame.INPUT, Blame.TIMEOUT, Blame.MEMORY, Blame.SUSPECT):
            raise self._failure(worker, "worker failed: ")
        finding = findings.of_death(
            data, verdict, ending, self._options, stack=worker.stack(), last_words=self.output.strip()
        )
        worker.close()
        self._worker = None
        return finding

    def _failure(self, worker: WorkerHandle, prefix: str) -> SoloFailed:
        assert worker.ending is not None
        sentence = findings.failure_sentence(
            worker.ending, self._failed, worker.complaint, self._options.startup_timeout
        )
        return SoloFailed("\n".join(filter(None, (prefix + sentence, self.output.strip()))))
