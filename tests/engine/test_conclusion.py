"""A run that has not done its work is no success, whatever ended it."""

from dataclasses import replace

import pytest

from fuzztui.engine.crew.member import Member, failures
from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.running.conclusion import Work, conclude
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import NOTHING, Visible, label, lines_of
from fuzztui.engine.show.worker_row import WorkerState

DONE = Work(is_search=True, has_worked=True, unfinished=NOTHING, failures=(), strays=())

WISHES = (StopReason.USER, StopReason.LAST_WORKER_STOPPED, StopReason.INTERRUPTED, StopReason.TERMINATED)
ENDS = (StopReason.TIME_LIMIT, StopReason.EXECUTION_LIMIT, StopReason.DONE, *WISHES)


def code(reason: StopReason, work: Work) -> int:
    concluded, _ = conclude(reason, NOTHING, work)
    return exit_code(concluded, failing=0, unsaved=0, failed_workers=len(work.failures))


@pytest.mark.parametrize("reason", ENDS)
def test_a_run_that_has_done_its_work_ends_as_was_decided(reason: StopReason) -> None:
    assert conclude(reason, label("so"), DONE) == (reason, "so")


@pytest.mark.parametrize("reason", [StopReason.TIME_LIMIT, StopReason.EXECUTION_LIMIT])
def test_a_limit_before_anything_was_executed_is_no_success(reason: StopReason) -> None:
    nothing = replace(DONE, has_worked=False, unfinished=label("0 of 3 seeds and stored inputs were run"))
    concluded, detail = conclude(reason, NOTHING, nothing)
    assert concluded is StopReason.NOTHING_EXECUTED
    assert reason.value in detail
    assert code(reason, nothing) == 70


@pytest.mark.parametrize("reason", WISHES)
def test_whoever_stops_a_run_that_has_executed_nothing_is_told_so_and_keeps_the_status(reason: StopReason) -> None:
    nothing = replace(DONE, has_worked=False)
    concluded, detail = conclude(reason, NOTHING, nothing)
    assert (concluded, detail) == (reason, "no input was executed")
    assert code(reason, nothing) == code(reason, DONE) != 70


def test_a_time_limit_within_the_baseline_is_no_success_and_says_how_far_it_came() -> None:
    part = replace(DONE, unfinished=label("24 of 300 seeds and stored inputs were run"))
    concluded, detail = conclude(StopReason.TIME_LIMIT, NOTHING, part)
    assert concluded is StopReason.BASELINE_UNFINISHED
    assert "24 of 300 seeds and stored inputs were run" in detail
    assert code(StopReason.TIME_LIMIT, part) == 70


@pytest.mark.parametrize("reason", [StopReason.EXECUTION_LIMIT, *WISHES])
def test_fewer_executions_than_there_are_inputs_are_what_was_asked_for_but_said(reason: StopReason) -> None:
    part = replace(DONE, unfinished=label("24 of 300 seeds and stored inputs were run"))
    assert conclude(reason, NOTHING, part) == (reason, "24 of 300 seeds and stored inputs were run")
    assert code(reason, part) == code(reason, DONE)


@pytest.mark.parametrize("reason", ENDS)
def test_failures_of_workers_are_the_reason_whatever_ended_the_run(reason: StopReason) -> None:
    failing = replace(DONE, failures=((0, label("cannot be started")), (3, label("closed"))))
    concluded, detail = conclude(reason, NOTHING, failing)
    assert concluded is StopReason.WORKERS_FAILED
    decided = [reason.value] if reason is not StopReason.DONE else []
    assert list(lines_of(detail)) == [*decided, "worker 0: cannot be started", "worker 3: closed"]
    assert code(reason, failing) == 70


@pytest.mark.parametrize("reason", ENDS)
def test_failures_that_no_input_is_to_blame_for_are_the_reason_where_there_is_none_worse(reason: StopReason) -> None:
    strays = replace(DONE, strays=(label("a thread failed"),))
    concluded, detail = conclude(reason, NOTHING, strays)
    assert concluded is StopReason.STRAY_FAILURES
    assert "a thread failed" in detail
    assert code(reason, strays) == 70


@pytest.mark.parametrize("reason", [reason for reason in StopReason if reason.is_failure])
def test_a_failure_that_ended_the_run_stays_the_reason(reason: StopReason) -> None:
    worst = Work(True, False, label("none were run"), ((0, label("failed")),), (label("a thread failed"),))
    assert conclude(reason, label("why"), worst) == (reason, "why")


@pytest.mark.parametrize("reason", [StopReason.DONE, StopReason.USER])
def test_a_run_of_no_inputs_is_a_success_where_there_are_none_to_run(reason: StopReason) -> None:
    assert conclude(reason, NOTHING, replace(DONE, is_search=False, has_worked=False)) == (reason, "")


# Which failures of workers a run comes to ----------------------------------------------------------------------------


def member(
    number: int,
    *,
    end: WorkerState = WorkerState.ENDED,
    failing: Visible = NOTHING,
    worked: bool = False,
    processes: int = 1,
) -> Member:
    made = Member(number)
    made.end, made.failing, made.has_worked, made.stints = end, failing, worked, processes
    return made


WHY = label("closed the descriptors")


def test_workers_whose_last_processes_all_failed_have_failed_even_if_they_have_worked() -> None:
    assert failures([member(0, failing=WHY, worked=True), member(1, failing=WHY)]) == [(0, WHY), (1, WHY)]


def test_a_worker_that_fails_beside_one_that_works_is_no_failure_of_the_run() -> None:
    assert failures([member(0, failing=WHY), member(1, worked=True)]) == []


def test_a_worker_that_gave_up_is_a_failure_of_the_run_whoever_else_works() -> None:
    gave_up = member(0, end=WorkerState.GAVE_UP, failing=WHY)
    gave_up.reason = label("failed 6 times in a row")
    assert failures([gave_up, member(1, worked=True)]) == [(0, "failed 6 times in a row")]


def test_a_worker_that_has_only_loaded_the_target_makes_no_success_of_the_others_failure() -> None:
    assert failures([member(0, failing=WHY), member(1)]) == [(0, WHY)]


def test_a_worker_that_could_not_even_be_started_has_failed() -> None:
    assert failures([member(0, failing=WHY, processes=0), member(1, failing=WHY, processes=0)]) == [(0, WHY), (1, WHY)]


def test_workers_that_were_stopped_before_they_began_say_nothing() -> None:
    stopped = member(1, end=WorkerState.STOPPED, processes=0)
    assert failures([member(0, worked=True), stopped]) == []
    assert failures([member(0, failing=WHY, worked=True), stopped]) == [(0, WHY)]


def test_work_after_a_failure_makes_up_for_it() -> None:
    made = member(0, failing=WHY)
    made.note_work()
    assert failures([made]) == []
