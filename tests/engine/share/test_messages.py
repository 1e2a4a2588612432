"""What nodes send comes back as it was; what anybody else sends is told apart from it."""

import msgspec
import pytest

from fuzztui.engine.share.messages import (
    LONGEST,
    MOST_BEFORE,
    VERSION,
    Crash,
    Find,
    MalformedMessageError,
    decode_beat,
    decode_message,
    encode,
    topic_of,
)
from tests.engine.share.memory_store import beat


@pytest.mark.parametrize("message", [Find(b""), Find(bytes(range(256))), Crash(b"x", [b"a", b""], b"{}")])
def test_messages_come_back_as_they_were(message: Find | Crash) -> None:
    assert decode_message(encode(message)) == message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        b"hello",
        b"\x93\x01\x02\x03",
        msgspec.msgpack.encode((VERSION, {"type": "find"})),
        msgspec.msgpack.encode((VERSION, {"type": "find", "data": "text"})),
        msgspec.msgpack.encode((VERSION, {"type": "stop"})),
        msgspec.msgpack.encode((VERSION, {"type": "crash", "data": b"", "before": [1], "record": b""})),
        msgspec.msgpack.encode(("1", {"type": "find", "data": b""})),
        b"\x92\x01" + b"\x91" * 100_000,
        encode(Crash(b"", [b""] * (MOST_BEFORE + 1), b"")),
        encode(Find(bytes(LONGEST))),
        beat("a.00000000"),
    ],
)
def test_what_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        decode_message(content)


def test_a_message_is_no_beat() -> None:
    with pytest.raises(MalformedMessageError):
        decode_beat(encode(Find(b"")))


def test_another_version_is_neither_used_nor_malformed() -> None:
    assert decode_message(msgspec.msgpack.encode((VERSION + 1, ["whatever"]))) is None


def test_later_fields_are_passed_by() -> None:
    later = msgspec.msgpack.encode((VERSION, {"type": "find", "data": b"x", "more": 1}))
    assert decode_message(later) == Find(b"x")


def test_targets_that_take_other_values_never_mix() -> None:
    topics = [
        topic_of("a.py::f", ("bytes",)),
        topic_of("a.py::f", ("str",)),
        topic_of("a.py::f", ("bytes", "bytes")),
        topic_of("a.py::g", ("bytes",)),
        topic_of("a.py::f\0bytes", ()),
    ]
    assert len(set(topics)) == len(topics)
