"""A record keeps what all sessions have learned: it is read strictly, merged without loss, and never clobbers."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fuzztui.engine.keep.record import (
    LONGEST,
    MOST_INPUTS,
    Discovery,
    NoRecordError,
    Record,
    Revision,
    Smallest,
    Step,
    merged,
)
from fuzztui.engine.keep.record_parser import parse
from fuzztui.engine.keep.records import add_to_record, clear_regression, read_records
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.text import label, visible
from tests.engine.work.scripted import failure

A, B, C = ("a" * 64, "b" * 64, "c" * 64)

FULL = Record(
    failure=replace(failure(), output=label("printed"), is_output_exact=True, message=label("wrong")),
    target="fuzz_it.py::fuzz_it",
    inputs=(A, B),
    values=label("b'1'"),
    size=label("1 B"),
    seed=label("seed 2"),
    first_seen="2026-02-27T10:00:00Z",
    last_seen="2026-02-28T10:00:00Z",
    hits=7,
    sessions=2,
    discovery=Discovery(3, 1.5, 100, 20),
    lineage=(Step(B, label("seed 2"), label("")), Step(A, label("insert"), label("two bytes at 3"))),
    confirmation=Confirmation(3, 2, 1),
    minimized=Smallest(C, 9),
    versions={"Python": "3.11.7", "tomlkit": "0.7.0"},
    revision=Revision("d" * 40, True),
    regressed="2026-02-28T10:00:00Z",
)


def plain(**changes: Any) -> Record:
    """What a session knows of a bucket at first."""
    seen = "2026-03-01T00:00:00Z"
    return replace(Record(failure=failure(), target="t", inputs=(A,), first_seen=seen, last_seen=seen), **changes)


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert parse(FULL.to_json(), FULL.id) == FULL
    assert parse(plain().to_json(), FULL.id) == plain()


@pytest.mark.parametrize(
    "strange", [float("nan"), "half a character: \ud800", "byte \udcff", "\u2028\x7f é", 10**40, {}, []]
)
def test_a_record_has_a_line_for_each_field_whatever_another_version_has_written_there(strange: object) -> None:
    record = replace(FULL, minimized=Smallest(C, 9, others={"other": strange}))
    written = record.to_json()
    expected = json.dumps(json.loads(written), indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
    assert written == expected
    assert written.count(b"\n") > 60
    assert f'"first_seen": "{FULL.first_seen}",\n'.encode() in written


def old(**changes: object) -> bytes:
    fields = {**failure().fields(), "sha256": A, "target": "t", "values": "b''", "seed": None, **changes}
    return json.dumps(fields).encode()


def test_records_of_earlier_versions_are_read() -> None:
    record = parse(old(date="2026-02-28", size="1 B", confirmation={"runs": 3, "failures": 3}), failure().id)
    assert (record.first_seen, record.last_seen, record.day) == ("2026-02-28", "2026-02-28", "2026-02-28")
    assert record.confirmation == Confirmation(3, 3)
    assert (record.hits, record.sessions, record.discovery) == (1, 1, None)
    oldest = {"sha256": A, "target": "t", "kind": "exception", "type": "ValueError", "traceback": "", "values": ""}
    assert parse(json.dumps(oldest).encode(), A).id == A


NO_RECORDS = {
    b"": "is no JSON",
    b"\xff\xfe": "is no JSON",
    b"{": "is no JSON",
    b"[" * 100_000: "is no JSON",
    b"[]": "is no JSON object",
    b"7": "is no JSON object",
    b"{}": "has a wrong field sha256",
    b'{"record": "2"}': "is no record",
    b'{"record": true}': "is no record",
    b'{"record": 3}': "is a record of a later version, 3",
    b"{" + b" " * LONGEST + b"}": "more than any record",
}


@pytest.mark.parametrize("content", NO_RECORDS)
def test_what_is_no_record_says_why(content: bytes) -> None:
    with pytest.raises(NoRecordError) as caught:
        parse(content, "1-a")
    assert NO_RECORDS[content] in caught.value.reason


WRONG: dict[str, list[object]] = {
    "sha256": [None, 7, "abc", "A" * 64],
    "id": ["1-other", 3],
    "kind": ["odd", 3],
    "type": [3],
    "first_seen": ["yesterday", 3],
    "last_seen": ["2026-13-01"],
    "hits": [-1, "7", True, 1.5],
    "sessions": [-1],
    "discovery": [[], {"worker": "x"}, {"edges": -1}],
    "inputs": [{}, ["x"], [3]],
    "lineage": [["x"], [{"sha256": "x"}]],
    "confirmation": [[3], {"runs": 0, "failures": 0}, {"runs": 1, "failures": 2}],
    "minimized": [{"sha256": "x", "bytes": 3}, 3],
    "versions": [[], {"Python": 3}],
    "revision": [3, {"commit": 3}, {"dirty": 1}],
    "regressed": ["soon"],
    "output_exact": ["yes"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_field_of_another_type_makes_it_no_record(field: str, value: object) -> None:
    fields = {**json.loads(FULL.to_json()), field: value}
    with pytest.raises(NoRecordError):
        parse(json.dumps(fields).encode(), FULL.id)


def test_what_a_record_says_can_be_shown() -> None:
    fields = {**json.loads(FULL.to_json()), "type": "\x1b[31m", "traceback": "a\n\x1bb", "values": "\u202e"}
    record = parse(json.dumps(fields).encode(), FULL.id)
    assert (record.failure.type, record.failure.traceback) == ("\\x1b[31m", "a\n\\x1bb")
    assert record.values == "\\u202e"


def test_a_later_session_adds_to_what_is_known() -> None:
    now = plain(inputs=(C,), hits=3, confirmation=Confirmation(3, 3), discovery=Discovery(0, 9.0, 9, 9))
    both = merged(FULL, now)
    assert (both.hits, both.sessions) == (10, 3)
    assert (both.first_seen, both.last_seen) == (FULL.first_seen, now.last_seen)
    assert both.discovery == FULL.discovery
    assert both.inputs == (C, A, B)
    assert both.confirmation == Confirmation(3, 3)


def test_nothing_gives_way_to_nothing() -> None:
    bare = plain(failure=replace(failure(), traceback=label("")), hits=0, sessions=0)
    both = merged(FULL, bare)
    for name in ("confirmation", "minimized", "versions", "revision", "lineage", "regressed", "discovery"):
        assert getattr(both, name) == getattr(FULL, name), name
    assert both.failure.traceback == FULL.failure.traceback
    assert both.failure.output == FULL.failure.output
    assert (both.hits, both.sessions) == (FULL.hits, FULL.sessions)


def test_an_older_session_that_writes_later_does_not_turn_time_back() -> None:
    newer = plain(failure=replace(failure(), message=label("new")))
    both = merged(newer, plain(last_seen="2026-01-01T00:00:00Z", first_seen="2026-01-01T00:00:00Z", inputs=(B,)))
    assert both.failure.message == "new"
    assert (both.first_seen, both.last_seen, both.inputs) == ("2026-01-01T00:00:00Z", newer.last_seen, (A, B))


def test_a_record_stays_small() -> None:
    record = plain()
    for n in range(MOST_INPUTS + 10):
        step = Step(f"{n:064x}", visible("o" * 500, 500), visible("é" * 500, 500))
        record = merged(record, plain(inputs=(f"{n:064x}",), lineage=(step,) * 1_000))
    assert len(record.inputs) == MOST_INPUTS
    content = replace(record, failure=replace(failure(), traceback=visible("🦆" * 40_000, 40_000))).to_json()
    assert len(content) < LONGEST
    assert parse(content, record.id).inputs[0] == f"{MOST_INPUTS + 9:064x}"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, ("crashes", "fuzz_it"))


def test_records_of_all_sessions_are_one(folder: Folder) -> None:
    add_to_record(folder, FULL)
    add_to_record(folder, plain(hits=2, sessions=1))
    found = read_records(folder)
    assert found.problems == ()
    assert {bucket: (one.hits, one.sessions) for bucket, one in found.by_bucket.items()} == {FULL.id: (9, 3)}
    assert set(found.by_input()) == {A, B}


@pytest.mark.parametrize("content", [b"{}", b"", b'{"record": 3}', b"mine", b"x" * (LONGEST + 1)])
def test_what_is_no_record_is_left_alone_and_said(folder: Folder, content: bytes) -> None:
    folder.path.mkdir(parents=True)
    path = folder / f"{FULL.id}.json"
    path.write_bytes(content)
    with pytest.raises((NoRecordError, OSError)):
        add_to_record(folder, FULL)
    assert path.read_bytes() == content
    found = read_records(folder)
    assert found.by_bucket == {}
    assert str(path) in found.problems[0]


def test_sessions_that_write_at_once_lose_no_hits(folder: Folder) -> None:
    def write() -> None:
        for _ in range(20):
            add_to_record(folder, plain(hits=3, sessions=1))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (record,) = read_records(folder).by_bucket.values()
    assert (record.hits, record.sessions) == (240, 80)


def test_a_regression_is_forgotten_when_it_is_marked_fixed_anew(folder: Folder) -> None:
    add_to_record(folder, FULL)
    clear_regression(folder, FULL.id)
    clear_regression(folder, "1-unknown")
    assert read_records(folder).by_bucket == {FULL.id: replace(FULL, regressed="")}


def test_of_an_old_record_under_another_name_and_a_new_one_both_count(folder: Folder) -> None:
    folder.path.mkdir(parents=True)
    (folder / "older.json").write_bytes(old(date="2026-02-28", kind=CrasherKind.EXCEPTION.value))
    add_to_record(folder, plain())
    (record,) = read_records(folder).by_bucket.values()
    assert (record.hits, record.first_seen) == (2, "2026-02-28")
