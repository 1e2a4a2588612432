"""Of what a crasher's failures say, the smallest input of each kind is kept; beyond the caps failures are counted."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.keep import storage, variants
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import visible
from fuzztui.protocol.caps import MOST_BUCKETS, MOST_BUCKETS_OF_GROUP, MOST_VARIANTS
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Capped, Repeated
from tests.engine.test_crasher_book import LaterDisk
from tests.engine.work.scripted import Work, failure


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path).begin(b"seed")


def saying(shape: str, name: str = "ValueError") -> Failure:
    return replace(failure(name), variant=visible(shape), message=visible(f"{shape}!"))


def in_bucket(bucket: str, group: str) -> Failure:
    return replace(failure(), id=visible(bucket), group=visible(group))


def accounts(book: CrasherBook) -> tuple[int, int, int, int]:
    assert book.received == book.stored + book.duplicates + book.unsaved + book.pending
    return book.received, book.stored, book.duplicates, book.capped


def kept(work: Work, bucket: str = "1-ValueError") -> set[bytes]:
    folder = variants.folder_of(work.options.target.records_dir(work.options.cache_dir), bucket)
    return {content for _, content in storage.contents(folder, 1 << 20) if isinstance(content, bytes)}


def test_the_smallest_input_of_each_variant_is_kept(work: Work) -> None:
    book = work.search.crashers
    for data, shape in ((b"first", "a"), (b"second", "b"), (b"sec", "b"), (b"longest", "b"), (b"fi", "a"), (b"f", "a")):
        work.search.record(0, data, saying(shape), None)
    (crasher,) = book.crashers
    assert [(one.shape, one.message, one.size, one.hits) for one in crasher.variants] == [
        ("a", "a!", 1, 3),
        ("b", "b!", 3, 3),
    ]
    for one in crasher.variants:
        assert one.path is not None
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256
    assert kept(work) == {b"f", b"sec"}
    assert (crasher.data, crasher.hits) == (b"first", 6)
    assert crasher.path is not None
    assert crasher.path.read_bytes() == b"first"  # which was confirmed, and is the project's
    record = json.loads((work.records / f"{crasher.id}.json").read_text())
    assert record["variants"] == [one.fields() for one in crasher.variants]
    assert accounts(book) == (6, 1, 5, 0)


def test_the_first_input_is_kept_where_it_lies_as_long_as_it_is_the_smallest(work: Work) -> None:
    work.search.record(0, b"first", saying("a"), None)
    work.search.record(0, b"a larger one", saying("a"), None)
    (crasher,) = work.search.crashers.crashers
    assert [(one.path, one.sha256, one.hits) for one in crasher.variants] == [(crasher.path, crasher.sha256, 2)]
    assert kept(work) == set()


def test_variants_that_come_while_the_crasher_is_being_stored_are_kept(work: Work) -> None:
    disk = LaterDisk()
    book = CrasherBook(work.options, RunClock(work.clock), disk)
    book.set_parameters(work.parameters)
    for data, shape in ((b"first", "a"), (b"other", "b"), (b"fi", "a")):
        book.record(data, saying(shape), worker=0)
    while disk.pending:
        accounts(book)
        disk.work()
    (crasher,) = book.crashers
    assert {one.path.read_bytes() for one in crasher.variants if one.path is not None} == {b"fi", b"other"}
    assert accounts(book) == (3, 1, 2, 0)
    record = json.loads((work.records / f"{crasher.id}.json").read_text())
    assert record["variants"] == [one.fields() for one in crasher.variants]


def test_a_smaller_input_of_an_earlier_run_stays(work: Work) -> None:
    for data in (b"first", b"f"):
        work.search.record(0, data, saying("a"), None)
    tomorrow = CrasherBook(work.options, RunClock(work.clock))
    tomorrow.set_parameters(work.parameters)
    for data in (b"another", b"fir"):
        tomorrow.record(data, saying("a"), worker=0)
    assert kept(work) == {b"f"}
    (one,) = tomorrow.crashers[0].variants
    assert (one.size, one.sha256) == (1, hashlib.sha256(b"f").hexdigest())


def test_what_cannot_be_written_is_kept_when_there_is_room_again(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    full = True

    def write(folder: storage.Folder, name: str, data: bytes, *, durable: bool) -> None:
        if full and variants.FOLDER in folder.parts:
            raise OSError(28, "No space left on device", str(folder))
        storage.replace(folder, name, data, durable)

    monkeypatch.setattr(variants, "replace_file", write)
    book = work.search.crashers
    for data in (b"first", b"f"):
        work.search.record(0, data, saying("a"), None)
    assert [(one.size, one.path) for one in book.crashers[0].variants] == [(1, None)]
    full = False
    book.retry_unsaved()
    assert kept(work) == {b"f"}
    assert book.crashers[0].variants[0].path is not None


def test_random_messages_make_no_more_variants_than_there_may_be(work: Work) -> None:
    book = work.search.crashers
    for number in range(3 * MOST_VARIANTS):
        work.search.record(0, b"x" * (100 - number), saying(f"says {chr(97 + number)}"), None)
    assert len(book.crashers[0].variants) == MOST_VARIANTS
    assert len(kept(work)) == MOST_VARIANTS - 1  # the first lies beside the target
    assert accounts(book) == (3 * MOST_VARIANTS, 1, 3 * MOST_VARIANTS - 1, 0)
    assert [sentence for sentence in work.told.warnings if "kinds of messages" in sentence]


def test_one_group_takes_no_more_buckets_than_it_may(work: Work) -> None:
    book = work.search.crashers
    for number in range(2 * MOST_BUCKETS_OF_GROUP):
        work.search.record(0, b"%d" % number, in_bucket(f"1-{number}", "1-g"), None)
    work.search.record(1, b"other", in_bucket("1-other", "1-h"), None)
    assert len(book.crashers) == MOST_BUCKETS_OF_GROUP + 1
    assert len(work.told.crashers) == MOST_BUCKETS_OF_GROUP + 1
    total = 2 * MOST_BUCKETS_OF_GROUP + 1
    assert accounts(book) == (total, MOST_BUCKETS_OF_GROUP + 1, MOST_BUCKETS_OF_GROUP, MOST_BUCKETS_OF_GROUP)
    assert book.hits == total
    assert work.search.hits == {0: total - 1, 1: 1}
    assert [sentence for sentence in work.told.warnings if f"more than {MOST_BUCKETS_OF_GROUP} ways" in sentence]


def test_there_are_no_more_crashers_than_there_may_be(work: Work) -> None:
    book = work.search.crashers
    for number in range(MOST_BUCKETS + 10):
        work.search.record(0, b"%d" % number, in_bucket(f"1-{number}", f"1-{number}"), None)
    assert accounts(book) == (MOST_BUCKETS + 10, MOST_BUCKETS, 10, 10)
    assert [sentence for sentence in work.told.warnings if "1,000 crashers" in sentence]


def test_what_workers_count_beyond_the_caps_is_part_of_the_account(work: Work) -> None:
    book = work.search.crashers
    worker = work.worker()
    worker.ask()
    worker.clean()
    worker.done()
    worker.ask()
    worker.fails()
    work.board.take_capped(worker.assignment, Capped(hits=7))
    # What a worker has told of in full may have been beyond the caps here: then it repeats what nobody knows.
    work.board.take_repeated(worker.assignment, Repeated({"1-unknown": 2}))
    with pytest.raises(ProtocolError):
        work.board.take_capped(worker.assignment, Capped(hits=1 << 40))
    assert accounts(book) == (10, 1, 9, 9)
    assert book.hits == 10
