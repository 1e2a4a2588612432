"""Work becomes calls, results reach the job that asked, and no worker's lie is believed."""

from pathlib import Path

import pytest

from fuzztui.engine.request import task
from fuzztui.engine.show.text import label, visible
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.fuzzing import Fuzzing
from fuzztui.engine.work.suspects import Suspects
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Done, Executed, Found, Fuzz, Repeated
from tests.engine.work.scripted import CAPACITY, KILLED, MODULE, Work, failure


def numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


# What processes are told ----------------------------------------------------------------------------------------------


def test_a_process_is_told_once_what_others_have_covered(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    assert isinstance(first.ask(), Fuzz)
    assert first.covered == {MODULE: [0]}, "its own too: telling it costs less than remembering who found what"
    first.finds(b"new", 5, 6)
    first.done()
    assert isinstance(second.ask(), Fuzz)
    assert second.covered == {MODULE: [0, 5, 6]}
    second.done()
    assert isinstance(second.ask(), Fuzz)
    assert second.covered == {}


@pytest.mark.parametrize("dies", [True, False])
def test_a_new_process_is_told_everything(tmp_path: Path, dies: bool) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.finds(b"new", 5)
    if dies:
        worker.dies()
    else:
        worker.done()
        worker.renews()
    assert isinstance(worker.ask(), Fuzz)
    assert worker.covered == {MODULE: [0, 5]}


def test_a_batch_is_sent_with_what_is_covered_too(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"1", b"2")
    worker = work.worker()
    worker.ask()
    assert worker.covered == {}
    worker.clean(3)
    worker.done()
    worker.renews()
    worker.ask()
    assert worker.covered == {MODULE: [3]}


# Who is asked ---------------------------------------------------------------------------------------------------------


def test_at_the_end_only_jobs_that_may_finish_are_asked(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    assert first.ask(finishing=True) is None
    assert not work.can_finish()
    assert isinstance(first.ask(), Fuzz)
    first.dies(suspicion=KILLED)
    assert work.can_finish()
    assert work.worker(1).ask(finishing=True) is None, "the suspect is the first one's"
    for _ in range(3):
        assert work.can_finish()
        assert isinstance(first.ask(finishing=True), list)
        first.clean(0)
        first.done()
    assert not work.can_finish()
    assert first.ask(finishing=True) is None


def test_what_may_finish_is_not_over_while_its_last_granted_execution_runs(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=3)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.dies(suspicion=KILLED)
    assert isinstance(worker.ask(finishing=True), list)
    assert work.can_finish()
    worker.clean(0)
    worker.done()
    assert not work.can_finish(), "two tries are missing, and the budget is used up"


def test_later_jobs_wait_for_one_that_comes_first(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(b"seed")
    assert work.worker(0).ask() == [b"seed"]
    assert work.worker(1).ask() is None


# What comes back ------------------------------------------------------------------------------------------------------


def test_what_a_worker_did_not_come_to_goes_back_in_order(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(*numbered(16))
    first, second = work.worker(0), work.worker(1)
    assert first.ask() == numbered(4)
    first.clean(1)
    first.done()
    assert second.ask() == [b"1", b"2", b"3"]


def test_what_a_dead_process_did_not_come_to_goes_back_in_order(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(*numbered(16))
    first, second = work.worker(0), work.worker(1)
    assert first.ask() == numbered(4)
    first.clean(1)
    first.dies()
    assert second.ask() == [b"2", b"3", b"4"]
    assert first.executed == [b"0", b"1"]


def test_an_input_that_is_not_to_blame_is_run_again_first(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(*numbered(8))
    worker = work.worker()
    assert worker.ask() == numbered(4)
    worker.clean(1)
    worker.fails_by_itself(executing=True)
    assert worker.ask() == [b"1", b"2", b"3"]
    assert work.told.crashers == []


def test_a_process_that_dies_before_its_first_input_gives_all_back(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=100).begin(*numbered(8))
    worker = work.worker()
    worker.ask()
    worker.fails_by_itself(executing=False)
    assert worker.ask() == numbered(4)
    assert work.job(Baseline).account.used == 0


@pytest.mark.parametrize("suspicion", [KILLED, ""])
@pytest.mark.parametrize("answered", [0, 2, 4])
def test_a_process_that_is_killed_between_two_inputs_of_a_batch_is_no_inputs_doing(
    tmp_path: Path, answered: int, suspicion: str
) -> None:
    work = Work(tmp_path).begin(*numbered(8))
    worker = work.worker()
    assert worker.ask() == numbered(4)
    for _ in range(answered):
        worker.clean(1)
    worker.dies_between(visible(suspicion))
    assert work.told.crashers == []
    assert work.job(Suspects).is_done
    inputs = worker.ask()
    assert isinstance(inputs, list)
    assert inputs[0] == b"%d" % answered


def test_a_suspects_process_that_is_killed_between_two_inputs_has_proven_nothing(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.dies(suspicion=KILLED, data=b"suspect")
    assert worker.ask() == [b"suspect"]
    worker.dies_between(KILLED)
    assert work.told.crashers == []
    assert worker.ask() == [b"suspect"]


def test_only_the_executions_of_the_call_in_flight_are_believed(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=100).begin(*numbered(2))
    worker = work.worker()
    worker.ask()
    worker.counter = 1 << 60
    assert worker.assignment.executions(worker.counter) == 1
    worker.fails_by_itself(executing=False)
    assert work.job(Baseline).account.used == 1


def test_workers_that_wait_are_to_ask_again_once_a_call_is_over(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(*numbered(2))
    first, second = work.worker(0), work.worker(1)
    first.ask()
    first.clean(1)
    assert not first.done(), "nobody waits"
    first.ask()
    assert second.ask() is None
    first.clean(1)
    assert first.done()


def test_executions_that_come_back_are_for_workers_that_wait(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=3, workers=3)
    first = work.fuzzing(b"seed")
    second, third = work.worker(1), work.worker(2)
    assert isinstance(first.ask(), Fuzz)
    assert isinstance(second.ask(), Fuzz)
    assert third.ask() is None
    assert first.done()
    assert isinstance(third.ask(), Fuzz)


# Accounts -------------------------------------------------------------------------------------------------------------


def test_a_limit_within_a_batch_is_kept_and_the_rest_goes_back(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=3).begin(*numbered(8))
    worker = work.worker()
    assert worker.ask() == numbered(3)
    assert work.worker(1).ask() is None
    worker.clean(1)
    worker.dies()
    assert worker.ask() == [b"2"], "what the dead process did not come to is still within the limit"
    worker.clean(1)
    worker.done()
    assert worker.ask() is None
    assert work.is_spent()
    assert worker.executed == numbered(3)
    assert worker.all_executions == 3


def test_a_run_is_not_at_its_limit_as_long_as_something_can_come_back(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=2)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    assert not work.is_spent()
    worker.use(1)
    worker.done()
    assert work.is_spent()


def test_a_run_that_is_done_is_not_at_its_limit(tmp_path: Path) -> None:
    work = Work(tmp_path, task.Replay((("file", b"1"),)), executions=1).begin()
    worker = work.worker()
    worker.ask()
    worker.clean()
    worker.done()
    assert work.is_done()
    assert not work.is_spent()


def test_yields_are_added_up(tmp_path: Path) -> None:
    work = Work(tmp_path, parameters=("int", "str"))
    worker = work.fuzzing()
    for _ in range(2):
        worker.ask()
        worker.use(2)
        worker.done({"flip": (4, 1)})  # with two parameters an input may come from one source twice
    (flip,) = work.search.yields.yields
    assert (flip.tries, flip.finds) == (8, 2)


# Lies -----------------------------------------------------------------------------------------------------------------


def test_results_outside_of_a_call_are_lies(tmp_path: Path) -> None:
    work = Work(tmp_path)
    board, assignment = work.board, work.fuzzing(b"seed").assignment
    for lie in (
        lambda: board.take_executed(assignment, Executed(0, {})),
        lambda: board.take_found(assignment, Found(b"x", {})),
        lambda: board.take_crashed(assignment, b"x", None, failure()),
        lambda: board.take_unproven(assignment, b"x", None, label("ended")),
        lambda: board.take_repeated(assignment, Repeated({"1-ValueError": 1})),
        lambda: board.take_done(assignment, Done(0)),
    ):
        with pytest.raises(ProtocolError):
            lie()


def test_results_of_a_batch_while_fuzzing_are_lies(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    worker.ask()
    with pytest.raises(ProtocolError):
        work.board.take_executed(worker.assignment, Executed(0, {}))
    with pytest.raises(ProtocolError):
        work.board.take_crashed(worker.assignment, b"x", 0, failure())
    assert work.told.crashers == []


def test_results_of_fuzzing_in_a_batch_are_lies(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"seed")
    worker = work.worker()
    worker.ask()
    with pytest.raises(ProtocolError):
        work.board.take_found(worker.assignment, Found(b"x", {}))
    with pytest.raises(ProtocolError):
        work.board.take_crashed(worker.assignment, b"seed", None, failure())
    assert work.told.crashers == []


def test_an_input_is_answered_once_and_by_what_was_asked(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(*numbered(4))
    worker = work.worker()
    worker.ask()
    worker.clean(1)
    board, assignment = work.board, worker.assignment
    for index in (0, 2):
        with pytest.raises(ProtocolError):
            board.take_executed(assignment, Executed(index, {}))
        with pytest.raises(ProtocolError):
            board.take_crashed(assignment, b"%d" % index, index, failure())
    with pytest.raises(ProtocolError):
        board.take_crashed(assignment, b"0", 1, failure())
    assert work.job(Baseline).done == 1


def test_a_failing_input_of_a_batch_is_answered_like_a_clean_one(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(*numbered(4))
    worker = work.worker()
    assert worker.ask() == numbered(2)
    worker.fails()
    with pytest.raises(ProtocolError):
        work.board.take_crashed(worker.assignment, b"0", 0, failure("KeyError"))
    worker.fails("TypeError")
    worker.done()
    assert worker.ask() == [b"2"]
    assert [crasher.data for crasher in work.told.crashers] == numbered(2)


def test_no_input_is_longer_than_what_a_worker_has_room_for(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.fails(data=b"x" * CAPACITY)
    with pytest.raises(ProtocolError):
        worker.fails("KeyError", data=b"x" * (CAPACITY + 1))


@pytest.mark.parametrize("executions", [0, 1, 3, 4, 5])
def test_a_batch_has_used_as_many_executions_as_it_has_answers(tmp_path: Path, executions: int) -> None:
    work = Work(tmp_path, executions=100).begin(*numbered(8))
    worker = work.worker()
    assert worker.ask() == numbered(4)
    worker.clean(1)
    worker.clean(1)
    with pytest.raises(ProtocolError):
        work.board.take_done(worker.assignment, Done(executions))
    worker.done()
    assert work.job(Baseline).account.used == 2


def test_a_slice_uses_no_more_executions_than_granted(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=100)
    worker = work.fuzzing(b"seed")
    call = worker.ask()
    assert isinstance(call, Fuzz)
    worker.use(call.executions + 1)
    with pytest.raises(ProtocolError):
        worker.done()
    assert work.job(Fuzzing).account.used == 1


def test_a_failure_is_not_repeated_more_often_than_there_are_executions_or_before_it_was_reported(
    tmp_path: Path,
) -> None:
    work = Work(tmp_path, executions=21)
    worker = work.fuzzing(b"seed")
    call = worker.ask()
    assert isinstance(call, Fuzz)
    assert call.executions == 10
    with pytest.raises(ProtocolError):
        worker.repeats(1)
    worker.fails()
    worker.repeats(10)
    with pytest.raises(ProtocolError):
        worker.repeats(11)
    assert work.search.hits[0] == work.search.crashers.hits == 11


@pytest.mark.parametrize("portions", [[10, 1], [9, 2], [1] * 11, [6, 6]])
def test_repetitions_that_come_in_portions_are_no_more_than_there_were_executions(
    tmp_path: Path, portions: list[int]
) -> None:
    work = Work(tmp_path, executions=21)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.fails()
    *believed, last = portions
    for hits in believed:
        worker.repeats(hits)
    with pytest.raises(ProtocolError):
        worker.repeats(last)
    assert work.search.hits[0] == 1 + sum(believed)


def test_repetitions_of_one_call_do_not_count_against_the_next(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=1000)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.fails()
    for _ in range(3):
        worker.repeats(worker.call.granted - 1)
        worker.done()
        worker.ask()


def test_yields_beyond_the_executions_are_a_lie_and_the_call_stays_open(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=100)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.use(2)
    with pytest.raises(ProtocolError):
        worker.done({"flip": (3, 0)})
    assert work.job(Fuzzing).account.used == 1
    worker.fails_by_itself(executing=False)
    assert work.job(Fuzzing).account.used == 3
