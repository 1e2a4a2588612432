"""Executions that hang and memory that grows are noticed from outside, and only those."""

from pathlib import Path
from typing import Any, cast

import pytest

from fuzztui.engine.clock import LONGEST_STEP
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.usage import Usage, UsageSampler
from fuzztui.engine.crew.verdict import Killed
from fuzztui.engine.crew.watch import STALLED_AFTER, HangWatch, MemoryWatch
from fuzztui.engine.options import RunOptions
from fuzztui.engine.target import PythonTarget
from fuzztui.protocol.memory import State
from tests.engine.crew_fakes import FakeMemory, FakeProcess, FakeSampler

TARGET = PythonTarget(Path("/p/fuzz_it.py"), "fuzz_it", Path("/p"))
OPTIONS = RunOptions(TARGET, Path("/p/.fuzztui"), 1, timeout=3.0)
STACK = 'Current thread 0x1 (most recent call first):\n  File "/p/code.py", line 7 in parse'


class Watched:
    """A process under a hang watch, and a clock that the test moves."""

    def __init__(self, options: RunOptions = OPTIONS, state: State | None = State.RUNNING) -> None:
        self.process = FakeProcess(FakeMemory(executions=1, state=state), written=STACK)
        self.watch = HangWatch()
        self.now = 100.0
        self.options = options
        self.look()

    def look(self, *, suspended: bool = False) -> None:
        self.watch.look(cast(WorkerProcess, self.process), self.options, suspended=suspended, now=self.now)

    def killed(self) -> Killed:
        return self.process.killed

    def pass_by(self, seconds: float, **given: Any) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += LONGEST_STEP
            self.look(**given)


def test_a_stall_is_located_once_and_the_time_out_kills() -> None:
    watched = Watched()
    watched.pass_by(STALLED_AFTER - LONGEST_STEP)
    assert watched.process.stack_requests == 0
    watched.pass_by(LONGEST_STEP)
    assert watched.process.stack_requests == 1
    assert watched.watch.location == "", "the stack is there at the next look"
    watched.pass_by(LONGEST_STEP)
    assert watched.watch.location == "/p/code.py:7"
    watched.pass_by(OPTIONS.timeout - STALLED_AFTER - 2 * LONGEST_STEP)
    assert watched.killed() is Killed.NO
    watched.pass_by(LONGEST_STEP)
    assert watched.killed() is Killed.TIMEOUT
    assert watched.process.stack_requests == 1
    assert watched.watch.has_stack_of(1)
    assert not watched.watch.has_stack_of(2)


def test_a_time_out_shorter_than_a_stall_is_kept_and_still_brings_a_stack() -> None:
    watched = Watched(RunOptions(TARGET, Path("/p/.fuzztui"), 1, timeout=0.5))
    watched.pass_by(0.5)
    assert (watched.process.stack_requests, watched.killed()) == (1, Killed.NO)
    watched.pass_by(LONGEST_STEP)
    assert watched.killed() is Killed.TIMEOUT


def test_another_execution_is_another_stall() -> None:
    watched = Watched()
    watched.pass_by(2.0)
    watched.process.memory.executions = 2
    watched.pass_by(STALLED_AFTER)
    assert watched.process.stack_requests == 1
    watched.pass_by(LONGEST_STEP)
    assert watched.process.stack_requests == 2
    assert watched.killed() is Killed.NO


@pytest.mark.parametrize("state", [State.IDLE, State.LOADING, State.STARTING, State.INTERNAL, None])
def test_a_process_that_executes_nothing_does_not_hang(state: State | None) -> None:
    watched = Watched(state=state)
    watched.pass_by(10.0)
    assert (watched.process.stack_requests, watched.watch.stuck) == (0, 0.0)


def test_a_failure_whose_report_hangs_is_a_hang() -> None:
    watched = Watched(state=State.REPORTING)
    watched.pass_by(OPTIONS.timeout + LONGEST_STEP)
    assert watched.killed() is Killed.TIMEOUT


def test_a_suspended_process_does_not_hang() -> None:
    watched = Watched()
    watched.pass_by(100.0, suspended=True)
    assert watched.killed() is Killed.NO


def test_a_process_that_is_being_ended_is_not_killed_for_its_time_out() -> None:
    watched = Watched()
    watched.process.stop_asked_at = 100.0
    watched.pass_by(10.0)
    assert watched.killed() is Killed.NO


LIMIT = 1000
LOADED = Usage(None, 500, suspended=False)
MUCH = Usage(None, 500 + LIMIT + 1, suspended=False)
AS_MUCH_AS_ALLOWED = Usage(None, 500 + LIMIT, suspended=False)


class Memory:
    """A process under a memory watch that has seen what the process used when its target was loaded."""

    def __init__(self, *usages: Usage | None, state: State = State.RUNNING, answered_ping: bool = True) -> None:
        self.process = FakeProcess(FakeMemory(state=state), pid=1, answered_ping=answered_ping)
        self.watch = MemoryWatch(1)
        self.watch._sampler = cast(UsageSampler, FakeSampler([LOADED, *usages]))
        self.watch.measure_loaded()

    def killed(self) -> Killed:
        return self.process.killed

    def look(self, limit: int | None = LIMIT) -> None:
        self.watch.look(cast(WorkerProcess, self.process), limit)


def test_an_execution_that_uses_more_than_the_limit_is_killed() -> None:
    memory = Memory(MUCH)
    memory.look()
    assert memory.killed() is Killed.MEMORY


def test_what_the_loaded_target_uses_is_no_inputs_doing() -> None:
    memory = Memory(AS_MUCH_AS_ALLOWED)
    memory.look()
    assert memory.killed() is Killed.NO
    assert memory.watch.usage is AS_MUCH_AS_ALLOWED


@pytest.mark.parametrize("usage", [None, MUCH])
def test_nothing_is_ended_without_a_limit_or_a_figure(usage: Usage | None) -> None:
    memory = Memory(usage)
    memory.look(None if usage else LIMIT)
    assert memory.killed() is Killed.NO


def test_loading_may_use_what_it_likes() -> None:
    memory = Memory(MUCH, answered_ping=False)
    memory.look()
    assert memory.killed() is Killed.NO


def test_memory_that_is_given_back_after_an_execution_is_no_fault() -> None:
    memory = Memory(MUCH, AS_MUCH_AS_ALLOWED, MUCH, state=State.IDLE)
    for _ in range(3):
        memory.look()
    assert memory.killed() is Killed.NO


def test_memory_that_is_held_between_two_executions_ends_the_worker_which_is_not_its_inputs_doing() -> None:
    memory = Memory(MUCH, state=State.IDLE)
    memory.look()
    assert memory.killed() is Killed.NO
    memory.look()
    assert memory.killed() is Killed.PROTOCOL
    assert "held between two executions" in memory.process.complaint
