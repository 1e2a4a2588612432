import itertools
import signal

import pytest

from fuzztui.engine.crew.findings import failure_sentence
from fuzztui.engine.crew.verdict import CRASH_SIGNALS, Blame, Ending, Killed, blame, exit_code
from fuzztui.engine.show.outcome import StopReason
from fuzztui.protocol.memory import Fault, State

STATUSES = [0, 1, 70, 99, *(-number for number in range(1, 32))]
STATES: list[State | None] = [*State, None]
EXECUTING = (State.RUNNING, State.REPORTING)


def _all_endings(killed: Killed = Killed.NO) -> list[Ending]:
    return [
        Ending(status, state, fault, answered, asked, killed)
        for status, state, fault, answered, asked in itertools.product(
            STATUSES, STATES, Fault, (False, True), (False, True)
        )
    ]


def test_a_death_before_the_answer_to_the_ping_is_never_a_crasher() -> None:
    for killed in Killed:
        if killed in (Killed.TIMEOUT, Killed.MEMORY):
            continue  # the clocks that kill for these run only once the ping is answered
        for ending in _all_endings(killed):
            if not ending.answered_ping:
                assert blame(ending) in (Blame.HARNESS, Blame.NOBODY, Blame.WORKER), ending


def test_a_worker_that_says_it_failed_is_never_a_crasher() -> None:
    for ending in _all_endings():
        if ending.answered_ping and ending.state is State.INTERNAL:
            assert blame(ending) is (Blame.HARNESS if ending.fault is Fault.HARNESS else Blame.WORKER), ending


def test_an_exit_during_an_execution_is_a_crasher_status_70_included() -> None:
    for ending in _all_endings():
        if ending.answered_ping and ending.state in EXECUTING and ending.status >= 0:
            assert blame(ending) is Blame.INPUT, ending


def test_a_crash_signal_during_an_execution_is_a_crasher_any_other_makes_a_suspect() -> None:
    for ending in _all_endings():
        if ending.answered_ping and ending.state in EXECUTING and ending.status < 0:
            crash = -ending.status in CRASH_SIGNALS
            assert blame(ending) is (Blame.INPUT if crash else Blame.SUSPECT), ending


def test_ending_as_asked_is_nobodys_fault() -> None:
    for state in (State.IDLE, State.LOADING):
        assert blame(Ending(0, state, Fault.NONE, True, True, Killed.NO)) is Blame.NOBODY
    for status in (-signal.SIGTERM, -signal.SIGKILL):
        assert blame(Ending(status, State.RUNNING, Fault.NONE, True, True, Killed.STOP)) is Blame.NOBODY


def test_what_a_target_does_on_our_sigterm_proves_nothing_but_is_not_forgotten() -> None:
    for status in (0, 1, 70):
        assert blame(Ending(status, State.RUNNING, Fault.NONE, True, True, Killed.STOP)) is Blame.SUSPECT


def test_a_failure_that_was_being_reported_is_run_again_however_the_process_ended() -> None:
    for status in (0, -signal.SIGTERM, -signal.SIGKILL):
        assert blame(Ending(status, State.REPORTING, Fault.NONE, True, True, Killed.STOP)) is Blame.SUSPECT


def test_an_end_between_executions_is_the_workers() -> None:
    for ending in _all_endings():
        if ending.answered_ping and ending.state is State.IDLE and not ending.asked_to_stop:
            assert blame(ending) is Blame.WORKER, ending


@pytest.mark.parametrize(
    ("reason", "crashers", "unsaved", "failed", "code"),
    [
        (StopReason.TIME_LIMIT, 0, 0, 0, 0),
        (StopReason.EXECUTION_LIMIT, 0, 0, 0, 0),
        (StopReason.USER, 0, 0, 0, 0),
        (StopReason.CRASHER, 1, 0, 0, 1),
        (StopReason.FAILING_SEED, 1, 0, 0, 1),
        (StopReason.INTERRUPTED, 1, 0, 0, 1),
        (StopReason.INTERRUPTED, 0, 0, 0, 130),
        (StopReason.TERMINATED, 0, 0, 0, 143),
        (StopReason.HARNESS, 0, 0, 1, 70),
        (StopReason.UNCALLABLE, 0, 0, 1, 2),
        (StopReason.UNCALLABLE, 1, 0, 1, 1),
        (StopReason.TIME_LIMIT, 0, 0, 1, 70),
        (StopReason.WORKERS_GAVE_UP, 2, 0, 1, 1),
        (StopReason.CRASHER, 2, 1, 0, 75),
    ],
)
def test_exit_codes(reason: StopReason, crashers: int, unsaved: int, failed: int, code: int) -> None:
    assert exit_code(reason, failing=crashers, unsaved=unsaved, failed_workers=failed) == code


def test_a_timer_that_the_target_left_running_is_named_when_it_ends_a_worker_between_executions() -> None:
    for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF):
        ending = Ending(-number, State.IDLE, Fault.NONE, True, False, Killed.NO)
        sentence = failure_sentence(ending, None, "", 1.0)
        assert sentence == f"a timer that the target had left running ran out between two executions ({number.name})"


@pytest.mark.parametrize("killed", [Killed.NO, Killed.CLEANUP])
def test_an_end_in_the_cleanup_is_the_harness_doing_with_whatever_status(killed: Killed) -> None:
    for ending in _all_endings(killed):
        if ending.answered_ping and ending.asked_to_stop and ending.state is State.CLEANING:
            assert blame(ending) is Blame.HARNESS, ending
            assert "its cleanup" in failure_sentence(ending, None, "", 1.0)


def test_who_is_killed_by_force_in_the_cleanup_is_not_blamed_for_it() -> None:
    ending = Ending(-signal.SIGKILL, State.CLEANING, Fault.NONE, True, True, Killed.STOP)
    assert blame(ending) is Blame.NOBODY
