"""A run remembers: what is known is not new, what is ignored fails nothing, what was fixed and fails again is loud."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.places import decisions_dir
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import RegressionTest, Replay
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputVerdict
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import one_line
from fuzztui.engine.triage.decision import Decision
from fuzztui.engine.triage.decisions import change_decision
from fuzztui.engine.triage.memory import Memory
from tests.engine.work.scripted import Work, failure
from tests.support import Project

A, B = "1-ValueError", "1-KeyError"


def decide(work: Work, bucket: str, decision: Decision | None) -> None:
    change_decision(decisions_dir(work.options.target.crashers_dir), bucket, lambda _: decision)


def records(work: Work) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in work.records.glob("*.json")}


def named(name: str) -> Failure:
    return failure(name)


def session(folder: Path, *failures: Failure, data: bytes = b"1", **options: Any) -> Work:
    """A run that meets these failures, one input each, and ends."""
    work = Work(folder, **options).begin()
    for number, each in enumerate(failures):
        work.search.record(0, data + bytes([number]), each, None)
    work.search.crashers.write_records()
    return work


def only(work: Work) -> Crasher:
    (crasher,) = work.search.crashers.crashers
    return crasher


# What is known is not new ------------------------------------------------------------------------------------------


def test_a_crasher_of_an_earlier_session_is_known(tmp_path: Path) -> None:
    first = only(session(tmp_path, named("ValueError")))
    assert (first.is_known, first.words, first.memory) == (False, "crasher", "")
    second = only(session(tmp_path, named("ValueError"), data=b"other"))
    assert (second.is_known, second.words) == (True, "known crasher")
    assert second.earlier is not None
    assert (second.earlier.hits, second.earlier.sessions) == (1, 1)
    assert second.memory == f"first seen {second.earlier.first_seen[:10]}, 1 hit in 1 session"


def test_hits_add_up_over_sessions_and_count_once(tmp_path: Path) -> None:
    for number in range(1, 4):
        work = session(tmp_path, named("ValueError"))
        work.search.repeat(0, A, 4)
        for _ in range(3):
            work.search.crashers.write_records()
        assert (records(work)[A]["hits"], records(work)[A]["sessions"]) == (5 * number, number)


def test_a_stored_input_of_a_known_bucket_is_no_seed_and_one_that_nothing_is_known_of_is(tmp_path: Path) -> None:
    work = session(tmp_path, named("ValueError"))
    stored = only(work)
    for known in (True, False):
        if not known:
            (work.records / f"{A}.json").unlink()
        work = Work(tmp_path).begin()
        worker = work.worker()
        assert worker.ask() == [stored.data]
        worker.fails("ValueError")
        crasher = work.told.crashers[0]
        what = "known crasher" if known else "failing stored input"
        assert crasher.words == f"{what} {stored.sha256}"


def test_a_stored_input_that_was_a_crasher_by_another_name_is_known(tmp_path: Path) -> None:
    first = only(session(tmp_path, named("ValueError")))
    renamed = replace(named("ValueError"), id=one_line("2-new"), group=one_line("2-new"))
    assert only(session(tmp_path, renamed)).earlier is not None
    work = Work(tmp_path / "other").begin()
    work.search.record(0, first.data, renamed, None)
    assert only(work).earlier is None


def test_a_merged_bucket_is_one_crasher_with_the_hits_of_both(tmp_path: Path) -> None:
    session(tmp_path, named("ValueError"), named("KeyError"))
    decide(Work(tmp_path), B, Decision(alias=A))
    work = session(tmp_path, named("KeyError"), named("ValueError"), named("KeyError"))
    work.search.repeat(0, B, 4)
    work.search.repeat(0, A, 3)
    assert (only(work).id, only(work).hits) == (A, 10)
    book = work.search.crashers
    assert book.received == book.stored + book.duplicates == 10
    assert book.is_known(B)
    assert book.get(B) is only(work)


def test_what_is_merged_while_the_run_goes_on_changes_no_account(tmp_path: Path) -> None:
    work = session(tmp_path, named("ValueError"), named("KeyError"))
    decide(work, B, Decision(alias=A))
    work.search.crashers.reread_decisions()
    work.search.repeat(0, B, 4)
    assert [crasher.hits for crasher in work.search.crashers.crashers] == [1, 5]


def test_damaged_records_and_decisions_are_said_and_left_alone(tmp_path: Path) -> None:
    work = session(tmp_path, named("ValueError"))
    record = work.records / f"{A}.json"
    record.write_bytes(b"mine")
    folder = decisions_dir(work.options.target.crashers_dir).path
    folder.mkdir(parents=True)
    (folder / f"{A}.toml").write_text("status = 'done'")
    work = session(tmp_path, named("ValueError"))
    assert only(work).is_known is False
    assert sum(f"{A}.json" in warning for warning in work.told.warnings) == 2, "when it is read, and not written"
    assert any("want one of new" in warning for warning in work.told.warnings)
    assert record.read_bytes() == b"mine"
    assert (folder / f"{A}.toml").read_text() == "status = 'done'"


def test_a_decision_by_an_input_counts_for_all_that_follow(tmp_path: Path) -> None:
    data = b"1\x00"
    decide(Work(tmp_path), "1-old", Decision(Status.IGNORED, "ValueError in parse", inputs=(sha256(data).hexdigest(),)))
    decide(Work(tmp_path), "1-older", Decision(alias="1-old", title="KeyError in parse", inputs=("0" * 64,)))
    work = session(tmp_path, named("ValueError"))
    assert only(work).is_ignored
    decide(work, "1-old", Decision(alias="1-new", title="ValueError in parse", inputs=(sha256(data).hexdigest(),)))
    work = session(tmp_path, named("ValueError"))
    work.search.repeat(0, A, 2)
    assert (only(work).id, only(work).hits) == ("1-new", 3)


# Decisions that come while the run goes on -------------------------------------------------------------------------


def test_what_is_decided_while_the_run_goes_on_counts(tmp_path: Path) -> None:
    work = session(tmp_path, named("ValueError"), named("KeyError"))
    book = work.search.crashers
    book.reread_decisions()
    assert book.failing == 2
    decide(work, A, Decision(Status.IGNORED, note="no"))
    book.reread_decisions()
    assert (book.failing, book.get(A).memory) == (1, "ignored: no")
    decide(work, A, None)
    book.reread_decisions()
    assert (book.failing, book.get(A).status, book.get(A).is_known) == (2, Status.NEW, False)


# A disk without room -----------------------------------------------------------------------------------------------


def test_what_a_full_disk_has_refused_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = OSError(28, "No space left on device")

    def refuse(*_: object, **__: object) -> None:
        raise refused

    with monkeypatch.context() as full:
        full.setattr("fuzztui.engine.keep.records.replace", refuse)
        work = session(tmp_path, named("ValueError"))
        work.search.repeat(0, A, 4)
        work.search.crashers.write_records()
        assert records(work) == {}
        assert any("No space left" in warning for warning in work.told.warnings)
    work.search.crashers.retry_unsaved()
    assert (records(work)[A]["hits"], records(work)[A]["sessions"]) == (5, 1)
    work.search.crashers.write_records()
    assert records(work)[A]["hits"] == 5


# Regression tests --------------------------------------------------------------------------------------------------

TESTS = [
    (Status.NEW, InputVerdict.FAIL, ""),
    (Status.TRIAGED, InputVerdict.FAIL, "triaged: why"),
    (Status.FIXED, InputVerdict.FAIL, "REGRESSED: marked fixed, and fails again: why"),
    (Status.IGNORED, InputVerdict.IGNORED, "ignored: why"),
]


@pytest.mark.parametrize(("status", "verdict", "note"), TESTS, ids=lambda each: getattr(each, "name", None))
def test_a_regression_test_knows_what_was_decided(
    tmp_path: Path, status: Status, verdict: InputVerdict, note: str
) -> None:
    session(tmp_path, named("ValueError"))
    decide(Work(tmp_path), A, Decision(status, note="why" if note else ""))
    work = Work(tmp_path, RegressionTest()).begin()
    worker = work.worker()
    worker.ask()
    worker.fails("ValueError")
    (result,) = work.told.results
    assert (result.verdict, result.note) == (verdict, note)
    assert work.board.failing == (verdict is InputVerdict.FAIL)


def test_who_replays_an_ignored_input_wants_to_see_it_fail(tmp_path: Path) -> None:
    decide(Work(tmp_path), A, Decision(Status.IGNORED))
    work = Work(tmp_path, Replay((("file", b"1"),))).begin()
    worker = work.worker()
    worker.ask()
    worker.fails("ValueError")
    (result,) = work.told.results
    assert (result.verdict, result.note, work.board.failing) == (InputVerdict.FAIL, "ignored", 1)


def test_a_run_without_a_past_remembers_nothing() -> None:
    memory = Memory()
    assert memory.bucket_of(failure(), "0" * 64) == failure().id
    assert memory.reread() is None
    assert memory.canonical("1-a") == "1-a"
    assert replace(failure(), id=one_line("1-a")).id == "1-a"


# With processes ----------------------------------------------------------------------------------------------------

FAILS = "def fuzz_it(data: bytes):\n    if data[:1] == b'a': raise ValueError(len(data))\n"
MakeProject = Callable[..., Project]


def decide_in(project: Project, status: Status) -> None:
    options = project.options_for()
    (path,) = options.target.records_dir(options.cache_dir).path.glob("*.json")
    change_decision(decisions_dir(options.target.crashers_dir), path.stem, lambda _: Decision(status))


def test_a_known_crasher_ends_the_next_run_but_is_no_seed(project: MakeProject) -> None:
    target = project(FAILS)
    first = target.run(limit=Limit(executions=3000))
    assert (first.outcome.reason, first.outcome.known) == (StopReason.CRASHER, 0)
    second = target.run(limit=Limit(executions=3000))
    assert (second.outcome.reason, second.outcome.exit_code) == (StopReason.CRASHER, 1)
    assert second.outcome.detail.startswith(f"known crasher {first.stored[0].name}: first seen 2")
    assert (second.outcome.known, second.outcome.received) == (1, 0)


def test_an_ignored_crasher_fails_no_run_and_ends_none(project: MakeProject) -> None:
    target = project(FAILS)
    stored = target.run(limit=Limit(executions=3000)).stored
    decide_in(target, Status.IGNORED)
    run = target.run(limit=Limit(executions=3000))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
    assert (run.outcome.ignored, run.snapshot.executions, run.stored) == (1, 3000, stored)
    (crasher,) = run.crashers
    assert (crasher.hits > 100, crasher.confirmation) == (True, None)


def test_a_fixed_crasher_that_fails_again_has_regressed(project: MakeProject) -> None:
    target = project(FAILS)
    target.run(limit=Limit(executions=3000))
    decide_in(target, Status.FIXED)
    run = target.run(limit=Limit(executions=3000))
    assert (run.outcome.reason, run.outcome.exit_code, run.outcome.regressed) == (StopReason.CRASHER, 1, 1)
    assert run.outcome.detail.startswith("REGRESSED crasher ")
    options = target.options_for()
    (path,) = options.target.records_dir(options.cache_dir).path.glob("*.json")
    record = json.loads(path.read_text())
    assert record["regressed"] == record["last_seen"]
    assert record["versions"]["Python"].count(".") == 2
