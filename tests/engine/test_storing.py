"""Whatever the disk does, the run goes on; each crasher is on disk before it is told of, none is lost in silence."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fuzztui.engine.keep import storage
from fuzztui.engine.keep import stored as stored_module
from fuzztui.engine.request.options import Limit
from fuzztui.engine.running import storing
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CrasherFound, Event
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.work import search
from tests.support import make_project

WAYS = 400


def failing(first: int, end: int) -> str:
    """A target whose executions number `first` to before `end` fail, each in a place of its own; of those there are
    `WAYS`.
    """
    ways = "\n".join(f"def way_{number}() -> None:\n    raise ValueError({number})\n" for number in range(WAYS))
    target = f"""
import itertools
calls = itertools.count()
def fuzz_it(data: bytes) -> None:
    number = next(calls)
    if {first} <= number < {end}:
        globals()[f"way_{{number % {WAYS}}}"]()
"""
    return ways + target


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Iterator["Writes"]:
    made = Writes()
    monkeypatch.setattr(stored_module, "write_once", made.write)
    yield made
    made.answers.set()


class Writes:
    """Writes crashers as a test wants it."""

    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None
        """What happens ahead of each."""
        self.answers = threading.Event()
        self.threads: set[str] = set()

    def write(self, folder: storage.Folder, name: str, data: bytes, durable: bool = True) -> bool:
        self.threads.add(threading.current_thread().name)
        if durable:  # a crasher, not what is written beside it
            self.before()
        return storage.write_once(folder, name, data, durable)


def balanced(outcome: Outcome) -> bool:
    return outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved


def test_every_crasher_of_a_flood_is_stored_before_it_is_told_of(tmp_path: Path) -> None:
    project = make_project(tmp_path, failing(first=1, end=301))
    session = Session(project.options_for(limit=Limit(executions=4000), stop_on_crash=False))
    told: list[bool] = []

    def take(event: Event) -> None:
        if isinstance(event, CrasherFound):
            path = event.crasher.path
            told.append(path is not None and path.read_bytes() == event.crasher.data)

    outcome = session.run(take)
    assert (len(told), all(told)) == (300, True)
    assert len(session.snapshot().crashers) == 300
    assert (outcome.exit_code, outcome.unsaved) == (1, 0)
    assert balanced(outcome)
    assert outcome.received == session.snapshot().hits >= 300  # more where a process was renewed, which counts anew
    stored = {path.name for path in (tmp_path / "testdata" / "corpus" / "fuzz_it").glob("[!.]*")}
    assert stored == {hashlib.sha256(crasher.data).hexdigest() for crasher in session.snapshot().crashers}


def test_executions_do_not_wait_for_a_slow_disk(tmp_path: Path, writes: Writes) -> None:
    """The disk takes no file before the last execution is over."""
    writes.before = writes.answers.wait
    engine = make_project(tmp_path, failing(first=1, end=41)).start(limit=Limit(executions=2000), stop_on_crash=False)
    engine.wait(lambda snapshot: snapshot.executions == 2000, "all executions")
    shown = engine.session.snapshot()
    assert (shown.crashers, shown.hits, [row.crashers for row in shown.workers]) == ((), 0, [0])
    version = engine.session.snapshot().version
    engine.wait(lambda snapshot: snapshot.version > version + 2, "newer snapshots")
    assert engine.session.snapshot().outcome is None
    writes.answers.set()
    run = engine.join()
    assert (len(run.crashers), len(run.found), run.outcome.received) == (40, 40, 40)
    assert run.snapshot.hits == sum(row.crashers for row in run.snapshot.workers) == 40
    assert balanced(run.outcome)
    assert writes.threads == {"writes what was found"}


@pytest.mark.soak
def test_a_run_that_ends_at_the_first_crasher_ends_when_that_is_stored_and_finds_no_more_meanwhile(
    tmp_path: Path, writes: Writes
) -> None:
    writes.before = writes.answers.wait
    engine = make_project(tmp_path, failing(first=50, end=10**9)).start(limit=Limit(), workers=2, seed=None)
    engine.wait(lambda snapshot: writes.threads, "a crasher")
    engine.wait(lambda snapshot: {row.state.name for row in snapshot.workers} == {"WAITING"}, "idle workers")
    executions, version = engine.session.snapshot().executions, engine.session.snapshot().version
    engine.wait(lambda snapshot: snapshot.version > version + 1, "newer snapshots")
    assert engine.session.snapshot().executions == executions
    assert engine.session.snapshot().stop_reason is None
    writes.answers.set()
    run = engine.join()
    assert run.outcome.reason is StopReason.CRASHER
    assert all(crasher.path is not None for crasher in run.crashers)
    assert balanced(run.outcome)


def test_workers_go_on_if_the_crasher_that_is_being_stored_is_to_end_nothing_any_more(
    tmp_path: Path, writes: Writes
) -> None:
    writes.before = writes.answers.wait
    engine = make_project(tmp_path, failing(first=50, end=51)).start(limit=Limit(), seed=None)
    engine.wait(lambda snapshot: writes.threads, "a crasher")
    engine.wait(lambda snapshot: {row.state.name for row in snapshot.workers} == {"WAITING"}, "an idle worker")
    executions = engine.session.snapshot().executions
    engine.session.set_stop_on_crash(False)
    engine.wait(lambda snapshot: snapshot.executions > executions, "more executions")
    writes.answers.set()
    engine.wait(lambda snapshot: len(snapshot.crashers) == 1, "the crasher")
    engine.session.stop()
    assert balanced(engine.join().outcome)


def test_a_crasher_that_is_being_stored_when_the_run_ends_is_why_it_ended(tmp_path: Path, writes: Writes) -> None:
    writes.before = writes.answers.wait
    engine = make_project(tmp_path, failing(first=1, end=2)).start(limit=Limit())
    engine.wait(lambda snapshot: writes.threads, "a crasher")
    engine.session.stop()
    engine.wait(lambda snapshot: snapshot.stop_reason, "the stop")
    assert engine.session.snapshot().stop_reason is StopReason.USER
    writes.answers.set()
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CRASHER, 1)
    assert balanced(run.outcome)


@pytest.mark.parametrize("end", ["limit", "stop", "force"])
@pytest.mark.mostly_soak(1)
def test_what_a_disk_that_hangs_does_not_take_is_told_as_lost(
    tmp_path: Path, writes: Writes, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(storing, "NOTICEABLE", 0.1)
    monkeypatch.setattr(storing, "DISK_PATIENCE", 0.3)
    writes.before = writes.answers.wait
    project = make_project(tmp_path, failing(first=1, end=6))
    engine = project.start(limit=Limit(executions=200) if end == "limit" else Limit(), stop_on_crash=False)
    engine.wait(lambda snapshot: snapshot.executions > 100, "some executions")
    if end == "stop":
        engine.session.stop()
    if end == "force":
        engine.session.force_stop()
    run = engine.join()
    assert (run.outcome.exit_code, run.outcome.received, run.outcome.unsaved) == (75, 5, 5)
    assert balanced(run.outcome)
    assert [(event.crasher.path, len(event.crasher.data) >= 0) for event in run.found] == [(None, True)] * 5
    assert "the disk has not answered" in run.warnings


def test_a_disk_that_answers_again_is_tried_again(tmp_path: Path, writes: Writes) -> None:
    full = [True]

    def refuse() -> None:
        if full:
            raise OSError(28, "No space left on device")

    writes.before = refuse
    engine = make_project(tmp_path, failing(first=1, end=4)).start(limit=Limit(), stop_on_crash=False)
    engine.wait(lambda snapshot: len(snapshot.crashers) == 3, "three crashers")
    assert {crasher.path for crasher in engine.session.snapshot().crashers} == {None}
    full.clear()
    engine.session.stop()
    run = engine.join()
    assert (run.outcome.exit_code, run.outcome.unsaved) == (1, 0)
    assert balanced(run.outcome)
    assert run.outcome.received == run.snapshot.hits >= 3
    assert all(crasher.path is not None and crasher.path.exists() for crasher in run.crashers)


def test_workers_wait_where_more_is_found_than_any_disk_takes(
    tmp_path: Path, writes: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_PENDING", 10)
    writes.before = writes.answers.wait
    engine = make_project(tmp_path, failing(first=1, end=10**9)).start(
        limit=Limit(executions=100_000), seed=None, stop_on_crash=False
    )
    engine.wait(lambda snapshot: snapshot.executions > 10, "a backlog")
    # What one call brings is taken in; no further one is made.
    engine.wait(lambda snapshot: {row.state.name for row in snapshot.workers} == {"WAITING"}, "an idle worker")
    executions = engine.session.snapshot().executions
    version = engine.session.snapshot().version
    engine.wait(lambda snapshot: snapshot.version > version + 1, "newer snapshots")
    assert engine.session.snapshot().executions == executions
    writes.answers.set()
    engine.wait(lambda snapshot: snapshot.executions > executions, "work again")
    engine.session.stop()
    assert balanced(engine.join().outcome)


def test_the_corpus_is_written_without_the_loop_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    real = storage.Drawer.write_once

    def slow(drawer: storage.Drawer, name: str, data: bytes) -> bool:
        assert answers.wait(60)
        return real(drawer, name, data)

    monkeypatch.setattr(storage.Drawer, "write_once", slow)
    target = """
    def fuzz_it(data: bytes) -> None:
        if data[:1] == b"a":
            if data[1:2] == b"b":
                pass
    """
    engine = make_project(tmp_path, target).start(limit=Limit(), seed=None)
    engine.wait(lambda snapshot: snapshot.corpus_new >= 2, "new entries")
    executions = engine.session.snapshot().executions
    engine.wait(lambda snapshot: snapshot.executions > executions, "more executions")
    assert not (tmp_path / ".fuzztui" / "corpus").exists()
    engine.session.stop()
    answers.set()
    run = engine.join()
    assert len(run.generated) == run.snapshot.corpus_new
