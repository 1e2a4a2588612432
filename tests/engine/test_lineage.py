"""Which input each found one was made from, and how: told with a crasher, kept over sessions."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep import lineage
from fuzztui.engine.keep.lineage import MOST_OPERATORS, Lineage, Step, digest, step
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.lineage import CHANGE_BYTES, changed
from fuzztui.engine.work.ancestry import MOST_ANCESTORS
from tests.engine.work.scripted import ScriptedWorker, Work, failure
from tests.support import Project

MakeProject = Callable[..., Project]

CHANGES = {
    (b"abc", b"abc"): "nothing",
    (b"abc", b"abXc"): "at 2: b'X' put in",
    (b"abXc", b"abc"): "at 2: b'X' left out",
    (b"abc", b"aXc"): "at 1: b'b' -> b'X'",
    (b"", b"x"): "at 0: b'x' put in",
    (b"x", b""): "at 0: b'x' left out",
    (b"aaa", b"aaaa"): "at 3: b'a' put in",
    (b"a" * 9, b"X" * 9): "at 0: b'aaaaaaaaa' -> b'XXXXXXXXX'",
    (b"", b"\x1b[31m"): "at 0: b'\\x1b[31m' put in",
    (b"", b"a" * 1_000): f"at 0: b'{'a' * CHANGE_BYTES}'... (1,000 bytes) put in",
}


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_change_is_told_as_one_replaced_part(before: bytes, after: bytes) -> None:
    assert changed(before, after) == CHANGES[before, after]


def kept(folder: Path) -> Lineage:
    return Lineage(Folder(folder), "steps.json")


def test_steps_survive_a_session(tmp_path: Path) -> None:
    first = kept(tmp_path)
    first.note(b"child", step(b"parent", ["insert", "delete"]))
    assert not first.is_kept
    first.keep(first.content())
    again = kept(tmp_path)
    again.load()
    assert again.get(digest(b"child")) == Step(digest(b"parent"), ("insert", "delete"))


def test_the_first_way_counts(tmp_path: Path) -> None:
    steps = kept(tmp_path)
    steps.note(b"child", step(b"parent", ["insert"]))
    steps.note(b"child", step(b"other", ["delete"]))
    assert steps.get(digest(b"child")) == step(b"parent", ["insert"])


DAMAGED = {
    "nothing": b"",
    "half a file": b'{"' + digest(b"x").encode() + b'": ["',
    "a list": b"[1, 2]",
    "other values": json.dumps({"a": 1, "b": ["short", []], "c": [digest(b"x"), [1]], "d": [digest(b"x")]}).encode(),
    "nested": b"[" * 100_000,
    "bytes": b"\xff\x00",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_passed_by(tmp_path: Path, kind: str) -> None:
    (tmp_path / "steps.json").write_bytes(DAMAGED[kind])
    steps = kept(tmp_path)
    steps.load()
    assert json.loads(steps.content()) == {}


def test_the_oldest_steps_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MOST_STEPS", 3)
    steps = kept(tmp_path)
    for number in range(5):
        steps.note(b"%d" % number, step(b"parent", []))
    assert [steps.get(digest(b"%d" % number)) is not None for number in range(5)] == [False, False, True, True, True]


def test_what_a_worker_says_is_bounded() -> None:
    told = step(b"parent", ["x" * 1_000_000] * 1_000)
    assert len(told.operators) == MOST_OPERATORS
    assert sum(map(len, told.operators)) < 10_000


def ways(work: Work) -> list[list[str]]:
    return [[str(each.sentence) for each in crasher.lineage] for crasher in work.told.crashers]


def find(work: Work, worker: ScriptedWorker, data: bytes, edge: int) -> None:
    """The entry whose turn it is leads to another one."""
    worker.ask()
    worker.finds(data, edge)
    worker.done()


def test_a_crasher_is_told_with_its_way_from_the_seed(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    find(work, worker, b"seeds", 10)
    work.search.lineage._steps[digest(b"seeds")] = step(b"seed", ["insert"])
    work.search.record(0, b"needs", failure(), None, step=step(b"seeds", ["replace", "trimmed"]))
    assert ways(work) == [
        [
            "seed 1",
            f"{digest(b'seeds')[:12]}: insert (at 4: b's' put in)",
            "this input: replace, trimmed (at 0: b's' -> b'n')",
        ]
    ]
    record = json.loads(next(work.records.glob("*.json")).read_bytes())
    assert [each["operator"] for each in record["lineage"]] == ["seed 1", "insert", "replace, trimmed"]
    assert [each["sha256"] for each in record["lineage"]] == [digest(d) for d in (b"seed", b"seeds", b"needs")]


def test_a_worker_names_the_operators_and_the_call_the_parent(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.fails()
    ((first, last),) = ways(work)
    assert first == "seed 1"
    assert last.startswith("this input: an unknown operator (")


def test_of_a_death_the_parent_is_known(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.dies(data=b"seed!")
    assert ways(work) == [["seed 1", "this input: an unknown operator (at 4: b'!' put in)"]]


def test_a_failing_seed_was_not_made(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"seed")
    worker = work.worker()
    worker.ask()
    worker.fails()
    assert ways(work) == [[]]


def test_where_a_parent_is_gone_the_way_begins_there(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"seed")
    work.search.record(0, b"x", failure(), None, step=step(b"gone", ["insert"]))
    assert ways(work) == [[digest(b"gone")[:12], "this input: insert"]]


def test_a_way_that_leads_in_a_circle_ends(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    find(work, worker, b"a", 10)
    find(work, worker, b"b", 11)
    work.search.lineage._steps |= {digest(b"a"): step(b"b", ["x"]), digest(b"b"): step(b"a", ["x"])}
    work.search.record(0, b"c", failure(), None, step=step(b"a", ["y"]))
    assert len(work.told.crashers[0].lineage) == MOST_ANCESTORS + 1


STEPS = """
import fuzztui

@fuzztui.fuzz(seeds=[b"begin"])
def fuzz_it(data: bytes):
    if data[:1] == b"<":
        if data[1:2] == b"!":
            if data[2:3] == b">":
                raise ValueError
"""


def test_the_way_is_known_over_sessions(project: MakeProject) -> None:
    target = project(STEPS)
    first = target.run(limit=Limit(executions=400), stop_on_crash=False)
    run = target.run(limit=Limit(seconds=60.0))
    (crasher,) = run.crashers
    if crasher.seed_name is not None:  # the first session has found it
        (crasher,) = first.crashers
    names = [str(each.name) for each in crasher.lineage]
    assert names[0] in ("seed 1", "zero value")
    assert names[-1] == "this input"
    assert all(each.operators and each.change for each in crasher.lineage[1:])
    assert crasher.lineage[-1].sha256 == crasher.sha256
