"""What nodes tell each other, as bytes and back. Pure.

A message is a version, a kind and what it has, as MessagePack. It may come from anybody: what is none of ours, too
large, or of no known kind is told apart from what a later version has sent, and nothing of it is used.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

VERSION: Final = 1
"""Grows with each change that an older node would misread. Nodes of other versions do not hear each other."""

LONGEST: Final = 1 << 20
"""Bytes of a message: larger inputs stay where they were found."""

MOST_BEFORE: Final = 64
"""Inputs that have to run before one that fails: more are not sent, nor run."""


class MalformedMessageError(ValueError):
    """Bytes that are no message."""


class Find(msgspec.Struct, tag="find", frozen=True):
    """An input that covered something new where it was found. What, is not said: that is each node's own."""

    data: bytes
    """In its file form."""


class Crash(msgspec.Struct, tag="crash", frozen=True):
    """An input that failed, and what is known of that."""

    data: bytes
    before: list[bytes]
    """The inputs that have to run before it in its process, where it fails only then."""
    record: bytes
    """Of its bucket, in the form of its file. See `records`."""
    smallest: bytes = b""
    """The smallest input that fails alike, which the record tells of; empty where there is none, or none is known."""


class Order(msgspec.Struct, tag="order", frozen=True):
    """A node is asked to do something with one of its workers, as by a key of its own dashboard."""

    node: str
    """The identity of the one that is asked: of a single run, so that nothing old is ever obeyed."""
    worker: int
    action: str
    """`stop`, `pause` or `resume`; others are not obeyed."""


class Decided(msgspec.Struct, tag="decided", frozen=True):
    """What somebody has decided about a bucket. Which of several counts: see `fuzztui.engine.shared_decisions`."""

    bucket: str
    decision: str
    """In the form of its file; empty where what was decided is taken back."""
    number: int
    """One more than that of the decision that was known where this one was made; 0 for one from before that node came.
    """
    node: str
    """The identity of the node where it was made, whoever tells of it."""


class Claim(msgspec.Struct, tag="claim", frozen=True):
    """A node runs the crashers of a bucket again and makes an input smaller: nobody else need. See `claims`."""

    bucket: str
    seconds: float
    """For which others leave that to it; 0 where it is done, or given up."""


class Beat(msgspec.Struct, tag="beat", frozen=True):
    """How a node fares; each replaces the one before."""

    name: str
    host: str
    pid: int
    number: int
    """Of beats so far: that it grows is how others see that the node lives, whatever the clocks say."""
    every: float
    """Seconds between two of them."""
    state: str
    workers: int
    executions: int
    rate: float
    edges: int
    corpus: int
    crashers: int
    version: str
    """Of fuzztui."""
    python: str
    crew: list[tuple[int, str, int, int]] = []
    """Of its first workers each number, state, executions and hits."""
    edges_total: int = 0
    """Probes that it knows of."""
    target: str = ""
    """The id of its target, and names of that one's types: what the topic is a digest of."""
    parameters: list[str] = []
    watches: bool = False
    """Whether it is a dashboard that watches the others, and runs nothing."""


T = TypeVar("T")

Message = Find | Crash | Order | Decided | Claim
_Envelope = tuple[int, msgspec.Raw]

_encoder: Final = msgspec.msgpack.Encoder()
_envelopes: Final = msgspec.msgpack.Decoder(_Envelope)
_messages: Final = msgspec.msgpack.Decoder(Find | Crash | Order | Decided | Claim)
_beats: Final = msgspec.msgpack.Decoder(Beat)


def size_of(message: Message) -> int:
    """Bytes that a message brings."""
    if isinstance(message, Order):
        return len(message.node)
    if isinstance(message, Decided):
        return len(message.bucket) + len(message.decision)
    if isinstance(message, Claim):
        return len(message.bucket)
    if isinstance(message, Find):
        return len(message.data)
    return len(message.data) + len(message.record) + sum(map(len, message.before)) + len(message.smallest)


def encode(message: Message | Beat) -> bytes:
    """The form in which a message is sent."""
    return _encoder.encode((VERSION, message))


def decode_message(content: bytes) -> Message | None:
    """The message; None for one of another version. MalformedMessageError if it is none."""
    message = _decoded(content, _messages)
    if isinstance(message, Crash) and len(message.before) > MOST_BEFORE:
        raise MalformedMessageError(f"{len(message.before)} inputs before one")
    return message


def decode_beat(content: bytes) -> Beat | None:
    """The same for how a node fares."""
    return _decoded(content, _beats)


def _decoded(content: bytes, decoder: "msgspec.msgpack.Decoder[T]") -> "T | None":
    if len(content) > LONGEST:
        raise MalformedMessageError(f"a message of {len(content)} bytes")
    try:
        version, message = _envelopes.decode(content)
        return decoder.decode(message) if version == VERSION else None
    except (msgspec.DecodeError, RecursionError) as error:  # a ValidationError is one
        raise MalformedMessageError(str(error)) from None


def topic_of(target: str, parameters: Sequence[str]) -> str:
    """What nodes have in common that exchange inputs: the target's id and the types of its parameters. Targets that
    take other values never mix.
    """
    key = msgspec.msgpack.encode([VERSION, target, list(parameters)])
    return hashlib.sha256(key).hexdigest()[:32]
