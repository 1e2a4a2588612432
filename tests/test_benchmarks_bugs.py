import importlib
import os
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.arena import BUGS, bare_arena, bug_arena
from benchmarks.bugs import PROMISES, is_settled, promise, seconds, verdicts
from benchmarks.children import search as child
from benchmarks.search import BUG, Search, fuzztui
from fuzztui.engine.show.events import WorkerEnded, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import label


def field(number: int, kind: int, value: bytes) -> bytes:
    return bytes((number << 3 | kind, len(value))) + value


WITNESSES = {
    "nested": b"\xf5uZ\x07!\x9c",
    "png": b"\x89PNG\r\n\x1a\n\x5e\xc0\xde\x17tEXt",
    "keyword": b"HELLO transfer 31337",
    "checksum": struct.pack(">2sHI", b"Pk", 5, zlib.crc32(b"drop!")) + b"drop!",
    "tlv": field(1, 2, field(1, 2, field(1, 1, b"quota") + field(3, 0, b"\xff"))),
    "csv": b'a:boolean,b:text\ntrue,x\n"",y',
    "grammar": b"if a { while b { } }",
    "json": b'"\\u-123"',
    "html": b"<![x]>",
    "tomlkit": b"''t\n",
    "dateutil": b"0" * 31 + b"2" * 31 + b"H",
}

NEAR_MISSES = {
    "nested": b"\xf5uZ\x07!\x9d",
    "png": b"\x89PNG\r\n\x1a\n\x5e\xc0\xde\x17tEXT",
    "keyword": b"HELLO transfer 31338",
    "checksum": struct.pack(">2sHI", b"Pk", 5, zlib.crc32(b"drop?")) + b"drop!",
    "tlv": field(1, 2, field(1, 1, b"quota") + field(3, 0, b"\xff")),
    "csv": b"a:boolean,b:text\ntrue,x\n,y",
    "grammar": b"if a { while b { print 1; } } while c { }",
    "json": b'"\\u0123"',
    "html": b"<![CDATA[x]]>",
    "tomlkit": b"x = 1\n",
    "dateutil": b"2024-01-01",
}


@pytest.mark.parametrize("name", BUGS)
def test_target_fails_for_its_bug_and_for_nothing_near(name: str) -> None:
    module = importlib.import_module(f"benchmarks.targets.bugs.fuzz_{name}")
    target = getattr(module, f"fuzz_{name}")
    planted = getattr(module, BUG)
    for data in (b"", b"\0\xff" * 40, NEAR_MISSES[name]):
        target(data)
    with pytest.raises(planted):
        target(WITNESSES[name])


def test_bug_stands_alone_in_its_arena_without_seeds() -> None:
    with bug_arena("tlv") as made:
        assert "class PlantedError" in made.file.read_text()
        assert not list(made.seeds.iterdir())


def test_bug_that_is_not_found_counts_as_found_at_the_limit() -> None:
    missed, early, late = Search(9.7, 0.2, False), Search(2.0, 0.2, True), Search(10.2, 0.2, True)
    assert seconds([missed, early, late], 10.0) == seconds([early, late, missed], 10.0)
    spread = seconds([missed, early, late], 10.0)
    assert (spread.least, spread.median, spread.most) == (2.0, 10.0, 10.0)


def test_searches_that_cannot_move_the_median_any_more_are_left_out() -> None:
    missed, found = Search(10.0, 0.2, False), Search(2.0, 0.2, True)
    assert is_settled([missed, missed], 3)
    assert not is_settled([missed, found], 3)
    assert not is_settled([missed] * 5, 10)
    assert is_settled([missed] * 6, 10)
    assert seconds([found] * 3 + [missed] * 6, 10.0).median == seconds([found] * 4 + [missed] * 6, 10.0).median == 10.0


def test_verdicts_are_of_the_worst_target_and_of_the_geometric_mean() -> None:
    worst, mean = verdicts({"a": 0.01, "b": 1.0, "c": None})
    assert worst.name == "bugs, worst target (b)"
    assert worst.met
    assert mean.value == pytest.approx(0.1)
    assert not verdicts({"a": 1.01})[0].met
    assert not verdicts({"a": 0.2})[1].met
    assert verdicts({"a": None}) == []


def test_promise_is_kept_by_the_share_of_searches_that_found_the_bug_in_time() -> None:
    kept, missed = promise("keyword", 10, 10, 40.0), promise("keyword", 9, 10, 40.0)
    assert kept is not None
    assert kept.met
    assert missed is not None
    assert not missed.met
    most = promise("tlv", 8, 10, 60.0)
    assert most is not None
    assert most.met
    assert "tlv's bug found within 60 CPU seconds: 8 of 10" in str(most)


def test_search_that_was_shorter_than_promised_judges_nothing() -> None:
    assert promise("tlv", 0, 3, 10.0) is None
    assert promise("keyword", 3, 3, 10.0) is not None


def test_promises_are_of_bugs_that_there_are() -> None:
    assert set(PROMISES) <= set(BUGS)


@pytest.mark.processes
def test_search_finds_a_bug_and_says_what_it_took() -> None:
    with bug_arena("nested") as made:
        result = fuzztui(made, 1, 20.0)
    assert result.found
    assert result.cpu > 0
    assert result.start > 0


def test_a_search_in_which_a_worker_failed_by_itself_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = WorkerEnded(1.0, 0, label("exit 70"), label("IndexError in the worker"), 0.0, is_orderly=False)
    ends: list[WorkerEnded] = [replace(failed, is_orderly=True), replace(failed, is_by_input=True)]

    class Finished:
        def __init__(self, _options: object) -> None: ...

        def run(self, on_event: Any) -> object:
            on_event(WorkerStarted(0.0, 0, os.getpid(), 0))
            for end in ends:
                on_event(end)
            return SimpleNamespace(reason=StopReason.USER, detail="")

        def snapshot(self) -> object:
            return SimpleNamespace(outcome=1, warnings=[], executions=1, edges=1, corpus=1)

    monkeypatch.setattr(child, "Session", Finished)
    assert child.search(cast("Any", None), 1.0)["executions"] == 1
    ends.append(failed)
    with pytest.raises(SystemExit, match="IndexError in the worker"):
        child.search(cast("Any", None), 1.0)


@pytest.mark.processes
def test_search_without_a_bug_ends_when_its_cpu_time_is_used() -> None:
    with bare_arena("json") as made:
        result = fuzztui(made, 1, 0.5)
        assert not result.found
        assert result.cpu >= 0.5
        assert list(made.generated.iterdir())


OTHER = """
class PlantedError(Exception): ...

def fuzz_other(data: bytes) -> None:
    assert len(data) < 3 or data[:1] != b"{", "a mistake of its own"
    if data[:3] == BUG:
        raise PlantedError
"""


@pytest.mark.processes
@pytest.mark.parametrize(("bug", "is_found"), [("b'}bu'", True), ("b'{bu'", False)])
def test_a_search_goes_on_behind_a_failure_that_is_not_the_planted_one(
    tmp_path: Path, bug: str, is_found: bool
) -> None:
    (tmp_path / "fuzz_other.py").write_text(OTHER.replace("BUG", bug))
    with bare_arena("other", tmp_path) as made:
        assert fuzztui(made, 1, 20.0 if is_found else 1.0).found == is_found
