"""Each input is run by itself, and each has its verdict."""

from pathlib import Path

from fuzztui.engine import task
from fuzztui.engine.show.snapshot import InputVerdict, Phase
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.replay import Replay
from tests.engine.work.scripted import KILLED, Work, failure, names, store

PASS, FAIL, MALFORMED = InputVerdict.PASS, InputVerdict.FAIL, InputVerdict.MALFORMED


def replay(folder: Path, *inputs: bytes, workers: int = 1, parameters: tuple[str, ...] = ("bytes",)) -> Work:
    given = tuple((f"file {number}", data) for number, data in enumerate(inputs, 1))
    return Work(folder, task.Replay(given), workers=workers, parameters=parameters).begin()


def verdicts(work: Work) -> list[tuple[str, InputVerdict]]:
    return [(result.name, result.verdict) for result in work.told.results]


def test_inputs_run_one_at_a_time_in_order(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2")
    worker = work.worker()
    assert work.phase() is Phase.EXECUTING
    assert worker.ask() == [b"1"]
    worker.clean()
    worker.done()
    assert worker.ask() == [b"2"]
    assert not work.is_done(), "one of them is still running"
    worker.fails()
    worker.done()
    assert verdicts(work) == [("file 1", PASS), ("file 2", FAIL)]
    assert work.told.results[1].failure == failure()
    assert worker.ask() is None
    assert work.phase() is None
    assert work.board.failing == 1


def test_seeds_are_no_part_of_a_replay(tmp_path: Path) -> None:
    work = Work(tmp_path, task.Replay((("file", b"1"),)))
    store(work.stored, b"stored")
    worker = work.begin(b"seed").worker()
    assert worker.ask() == [b"1"]
    worker.clean()
    worker.done()
    assert worker.ask() is None


def test_a_failure_is_the_result_and_no_crasher_of_the_run(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails()
    assert work.told.crashers == []
    assert names(work.stored) == []
    assert work.board.unsaved == 0


def test_each_result_has_what_the_target_printed_for_it_the_time_it_took_and_its_values(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2")
    worker = work.worker()
    worker.ask()
    work.clock.now += 1
    worker.clean(output="output 1\x1b[31m")
    worker.done()
    worker.ask()
    work.clock.now += 2
    worker.fails(output="output 2\x1b[31m")
    worker.done()
    first, second = work.told.results
    assert (first.output, second.output) == ("output 1\\x1b[31m", "output 2\\x1b[31m")
    assert (first.seconds, second.seconds) == (1.0, 2.0)
    assert (first.values, second.values) == ("b'1'", "b'2'")
    assert Replay.wants_output
    assert not Job.wants_output


def test_an_input_that_is_none_is_told_of_without_running_it(tmp_path: Path) -> None:
    work = replay(tmp_path, b"junk", b"fuzztui v1\n3\n", b"more junk", parameters=("int",))
    worker = work.worker()
    assert worker.ask() == [b"fuzztui v1\n3\n"]
    worker.clean()
    worker.done()
    assert worker.ask() is None
    assert verdicts(work) == [("file 1", MALFORMED), ("file 2", PASS), ("file 3", MALFORMED)]
    assert all(work.told.results[place].problem for place in (0, 2))
    assert work.board.failing == 2
    assert work.is_done()


def test_an_input_that_ends_the_process_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2")
    worker = work.worker()
    worker.ask()
    worker.dies("exit status 3")
    assert verdicts(work) == [("file 1", FAIL)]
    assert work.told.results[0].failure == failure("exit status 3")
    assert worker.ask() == [b"2"]


def test_a_suspicious_death_is_no_verdict_before_the_input_has_run_again(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.dies(suspicion=KILLED)
    assert verdicts(work) == []
    assert not work.is_done()
    for _ in range(3):
        assert worker.ask() == [b"1"]
        worker.clean(output="printed")
        worker.done()
    assert verdicts(work) == [("file 1", PASS)]
    assert work.told.results[0].output == "printed"
    assert work.is_done()


def test_an_input_that_has_its_process_killed_twice_fails(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    for _ in range(2):
        worker.ask()
        worker.dies("SIGKILL again when run again", suspicion=KILLED)
    assert verdicts(work) == [("file 1", FAIL)]
    assert work.board.failing == 1


def test_a_failure_while_the_worker_is_ended_is_no_verdict(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails_while_ended()
    worker.fails_by_itself(executing=False)
    assert verdicts(work) == []
    assert worker.ask() == [b"1"]


def test_an_input_that_was_not_run_comes_first_again(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2", workers=2)
    first = work.worker(0)
    assert first.ask() == [b"1"]
    work.clock.now = 60.0
    first.done()
    assert first.ask() == [b"1"]
    work.clock.now = 61.0
    first.clean()
    (result,) = work.told.results
    assert result.seconds == 1.0, "time in which it did not run is none of its"


def test_an_input_that_is_not_to_blame_for_the_end_of_its_process_is_run_again(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails_by_itself(executing=True)
    assert verdicts(work) == []
    assert worker.ask() == [b"1"]


def test_a_regression_test_runs_seeds_then_stored_inputs(tmp_path: Path) -> None:
    work = Work(tmp_path, task.RegressionTest())
    paths = store(work.stored, b"b", b"a")
    worker = work.begin(b"declared").worker()
    while worker.ask() is not None:
        worker.clean()
        worker.done()
    assert worker.executed == [b"declared", b"a", b"b"]
    assert [result.name for result in work.told.results] == ["seed 1", str(paths[1]), str(paths[0])]


def test_names_are_printable(tmp_path: Path) -> None:
    work = Work(tmp_path, task.Replay((("a\x1b[2J\nb", b"1"),))).begin()
    worker = work.worker()
    worker.ask()
    worker.clean()
    assert work.told.results[0].name.isprintable()
