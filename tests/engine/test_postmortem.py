"""What a process's end is taken for: all that can be known of it, in every combination."""

import signal
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest

from fuzztui.engine.crew import postmortem
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.verdict import Blame, Cause, Ending, Killed
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.text import NOTHING, label
from fuzztui.engine.work.assignment import CallInFlight
from fuzztui.engine.work.job import Job
from fuzztui.protocol.memory import Fault, State
from fuzztui.protocol.messages import Execute, Failed
from tests.engine.crew_fakes import ending, stint

OPTIONS = RunOptions(
    PythonTarget(Path("/p/fuzz_it.py"), "fuzz_it", Path("/p")),
    Path("/p/.fuzztui"),
    1,
    timeout=2.0,
    memory_limit=64 << 20,
)
STACK = 'Current thread 0x1 (most recent call first):\n  File "/p/code.py", line 7 in parse'
EXECUTION = 5

RUNNING = {"state": State.RUNNING}
ENDINGS: dict[Blame, Ending] = {
    Blame.NOBODY: ending(0, asked_to_stop=True),
    Blame.HARNESS: ending(70, state=State.INTERNAL, fault=Fault.HARNESS),
    Blame.WORKER: ending(1),
    Blame.INPUT: ending(-signal.SIGSEGV, **RUNNING),
    Blame.TIMEOUT: ending(-signal.SIGKILL, killed=Killed.TIMEOUT, **RUNNING),
    Blame.MEMORY: ending(-signal.SIGKILL, killed=Killed.MEMORY, **RUNNING),
    Blame.SUSPECT: ending(-signal.SIGKILL, **RUNNING),
}
BY_INPUT = {Blame.INPUT, Blame.TIMEOUT, Blame.MEMORY, Blame.SUSPECT}


def ended(
    *, recorded: bytes | None = b"input", in_call: bool = True, stack: str = STACK, stack_of: int | None = EXECUTION
) -> Stint:
    """A process that has ended in its fifth execution; `stack_of`: the execution for which a stack was asked for."""
    one = stint()
    process: Any = one.process
    process.memory.executions = EXECUTION
    process.memory.recorded = recorded
    process.written = stack
    if in_call:
        one.assignment.call = CallInFlight(cast(Job, None), Execute([], {}), 10)
    if stack_of is not None:
        one.hang._stack_of = stack_of
    return one


@pytest.mark.parametrize(
    ("verdict", "recorded", "in_call", "has_stack"), product(Blame, (b"input", None), (True, False), (True, False))
)
def test_an_input_is_told_of_only_where_it_is_known_and_may_be_the_reason(
    verdict: Blame, recorded: bytes | None, in_call: bool, has_stack: bool
) -> None:
    one = ended(recorded=recorded, in_call=in_call, stack=STACK if has_stack else "")
    examined = postmortem.examine(one, ENDINGS[verdict], OPTIONS, label("its last words"))
    assert examined.blame is verdict
    assert examined.counter == EXECUTION
    assert examined.stack == (STACK if has_stack else "")
    assert not examined.is_late
    assert examined.why
    if verdict in BY_INPUT and recorded is not None and in_call:
        assert examined.death is not None
        assert examined.death.data == b"input"
        assert bool(examined.death.suspicion) == (verdict in (Blame.MEMORY, Blame.SUSPECT))
        assert examined.death.is_from_outside == (verdict is Blame.SUSPECT)
        assert ("parse" in examined.death.failure.traceback) == has_stack
        assert examined.death.failure.function == ("parse" if has_stack else "")
        assert "its last words" in examined.death.failure.traceback
    else:
        assert examined.death is None
    if verdict in BY_INPUT and recorded is None:
        assert "the record of its input is damaged" in examined.why
    elif verdict in BY_INPUT and not in_call:
        assert "outside of a call" in examined.why


KINDS = {
    Blame.INPUT: (CrasherKind.SIGNAL, "SIGSEGV", ""),
    Blame.TIMEOUT: (CrasherKind.TIMEOUT, "timeout after 2 s (0.0 s of CPU)", ""),
    Blame.MEMORY: (
        CrasherKind.MEMORY,
        "more than 64 MiB of memory (--memory-limit)",
        "it used more memory than the limit",
    ),
    Blame.SUSPECT: (CrasherKind.SIGNAL, "SIGKILL again when run again", "killed by SIGKILL from outside"),
}


@pytest.mark.parametrize("verdict", KINDS)
def test_what_the_input_would_be_recorded_as(verdict: Blame) -> None:
    death = postmortem.examine(ended(), ENDINGS[verdict], OPTIONS, NOTHING).death
    assert death is not None
    assert (death.failure.kind, death.failure.type, death.suspicion) == KINDS[verdict]


def test_an_exit_brings_the_stack_that_was_written_for_it() -> None:
    stint = ended(stack_of=None)
    stint.process.memory.left_in = EXECUTION  # type: ignore[misc]
    examined = postmortem.examine(stint, ending(3, **RUNNING), OPTIONS, NOTHING)
    assert examined.death is not None
    assert examined.death.failure.traceback
    assert examined.death.failure.function
    stint.process.memory.left_in = EXECUTION - 1  # type: ignore[misc]
    other = postmortem.examine(stint, ending(3, **RUNNING), OPTIONS, NOTHING)
    assert other.death is not None
    assert (other.death.failure.traceback, other.death.failure.function) == ("", "")
    assert examined.death.failure.id != other.death.failure.id


def test_an_orderly_exit_brings_no_stack() -> None:
    examined = postmortem.examine(ended(stack_of=None), ending(3, **RUNNING), OPTIONS, NOTHING)
    assert examined.death is not None
    assert (examined.death.failure.type, examined.death.failure.traceback) == ("exit status 3", "")
    assert examined.why == "crasher"


@pytest.mark.parametrize(("stack_of", "is_known"), [(EXECUTION, True), (EXECUTION - 1, False), (None, False)])
def test_the_stack_of_an_earlier_stall_is_not_believed(stack_of: int | None, is_known: bool) -> None:
    examined = postmortem.examine(ended(stack_of=stack_of), ENDINGS[Blame.SUSPECT], OPTIONS, NOTHING)
    assert examined.death is not None
    assert bool(examined.death.failure.traceback) == is_known


@pytest.mark.parametrize("stack_of", [EXECUTION - 1, None])
def test_an_execution_that_ended_just_before_it_was_killed_for_is_no_time_out(stack_of: int | None) -> None:
    examined = postmortem.examine(ended(stack_of=stack_of), ENDINGS[Blame.TIMEOUT], OPTIONS, NOTHING)
    assert examined.is_late
    assert examined.death is None
    assert "ended just before" in examined.why


def test_a_process_that_fails_before_it_is_ready_has_not_fuzzed() -> None:
    one = ended(in_call=False)
    one.failed = Failed("no such module", True)
    examined = postmortem.examine(one, ending(70, state=State.INTERNAL, answered_ping=False), OPTIONS, NOTHING)
    assert examined.blame is Blame.HARNESS
    assert examined.why == "worker terminated without fuzzing: no such module (exit 70)"


def test_an_input_that_fails_while_its_worker_is_being_ended_is_only_suspected() -> None:
    stopped = ending(0, killed=Killed.STOP, asked_to_stop=True, **RUNNING)
    examined = postmortem.examine(ended(), stopped, OPTIONS, NOTHING)
    assert examined.death is not None
    assert examined.death.suspicion == examined.why == "it failed while its worker was being ended"


@pytest.mark.parametrize("killed", [Killed.NO, Killed.STOP])
def test_a_death_says_whether_we_were_ending_the_process(killed: Killed) -> None:
    examined = postmortem.examine(ended(), ending(3, killed=killed, asked_to_stop=True, **RUNNING), OPTIONS, NOTHING)
    assert examined.death is not None
    assert examined.death.was_being_ended is (killed is Killed.STOP)


@pytest.mark.parametrize("cause", Cause)
def test_a_kill_is_from_outside_as_long_as_nothing_shows_that_the_input_was_the_reason(cause: Cause) -> None:
    died = ending(-signal.SIGKILL, cause=cause, **RUNNING)
    examined = postmortem.examine(ended(), died, OPTIONS, NOTHING)
    assert examined.death is not None
    assert examined.death.is_from_outside == (cause is Cause.UNKNOWN)
    assert examined.death.suspicion, "either way it is run again"
