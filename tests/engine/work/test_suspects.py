"""Only running an input again tells whether it ended its process."""

from pathlib import Path

import pytest

from fuzztui.engine import task
from fuzztui.engine.show.text import label
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.suspects import TRIES, Suspects
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, contents


def suspect(work: Work, worker: ScriptedWorker, data: bytes = b"suspect") -> None:
    """The worker's process is killed from outside while it runs a mutated input."""
    assert isinstance(worker.ask(), Fuzz)
    worker.dies(suspicion=KILLED, data=data)


def test_a_suspect_that_runs_clean_three_times_is_cleared_and_that_is_told(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    for _ in range(TRIES):
        assert work.told.warnings == []
        assert not work.job(Suspects).is_done
        assert worker.ask() == [b"suspect"]
        assert not work.job(Suspects).is_done, "it is running"
        worker.clean(0)
        worker.done()
    assert TRIES == 3
    assert work.told.warnings == [f"worker 0: {KILLED}, input ran clean 3/3"]
    assert work.job(Suspects).is_done
    assert isinstance(worker.ask(), Fuzz)


def test_the_death_of_a_suspects_process_is_the_answer(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    assert worker.ask() == [b"suspect"]
    worker.dies("SIGKILL again when run again", suspicion=KILLED)
    assert [crasher.failure.type for crasher in work.told.crashers] == ["SIGKILL again when run again"]
    assert work.job(Suspects).is_done
    assert isinstance(worker.ask(), Fuzz)


def test_a_failure_in_the_last_try_is_an_answer_too(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    for _ in range(TRIES - 1):
        worker.ask()
        worker.clean(0)
        worker.done()
    worker.ask()
    worker.fails()
    worker.done()
    assert [crasher.data for crasher in work.told.crashers] == [b"suspect"]


def test_what_any_of_its_runs_covers_first_makes_a_suspect_an_entry(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    for _ in range(TRIES):  # only the first one reports the edge as new
        worker.ask()
        worker.clean(9)
        worker.done()
    assert contents(work.generated) == [b"suspect"]


@pytest.mark.parametrize("executing", [True, False])
def test_a_process_that_fails_by_itself_leaves_the_suspect_to_the_next_one(tmp_path: Path, executing: bool) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    assert worker.ask() == [b"suspect"]
    worker.fails_by_itself(executing=executing)
    assert work.told.crashers == []
    assert worker.ask() == [b"suspect"]


def test_a_worker_that_pauses_before_the_suspect_has_run_keeps_it(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    assert worker.ask() == [b"suspect"]
    worker.done()
    assert worker.ask() == [b"suspect"]


def test_a_failure_of_a_suspect_whose_worker_is_being_ended_proves_nothing(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    worker.ask()
    worker.fails_while_ended()
    worker.fails_by_itself(executing=False)
    assert work.told.crashers == []
    assert worker.ask() == [b"suspect"]
    worker.clean(0)
    assert work.told.crashers == []


@pytest.mark.parametrize("again", [True, False])
def test_the_death_of_a_suspects_process_that_is_being_ended_proves_nothing(tmp_path: Path, again: bool) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    worker.ask()
    worker.dies(suspicion=label("it failed while its worker was being ended"), was_being_ended=True)
    assert work.told.crashers == []
    if again:
        assert worker.ask() == [b"suspect"]
        worker.dies(suspicion=KILLED)
        assert [crasher.data for crasher in work.told.crashers] == [b"suspect"]
    else:
        work.board.close()
        assert contents(work.generated) == [b"suspect"], "the next run has it first"


def test_a_crash_of_a_suspect_is_an_answer_also_while_its_process_is_being_ended(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    worker.ask()
    worker.dies("SIGSEGV", was_being_ended=True)
    assert [crasher.failure.type for crasher in work.told.crashers] == ["SIGSEGV"]


def test_the_suspect_of_a_worker_that_does_not_come_back_is_run_by_a_fresh_process_of_another(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    assert isinstance(second.ask(), Fuzz)
    second.done()
    suspect(work, first)
    assert isinstance(second.ask(), Fuzz), "as long as the first may come back, the suspect is its own"
    second.done()
    first.leaves()
    assert second.ask() is Renewal.FRESH_PROCESS
    second.renews()
    for _ in range(TRIES):
        assert second.ask() == [b"suspect"], "tries two and three need no other process"
        second.clean(0)
        second.done()
    assert isinstance(second.ask(), Fuzz)


def test_each_suspect_that_was_left_is_run_by_a_process_of_its_own_the_oldest_first(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=3)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    assert isinstance(second.ask(), Fuzz)
    suspect(work, first, b"old")
    first.leaves()
    second.dies(suspicion=KILLED, data=b"new")
    second.leaves()
    third = work.worker(2)
    for _ in range(TRIES):
        assert third.ask() == [b"old"], "one process makes all the tries of a suspect"
        third.clean(0)
        third.done()
    assert third.ask() is Renewal.FRESH_PROCESS
    third.renews()
    assert third.ask() == [b"new"]


def test_a_worker_runs_its_own_suspect_before_those_that_others_left(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    assert isinstance(second.ask(), Fuzz)
    suspect(work, first, b"first's")
    first.leaves()
    second.dies(suspicion=KILLED, data=b"second's")
    assert second.ask() == [b"second's"]


def test_the_end_of_a_run_hands_each_suspect_to_its_owner_once(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=3)
    first = work.fuzzing(b"seed")
    second, third = work.worker(1), work.worker(2)
    for worker in (second, third):
        assert isinstance(worker.ask(), Fuzz)
    suspect(work, first, b"left")
    first.leaves()
    second.dies(suspicion=KILLED, data=b"waiting")
    third.dies(suspicion=KILLED, data=b"running")
    assert third.ask() == [b"running"]
    work.board.close()
    assert contents(work.generated) == [b"left", b"running", b"waiting"]
    assert len(work.told.warnings) == 3
    assert work.job(Suspects).is_done


def test_a_suspect_whose_run_is_not_granted_waits_until_executions_come_back(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=4, workers=3)
    first = work.fuzzing(b"seed")
    second, third = work.worker(1), work.worker(2)
    suspect(work, first)
    assert isinstance(second.ask(), Fuzz)
    assert isinstance(third.ask(), Fuzz)
    assert first.ask() is None
    third.fails_by_itself(executing=False)
    assert first.ask() == [b"suspect"]


def test_the_run_of_a_suspect_brings_what_the_target_printed_where_its_owner_wants_that(tmp_path: Path) -> None:
    assert not Work(tmp_path).job(Suspects).wants_output
    assert Work(tmp_path, task.Replay(())).job(Suspects).wants_output
    assert Work(tmp_path, task.RegressionTest()).job(Suspects).wants_output
