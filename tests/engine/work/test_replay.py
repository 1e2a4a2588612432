"""Each input is run by itself, and each has its verdict."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep.before import write_before
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request import task
from fuzztui.engine.show.results import InputVerdict
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.replay import Replay
from fuzztui.engine.work.suspects import TRIES
from fuzztui.target.values import encode
from tests.engine.work.scripted import CAPACITY, KILLED, Work, failure, names, store

PASS, FAIL, MALFORMED = InputVerdict.PASS, InputVerdict.FAIL, InputVerdict.MALFORMED


def replay(folder: Path, *inputs: bytes, workers: int = 1, parameters: tuple[str, ...] = ("bytes",)) -> Work:
    given = tuple((f"file {number}", data) for number, data in enumerate(inputs, 1))
    return Work(folder, task.Replay(given), workers=workers, parameters=parameters).begin()


def verdicts(work: Work) -> list[tuple[str, InputVerdict]]:
    return [(result.name, result.verdict) for result in work.told.results]


def test_inputs_run_one_at_a_time_in_order(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2")
    worker = work.worker()
    assert work.phase() is Phase.EXECUTING
    assert worker.ask() == [b"1"]
    worker.clean()
    worker.done()
    assert worker.ask() == [b"2"]
    assert not work.is_done(), "one of them is still running"
    worker.fails()
    worker.done()
    assert verdicts(work) == [("file 1", PASS), ("file 2", FAIL)]
    assert work.told.results[1].failure == failure()
    assert worker.ask() is None
    assert work.phase() is None
    assert work.board.failing == 1


def test_seeds_are_no_part_of_a_replay(tmp_path: Path) -> None:
    work = Work(tmp_path, task.Replay((("file", b"1"),)))
    store(work.stored, b"stored")
    worker = work.begin(b"seed").worker()
    assert worker.ask() == [b"1"]
    worker.clean()
    worker.done()
    assert worker.ask() is None


def test_a_failure_is_the_result_and_no_crasher_of_the_run(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails()
    assert work.told.crashers == []
    assert names(work.stored) == []
    assert work.board.unsaved == 0


def test_each_result_has_what_the_target_printed_for_it_the_time_it_took_and_its_values(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2")
    worker = work.worker()
    worker.ask()
    work.clock.now += 1
    worker.clean(output="output 1\x1b[31m")
    worker.done()
    worker.ask()
    work.clock.now += 2
    worker.fails(output="output 2\x1b[31m")
    worker.done()
    first, second = work.told.results
    assert (first.output, second.output) == ("output 1\\x1b[31m", "output 2\\x1b[31m")
    assert (first.seconds, second.seconds) == (1.0, 2.0)
    assert (first.values, second.values) == ("b'1'", "b'2'")
    assert Replay.wants_output
    assert not Job.wants_output


def test_an_input_that_is_none_is_told_of_without_running_it(tmp_path: Path) -> None:
    work = replay(tmp_path, b"junk", b"fuzztui v1\n3\n", b"more junk", parameters=("int",))
    worker = work.worker()
    assert worker.ask() == [b"fuzztui v1\n3\n"]
    worker.clean()
    worker.done()
    assert worker.ask() is None
    assert verdicts(work) == [("file 1", MALFORMED), ("file 2", PASS), ("file 3", MALFORMED)]
    assert all(work.told.results[place].problem for place in (0, 2))
    assert work.board.failing == 2
    assert work.is_done()


def test_an_input_that_ends_the_process_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2")
    worker = work.worker()
    worker.ask()
    worker.dies("exit status 3")
    assert verdicts(work) == [("file 1", FAIL)]
    assert work.told.results[0].failure == failure("exit status 3")
    assert worker.ask() == [b"2"]


def test_what_a_test_is_called_with_is_told_of_an_input_that_ends_the_process(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    assert worker.ask() == [b"1"]
    worker.foretells("Failing test case: check(\n    n=3,\n)", "@example(n=3)")
    worker.exits()
    (result,) = work.told.results
    assert result.failure is not None
    assert result.failure.traceback.endswith("Failing test case: check(\n    n=3,\n)\n@example(n=3)")


def test_a_suspicious_death_is_no_verdict_before_the_input_has_run_again(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.dies(suspicion=KILLED)
    assert verdicts(work) == []
    assert not work.is_done()
    for _ in range(3):
        assert worker.ask() == [b"1"]
        worker.clean(output="printed")
        worker.done()
    assert verdicts(work) == [("file 1", PASS)]
    assert work.told.results[0].output == "printed"
    assert work.is_done()


def test_an_input_that_has_its_process_killed_each_time_fails(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    for _ in range(1 + TRIES):
        worker.ask()
        worker.dies("SIGKILL again when run again", suspicion=KILLED)
    assert verdicts(work) == [("file 1", FAIL)]
    assert work.board.failing == 1


def test_a_failure_while_the_worker_is_ended_is_no_verdict(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails_while_ended()
    worker.fails_by_itself(executing=False)
    assert verdicts(work) == []
    assert worker.ask() == [b"1"]


def test_an_input_that_was_not_run_comes_first_again(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1", b"2", workers=2)
    first = work.worker(0)
    assert first.ask() == [b"1"]
    work.clock.now = 60.0
    first.done()
    assert first.ask() == [b"1"]
    work.clock.now = 61.0
    first.clean()
    (result,) = work.told.results
    assert result.seconds == 1.0, "time in which it did not run is none of its"


def test_an_input_that_is_not_to_blame_for_the_end_of_its_process_is_run_again(tmp_path: Path) -> None:
    work = replay(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails_by_itself(executing=True)
    assert verdicts(work) == []
    assert worker.ask() == [b"1"]


def test_a_regression_test_runs_seeds_then_stored_inputs(tmp_path: Path) -> None:
    work = Work(tmp_path, task.RegressionTest())
    paths = store(work.stored, b"b", b"a")
    worker = work.begin(b"declared").worker()
    while worker.ask() is not None:
        worker.clean()
        worker.done()
    assert worker.executed == [b"declared", b"a", b"b"]
    assert [result.name for result in work.told.results] == ["seed 1", str(paths[1]), str(paths[0])]


def test_names_are_printable(tmp_path: Path) -> None:
    work = Work(tmp_path, task.Replay((("a\x1b[2J\nb", b"1"),))).begin()
    worker = work.worker()
    worker.ask()
    worker.clean()
    assert work.told.results[0].name.isprintable()


# Inputs that are recorded as crashers --------------------------------------------------------------------------------


def recorded(work: Work, data: bytes, confirmation: object = None, **changes: object) -> None:
    """An earlier run has left a record of this input."""
    record = {
        **failure().fields(),
        "sha256": sha256(data).hexdigest(),
        "date": "2026-02-28",
        "confirmation": confirmation,
        **changes,
    }
    work.records.mkdir(parents=True, exist_ok=True)
    (work.records / f"{len(names(work.records))}.json").write_text(json.dumps(record))


def replay_of(folder: Path, data: bytes, confirmation: object = None, **changes: object) -> Work:
    work = Work(folder, task.Replay((("file 1", data),)))
    recorded(work, data, confirmation, **changes)
    return work.begin()


NOTES = {
    "null": ("was not run again then", "it may be fixed, or depend on state"),
    '{"runs": 3, "failures": 3}': ("failed again 3/3 then", "it may be fixed"),
    '{"runs": 3, "failures": 1}': ("failed again 1/3 then", "it may be fixed, or depend on chance or state"),
    '{"runs": 2, "failures": 0}': ("ran clean 2/2 by itself then", "it does not fail alone"),
    '{"runs": 0, "failures": 0}': ("was not run again then", "it may be fixed, or depend on state"),
    '{"runs": "many", "failures": null}': ("was not run again then", "it may be fixed, or depend on state"),
    "[3]": ("was not run again then", "it may be fixed, or depend on state"),
}


@pytest.mark.parametrize("confirmation", NOTES)
def test_an_input_that_is_recorded_as_a_crasher_and_passes_says_so(tmp_path: Path, confirmation: str) -> None:
    work = replay_of(tmp_path, b"1", json.loads(confirmation))
    worker = work.worker()
    for _ in range(3):
        assert verdicts(work) == []
        assert worker.ask() == [b"1"]
        worker.clean()
        worker.done()
    assert worker.ask() is None
    assert verdicts(work) == [("file 1", PASS)]
    before, why = NOTES[confirmation]
    assert work.told.results[0].note == (
        f"recorded as ValueError in parse on 2026-02-28, {before}, passes 3/3 now: {why}"
    )
    assert work.board.failing == 0


@pytest.mark.parametrize("passes", [1, 2])
def test_a_recorded_crasher_that_fails_after_passing_depends_on_chance_or_state(tmp_path: Path, passes: int) -> None:
    work = replay_of(tmp_path, b"1")
    worker = work.worker()
    for _ in range(passes):
        worker.ask()
        worker.clean()
        worker.done()
    worker.ask()
    worker.fails()
    worker.done()
    assert verdicts(work) == [("file 1", FAIL)]
    times = {1: "once", 2: "twice"}[passes]
    assert work.told.results[0].note == f"passed {times} before it failed: it depends on chance or state"


def test_a_recorded_crasher_that_fails_needs_no_note(tmp_path: Path) -> None:
    work = replay_of(tmp_path, b"1")
    worker = work.worker()
    worker.ask()
    worker.fails()
    assert [(result.verdict, result.note) for result in work.told.results] == [(FAIL, "")]


def test_an_input_that_nothing_is_recorded_of_runs_once(tmp_path: Path) -> None:
    work = replay_of(tmp_path, b"1", sha256="0" * 64)
    worker = work.worker()
    worker.ask()
    worker.clean()
    worker.done()
    assert [(result.verdict, result.note) for result in work.told.results] == [(PASS, "")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 100_000, b'{"sha256": 7}', b"\xff", b"x" * (2 << 20)])
def test_what_is_no_record_says_nothing(tmp_path: Path, content: bytes) -> None:
    work = Work(tmp_path, task.Replay((("file 1", b"1"),)))
    work.records.mkdir(parents=True)
    (work.records / "a.json").write_bytes(content)
    recorded(work, b"1", type="Type\x1b[31m", function=None, date=7)
    worker = work.begin().worker()
    for _ in range(3):
        worker.ask()
        worker.clean()
        worker.done()
    (result,) = work.told.results
    assert result.note.startswith("recorded as Type\\x1b[31m, was not run again then")


def test_of_two_records_of_an_input_the_newer_one_is_told(tmp_path: Path) -> None:
    work = Work(tmp_path, task.Replay((("file 1", b"1"),)))
    recorded(work, b"1", date="2026-03-01", type="KeyError")
    recorded(work, b"1", date="2026-02-28", type="TypeError")
    worker = work.begin().worker()
    for _ in range(3):
        worker.ask()
        worker.clean()
        worker.done()
    assert work.told.results[0].note.startswith("recorded as KeyError in parse on 2026-03-01")


# What has to run before an input -------------------------------------------------------------------------------------


def after(folder: Path, *before: bytes, parameters: tuple[str, ...] = ("bytes",), data: bytes = b"bad") -> Work:
    """A replay of an input with which these are kept, then of another one."""
    work = Work(folder, task.Replay((("bad", data), ("good", data + b"0"))), parameters=parameters)
    write_before(work.options.target.crashers_dir, Folder(folder), sha256(data).hexdigest(), before)
    return work.begin()


def test_what_an_input_needs_runs_before_it_in_a_process_of_its_own(tmp_path: Path) -> None:
    work = after(tmp_path, b"one", b"two")
    worker = work.worker()
    assert worker.ask() == [b"one", b"two", b"bad"]
    worker.fails("KeyError")
    worker.clean()
    worker.fails()
    worker.done()
    assert worker.ask() == [b"bad0"]
    worker.clean()
    assert verdicts(work) == [("bad", FAIL), ("good", PASS)], "how those before it fare is no result"
    assert work.told.results[0].failure == failure()
    assert work.told.results[0].note == "fails after the 2 inputs before it, which it needs"
    assert work.told.results[1].note == ""
    assert work.board.failing == 1
    assert work.is_done()


def test_a_process_that_has_run_anything_else_is_not_used_for_it(tmp_path: Path) -> None:
    work = after(tmp_path, b"one")
    worker = work.worker()
    work.job(Replay)._waiting.rotate(1)
    assert worker.ask() == [b"bad0"]
    worker.clean()
    worker.done()
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [b"one", b"bad"]


def test_one_that_passes_after_what_it_needed_may_be_fixed(tmp_path: Path) -> None:
    work = after(tmp_path, b"one")
    worker = work.worker()
    for number in range(3):
        given = worker.ask()
        if number:
            assert given is Renewal.FRESH_PROCESS
            worker.renews()
            given = worker.ask()
        assert given == [b"one", b"bad"]
        worker.clean()
        worker.clean()
        worker.done()
    (result,) = work.told.results
    assert result.verdict is PASS
    assert result.note == "passes 3/3 after the input before it, with which it failed: it may be fixed"


def test_one_of_which_nobody_knows_what_it_takes_says_so(tmp_path: Path) -> None:
    work = after(tmp_path)
    worker = work.worker()
    for _ in range(3):
        assert worker.ask() == [b"bad"]
        worker.clean()
        worker.done()
    assert work.told.results[0].note == ("passes 3/3, as it did alone when it was found: it depends on state or chance")


def test_one_that_is_interrupted_begins_again(tmp_path: Path) -> None:
    work = after(tmp_path, b"one", b"two")
    worker = work.worker()
    worker.ask()
    worker.clean()
    worker.done()  # paused: the others go back
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [b"one", b"two", b"bad"]
    worker.dies(suspicion=KILLED)
    assert worker.ask() == [b"one", b"two", b"bad"], "somebody else has ended it"
    worker.clean()
    worker.fails_by_itself(executing=True)
    assert worker.ask() == [b"one", b"two", b"bad"]
    worker.clean()
    worker.clean()
    worker.dies("SIGSEGV")
    assert verdicts(work) == [("bad", FAIL)]


def test_one_of_those_before_it_that_ends_the_process_is_left_out_with_the_others(tmp_path: Path) -> None:
    work = after(tmp_path, b"one", b"two")
    worker = work.worker()
    worker.ask()
    worker.clean()
    worker.dies("exit status 3")
    for _ in range(3):
        if (given := worker.ask()) == [b"bad"]:
            worker.clean()
            worker.done()
        else:
            assert given == [b"bad0"]
            break
    (result, *_) = work.told.results
    assert result.verdict is PASS
    assert result.note == "input 2 of 2 before it ended the process (exit status 3), so it was run alone"


@pytest.mark.parametrize(
    "content", [b"", b"no list", b"fuzztui inputs that run before, v1\n1\n", b"\xff", b"(" * 10_000]
)
def test_a_file_that_is_no_list_of_inputs_is_told_of_and_left_out(tmp_path: Path, content: bytes) -> None:
    work = Work(tmp_path, task.Replay((("bad", b"bad"),)))
    path = work.stored / "before" / sha256(b"bad").hexdigest()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    worker = work.begin().worker()
    assert worker.ask() == [b"bad"]
    worker.clean()
    assert "what has to run before it cannot be read" in work.told.results[0].note
    assert path.name in work.told.results[0].note


def test_what_was_written_for_other_parameters_is_left_out(tmp_path: Path) -> None:
    work = after(tmp_path, b"no number", parameters=("int",), data=encode((1,)))
    worker = work.worker()
    assert worker.ask() == [encode((1,))]
    worker.clean()
    assert work.told.results[0].note == "what had to run before it was written for other parameters"


def test_a_regression_test_runs_it_too_and_takes_the_files_for_no_inputs(tmp_path: Path) -> None:
    work = Work(tmp_path, task.RegressionTest())
    store(work.stored, b"bad")
    write_before(work.options.target.crashers_dir, Folder(tmp_path), sha256(b"bad").hexdigest(), [b"\x00\r\n'"])
    worker = work.begin().worker()
    assert worker.ask() == [b"\x00\r\n'", b"bad"]
    worker.clean()
    worker.fails()
    worker.done()
    assert [result.verdict for result in work.told.results] == [FAIL]
    assert worker.ask() is None


def test_a_test_runs_the_seeds_that_lie_elsewhere_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    places = tmp_path / "h_seed_corpus", tmp_path / "h_seed_corpus.zip"
    store(places[0], b"in a folder", b"stored")
    with zipfile.ZipFile(places[1], "w") as archive:
        archive.writestr("deep/one", b"zipped")
        archive.writestr("long", b"x" * (CAPACITY + 1))
    work = Work(tmp_path, task.RegressionTest(), given=places)
    store(work.stored, b"stored")
    worker = work.begin(b"seed").worker()
    while isinstance(worker.ask(), list):
        worker.clean()
        worker.done()
    stored = work.stored.relative_to(tmp_path)
    assert [(result.name, result.data) for result in work.told.results] == [
        ("seed 1", b"seed"),
        ("h_seed_corpus/in a folder", b"in a folder"),
        ("h_seed_corpus.zip/deep/one", b"zipped"),
        (f"{stored}/stored", b"stored"),
    ]
    assert any("long" in warning for warning in work.told.warnings)
