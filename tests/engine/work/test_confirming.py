"""A crasher is run again in a process that has run nothing else, so that people hear whether it fails by itself."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.before import read_before
from fuzztui.engine.request import task
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.drawn import drawn
from fuzztui.engine.show.events import CrasherConfirmed, Steered
from fuzztui.engine.show.failure import Tail
from fuzztui.engine.show.text import label
from fuzztui.engine.work import confirming as module
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.confirmation import FRESH, PATIENCE, RUNS, TAIL_RUNS, TAIL_SECONDS
from fuzztui.engine.work.confirming import MOST_TRIES, REPEATABLE_REST, TURN, Confirming
from fuzztui.engine.work.rest import SHARE
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Execute, Fuzz
from fuzztui.target.values import encode
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, contents, store

ENDED = label("it failed while its worker was being ended")


@pytest.fixture(autouse=True)
def three_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for the first of a group, but where that is what a test is about."""
    monkeypatch.setattr(module, "MOST_RUNS", RUNS)


def confirming(folder: Path, **given: Any) -> Work:
    return Work(folder, confirms=True, **given)


def found(work: Work, worker: ScriptedWorker, name: str = "ValueError", data: bytes = b"bad") -> None:
    """The worker is fuzzing and reports a crasher; its call is over."""
    assert isinstance(worker.ask(), Fuzz)
    worker.fails(name, data)
    worker.done()


def renewed(worker: ScriptedWorker) -> list[bytes] | Fuzz | Renewal | None:
    """What the worker is given once its process has been replaced."""
    assert worker.ask() is Renewal.FRESH_PROCESS
    return renew(worker)


def renew(worker: ScriptedWorker) -> list[bytes] | Fuzz | Renewal | None:
    worker.renews()
    return worker.ask()


def runs(worker: ScriptedWorker, data: bytes, *fails: bool) -> None:
    """The worker is given this input once for each outcome, in a process of its own where it wants one."""
    for number, failing in enumerate(fails):
        if number or not worker.is_busy():
            given = worker.ask()
            assert (renew(worker) if given is Renewal.FRESH_PROCESS else given) == [data]
        if failing:
            worker.fails()
        else:
            worker.clean(0)
        worker.done()


def results(work: Work) -> list[tuple[bytes, Confirmation | None]]:
    return [(crasher.data, crasher.confirmation) for crasher in work.search.crashers.crashers]


def told(work: Work) -> list[tuple[bytes, Confirmation | None]]:
    return [
        (event.crasher.data, event.crasher.confirmation)
        for event in work.told.events
        if isinstance(event, CrasherConfirmed)
    ]


SENTENCES = {
    (True, True, True): "3/3: failed again each time",
    (False, True, False): "1/3 flaky: failed again not each time, depends on chance or state",
    (True, False, True): "2/3 flaky: failed again not each time, depends on chance or state",
    (False, False, False): "0/3 needs state?: ran clean in fresh processes without probes, does not reproduce alone",
}


@pytest.mark.parametrize("fails", SENTENCES)
def test_a_crasher_is_run_three_times_in_one_fresh_process_and_that_is_told(
    tmp_path: Path, fails: tuple[bool, ...]
) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    assert len(work.told.crashers) == 1, "the crasher itself is told at once"
    assert not work.job(Confirming).is_done
    assert renewed(worker) == [b"bad"]
    runs(worker, b"bad", *fails)
    assert len(fails) == RUNS
    expected = (b"bad", Confirmation(RUNS, sum(fails)))
    assert told(work) == results(work) == [expected]
    assert expected[1] is not None
    assert expected[1].sentence == SENTENCES[fails]
    assert work.job(Confirming).is_done
    assert isinstance(renewed(worker), Fuzz)


def test_nothing_is_instrumented_where_a_crasher_is_run_again_and_all_is_where_it_was_found(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    has_probes = [worker.assignment.instrumented]
    assert renewed(worker) == [b"bad"]
    has_probes.append(worker.assignment.instrumented)
    assert worker.covered == {}, "it has no probes to be told of"
    runs(worker, b"bad", True, True)
    assert renewed(worker) == [b"bad"]
    worker.dies()
    has_probes.append(worker.assignment.instrumented)
    assert has_probes == [True, False, True], "the process after a death is one for what comes next"
    assert isinstance(worker.ask(), Fuzz)


def test_running_again_is_neither_a_hit_nor_received(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    renewed(worker)
    runs(worker, b"bad", True, True, True)
    book = work.search.crashers
    assert (book.received, book.stored, book.duplicates, book.hits) == (1, 1, 0, 1)
    assert work.search.hits[0] == 1


def test_what_came_of_it_is_in_the_record(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    (record,) = work.records.glob("*.json")
    assert json.loads(record.read_bytes())["confirmation"] is None
    renewed(worker)
    runs(worker, b"bad", False, True, True)
    assert json.loads(record.read_bytes())["confirmation"] == {
        "runs": 3,
        "failures": 2,
        "other_failures": 0,
        "reproduces": True,
        "badge": "2/3 flaky",
        "before": 0,
        "chance": False,
        "slow": 0.0,
        "had_failed": False,
    }


def test_the_process_that_follows_a_dead_one_is_fresh_and_is_used(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.dies("SIGSEGV", data=b"bad")
    for _ in range(RUNS):
        assert worker.ask() == [b"bad"], "each run ends its process, and none is renewed besides"
        worker.dies("SIGSEGV")
    assert results(work) == [(b"bad", Confirmation(RUNS, RUNS))]
    assert work.search.crashers.hits == 1


def test_each_crasher_has_a_process_of_its_own(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"one")
    worker.fails("TypeError", b"two")
    worker.done()
    assert renewed(worker) == [b"one"]
    runs(worker, b"one", True, True, True)
    assert renewed(worker) == [b"two"]


def test_a_process_that_has_run_anything_else_meanwhile_is_replaced(tmp_path: Path) -> None:
    work = confirming(tmp_path, workers=2)
    worker, other = work.fuzzing(b"seed"), work.worker(1)
    found(work, worker)
    assert renewed(worker) == [b"bad"]
    worker.dies(suspicion=ENDED, was_being_ended=True)
    assert isinstance(other.ask(), Fuzz)
    assert worker.ask() == [b"bad"], "its successor is fresh"
    runs(worker, b"bad", False, False, False)
    assert results(work) == [(b"bad", Confirmation(RUNS, 0))], "an end that was our doing is no failure"


def test_a_failure_of_another_kind_is_a_crasher_of_its_own_and_no_confirmation(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker, "MemoryError")
    renewed(worker)
    worker.fails("KeyError")
    worker.done()
    runs(worker, b"bad", True, False)  # as ValueError
    assert [crasher.failure.type for crasher in work.told.crashers] == ["MemoryError", "KeyError", "ValueError"]
    alike = [Confirmation(RUNS, 0, 2), Confirmation(RUNS, 1, 1), Confirmation(RUNS, 1, 1)]
    assert results(work) == told(work) == [(b"bad", each) for each in alike]
    assert work.job(Confirming).is_done, "an input is not run again for each way in which it fails"
    book = work.search.crashers
    assert book.received == book.stored + book.duplicates + book.unsaved == 3
    assert isinstance(renewed(worker), Fuzz)


def test_a_failing_seed_that_fails_otherwise_is_still_a_failing_seed(tmp_path: Path) -> None:
    work = confirming(tmp_path).begin(b"seed")
    worker = work.worker()
    worker.ask()
    worker.fails()
    worker.done()
    assert renewed(worker) == [b"seed"]
    worker.fails("KeyError")
    assert [crasher.seed_name for crasher in work.told.crashers] == ["seed 1", "seed 1"]
    assert work.search.crashers.received == 0


def test_a_run_that_we_or_others_ended_proves_nothing_and_is_made_again(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    renewed(worker)
    worker.dies(suspicion=KILLED)
    assert worker.ask() == [b"bad"]
    worker.fails_while_ended()
    worker.fails_by_itself(executing=False)
    assert worker.ask() == [b"bad"]
    worker.fails_by_itself(executing=True)
    assert worker.ask() == [b"bad"]
    runs(worker, b"bad", False, False, False)
    assert results(work) == [(b"bad", Confirmation(RUNS, 0))]


def test_runs_that_prove_nothing_are_not_made_again_for_ever(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    for _ in range(MOST_TRIES - 1):
        assert worker.ask() == [b"bad"]
        worker.dies(suspicion=KILLED)
    assert isinstance(renewed(worker), Fuzz)
    assert results(work) == [(b"bad", None)]
    assert work.job(Confirming).is_done
    assert not [event for event in work.told.events if isinstance(event, Steered)], "nobody has asked for it"


def test_person_who_waits_for_one_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    work.search.validate(work.told.crashers[0].id)
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    for _ in range(MOST_TRIES - 1):
        assert worker.ask() == [b"bad"]
        worker.dies(suspicion=KILLED)
    assert isinstance(renewed(worker), Fuzz)
    assert [event.crashers for event in work.told.events if isinstance(event, Steered)] == [(work.told.crashers[0].id,)]


def test_kills_of_which_it_is_known_that_they_are_the_inputs_doing_are_failures(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.dies("SIGKILL again", suspicion=KILLED, data=b"bad")
    while not work.told.crashers:
        assert worker.ask() == [b"bad"]
        worker.dies("SIGKILL again", suspicion=KILLED)
    for _ in range(RUNS):
        assert worker.ask() == [b"bad"]
        worker.dies("SIGKILL again", suspicion=KILLED)
    assert results(work) == [(b"bad", Confirmation(RUNS, RUNS))]


def test_a_hang_that_is_met_elsewhere_is_the_same_hang(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.hangs("in one function", data=b"bad")
    for _ in range(RUNS):
        assert worker.ask() == [b"bad"]
        worker.hangs("in another")
    assert [crasher.failure.type for crasher in work.told.crashers] == ["in one function"]
    assert results(work) == [(b"bad", Confirmation(RUNS, RUNS))]


def test_what_a_test_is_called_with_that_hangs_is_in_its_record(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.hangs("in one function", data=b"bad")
    for _ in range(2):
        assert worker.ask() == [b"bad"]
        worker.foretells("Failing test case: check(\n    n=3,\n)", "@example(n=3)")
        worker.hangs("in one function")
    (crasher,) = work.search.crashers.crashers
    call = drawn(crasher.failure.traceback)
    assert call is not None
    assert (call.call, call.example) == ("Failing test case: check(\n    n=3,\n)", "@example(n=3)")
    (record,) = work.records.glob("*.json")
    assert json.loads(record.read_text())["traceback"] == crasher.failure.traceback
    assert crasher.failure.traceback.count("@example") == 1


def test_what_fails_by_an_exception_tells_of_its_call_itself(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    assert renewed(worker) == [b"bad"]
    with pytest.raises(ProtocolError):
        worker.foretells("Failing test case: check()")


def test_an_input_that_uses_too_much_memory_by_itself_is_a_crasher_for_that(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker, "MemoryError")
    renewed(worker)
    for _ in range(RUNS):
        worker.dies("more than 64 MiB", suspicion=label("it used more memory than the limit"))
        worker.ask()
    assert results(work) == [(b"bad", Confirmation(RUNS, 0, RUNS)), (b"bad", Confirmation(RUNS, RUNS, 0))]


def test_a_corpus_that_is_minimized_gets_no_entries_of_it(tmp_path: Path) -> None:
    work = confirming(tmp_path, task=task.MinimizeCorpus())
    store(work.generated, b"entry")
    worker = work.begin().worker()
    worker.ask()
    worker.clean(1)
    worker.done()
    assert worker.ask() == [b"entry"]
    worker.fails()
    worker.done()
    work.board.finish()
    assert renewed(worker) == [b"entry"]
    worker.clean(9)
    worker.done()
    work.board.close()
    assert contents(work.generated) == []
    assert results(work) == [(b"entry", Confirmation(1, 0))]


# Beside the search ---------------------------------------------------------------------------------------------------


def test_one_worker_confirms_at_a_time_and_the_others_go_on(tmp_path: Path) -> None:
    work = confirming(tmp_path, workers=3)
    first = work.fuzzing(b"seed")
    assert isinstance(first.ask(), Fuzz)
    first.fails("ValueError", b"one")
    first.fails("TypeError", b"two")
    first.done()
    others = [work.worker(1), work.worker(2)]
    assert others[0].ask() == [b"one"], "a process that has just been started is fresh"
    assert isinstance(renewed(others[1]), Fuzz), "and the other worker has something else to do"
    assert isinstance(first.ask(), Fuzz)


def test_a_search_gets_nine_times_what_a_crasher_took(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"one")
    worker.fails("TypeError", b"two")
    worker.done()
    assert worker.ask() is Renewal.FRESH_PROCESS
    work.clock.now += 2.0
    worker.renews()
    worker.ask()
    runs(worker, b"one", True, True, True)
    assert isinstance(renewed(worker), Fuzz)
    worker.done()
    work.clock.now += (SHARE - 1) * (2.0 + 2.0) - 0.1  # it has changed its process twice
    assert isinstance(worker.ask(), Fuzz)
    worker.done()
    work.clock.now += 0.2
    assert worker.ask() is Renewal.FRESH_PROCESS


def test_no_clock_decides_in_a_run_that_is_to_be_repeatable(tmp_path: Path) -> None:
    work = confirming(tmp_path, executions=100_000, seed=1)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"one")
    worker.fails("TypeError", b"two")
    worker.done()
    assert worker.ask() is Renewal.FRESH_PROCESS
    work.clock.now += 2.0
    worker.renews()
    worker.ask()
    runs(worker, b"one", True, True, True)
    used = 0
    given = renewed(worker)
    while isinstance(given, Fuzz):
        worker.use(given.executions)
        worker.done()
        used += given.executions
        work.clock.now += 1000.0
        given = worker.ask()
    assert given is Renewal.FRESH_PROCESS
    assert REPEATABLE_REST <= used < REPEATABLE_REST + 1000


def test_a_worker_that_does_not_come_back_leaves_its_crasher_and_what_is_known_to_another(tmp_path: Path) -> None:
    work = confirming(tmp_path, workers=2)
    first, second = work.fuzzing(b"seed"), work.worker(1)
    found(work, first)
    assert renewed(first) == [b"bad"]
    first.fails()
    first.done()
    first.leaves()
    assert renewed(second) == [b"bad"]
    runs(second, b"bad", False, True)
    assert results(work) == [(b"bad", Confirmation(RUNS, 2))]


def test_executions_are_the_runs(tmp_path: Path) -> None:
    work = confirming(tmp_path, executions=20)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    renewed(worker)
    runs(worker, b"bad", True, True, True)
    assert work.job(Confirming).account.used == 5
    given = renewed(worker)
    while isinstance(given, Fuzz):
        worker.use(given.executions)
        worker.done()
        given = worker.ask()
    assert worker.all_executions == 20


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_crasher_for_which_executions_are_missing_is_not_confirmed_or_by_fewer_runs(
    tmp_path: Path, left: int
) -> None:
    work = confirming(tmp_path, executions=2 + left)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    if left:
        renewed(worker)
        runs(worker, b"bad", *[True] * left)
    assert worker.ask() is None
    assert work.is_spent()
    assert not work.can_finish()
    work.board.close()
    assert results(work) == told(work) if left else told(work) == []
    assert results(work) == [(b"bad", Confirmation(left, left) if left else None)]


# The end of the run --------------------------------------------------------------------------------------------------


def test_a_run_that_finishes_runs_a_crasher_as_often_as_any_other(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    work.board.finish()
    assert work.can_finish()
    for failing in (False, True, False):
        assert worker.ask(finishing=True) is Renewal.FRESH_PROCESS
        worker.renews()
        assert work.can_finish()
        assert worker.ask(finishing=True) == [b"bad"]
        worker.fails() if failing else worker.clean(0)
        worker.done()
    assert not work.can_finish()
    assert told(work) == [(b"bad", Confirmation(RUNS, 1))]


def test_a_hang_that_was_seen_again_is_answered_when_the_end_is_decided(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.hangs(data=b"bad")
    assert worker.ask() == [b"bad"]
    worker.hangs()
    assert worker.ask() == [b"bad"]
    assert work.patience() > 0
    work.board.finish()
    assert not work.can_finish()
    worker.clean(0)  # the answer to the second run comes late
    worker.done()
    work.board.close()
    assert told(work) == [(b"bad", Confirmation(1, 1))]


def test_one_more_hang_is_answer_enough_for_a_run_that_finishes(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.hangs(data=b"bad")
    work.board.finish()
    assert work.patience() == PATIENCE * work.options.timeout
    assert worker.ask(finishing=True) == [b"bad"]
    worker.hangs()
    assert not work.can_finish()
    assert told(work) == [(b"bad", Confirmation(1, 1))]


def test_all_workers_confirm_and_none_rests_when_the_run_finishes(tmp_path: Path) -> None:
    work = confirming(tmp_path, workers=2)
    first, second = work.fuzzing(b"seed"), work.worker(1)
    assert isinstance(first.ask(), Fuzz)
    for number in range(3):
        first.fails(f"Error{number}", b"%d" % number)
    first.done()
    work.board.finish()
    assert work.job(Confirming).left == 3
    assert second.ask(finishing=True) is Renewal.FRESH_PROCESS, "what is instrumented has to be replaced"
    second.renews()
    assert second.ask(finishing=True) == [b"0"]
    assert first.ask(finishing=True) is Renewal.FRESH_PROCESS
    first.renews()
    assert first.ask(finishing=True) == [b"1"]
    work.clock.now += 5.0
    for _ in range(RUNS - 1):
        second.fails("Error0")
        second.done()
        assert second.ask(finishing=True) is Renewal.FRESH_PROCESS
        second.renews()
        assert second.ask(finishing=True) == [b"0"]
    assert work.job(Confirming).left == 3
    second.fails("Error0")
    second.done()
    assert work.job(Confirming).left == 2


def test_a_crasher_that_ends_the_run_in_the_middle_of_a_confirmation_is_told_once(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    work.told.on_crasher = lambda crasher: work.board.finish()  # type: ignore[method-assign]
    found(work, worker)
    assert worker.ask(finishing=True) is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask(finishing=True) == [b"bad"]
    worker.fails("KeyError")
    work.board.close()
    assert told(work) == [(b"bad", Confirmation(1, 0, 1)), (b"bad", Confirmation(1, 1, 0))]


def test_what_is_known_when_the_run_is_over_is_told_and_nothing_else_is(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"one")
    worker.fails("TypeError", b"two")
    worker.done()
    renewed(worker)
    runs(worker, b"one", False, False)
    assert renewed(worker) == [b"one"]
    work.board.close()
    assert told(work) == [(b"one", Confirmation(2, 0))]
    assert results(work) == [(b"one", Confirmation(2, 0)), (b"two", None)]


def test_finishing_takes_longer_where_a_time_out_is_run_again(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    assert work.patience() == 0
    worker.ask()
    worker.renews()
    assert work.patience() == 0
    assert worker.ask() == [b"bad"]
    worker.hangs()
    assert work.patience() == 0, "the same input is not run again for that"
    runs(worker, b"bad", False, False)
    assert isinstance(renewed(worker), Fuzz)
    worker.hangs(data=b"slow", name="another timeout")
    assert work.patience() == PATIENCE * work.options.timeout
    assert worker.ask() == [b"slow"]
    worker.clean(0)
    worker.done()
    runs(worker, b"slow", False, False)
    assert work.patience() == 0


# Time-outs -----------------------------------------------------------------------------------------------------------


def hung(work: Work) -> ScriptedWorker:
    """A worker that is to run the input again for the first time in which another has hung."""
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.hangs(data=b"bad")
    assert worker.ask() == [b"bad"]
    return worker


def test_a_time_out_is_given_longer_once(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = hung(work)
    given = [worker.call.patience]
    for _ in range(RUNS - 1):
        worker.hangs()
        assert worker.ask() == [b"bad"]
        given.append(worker.call.patience)
    worker.hangs()
    assert given == [PATIENCE, 1.0, 1.0]
    assert results(work) == [(b"bad", Confirmation(RUNS, RUNS))]


def test_what_ends_after_the_time_out_is_slow_and_that_is_said(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = hung(work)
    worker.clean(0, seconds=work.options.timeout + 4)
    known = Confirmation(1, 1, slow=work.options.timeout + 4)
    assert results(work) == told(work) == [(b"bad", known)]
    assert known.sentence == "1/1 slow: ends after 14 s"
    assert known.badge == "1/1 slow"


def test_what_ends_in_time_after_all_was_held_up_by_the_machine(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = hung(work)
    worker.clean(0, seconds=work.options.timeout - 1)
    worker.done()
    runs(worker, b"bad", False, False)
    assert results(work) == [(b"bad", Confirmation(RUNS, 0))]


# What it takes -------------------------------------------------------------------------------------------------------


def inputs(number: int) -> tuple[bytes, ...]:
    return tuple(b"%d" % each for each in range(number))


def drive(work: Work, worker: ScriptedWorker, needs: tuple[bytes, ...], *, luck: list[bool] | None = None) -> int:
    """The crasher's input fails after these, in this order, in one process, or as luck has it; how many processes it
    takes until the worker fuzzes again.
    """
    processes = 0
    while not isinstance(given := worker.ask(), Fuzz | None):
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        assert isinstance(given, list)
        processes += 1
        left = list(needs)
        for data in given[:-1]:
            if left and data == left[0]:
                left.pop(0)
            worker.clean(0)
        fails = luck.pop(0) if luck else not left and (bool(needs) and luck is None)
        worker.fails() if fails else worker.clean(0)
        worker.done()
    if worker.is_busy():
        worker.done()
    return processes


def found_after(work: Work, tail: Tail) -> ScriptedWorker:
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"bad", tail=tail)
    worker.done()
    return worker


def kept(work: Work) -> tuple[bytes, ...] | None:
    (crasher,) = work.search.crashers.crashers
    return read_before((work.options.target.crashers_dir,), crasher.sha256)


NEEDED = {
    "the last": (199,),
    "the first": (0,),
    "eight in a row": tuple(range(100, 108)),
    "some of many": (3, 50, 51, 180),
    "the first and the last": (0, 199),
    "all": tuple(range(200)),
}


@pytest.mark.parametrize("needed", [NEEDED[name] for name in sorted(NEEDED)[::2]])
def test_the_shortest_tail_is_found_and_kept_with_the_crasher(tmp_path: Path, needed: tuple[int, ...]) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(200), 200))
    needs = tuple(inputs(200)[each] for each in needed)
    drive(work, worker, needs)
    assert results(work) == told(work) == [(b"bad", Confirmation(RUNS, 0, before=len(needs)))]
    assert work.search.crashers.crashers[0].before == kept(work) == needs


def test_a_busy_machine_is_no_reason_not_to_know_what_an_input_takes(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(400), 400))
    while not work.job(Confirming).is_done:
        given = worker.ask()
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        if isinstance(given, Fuzz):  # the search has its turn
            work.clock.now += 1_000.0
            worker.done()
            continue
        assert isinstance(given, list)
        work.clock.now += TAIL_SECONDS + 1
        for _ in given[:-1]:
            worker.clean(0)
        worker.fails() if b"0" in given else worker.clean(0)
        worker.done()
    (crasher,) = work.search.crashers.crashers
    assert crasher.before[0] == b"0"
    assert crasher.confirmation is not None
    assert not crasher.confirmation.is_chance


def test_the_order_of_what_ran_before_is_kept(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail((b"b", b"a", b"b", b"c"), 4))
    drive(work, worker, (b"a", b"b"))
    assert kept(work) == (b"a", b"b")


def test_what_fails_alone_is_not_run_after_anything(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(200), 200))
    assert drive(work, worker, (), luck=[True, False, False]) == RUNS
    assert results(work) == [(b"bad", Confirmation(RUNS, 1))]
    assert kept(work) is None


def test_a_coin_that_falls_well_is_not_taken_for_state(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(200), 200))
    drive(work, worker, (), luck=[False] * RUNS + [True, False] * (TAIL_RUNS - 1) + [False] * 9)
    (told_of,) = results(work)
    assert told_of == (b"bad", Confirmation(RUNS, 0, is_chance=True))
    assert told_of[1] is not None
    assert told_of[1].badge == "0/3 flaky"
    assert kept(work) is None


def test_what_fails_at_its_time_of_day_is_not_taken_for_state(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(9), 9))
    drive(work, worker, (), luck=[False] * RUNS + [True] * 99)
    ((_, known),) = results(work)
    assert known == Confirmation(RUNS + 1, 1), "it fails alone, too, while it fails after others"
    assert kept(work) is None


def test_what_begins_to_fail_alone_while_the_shortest_tail_is_looked_for_needs_none(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(2), 2))
    luck = [False] * RUNS + [True, False, True, False, True] + [True] * 99
    drive(work, worker, (), luck=luck)
    ((_, known),) = results(work)
    assert known is not None
    assert (known.failures, known.before) == (1, 0)
    assert kept(work) is None


@pytest.mark.parametrize(("executions", "badge"), [(20, "0/3 flaky"), (21, "0/3 needs state?")])
def test_only_what_runs_clean_after_all_that_ran_before_is_chance(tmp_path: Path, executions: int, badge: str) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(20), executions))
    assert drive(work, worker, (b"none of them",)) == RUNS + 2, "the last sixteen, then all"
    ((_, known),) = results(work)
    assert known is not None
    assert known.badge == badge
    assert kept(work) == (None if known.is_chance else ()), "it is known that nobody knows what it takes"


def test_a_tail_for_which_executions_are_missing_is_not_run(tmp_path: Path) -> None:
    work = confirming(tmp_path, executions=20)
    worker = found_after(work, Tail(inputs(100), 100))
    drive(work, worker, (b"99",))
    used = worker.all_executions
    assert used <= 20
    assert results(work) == [(b"bad", Confirmation(RUNS, 0))]


def test_a_tail_that_is_interrupted_begins_again_in_another_process(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(3), 3))
    for _ in range(RUNS):
        renewed(worker)
        worker.clean(0)
        worker.done()
    assert renewed(worker) == [b"0", b"1", b"2", b"bad"]
    worker.clean(0)
    worker.done()  # paused: the others go back
    assert renewed(worker) == [b"0", b"1", b"2", b"bad"]
    worker.clean(0)
    worker.dies(suspicion=KILLED)
    assert worker.ask() == [b"0", b"1", b"2", b"bad"]
    for _ in range(3):
        worker.clean(0)
    worker.fails()
    worker.done()
    drive(work, worker, (b"1",))
    assert kept(work) == (b"1",)


def test_a_tail_whose_input_ends_the_process_now_is_not_what_it_takes(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(3), 3))
    for _ in range(RUNS):
        renewed(worker)
        worker.clean(0)
        worker.done()
    assert renewed(worker) == [b"0", b"1", b"2", b"bad"]
    worker.clean(0)
    worker.dies("SIGSEGV")
    book = work.search.crashers
    assert [crasher.data for crasher in book.crashers] == [b"bad", b"1"], "what it shows is a crasher of its own"
    assert book.received == book.stored + book.duplicates + book.unsaved == 2
    assert book.crashers[0].confirmation == Confirmation(RUNS, 0, is_chance=True)


def test_what_is_known_of_a_tail_is_told_and_kept_when_the_run_is_over(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(8), 8))
    for _ in range(RUNS):
        renewed(worker)
        worker.clean(0)
        worker.done()
    for number in range(TAIL_RUNS):
        if number:
            assert renewed(worker) == [b"bad"], "by itself it still runs clean"
            worker.clean(0)
            worker.done()
        assert renewed(worker) == [*inputs(8), b"bad"]
        for _ in range(8):
            worker.clean(0)
        assert kept(work) is None
        worker.fails()
        worker.done()
    assert work.patience() > 0
    assert renewed(worker) == [*inputs(8)[4:], b"bad"]
    work.board.close()
    assert results(work) == [(b"bad", Confirmation(RUNS, 0, before=8))]
    assert kept(work) == inputs(8)


def test_a_tail_that_the_target_has_written_over_is_none(tmp_path: Path) -> None:
    work = confirming(tmp_path, parameters=("int",))
    worker = work.fuzzing(encode((1,)))
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", encode((2,)), tail=Tail((b"no number",), 1))
    worker.done()
    for _ in range(RUNS):
        renewed(worker)
        worker.clean(0)
        worker.done()
    assert isinstance(renewed(worker), Fuzz)


# Asked for by a person -----------------------------------------------------------------------------------------------


def test_a_person_may_have_a_crasher_run_again_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    renewed(worker)
    work.clock.now += TURN - 1
    runs(worker, b"bad", True, True, True)
    assert isinstance(renewed(worker), Fuzz), "it rests"
    worker.done()
    monkeypatch.setattr(module, "MOST_RUNS", 5)
    (crasher,) = work.search.crashers.crashers
    assert work.search.validate(crasher.id)
    assert work.search.validate(crasher.id), "twice is once"
    assert renewed(worker) == [b"bad"]
    runs(worker, b"bad", True, False, True, True, True)
    assert results(work) == [(b"bad", Confirmation(5, 4))]
    assert work.job(Confirming).is_done
    assert not work.search.validate("unknown")


def test_what_it_takes_is_run_when_a_person_asks_and_stays_where_that_does_not_help(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(5), 5))
    drive(work, worker, (b"2", b"4"))
    (crasher,) = work.search.crashers.crashers
    work.search.validate(crasher.id)
    drive(work, worker, (b"2", b"4"))
    assert results(work) == [(b"bad", Confirmation(RUNS, 0, before=2))]
    work.search.validate(crasher.id)
    drive(work, worker, (b"something else",))
    assert results(work) == [(b"bad", Confirmation(RUNS, 0))]
    assert kept(work) == (b"2", b"4")


@pytest.mark.parametrize(("first", "second"), [(10, 3)])
def test_the_first_of_a_group_is_run_more_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", first)
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    processes = drive_failing(worker)
    assert processes == (first, FRESH)
    work.clock.now += 1000.0
    book = work.search.crashers
    group = book.crashers[0].failure
    book.record(b"other", replace(group, id=label("another bucket")), worker=0, then=lambda _: None)
    work.search.validate("another bucket")
    work.search.wanted.clear()
    assert drive_failing(worker) == (second, FRESH)


def drive_failing(worker: ScriptedWorker) -> tuple[int, int]:
    """The input fails each time: runs and processes."""
    count, processes = 0, 0
    while not isinstance(given := worker.ask(), Fuzz | None):
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            processes += 1
            continue
        count += 1
        worker.fails()
        worker.done()
    if worker.is_busy():
        worker.done()
    return count, processes - 1  # the last is for the search again


def test_a_known_failure_of_another_crasher_is_neither_a_hit_nor_received(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"bad")
    worker.fails("KeyError", b"worse")
    worker.done()
    assert renewed(worker) == [b"bad"]
    worker.fails("KeyError")
    book = work.search.crashers
    assert (book.received, book.hits, len(book.crashers)) == (2, 2, 2)


def test_a_crasher_that_takes_long_lets_the_search_go_on_in_between(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = found_after(work, Tail(inputs(200), 200))
    turns: list[float] = []
    began = work.clock.now
    needs, count = [b"3", b"50", b"51"], 0
    while not work.job(Confirming).is_done:
        given = worker.ask()
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
        elif isinstance(given, Fuzz):
            if count:
                turns.append(work.clock.now - began)
                count = 0
                work.clock.now += (SHARE - 1) * turns[-1]
                assert isinstance(worker.call.message, Fuzz)
            work.clock.now += 0.1
            began = work.clock.now
            worker.done()
        else:
            assert isinstance(given, list)
            count += 1
            work.clock.now += 0.1
            for _ in given[:-1]:
                worker.clean(0)
            worker.fails() if [data for data in given if data in needs] == needs else worker.clean(0)
            worker.done()
    assert turns
    first, *_, last = told(work)
    assert first == (b"bad", Confirmation(RUNS, 0, before=200)), "it is told before it is known which of them it takes"
    assert last == (b"bad", Confirmation(RUNS, 0, before=3))
    assert max(turns) < TURN + 0.5
    assert kept(work) == tuple(needs)


def test_a_person_does_not_wait_for_the_search_in_between(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    (crasher,) = work.search.crashers.crashers
    work.search.validate(crasher.id)
    for _ in range(RUNS):
        assert renewed(worker) == [b"bad"]
        work.clock.now += 2 * TURN
        worker.fails()
        worker.done()
    assert results(work) == [(b"bad", Confirmation(RUNS, RUNS))]


def test_a_run_that_finishes_has_no_turns(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found(work, worker)
    assert renewed(worker) == [b"bad"]
    work.clock.now += 2 * TURN
    worker.fails()
    worker.done()
    work.board.finish()
    for _ in range(RUNS - 1):
        assert worker.ask(finishing=True) is Renewal.FRESH_PROCESS
        worker.renews()
        assert worker.ask(finishing=True) == [b"bad"]
        work.clock.now += 2 * TURN
        worker.fails()
        worker.done()
    assert results(work) == [(b"bad", Confirmation(RUNS, RUNS))]


# In copies of processes -----------------------------------------------------------------------------------------------


def copying(work: Work) -> ScriptedWorker:
    worker = work.fuzzing(b"seed")
    worker.copies = worker.assignment.copies = True
    return worker


def found_all(worker: ScriptedWorker, crashers: dict[bytes, str]) -> None:
    assert isinstance(worker.ask(), Fuzz)
    for data, name in crashers.items():
        worker.fails(name, data)
    worker.done()


CRASHERS = {b"one": "ValueError", b"two": "TypeError", b"three": "KeyError"}


def confirm_in_copies(work: Work, worker: ScriptedWorker, crashers: dict[bytes, str]) -> dict[bytes, list[int]]:
    """Have each fail as it did; by input the processes that were copied for it."""
    ran: dict[bytes, list[int]] = {data: [] for data in crashers}
    while not work.job(Confirming).is_done:
        given = worker.ask()
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        assert isinstance(given, list)
        (data,) = given
        assert isinstance(worker.call.message, Execute)
        assert worker.call.message.copied
        ran[data].append(worker.processes)
        worker.fails(crashers[data])
        worker.done()
    return ran


def test_many_crashers_are_run_again_together_each_in_copies_of_three_processes(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = copying(work)
    found_all(worker, CRASHERS)
    before = worker.processes
    ran = confirm_in_copies(work, worker, CRASHERS)
    assert ran == {data: [before + 1, before + 2, before + 3] for data in CRASHERS}
    assert results(work) == [(data, Confirmation(RUNS, RUNS)) for data in CRASHERS]


def test_runs_beyond_three_are_in_copies_of_the_third_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", 5)
    work = confirming(tmp_path)
    worker = copying(work)
    found_all(worker, CRASHERS)
    first = worker.processes + 1
    ran = confirm_in_copies(work, worker, CRASHERS)
    assert set(map(tuple, ran.values())) == {(first, first + 1, first + 2, first + 2, first + 2)}


def test_a_copy_is_believed_only_that_an_input_fails_as_before(tmp_path: Path) -> None:
    for outcome in ("clean", "another failure", "a death"):
        work = confirming(tmp_path / outcome.replace(" ", "-"))
        worker = copying(work)
        found_all(worker, {b"one": "ValueError"})
        assert renewed(worker) == [b"one"]
        worker.fails()
        worker.done()
        assert renewed(worker) == [b"one"]
        match outcome:
            case "clean":
                worker.clean(0)
                worker.done()
            case "another failure":
                worker.fails("KeyError")
                worker.done()
            case _:
                worker.dies("SIGSEGV")
        assert [crasher.data for crasher in work.search.crashers.crashers] == [b"one"], "nor is it a crasher"
        for fails in (True, False, True):
            given = worker.ask()
            assert (renew(worker) if given is Renewal.FRESH_PROCESS else given) == [b"one"]
            assert isinstance(worker.call.message, Execute)
            assert not worker.call.message.copied
            worker.fails() if fails else worker.clean(0)
            worker.done()
        assert results(work) == [(b"one", Confirmation(RUNS, 2))], outcome


def test_a_crasher_of_which_copies_tell_something_else_holds_up_no_other(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = copying(work)
    found_all(worker, CRASHERS)
    assert renewed(worker) == [b"one"]
    worker.clean(0)
    worker.done()
    others = {data: name for data, name in CRASHERS.items() if data != b"one"}
    while any(known is None for data, known in results(work) if data in others):
        given = worker.ask()
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        assert isinstance(given, list)
        worker.fails(others[given[0]])
        worker.done()
    assert dict(results(work))[b"one"] is None
    assert work.job(Confirming).left == 1


def test_where_the_first_process_cannot_be_copied_none_is_asked_to_be(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = work.fuzzing(b"seed")
    found_all(worker, CRASHERS)
    ran: list[tuple[bytes, int]] = []
    while not work.job(Confirming).is_done:
        given = worker.ask()
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        assert isinstance(given, list)
        assert isinstance(worker.call.message, Execute)
        assert not worker.call.message.copied
        ran.append((given[0], worker.processes))
        worker.fails(CRASHERS[given[0]])
        worker.done()
    assert [data for data, _ in ran] == [data for data in CRASHERS for _ in range(RUNS)], "one after the other"
    assert len({process for _, process in ran}) == len(ran)
    assert results(work) == [(data, Confirmation(RUNS, RUNS)) for data in CRASHERS]


def test_crashers_that_a_turn_has_no_time_for_wait_for_another_one(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = copying(work)
    found_all(worker, CRASHERS)
    assert renewed(worker) == [b"one"]
    work.clock.now += TURN
    worker.fails()
    worker.done()
    assert worker.ask() is Renewal.FRESH_PROCESS, "the search is due"
    worker.renews()
    assert isinstance(worker.ask(), Fuzz)
    worker.done()
    assert list(work.search.unconfirmed) == ["1-TypeError", "1-KeyError"]
    assert work.job(Confirming).left == 3


def test_the_shortest_tail_is_looked_for_in_copies_and_is_sure_in_processes_of_its_own(tmp_path: Path) -> None:
    work = confirming(tmp_path)
    worker = copying(work)
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("ValueError", b"bad", tail=Tail(inputs(4_000), 4_000))
    worker.done()
    needs, last = list(inputs(4_000)[3_700:3_708]), ""
    while not work.job(Confirming).is_done:
        given = worker.ask()
        if given is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        if isinstance(given, Fuzz):  # the search has its turn
            work.clock.now += 100.0
            worker.done()
            continue
        assert isinstance(given, list)
        assert isinstance(worker.call.message, Execute)
        work.clock.now += 0.005 if worker.call.message.copied else 0.3
        fails = [data for data in given if data in needs] == needs
        last = f"copied: {worker.call.message.copied}" if len(given) == 9 else last
        for _ in given[:-1]:
            worker.clean(0)
        worker.fails() if fails else worker.clean(0)
        worker.done()
    (crasher,) = work.search.crashers.crashers
    assert crasher.before == tuple(needs)
    assert last == "copied: False"
