"""Crashers are stored before anyone hears of them, and the accounts balance whatever the disk does."""

import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep import storage
from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.keep.places import DIGITS
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.failure import Failure
from tests.engine.work.scripted import Clock, Work, contents, failure, names


class Disk:
    """Refuses to write into folders whose path holds one of `full`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full: tuple[str, ...] = ()
        monkeypatch.setattr("fuzztui.engine.keep.stored.write_once", self._write_once)
        monkeypatch.setattr("fuzztui.engine.keep.records.replace", self._replace)

    def _write_once(self, folder: storage.Folder, name: str, data: bytes, durable: bool = True) -> bool:
        self._check(folder)
        return storage.write_once(folder, name, data, durable)

    def _replace(self, folder: storage.Folder, name: str, data: bytes, durable: bool) -> None:
        self._check(folder)
        storage.replace(folder, name, data, durable)

    def _check(self, folder: storage.Folder) -> None:
        if any(part in str(folder) for part in self.full):
            raise OSError(28, "No space left on device", str(folder))


STORED, CACHE = "testdata", ".fuzztui"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


class LaterDisk:
    """Does its jobs when the test wants it."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[Callable[[], Any], Callable[[Any], None]]] = deque()

    @property
    def pending(self) -> int:
        return len(self._jobs)

    def do(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._jobs.append((job, done))

    def work(self) -> None:
        """Do the first job."""
        job, done = self._jobs.popleft()
        done(job())


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def book_of(work: Work) -> CrasherBook:
    book = CrasherBook(work.options, RunClock(work.clock))
    book.set_parameters(work.parameters)
    return book


def recorded(
    book: CrasherBook, data: bytes, failure: Failure, *, worker: int, seed: Entry | None = None
) -> Crasher | None:
    """The crasher that was told of, if any was."""
    told: list[Crasher] = []
    book.record(data, failure, worker=worker, seed=seed, then=told.append)
    return told[0] if told else None


def accounts(book: CrasherBook) -> tuple[int, int, int, int]:
    assert book.received == book.stored + book.duplicates + book.unsaved + book.pending
    return book.received, book.stored, book.duplicates, book.unsaved


def records(work: Work) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in work.records.glob("*.json")}


def test_a_crasher_is_stored_with_its_record_and_the_command_that_runs_it_again(work: Work) -> None:
    book = book_of(work)
    work.clock.now = 1.5
    crasher = recorded(book, b"bad", failure(), worker=3)
    assert crasher is not None
    assert crasher.path == work.stored / crasher.sha256
    assert crasher.path.read_bytes() == b"bad"
    assert (crasher.worker, crasher.elapsed, crasher.hits, crasher.values) == (3, 1.5, 1, "b'bad'")
    assert crasher.command.split()[:2] == ["fuzztui", "replay"]
    assert crasher.command.endswith(crasher.sha256[:DIGITS])
    (record,) = records(work).values()
    assert record.items() >= failure().fields().items()
    assert (record["sha256"], record["inputs"]) == (crasher.sha256, [crasher.sha256])
    assert (record["target"], record["values"], record["size"]) == ("fuzz_it.py::fuzz_it", "b'bad'", "3 B")
    assert (record["seed"], record["confirmation"], record["hits"], record["sessions"]) == (None, None, 1, 1)
    assert record["discovery"] == {"worker": 3, "elapsed": 1.5, "executions": 0, "edges": 0}
    assert record["first_seen"] == record["last_seen"]
    assert record["first_seen"].startswith(time.strftime("%Y-", time.gmtime()))
    assert record["first_seen"].endswith("Z")
    assert accounts(book) == (1, 1, 0, 0)


def test_a_failure_that_comes_up_again_is_counted_and_not_stored(work: Work) -> None:
    book = book_of(work)
    recorded(book, b"one", failure(), worker=0)
    assert recorded(book, b"two", failure(), worker=1) is None
    assert book.repeat(failure().id, 5)
    assert contents(work.stored) == [b"one"]
    assert book.hits == book.crashers[0].hits == 7
    assert accounts(book) == (7, 1, 6, 0)


def test_a_failure_that_is_not_known_cannot_be_repeated(work: Work) -> None:
    book = book_of(work)
    assert not book.repeat("1-unknown", 5)
    assert accounts(book) == (0, 0, 0, 0)


def test_one_input_that_fails_in_two_ways_is_two_crashers_with_two_records(work: Work) -> None:
    book = book_of(work)
    first = recorded(book, b"bad", failure("ValueError"), worker=0)
    second = recorded(book, b"bad", failure("KeyError"), worker=0)
    assert first is not None
    assert second is not None
    assert first.path == second.path
    assert {name: record["type"] for name, record in records(work).items()} == {
        first.id: "ValueError",
        second.id: "KeyError",
    }
    assert accounts(book) == (2, 1, 1, 0)


def test_a_crasher_that_finds_no_place_beside_its_target_lies_in_the_cache(work: Work, disk: Disk) -> None:
    disk.full = (STORED,)
    book = book_of(work)
    crasher = recorded(book, b"bad", failure(), worker=0)
    assert crasher is not None
    assert crasher.path == work.records / crasher.sha256
    assert str(crasher.path) in crasher.command
    assert book.is_stored(crasher.id)
    assert book.problem == f"{work.stored}: No space left on device"
    assert accounts(book) == (1, 1, 0, 0)


def test_a_crasher_that_finds_no_place_is_kept_and_counted(work: Work, disk: Disk) -> None:
    disk.full = (STORED, CACHE)
    book = book_of(work)
    crasher = recorded(book, b"bad", failure(), worker=0)
    assert crasher is not None
    assert (crasher.path, crasher.command, crasher.data) == (None, "", b"bad")
    assert not book.is_stored(crasher.id)
    assert book.problem == f"{work.stored}: No space left on device"
    assert accounts(book) == (1, 0, 0, 1)
    book.retry_unsaved()
    assert accounts(book) == (1, 0, 0, 1)


def test_a_crasher_that_is_stored_later_gets_its_command_and_its_record(work: Work, disk: Disk) -> None:
    disk.full = (STORED, CACHE)
    book = book_of(work)
    recorded(book, b"bad", failure("ValueError"), worker=0)
    recorded(book, b"bad", failure("KeyError"), worker=0)
    recorded(book, b"other", failure("TypeError"), worker=0)
    assert book.repeat(failure("ValueError").id, 1)
    assert accounts(book) == (4, 0, 1, 3)
    disk.full = ()
    book.retry_unsaved()
    assert accounts(book) == (4, 2, 2, 0)
    assert contents(work.stored) == [b"bad", b"other"]
    assert [crasher.hits for crasher in book.crashers] == [2, 1, 1]
    for crasher in book.crashers:
        assert crasher.path is not None
        assert crasher.path.read_bytes() == crasher.data
        assert crasher.sha256[:DIGITS] in crasher.command
    assert records(work).keys() == {crasher.id for crasher in book.crashers}
    assert book.problem == ""


def test_a_record_that_cannot_be_written_is_told_and_the_crasher_is_stored(work: Work, disk: Disk) -> None:
    disk.full = (CACHE,)
    book = book_of(work)
    crasher = recorded(book, b"bad", failure(), worker=0)
    assert crasher is not None
    assert crasher.path is not None
    assert book.record_problem == f"{work.records}: No space left on device"
    assert accounts(book) == (1, 1, 0, 0)


def test_a_problem_is_that_of_the_crasher_that_came_last(work: Work, disk: Disk) -> None:
    disk.full = (STORED,)
    book = book_of(work)
    recorded(book, b"bad", failure("ValueError"), worker=0)
    assert book.problem
    seed = Entry(b"seed", "seed 1", Origin.SEED)
    recorded(book, b"seed", failure("KeyError"), worker=0, seed=seed)
    assert book.problem == ""


def test_a_failing_seed_is_a_crasher_that_this_run_has_not_received(work: Work) -> None:
    book = book_of(work)
    path = work.stored / "mine"
    crasher = recorded(book, b"seed", failure(), worker=0, seed=Entry(b"seed", "mine\x1b", Origin.STORED, path))
    assert crasher is not None
    assert (crasher.path, crasher.seed_name) == (path, "mine\\x1b")
    assert book.is_stored(crasher.id)
    assert names(work.stored) == [], "the file is there: nothing is written"
    assert records(work)[crasher.id]["seed"] == "mine\\x1b"
    assert accounts(book) == (0, 0, 0, 0)
    assert recorded(book, b"found", failure(), worker=0) is None
    assert accounts(book) == (1, 0, 1, 0)
    assert recorded(book, b"again", failure(), worker=0, seed=Entry(b"again", "other", Origin.STORED, path)) is None
    assert accounts(book) == (1, 0, 1, 0)


def test_an_input_that_no_longer_parses_is_shown_as_such(work: Work) -> None:
    book = book_of(work)
    book.set_parameters(("int",))
    crasher = recorded(book, b"junk", failure(), worker=0)
    assert crasher is not None
    assert crasher.values.startswith("<")


def test_a_run_that_stands_still_adds_no_seconds(tmp_path: Path) -> None:
    now = Clock()
    clock = RunClock(now)
    now.now = 5.0
    clock.pause()
    now.now = 7.0
    clock.pause()
    assert clock.elapsed() == 5.0
    now.now = 20.0
    clock.resume()
    clock.resume()
    now.now = 21.0
    assert clock.elapsed() == 6.0


def test_a_clock_that_begins_at_zero_can_be_paused_there() -> None:
    now = Clock()
    clock = RunClock(now)
    clock.pause()
    now.now = 3.0
    clock.pause()
    assert clock.elapsed() == 0.0


# While the disk is at work ------------------------------------------------------------------------------------------


def slow_book(work: Work) -> tuple[CrasherBook, LaterDisk]:
    disk = LaterDisk()
    book = CrasherBook(work.options, RunClock(work.clock), disk)
    book.set_parameters(work.parameters)
    return book, disk


def test_nobody_hears_of_a_crasher_before_it_is_on_disk(work: Work) -> None:
    book, disk = slow_book(work)
    told: list[tuple[Crasher, list[bytes]]] = []
    for number, data in enumerate((b"one", b"two")):
        book.record(
            data,
            failure(f"E{number}"),
            worker=0,
            then=lambda crasher: told.append((crasher, list(contents(work.stored)))),
        )
    assert (book.crashers, told) == ([], [])
    assert accounts(book) == (2, 0, 0, 0)
    disk.work()
    (first,) = told
    assert (first[0].data, first[1]) == (b"one", [b"one"])
    assert book.crashers == [first[0]]
    assert accounts(book) == (2, 1, 0, 0)
    disk.work()
    assert [crasher.data for crasher, _ in told] == [b"one", b"two"]
    assert accounts(book) == (2, 2, 0, 0)


@pytest.mark.parametrize("comes", ["another input", "the same input", "as a repetition", "as a seed"])
def test_a_failure_that_comes_up_while_its_first_input_is_written_is_a_hit(work: Work, comes: str) -> None:
    book, disk = slow_book(work)
    assert recorded(book, b"one", failure(), worker=0) is None
    match comes:
        case "as a repetition":
            assert book.repeat(failure().id, 1)
        case "as a seed":
            seed = Entry(b"seed", "seed 1", Origin.SEED)
            assert recorded(book, b"seed", failure(), worker=1, seed=seed) is None
        case _:
            assert recorded(book, b"one" if comes == "the same input" else b"two", failure(), worker=1) is None
    assert disk.pending == 1
    received = 1 if comes == "as a seed" else 2
    assert accounts(book) == (received, 0, received - 1, 0)
    disk.work()
    assert [crasher.hits for crasher in book.crashers] == [2]
    assert accounts(book) == (received, 1, received - 1, 0)


def test_a_crasher_that_a_disk_does_not_take_in_time_is_told_of_as_lost_and_counted_once(work: Work) -> None:
    book, disk = slow_book(work)
    told: list[Crasher] = []
    book.record(b"bad", failure(), worker=0, then=told.append)
    assert book.repeat(failure().id, 2)
    book.give_up()
    (crasher,) = told
    assert (crasher.path, crasher.command, crasher.data, crasher.hits) == (None, "", b"bad", 3)
    assert book.problem == "the disk does not answer"
    assert accounts(book) == (3, 0, 2, 1)
    disk.work()
    assert (len(told), accounts(book)) == (1, (3, 0, 2, 1)), "it is there after all, and was told of as lost"


def test_a_crasher_is_tried_again_once_at_a_time(work: Work, disk: Disk) -> None:
    disk.full = (STORED, CACHE)
    book, later = slow_book(work)
    book.record(b"bad", failure(), worker=0)
    later.work()
    for _ in range(3):
        book.retry_unsaved()
    assert (later.pending, accounts(book)) == (1, (1, 0, 0, 1))
    later.work()
    assert accounts(book) == (1, 0, 0, 1)
    disk.full = ()
    book.retry_unsaved()
    later.work()
    assert accounts(book) == (1, 1, 0, 0)
    assert book.crashers[0].path == work.stored / book.crashers[0].sha256


def test_a_failing_seed_is_told_of_in_its_turn(work: Work) -> None:
    book, disk = slow_book(work)
    told: list[Crasher] = []
    book.record(b"found", failure("A"), worker=0, then=told.append)
    seed = Entry(b"seed", "mine", Origin.STORED, work.stored / "mine")
    book.record(b"seed", failure("B"), worker=0, seed=seed, then=told.append)
    assert accounts(book) == (1, 0, 0, 0)
    disk.work()
    disk.work()
    assert [crasher.data for crasher in told] == [b"found", b"seed"]
    assert told[1].path == work.stored / "mine"
    book.give_up()
    assert len(told) == 2
