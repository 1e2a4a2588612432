"""What other nodes have found is run once here, and nothing that they say of it is believed."""

from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.share.messages import MOST_BEFORE, Crash, Find
from fuzztui.engine.share.place import FolderPlace
from fuzztui.engine.show.events import SeenElsewhere
from fuzztui.engine.show.text import label
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.from_others import BATCH, BURST, MOST_ELSEWHERE, ROOM, SHARE, FromOthers
from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import Fuzz
from fuzztui.target.values import encode
from tests.engine.share.test_records import BUCKET, record
from tests.engine.work.scripted import CAPACITY, KILLED, ScriptedWorker, Work

A, B = "a.00000000", "b.11111111"


def running(folder: Path, parameters: tuple[str, ...] = ("bytes",)) -> tuple[Work, ScriptedWorker, FromOthers]:
    """A run whose baseline is over."""
    work = Work(folder, parameters=parameters, share=FolderPlace(folder / "shared"))
    worker = work.fuzzing(b"seed" if parameters == ("bytes",) else encode(("seed",)))
    return work, worker, work.job(FromOthers)


def gives(job: FromOthers, *inputs: bytes, node: str = A) -> None:
    for data in inputs:
        job.give(node, label("a"), Find(data))


def crash(data: bytes, *before: bytes, bucket: str = BUCKET) -> Crash:
    return Crash(data, list(before), record(data, bucket).to_json())


def test_a_run_that_is_alone_has_no_such_job(tmp_path: Path) -> None:
    assert not any(isinstance(job, FromOthers) for job in Work(tmp_path).board.jobs)


def test_what_covers_something_new_here_is_fuzzed_and_kept(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    gives(job, b"new", b"dull")
    assert worker.ask() == [b"new", b"dull"]
    worker.clean(7, 8)
    worker.clean(7)
    worker.done()
    assert [entry.data for entry in work.search.corpus.entries] == [b"seed", b"new"]
    assert (work.generated / sha256(b"new").hexdigest()).read_bytes() == b"new"
    assert work.search.corpus.new == 0  # others have found it
    call = worker.ask()
    assert isinstance(call, Fuzz)
    assert call.entry == b"new"
    assert (job.counts.received, job.counts.run, job.counts.taken) == (2, 2, 1)
    assert job.is_done


def test_nothing_is_run_twice(tmp_path: Path) -> None:
    _, worker, job = running(tmp_path)
    gives(job, b"seed", b"new", b"new")
    gives(job, b"new", node=B)
    assert worker.ask() == [b"new"]
    worker.clean()
    worker.done()
    gives(job, b"new")
    assert isinstance(worker.ask(), Fuzz)


def test_one_that_fails_here_is_a_crasher_of_this_run(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    gives(job, b"bad")
    worker.ask()
    worker.fails("A")
    worker.done()
    (crasher,) = work.told.crashers
    assert crasher.seed_name is None
    assert (work.stored / sha256(b"bad").hexdigest()).read_bytes() == b"bad"
    book = work.search.crashers
    assert (book.received, book.stored, book.duplicates, book.unsaved) == (1, 1, 0, 0)


@pytest.mark.parametrize("end", ["exits", "hangs"])
def test_one_that_ends_the_process_is_a_crasher_and_the_others_are_run(tmp_path: Path, end: str) -> None:
    work, worker, job = running(tmp_path)
    gives(job, b"bad", b"good")
    worker.ask()
    getattr(worker, end)()
    assert worker.ask() == [b"good"]
    worker.clean(9)
    worker.done()
    assert len(work.told.crashers) == 1
    assert job.is_done


def test_one_that_may_have_been_killed_from_outside_is_a_suspect_like_any_other(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    gives(job, b"suspect")
    worker.ask()
    worker.dies("SIGKILL", suspicion=KILLED)
    for _ in range(3):
        asked = worker.ask()
        if asked is Renewal.FRESH_PROCESS:
            worker.renews()
            asked = worker.ask()
        assert asked == [b"suspect"]
        worker.clean(5)
        worker.done()
    assert not work.told.crashers
    assert job.counts.taken == 1
    assert job.is_done


def test_a_crasher_that_runs_clean_here_is_one_that_was_seen_elsewhere(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    job.give(A, label("a"), crash(b"theirs"))
    assert worker.ask() == [b"theirs"]
    worker.clean(0)
    worker.done()
    (seen,) = job.elsewhere
    assert seen.id == BUCKET
    assert seen.sentence == "seen on node a only: ValueError in decode: /etc/passwd is no number"
    assert "json/decoder.py" in seen.failure.traceback
    assert [event.crasher for event in work.told.events if isinstance(event, SeenElsewhere)] == [seen]
    folder = work.records / "elsewhere"
    assert (folder / sha256(b"theirs").hexdigest()).read_bytes() == b"theirs"
    assert (folder / f"{BUCKET}.json").exists()
    assert not work.told.crashers

    job.give(B, label("b"), crash(b"another of it"))
    worker.ask()
    worker.clean(0)
    worker.done()
    (seen,) = job.elsewhere
    assert seen.sentence.startswith("seen on nodes a, b only")
    assert len([event for event in work.told.events if isinstance(event, SeenElsewhere)]) == 1


def test_one_that_fails_here_as_well_is_none_of_theirs(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    job.give(A, label("a"), crash(b"theirs"))
    worker.ask()
    worker.fails("A")
    worker.done()
    assert not job.elsewhere
    assert len(work.told.crashers) == 1


def test_what_has_to_run_before_it_does_in_a_fresh_process(tmp_path: Path) -> None:
    _, worker, job = running(tmp_path)
    job.give(A, label("a"), crash(b"theirs", b"first", b"second"))
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [b"first", b"second", b"theirs"]
    worker.clean(0)
    worker.ends()
    if (asked := worker.ask()) is Renewal.FRESH_PROCESS:
        worker.renews()
        asked = worker.ask()
    assert asked == [b"first", b"second", b"theirs"]
    worker.clean(0)
    worker.clean(0)
    worker.clean(0)
    worker.done()
    assert len(job.elsewhere) == 1
    assert job.is_done


def test_what_ends_each_process_before_it_does_not_go_on_for_ever(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    job.give(A, label("a"), crash(b"theirs", b"first"))
    for _ in range(10):
        asked = worker.ask()
        if asked is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        if isinstance(asked, Fuzz):
            break
        worker.exits()
    assert isinstance(asked, Fuzz)
    assert job.is_done
    assert len(work.told.crashers) == 1  # that one fails here
    assert len(job.elsewhere) == 1  # and nothing is lost of the other


@pytest.mark.parametrize(
    "message",
    [
        Find(b"fuzztui v1\n'a'\n'b'\n"),
        Find(b"raw bytes"),
        Find(encode(("x" * CAPACITY,))),
        Crash(encode(("x",)), [], b"{}"),
        Crash(encode(("x",)), [b"raw"], record(encode(("x",))).to_json()),
        Crash(encode(("x",)), [], record(encode(("y",))).to_json()),
        Crash(b"raw", [], record(b"raw").to_json()),
    ],
)
def test_what_is_no_input_of_this_target_is_refused(tmp_path: Path, message: Find | Crash) -> None:
    _, worker, job = running(tmp_path, parameters=("str",))
    job.give(A, label("a"), message)
    assert (job.counts.refused, job.counts.received, job.counts.by_node) == (1, 0, {A: 1})
    assert isinstance(worker.ask(), Fuzz)


def test_crashers_of_known_buckets_cost_nothing(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    gives(job, b"bad")
    worker.ask()
    worker.fails("A")
    worker.done()
    work.search.crashers._positions[BUCKET] = 0  # the one that is known here has this identity
    job.give(A, label("a"), crash(b"theirs"))
    assert isinstance(worker.ask(), Fuzz)


def test_nothing_is_run_before_it_is_known_what_is_new(tmp_path: Path) -> None:
    work = Work(tmp_path, share=FolderPlace(tmp_path))
    work.begin(b"seed")
    job, worker = work.job(FromOthers), work.worker()
    gives(job, b"theirs")
    assert worker.ask() == [b"seed"]
    worker.clean(0)
    worker.done()
    assert worker.ask() == [b"theirs"]


def test_inputs_of_others_take_no_more_than_their_share_of_the_time(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    for number in range(1_000):
        if job.room:
            gives(job, b"slow %d" % number)
        asked = worker.ask()
        assert isinstance(asked, list | Fuzz)
        if isinstance(asked, Fuzz):
            work.clock.now += 0.5
        else:
            assert len(asked) <= BATCH
            for _ in asked:
                work.clock.now += 3.0
                worker.clean()
        worker.done()
    assert 0.2 * work.clock.now < job._used < BURST + SHARE * work.clock.now + 3.0 * BATCH


def test_what_hangs_counts_too(tmp_path: Path) -> None:
    work, worker, job = running(tmp_path)
    hangs = 0
    gives(job, *(b"hang %d" % number for number in range(100)))
    for _ in range(1_000):
        if isinstance(worker.ask(), Fuzz):
            break
        work.clock.now += 10.0
        worker.hangs(f"timeout {hangs}")
        hangs += 1
    assert 2 <= hangs <= 4


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fuzztui.engine.work import from_others

    monkeypatch.setattr(from_others, "MOST_REMEMBERED", 50)
    monkeypatch.setattr(from_others, "BURST", 1e9)
    _, worker, job = running(tmp_path)
    assert job.room == ROOM
    for number in range(MOST_ELSEWHERE + 50):
        bucket = identity("bucket", [str(number)])
        job.give(A, label("a"), crash(b"%d" % number, bucket=bucket))
        worker.ask()
        worker.clean(0)
        worker.done()
    assert len(job.elsewhere) == MOST_ELSEWHERE
    assert job.counts.elsewhere == MOST_ELSEWHERE + 50
    assert len(job._seen) == 50
    assert not job._owners


def test_more_inputs_before_one_than_are_sent_are_no_message() -> None:
    assert MOST_BEFORE < BATCH * 4
