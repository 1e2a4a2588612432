"""Executions that hang, processes that are stopped and memory that grows are noticed from outside, and only those."""

from pathlib import Path
from typing import cast

import pytest

from fuzztui.engine.crew.effort import LONGEST_WAIT, Effort
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.stops import PATIENCE, RELAPSE, Stop
from fuzztui.engine.crew.usage import InUse
from fuzztui.engine.crew.verdict import Killed
from fuzztui.engine.crew.watch import (
    FASTEST_GROWTH,
    GIVEN_BACK_AFTER,
    LONGEST_PAUSE,
    SAMPLING,
    SHORTEST_PAUSE,
    STALLED_AFTER,
    HangWatch,
    MemoryWatch,
)
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.running.clock import LONGEST_STEP
from fuzztui.engine.show.text import Visible
from fuzztui.protocol.memory import State
from tests.engine.crew_fakes import FakeMemory, FakeProcess

TARGET = PythonTarget(Path("/p/fuzz_it.py"), "fuzz_it", Path("/p"))
OPTIONS = RunOptions(TARGET, Path("/p/.fuzztui"), 1, timeout=3.0)
STACK = 'Current thread 0x1 (most recent call first):\n  File "/p/code.py", line 7 in parse'


class Watched:
    """A process under a hang watch, and a clock that the test moves."""

    def __init__(self, options: RunOptions = OPTIONS, state: State | None = State.RUNNING) -> None:
        self.process = FakeProcess(FakeMemory(executions=1, state=state), written=STACK)
        self.watch = HangWatch(1, self._effort, lambda _pid, _state: self.stop)
        self.stop = Stop.OUTSIDE
        self.now = 100.0
        self.options = options
        self.kernel = "S"
        """The state of the process as the kernel has it."""
        self.cpu = self.waited = 0.0
        self.notices: list[Visible] = []
        self.look()

    def _effort(self, _pid: int) -> Effort:
        return Effort(self.kernel, self.cpu, 0, {1: self.waited})

    def look(self) -> None:
        notice = self.watch.look(cast(WorkerProcess, self.process), self.options, self.now)
        self.notices += filter(None, [notice])

    def killed(self) -> Killed:
        return self.process.killed

    def pass_by(self, seconds: float, kernel: str = "S", *, cpu: float = 0.0, waited: float = 0.0) -> None:
        """Let time go by, in which the process is in this state, and has and lacks these shares of a core."""
        self.kernel = kernel
        until = self.now + seconds
        while self.now < until:
            self.now += LONGEST_STEP
            self.cpu += cpu * LONGEST_STEP
            self.waited += waited * LONGEST_STEP
            self.look()


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
    assert watched.watch.has_stack_of(1)
    assert not watched.watch.has_stack_of(2)


def test_an_execution_is_found_somewhere_several_times_before_it_is_killed() -> None:
    watched = Watched()
    watched.pass_by(OPTIONS.timeout - SAMPLING - LONGEST_STEP)
    assert watched.watch.samples_of(1) == ()
    watched.pass_by(SAMPLING + LONGEST_STEP)
    assert watched.killed() is Killed.TIMEOUT
    samples = watched.watch.samples_of(1)
    assert len(samples) >= 3  # more where looks come as often as they do
    assert set(samples) == {watched.process.written}
    assert watched.process.stack_requests == 1 + len(samples)
    assert watched.watch.samples_of(2) == ()


def test_an_execution_that_answers_for_itself_is_not_looked_at_by_force() -> None:
    watched = Watched()
    watched.process.listens = True
    watched.pass_by(STALLED_AFTER)
    watched.process.memory.loop = 1, 7
    watched.pass_by(OPTIONS.timeout - STALLED_AFTER)
    assert watched.killed() is Killed.TIMEOUT
    assert (watched.process.looks_for_loops, watched.process.looks_again) == (2, 1)
    assert watched.process.stack_requests == 0
    assert watched.watch.location == "/p/code.py:7"
    assert watched.watch.samples_of(1) == ()


def test_an_execution_that_cannot_answer_is_looked_at_by_force() -> None:
    watched = Watched()
    watched.process.listens, watched.process.written = True, ""
    watched.pass_by(STALLED_AFTER)
    assert watched.process.stack_requests == 0
    watched.pass_by(LONGEST_STEP)
    assert watched.process.stack_requests == 1


def test_a_time_out_shorter_than_a_stall_is_kept_and_still_brings_a_stack() -> None:
    watched = Watched(RunOptions(TARGET, Path("/p/.fuzztui"), 1, timeout=0.5))
    watched.pass_by(0.5)
    assert watched.killed() is Killed.NO, "looks come late here, and it is to be asked where it stands"
    watched.pass_by(LONGEST_STEP)
    assert watched.killed() is Killed.TIMEOUT
    assert watched.watch.has_stack_of(1)


def test_another_execution_is_another_stall() -> None:
    watched = Watched()
    watched.pass_by(2.0)
    watched.process.memory.executions = 2
    before = watched.process.stack_requests
    watched.pass_by(STALLED_AFTER)
    assert watched.process.stack_requests == before
    watched.pass_by(LONGEST_STEP)
    assert watched.process.stack_requests == before + 1
    assert watched.watch.samples_of(1) == watched.watch.samples_of(2) == ()
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


def test_a_loop_that_lacks_a_core_is_given_its_time_and_not_for_ever() -> None:
    watched = Watched()
    watched.pass_by(4 * OPTIONS.timeout, "R", cpu=0.1, waited=0.9)
    assert watched.killed() is Killed.NO
    watched.pass_by(7 * OPTIONS.timeout, "R", cpu=0.1, waited=0.9)
    assert watched.killed() is Killed.TIMEOUT
    assert watched.watch.spent.cpu == pytest.approx(OPTIONS.timeout, abs=0.3)
    starved = Watched()
    starved.pass_by((LONGEST_WAIT - 1) * OPTIONS.timeout, "R", waited=1.0)
    assert starved.killed() is Killed.NO
    starved.pass_by(OPTIONS.timeout + 2 * LONGEST_STEP, "R", waited=1.0)
    assert starved.killed() is Killed.TIMEOUT


@pytest.mark.parametrize("stop", [Stop.OUTSIDE, Stop.TRACED])
def test_a_process_that_somebody_has_stopped_does_not_hang_and_is_told_of(stop: Stop) -> None:
    watched = Watched()
    watched.stop = stop
    watched.pass_by(PATIENCE - 1.0, "T")
    assert watched.killed() is Killed.NO
    assert watched.process.let_go == 0
    (notice,) = watched.notices
    assert "for 3 s in the middle of an input" in notice


def test_a_process_that_goes_on_before_anybody_is_told_is_not_told_of() -> None:
    watched = Watched()
    for _ in range(5):
        watched.pass_by(OPTIONS.timeout - LONGEST_STEP, "T")
        watched.pass_by(LONGEST_STEP, "S")
    assert watched.notices == []
    assert watched.killed() is Killed.NO


def test_a_process_that_has_stopped_itself_is_stuck() -> None:
    watched = Watched()
    watched.stop = Stop.ITSELF
    watched.pass_by(OPTIONS.timeout + LONGEST_STEP, "T")
    assert watched.killed() is Killed.TIMEOUT
    assert watched.watch.spent.stopped_itself
    assert watched.watch.has_stack_of(1)
    assert watched.notices == []


def test_a_process_that_was_stopped_is_let_go_on_after_a_minute() -> None:
    watched = Watched()
    watched.pass_by(PATIENCE, "T")
    assert watched.process.let_go == 1
    assert "has been let go on" in watched.notices[-1]
    assert watched.process.stack_requests == 1, "it shows where the process was stopped"
    watched.pass_by(OPTIONS.timeout - 2 * LONGEST_STEP)
    assert watched.killed() is Killed.NO


@pytest.mark.parametrize(
    ("pause", "execution", "is_its_own"),
    [(0.0, 1, True), (RELAPSE / 2, 1, True), (2 * RELAPSE, 1, False), (0.0, 2, False)],
)
def test_a_process_that_stops_again_as_soon_as_it_is_let_go_on_stops_itself(
    pause: float, execution: int, is_its_own: bool
) -> None:
    watched = Watched()
    watched.pass_by(PATIENCE, "T")
    watched.pass_by(pause, "R")
    watched.process.memory.executions = execution
    watched.pass_by(OPTIONS.timeout / 2, "T")
    assert watched.watch.spent.stopped_itself == is_its_own
    assert watched.killed() is Killed.NO
    if is_its_own:
        watched.pass_by(OPTIONS.timeout, "T")
        assert watched.killed() is Killed.TIMEOUT


def test_a_process_that_is_stopped_in_one_execution_after_the_other_costs_a_minute_only_once() -> None:
    watched = Watched()
    watched.pass_by(PATIENCE, "T")
    for execution in range(2, 12):
        watched.process.memory.executions = execution
        watched.pass_by(LONGEST_STEP, "R")
        watched.pass_by(OPTIONS.timeout + LONGEST_STEP, "T")
    assert watched.process.let_go == 11
    assert watched.killed() is Killed.NO


def test_a_process_that_is_traced_is_never_let_go_on() -> None:
    watched = Watched()
    watched.stop = Stop.TRACED
    watched.pass_by(3 * PATIENCE, "t")
    assert watched.process.let_go == 0
    assert len(watched.notices) == 1


@pytest.mark.parametrize("stop", [Stop.OUTSIDE, Stop.ITSELF])
def test_a_process_that_is_stopped_between_two_inputs_is_let_go_on_and_blamed_on_none(stop: Stop) -> None:
    watched = Watched(state=State.IDLE)
    watched.stop = stop
    watched.pass_by(OPTIONS.timeout, "T")
    assert "between two inputs" in watched.notices[0]
    watched.pass_by(PATIENCE, "T")
    assert watched.process.let_go >= 1
    assert watched.killed() is Killed.NO


def test_a_process_that_is_being_ended_is_not_killed_for_its_time_out() -> None:
    watched = Watched()
    watched.process.stop_asked_at = 100.0
    watched.pass_by(10.0)
    assert watched.killed() is Killed.NO


MIB = 1 << 20
LIMIT = 4000 * MIB
LOADED = 500 * MIB


class Memory:
    """A process under a memory watch that has seen what the process used when its target was loaded."""

    def __init__(self, state: State = State.RUNNING, *, answered_ping: bool = True) -> None:
        self.process = FakeProcess(FakeMemory(executions=1, state=state), pid=1, answered_ping=answered_ping)
        self.used: int | None = LOADED
        self.shared_by_children = 0
        """Bytes that are counted twice where nobody looks closely."""
        self.exact_looks = 0
        self.looks = 0
        self.now = 100.0
        self.watch = MemoryWatch(1, self._measure)
        self.watch.measure_loaded(0)
        self.exact_looks = 0

    def _measure(self, pid: int, ours: int, *, exact: bool) -> InUse | None:
        assert (pid, ours) == (1, 0)
        self.looks += 1
        self.exact_looks += exact
        if self.used is None:
            return None
        return InUse(self.used + (0 if exact else self.shared_by_children), bool(self.shared_by_children) and not exact)

    def killed(self) -> Killed:
        return self.process.killed

    def look(self, used: int | None, limit: int | None = LIMIT, after: float = LONGEST_PAUSE) -> None:
        """Look when so much is used, beyond what the loaded target uses."""
        self.used = used + LOADED if used is not None else None
        self.now += after
        self.watch.look(cast(WorkerProcess, self.process), limit, self.now)


def test_an_execution_that_uses_more_than_the_limit_is_located_then_killed() -> None:
    memory = Memory()
    memory.look(LIMIT + 1)
    assert (memory.killed(), memory.process.stack_requests) == (Killed.NO, 1)
    memory.look(LIMIT + 1, after=SHORTEST_PAUSE)
    assert memory.killed() is Killed.MEMORY
    assert memory.watch.has_stack_of(1)
    assert memory.process.stack_requests == 1


def test_an_execution_on_its_way_to_the_limit_is_located_before_and_killed_at_once() -> None:
    memory = Memory()
    memory.look(LIMIT * 4 // 5)
    assert (memory.killed(), memory.process.stack_requests) == (Killed.NO, 1)
    memory.look(LIMIT + 1)
    assert memory.killed() is Killed.MEMORY


def test_the_stack_of_an_earlier_execution_does_not_locate_this_one() -> None:
    memory = Memory()
    memory.look(LIMIT * 4 // 5)
    memory.process.memory.executions = 2
    memory.look(LIMIT + 1)
    assert (memory.killed(), memory.process.stack_requests) == (Killed.NO, 2)


@pytest.mark.parametrize("used", [0, LIMIT // 2, LIMIT])
def test_what_is_allowed_is_no_fault_however_much_the_loaded_target_uses(used: int) -> None:
    memory = Memory()
    for _ in range(5):
        memory.look(used)
    assert memory.killed() is Killed.NO


@pytest.mark.parametrize(("used", "limit"), [(None, LIMIT), (2 * LIMIT, None)])
def test_nothing_is_ended_without_a_limit_or_a_figure(used: int | None, limit: int | None) -> None:
    memory = Memory()
    for _ in range(3):
        memory.look(used, limit)
    assert memory.killed() is Killed.NO


def test_loading_may_use_what_it_likes() -> None:
    memory = Memory(answered_ping=False)
    for _ in range(3):
        memory.look(2 * LIMIT)
    assert memory.killed() is Killed.NO


@pytest.mark.parametrize("state", [State.IDLE, State.REPORTING])
def test_memory_that_is_given_back_after_an_execution_is_no_fault(state: State) -> None:
    memory = Memory(state)
    for used in (2 * LIMIT, 2 * LIMIT, LIMIT, 2 * LIMIT, 2 * LIMIT, 0):
        memory.look(used, after=GIVEN_BACK_AFTER * 0.9)
    assert memory.killed() is Killed.NO


def test_memory_that_is_held_between_two_executions_ends_the_worker_which_is_not_its_inputs_doing() -> None:
    memory = Memory(State.IDLE)
    memory.look(LIMIT + 1)
    assert memory.killed() is Killed.NO
    memory.look(LIMIT + 1, after=GIVEN_BACK_AFTER)
    assert memory.killed() is Killed.HELD_MEMORY


def test_memory_that_a_worker_which_is_never_idle_holds_is_no_inputs_doing_either() -> None:
    memory = Memory(State.RUNNING)
    memory.look(LIMIT + 1)
    memory.process.memory.executions += 1000
    memory.look(LIMIT + 1, after=GIVEN_BACK_AFTER / 2)
    assert memory.killed() is Killed.NO
    memory.process.memory.executions += 1000
    memory.look(LIMIT + 1, after=GIVEN_BACK_AFTER / 2)
    assert memory.killed() is Killed.HELD_MEMORY


@pytest.mark.parametrize("used", [0, LIMIT // 2, LIMIT - 100 * MIB, LIMIT - MIB])
def test_the_next_look_comes_before_the_limit_can_be_passed_by_far(used: int) -> None:
    memory = Memory()
    memory.look(used)
    pause = memory.watch.seconds_until_due(memory.now)
    assert SHORTEST_PAUSE - 0.001 <= pause <= LONGEST_PAUSE + 0.001
    assert used + pause * FASTEST_GROWTH <= LIMIT + (SHORTEST_PAUSE + 0.001) * FASTEST_GROWTH


def test_a_look_that_is_not_due_is_not_made() -> None:
    memory = Memory()
    memory.look(0)
    looks = memory.looks
    memory.look(2 * LIMIT, after=LONGEST_PAUSE / 2)
    assert memory.looks == looks
    memory.look(2 * LIMIT, after=LONGEST_PAUSE / 2)
    assert memory.looks > looks


def test_memory_that_a_process_shares_with_its_children_counts_once_and_is_measured_only_where_it_matters() -> None:
    memory = Memory()
    memory.shared_by_children = LIMIT // 2
    memory.look(0)
    assert memory.exact_looks == 0
    for _ in range(3):
        memory.look(LIMIT * 6 // 10)
        assert memory.watch.seconds_until_due(memory.now) == pytest.approx(LONGEST_PAUSE), "measuring takes long"
    assert (memory.killed(), memory.exact_looks) == (Killed.NO, 3)
    memory.look(LIMIT + 1)
    memory.look(LIMIT + 1)
    assert memory.killed() is Killed.MEMORY
