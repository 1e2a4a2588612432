"""What earlier sessions left is there again with all that they learned, and is worked on with what a run has."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.before import write_before
from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.record import Smallest
from fuzztui.engine.keep.record_parser import parse
from fuzztui.engine.request.task import Revisit
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.needed import Needed, Part
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import label
from fuzztui.engine.triage.left import Left, left_behind
from fuzztui.engine.triage.triage import Change, Triage
from fuzztui.engine.work.confirmation import MOST_RUNS
from tests.engine.test_record import FULL
from tests.engine.work.scripted import ScriptedWorker, Work, failure
from tests.support import Project

A = "1-ValueError"

# What can be anything ----------------------------------------------------------------------------------------------


def parts(*given: tuple[int, int, int, str, bool]) -> tuple[Part, ...]:
    return tuple(Part(argument, start, end, unit, is_free=is_free) for argument, start, end, unit, is_free in given)


NEEDED = [
    ((b"abcd",), (), parts((0, 0, 4, "byte", False))),
    ((b"abcd",), ((0, 1, 3),), parts((0, 0, 1, "byte", False), (0, 1, 3, "byte", True), (0, 3, 4, "byte", False))),
    ((b"abcd",), ((0, 0, 4),), parts((0, 0, 4, "byte", True))),
    ((b"", "\u20ac", 7), ((1, 0, 1),), parts((1, 0, 1, "character", True), (2, 0, 1, "value", False))),
    ((7, 8), ((0, 0, 1), (1, 0, 1)), parts((0, 0, 1, "value", True), (1, 0, 1, "value", True))),
]


@pytest.mark.parametrize(("arguments", "free", "all_parts"), NEEDED)
def test_parts_are_known_again_from_those_that_are_free(
    arguments: tuple[Any, ...], free: tuple[tuple[int, int, int], ...], all_parts: tuple[Part, ...]
) -> None:
    needed = Needed.of(free, True, arguments)
    assert needed == Needed(all_parts, True)
    assert needed.fields() == {"free": list(map(list, free)), "together": True}


@pytest.mark.parametrize("free", [((0, 2, 5),), ((1, 0, 1),), ((0, 2, 3), (0, 1, 2)), ((0, 1, 1),)])
def test_parts_that_an_input_does_not_have_are_not_known(free: tuple[tuple[int, int, int], ...]) -> None:
    assert Needed.of(free, False, (b"abcd",)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"needed": 3},
        {"needed": {"free": [[0, 1]]}},
        {"needed": {"free": [[0, 2, 1]]}},
        {"needed": {"free": [["0", 1, 2]]}},
        {"branches": [3]},
        {"branches": [{"file": "a.py", "line": "7"}]},
        {"scenes": [{"source": 3}]},
        {"smallest": 1},
        {"neighbour": 7},
    ],
    ids=str,
)
def test_an_explanation_of_another_form_makes_it_no_record(wrong: dict[str, Any]) -> None:
    fields = json.loads(FULL.to_json())
    fields["minimized"] |= wrong
    with pytest.raises(ValueError, match="wrong field"):
        parse(json.dumps(fields).encode(), FULL.id)


def test_what_a_later_version_writes_of_the_smallest_input_stays() -> None:
    smallest = Smallest("c" * 64, 9, free=((0, 1, 2),), others={"later": [1]})
    record = replace(FULL, minimized=smallest)
    assert parse(record.to_json(), record.id) == record


# Crashers ----------------------------------------------------------------------------------------------------------


def met(folder: Path, name: str = "ValueError", data: bytes = b"bad") -> Work:
    """A session that has met a failure, and is over."""
    work = Work(folder).begin()
    work.search.record(0, data, failure(name), None)
    work.search.crashers.write_records()
    return work


def left(work: Work) -> tuple[Crasher, ...]:
    triage = Triage.load(work.options.target, work.options.cache_dir)
    return left_behind(triage, work.options, work.parameters).crashers


def test_how_it_came_about_is_told_as_it_was_when_it_was_found(tmp_path: Path) -> None:
    work = Work(tmp_path).begin()
    way = (
        Ancestor("a" * 64, label("seed 2"), (), label("")),
        Ancestor("b" * 64, label("bbbbbbbbbbbb"), (label("insert"),), label("at 1: b'x' put in")),
        Ancestor("c" * 64, label("this input"), (label("splice, arithmetic"),), label("at 2: b'y' -> b'z'")),
    )
    work.search.crashers.record(b"bad", failure(), worker=0, lineage=way)
    work.search.crashers.write_records()
    (crasher,) = left(work)
    assert crasher.lineage == way


def revisit(folder: Path, crasher: Crasher, *, minimize: bool = False) -> tuple[Work, ScriptedWorker]:
    ids = (crasher.id,)
    task = Revisit((crasher,), minimize=ids) if minimize else Revisit((crasher,), validate=ids)
    work = Work(folder, task, confirms=True).begin()
    return work, work.worker()


def given(worker: ScriptedWorker) -> Any:
    while not worker.is_busy():
        worker.ask()
        if not worker.is_busy():
            worker.renews()
    return [item.data for item in worker.call.items]


def test_one_that_fails_now_and_then_is_told_as_in_a_run(tmp_path: Path) -> None:
    (crasher,) = left(met(tmp_path))
    work, worker = revisit(tmp_path, crasher)
    for number in range(MOST_RUNS):
        assert given(worker) == [b"bad"]
        worker.fails() if number % 4 == 1 else worker.clean(0)
        worker.done()
    known = work.search.crashers.get(A).confirmation
    assert known is not None
    assert known.badge == "3/10 flaky"
    assert work.is_done()


def test_one_that_needs_state_is_run_after_what_is_kept_with_it(tmp_path: Path) -> None:
    before = met(tmp_path)
    (crasher,) = left(before)
    write_before(before.options.target.crashers_dir, before.search.records, crasher.sha256, (b"odd", b"key"))
    (crasher,) = left(before)
    assert crasher.before == (b"odd", b"key")
    work, worker = revisit(tmp_path, crasher)
    while not work.is_done():
        inputs = given(worker)
        for each in inputs[:-1]:
            assert each in crasher.before
            worker.clean(0)
        worker.fails() if b"key" in inputs else worker.clean(0)
        worker.done()
    again = work.search.crashers.get(A)
    assert again.confirmation is not None
    assert (again.confirmation.badge, again.before) == ("0/10 needs state", (b"key",))
    assert left(work)[0].before == (b"key",), "the shorter one is kept"


def recorded(work: Work) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((work.records / f"{A}.json").read_text())
    return fields


@pytest.mark.parametrize("fails", [True, False])
def test_what_comes_of_it_is_in_the_record_and_is_neither_a_hit_nor_a_session(tmp_path: Path, fails: bool) -> None:
    first = met(tmp_path)
    path = first.records / f"{A}.json"
    path.write_text(json.dumps({**recorded(first), "last_seen": "2026-01-01T00:00:00Z", "versions": {"Python": "3"}}))
    (crasher,) = left(first)
    work, worker = revisit(tmp_path, crasher)
    work.search.crashers.provenance.versions = {"Python": "4"}
    while not work.is_done():
        given(worker)
        worker.fails() if fails else worker.clean(0)
        worker.done()
    work.search.crashers.write_records()
    now = recorded(work)
    assert (now["hits"], now["sessions"]) == (1, 1)
    assert now["confirmation"]["reproduces"] is fails
    assert (now["last_seen"] > "2026-01-02") is fails
    assert now["versions"] == {"Python": "4" if fails else "3"}, "those of the code that it failed with"


@pytest.mark.parametrize("fails", [True, False])
def test_one_that_was_marked_fixed_has_regressed_if_it_fails_and_only_then(tmp_path: Path, fails: bool) -> None:
    first = met(tmp_path)
    Triage.load(first.options.target, first.options.cache_dir).decide(A, Change(status=Status.FIXED))
    (crasher,) = left(first)
    assert not crasher.is_regressed
    work, worker = revisit(tmp_path, crasher)
    while not work.is_done():
        given(worker)
        worker.fails() if fails else worker.clean(0)
        worker.done()
    assert work.search.crashers.get(A).is_regressed is fails
    assert left(work)[0].is_regressed is fails
    assert bool(recorded(work)["regressed"]) is fails


def test_those_without_an_input_are_named_with_the_reason(tmp_path: Path) -> None:
    work = met(tmp_path)
    work.search.record(0, b"as declared", failure("KeyError"), Entry(b"as declared", label("seed 2"), Origin.SEED))
    work.search.crashers.write_records()
    ((path),) = work.options.target.crashers_dir.path.glob("[0-9a-f]" * 64)
    path.unlink()
    triage = Triage.load(work.options.target, work.options.cache_dir)
    found = left_behind(triage, work.options, work.parameters)
    assert found.crashers == ()
    assert found.sentences == (
        "1 crasher is a seed that the target declares, which a run or `fuzztui test` runs: KeyError in parse (seed 2).",
        "Of 1 known crasher no input is there any more: ValueError in parse.",
    )
    many = Left((), tuple(label(f"seed {number}") for number in range(9)), ())
    assert many.sentences == (
        "9 crashers are each a seed that the target declares, which a run or `fuzztui test` runs: "
        "seed 0, seed 1, seed 2, seed 3, seed 4 and 4 more.",
    )


def test_another_crasher_of_the_same_input_is_no_new_one(tmp_path: Path) -> None:
    first = met(tmp_path)
    met(tmp_path, "KeyError", b"other")
    crashers = left(first)
    work = Work(tmp_path, Revisit(crashers, validate=(A,)), confirms=True).begin()
    worker = work.worker()
    while not work.is_done():
        given(worker)
        worker.fails("KeyError")
        worker.done()
    assert work.told.crashers == []
    assert work.search.crashers.get(A).confirmation is not None


# With processes ----------------------------------------------------------------------------------------------------

TARGET = """
import fuzztui

@fuzztui.fuzz(seeds=[b"begin <tag> and more of it"])
def fuzz_it(data: bytes):
    size = len(data)
    if b"<" in data:
        if size > 3:
            raise ValueError(size)
"""


@pytest.mark.processes
def test_all_that_a_run_explains_is_there_the_next_day(project: Callable[..., Project]) -> None:
    made = project(TARGET.replace("<tag>", "_tag_"), workers=1, minimize_time=10.0)
    (before,) = made.run().crashers
    options = made.options_for()
    triage = Triage.load(options.target, options.cache_dir)
    (now,) = left_behind(triage, options, ("bytes",)).crashers
    assert before.minimized is not None
    assert now.minimized is not None
    assert now.minimized.needed == before.minimized.needed is not None
    assert now.minimized.branches == before.minimized.branches != ()
    assert now.minimized.neighbour == before.minimized.neighbour != ""
    assert now.minimized.scenes == before.minimized.scenes != ()
    assert (now.minimized.sizes, now.minimized.values) == (before.minimized.sizes, before.minimized.values)
    assert now.minimized.path == before.minimized.path
    assert now.lineage == before.lineage
    assert (now.scenes, now.confirmation, now.failure.traceback) == (
        before.scenes,
        before.confirmation,
        before.failure.traceback,
    )
