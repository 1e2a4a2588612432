"""What several targets come to: one reason, one exit status."""

import itertools

import pytest

from fuzztui.engine.campaign.verdict import conclude, exit_code_of_all, reason_of_all
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.text import NOTHING, Visible, say


def outcome(reason: StopReason, code: int = 0, detail: Visible = NOTHING, **counts: int) -> Outcome:
    given = {"received": 0, "stored": 0, "duplicates": 0, "unsaved": 0, **counts}
    return Outcome(reason, detail, code, **given, seconds=1.0)


ORDER = (75, 1, 70)
"""What wins over what follows it, and over any status of the run itself."""


@pytest.mark.parametrize("codes", itertools.product((0, 1, 70, 75, 130), repeat=3))
def test_what_was_found_wins_over_all_but_its_loss(codes: tuple[int, ...]) -> None:
    wanted = next((code for code in ORDER if code in codes), 130)
    assert exit_code_of_all(codes, 130) == wanted


TABLE = {
    "nothing was found": (StopReason.TIME_LIMIT, [(StopReason.TIME_LIMIT, 0)] * 2, StopReason.TIME_LIMIT, 0),
    "one has crashers": (StopReason.TIME_LIMIT, [(StopReason.TIME_LIMIT, 1)], StopReason.TIME_LIMIT, 1),
    "one could not be loaded": (
        StopReason.TIME_LIMIT,
        [(StopReason.TIME_LIMIT, 0), (StopReason.HARNESS, 70)],
        StopReason.TARGETS_FAILED,
        70,
    ),
    "one could not be loaded, another has crashers": (
        StopReason.TIME_LIMIT,
        [(StopReason.TIME_LIMIT, 1), (StopReason.HARNESS, 70)],
        StopReason.TARGETS_FAILED,
        1,
    ),
    "one has a crasher that is stored nowhere": (
        StopReason.USER,
        [(StopReason.USER, 75), (StopReason.USER, 1), (StopReason.HARNESS, 70)],
        StopReason.TARGETS_FAILED,
        75,
    ),
    "interrupted": (StopReason.INTERRUPTED, [(StopReason.INTERRUPTED, 130)], StopReason.INTERRUPTED, 130),
    "interrupted with crashers": (StopReason.INTERRUPTED, [(StopReason.INTERRUPTED, 1)], StopReason.INTERRUPTED, 1),
    "interrupted, and one could not be loaded": (
        StopReason.INTERRUPTED,
        [(StopReason.INTERRUPTED, 130), (StopReason.HARNESS, 70)],
        StopReason.TARGETS_FAILED,
        70,
    ),
    "a crasher ended it": (
        StopReason.CRASHER,
        [(StopReason.CRASHER, 1), (StopReason.OTHERS_CRASHER, 0), (StopReason.HARNESS, 70)],
        StopReason.CRASHER,
        1,
    ),
    "stopped by a person": (StopReason.USER, [(StopReason.USER, 0)] * 3, StopReason.USER, 0),
}


@pytest.mark.parametrize("case", TABLE)
def test_why_it_ended_and_with_which_status(case: str) -> None:
    decided, parts, reason, code = TABLE[case]
    ended = [(say("t{}", number), outcome(why, status)) for number, (why, status) in enumerate(parts)]
    whole = conclude(decided, NOTHING, ended, 3.0)
    assert (whole.reason, whole.exit_code, whole.seconds) == (reason, code, 3.0)


def test_accounts_are_added_up() -> None:
    parts = [
        outcome(StopReason.USER, received=3, stored=1, duplicates=2),
        outcome(StopReason.USER, received=1, stored=1),
    ]
    whole = conclude(StopReason.USER, NOTHING, [(say("t"), each) for each in parts], 1.0)
    assert (whole.received, whole.stored, whole.duplicates, whole.unsaved) == (4, 2, 2, 0)


def test_of_many_that_failed_some_are_named_each_in_one_line() -> None:
    why = say("no module named x\nwith a stack\nof lines")
    ended = [(say("t{}", number), outcome(StopReason.HARNESS, 70, why)) for number in range(40)]
    lines = conclude(StopReason.DONE, NOTHING, ended, 1.0).detail.splitlines()
    assert lines[0] == "t0: the harness failed: no module named x"
    assert len(lines) == 11
    assert lines[-1] == "and 30 more"


@pytest.mark.parametrize(
    ("reasons", "whole"),
    [
        ([StopReason.EXECUTION_LIMIT, StopReason.TIME_LIMIT], StopReason.TIME_LIMIT),
        ([StopReason.EXECUTION_LIMIT, StopReason.HARNESS], StopReason.EXECUTION_LIMIT),
        ([StopReason.USER, StopReason.CRASHER], StopReason.CRASHER),
        ([StopReason.USER, StopReason.LAST_WORKER_STOPPED], StopReason.DONE),
        ([], StopReason.DONE),
    ],
)
def test_why_a_run_is_over_of_which_all_have_ended(reasons: list[StopReason], whole: StopReason) -> None:
    assert reason_of_all([outcome(reason) for reason in reasons]) is whole
