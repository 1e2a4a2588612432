"""A replay tells how steadily an input fails, and adds to what is known of a crasher."""

import json
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.record import Record, merged
from fuzztui.engine.keep.record_parser import parse
from fuzztui.engine.keep.records import read_records
from fuzztui.engine.request import task
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.status import Status
from fuzztui.engine.triage.triage import Change, Triage
from fuzztui.engine.work.replay import FRESH
from tests.engine.test_record import FULL, plain
from tests.engine.work.scripted import Work, failure

A = "1-ValueError"
LONG_AGO = "2026-01-01T00:00:00Z"


def replayed(work: Work, *outcomes: str) -> tuple[InputResult, int]:
    """What is told where the runs of the one input end so, and in how many processes that was; empty: it passes."""
    worker = work.begin().worker()
    processes = 1
    for outcome in outcomes:
        while not worker.is_busy():
            worker.ask()
            if not worker.is_busy():
                worker.renews()
                processes += 1
        worker.fails(outcome) if outcome else worker.clean(0)
        worker.done()
    assert worker.ask() is None
    (result,) = work.told.results
    return result, processes


def several(folder: Path, times: int) -> Work:
    return Work(folder, task.Replay((("file", b"bad"),), times))


FAILS, OTHER, PASSES = "ValueError", "KeyError", ""

BADGES = [
    ((FAILS,) * 4, InputVerdict.FAIL, "4/4"),
    ((PASSES, FAILS, PASSES, FAILS), InputVerdict.FAIL, "2/4 flaky"),
    ((FAILS, OTHER, PASSES, FAILS), InputVerdict.FAIL, "2/4 flaky, in another way 1/4"),
    ((PASSES,) * 4, InputVerdict.PASS, "0/4: it passes each time"),
]


@pytest.mark.parametrize(("outcomes", "verdict", "note"), BADGES)
def test_runs_are_told_in_one_result(
    tmp_path: Path, outcomes: tuple[str, ...], verdict: InputVerdict, note: str
) -> None:
    work = several(tmp_path, 4)
    result, processes = replayed(work, *outcomes)
    assert (result.verdict, result.note, result.runs) == (verdict, note, 4)
    assert result.failures == sum(map(bool, outcomes))
    assert processes >= FRESH, "what is decided anew with each process shows"
    assert work.board.failing == (verdict is InputVerdict.FAIL)


def known(folder: Path, *, confirmation: Confirmation | None = None) -> None:
    """An earlier session has met it, long ago."""
    work = Work(folder).begin()
    work.search.record(0, b"bad", failure(), None)
    work.search.crashers.write_records()
    path = work.records / f"{A}.json"
    fields = {**json.loads(path.read_text()), "last_seen": LONG_AGO, "first_seen": LONG_AGO}
    path.write_text(json.dumps(fields | ({"confirmation": confirmation.fields()} if confirmation else {})))


def record(work: Work) -> Record:
    return read_records(work.search.records).by_bucket[A]


TASKS: list[Any] = [task.Replay((("file", b"bad"),)), task.RegressionTest(task.Chosen(inputs=(("file", b"bad"),)))]


@pytest.mark.parametrize("asked", TASKS, ids=["replay", "test"])
def test_a_known_crasher_that_fails_has_been_seen(tmp_path: Path, asked: Any) -> None:
    known(tmp_path, confirmation=Confirmation(10, 10))
    work = Work(tmp_path, asked)
    replayed(work, FAILS)
    now = record(work)
    assert now.last_seen > LONG_AGO
    assert (now.hits, now.sessions, now.first_seen, now.regressed) == (1, 1, LONG_AGO, "")
    assert (now.reproduces, now.confirmation) == (True, Confirmation(10, 10))


def test_one_that_passes_does_not_reproduce_until_it_fails_again(tmp_path: Path) -> None:
    known(tmp_path, confirmation=Confirmation(10, 10))
    work = Work(tmp_path, TASKS[0])
    replayed(work, PASSES, PASSES, PASSES)
    now = record(work)
    assert (now.reproduces, now.last_seen, now.confirmation) == (False, LONG_AGO, Confirmation(10, 10))
    work = Work(tmp_path, TASKS[0])
    replayed(work, PASSES, PASSES, FAILS)
    assert record(work).reproduces


def test_a_session_that_meets_it_later_knows_that_it_fails_again() -> None:
    passed = plain(passed="2026-03-02T00:00:00Z", last_seen="2026-03-01T00:00:00Z")
    assert merged(passed, plain(last_seen="2026-03-03T00:00:00Z")).passed == ""
    assert merged(passed, plain(last_seen="2026-03-01T10:00:00Z")).passed == passed.passed
    assert merged(plain(last_seen="2026-02-01T00:00:00Z"), passed).passed == passed.passed
    assert parse(passed.to_json(), passed.id) == passed
    assert FULL.reproduces


@pytest.mark.parametrize("fails", [True, False])
def test_one_that_was_marked_fixed_and_fails_again_has_regressed(tmp_path: Path, fails: bool) -> None:
    known(tmp_path)
    work = Work(tmp_path, TASKS[0])
    Triage.load(work.options.target, work.options.cache_dir).decide(A, Change(status=Status.FIXED))
    replayed(work, *([FAILS] if fails else [PASSES] * 3))
    (bucket,) = Triage.load(work.options.target, work.options.cache_dir).buckets
    assert bucket.is_regressed is fails


def test_what_several_runs_have_told_is_what_is_known_of_how_steadily_it_fails(tmp_path: Path) -> None:
    known(tmp_path, confirmation=Confirmation(3, 3))
    work = several(tmp_path, 5)
    replayed(work, FAILS, PASSES, FAILS, OTHER, PASSES)
    assert record(work).confirmation == Confirmation(5, 2, 1)


def test_another_failure_is_no_sign_of_this_one(tmp_path: Path) -> None:
    known(tmp_path, confirmation=Confirmation(3, 3))
    work = Work(tmp_path, TASKS[0])
    replayed(work, OTHER)
    now = record(work)
    assert (now.last_seen, now.passed, now.reproduces) == (LONG_AGO, "", True)


def test_of_an_input_that_nothing_is_known_of_nothing_is_written(tmp_path: Path) -> None:
    work = Work(tmp_path, TASKS[0])
    replayed(work, FAILS)
    assert not work.records.exists()
