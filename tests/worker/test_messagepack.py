"""The worker's own MessagePack against the library that the coordinator uses."""

import importlib.util
import sys
from types import ModuleType
from typing import Any

import msgspec
import pytest

from fuzztui.protocol import messages
from fuzztui.worker.process import messagepack

NUMBERS = [0, 1, 127, 128, 255, 256, 8191, 8192, 65535, 65536, 1 << 32, 1 << 40]
COVERAGE = {"module": NUMBERS, "": [], "é" * 300: [7] * 70_000}
FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("Failure", {"type": "E", "message": "m" * 70_000, "traceback": "", "frames": [], "bucket": "b", "group": "g"}),
    ("Seed", {"data": b""}),
    ("Seed", {"data": b"x" * 300}),
    ("Pong", {"parameters": ["bytes", "int"] * 20}),
    ("Module", {"name": "m", "file": "m.py", "lines": list(range(20_000))}),
    ("Imported", {"name": "m", "instrumented": True, "reason": "", "probes": 3}),
    ("Executed", {"index": 3, "edges": COVERAGE}),
    ("Found", {"data": b"y" * 70_000, "edges": {}}),
    ("Repeated", {"hits": {"b": 1 << 61, "a": 2}}),
    ("Done", {"executions": 5, "yields": {"a": (1, 0), "b": (300, 2)}, "slowdown": 1.5}),
    ("Done", {"executions": 0}),
    ("Failed", {"reason": "because", "harness": False}),
]
CALLS: list[messages.Call] = [
    messages.Load(b"f", "t", b"d", ["a"], [], [b"\xff"], b"", 1 << 33, 4096, None, True, False),
    messages.Ping(),
    messages.Execute([b"", b"x" * 100_000], COVERAGE),
    messages.Fuzz(b"e", 0.25, 1 << 50, {"m": [1]}, True),
    messages.Stop(),
]


@pytest.fixture(scope="module")
def small() -> ModuleType:
    """`fuzztui.protocol.messages` as the worker has it."""
    spec = importlib.util.find_spec("fuzztui.protocol.messages")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "msgspec", messagepack)
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("name", "fields"), FIELDS)
def test_the_coordinator_reads_what_the_worker_writes(small: ModuleType, name: str, fields: dict[str, Any]) -> None:
    data = messagepack.encode(getattr(small, name)(**fields))
    want = getattr(messages, name)(**fields)
    kind: Any = messages.Failure if name == "Failure" else messages.Result
    assert msgspec.msgpack.decode(data, type=kind) == want


def test_nested_messages_arrive(small: ModuleType) -> None:
    frames = [small.Frame("f.py", 3, "g"), small.Frame("h.py", 70_000, "é")]
    failure = small.Failure("E", "m", "t", frames, "b", "g")
    got = msgspec.msgpack.decode(messagepack.encode(small.Crashed(b"x", None, failure)), type=messages.Result)
    want = [messages.Frame("f.py", 3, "g"), messages.Frame("h.py", 70_000, "é")]
    assert got == messages.Crashed(b"x", None, messages.Failure("E", "m", "t", want, "b", "g"))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: type(call).__name__)
def test_the_worker_reads_what_the_coordinator_writes(small: ModuleType, call: messages.Call) -> None:
    got = messagepack.Decoder(small.Call).decode(msgspec.msgpack.encode(call))
    assert type(got).__name__ == type(call).__name__
    assert vars(got) == msgspec.structs.asdict(call)


@pytest.mark.parametrize(
    "number", [-1, -32, -33, -128, -129, -(1 << 15) - 1, -(1 << 31) - 1, -(1 << 63), (1 << 64) - 1]
)
def test_all_numbers_survive(number: int) -> None:
    assert msgspec.msgpack.decode(messagepack.encode([number, 1])) == [number, 1]
    (got,) = messagepack._Reader(msgspec.msgpack.encode(number)).values()
    assert got == number


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x93",
        b"\x80",
        b"\x81\xa4type\xa4nope",
        b"\x81\xa4type\xa4ping\x00",
        b"\xc6\xff\xff\xff\xff",
        b"\x81\xa4type\xa4fuzz",
        b"\x81\xa4type\x90",
        b"\x91" * 5000,
        b"\xa1\xff",
        b"\x81\x90\x00",
    ],
)
def test_what_is_no_call_is_an_error_of_decoding(small: ModuleType, data: bytes) -> None:
    with pytest.raises(messagepack.DecodeError):
        messagepack.Decoder(small.Call).decode(data)
