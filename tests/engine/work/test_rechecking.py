"""When other code has been loaded every crasher is run again on it, and it is said what has become of each."""

from pathlib import Path

import pytest

from fuzztui.engine.show.crasher import CLEAN_RUNS, MOST_CLEAN_RUNS, Confirmation, clean_runs_wanted
from fuzztui.engine.show.failure import Tail
from fuzztui.engine.show.reload import Fate, ReloadCounts
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.engine.work.rechecking import MOST_TRIES, Rechecking
from fuzztui.engine.work.suspects import TRIES
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, contents, failure, store


def crashing(folder: Path, *names: str) -> tuple[Work, ScriptedWorker]:
    """A run that has found these crashers, by inputs of the same names."""
    work = Work(folder)
    worker = work.fuzzing(b"seed")
    for name in names:
        assert isinstance(worker.ask(), Fuzz)
        worker.fails(name, name.encode())
        worker.done()
    return work, worker


def answered(worker: ScriptedWorker, data: bytes, *names: str) -> None:
    """The worker is given this input once for each name, and fails by it, or runs clean where that is empty."""
    for name in names:
        assert worker.ask() == [data]
        if name:
            worker.fails(name)
        else:
            worker.clean()
        worker.done()


CLEAN = ("",) * CLEAN_RUNS


def test_nothing_is_run_again_before_code_is_loaded_anew(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    assert isinstance(worker.ask(), Fuzz)
    assert work.job(Rechecking).is_done
    assert work.fate("A") is None


def test_each_crasher_is_run_again_then_the_corpus(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A", "B", "C")
    worker.ask()
    worker.finds(b"entry", 7)
    worker.done()
    work.reload(worker)
    assert work.phase() is Phase.BASELINE
    answered(worker, b"A", "A")
    answered(worker, b"B", *CLEAN)
    answered(worker, b"C", "other")
    assert worker.ask() == [b"seed"]
    worker.clean(1)
    worker.done()
    assert worker.ask() == [b"entry"]
    worker.clean(2)
    worker.done()
    assert work.phase() is Phase.FUZZING
    assert [work.fate(name) for name in "ABC"] == [Fate.FAILS, Fate.FIXED, Fate.DIFFERS]
    assert work.job(Rechecking).counts() == ReloadCounts(fixed=1, fail=1, differ=1)
    assert work.job(Rechecking).counts().words == "1 fixed, 1 still fails, 1 fails differently"


def test_what_was_covered_before_is_not_what_is_covered_now(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path)
    assert len(work.search.coverage) == 1
    work.reload(worker)
    assert len(work.search.coverage) == 0
    worker.ask()
    worker.clean(3, 4)
    worker.done()
    assert len(work.search.coverage) == 2
    assert isinstance(worker.ask(), Fuzz)
    assert worker.call.message.trace, "the new code's comparisons are not known"  # type: ignore[union-attr]


def test_another_way_to_fail_is_a_crasher_of_its_own_and_none_that_is_new(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    answered(worker, b"A", "other")
    assert [crasher.id for crasher in work.told.crashers] == [failure("A").id, failure("other").id]
    recheck = work.search.crashers.get(failure("A").id).recheck
    assert recheck is not None
    assert recheck.sentence == "fails differently: other in parse"
    assert work.job(Rechecking).counts() == ReloadCounts(differ=1)
    book = work.search.crashers
    assert book.received == book.stored + book.duplicates + book.unsaved == 2


def test_what_the_corpus_shows_first_on_the_new_code_is_new(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    answered(worker, b"A", "A")
    assert worker.ask() == [b"seed"]
    worker.fails("broken")
    worker.done()
    assert work.job(Rechecking).counts() == ReloadCounts(fail=1, new=1)


def test_runs_that_only_tell_what_has_become_of_it_are_no_hits(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    book = work.search.crashers
    before = (book.received, book.stored, book.duplicates, book.hits)
    work.reload(worker)
    answered(worker, b"A", "A")
    assert (book.received, book.stored, book.duplicates, book.hits) == before


def test_a_crasher_that_is_met_again_after_it_was_fixed_is_fixed_no_more(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    answered(worker, b"A", *CLEAN)
    assert work.search.crashers.get(failure("A").id).is_fixed
    worker.ask()
    worker.clean(0)
    worker.done()
    worker.ask()
    worker.fails("A", b"another input")
    worker.done()
    assert work.fate("A") is Fate.FAILS_AGAIN


def test_a_second_reload_tells_what_had_been_fixed_from_what_is_fixed_now(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A", "B", "C")
    work.reload(worker)
    answered(worker, b"A", *CLEAN)
    answered(worker, b"B", *CLEAN)
    answered(worker, b"C", "C")
    work.reload(worker)
    assert [work.fate(name) for name in "ABC"] == [None, None, None]
    answered(worker, b"A", *CLEAN)
    answered(worker, b"B", "B")
    answered(worker, b"C", *CLEAN)
    assert [work.fate(name) for name in "ABC"] == [Fate.STAYED_FIXED, Fate.FAILS_AGAIN, Fate.FIXED]
    assert work.job(Rechecking).counts().words == "1 fixed, 1 fails again, 1 fixed before"


def test_a_reload_in_the_middle_of_another_begins_with_all_crashers(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A", "B")
    work.reload(worker)
    answered(worker, b"A", "")
    assert worker.ask() == [b"A"]
    work.reload(worker)
    answered(worker, b"A", *CLEAN)
    answered(worker, b"B", "B")
    assert work.job(Rechecking).counts() == ReloadCounts(fixed=1, fail=1)


# How often --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (None, CLEAN_RUNS),
        (Confirmation(10, 10), CLEAN_RUNS),
        (Confirmation(3, 0), CLEAN_RUNS),
        (Confirmation(10, 5), 5),
        (Confirmation(10, 2), 14),
        (Confirmation(10, 9), CLEAN_RUNS),
        (Confirmation(100, 1), MOST_CLEAN_RUNS),
    ],
)
def test_what_fails_now_and_then_has_to_run_clean_more_often(known: Confirmation | None, wanted: int) -> None:
    assert clean_runs_wanted(known) == wanted


def confirmed(work: Work, name: str, confirmation: Confirmation, before: tuple[bytes, ...] = ()) -> None:
    work.search.confirm(failure(name).id, confirmation, before)


def test_a_crasher_that_never_failed_by_itself_is_not_fixed_by_running_clean(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    confirmed(work, "A", Confirmation(10, 0))
    work.reload(worker)
    answered(worker, b"A", *CLEAN)
    assert work.fate("A") is Fate.UNKNOWN
    assert work.job(Rechecking).counts().words == "1 cannot be told"


def test_what_has_to_run_before_it_is_run_before_it_in_a_process_of_its_own(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A", "B")
    confirmed(work, "A", Confirmation(10, 0, before=1), (b"before",))
    work.reload(worker)
    for number in range(CLEAN_RUNS):
        if number:
            assert worker.ask() is Renewal.FRESH_PROCESS
            worker.renews()
        assert worker.ask() == [b"before", b"A"]
        worker.clean()
        worker.clean()
        worker.done()
    assert work.fate("A") is Fate.FIXED
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    answered(worker, b"B", "B")


def test_an_input_before_it_that_ends_its_process_each_time_comes_to_an_end(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    confirmed(work, "A", Confirmation(10, 0, before=1), (b"before",))
    work.reload(worker)
    for _ in range(MOST_TRIES):
        assert worker.ask() == [b"before", b"A"]
        worker.dies("exit status 9")
    assert worker.ask() == [b"seed"]
    assert work.fate("A") is Fate.UNKNOWN
    assert [crasher.id for crasher in work.told.crashers] == [failure("A").id, failure("exit status 9").id]


# Deaths, and the end ------------------------------------------------------------------------------------------------


def test_an_input_that_ends_its_process_still_fails(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path)
    worker.ask()
    worker.dies("exit status 3", data=b"A")
    work.reload(worker)
    assert worker.ask() == [b"A"]
    worker.dies("exit status 3")
    assert work.fate("exit status 3") is Fate.FAILS
    assert worker.ask() == [b"seed"]


def test_what_was_not_run_since_the_process_ended_is_run_by_the_next(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    assert worker.ask() == [b"A"]
    worker.fails_by_itself(executing=False)
    answered(worker, b"A", "A")
    assert work.fate("A") is Fate.FAILS


def test_a_kill_from_outside_proves_nothing(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    assert worker.ask() == [b"A"]
    worker.dies("SIGKILL", suspicion=KILLED)
    for _ in range(TRIES):
        assert worker.ask() == [b"A"]
        worker.clean()
        worker.done()
    assert work.fate("A") is None, "these runs count once"
    while work.fate("A") is None:
        call = worker.ask()
        if call is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        assert call == [b"A"]
        worker.clean()
        worker.done()
    assert work.fate("A") is Fate.FIXED
    assert work.job(Rechecking).is_done


def test_hangs_come_last_and_one_at_a_time(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    for data in (b"hang 1", b"hang 2"):
        first.ask()
        first.hangs(data.decode(), data)
    first.ask()
    first.fails("A", b"A")
    first.done()
    second = work.worker(1)
    work.reload(first, second)
    assert first.ask() == [b"A"]
    first.fails("A")
    first.done()
    assert first.ask() == [b"hang 1"]
    assert second.ask() == [b"seed"], "the others go on"
    second.clean(0)
    second.done()
    assert isinstance(second.ask(), Fuzz)
    first.hangs("hang 1")
    assert first.ask() == [b"hang 2"]


def test_a_worker_that_does_not_come_back_leaves_its_crasher_to_others(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    first.ask()
    first.fails("A", b"A")
    first.done()
    second = work.worker(1)
    work.reload(first, second)
    assert first.ask() == [b"A"]
    first.fails_by_itself(executing=False)
    first.leaves()
    assert second.ask() == [b"A"]


def test_the_end_waits_for_crashers_that_are_not_run_again_yet(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    assert work.can_finish()
    assert worker.ask(finishing=True) == [b"A"]
    worker.fails("A")
    worker.done()
    assert not work.can_finish()


def test_executions_are_the_runs(tmp_path: Path) -> None:
    work = Work(tmp_path, executions=3)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.fails("A", b"A")
    worker.done()
    work.reload(worker)
    assert worker.ask() == [b"A"]
    worker.clean()
    worker.done()
    assert work.is_spent()


# What the other jobs make of it -----------------------------------------------------------------------------------


def test_all_of_the_corpus_is_the_baseline_again_with_what_is_declared_now(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path)
    worker.ask()
    worker.finds(b"found", 9)
    work.reload(worker, seeds=[b"seed", b"another"])
    baseline = work.job(Baseline)
    assert (baseline.done, baseline.total) == (0, 3)
    assert not baseline.unfinished, "it had been over before"
    given = []
    while not baseline.is_done:
        call = worker.ask()
        assert isinstance(call, list)
        given += call
        for _ in call:
            worker.clean(1)
        worker.done()
    assert sorted(given) == [b"another", b"found", b"seed"]
    assert work.search.seeds == (b"seed", b"another")


def test_a_suspect_of_the_old_baseline_is_not_counted_in_the_new_one(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"seed")
    worker = work.worker()
    worker.ask()
    worker.dies("SIGKILL", suspicion=KILLED)
    work.reload(worker)
    assert worker.ask() == [b"seed"]
    worker.clean(1)
    worker.done()
    assert (work.job(Baseline).done, work.job(Baseline).total) == (1, 1)
    assert isinstance(worker.ask(), Fuzz)


def test_a_suspect_that_was_made_is_run_on_the_new_code(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path)
    worker.ask()
    worker.fails_while_ended(b"made")
    work.reload(worker)
    assert worker.ask() == [b"made"]
    worker.fails("A")
    worker.done()
    assert [crasher.data for crasher in work.told.crashers] == [b"made"]


def test_what_is_confirmed_is_confirmed_on_one_version_of_the_code(tmp_path: Path) -> None:
    work = Work(tmp_path, confirms=True)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("A", b"A", tail=Tail((b"earlier",), 1))
    worker.done()
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [b"A"]
    worker.fails("A")
    work.reload(worker)
    answered(worker, b"A", "A")
    runs = 0
    while not (known := work.search.crashers.get(failure("A").id).confirmation):
        call = worker.ask()
        if call == [b"A"]:
            runs += 1
            worker.fails("A")
            worker.done()
        else:
            worker.renews()
    assert known == Confirmation(runs, runs)


def test_what_is_fixed_is_neither_confirmed_nor_made_smaller(tmp_path: Path) -> None:
    work = Work(tmp_path, confirms=True, minimize_time=10.0)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("A", b"AAAA")
    worker.done()
    minimizing = work.job(MinimizingCrashers)
    minimizing.wish(failure("A").id)
    work.reload(worker)
    answered(worker, b"AAAA", *CLEAN)
    worker.ask()
    worker.clean(0)
    worker.done()
    assert isinstance(worker.ask(), Fuzz)
    assert minimizing.is_done
    assert work.job(Confirming).is_done


def test_a_search_for_the_smallest_goes_on_where_it_still_fails(tmp_path: Path) -> None:
    work = Work(tmp_path, minimize_time=10.0)
    worker = work.fuzzing(b"seed")
    assert isinstance(worker.ask(), Fuzz)
    worker.fails("A", b"AAAA")
    worker.done()
    minimizing = work.job(MinimizingCrashers)
    minimizing.wish(failure("A").id)
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [b"AAAA"]
    work.reload(worker)
    assert work.search.crashers.get(failure("A").id).minimized is None
    answered(worker, b"AAAA", "A")
    worker.ask()
    worker.clean(0)
    worker.done()
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [b"AAAA"]


def test_stored_crashers_that_fail_are_found_in_both_ways(tmp_path: Path) -> None:
    store(tmp_path / "testdata" / "corpus" / "fuzz_it", b"stored")
    work = Work(tmp_path).begin()
    worker = work.worker()
    worker.ask()
    worker.fails("A")
    worker.done()
    work.reload(worker)
    answered(worker, b"stored", *CLEAN)
    assert work.fate("A") is Fate.FIXED
    assert worker.ask() == [b"stored"]
    worker.clean(1)
    worker.done()
    assert work.job(Rechecking).counts() == ReloadCounts(fixed=1)
    assert contents(work.stored) == [b"stored"]


def test_what_fails_alike_by_another_way_is_the_same_crasher_on_the_new_code(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    assert worker.ask() == [b"A"]
    worker.fails("B", like="A")
    worker.done()
    assert work.fate("A") is Fate.FAILS
    assert worker.ask() == [b"seed"]
    worker.fails("B", like="A")
    worker.done()
    (crasher,) = work.search.crashers.crashers
    assert crasher.hits == 2
    assert work.job(Rechecking).counts() == ReloadCounts(fail=1)


def test_an_input_whose_bug_was_fixed_shows_a_new_one(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    answered(worker, b"A", *CLEAN)
    work.reload(worker)
    answered(worker, b"A", "B")
    assert (work.fate("A"), work.fate("B")) == (Fate.STAYED_FIXED, None)
    assert work.job(Rechecking).counts() == ReloadCounts(stayed_fixed=1, new=1)


def test_the_same_exception_in_the_same_function_still_fails_though_its_line_was_edited(tmp_path: Path) -> None:
    work, worker = crashing(tmp_path, "A")
    work.reload(worker)
    assert worker.ask() == [b"A"]
    worker.fails("other", title="A")
    worker.done()
    assert work.fate("A") is Fate.FAILS
    assert len(work.search.crashers.crashers) == 1
