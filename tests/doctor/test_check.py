"""A look may fail in any way: that is a result, and is shown."""

import errno
from collections.abc import Callable

import pytest

from fuzztui.doctor.check import (
    Check,
    Examination,
    Finding,
    NotExamined,
    Status,
    combined,
    examined,
    note,
    ok,
    problem,
    tally,
)
from fuzztui.engine.show.text import NOTHING, label


def raising(error: Exception) -> Callable[[], Finding]:
    def look() -> Finding:
        raise error

    return look


FAILURES = {
    "OSError": (OSError(errno.EMFILE, "Too many open files", "/proc/stat"), "/proc/stat: Too many open files"),
    "an OSError without anything": (OSError(), "OSError"),
    "one with controls in a name": (PermissionError(errno.EACCES, "no", "a\x1b[31m"), r"a\x1b[31m: no"),
    "a library's own": (RuntimeError("a\nb"), "RuntimeError: a"),
    "nothing to look at": (NotExamined("the target was not loaded"), "the target was not loaded"),
    "MemoryError": (MemoryError(), "MemoryError: "),
    "a long one": (ValueError("x" * 10_000), f"ValueError: {'x' * 299}…"),
}


@pytest.mark.parametrize(("error", "reason"), FAILURES.values(), ids=FAILURES)
def test_a_look_that_fails_is_unknown_with_its_reason_and_the_next_is_made(error: Exception, reason: str) -> None:
    checks = list(
        examined([Examination("area", "first", raising(error)), Examination("area", "second", lambda: ok("well"))])
    )
    assert checks == [
        Check("area", "first", Finding(Status.UNKNOWN, checks[0].finding.value)),
        Check("area", "second", ok("well")),
    ]
    assert checks[0].finding.value == reason


def test_a_try_that_the_system_refuses_is_a_problem_and_one_that_fails_otherwise_is_not() -> None:
    refused, broken = raising(PermissionError(errno.EPERM, "Operation not permitted")), raising(ValueError("odd"))
    advice = label("Allow that.")
    checks = list(examined([Examination("a", "b", refused, advice), Examination("a", "c", broken, advice)]))
    assert checks[0].finding == problem(label("Operation not permitted"), advice)
    assert checks[1].finding.status is Status.UNKNOWN


def test_interruption_is_no_result() -> None:
    def look() -> Finding:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(examined([Examination("area", "first", look)]))


def test_combined_leaves_nothing_out_and_is_as_severe_as_the_worst_part() -> None:
    parts = [
        note(label("slow"), label("wait")),
        problem(label("full"), label("empty it")),
        note(NOTHING, label("wait")),
    ]
    assert combined(label("disk"), parts) == problem(label("disk; slow; full"), label("wait\nempty it"))
    assert combined(label("disk"), []) == ok("disk")


def test_tally_names_every_status() -> None:
    checks = [Check("a", "b", ok("c")), Check("a", "d", ok("c")), Check("a", "e", note(label("c"), label("d")))]
    assert tally(checks) == {Status.OK: 2, Status.NOTE: 1, Status.PROBLEM: 0, Status.UNKNOWN: 0}
