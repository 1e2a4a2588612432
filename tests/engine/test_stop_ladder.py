"""How a process that does not end by itself is ended: the signals, and when each is sent, on a clock that is moved."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine

import pytest

from fuzztui.engine.crew.orphans import Mark
from fuzztui.engine.crew.output import Output
from fuzztui.engine.crew.process import (
    CLEANUP_KILL_AFTER,
    KILL_AFTER,
    LOADING_TERM_AFTER,
    TERM_AFTER,
    WorkerProcess,
)
from fuzztui.engine.crew.surroundings import Surroundings
from fuzztui.engine.crew.verdict import Killed
from fuzztui.protocol.memory import STATE, State
from fuzztui.protocol.process import DUMP_SIGNAL
from tests.support import DEADLINE

pytestmark = pytest.mark.processes

DEAF = f"""
import signal
signal.signal(signal.SIGTERM, lambda *_: print("SIGTERM", flush=True))
signal.signal({DUMP_SIGNAL:d}, signal.SIG_IGN)
print("ready", flush=True)
while True:
    signal.pause()
"""
"""A program that does nothing with what it is sent, and says when it is asked to terminate."""


class MovedLoop(asyncio.SelectorEventLoop):
    """A loop whose time stands still unless it is moved."""

    now = 0.0

    def time(self) -> float:
        return self.now

    async def move_to(self, now: float) -> None:
        """Let everything happen that is due by then."""
        self.now = now
        for _ in range(3):
            await asyncio.sleep(0)


def on_a_moved_clock(test: Callable[[MovedLoop, WorkerProcess, Output], Coroutine[None, None, None]]) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, MovedLoop)
        output = Output()
        process = WorkerProcess(
            command=[sys.executable, "-S", "-c", DEAF],
            mark=Mark(1, 1),
            capacity=100,
            environment={},
            output=output,
            surroundings=Surroundings.here(),
            on_result=lambda result: None,
            on_end=lambda: None,
        )
        try:
            await printed(output, "ready")
            await test(loop, process, output)
        finally:
            process.kill(Killed.STOP)
            await process.ended.wait()
            process.close()

    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(run())


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop go on until a condition holds; its own time-outs are of no use where its time stands still."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0)


async def printed(output: Output, words: str) -> None:
    await until(lambda: words in output.tail())


def why_killed(process: WorkerProcess) -> Killed:
    return process.killed


def test_a_process_that_does_not_listen_is_sent_sigterm_then_sigkill_each_at_its_time() -> None:
    async def test(loop: MovedLoop, process: WorkerProcess, output: Output) -> None:
        process.answered_ping = True
        process.stop()
        await loop.move_to(TERM_AFTER - 0.01)
        assert why_killed(process) is Killed.NO
        await loop.move_to(TERM_AFTER)
        assert why_killed(process) is Killed.STOP
        await printed(output, "SIGTERM")
        await loop.move_to(KILL_AFTER - 0.01)
        assert not process.ended.is_set()
        await loop.move_to(KILL_AFTER)
        await until(process.ended.is_set)
        assert process.ending is not None
        assert process.ending.exit == "SIGKILL"
        assert output.tail().count("SIGTERM") == 1

    on_a_moved_clock(test)


def test_a_process_that_still_loads_its_target_is_sent_sigterm_soon() -> None:
    async def test(loop: MovedLoop, process: WorkerProcess, output: Output) -> None:
        process.stop()
        await loop.move_to(LOADING_TERM_AFTER)
        await printed(output, "SIGTERM")
        assert why_killed(process) is Killed.STOP

    on_a_moved_clock(test)


def test_asking_again_does_not_begin_the_ladder_anew() -> None:
    async def test(loop: MovedLoop, process: WorkerProcess, output: Output) -> None:
        process.answered_ping = True
        process.stop()
        asked = process.stop_asked_at
        await loop.move_to(KILL_AFTER - 0.01)
        process.stop()
        assert process.stop_asked_at == asked, "the end takes as long as it took from the first request"
        await loop.move_to(KILL_AFTER)
        await until(process.ended.is_set)

    on_a_moved_clock(test)


def test_the_ladder_leaves_time_to_reap_within_two_seconds() -> None:
    assert LOADING_TERM_AFTER < TERM_AFTER < KILL_AFTER <= 1.5


@pytest.mark.parametrize("was_terminated", [False, True])
def test_a_process_in_its_cleanup_is_sent_nothing_before_the_time_for_that_is_over(was_terminated: bool) -> None:
    async def test(loop: MovedLoop, process: WorkerProcess, output: Output) -> None:
        process.answered_ping = True
        process.stop()
        if was_terminated:
            await loop.move_to(TERM_AFTER)
            await printed(output, "SIGTERM")
        process.memory.words[STATE] = State.CLEANING
        await loop.move_to(CLEANUP_KILL_AFTER - 0.01)
        assert not process.ended.is_set()
        await loop.move_to(CLEANUP_KILL_AFTER)
        await until(process.ended.is_set)
        assert why_killed(process) is Killed.CLEANUP
        assert output.tail().count("SIGTERM") == was_terminated

    on_a_moved_clock(test)
