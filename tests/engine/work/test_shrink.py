from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep.altered import KEEP_BYTES
from fuzztui.engine.keep.before import write_before
from fuzztui.engine.keep.corpus import MalformedCorpus
from fuzztui.engine.keep.records import read_records
from fuzztui.engine.request.task import MinimizeInput
from fuzztui.engine.show.events import InputMinimized
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.work.minimization import PREFIX, RUNS, WRITTEN_EVERY
from tests.engine.work.scripted import ScriptedWorker, Work, failure

FOUND = b"some <tag> and more"


def minimizing(folder: Path, data: bytes = FOUND, workers: int = 1) -> Work:
    return Work(folder, MinimizeInput("found", data), workers=workers).begin()


def answer(worker: ScriptedWorker, limit: int = 100_000) -> int:
    """Run all that is asked for: what holds `<` and then `>` fails, what begins with `!` in another way."""
    executions = 0
    while executions < limit and (inputs := worker.ask()) is not None:
        assert isinstance(inputs, list)
        for data in inputs:
            executions += 1
            if data.startswith(b"!"):
                worker.fails("KeyError")
            elif 0 <= data.find(b"<") < data.rfind(b">"):
                worker.fails()
            else:
                worker.clean()
        worker.done()
    return executions


def result(work: Work) -> Minimized:
    work.board.close()
    (event,) = [event for event in work.told.events if isinstance(event, InputMinimized)]
    return event.minimized


def test_the_smallest_input_is_stored_and_the_original_stays(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    answer(work.worker())
    assert work.is_done()
    minimized = result(work)
    assert minimized.is_smallest
    assert (minimized.before, minimized.after) == (len(FOUND), 2)
    assert minimized.path is not None
    assert minimized.path.read_bytes() == b"<>"
    assert minimized.path.parent == work.stored
    assert minimized.command.endswith(minimized.path.name[:12])


def test_what_comes_of_it_is_in_the_record_of_a_known_crasher(tmp_path: Path) -> None:
    known = Work(tmp_path).begin()
    known.search.record(0, FOUND, failure(), None)
    for data in (FOUND, b"<longer>"):
        work = minimizing(tmp_path, data)
        answer(work.worker(), limit=1 if data != FOUND else 100_000)
        result(work)
        record = read_records(work.search.records).by_bucket[failure().id]
        assert record.minimized is not None
        assert (record.minimized.bytes, record.hits) == (2, 1), "a larger one is of no interest"


def test_what_fails_in_another_way_is_a_crasher_of_its_own(tmp_path: Path) -> None:
    work = minimizing(tmp_path, b"some! <tag>")
    answer(work.worker())
    assert result(work).after == 2
    assert [crasher.failure.type for crasher in work.told.crashers] == ["KeyError"]
    assert all(crasher.data.startswith(b"!") for crasher in work.told.crashers)


def test_what_an_earlier_run_has_found_is_no_new_crasher(tmp_path: Path) -> None:
    first = minimizing(tmp_path, b"some! <tag>")
    answer(first.worker())
    first.board.close()
    assert len(first.told.crashers) == 1
    again = minimizing(tmp_path, b"more! <tag>")
    answer(again.worker())
    assert again.told.crashers == []


def test_an_input_that_fails_only_at_times_is_not_said_to_be_the_smallest(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    worker = work.worker()
    worker.ask()
    worker.fails()
    worker.done()
    while (inputs := worker.ask()) is not None:
        assert isinstance(inputs, list)
        for _ in inputs:
            worker.clean()
        worker.done()
    minimized = result(work)
    assert (minimized.is_smallest, minimized.is_steady, minimized.after) == (False, False, len(FOUND))


def test_git_is_told_to_leave_what_is_stored_as_it_is(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    answer(work.worker())
    work.board.close()
    assert (work.stored / ".gitattributes").read_bytes() == KEEP_BYTES


def test_an_input_that_does_not_fail_is_told_of(tmp_path: Path) -> None:
    work = minimizing(tmp_path, b"nothing")
    assert answer(work.worker()) == RUNS
    assert work.is_done()
    minimized = result(work)
    assert minimized.failure is None
    assert minimized.path is None


def test_an_input_that_needs_others_before_it_is_told_of(tmp_path: Path) -> None:
    work = minimizing(tmp_path, b"clean")
    home = work.options.target.crashers_dir
    write_before(home, home, sha256(b"clean").hexdigest(), [b"1", b"2"])
    answer(work.worker())
    assert result(work).failure is None
    sentence = "found fails only after the 2 inputs kept with it, and what is minimized is run by itself"
    assert work.told.warnings == [sentence]
    (work.stored / "before" / sha256(b"clean").hexdigest()).write_bytes(b"no list")
    work = minimizing(tmp_path, b"clean")
    answer(work.worker())
    result(work)
    assert "what has to run before it cannot be read" in work.told.warnings[0]


def test_what_is_no_input_of_the_target_cannot_be_minimized(tmp_path: Path) -> None:
    work = Work(tmp_path, MinimizeInput("found", b"no values"), parameters=("str", "int"))
    with pytest.raises(MalformedCorpus, match="found: "):
        work.begin()
    work.board.close()
    assert work.told.events == []


def test_what_was_found_before_a_stop_is_stored_and_the_next_run_begins_there(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    work.clock.now = WRITTEN_EVERY
    answer(work.worker(), limit=3)
    first = result(work)
    assert not first.is_smallest
    assert 2 < first.after < len(FOUND)
    assert len(list(work.records.glob(f"{PREFIX}*"))) == 1
    again = minimizing(tmp_path)
    worker = again.worker()
    assert worker.ask() == [FOUND]
    worker.fails()
    worker.done()
    assert first.path is not None
    assert worker.ask() == [first.path.read_bytes()]


def test_a_killed_run_has_written_down_how_far_it_came(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    work.clock.now = WRITTEN_EVERY
    answer(work.worker(), limit=3)
    (progress,) = work.records.glob(f"{PREFIX}*")
    assert len(progress.read_bytes()) < len(FOUND)


def test_damaged_progress_is_left_alone(tmp_path: Path) -> None:
    data = b"fuzztui v1\n'<>'\n3\n"
    parameters = ("str", "int")
    work = Work(tmp_path, MinimizeInput("found", data), parameters=parameters)
    work.records.mkdir(parents=True)
    (work.records / f"{PREFIX}{sha256(data).hexdigest()}").write_bytes(b"fuzztui v1\nnothing")
    work.begin()
    answer(work.worker())
    assert result(work).is_smallest


def test_two_workers_share_the_alternatives_and_the_first_that_fails_counts(tmp_path: Path) -> None:
    work = minimizing(tmp_path, b"0123456789abcdef", workers=2)
    first, second = work.worker(0), work.worker(1)
    first.ask()
    first.fails()
    first.done()
    left, right = first.ask(), second.ask()
    while right is None:  # a single alternative
        first.clean()
        first.done()
        left, right = first.ask(), second.ask()
    assert isinstance(left, list)
    assert isinstance(right, list)
    for _ in right:
        second.fails()
    second.done()
    assert second.ask() is None  # what stands in front of it is not answered yet
    for _ in left:
        first.fails()
    first.done()
    assert result(work).after == len(left[0])


def test_a_death_is_an_answer(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    worker = work.worker()
    worker.ask()
    worker.dies()
    worker.start()
    rest = worker.ask()
    assert isinstance(rest, list)
    assert FOUND not in rest
    worker.dies()
    assert result(work).after == len(rest[0])


def test_a_smallest_input_that_can_be_stored_nowhere_is_shown(tmp_path: Path) -> None:
    work = minimizing(tmp_path)
    answer(work.worker())
    for folder in (work.stored, work.records):
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rename(folder.with_name("aside"))
        folder.write_bytes(b"in the way")
    minimized = result(work)
    assert minimized.path is None
    assert minimized.data == b"<>"
    assert work.board.unsaved == 1
