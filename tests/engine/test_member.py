"""What one worker is shown to do, and when a failing one is given up."""

from typing import Any, cast

import pytest

from fuzztui.engine.crew.member import Backoff, LastExit, Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.usage import Usage
from fuzztui.engine.crew.watch import STALLED_AFTER
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.assignment import CallInFlight
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.fuzzing import Fuzzing
from fuzztui.engine.work.islands import Island
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.replay import Replay
from fuzztui.engine.work.schedule import PowerSchedule
from fuzztui.engine.work.suspects import Suspects
from fuzztui.protocol.memory import State
from fuzztui.protocol.messages import Execute
from tests.engine.crew_fakes import ending, stint


def a_call(job: type[Job]) -> CallInFlight:
    return CallInFlight(cast(Job, job), Execute([], {}), 10)


def suspended(one: Stint) -> None:
    one.memory.usage = Usage(0.0, 0, suspended=True)


def stalled(one: Stint) -> None:
    one.hang._clock.add(STALLED_AFTER * 5)


def working(job: type[Job]) -> Any:
    def prepare(one: Stint) -> None:
        one.assignment.call = a_call(job)

    return prepare


def done(job: type[Job]) -> Any:
    """A call is over, and what comes next is being looked up."""

    def prepare(one: Stint) -> None:
        one.assignment.begin(a_call(job), None)
        one.assignment.settle(10)

    return prepare


def on_an_island(one: Stint) -> None:
    one.assignment.enter(Island(1, PowerSchedule()))


def turned_away(one: Stint) -> None:
    one.waits = True


def both(*steps: Any) -> Any:
    def prepare(one: Stint) -> None:
        for step in steps:
            step(one)

    return prepare


def idle(one: Stint) -> None:
    """Nothing is done to it."""


def gone(one: Stint) -> None:
    one.process.ended.set()


LOADING = {"answered_ping": False}
STOPPING = {"stop_asked_at": 1.0}
STATES: dict[str, tuple[dict[str, Any], Any, dict[str, Any], bool, tuple[WorkerState, str]]] = {
    # process, what is done to its stint, the member's own fields, whether the run is paused -> state and words
    "is between two calls": ({}, done(Fuzzing), {}, False, (WorkerState.FUZZING, "")),
    "was to have a call and there was none": (
        {},
        both(done(Fuzzing), turned_away),
        {},
        False,
        (WorkerState.WAITING, ""),
    ),
    "has no call": ({}, idle, {}, False, (WorkerState.WAITING, "")),
    "fuzzes": ({}, working(Fuzzing), {}, False, (WorkerState.FUZZING, "")),
    "fuzzes anew": ({}, both(working(Fuzzing), on_an_island), {}, False, (WorkerState.FUZZING, "anew")),
    "runs the baseline": ({}, working(Baseline), {}, False, (WorkerState.BASELINE, "3/192")),
    "runs inputs": ({}, working(Replay), {}, False, (WorkerState.EXECUTING, "")),
    "runs a suspect": ({}, working(Suspects), {}, False, (WorkerState.VALIDATING, "")),
    "loads": (LOADING, idle, {}, False, (WorkerState.STARTING, "")),
    "loads in a run that is paused": (LOADING, idle, {}, True, (WorkerState.STARTING, "")),
    "is paused": ({}, working(Fuzzing), {"is_paused": True}, False, (WorkerState.PAUSED, "by you")),
    "is paused with the run": ({}, working(Fuzzing), {}, True, (WorkerState.PAUSED, "")),
    "is paused, and the run too": ({}, idle, {"is_paused": True}, True, (WorkerState.PAUSED, "")),
    "is suspended": ({}, both(working(Fuzzing), suspended), {}, False, (WorkerState.STALLED, "suspended")),
    "is suspended and paused": ({}, suspended, {"is_paused": True}, False, (WorkerState.STALLED, "suspended")),
    "hangs": ({}, both(working(Fuzzing), stalled), {}, False, (WorkerState.STALLED, "5 s")),
    "hangs and is paused": ({}, both(working(Fuzzing), stalled), {}, True, (WorkerState.STALLED, "5 s")),
    "is being stopped": (STOPPING, working(Fuzzing), {}, False, (WorkerState.STOPPING, "")),
    "has ended, which nobody has judged": ({}, both(working(Fuzzing), gone), {}, False, (WorkerState.STOPPING, "")),
    "is being stopped while it loads": ({**LOADING, **STOPPING}, idle, {}, False, (WorkerState.STOPPING, "")),
    "is being stopped while it hangs": (
        STOPPING,
        both(working(Fuzzing), stalled),
        {},
        True,
        (WorkerState.STOPPING, ""),
    ),
}


@pytest.mark.parametrize(("process", "prepare", "fields", "run_paused", "expected"), STATES.values(), ids=STATES.keys())
def test_a_worker_with_a_process_is_shown_as_what_it_does(
    process: dict[str, Any], prepare: Any, fields: dict[str, Any], run_paused: bool, expected: tuple[WorkerState, str]
) -> None:
    member = Member(0)
    member.begin(stint(**process))
    assert member.stint is not None
    prepare(member.stint)
    for name, value in fields.items():
        setattr(member, name, value)
    assert member.state(run_paused=run_paused, baseline=(3, 192)) == expected
    row = member.row(run_paused=run_paused, baseline=(3, 192), found=1, hits=2)
    assert (row.state, row.detail, row.pid, row.found, row.crashers) == (*expected, 4711, 1, 2)


@pytest.mark.parametrize("end", [WorkerState.STOPPED, WorkerState.ENDED, WorkerState.FAILED, WorkerState.GAVE_UP])
def test_a_worker_that_has_ended_is_shown_as_how_it_ended(end: WorkerState) -> None:
    member = Member(0)
    member.is_paused = True
    member.end = end
    assert member.state(run_paused=True, baseline=(0, 0)) == (end, "")


def test_a_worker_without_a_process_starts_or_says_when_it_will() -> None:
    member = Member(0)
    assert member.state(run_paused=True, baseline=(0, 0)) == (WorkerState.STARTING, "")
    member.restarts = 2
    member.waits = 0.44
    assert member.state(run_paused=False, baseline=(0, 0)) == (WorkerState.RESTARTING, "(3) in 0.4 s")


def test_a_new_process_owes_nothing_to_the_one_before() -> None:
    member = Member(0)
    member.begin(stint())
    first = member.stint
    assert first is not None
    first.assignment.settle(5)
    first.process.ending = ending(3, state=State.RUNNING)
    member.reason, member.waits = label("it failed"), 1.0
    member.release()
    assert (member.executions, member.stint) == (5, None)
    assert member.last_exit == LastExit(label("exit 3"), 0.25)
    assert cast(Any, first.process).closed
    member.begin(stint())
    assert (member.executions, member.stints) == (5, 2)
    assert (member.reason, member.waits) == ("", 0.0)
    assert [member.last_exit, member.end] == [None, None]
    assert member.stint is not None
    assert member.stint.assignment.log_position == 0


def test_a_process_that_has_not_ended_is_not_let_go() -> None:
    member = Member(0)
    member.begin(stint())
    member.release()
    assert member.stint is not None


def test_delays_double_and_the_sixth_failure_within_half_a_minute_is_the_last() -> None:
    backoff = Backoff()
    assert [backoff.failed(100.0 + second) for second in range(5)] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6])
    assert backoff.failed(129.9) is None
    assert len(backoff) == 6


def test_failures_are_forgotten_after_half_a_minute() -> None:
    backoff = Backoff()
    for second in range(5):
        backoff.failed(100.0 + second)
    assert backoff.failed(130.5) == pytest.approx(1.6), "the first one is out of the window"
    assert len(backoff) == 5
    assert backoff.failed(1000.0) == pytest.approx(0.1)


def test_another_try_that_a_person_asks_for_counts_anew() -> None:
    backoff = Backoff()
    for _ in range(6):
        backoff.failed(100.0)
    backoff.forgive()
    assert backoff.failed(100.0) == pytest.approx(0.1)
