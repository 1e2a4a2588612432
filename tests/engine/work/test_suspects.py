"""Only running an input again tells whether it ended its process."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from fuzztui.engine.request import task
from fuzztui.engine.show.text import label
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.suspects import LEAST_IDLE, MOST_KILLS, TRIES, Suspects
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, contents, names, store


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


def test_the_death_of_a_suspects_process_is_the_answer_where_no_signal_came_from_outside(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    assert worker.ask() == [b"suspect"]
    worker.dies("out of memory", suspicion=label("it used more memory than the limit"))
    assert [crasher.failure.type for crasher in work.told.crashers] == ["out of memory"]
    assert work.job(Suspects).is_done
    assert isinstance(worker.ask(), Fuzz)


# Kills from outside --------------------------------------------------------------------------------------------------


def test_three_kills_in_runs_of_their_own_and_none_besides_are_the_answer(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    for _ in range(TRIES):
        assert work.told.crashers == []
        assert worker.ask() == [b"suspect"]
        worker.dies("SIGKILL again when run again", suspicion=KILLED)
    assert [crasher.failure.type for crasher in work.told.crashers] == ["SIGKILL again when run again"]
    assert work.job(Suspects).is_done
    assert isinstance(worker.ask(), Fuzz)


def test_a_process_stands_idle_twice_as_long_as_the_one_before_it_lived(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    waits = []
    for runs in (0.0, 3.0):
        assert worker.ask() == [b"suspect"]
        waits.append(worker.call.idle)
        work.clock.now += worker.call.idle + runs
        worker.dies(suspicion=KILLED)
    worker.ask()
    assert [*waits, worker.call.idle] == pytest.approx([LEAST_IDLE, 2 * LEAST_IDLE, 2 * (2 * LEAST_IDLE + 3.0)])


def killed_by(work: Work, worker: ScriptedWorker, next_kill: Callable[[], float], load: float, runs: float) -> None:
    """Run what the job hands out while somebody kills the worker at times of his own, and run it to its end between."""
    at = work.clock.now + next_kill()
    while True:
        work.clock.now += 0.1 + load
        while at < work.clock.now:  # kills that hit a process that loads are no concern of the job's
            at += next_kill()
        if not isinstance(worker.ask(), list):
            return
        while worker.is_busy():
            begins = work.clock.now + worker.call.idle
            if at < begins:
                work.clock.now = at
                worker.killed_idle()
            elif at < begins + runs:
                work.clock.now = at
                worker.dies("SIGKILL again when run again", suspicion=KILLED)
            else:
                work.clock.now = begins + runs
                worker.clean(0)
                worker.done()
                if not isinstance(worker.ask(), list):
                    return
        at += next_kill()


@pytest.mark.parametrize("runs", [0.0001, 0.02, 0.3, 1.0, 7.0])
@pytest.mark.parametrize("load", [0.05, 0.4, 3.0])
@pytest.mark.parametrize("period", [0.5, 0.73, 1.0, 2.5, 5.0, 11.0])
def test_somebody_who_kills_at_regular_intervals_makes_no_crasher(
    tmp_path: Path, period: float, load: float, runs: float
) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    killed_by(work, worker, lambda: period, load, runs)
    assert work.told.crashers == []
    assert work.job(Suspects).is_done, "the input is cleared, or set aside"


@pytest.mark.parametrize("runs", [0.02, 1.0, 7.0])
def test_somebody_who_kills_at_random_makes_hardly_ever_a_crasher(tmp_path: Path, runs: float) -> None:
    random = Random(5)
    crashers, rounds = 0, 200
    for number in range(rounds):
        work = Work(tmp_path / str(number))
        worker = work.fuzzing(b"seed")
        suspect(work, worker)
        killed_by(work, worker, lambda: random.expovariate(1.0), 0.3, runs)
        crashers += len(work.told.crashers)
    assert crashers <= rounds // 100


def test_a_kill_of_a_process_that_stands_idle_shows_that_somebody_kills(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    assert worker.ask() == [b"suspect"]
    worker.killed_idle()
    for _ in range(MOST_KILLS - 1):
        assert worker.ask() == [b"suspect"]
        assert not worker.call.idle, "what would prove nothing is not waited for"
        worker.dies(suspicion=KILLED)
    assert work.told.crashers == []
    assert work.told.warnings == [
        f"an input is not counted as a crasher ({KILLED} 3 times while it ran, once before it did); "
        "it is kept in the generated corpus and will be run first next time"
    ]
    assert contents(work.generated) == [b"suspect"]
    assert isinstance(worker.ask(), Fuzz)


def test_a_suspect_that_has_run_clean_once_is_not_to_blame_for_kills(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    worker.ask()
    worker.clean(0)
    worker.done()
    for _ in range(MOST_KILLS):
        assert worker.ask() == [b"suspect"]
        worker.dies(suspicion=KILLED)
    assert work.told.crashers == []
    assert contents(work.generated) == [b"suspect"]


def test_kills_of_a_suspect_that_nobody_had_killed_before_are_waited_for(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.dies(suspicion=label("it used more memory than the limit"), data=b"suspect")
    waits = []
    for _ in range(1 + TRIES):
        assert work.told.crashers == []
        assert worker.ask() == [b"suspect"]
        waits.append(worker.call.idle > 0)
        worker.dies(suspicion=KILLED)
    assert waits == [False, True, True, True]
    assert len(work.told.crashers) == 1


def test_a_kill_like_one_that_is_known_to_be_an_inputs_doing_is_believed_at_once(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    suspect(work, worker)
    for _ in range(TRIES):
        worker.ask()
        worker.dies(suspicion=KILLED)
    suspect(work, worker, b"another")
    worker.ask()
    worker.dies(suspicion=KILLED)
    assert isinstance(worker.ask(), Fuzz)
    assert [crasher.hits for crasher in work.search.crashers.crashers] == [2]


def test_a_baseline_does_not_wait_for_an_input_that_is_set_aside(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"seed")
    worker = work.worker()
    assert worker.ask() == [b"seed"]
    worker.dies(suspicion=KILLED)
    for _ in range(MOST_KILLS):
        assert worker.ask() == [b"seed"]
        worker.killed_idle()
    assert work.job(Baseline).is_done
    assert isinstance(worker.ask(), Fuzz)
    assert work.told.crashers == []


def test_a_corpus_entry_that_is_set_aside_stays_when_the_corpus_is_minimized(tmp_path: Path) -> None:
    work = Work(tmp_path, task.MinimizeCorpus())
    store(work.generated, b"entry")
    worker = work.begin().worker()
    worker.ask()
    worker.clean(1)  # the zero value
    worker.done()
    assert worker.ask() == [b"entry"]
    worker.dies(suspicion=KILLED)
    for _ in range(MOST_KILLS):
        assert worker.ask() == [b"entry"]
        worker.killed_idle()
    assert work.is_done()
    work.board.close()
    assert names(work.generated) == ["entry"]
    assert [change.kept for change in work.told.changes] == [1]


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
        for _ in range(TRIES):
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


def test_one_suspect_that_was_left_has_one_process_renewed_and_no_more(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=4)
    first = work.fuzzing(b"seed")
    others = [work.worker(number) for number in (1, 2, 3)]
    for other in others:
        assert isinstance(other.ask(), Fuzz)
        other.done()
    suspect(work, first)
    first.leaves()
    told = [other.ask() for other in others]
    assert told[0] is Renewal.FRESH_PROCESS
    assert all(isinstance(one, Fuzz) for one in told[1:])
    others[0].renews()
    assert others[0].ask() == [b"suspect"]


def test_a_suspect_of_a_worker_that_leaves_while_its_process_is_renewed_is_anothers(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=3)
    first = work.fuzzing(b"seed")
    second, third = work.worker(1), work.worker(2)
    for other in (second, third):
        assert isinstance(other.ask(), Fuzz)
        other.done()
    suspect(work, first)
    first.leaves()
    assert second.ask() is Renewal.FRESH_PROCESS
    second.leaves()
    assert third.ask() is Renewal.FRESH_PROCESS


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
