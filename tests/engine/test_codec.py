"""What the engine shows survives files and sockets, and what others put there is refused."""

import dataclasses
import json
import math
import random
import types
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from fuzztui.engine.show.codec import ForeignError, change, changed, decode, encode
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import Event
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import Visible, label, visible
from fuzztui.engine.show.worker_row import WorkerRow
from tests.ui.fakes import crasher, crowd, ended, snapshot, worker, workpiece


def some(kind: Any, rng: random.Random, depth: int = 0) -> Any:
    """Any value of a type, as its annotations have it."""
    if kind is bool:
        return rng.random() < 0.5
    if kind is int:
        return rng.choice([0, 1, -1, rng.randrange(1 << 62), rng.randrange(1000)])
    if kind is float:
        return rng.choice([0.0, -1.5, 1e-9, rng.random() * 1e9])
    if kind is Visible:
        return visible("".join(rng.choice("aä\x1b\n\t‮\ud800😀'\\") for _ in range(rng.randrange(6))), multiline=True)
    if kind is str:
        return "".join(rng.choice("ab/é:") for _ in range(rng.randrange(6)))
    if kind is bytes:
        return rng.randbytes(rng.randrange(6))
    if kind is Path:
        return Path("/tmp", rng.choice(["a", "é", "\udcff", "b\n"]))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return some(rng.choice(arguments), rng, depth)
    if kind is type(None):
        return None
    if origin is tuple and arguments[-1] is Ellipsis:
        return tuple(some(arguments[0], rng, depth + 1) for _ in range(rng.randrange(4 if depth < 4 else 1)))
    if origin is dict:
        return {some(arguments[0], rng): some(arguments[1], rng, depth + 1) for _ in range(rng.randrange(3))}
    if origin is tuple:
        return tuple(some(each, rng, depth + 1) for each in arguments)
    if issubclass(kind, Enum):
        return rng.choice(list(kind))
    hints = get_type_hints(kind)
    return kind(**{field.name: some(hints[field.name], rng, depth + 1) for field in dataclasses.fields(kind)})


def all_of(value: Any) -> Any:
    """Everything that a value holds, what takes no part in its equality included."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return type(value), {field.name: all_of(getattr(value, field.name)) for field in fields}
    if isinstance(value, tuple):
        return tuple(map(all_of, value))
    return type(value), value


def through_json(plain: Any) -> Any:
    return json.loads(msgspec.json.encode(plain))


def through_socket(plain: Any) -> Any:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(plain))


@pytest.mark.parametrize("way", [through_json, through_socket])
@pytest.mark.parametrize("kind", [Snapshot, *get_args(Event)], ids=lambda each: getattr(each, "__name__", ""))
def test_any_value_comes_back_as_it_was(kind: Any, way: Any) -> None:
    rng = random.Random(kind.__name__)
    for _ in range(30):
        value = some(kind, rng)
        assert all_of(decode(kind, way(encode(kind, value)))) == all_of(value)


def test_any_event_comes_back_as_the_event_that_it_was() -> None:
    rng = random.Random(5)
    kind: Any = Event
    for _ in range(200):
        event = some(kind, rng)
        assert all_of(decode(kind, through_json(encode(kind, event)))) == all_of(event)


@pytest.mark.parametrize("way", [through_json, through_socket])
def test_any_change_leads_to_what_came_next(way: Any) -> None:
    rng = random.Random(7)
    for _ in range(60):
        before, after = some(Snapshot, rng), some(Snapshot, rng)
        mixed = dataclasses.replace(
            before,
            **{field.name: getattr(after, field.name) for field in dataclasses.fields(Snapshot) if rng.random() < 0.3},
        )
        for one, other in ((before, after), (before, mixed), (mixed, after)):
            assert all_of(changed(Snapshot, one, way(change(Snapshot, one, other)))) == all_of(other)


def test_series_that_moves_on_costs_what_is_new() -> None:
    before = snapshot(crashers=crowd())
    hit = dataclasses.replace(before.crashers[3], hits=before.crashers[3].hits + 1)
    after = dataclasses.replace(
        before,
        version=2,
        recent=(*before.recent[1:], dataclasses.replace(before.recent[-1], elapsed=252.5)),
        crashers=(*before.crashers[:3], hit, *before.crashers[4:], crasher(77)),
    )
    found = through_socket(change(Snapshot, before, after))
    assert changed(Snapshot, before, found) == after
    whole = len(msgspec.msgpack.encode(encode(Snapshot, after)))
    assert len(msgspec.msgpack.encode(found)) < whole / 10
    assert change(Snapshot, before, dataclasses.replace(before)) is None


def test_what_takes_no_part_in_equality_is_a_change_too() -> None:
    before = workpiece()
    assert before.failure.scenes == ()
    assert before.minimized is not None
    failure = dataclasses.replace(before.failure, scenes=before.minimized.scenes)
    after = dataclasses.replace(before, failure=failure)
    assert before == after
    assert changed(Crasher, before, change(Crasher, before, after)).failure.scenes == before.minimized.scenes


def test_snapshots_of_a_run_come_back() -> None:
    for shown in (snapshot(), ended(), snapshot(crashers=(workpiece(),), diagnoses=())):
        assert decode(Snapshot, through_json(encode(Snapshot, shown))) == shown


ROW = encode(WorkerRow, worker(0))

FOREIGN = {
    "no record": [1, 2],
    "nothing": None,
    "empty": {},
    "a field too many": {**ROW, "rights": 1},
    "a field too few": {name: value for name, value in ROW.items() if name != "rss"},
    "text for a number": {**ROW, "executions": "7"},
    "truth for a number": {**ROW, "executions": True},
    "number for a text": {**ROW, "detail": 7},
    "no state": {**ROW, "state": "DANCING"},
    "no state at all": {**ROW, "state": ["FUZZING"]},
    "no number": {**ROW, "rate": math.nan},
    "endless": {**ROW, "rate": math.inf},
    "enormous": {**ROW, "executions": 10**400},
    "list for a record": {**ROW, "profile": []},
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_not_its_own_is_refused_in_a_sentence(case: str) -> None:
    with pytest.raises(ForeignError) as refused:
        decode(WorkerRow, FOREIGN[case])
    assert refused.value.sentence
    assert "\n" not in refused.value.sentence


@pytest.mark.parametrize(
    "plain",
    [
        {},
        [],
        {".": {"version": {"=": "x"}}},
        {".": {"rights": {"=": 1}}},
        {".": {"workers": {"~": [0, 99, [], []]}}},
        {".": {"workers": {"~": [-1, 1, [], []]}}},
        {".": {"workers": {"~": [0, 1, [[5, {"=": 1}]], []]}}},
        {".": {"workers": {"~": [0, 1, [[0, {".": {"state": {"=": "NO"}}}]], []]}}},
        {".": {"workers": {"~": "abcd"}}},
        {"=": {}, ".": {}},
    ],
)
def test_change_that_does_not_fit_is_refused(plain: Any) -> None:
    with pytest.raises(ForeignError):
        changed(Snapshot, snapshot(), plain)


def test_text_of_a_stranger_is_made_visible() -> None:
    row = decode(WorkerRow, {**ROW, "detail": "\x1b]0;hijacked\x07"})
    assert row.detail == "\\x1b]0;hijacked\\x07"
    assert type(row.detail) is Visible


def test_flipped_bits_of_a_record_never_raise_anything_else() -> None:
    rng = random.Random(3)
    sound = msgspec.msgpack.encode(encode(Snapshot, snapshot(crashers=crowd())))
    refused = 0
    for _ in range(700):
        torn = bytearray(sound)
        for _ in range(rng.randrange(1, 4)):
            torn[rng.randrange(len(torn))] ^= 1 << rng.randrange(8)
        try:
            plain = msgspec.msgpack.decode(bytes(torn))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        try:
            decode(Snapshot, plain)
        except ForeignError:
            refused += 1
    assert refused


def test_phase_is_sent_by_its_name() -> None:
    assert encode(Phase, Phase.FUZZING) == "FUZZING"
    assert decode(Visible, "a") == label("a")
