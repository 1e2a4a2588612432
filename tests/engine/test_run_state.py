"""A run goes through its phases in one direction, and nothing ends without a reason."""

from itertools import product

import pytest

from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label

FOLLOWERS = {
    Phase.STARTING: {Phase.BASELINE, Phase.FUZZING, Phase.EXECUTING, Phase.FINISHING, Phase.STOPPING},
    Phase.BASELINE: {Phase.FUZZING, Phase.FINISHING, Phase.STOPPING},
    Phase.FUZZING: {Phase.BASELINE, Phase.FINISHING, Phase.STOPPING},
    Phase.EXECUTING: {Phase.FINISHING, Phase.STOPPING},
    Phase.FINISHING: {Phase.STOPPING},
    Phase.STOPPING: {Phase.ENDED},
    Phase.ENDED: set(),
}
# All but the phase of a session that has runs instead of being one.
WAYS: dict[Phase, tuple[Phase, ...]] = {
    Phase.STARTING: (),
    Phase.BASELINE: (Phase.BASELINE,),
    Phase.FUZZING: (Phase.FUZZING,),
    Phase.EXECUTING: (Phase.EXECUTING,),
    Phase.FINISHING: (Phase.FINISHING,),
    Phase.STOPPING: (Phase.STOPPING,),
    Phase.ENDED: (Phase.STOPPING, Phase.ENDED),
}
LAST = (Phase.FINISHING, Phase.STOPPING, Phase.ENDED)

FAILURES = {
    StopReason.CRASHER,
    StopReason.FAILING_SEED,
    StopReason.HARNESS,
    StopReason.UNCALLABLE,
    StopReason.WORKERS_GAVE_UP,
    StopReason.WORKERS_FAILED,
    StopReason.STRAY_FAILURES,
    StopReason.NOTHING_EXECUTED,
    StopReason.BASELINE_UNFINISHED,
    StopReason.BAD_CORPUS,
    StopReason.CODE_CHANGED,
    StopReason.TARGETS_FAILED,
    StopReason.LOST,
    StopReason.INTERNAL,
}


def in_phase(phase: Phase, reason: StopReason | None = StopReason.USER) -> RunState:
    state = RunState(stop_on_crash=True)
    if reason is not None:
        state.decide(reason)
    for step in WAYS[phase]:
        state.enter(step)
    return state


@pytest.mark.parametrize(("before", "after"), product(WAYS, WAYS))
def test_a_phase_follows_only_where_it_may(before: Phase, after: Phase) -> None:
    state = in_phase(before)
    if after in FOLLOWERS[before]:
        state.enter(after)
        assert state.phase is after
    else:
        with pytest.raises(ValueError, match="cannot be"):
            state.enter(after)
        assert state.phase is before


@pytest.mark.parametrize("phase", [Phase.FINISHING, Phase.STOPPING])
def test_an_end_without_a_reason_is_refused(phase: Phase) -> None:
    state = RunState(stop_on_crash=True)
    with pytest.raises(ValueError, match="has a reason"):
        state.enter(phase)
    assert state.phase is Phase.STARTING


@pytest.mark.parametrize(("first", "second"), product(StopReason, StopReason))
def test_a_failure_displaces_a_limit_or_a_wish_and_nothing_else_displaces_anything(
    first: StopReason, second: StopReason
) -> None:
    state = RunState(stop_on_crash=True)
    assert state.decide(first, label("first"))
    assert not state.decide(second, label("second"))
    displaced = second in FAILURES and first not in FAILURES
    assert (state.reason, state.detail) == ((second, "second") if displaced else (first, "first"))


def test_an_end_that_has_come_is_not_changed() -> None:
    state = in_phase(Phase.ENDED)
    assert not state.decide(StopReason.INTERNAL, label("late"))
    assert (state.reason, state.detail) == (StopReason.USER, "")


@pytest.mark.parametrize("phase", WAYS)
def test_what_a_phase_means(phase: Phase) -> None:
    state = in_phase(phase, StopReason.TIME_LIMIT if phase in LAST else None)
    assert state.is_stopping == (phase in LAST)
    assert state.is_finishing == (phase is Phase.FINISHING)
    assert state.is_ending == (phase in (Phase.STOPPING, Phase.ENDED))


def test_the_end_is_decided_before_its_phase_is_entered() -> None:
    state = in_phase(Phase.FUZZING, None)
    state.decide(StopReason.CRASHER)
    assert state.is_stopping
    assert not state.is_ending


def test_a_run_that_ends_is_not_held() -> None:
    state = in_phase(Phase.FUZZING, None)
    state.is_paused = True
    state.decide(StopReason.USER)
    assert state.is_paused
    state.enter(Phase.STOPPING)
    assert not state.is_paused


def test_a_run_that_is_held_stays_held_in_its_next_phase() -> None:
    state = in_phase(Phase.BASELINE, None)
    state.is_paused = True
    state.enter(Phase.FUZZING)
    assert state.is_paused
