import msgspec
import pytest

from fuzztui.protocol.framing import FrameReader, ProtocolError, frame
from fuzztui.protocol.messages import Done, Executed, Result


def test_messages_survive_being_cut_anywhere() -> None:
    messages = [b"", b"a", b"b" * 70_000, b"c"]
    stream = b"".join(map(frame, messages))
    for step in (1, 3, 1000, len(stream)):
        reader = FrameReader(limit=100_000)
        received = [m for at in range(0, len(stream), step) for m in reader.feed(stream[at : at + step])]
        assert received == messages
        assert not reader.has_partial_frame


def test_an_oversized_frame_is_refused_before_it_arrives() -> None:
    reader = FrameReader(limit=10)
    with pytest.raises(ProtocolError, match="a frame of 11 bytes, 10 are allowed"):
        list(reader.feed(frame(b"x" * 11)[:4]))


def test_half_a_frame_is_noticed() -> None:
    reader = FrameReader(limit=10)
    assert list(reader.feed(frame(b"abc")[:5])) == []
    assert reader.has_partial_frame


@pytest.mark.parametrize(
    "lie",
    [
        Done(executions=-1),
        Done(executions=1, seconds=-1.0),
        Done(executions=1, seconds=float("inf")),
        Done(executions=1, seconds=float("nan")),
        Executed(index=0, edges={"m": [-3]}),
        Executed(index=1 << 63, edges={}),
    ],
)
def test_impossible_numbers_do_not_decode(lie: object) -> None:
    data = msgspec.msgpack.encode(lie)
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(data, type=Result)
