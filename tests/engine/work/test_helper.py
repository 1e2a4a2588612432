"""What helps a search is done in a process beside its workers, which go on searching meanwhile."""

from pathlib import Path

import pytest

from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.confirmation import RUNS
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.engine.work.rest import SHARE_BESIDE, rest_beside
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import ScriptedWorker, Work, failure


def helped(folder: Path) -> tuple[Work, ScriptedWorker]:
    """A search whose worker has found a crasher."""
    work = Work(folder, confirms=True, is_helped=True, minimize_time=60.0)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails(data=b"bad")
    worker.done()
    return work, worker


def confirm(work: Work, helper: ScriptedWorker) -> None:
    """The helper runs the crasher again as often as it is to."""
    while work.search.crashers.crashers[0].confirmation is None:
        if not helper.is_busy() and helper.ask() is Renewal.FRESH_PROCESS:
            helper.renews()
            continue
        assert [item.data for item in helper.call.items] == [b"bad"]
        helper.fails()
        helper.done()


def test_the_workers_go_on_searching_while_the_helper_confirms(tmp_path: Path) -> None:
    work, worker = helped(tmp_path)
    helper = work.helper()
    assert work.board.wants_helper(helper.id)
    assert work.board.wants_instrumented(worker.id)
    assert isinstance(worker.ask(), Fuzz)
    assert helper.ask() == [b"bad"]
    helper.fails()
    helper.done()
    worker.done()
    assert isinstance(worker.ask(), Fuzz)
    confirm(work, helper)
    (crasher,) = work.search.crashers.crashers
    assert crasher.confirmation is not None
    assert crasher.confirmation.failures >= RUNS


def test_it_is_known_for_which_crashers_the_helper_is_at_work(tmp_path: Path) -> None:
    work, worker = helped(tmp_path)
    worker.ask()
    worker.fails("Another", data=b"worse")
    helper = work.helper()
    helper.copies = helper.assignment.copies = True
    confirming, minimizing = work.job(Confirming), work.job(MinimizingCrashers)
    one, other = (crasher.id for crasher in work.search.crashers.crashers)
    assert list(confirming.crashers_of(helper.id)) == list(minimizing.crashers_of(helper.id)) == []
    assert helper.ask() == [b"bad"]
    assert list(confirming.crashers_of(helper.id)) == [one, other]
    assert list(confirming.crashers_of(worker.id)) == []
    helper.fails()
    helper.done()
    assert helper.ask() == [b"worse"]
    assert list(confirming.crashers_of(helper.id)) == [other, one]


def test_what_a_person_has_asked_for_comes_before_what_was_begun(tmp_path: Path) -> None:
    work, worker = helped(tmp_path)
    worker.ask()
    worker.fails("Another", data=b"worse")
    helper = work.helper()
    assert helper.ask() == [b"bad"]
    helper.fails()
    helper.done()
    minimizing, other = work.job(MinimizingCrashers), work.search.crashers.crashers[1]
    minimizing.wish(other.id)
    while minimizing.is_wished:
        if helper.ask() is Renewal.FRESH_PROCESS:
            helper.renews()
            continue
        assert list(minimizing.crashers_of(helper.id)) == [other.id]
        helper.fails("Another") if helper.call.items[0].data == b"worse" else helper.clean()
        helper.done()
    confirm(work, helper)
    assert work.search.crashers.crashers[0].confirmation is not None


def test_it_is_known_which_crasher_the_helper_makes_smaller(tmp_path: Path) -> None:
    work, _ = helped(tmp_path)
    helper = work.helper()
    confirm(work, helper)
    work.clock.now += 1.0
    if helper.ask() is Renewal.FRESH_PROCESS:
        helper.renews()
        helper.ask()
    assert list(work.job(MinimizingCrashers).crashers_of(helper.id)) == [work.search.crashers.crashers[0].id]


def test_the_helper_makes_inputs_smaller_and_does_nothing_else(tmp_path: Path) -> None:
    work, worker = helped(tmp_path)
    helper = work.helper()
    confirm(work, helper)
    work.clock.now += 1.0
    while not work.job(MinimizingCrashers).is_done:
        assert isinstance(worker.ask(), Fuzz)
        worker.done()
        given = helper.ask()
        if given is Renewal.FRESH_PROCESS:
            helper.renews()
            given = helper.ask()
        assert isinstance(given, list)
        helper.clean()
        helper.done()
    assert helper.ask() is None
    assert not work.board.wants_helper(helper.id)


def test_when_the_run_finishes_a_worker_does_what_the_helper_has_left(tmp_path: Path) -> None:
    work, worker = helped(tmp_path)
    helper = work.helper()
    assert helper.ask() == [b"bad"]
    helper.ends()
    work.board.leave(helper.id)
    work.board.finish()
    assert work.can_finish()
    assert not work.board.wants_instrumented(worker.id, finishing=True)
    assert worker.ask(finishing=True) is Renewal.FRESH_PROCESS


def test_what_the_helper_meets_was_found_by_whoever_found_the_crasher(tmp_path: Path) -> None:
    work, _ = helped(tmp_path)
    helper = work.helper()
    assert helper.ask() == [b"bad"]
    helper.fails("TypeError")
    assert [crasher.worker for crasher in work.search.crashers.crashers] == [0, 0]
    assert work.search.crashers.get(failure("TypeError").id).hits == 1
    assert not work.job(Confirming).is_done


@pytest.mark.parametrize(("workers", "cores", "expected"), [(1, 2, 0.0), (1, 1, 23.0), (2, 2, 10.5), (8, 2, 10.5)])
def test_a_helper_rests_where_the_workers_need_all_processors(workers: int, cores: int, expected: float) -> None:
    assert SHARE_BESIDE == 25
    assert rest_beside(2.0, 1.0, workers, others_wait=False, cores=cores) == expected


def test_a_helper_rests_less_where_a_busy_machine_has_given_it_less() -> None:
    assert rest_beside(2.0, 0.1, 2, others_wait=False, cores=2) == 0.0
    assert rest_beside(2.0, 0.2, 2, others_wait=False, cores=2) == 0.5


@pytest.mark.parametrize("workers", [1, 2, 8, 64])
def test_what_else_waits_for_the_helper_has_it_as_long(workers: int) -> None:
    for cores in (1, 128):
        assert rest_beside(2.0, 0.0, workers, others_wait=True, cores=cores) == 2.0
        assert rest_beside(2.0, 2.0, workers, others_wait=True, cores=cores) >= 2.0


def test_a_helper_is_wanted_for_what_still_fails_after_a_reload(tmp_path: Path) -> None:
    work, worker = helped(tmp_path)
    work.reload(worker)
    helper = work.helper()
    assert not work.board.wants_helper(helper.id), "nobody knows yet whether it still fails"
    while work.fate() is None:
        assert worker.ask() == [b"bad"]
        worker.fails(data=b"bad")
        worker.done()
    assert work.board.wants_helper(helper.id)
    confirm(work, helper)
