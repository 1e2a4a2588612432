"""A run that is given and taken workers, down to none, stands still without any and loses nothing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.events import WorkerEnded, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.worker_row import WorkerState
from tests.engine.scripted_target import make_scripted
from tests.support import Project, RunningEngine, children, wait_for

MakeProject = Callable[..., Project]


@pytest.fixture
def scripted(project: MakeProject) -> Callable[..., Project]:
    def make(*seeds: bytes, **options: Any) -> Project:
        return make_scripted(project("").folder, seeds, **{"workers": 2, "limit": Limit(), **options})

    return make


def states(snapshot: Snapshot) -> list[WorkerState]:
    return [row.state for row in snapshot.workers]


def with_places(made: Project, places: int) -> RunningEngine:
    """A run that has only so many workers from its beginning."""
    engine = made.start()
    engine.session.allot(places)
    return engine


def stop(engine: RunningEngine, reason: StopReason = StopReason.USER) -> Any:
    engine.session.stop(reason)
    return engine.join()


def test_a_worker_without_a_place_has_no_process(scripted: Callable[..., Project]) -> None:
    engine = with_places(scripted(b"cover 1"), 1)
    engine.wait(lambda s: s.phase is Phase.FUZZING and s.executions > 5, "fuzzing")
    assert engine.session.snapshot().workers[1].state is WorkerState.AWAY
    engine.session.allot(2)
    engine.wait(lambda s: WorkerState.AWAY not in states(s) and s.workers[1].executions, "the second worker")
    run = stop(engine)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.USER, 0)


def test_without_a_place_the_run_stands_still_and_goes_on_where_it_was(scripted: Callable[..., Project]) -> None:
    engine = with_places(scripted(b"cover 1"), 1)
    engine.wait(lambda s: s.phase is Phase.FUZZING and s.executions > 5, "fuzzing")
    engine.session.allot(0)
    engine.wait(lambda s: states(s) == [WorkerState.AWAY] * 2, "a run without workers")
    wait_for(lambda: not children(), "the end of its process")
    still = engine.session.snapshot()
    engine.session.allot(1)
    engine.wait(lambda s: s.executions > still.executions, "a run that goes on")
    shown = engine.session.snapshot()
    assert shown.phase is Phase.FUZZING
    assert shown.corpus >= still.corpus
    assert shown.workers[0].restarts == 0, "nobody's failure"
    run = stop(engine)
    assert next(event.why for event in run.events if isinstance(event, WorkerEnded)) == "its turn is over"
    assert run.warnings == ""
    assert run.outcome.exit_code == 0


def test_its_clock_stands_still_too(scripted: Callable[..., Project]) -> None:
    engine = with_places(scripted(b"cover 1"), 0)
    elapsed = engine.session.snapshot().elapsed
    os.sched_yield()
    engine.wait(lambda s: states(s) == [WorkerState.AWAY] * 2, "a run without workers")
    assert engine.session.snapshot().elapsed - elapsed < 0.5
    run = stop(engine)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.USER, 0)
    assert not any(isinstance(event, WorkerStarted) for event in run.events)


def test_a_time_limit_that_comes_to_a_run_that_never_had_a_worker_is_no_success(
    scripted: Callable[..., Project],
) -> None:
    engine = with_places(scripted(b"cover 1"), 0)
    engine.wait(lambda s: states(s) == [WorkerState.AWAY] * 2, "a run without workers")
    run = stop(engine, StopReason.TIME_LIMIT)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.NOTHING_EXECUTED, 70)


def test_what_is_still_to_be_confirmed_is_confirmed_at_the_end_though_there_was_no_place(
    scripted: Callable[..., Project], tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f"cover 3\nread {fifo}\nraise ValueError x".encode()
    engine = with_places(scripted(b"cover 1", script, workers=1, stop_on_crash=False), 1)
    fd = wait_for(lambda: _opened(fifo), "a worker that reads")
    fifo.unlink()
    fifo.touch()  # from now on it is read at once
    os.close(fd)
    engine.session.allot(0)
    engine.wait(lambda s: states(s) == [WorkerState.AWAY], "a run without workers")
    run = stop(engine, StopReason.TIME_LIMIT)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.TIME_LIMIT, 1)
    (crasher,) = run.crashers
    assert crasher.confirmation is not None
    assert crasher.confirmation.runs, "it is run again whoever had the places"
    assert run.outcome.received == run.outcome.stored + run.outcome.duplicates


def _opened(fifo: Path) -> int | None:
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_the_place_of_a_worker_that_is_stopped_goes_to_another(scripted: Callable[..., Project]) -> None:
    engine = with_places(scripted(b"cover 1"), 1)
    engine.wait(lambda s: s.workers and s.workers[0].executions, "the first worker")
    engine.session.stop_worker(0)
    engine.wait(lambda s: s.workers[1].executions, "the second worker")
    run = stop(engine)
    assert states(run.snapshot) == [WorkerState.STOPPED, WorkerState.ENDED]


def test_one_that_loses_its_place_again_and_again_does_not_give_up(scripted: Callable[..., Project]) -> None:
    engine = with_places(scripted(b"cover 1", workers=1), 1)
    for _ in range(8):
        engine.session.allot(0)
        engine.wait(lambda s: states(s) == [WorkerState.AWAY], "a run without workers")
        engine.session.allot(1)
        engine.wait(lambda s: WorkerState.FUZZING in states(s), "a run that goes on")
    run = stop(engine)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.USER, 0)
