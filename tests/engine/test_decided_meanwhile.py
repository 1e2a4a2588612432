"""What people decide while a run goes on, in whatever way, counts for that run from then on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.places import decisions_dir
from fuzztui.engine.keep.records import read_records
from fuzztui.engine.request.options import Limit
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CrasherFound, Event, InputMinimized
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.status import Status
from fuzztui.engine.triage.decision import Decision
from fuzztui.engine.triage.decisions import change_decision
from fuzztui.engine.triage.triage import Change, Triage
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import ScriptedWorker, Work, failure
from tests.support import Project

A, B, C = "1-ValueError", "1-KeyError", "1-TypeError"


def session(folder: Path, *names: str, **options: Any) -> Work:
    """A run that has met these failures."""
    work = Work(folder, **options).begin()
    for name in names:
        work.search.record(0, name.encode(), failure(name), None)
    return work


def decide(work: Work, bucket: str, change: Change | None) -> None:
    """As `fuzztui status` does; the run looks at it."""
    Triage.load(work.options.target, work.options.cache_dir).decide(bucket, change)
    work.search.reread_decisions()


def snapshot(work: Work) -> Snapshot:
    return Composer(work.options, RunClock(work.clock)).compose(RunState(stop_on_crash=False), work.search, None, ())


# How it comes to the run -------------------------------------------------------------------------------------------


def write_into(path: Path, text: str) -> None:
    path.write_text(text)


def write_into_at_the_same_instant(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def write_as_much_into(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text + "\n" * (before.st_size - len(text)))


def replace_it(path: Path, text: str) -> None:
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def replace_it_within_its_size(path: Path, text: str) -> None:
    before = path.stat()
    replace_it(path, text + "\n" * (before.st_size - len(text)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


WAYS = [write_into, write_as_much_into, write_into_at_the_same_instant, replace_it, replace_it_within_its_size]


@pytest.mark.parametrize("edit", WAYS)
def test_a_file_that_an_editor_has_changed_is_read_again(tmp_path: Path, edit: Callable[[Path, str], None]) -> None:
    work = session(tmp_path, "ValueError")
    decide(work, A, Change(status=Status.TRIAGED, note="somebody has looked at it"))
    edit(decisions_dir(work.options.target.crashers_dir) / f"{A}.toml", 'status = "ignored"\n')
    work.search.reread_decisions()
    assert work.search.crashers.get(A).is_ignored
    assert work.search.crashers.failing == 0


def test_a_disk_that_does_not_answer_is_asked_once(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError")
    asked: list[object] = []

    class Hanging:
        pending = 0

        def do(self, job: object, done: object) -> None:
            asked.append((job, done))

    work.search.crashers._disk = Hanging()
    for _ in range(3):
        work.search.reread_decisions()
    assert len(asked) == 1


# Merged ------------------------------------------------------------------------------------------------------------


def test_merged_crashers_count_as_one_and_as_two_when_that_is_taken_back(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError", "KeyError")
    book = work.search.crashers
    decide(work, B, Change(alias=A))
    assert (book.failing, snapshot(work).distinct, book.get(B).merged_into) == (1, 1, A)
    assert len(snapshot(work).crashers) == 2, "what is merged can still be chosen, to be taken apart"
    work.search.repeat(0, B, 4)
    assert (book.hits, book.received) == (6, book.stored + book.duplicates)
    decide(work, B, Change(alias=""))
    assert (book.failing, snapshot(work).distinct, book.get(B).merged_into) == (2, 2, "")


def test_what_is_merged_into_something_ignored_is_ignored(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError", "KeyError")
    decide(work, A, Change(status=Status.IGNORED))
    decide(work, B, Change(alias=A))
    assert work.search.crashers.failing == 0
    decide(work, A, Change(status=Status.NEW))
    assert work.search.crashers.failing == 1


def test_what_comes_up_after_it_was_merged_is_a_hit_of_the_other(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError")
    decide(work, B, Change(alias=A))
    work.search.record(0, b"later", failure("KeyError"), None)
    work.search.repeat(0, B, 3)
    (crasher,) = work.search.crashers.crashers
    assert (crasher.id, crasher.hits) == (A, 5)


def test_what_is_merged_into_one_that_comes_up_later_counts_from_then_on(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError")
    decide(work, A, Change(alias=B))
    assert (work.search.crashers.failing, work.search.crashers.get(A).merged_into) == (1, "")
    work.search.record(0, b"later", failure("KeyError"), None)
    assert (work.search.crashers.failing, work.search.crashers.get(A).merged_into) == (1, B)


def test_three_that_are_merged_in_a_row_count_as_one(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError", "KeyError", "TypeError")
    folder = decisions_dir(work.options.target.crashers_dir)
    change_decision(folder, A, lambda _: Decision(alias=B))
    change_decision(folder, B, lambda _: Decision(alias=C))
    work.search.reread_decisions()
    assert work.search.crashers.failing == 1
    change_decision(folder, C, lambda _: Decision(alias=A))  # a circle, which two people may make
    work.search.reread_decisions()
    assert work.search.crashers.failing == 1


# Fixed -------------------------------------------------------------------------------------------------------------


def test_what_is_marked_fixed_after_it_was_met_has_not_regressed(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError")
    book = work.search.crashers
    decide(work, A, Change(status=Status.FIXED))
    book.write_records()
    assert (book.get(A).is_regressed, book.failing) == (False, 1)
    assert read_records(work.search.records).by_bucket[A].regressed == ""
    decide(work, A, Change(note="a note"))
    assert not book.get(A).is_regressed
    tomorrow = session(tmp_path, "ValueError")
    assert tomorrow.search.crashers.get(A).is_regressed


# Not pursued -------------------------------------------------------------------------------------------------------


def confirming(work: Work) -> Confirming:
    return work.job(Confirming)


@pytest.mark.parametrize("change", [Change(status=Status.IGNORED), Change(alias=A)], ids=["ignored", "merged"])
def test_nobody_begins_to_run_again_what_is_not_wanted_any_more(tmp_path: Path, change: Change) -> None:
    work = session(tmp_path, "ValueError", "KeyError", confirms=True)
    decide(work, B, change)
    assert list(work.search.unconfirmed) == [A]
    decide(work, B, None)
    assert list(work.search.unconfirmed) == [A, B]


def begun(work: Work) -> ScriptedWorker:
    """A worker that has run a crasher again once."""
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"bad")
    worker.done()
    worker.ask()
    worker.renews()
    assert worker.ask() == [b"bad"]
    worker.fails("ValueError")
    worker.done()
    return worker


def test_a_crasher_is_not_run_again_any_more_that_people_have_ignored_meanwhile(tmp_path: Path) -> None:
    work = Work(tmp_path, confirms=True)
    worker = begun(work)
    decide(work, A, Change(status=Status.IGNORED))
    assert (confirming(work).left, confirming(work).is_done) == (0, True)
    worker.ask()
    worker.renews()
    assert isinstance(worker.ask(), Fuzz)
    assert work.search.crashers.get(A).confirmation is None, "what one run of three tells is not told"
    worker.done()
    decide(work, A, None)
    work.clock.now += 100
    worker.ask()
    worker.renews()
    assert worker.ask() == [b"bad"]


def test_an_ignored_crasher_is_run_again_where_somebody_asks_for_it(tmp_path: Path) -> None:
    work = Work(tmp_path, confirms=True)
    worker = begun(work)
    decide(work, A, Change(status=Status.IGNORED))
    worker.ask()
    worker.renews()
    assert isinstance(worker.ask(), Fuzz)
    worker.done()
    assert work.search.validate(A)
    decide(work, A, Change(note="a note"))
    worker.ask()
    worker.renews()
    assert worker.ask() == [b"bad"]


def minimizing(folder: Path) -> tuple[Work, ScriptedWorker]:
    """A run that has begun to make a crasher's input smaller, and a worker with that."""
    work = Work(folder, confirms=True, minimize_time=60.0)
    worker = begun(work)
    while not (work.search.crashers.get(A).minimized and worker.is_busy()):
        if worker.is_busy():
            worker.fails("ValueError")
            worker.done()
        elif not isinstance(worker.ask(), list):
            worker.renews()
    return work, worker


@pytest.mark.parametrize("is_asked_for", [False, True])
def test_an_input_is_not_made_smaller_any_more_unless_somebody_has_asked_for_it(
    tmp_path: Path, is_asked_for: bool
) -> None:
    work, worker = minimizing(tmp_path)
    if is_asked_for:
        work.job(MinimizingCrashers).wish(A)
    decide(work, A, Change(status=Status.IGNORED))
    assert work.job(MinimizingCrashers).left == is_asked_for
    worker.fails("ValueError")
    worker.done()
    worker.ask()
    told = [event.minimized for event in work.told.events if isinstance(event, InputMinimized)]
    minimized = work.search.crashers.get(A).minimized
    assert minimized is not None
    assert (minimized.is_running, len(told)) == (is_asked_for, not is_asked_for)


def test_nobody_begins_to_make_smaller_what_is_ignored(tmp_path: Path) -> None:
    work = session(tmp_path, "ValueError", minimize_time=60.0)
    work.search.unminimized.append(A)
    decide(work, A, Change(status=Status.IGNORED))
    assert (list(work.search.unminimized), work.job(MinimizingCrashers).left) == ([], 0)
    decide(work, A, None)
    assert list(work.search.unminimized) == [A]
    decide(work, A, Change(status=Status.IGNORED))
    work.job(MinimizingCrashers).wish(A)
    decide(work, A, None)
    assert (list(work.search.unminimized), work.job(MinimizingCrashers).left) == ([], 1)


# With processes ----------------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_a_crasher_that_is_ignored_while_the_run_goes_on_does_not_fail_it(project: Callable[..., Project]) -> None:
    target = project("def fuzz_it(data: bytes):\n    if data[:1] == b'a': raise ValueError(len(data))\n")
    options = target.options_for(limit=Limit(executions=3000), stop_on_crash=False)

    def ignore(event: Event) -> None:
        if isinstance(event, CrasherFound):
            change = Change(status=Status.IGNORED)
            Triage.load(options.target, options.cache_dir).decide(event.crasher.id, change)

    outcome = Session(options).run(ignore)
    assert (outcome.exit_code, outcome.ignored) == (0, 1)
