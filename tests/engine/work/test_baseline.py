"""Every input that a run starts from is run once, and becomes an entry or a failing seed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep.corpus import MalformedCorpus
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING
from fuzztui.engine.work import baseline
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.call import Clean, Death, Failed, Item
from fuzztui.engine.work.suspects import TRIES
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, Work, failure, names, store


def test_seeds_stored_inputs_and_the_generated_corpus_run_once_each_in_this_order(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.generated, b"g1", b"g2")
    store(work.stored, b"s1")
    worker = work.begin(b"declared").worker()
    while work.phase() is Phase.BASELINE:
        inputs = worker.ask()
        assert isinstance(inputs, list)
        for _ in inputs:
            worker.clean(worker.counter)
        worker.done()
    assert worker.executed == [b"declared", b"s1", b"g1", b"g2"]
    assert work.job(Baseline).done == work.job(Baseline).total == 4
    assert isinstance(worker.ask(), Fuzz)


def test_without_seeds_the_zero_value_is_run(tmp_path: Path) -> None:
    assert Work(tmp_path).begin().worker().ask() == [b""]


def test_a_call_holds_so_few_inputs_that_all_workers_end_at_about_the_same_time(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(*(b"%d" % number for number in range(40)))
    sizes = []
    while isinstance(inputs := work.worker().ask(), list):
        sizes.append(len(inputs))
    assert sizes[:3] == [10, 7, 5], "each a half of one worker's share of what is left"
    assert sizes[-1] == 1
    assert sum(sizes) == 40


def test_a_call_holds_no_more_inputs_than_a_death_may_give_back(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(*(b"%d" % number for number in range(1000)))
    inputs = work.worker().ask()
    assert isinstance(inputs, list)
    assert len(inputs) == baseline.BATCH


def test_a_call_that_holds_many_bytes_takes_no_further_input_but_any_input_fits_into_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "BATCH_BYTES", 10)
    work = Work(tmp_path).begin(b"a" * 50, b"b" * 6, b"c" * 6, b"d" * 6, *(b"%d" % number for number in range(60)))
    assert work.worker().ask() == [b"a" * 50]
    assert work.worker().ask() == [b"b" * 6, b"c" * 6]


def test_a_clean_input_is_fuzzed_and_a_failing_one_is_not(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.begin(b"good", b"bad").worker()
    worker.ask()
    worker.clean(1)
    worker.done()
    worker.ask()
    worker.fails()
    worker.done()
    entries = set()
    for _ in range(5):
        call = worker.ask()
        assert isinstance(call, Fuzz)
        entries.add(call.entry)
        worker.done()
    assert entries == {b"good"}


def test_a_failing_seed_is_told_by_name_and_was_not_found_by_this_run(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.stored, b"stored")
    worker = work.begin(b"declared").worker()
    for name in ("ValueError", "KeyError"):
        worker.ask()
        worker.fails(name)
        worker.done()
    assert [crasher.seed_name for crasher in work.told.crashers] == ["seed 1", "stored"]
    assert [crasher.path for crasher in work.told.crashers] == [None, work.stored / "stored"]
    assert work.search.crashers.received == 0
    assert work.search.crashers.hits == work.search.hits[0] == 2


def test_an_entry_of_the_generated_corpus_that_fails_is_a_crasher_that_was_found(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.generated, b"old")
    worker = work.begin(b"seed").worker()
    worker.ask()
    worker.clean(1)
    worker.done()
    assert worker.ask() == [b"old"]
    worker.fails()
    (crasher,) = work.told.crashers
    assert crasher.seed_name is None
    assert names(work.stored) == [crasher.sha256]
    assert work.search.crashers.received == 1


def test_an_input_that_nobody_has_written_is_stored_in_its_canonical_form(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.generated, b"old")
    worker = work.begin(b"seed").worker()
    for name in ("ValueError", "KeyError"):
        worker.ask()
        worker.fails(name, canonical=b"drawn")
        worker.done()
    assert [crasher.data for crasher in work.told.crashers] == [b"seed", b"drawn"]
    assert [path.read_bytes() for path in work.stored.iterdir() if path.name[0] != "."] == [b"drawn"]


def test_a_seed_that_ends_the_process_is_a_failing_seed_and_the_others_run_once(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.begin(*(b"%d" % number for number in range(8))).worker()
    assert worker.ask() == [b"0", b"1", b"2", b"3"]
    worker.clean(1)
    worker.dies()
    assert [(crasher.data, crasher.seed_name) for crasher in work.told.crashers] == [(b"1", "seed 2")]
    assert work.job(Baseline).done == 2
    while isinstance(inputs := worker.ask(), list):
        for _ in inputs:
            worker.clean(1)
        worker.done()
    assert worker.executed == [b"%d" % number for number in range(8)]
    assert worker.all_executions == 8


def test_the_baseline_waits_for_a_suspect_and_fuzzing_waits_for_the_baseline(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(b"suspect", b"other")
    first, second = work.worker(0), work.worker(1)
    assert first.ask() == [b"suspect"]
    first.dies(suspicion=KILLED)
    assert second.ask() == [b"other"]
    second.clean(1)
    second.done()
    assert second.ask() is None, "the baseline is not over"
    assert work.phase() is Phase.BASELINE
    for _ in range(3):
        assert first.ask() == [b"suspect"]
        first.clean(2)
        first.done()
    assert work.phase() is Phase.FUZZING
    assert isinstance(second.ask(), Fuzz)
    assert work.told.crashers == []


def test_a_seed_that_ends_the_process_each_time_is_a_failing_seed(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.begin(b"seed").worker()
    worker.ask()
    worker.dies(suspicion=KILLED)
    for _ in range(TRIES):
        assert worker.ask() == [b"seed"]
        worker.dies("SIGKILL again when run again", suspicion=KILLED)
    (crasher,) = work.told.crashers
    assert crasher.seed_name == "seed 1"
    assert crasher.failure.type == "SIGKILL again when run again"
    assert work.job(Baseline).is_done


def test_a_failure_while_the_worker_is_ended_is_run_again_by_another(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(b"seed")
    first, second = work.worker(0), work.worker(1)
    first.ask()
    first.fails_while_ended()
    first.fails_by_itself(executing=False)
    first.leaves()
    for _ in range(3):
        assert second.ask() == [b"seed"], "the run goes on, so the baseline must come to its end"
        second.clean(1)
        second.done()
    assert work.told.crashers == []
    assert isinstance(second.ask(), Fuzz)


def test_an_input_that_nobody_has_run_again_is_kept_for_the_next_run(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.begin(b"seed").worker()
    worker.ask()
    worker.dies(suspicion=KILLED)
    worker.leaves()
    work.board.close()
    assert [path.read_bytes() for path in work.generated.iterdir()] == [b"seed"]
    (warning,) = work.told.warnings
    assert warning.startswith(f"an input was not run again ({KILLED}); it is kept")


def test_what_is_skipped_is_told(tmp_path: Path) -> None:
    work = Work(tmp_path, parameters=("int",))
    store(work.generated, b"junk")
    (work.stored / "folder").mkdir(parents=True)
    work.begin()
    skipped, irregular = work.told.warnings
    assert skipped == "1 malformed or unreadable file in the generated corpus skipped"
    assert "folder: a folder, not a regular file" in irregular


def test_stored_inputs_that_are_none_refuse_the_run(tmp_path: Path) -> None:
    work = Work(tmp_path, parameters=("int",))
    store(work.stored, b"junk")
    with pytest.raises(MalformedCorpus, match="junk"):
        work.begin()


TWICE: dict[str, Callable[[Baseline, Item], None]] = {
    "clean": lambda job, item: job.take(1, item, Clean({}, 0)),
    "failing": lambda job, item: job.take(1, item, Failed(failure())),
    "dead": lambda job, item: job.died(1, item, Death(item.data, failure(), NOTHING)),
    "undecided": lambda job, item: job.undecided(1, item, failure(), NOTHING),
    "given back": lambda job, item: job.give_back(1, [item]),
}


@pytest.mark.parametrize("later", TWICE)
@pytest.mark.parametrize("first", [each for each in TWICE if each != "given back"])
def test_an_input_that_is_told_of_twice_counts_once(tmp_path: Path, first: str, later: str) -> None:
    work = Work(tmp_path).begin(b"a", b"b", b"c", b"d")
    job = work.job(Baseline)
    batch = job.next(0, 1)
    assert batch is not None
    items = batch.items + [item for _ in range(3) if (more := job.next(0, 1)) is not None for item in more.items]
    assert len(items) == job.total == 4
    TWICE[first](job, items[0])
    TWICE[later](job, items[0])
    assert job.done == 1
    assert job.next(0, 1) is None
    for item in items[1:]:
        assert not job.is_done
        job.take(0, item, Clean({}, 0))
    assert job.is_done
    assert job.done == job.total


def test_what_ran_other_code_before_counts_for_nothing(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"a", b"b")
    job = work.job(Baseline)
    old = job.next(0, 1)
    assert old is not None
    job.reload()
    for later in TWICE.values():
        later(job, old.items[0])
    assert (job.done, job.total) == (0, 2)
    new = [item for _ in range(3) if (batch := job.next(0, 1)) is not None for item in batch.items]
    assert [item.data for item in new] == [b"a", b"b"]


def test_seed_that_nobody_could_judge_is_no_seed_that_was_not_run(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.generated, b"g")
    job = work.begin(b"a").job(Baseline)
    batch = job.next(0, 1)
    assert batch is not None
    job.undecided(0, batch.items[0], failure(), NOTHING)
    assert job.unfinished == "all 1 seeds and stored inputs and 0 of 1 inputs of the generated corpus were run"
