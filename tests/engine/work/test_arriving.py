"""What others put into the folders of the corpus while a run goes on is run once, and kept where it is worth it."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.show.events import InputsArrived
from fuzztui.engine.work.arriving import Arriving
from fuzztui.protocol.messages import Fuzz
from fuzztui.target.values import encode
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, failure, store


def running(folder: Path, **given: tuple[str, ...]) -> tuple[Work, ScriptedWorker]:
    """A run whose baseline is over."""
    work = Work(folder, parameters=given.get("parameters", ("bytes",)))
    seed = b"seed" if work.parameters == ("bytes",) else encode(("seed",))
    return work, work.fuzzing(seed)


def look(work: Work, *changed: str, generated: bool = False) -> None:
    """Something has changed in a folder: these files, or nobody knows which."""
    arriving = work.job(Arriving)
    home = next(folder for folder in arriving.folders if folder.path == work.stored)
    arriving.look(arriving.folders[-1] if generated else home, changed or None)


def arrived(work: Work) -> list[str]:
    return [str(event.sentence) for event in work.told.events if isinstance(event, InputsArrived)]


def test_what_covers_something_new_is_fuzzed_from_then_on(tmp_path: Path) -> None:
    work, worker = running(tmp_path)
    store(work.stored, b"new", b"dull", b"bad")
    look(work)
    assert worker.ask() == [b"bad", b"dull", b"new"]
    worker.fails("A")
    worker.clean(0)
    worker.clean(8, 9)
    worker.done()
    assert [entry.data for entry in work.search.corpus.entries] == [b"seed", b"new"]
    call = worker.ask()
    assert isinstance(call, Fuzz)
    assert call.entry == b"new"
    (crasher,) = work.told.crashers
    assert (crasher.seed_name, crasher.path) == ("bad", work.stored / "bad")
    (sentence,) = arrived(work)
    assert sentence.startswith("3 inputs were put into ")
    assert sentence.endswith("testdata/corpus/fuzz_it: 1 is taken in, 1 fails, 1 covers nothing new")
    assert work.told.entries == 1


def test_one_that_fails_in_the_generated_corpus_is_a_crasher_that_is_stored(tmp_path: Path) -> None:
    work, worker = running(tmp_path)
    store(work.generated, b"bad")
    look(work, generated=True)
    assert worker.ask() == [b"bad"]
    worker.fails("A")
    worker.done()
    (crasher,) = work.told.crashers
    assert crasher.seed_name is None
    assert (work.stored / sha256(b"bad").hexdigest()).read_bytes() == b"bad"
    book = work.search.crashers
    assert (book.received, book.stored) == (1, 1)


def test_what_the_run_itself_has_written_is_no_news(tmp_path: Path) -> None:
    work, worker = running(tmp_path)
    worker.ask()
    worker.finds(b"found", 5)
    worker.fails("A", b"crasher")
    worker.dies("SIGKILL", suspicion=KILLED, data=b"suspect")
    work.search.set_aside(b"set aside", KILLED)
    look(work)
    look(work, generated=True)
    assert work.job(Arriving).is_done
    assert {path.read_bytes() for path in work.generated.iterdir()} == {b"found", b"set aside"}


def test_what_was_there_when_the_run_began_is_no_news(tmp_path: Path) -> None:
    store(tmp_path / "testdata" / "corpus" / "fuzz_it", b"stored")
    work, _ = running(tmp_path)
    look(work)
    look(work, "stored")
    assert work.job(Arriving).is_done


def test_a_file_that_is_written_again_is_another_input(tmp_path: Path) -> None:
    work, worker = running(tmp_path)
    (path,) = store(work.stored, b"half")
    look(work)
    assert worker.ask() == [b"half"]
    worker.clean(0)
    worker.done()
    path.write_bytes(b"half and half")
    look(work, "half")
    assert worker.ask() == [b"half and half"]


def test_nothing_is_judged_before_the_baseline_is_over(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2).begin(b"seed")
    first, second = work.worker(0), work.worker(1)
    assert first.ask() == [b"seed"]
    store(work.stored, b"new")
    look(work)
    assert second.ask() is None
    first.clean(1)
    first.done()
    assert second.ask() == [b"new"]


def test_what_is_no_input_is_told_of_once(tmp_path: Path) -> None:
    work, worker = running(tmp_path, parameters=("str",))
    store(work.stored, b"plain")
    (work.stored / "good").write_bytes(encode(("good",)))
    (work.stored / "folder").mkdir()
    (work.stored / ".hidden").touch()
    os.mkfifo(work.stored / "fifo")
    look(work)
    assert worker.ask() == [encode(("good",))]
    worker.clean(7)
    worker.done()
    (told,) = work.told.warnings
    assert "not taken in: 1 stored input in" in told
    assert "(plain) is for (bytes), the target takes (str)" in told
    assert "fifo" in told
    work.told.warnings.clear()
    look(work, "plain")
    assert work.told.warnings == []
    (work.stored / "plain").write_bytes(b"otherwise")
    look(work, "plain")
    assert len(work.told.warnings) == 1


def test_one_that_is_too_long_is_told_of(tmp_path: Path) -> None:
    work, _ = running(tmp_path)
    work.stored.mkdir(parents=True)
    (work.stored / "long").write_bytes(b"x" * (work.search.capacity + 1))
    look(work)
    (told,) = work.told.warnings
    assert "long" in told
    assert work.job(Arriving).is_done


@pytest.mark.parametrize("ends", [True, False])
def test_an_input_that_ends_its_process_is_a_crasher(tmp_path: Path, ends: bool) -> None:
    work, worker = running(tmp_path)
    store(work.stored, b"bad", b"good")
    look(work)
    assert worker.ask() == [b"bad", b"good"]
    if ends:
        worker.dies("exit status 3")
        assert [crasher.id for crasher in work.told.crashers] == [failure("exit status 3").id]
    else:
        worker.fails_by_itself(executing=False)
        assert worker.ask() == [b"bad", b"good"]
        worker.clean(1)
        worker.clean(2)
        worker.done()
        assert work.job(Arriving).is_done
        return
    assert worker.ask() == [b"good"]
    worker.clean(2)
    worker.done()
    assert len(arrived(work)) == 1


def test_what_has_come_before_a_reload_is_run_after_it(tmp_path: Path) -> None:
    work, worker = running(tmp_path)
    store(work.stored, b"new")
    look(work)
    assert worker.ask() == [b"new"]
    work.reload(worker)
    assert worker.ask() == [b"seed"]
    worker.clean(0)
    worker.done()
    assert worker.ask() == [b"new"]
    worker.clean(4)
    worker.done()
    assert arrived(work)
    assert len(work.search.corpus) == 2
