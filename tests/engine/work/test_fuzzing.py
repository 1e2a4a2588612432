"""Entries are mutated in slices, and what mutation finds is kept or told."""

from pathlib import Path

import pytest

from fuzztui.engine.work import fuzzing, islands
from fuzztui.engine.work.fuzzing import Fuzzing
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import CAPACITY, KILLED, ScriptedWorker, Work, contents, names


def slice_of(worker: ScriptedWorker) -> Fuzz:
    call = worker.ask()
    assert isinstance(call, Fuzz)
    return call


def test_without_a_limit_of_executions_time_ends_a_slice(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"seed")
    call = slice_of(worker)
    assert call.seconds == fuzzing.SLICE
    assert call.executions == fuzzing.EXECUTIONS_PER_CALL


def test_a_slice_counts_the_time_of_a_processor_so_it_is_as_long_for_many_workers(tmp_path: Path) -> None:
    assert slice_of(Work(tmp_path, workers=60).fuzzing(b"seed")).seconds == fuzzing.SLICE


def test_a_limit_is_shared_out_so_that_all_workers_end_at_about_the_same_time(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=101, workers=2)
    worker = work.fuzzing(b"seed")
    assert slice_of(worker).executions == 25
    assert slice_of(work.worker(1)).executions == 18, "a quarter of what the first has left"


def test_no_clock_decides_about_a_repeatable_run(tmp_path: Path) -> None:
    worker = Work(tmp_path, executions=100_000, seed=1).fuzzing(b"seed")
    call = slice_of(worker)
    assert call.executions == fuzzing.REPEATABLE_SLICE
    assert call.seconds == fuzzing.UNHURRIED


def test_a_limit_is_used_up_to_the_last_execution_and_nothing_is_granted_beyond(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=10, workers=3)
    worker = work.fuzzing(b"seed")
    while (call := worker.ask()) is not None:
        assert isinstance(call, Fuzz)
        worker.use(call.executions)
        assert not work.is_spent()
        worker.done()
    assert work.is_spent()
    assert worker.all_executions == 10


@pytest.fixture
def without_islands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared search never comes to its end."""
    monkeypatch.setattr(islands, "PATIENCE", 1_000_000)


@pytest.mark.usefixtures("without_islands")
def test_an_entry_is_traced_in_its_first_slice_and_now_and_then_again(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"seed")
    traced = []
    for number in range(210):
        if slice_of(worker).trace:
            traced.append(number)
        worker.done()
    assert traced == [0, 5, 25, 100, 200]


def test_what_covers_something_new_is_stored_and_its_turn_is_next(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.finds(b"new", 0, 7)
    assert contents(work.generated) == [b"new"]
    assert work.search.found[0] == work.told.entries == work.search.corpus.new == 1
    worker.done()
    assert slice_of(worker).entry == b"new"


def test_what_another_worker_has_covered_is_not_kept_twice(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    slice_of(first)
    slice_of(second)
    first.finds(b"one", 7)
    second.finds(b"two", 7)
    assert contents(work.generated) == [b"one"]
    assert work.search.found[1] == 0


def test_a_found_input_is_an_entry_of_this_run_where_it_cannot_be_stored(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    work.generated.parent.mkdir(parents=True)
    work.generated.write_text("in the way")
    slice_of(worker)
    worker.finds(b"new", 7)
    worker.done()
    assert slice_of(worker).entry == b"new"
    assert "the generated corpus cannot be written" in work.told.warnings[0]


@pytest.mark.parametrize("data", [b"x" * (CAPACITY + 1), b"x"], ids=["too long", "no input"])
def test_a_found_input_that_cannot_have_run_is_a_lie(tmp_path: Path, data: bytes) -> None:
    worker = Work(tmp_path, parameters=("int",)).fuzzing()
    slice_of(worker)
    with pytest.raises(ProtocolError):
        worker.finds(data, 7)


def test_a_failing_input_is_stored_and_told_and_the_call_goes_on(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.fails(data=b"bad")
    worker.repeats(5)
    worker.done()
    (crasher,) = work.told.crashers
    assert crasher.seed_name is None
    assert names(work.stored) == [crasher.sha256]
    assert work.search.crashers.hits == work.search.hits[0] == 6
    assert isinstance(worker.ask(), Fuzz)


def test_a_death_in_a_slice_is_a_crasher_and_what_was_not_executed_comes_back(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=100)
    worker = work.fuzzing(b"seed")
    granted = slice_of(worker).executions
    assert granted > 10
    worker.use(9)
    worker.dies(data=b"deadly")
    assert [crasher.data for crasher in work.told.crashers] == [b"deadly"]
    assert work.job(Fuzzing).account.used == worker.all_executions == 1 + 10
    assert work.job(Fuzzing).account.available == 100 - 11


def test_a_mutated_suspect_is_run_again_before_anything_else_and_is_then_a_crasher(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.dies(suspicion=KILLED, data=b"deadly")
    assert work.told.crashers == []
    assert worker.ask() == [b"deadly"]
    worker.fails()
    assert [crasher.data for crasher in work.told.crashers] == [b"deadly"]


def test_a_cleared_suspect_is_an_entry_if_it_covers_something_new(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    for data, edge in ((b"new", 7), (b"old", 7)):
        slice_of(worker)
        worker.dies(suspicion=KILLED, data=data)
        for _ in range(3):
            assert worker.ask() == [data]
            worker.clean(edge)
            worker.done()
    assert contents(work.generated) == [b"new"]
    assert work.told.crashers == []


def test_a_failure_while_the_worker_is_ended_is_run_again(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.fails_while_ended(b"perhaps")
    assert work.told.crashers == []
    worker.fails_by_itself(executing=False)
    assert worker.ask() == [b"perhaps"]
    worker.fails()
    assert [crasher.data for crasher in work.told.crashers] == [b"perhaps"]


def test_a_suspect_that_nobody_has_run_again_is_kept_for_the_next_run(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.dies(suspicion=KILLED, data=b"perhaps")
    work.board.close()
    assert contents(work.generated) == [b"perhaps"]


def test_a_suspect_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.dies(suspicion=KILLED, data=b"perhaps")
    work.generated.parent.mkdir(parents=True)
    work.generated.write_text("in the way")
    work.board.close()
    assert "it could not be kept" in work.told.warnings[0]


def test_a_start_that_fails_is_better_than_none(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.begin(b"bad").worker()
    worker.ask()
    worker.fails()
    worker.done()
    assert slice_of(worker).entry == b"", "the zero value"
    worker.done()
    assert slice_of(worker).entry == b""


@pytest.mark.usefixtures("without_islands")
def test_an_entry_whose_slices_take_too_long_gets_fewer(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"slow", b"fast")
    turns = []
    for _ in range(224):
        entry = slice_of(worker).entry
        turns.append(b"slow" in entry)
        worker.done(seconds=10 * fuzzing.SLICE if turns[-1] else fuzzing.SLICE)
    assert 18 <= sum(turns) <= 24


def test_what_is_learned_in_a_first_slice_is_not_held_against_an_entry(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"slow", b"fast")
    turns = []
    for number in range(22):
        turns.append(slice_of(worker).entry)
        worker.done(seconds=fuzzing.SLICE * (10 if number < 2 and b"slow" in turns[-1] else 1))
    assert turns.count(turns[0]) == 11
