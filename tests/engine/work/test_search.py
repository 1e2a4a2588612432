"""What the jobs of a run share."""

from pathlib import Path

import pytest

from fuzztui.engine.show.events import Steered
from fuzztui.engine.work import coverage_log
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.engine.work.favouring import favour
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Fuzz, Module
from tests.engine.work.scripted import CAPACITY, MODULE, Work, names


@pytest.mark.parametrize("parameters", [(), ("complex",), ("int", "complex")])
def test_a_target_takes_what_there_are_kinds_for(tmp_path: Path, parameters: tuple[str, ...]) -> None:
    with pytest.raises(ProtocolError):
        Work(tmp_path).search.begin(parameters, [])


@pytest.mark.parametrize("seed", [b"x" * (CAPACITY + 1), b"junk"])
def test_a_seed_that_cannot_be_one_is_a_lie_and_nothing_has_begun(tmp_path: Path, seed: bytes) -> None:
    search = Work(tmp_path).search
    with pytest.raises(ProtocolError):
        search.begin(("int",), [seed])
    assert search.parameters == ()


def test_two_workers_that_find_the_same_failure_have_one_crasher_and_a_hit_each(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    assert isinstance(first.ask(), Fuzz)
    assert isinstance(second.ask(), Fuzz)
    first.fails(data=b"one")
    second.fails(data=b"two")
    (crasher,) = work.told.crashers
    assert (crasher.worker, crasher.data) == (0, b"one")
    assert names(work.stored) == [crasher.sha256]
    assert dict(work.search.hits) == {0: 1, 1: 1}
    book = work.search.crashers
    assert (book.received, book.stored, book.duplicates, book.unsaved) == (2, 1, 1, 0)


def test_a_failure_that_another_worker_has_reported_can_be_repeated(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    first = work.fuzzing(b"seed")
    second = work.worker(1)
    first.ask()
    second.ask()
    first.fails()
    second.repeats(2)
    assert dict(work.search.hits) == {0: 1, 1: 2}


def test_a_lack_of_coverage_means_something_once_an_input_has_run_to_its_end(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"1", b"2")
    worker = work.worker()
    worker.ask()
    worker.fails()
    worker.done()
    assert not work.search.ran_clean
    worker.ask()
    worker.clean()
    assert work.search.ran_clean


def test_a_module_that_grows_counts_once_and_never_shrinks() -> None:
    log = CoverageLog()
    for lines in (2, 5, 5, 3):
        log.register(Module(MODULE, "m.py", list(range(lines))))
    assert log.probes == 5
    assert log.add({MODULE: [4]}) == 1


def test_a_module_that_is_known_is_never_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage_log, "MOST_PROBES", 10)
    log = CoverageLog()
    for _ in range(3):
        log.register(Module("a", "a.py", list(range(7))))
    log.register(Module("a", "a.py", list(range(8))))
    log.register(Module("b", "b.py", list(range(2))))
    with pytest.raises(ProtocolError):
        log.register(Module("c", "c.py", [1]))
    assert log.probes == 10


def test_edges_are_numbered_in_the_order_in_which_they_were_covered() -> None:
    log = CoverageLog()
    for name in ("a", "b"):
        log.register(Module(name, f"{name}.py", [1, 2, 3]))
    log.add({"b": [2], "a": [0]})
    log.add({"a": [0, 1]})
    assert log.numbers({"a": [0, 1], "b": [2]}) == [1, 2, 0]
    assert len(log) == 3


def test_a_corpus_that_cannot_be_written_is_one_warning_with_the_number_of_what_is_lost(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.fuzzing(b"seed")
    work.generated.parent.mkdir(parents=True, exist_ok=True)
    work.generated.write_text("in the way")
    before = len(work.told.warnings)
    for data in (b"one", b"two", b"three"):
        work.search.admit(0, data, {})
    said = set(work.told.warnings[before:])
    assert len(said) == 1, said
    assert f"the generated corpus cannot be written: {work.generated}: " in said.pop()
    assert work.search.unkept == 3


PARSER = "def parse(data):\n    if data:\n        return data[0]\n    return None\n"


@pytest.mark.parametrize(
    ("edited", "line", "words"),
    [
        (PARSER, 3, ""),
        ("import json\n\n" + PARSER, 5, "is favoured as before, it is line 5 now"),
        (PARSER.replace("data[0]", "data[1]"), None, "is favoured no more: that line is not found in the new code"),
        ("", None, "is favoured no more"),
        (None, None, "is favoured no more"),
    ],
    ids=["as it was", "moved", "changed", "emptied", "deleted"],
)
def test_a_favoured_line_is_followed_through_a_reload(
    tmp_path: Path, edited: str | None, line: int | None, words: str
) -> None:
    work = Work(tmp_path)
    search = work.search
    file = tmp_path / "parser.py"
    file.write_text(PARSER)
    search.lines.wishes = 1  # of a screen
    favour(search, (str(file), 3))
    file.write_text(edited) if edited is not None else file.unlink()
    search.reload([])
    assert search.lines.favoured == ((str(file), line) if line else None)
    assert search.lines.wishes == 1 + bool(line)
    told = [event.message for event in work.told.events if isinstance(event, Steered)]
    assert all(words in message and "parser.py:3" in message for message in told)
    assert len(told) == bool(words)
    favour(search, None)
    assert search.lines.wishes == 1
