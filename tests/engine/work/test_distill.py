"""Few inputs that cover all: the generated corpus is made smaller, and what others have found is taken in."""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep import storage
from fuzztui.engine.request import task
from fuzztui.engine.work import plan
from fuzztui.engine.work.distill import Importing, Minimizing
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, contents, names, store

MINIMIZE = task.MinimizeCorpus()

Behaviour = Callable[[ScriptedWorker, bytes], None]


def covering(edges: dict[bytes, tuple[int, ...]]) -> Behaviour:
    """Inputs that run clean and cover these edges, none if they are not named."""
    return lambda worker, data: worker.clean(*edges.get(data, ()))


def failing(*inputs: bytes, edges: dict[bytes, tuple[int, ...]] | None = None) -> Behaviour:
    """As `covering`, but these fail."""

    def act(worker: ScriptedWorker, data: bytes) -> None:
        if data in inputs:
            worker.fails()
        else:
            worker.clean(*(edges or {}).get(data, ()))

    return act


def run(work: Work, behave: Behaviour, *seeds: bytes) -> ScriptedWorker:
    """One worker runs all that there is; then the run ends."""
    worker = work.begin(*seeds).worker()
    while isinstance(inputs := worker.ask(), list):
        behave(worker, inputs[0])
        if worker.assignment.call is not None:
            worker.done()
    work.board.close()
    return worker


def full(monkeypatch: pytest.MonkeyPatch, writer: str) -> None:
    """Nothing can be written any more."""

    def refuse(folder: object, *_: object, **__: object) -> bool:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(f"fuzztui.engine.keep.{writer}.write_once", refuse)
    monkeypatch.setattr("fuzztui.engine.keep.records.replace", refuse)


# Both -----------------------------------------------------------------------------------------------------------------


def test_what_stays_in_any_case_is_run_first_then_the_candidates_the_smallest_first(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.stored, b"stored, long")
    store(work.generated, b"gg", b"g", b"aaa", b"AA")
    worker = run(work, covering({}), b"seed")
    assert worker.executed == [b"", b"seed", b"stored, long", b"g", b"AA", b"gg", b"aaa"]


def test_seeds_that_lie_elsewhere_stay_in_any_case_and_their_failures_are_known(tmp_path: Path) -> None:
    store(tmp_path / "h_seed_corpus", b"elsewhere", b"bad")
    work = Work(tmp_path, MINIMIZE, given=(tmp_path / "h_seed_corpus",))
    store(work.generated, b"g", b"bad too")
    worker = run(work, failing(b"bad", b"bad too", edges={b"elsewhere": (1,), b"g": (1,)}))
    assert worker.executed == [b"", b"bad", b"elsewhere", b"g", b"bad too"]
    assert work.told.crashers == []
    assert names(work.generated) == []


def test_candidates_wait_until_all_that_stays_has_been_run_then_all_workers_judge_them(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE, workers=2)
    store(work.generated, b"1", b"2")
    work.begin()
    first, second = work.worker(0), work.worker(1)
    assert first.ask() == [b""]
    assert second.ask() is None
    first.clean()
    assert first.done(), "the second one is to ask again"
    assert first.ask() == [b"1"]
    assert second.ask() == [b"2"]
    first.clean(1)
    assert not first.done()


def test_handing_out_a_candidate_takes_as_many_steps_however_many_wait(tmp_path: Path) -> None:
    def steps(candidates: int) -> int:
        folder = tmp_path / str(candidates)
        work = Work(folder, MINIMIZE)
        store(work.generated, *(b"%04d" % number for number in range(candidates)))
        worker = work.begin().worker()
        assert worker.ask() == [b""]
        worker.clean()
        worker.done()
        count = 0

        def trace(*_: object) -> object:
            nonlocal count
            count += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)  # type: ignore[arg-type]
        try:
            worker.ask()
        finally:
            sys.settrace(before)
        return count

    assert steps(10) == steps(100) > 0


def test_candidates_that_were_not_run_come_first_again(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"1", b"2")
    work.begin(b"seed")
    worker = work.worker()
    for data in (b"", b"seed", b"1", b"2"):
        assert worker.ask() == [data]
        worker.done()
        assert worker.ask() == [data]
        worker.clean()
        worker.done()
    assert work.is_done()


def test_a_candidate_that_ends_its_process_is_a_failing_one(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"1", b"2")

    def behave(worker: ScriptedWorker, data: bytes) -> None:
        if data == b"1":
            worker.dies()
        else:
            worker.clean(len(data))

    run(work, behave)
    assert [crasher.data for crasher in work.told.crashers] == [b"1"]
    assert contents(work.generated) == [b"2"]


@pytest.mark.parametrize("again", [True, False])
def test_a_suspicious_death_decides_nothing_before_the_candidate_has_run_again(tmp_path: Path, again: bool) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"1")
    deaths = 0

    def behave(worker: ScriptedWorker, data: bytes) -> None:
        nonlocal deaths
        if data == b"1" and (again or not deaths):
            deaths += 1
            worker.dies(suspicion=KILLED)
        else:
            worker.clean(len(data))

    run(work, behave)
    assert len(work.told.crashers) == again
    assert names(work.generated) == ([] if again else ["1"])


def test_a_failure_while_the_worker_is_ended_decides_nothing(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"1")
    worker = work.begin().worker()
    worker.ask()
    worker.clean()
    worker.done()
    assert worker.ask() == [b"1"]
    worker.fails_while_ended()
    worker.fails_by_itself(executing=False)
    assert worker.ask() == [b"1"]
    assert work.told.crashers == []


# Minimizing -----------------------------------------------------------------------------------------------------------


def test_an_entry_stays_if_it_covers_what_nothing_before_it_does(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.stored, b"stored")
    store(work.generated, b"a", b"bb", b"ccc", b"dddd")
    run(
        work,
        covering({b"seed": (1,), b"stored": (2,), b"a": (1, 2), b"bb": (3,), b"ccc": (3, 4), b"dddd": (4,)}),
        b"seed",
    )
    assert names(work.generated) == ["bb", "ccc"]
    (change,) = work.told.changes
    assert (change.kept, change.dropped, change.malformed, change.edges) == (2, 2, (), 4)


def test_nothing_is_removed_before_all_have_been_judged(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"a", b"bb")
    worker = work.begin().worker()
    for _ in range(2):
        worker.ask()
        worker.clean()
        worker.done()
    assert names(work.generated) == ["a", "bb"]
    work.board.close()
    assert names(work.generated) == ["a", "bb"], "the run was interrupted"
    assert work.told.changes == []


def test_entries_that_no_longer_parse_stay_and_are_told(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE, parameters=("int",))
    store(work.generated, b"old form", b"fuzztui v1\n1\n")
    run(work, covering({}))
    assert names(work.generated) == ["old form"]
    (change,) = work.told.changes
    assert [reason.partition(":")[0] for reason in change.malformed] == ["old form"]
    assert (change.kept, change.dropped) == (0, 1)


def test_an_entry_that_cannot_be_read_stays_and_is_told(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    (work.generated / "folder").mkdir(parents=True)
    run(work, covering({}))
    assert work.told.changes[0].malformed == ("folder: a folder, not a regular file",)


def test_an_entry_that_fails_is_stored_as_a_crasher_before_it_goes(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"bad")
    run(work, failing(b"bad"))
    assert contents(work.stored) == [b"bad"]
    assert names(work.generated) == []
    assert [crasher.data for crasher in work.told.crashers] == [b"bad"]


def test_the_only_copy_of_a_failing_entry_stays_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"bad", b"worse")
    full(monkeypatch, "stored")
    run(work, failing(b"bad", b"worse"))
    assert names(work.generated) == ["bad", "worse"]
    assert work.search.crashers.unsaved == 1
    assert "No space left" in work.told.warnings[0]


def test_an_entry_that_fails_as_a_stored_input_does_goes_without_another_crasher(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.stored, b"known")
    store(work.generated, b"alike")
    run(work, failing(b"known", b"alike"))
    assert names(work.generated) == []
    assert work.told.crashers == []
    assert work.told.changes[0].dropped == 1


def test_a_failure_of_the_zero_value_alone_is_stored_nowhere_so_an_entry_that_fails_alike_is_a_crasher(
    tmp_path: Path,
) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"alike")
    run(work, failing(b"", b"alike"))
    assert [crasher.data for crasher in work.told.crashers] == [b"alike"]


def test_a_seed_that_is_no_input_any_more_says_nothing_about_the_candidates(tmp_path: Path) -> None:
    work = Work(tmp_path, MINIMIZE, parameters=("int",))
    store(work.stored, b"old form")
    worker = run(work, covering({}))
    assert worker.executed == [b"fuzztui v1\n0\n"]
    assert contents(work.stored) == [b"old form"]


def test_an_entry_that_cannot_be_removed_is_told_and_the_exit_code_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(tmp_path, MINIMIZE)
    store(work.generated, b"a", b"b")

    def locked(folder: storage.Folder, name: str) -> bool:
        if name == "a":
            raise PermissionError(13, "Permission denied", str(folder / name))
        return storage.remove(folder, name)

    monkeypatch.setattr("fuzztui.engine.work.distill.remove", locked)
    run(work, covering({}))
    assert names(work.generated) == ["a"], "the others are removed all the same"
    assert work.board.unsaved == work.job(Minimizing).unsaved == 1
    assert "a cannot be removed: Permission denied" in work.told.warnings[0]


# Importing ------------------------------------------------------------------------------------------------------------


def importing(folder: Path, *inputs: bytes, parameters: tuple[str, ...] = ("bytes",)) -> Work:
    store(folder / "others", *inputs)
    return Work(folder, task.ImportCorpus(folder / "others"), parameters=parameters)


def test_what_covers_something_new_is_taken_in_at_once(tmp_path: Path) -> None:
    work = importing(tmp_path, b"a", b"bb", b"ccc")
    worker = work.begin().worker()
    edges: dict[bytes, tuple[int, ...]] = {b"a": (1,), b"bb": (1,), b"ccc": (2,)}
    seen = []
    while isinstance(inputs := worker.ask(), list):
        worker.clean(*edges.get(inputs[0], ()))
        worker.done()
        seen.append(list(contents(work.generated)))
    assert seen == [[], [b"a"], [b"a"], [b"a", b"ccc"]]
    work.board.close()
    assert (work.told.changes[0].kept, work.told.changes[0].dropped) == (2, 1)
    assert names(tmp_path / "others") == ["a", "bb", "ccc"], "the folder is somebody else's"


def test_an_archive_is_taken_in_as_a_folder_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as archive:
        archive.writestr("a", b"a")
        archive.writestr("sub/bb", b"bb")
    work = Work(tmp_path, task.ImportCorpus(tmp_path / "corpus.zip"))
    assert plan.longest_input(work.options) == 2
    run(work, covering({b"a": (1,), b"bb": (2,)}))
    assert contents(work.generated) == [b"a", b"bb"]


def test_what_the_own_corpus_covers_is_not_new(tmp_path: Path) -> None:
    work = importing(tmp_path, b"a")
    store(work.generated, b"own entry")
    worker = run(work, covering({b"own entry": (1,), b"a": (1,)}))
    assert worker.executed == [b"", b"own entry", b"a"]
    assert names(work.generated) == ["own entry"]


def test_an_input_that_cannot_be_taken_in_is_named_and_the_exit_code_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = importing(tmp_path, b"a", b"bb")
    full(monkeypatch, "corpus.Drawer")
    run(work, covering({b"a": (1,), b"bb": (1,)}))
    assert work.board.unsaved == work.job(Importing).unsaved == 1
    assert work.told.warnings[0].startswith("a covers something new and was not taken in: ")
    assert "No space left" in work.told.warnings[0]
    assert (work.told.changes[0].kept, work.told.changes[0].dropped) == (0, 1)


def test_an_input_that_fails_is_stored_as_a_crasher(tmp_path: Path) -> None:
    work = importing(tmp_path, b"bad")
    run(work, failing(b"bad"))
    assert contents(work.stored) == [b"bad"]
    assert names(work.generated) == []
    assert names(tmp_path / "others") == ["bad"]


def test_a_failure_of_a_generated_entry_is_stored_nowhere_so_an_input_that_fails_alike_is_a_crasher(
    tmp_path: Path,
) -> None:
    work = importing(tmp_path, b"alike")
    store(work.generated, b"own entry")
    run(work, failing(b"own entry", b"alike"))
    assert [crasher.data for crasher in work.told.crashers] == [b"alike"]


def test_plain_bytes_are_read_as_text_where_that_is_all_the_target_takes(tmp_path: Path) -> None:
    work = importing(tmp_path, "grün".encode(), b"fuzztui v1\n'stored'\n", parameters=("str",))
    store(tmp_path / "others", b"\xff\xfe")
    worker = run(work, lambda worker, data: worker.clean(len(data)))
    assert worker.executed[1:] == [b"fuzztui v1\n'stored'\n", b"fuzztui v1\n'gr\\xfcn'\n"]
    assert work.told.changes[0].malformed == (
        "\\xff\\xfe: neither a stored input nor UTF-8: invalid start byte at byte 0",
    )


def test_plain_bytes_are_no_input_of_another_target(tmp_path: Path) -> None:
    work = importing(tmp_path, b"plain", parameters=("str", "int"))
    run(work, covering({}))
    assert [reason.partition(":")[0] for reason in work.told.changes[0].malformed] == ["plain"]


def test_links_in_the_folder_are_followed(tmp_path: Path) -> None:
    work = importing(tmp_path)
    store(tmp_path, b"elsewhere")
    (tmp_path / "others" / "link").symlink_to(tmp_path / "elsewhere")
    run(work, covering({b"elsewhere": (1,)}))
    assert contents(work.generated) == [b"elsewhere"]
