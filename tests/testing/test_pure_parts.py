"""The parts of exporting, bisecting and of the pytest plugin that are pure, or need no process."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.text import label
from fuzztui.engine.triage.export import Exportable, exported, holds, is_unedited, new_file, with_test
from fuzztui.outside.bisect import Verdict, _steps, verdict_of
from fuzztui.target.forms import Form
from fuzztui.testing.journal import Journal
from tests.engine.work.scripted import failure

# Tests as source ---------------------------------------------------------------------------------------------------


def crasher(bucket: str = "4-abcdef0123", **changes: Any) -> Exportable:
    fields: dict[str, Any] = {
        "failure": replace(failure(), id=label(bucket)),
        "arguments": (b"bad",),
        "name": "fuzz_it",
        "module": "fuzz_it",
        "folders": (".",),
        "form": Form.NAME,
        "has_contract": False,
    }
    return Exportable(**{**fields, **changes})


def test_a_file_is_edited_as_soon_as_a_letter_of_it_is_another() -> None:
    source = new_file("fuzz_it.py::fuzz_it", exported(crasher()))
    assert is_unedited(source)
    assert is_unedited(source.replace("\n", "\r\n")), "which git may have made of it"
    assert not is_unedited(source.replace("bad", "mad"))
    assert not is_unedited(source + "# mine\n")
    assert not is_unedited(source.partition("\n")[2])


def test_a_second_test_joins_the_first_and_the_same_one_changes_nothing() -> None:
    first, second = exported(crasher()), exported(crasher("4-123456789a"))
    source = new_file("t", first)
    both = with_test(source, "t", second)
    assert is_unedited(both)
    assert all(f"def {test.name}(" in both for test in (first, second))
    assert with_test(both, "t", first) == both
    again = exported(crasher(arguments=(b"smaller",)))
    assert "b'bad'" not in with_test(source, "t", again).replace('"', "'")


def test_a_name_that_another_bucket_has_is_taken() -> None:
    source = new_file("t", exported(crasher("4-abcdef0123")))
    assert holds(source, exported(crasher("4-abcdffffff"), 4)) is holds(source, exported(crasher("4-abcd000000")))
    assert holds(source, exported(crasher("4-abcd000000")))
    assert not holds(source, exported(crasher("4-abcdef0123")))
    assert not holds(source, exported(crasher("4-abcd000000"), 6))


@pytest.mark.parametrize("kind", [CrasherKind.TIMEOUT, CrasherKind.SIGNAL, CrasherKind.EXIT, CrasherKind.MEMORY])
def test_what_would_end_pytest_or_hang_runs_in_a_process_of_its_own(kind: CrasherKind) -> None:
    blocks = exported(crasher(failure=replace(failure(), kind=kind), memory_limit=1 << 20)).blocks
    assert len(blocks) == 2
    assert "subprocess.run" in blocks[1]
    assert ("RLIMIT_AS" in blocks[0]) is (kind is CrasherKind.MEMORY)


# What a revision tells ---------------------------------------------------------------------------------------------


def events(*verdicts: str, reason: str = "done", failing: Failure | None = None) -> str:
    failed = (failing or failure()).fields()
    lines: list[dict[str, Any]] = [
        {"event": "input", "verdict": verdict, "failure": failed if verdict != "pass" else None} for verdict in verdicts
    ]
    return "\n".join(map(json.dumps, [*lines, {"event": "end", "reason": reason}]))


OTHER = failure("KeyError")
TOLD = [
    (events("pass"), Verdict.GOOD),
    (events("fail"), Verdict.BAD),
    (events("ignored"), Verdict.BAD),
    (events("pass", "fail"), Verdict.BAD),
    (events("fail", failing=OTHER), Verdict.GOOD),
    (events("fail", failing=replace(OTHER, group=failure().group)), Verdict.BAD),
    (events("fail", failing=replace(failure(), kind=CrasherKind.EXIT)), Verdict.GOOD),
    (events("malformed"), Verdict.SKIP),
    (events("pass", reason="the harness failed"), Verdict.SKIP),
    (events(), Verdict.SKIP),
    ("", Verdict.SKIP),
    ("Traceback (most recent call last):", Verdict.SKIP),
]


@pytest.mark.parametrize(("told", "verdict"), TOLD)
def test_what_a_replay_says_is_what_a_revision_tells(told: str, verdict: Verdict) -> None:
    assert verdict_of(told, failure()) is verdict


def test_a_hang_is_the_same_wherever_it_is_met_and_an_end_by_its_type() -> None:
    for kind, verdict in ((CrasherKind.TIMEOUT, Verdict.BAD), (CrasherKind.EXIT, Verdict.GOOD)):
        there = replace(OTHER, kind=kind)
        assert verdict_of(events("fail", failing=there), replace(failure(), kind=kind)) is verdict
    there = replace(OTHER, kind=CrasherKind.EXIT, type=failure().type)
    assert verdict_of(events("fail", failing=there), replace(failure(), kind=CrasherKind.EXIT)) is Verdict.BAD


@pytest.mark.parametrize(
    ("length", "steps"), [(1, []), (2, [1]), (3, [1, 2]), (10, [1, 2, 4, 8, 9]), (9, [1, 2, 4, 8])]
)
def test_steps_back_grow_and_end_with_the_first_commit(length: int, steps: list[int]) -> None:
    assert list(_steps(length)) == steps


# The journal of what ends pytest -----------------------------------------------------------------------------------


def test_a_test_that_has_ended_its_process_is_known_to_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "running-99999999").write_text("fuzz_it.py::fuzz_it[seed 1]")
    journal = Journal(tmp_path)
    assert journal.is_deadly("fuzz_it.py::fuzz_it[seed 1]")
    assert not journal.is_deadly("fuzz_it.py::fuzz_it[seed 2]")
    journal.close()
    later = Journal(tmp_path)
    assert later.is_deadly("fuzz_it.py::fuzz_it[seed 1]"), "until it is forgotten"
    later.forget("fuzz_it.py::fuzz_it[seed 1]")
    later.close()
    last = Journal(tmp_path)
    assert not last.is_deadly("fuzz_it.py::fuzz_it[seed 1]")
    last.close()
    assert not list(tmp_path.iterdir())


def test_a_test_that_came_to_its_end_has_ended_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.is_kept
    with journal.running("a"):
        (file,) = tmp_path.glob("running-*")
        assert file.read_text() == "a"
    assert file.read_text() == ""
    with Journal(None).running("b"):
        assert not Journal(None).is_kept
    journal.close()
