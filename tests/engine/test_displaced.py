"""A crasher that found no place beside its target is one of the next run's inputs, and moves there when it can."""

from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep import corpus as corpus_module
from fuzztui.engine.keep.corpus import Corpus, Origin, displaced_files, longest_displaced
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import MinimizeCorpus, RegressionTest
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputVerdict
from fuzztui.target.values import encode
from tests.engine.work.scripted import Work, names, store
from tests.support import make_project

FAILING = """
    def fuzz_it(data: bytes) -> None:
        if data[:3] == b"bad":
            raise ValueError(data)
    """


def displace(records: Path, *inputs: bytes) -> list[Path]:
    """Crashers in the cache, with the records of some."""
    records.mkdir(parents=True, exist_ok=True)
    paths = [records / sha256(data).hexdigest() for data in inputs]
    for path, data in zip(paths, inputs, strict=True):
        path.write_bytes(data)
    (records / "1-0123456789abcdef.json").write_text("{}" * 10_000)
    return paths


def corpus_of(stored: Path, records: Folder | Path) -> Corpus:
    return Corpus(stored, stored.parent / "generated", displaced=(records, stored))


def refuse(*_: object, **__: object) -> bool:
    raise OSError(30, "Read-only file system")


def test_only_what_is_named_as_an_input_is_one(tmp_path: Path) -> None:
    (path,) = displace(tmp_path, b"bad")
    store(tmp_path, b"notes", b"a" * 63, b"g" * 64, b"A" * 64)
    (tmp_path / ("b" * 64)).mkdir()
    assert displaced_files(tmp_path) == [(path, b"bad")]
    assert longest_displaced(tmp_path) == 3
    assert displaced_files(tmp_path / "missing") == []
    assert longest_displaced(tmp_path / "missing") == 0


def test_a_cache_that_cannot_be_used_holds_none(tmp_path: Path) -> None:
    displace(tmp_path / "elsewhere", b"bad")
    (tmp_path / "crashes").symlink_to(tmp_path / "elsewhere")
    linked = Folder(tmp_path, ("crashes",))
    assert (displaced_files(linked), longest_displaced(linked)) == ([], 0)
    corpus = corpus_of(tmp_path / "stored", linked)
    corpus.load(("bytes",), [], b"", 100)
    assert [entry.origin for entry in corpus.entries] == [Origin.ZERO]


def test_a_displaced_crasher_is_moved_beside_its_target(tmp_path: Path) -> None:
    stored, records = tmp_path / "stored", tmp_path / "records"
    (path,) = displace(records, b"bad")
    corpus = corpus_of(stored, records)
    corpus.load(("bytes",), [], b"", 100)
    (entry,) = corpus.entries
    assert (entry.data, entry.origin, entry.path) == (b"bad", Origin.STORED, stored / path.name)
    assert (names(stored), names(records), corpus.moved) == ([path.name], ["1-0123456789abcdef.json"], 1)


def test_one_that_cannot_be_moved_is_an_input_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = displace(tmp_path / "records", b"bad")
    monkeypatch.setattr(corpus_module, "write_once", refuse)
    corpus = corpus_of(tmp_path / "stored", tmp_path / "records")
    corpus.load(("bytes",), [], b"", 100)
    assert [(entry.data, entry.path) for entry in corpus.entries] == [(b"bad", path)]
    assert (path.exists(), corpus.moved) == (True, 0)


def test_one_that_lies_in_both_places_is_one_entry_and_stays_in_one(tmp_path: Path) -> None:
    (path,) = displace(tmp_path / "records", b"bad")
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / path.name).write_bytes(b"bad")
    corpus = corpus_of(tmp_path / "stored", tmp_path / "records")
    corpus.load(("bytes",), [], b"", 100)
    assert [entry.path for entry in corpus.entries] == [tmp_path / "stored" / path.name]
    assert not path.exists()


def test_what_is_no_input_of_the_target_any_more_is_counted_and_stays(tmp_path: Path) -> None:
    (path,) = displace(tmp_path / "records", b"bad")
    corpus = corpus_of(tmp_path / "stored", tmp_path / "records")
    corpus.load(("int",), [], encode((0,)), 100)
    assert (corpus.skipped, path.exists(), len(corpus)) == (1, True, 1)


def test_a_crasher_of_a_project_that_was_read_only_fails_in_the_next_run_and_in_its_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path, FAILING)
    (tmp_path / "testdata").write_text("in the way")
    project.options["limit"] = Limit(executions=2000)
    target = project.options_for().target
    records = target.records_dir(project.options_for().cache_dir).path
    (path,) = displace(records, b"bad!")
    again = project.run()
    assert (again.outcome.reason, again.outcome.exit_code) == (StopReason.FAILING_SEED, 1)
    assert [(crasher.data, crasher.path) for crasher in again.crashers] == [(b"bad!", path)]
    assert str(path) in again.crashers[0].command
    tested = project.run(task=RegressionTest())
    results = [event.result for event in tested.events if isinstance(event, InputRan)]
    assert [(result.verdict, result.name) for result in results] == [(InputVerdict.FAIL, str(path))]
    assert tested.outcome.exit_code == 1
    (tmp_path / "testdata").unlink()
    moved = project.run()
    assert [crasher.path for crasher in moved.crashers] == [target.crashers_dir / path.name]
    assert "1 crasher of earlier runs moved from the cache to" in moved.warnings
    assert not path.exists()
    results = [e.result for e in project.run(task=RegressionTest()).events if isinstance(e, InputRan)]
    assert [result.verdict for result in results] == [InputVerdict.FAIL]


def test_a_corpus_is_minimized_with_regard_to_displaced_crashers(tmp_path: Path) -> None:
    work = Work(tmp_path, MinimizeCorpus())
    displace(work.records, b"displaced")
    store(work.generated, b"generated")
    work.begin()
    worker = work.worker()
    while worker.ask():
        worker.fails("Known") if worker.call.items[0].data in (b"displaced", b"generated") else worker.clean(1)
        worker.done()
    work.board.close()
    assert names(work.generated) == [], "the stored one fails alike"
    assert work.told.crashers == []
