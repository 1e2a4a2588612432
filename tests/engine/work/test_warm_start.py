"""A run executes of the generated corpus what it cannot know from earlier sessions, and distils it before it fuzzes."""

from pathlib import Path

import pytest

from fuzztui.engine.keep.measured import Measured, fingerprints
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.work import baseline, islands, schedule
from fuzztui.engine.work.baseline import Baseline
from fuzztui.protocol.messages import Fuzz, Module
from tests.engine.work.scripted import MODULE, ScriptedWorker, Work, store

SAME = {"m.py": b"digest"}


def session(folder: Path, covers: dict[bytes, tuple[int, ...]], code: dict[str, bytes]) -> tuple[Work, ScriptedWorker]:
    """One run up to its fuzzing."""
    work = Work(folder)
    work.search.code = lambda: code
    worker = work.begin().worker()
    while work.phase() is Phase.BASELINE:
        inputs = worker.ask()
        assert isinstance(inputs, list)
        for data in inputs:
            worker.clean(*covers.get(data, ()))
        worker.done()
    return work, worker


COVERS: dict[bytes, tuple[int, ...]] = {b"%03d" % number: (number % 5, 900) for number in range(100)}


@pytest.fixture(autouse=True)
def few_are_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "RUN_AGAIN", 3)


def test_what_has_been_measured_on_the_same_code_is_not_run_again(tmp_path: Path) -> None:
    store(Work(tmp_path).generated, *COVERS)
    _, first = session(tmp_path, COVERS, SAME)
    work, second = session(tmp_path, COVERS, SAME)
    assert len(first.executed) == 101
    assert len(second.executed) == 4, "the zero value, and the smallest that are spliced with"
    assert len(work.search.coverage) == 6
    assert work.job(Baseline).done == work.job(Baseline).total == 4
    assert {entry.edges for entry in work.search.corpus.entries if entry.data in COVERS} == {
        tuple(work.search.coverage.numbers({MODULE: list(edges)})) for edges in COVERS.values()
    }


def test_other_code_has_all_that_covers_it_run(tmp_path: Path) -> None:
    store(Work(tmp_path).generated, *COVERS)
    session(tmp_path, COVERS, SAME)
    assert len(session(tmp_path, COVERS, {"m.py": b"other"})[1].executed) == 101
    assert len(session(tmp_path, COVERS, {})[1].executed) == 101, "nobody knows which code that is"


def test_new_inputs_are_run(tmp_path: Path) -> None:
    store(Work(tmp_path).generated, *COVERS)
    session(tmp_path, COVERS, SAME)
    store(Work(tmp_path).generated, b"new")
    assert b"new" in session(tmp_path, COVERS, SAME)[1].executed


def test_a_stored_input_is_run_each_time(tmp_path: Path) -> None:
    store(Work(tmp_path).generated, *COVERS)
    store(Work(tmp_path).stored, b"mine")
    session(tmp_path, COVERS, SAME)
    assert b"mine" in session(tmp_path, COVERS, SAME)[1].executed


@pytest.mark.parametrize("damage", [b"", b"x", b"x\x9cK\xcb\xcf\x07"])
def test_a_damaged_file_costs_time_and_nothing_else(tmp_path: Path, damage: bytes) -> None:
    store(Work(tmp_path).generated, *COVERS)
    session(tmp_path, COVERS, SAME)
    (file,) = (tmp_path / ".fuzztui" / "covered").iterdir()
    file.write_bytes(file.read_bytes()[:-9] if damage == b"x" else damage)
    assert len(session(tmp_path, COVERS, SAME)[1].executed) == 101


def test_what_is_found_is_known_in_the_next_session(tmp_path: Path) -> None:
    work, worker = session(tmp_path, {}, SAME)
    worker.ask()
    worker.finds(b"found", 7)
    worker.finds(b"found too", 8, 7)
    worker.done()
    work.board.close()
    work, worker = session(tmp_path, {b"found": (7,), b"found too": (7, 8)}, SAME)
    assert len(work.search.coverage) == 2


def test_only_entries_in_changed_modules_are_lost(tmp_path: Path) -> None:
    measured = Measured(Folder(tmp_path), "file", "python")
    modules = [Module("a", "a.py", [1, 2]), Module("b", "b.py", [1, 2, 3])]
    edges = [("b", 2), ("a", 1), ("b", 0)]
    then = fingerprints(modules, {"a.py": b"1", "b.py": b"1"})
    one, other, both = ("1" * 64, "2" * 64, "3" * 64)
    measured.keep(measured.content(then, edges, {one: [1], other: [0, 2], both: [1, 2]}))
    known = measured.load(fingerprints(modules, {"a.py": b"2", "b.py": b"1"}))
    assert list(known.entries) == [other]
    assert known.coverage == {"b": [2, 0]}
    assert [known.edges[edge] for edge in known.entries[other]] == [("b", 2), ("b", 0)]
    moved = [modules[0], Module("b", "b.py", [1, 2, 4])]
    assert list(measured.load(fingerprints(moved, {"a.py": b"1", "b.py": b"1"})).entries) == [one]
    assert not Measured(Folder(tmp_path), "file", "another python").load(then).entries


def test_a_corpus_that_covers_the_same_again_and_again_gets_few_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "FIRST_TURNS", 10)
    monkeypatch.setattr(islands, "PATIENCE", 1_000_000)
    store(Work(tmp_path).generated, *COVERS)
    _, worker = session(tmp_path, COVERS, SAME)
    turns: list[bytes] = []
    for _ in range(2000):
        call = worker.ask()
        assert isinstance(call, Fuzz)
        turns.append(call.entry)
        worker.done()
    needed = set(sorted(COVERS)[:5])
    others = [data for data in turns if data not in needed]
    assert needed < set(turns[:20])
    assert len(others) < len(turns) / 2
    assert set(turns) >= set(COVERS), "in the end each has had a turn"
    assert len(set(turns[:200])) < 40
