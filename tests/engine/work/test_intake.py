"""Inputs that people add and remove while the run goes on."""

from pathlib import Path

import pytest

from fuzztui.engine.keep.given import file_form
from fuzztui.engine.live.wishes import GiveInput, PutEntryBack, RemoveEntry
from fuzztui.engine.show.events import Steered
from fuzztui.engine.work.intake import Intake
from fuzztui.protocol.messages import Fuzz
from fuzztui.target.errors import MalformedInput
from tests.engine.work.scripted import ScriptedWorker, Work, store


def told(work: Work) -> list[str]:
    return [str(event.message) for event in work.told.events if isinstance(event, Steered)]


def fuzzed(worker: ScriptedWorker, calls: int) -> set[bytes]:
    """Entries that are handed out for mutation in so many calls."""
    entries = set()
    for _ in range(calls):
        call = worker.ask()
        assert isinstance(call, Fuzz)
        entries.add(call.entry)
        worker.done()
    return entries


def test_a_given_input_is_stored_beside_the_target_run_once_and_fuzzed(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    work.job(Intake).grant(GiveInput(b"given"))
    assert [path.read_bytes() for path in work.stored.iterdir() if path.is_file()] == [b"given"]
    assert worker.ask() == [b"given"]
    worker.clean(0, 7, 8)
    worker.done()
    assert told(work)[-1].endswith("(5 B): 2 new edges, 3 in all")
    assert work.search.corpus.entries[-1].brought == 2
    assert fuzzed(worker, 20) == {b"seed", b"given"}
    work.job(Intake).grant(GiveInput(b"given"))
    assert told(work)[-1].endswith("is in the corpus already")


def test_a_given_file_is_read_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.fuzzing(b"seed")
    file = tmp_path / "mine"
    file.write_bytes(b"from a file")
    work.job(Intake).grant(GiveInput(file))
    assert work.search.corpus.entries[-1].data == b"from a file"
    work.job(Intake).grant(GiveInput(tmp_path / "nowhere"))
    work.job(Intake).grant(GiveInput(tmp_path))
    refused = [event.message for event in work.told.events if isinstance(event, Steered) and event.is_refused]
    assert "nowhere" in refused[0]
    assert len(refused) == 2
    assert all(one.startswith("not added: ") for one in refused)


def test_a_given_input_that_fails_is_a_failing_stored_input(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    work.job(Intake).grant(GiveInput(b"bad"))
    worker.ask()
    worker.fails()
    worker.done()
    (crasher,) = work.told.crashers
    assert crasher.is_stored_input
    assert "it fails" in told(work)[-1]
    assert work.job(Intake).is_done


def test_what_a_dead_worker_gives_back_is_run_by_the_next(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    work.job(Intake).grant(GiveInput(b"given"))
    assert worker.ask() == [b"given"]
    assert not work.job(Intake).is_done
    work.job(Intake).give_back(0, worker.call.items)
    worker.start()
    assert worker.ask() == [b"given"]


@pytest.mark.parametrize("origin", ["stored", "generated"])
def test_a_removed_entry_is_fuzzed_no_more_its_file_is_gone_and_both_come_back(tmp_path: Path, origin: str) -> None:
    work = Work(tmp_path)
    store(work.stored if origin == "stored" else work.generated, b"other")
    worker = work.fuzzing(b"seed")
    assert fuzzed(worker, 20) == {b"seed", b"other"}
    entry = work.search.corpus.entries[-1]
    assert entry.data == b"other"
    folder = work.stored if origin == "stored" else work.generated
    work.job(Intake).grant(RemoveEntry(entry.number))
    assert not [path for path in folder.iterdir() if path.is_file()]
    assert len(work.search.corpus) == 1
    assert fuzzed(worker, 20) == {b"seed"}
    work.job(Intake).grant(PutEntryBack())
    assert [path.read_bytes() for path in folder.iterdir() if path.is_file()] == [b"other"]
    assert worker.ask() == [b"other"]
    worker.clean(1)
    worker.done()
    assert fuzzed(worker, 20) == {b"seed", b"other"}
    assert [one.partition(" ")[0] for one in told(work)] == ["removed", "put", "added"]
    work.job(Intake).grant(PutEntryBack())
    assert told(work)[-1] == "nothing was removed that could be put back"


def test_the_smallest_of_the_others_represents_the_edges_of_one_that_is_removed(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.begin(b"s", b"longer", b"longest one").worker()
    for _ in range(3):
        worker.ask()
        worker.clean(0)
        worker.done()
    schedule = work.search.schedule
    first, second, _ = work.search.corpus.entries
    assert schedule._representatives[0] is first
    work.search.corpus.remove(first)
    schedule.remove(first, work.search.corpus.entries)
    assert schedule._representatives[0] is second
    assert schedule._reached_by[0] == 2


def test_what_the_code_declares_is_not_removed(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.fuzzing(b"seed")
    work.job(Intake).grant(RemoveEntry(work.search.corpus.entries[0].number))
    assert len(work.search.corpus) == 1
    assert told(work) == ["seed 1 cannot be removed: the target's code declares it"]


def test_one_that_is_removed_before_it_was_run_is_not_fuzzed(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.stored, b"stored")
    worker = work.begin(b"seed").worker()
    assert worker.ask() == [b"seed"]
    work.job(Intake).grant(RemoveEntry(work.search.corpus.entries[-1].number))
    worker.clean(0)
    worker.done()
    assert worker.ask() == [b"stored"], "it was handed out to the baseline already"
    worker.clean(1)
    worker.done()
    assert fuzzed(worker, 10) == {b"seed"}


@pytest.mark.parametrize(
    ("content", "parameters", "data"),
    [
        (b"\x00\n", ("bytes",), b"\x00\n"),
        ("é\n".encode(), ("str",), b"fuzztui v1\n'\\xe9\\n'\n"),
        (b"fuzztui v1\n'a'\n", ("str",), b"fuzztui v1\n'a'\n"),
        (b"'key'\n3\n", ("str", "int"), b"fuzztui v1\n'key'\n3\n"),
    ],
)
def test_what_people_give_takes_the_form_of_files(content: bytes, parameters: tuple[str, ...], data: bytes) -> None:
    assert file_form(content, parameters) == data


@pytest.mark.parametrize(
    ("content", "parameters"), [(b"\xff", ("str",)), (b"key", ("str", "int")), (b"'a'", ("str", "int"))]
)
def test_what_is_no_input_of_the_target_is_refused(content: bytes, parameters: tuple[str, ...]) -> None:
    with pytest.raises(MalformedInput):
        file_form(content, parameters)
