"""Inputs of a target: what is none, what was changed behind its name, what is too long."""

import errno
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.doctor import inputs
from fuzztui.doctor.check import Finding, Status
from fuzztui.engine.keep.storage import NotRegularError, TooLongError

BYTES, TEXT = ("bytes",), ("str",)


def file(name: str, content: bytes | OSError) -> tuple[Path, bytes | OSError]:
    return Path("/p", name), content


GOOD = file(sha256(b"ab").hexdigest(), b"ab")
CRLF = file(sha256(b"a\n").hexdigest(), b"a\r\n")

CASES: dict[str, tuple[Finding, Status, tuple[str, ...]]] = {
    "none": (inputs.stored([], BYTES, 9), Status.OK, ("none",)),
    "good ones": (inputs.stored([GOOD, file("mine", b"abc")], BYTES, 9), Status.OK, ("2 files, 5 B, longest 3 B",)),
    "line endings": (inputs.stored([GOOD, CRLF], BYTES, 9), Status.NOTE, (CRLF[0].name, "git", "* -text")),
    "of another signature": (inputs.stored([file("a", b"raw")], TEXT, 9), Status.PROBLEM, ("1 no input: a:", "No run")),
    "unreadable": (
        inputs.stored([file("a", PermissionError(errno.EACCES, "Permission denied", "/p/a"))], BYTES, 9),
        Status.PROBLEM,
        ("a: Permission denied",),
    ),
    "far too long": (
        inputs.stored([file("a", TooLongError(errno.EFBIG, "too long"))], BYTES, 9),
        Status.PROBLEM,
        ("a:",),
    ),
    "a folder in between": (
        inputs.stored([GOOD, file("sub", NotRegularError(errno.EINVAL, "a folder"))], BYTES, 9),
        Status.NOTE,
        ("1 file,", "1 passed by: sub: a folder"),
    ),
    "many": (
        inputs.stored([file(f"{number:02}", b"raw") for number in range(10)], TEXT, 9),
        Status.PROBLEM,
        ("10 no input: 00:", "and 7 more"),
    ),
    "longer than the limit": (
        inputs.stored([file("a", b"x" * 10)], BYTES, 9),
        Status.NOTE,
        ("longer than --max-len, 9 B",),
    ),
    "all at once": (
        inputs.stored([CRLF, file("a", PermissionError(errno.EACCES, "no")), file("b", b"x" * 10)], BYTES, 9),
        Status.PROBLEM,
        ("a: no", CRLF[0].name, "--max-len", "git", "No run"),
    ),
    "generated ones that are none": (inputs.generated([file("a", b"raw")], TEXT, 9), Status.NOTE, ("Runs skip",)),
    "no seeds": (inputs.seeds([], 9), Status.OK, ("none",)),
    "seeds": (inputs.seeds([b"a", b"bb"], 9), Status.OK, ("2 seeds, 3 B, longest 2 B",)),
    "a long seed": (inputs.seeds([b"a" * 10], 9), Status.NOTE, ("1 seed", "--max-len")),
}


@pytest.mark.parametrize(("finding", "status", "words"), CASES.values(), ids=CASES)
def test_all_that_is_wrong_with_inputs_is_said(finding: Finding, status: Status, words: tuple[str, ...]) -> None:
    assert finding.status is status
    assert [each for each in words if each not in f"{finding.value}\n{finding.advice}"] == []
    assert bool(finding.advice) == (status is not Status.OK)


def test_a_name_that_is_no_digest_promises_no_content() -> None:
    assert inputs.stored([file("0" * 63, b"a"), file("Z" * 64, b"a")], BYTES, 9).status is Status.OK
