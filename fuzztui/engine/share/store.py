"""What the exchange needs of a place that keeps what nodes tell each other."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from fuzztui.engine.share.place import LONGEST_NAME
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.show.text import Visible

MOST_NODES: Final = 5_000
"""Nodes of one campaign that are listened to, those that have ended included."""

MOST_AT_ONCE: Final = 64
"""Messages of one node that are read, or published, at once."""

START: Final = "0"
"""The position before the first message of any node."""

_NODE: Final = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}\.[0-9a-f]{{8}}")


_TOPIC: Final = re.compile(r"[0-9a-f]{32}")


class StoreError(Exception):
    """A store that cannot be used, for now or at all."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        """Why, a clause."""


class RefusedError(StoreError):
    """A store that can be read, but takes nothing more: its disk or its memory is full."""


class Told(NamedTuple):
    """A message as a store has it."""

    node: str
    position: str
    """Where it stands in what this node has told: to be read after. Several messages may have one."""
    content: bytes


class Store(Protocol):
    """A log for each node of a topic, which outlives its writer and its readers. Used by one thread; every method
    raises StoreError where the store does not answer, or does not obey.
    """

    def open(self) -> str:
        """Get ready, again after a StoreError; returns what tells this store from one that has lost everything."""

    def publish(self, messages: Sequence[bytes]) -> None:
        """Add to this node's log, in order; RefusedError where it is full. What is published twice does no harm."""

    def read(self, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        """What nodes have told after these positions, of each up to about `MOST_AT_ONCE` messages; waits for the
        first, so many seconds at most and no longer than until it is stirred, but may give up before.
        """

    def ends(self, after: Mapping[str, str]) -> dict[str, str]:
        """Those of the positions that lie beyond the end of what the store has, each with that end."""

    def tell(self, beat: bytes) -> None:
        """Let others know how this node fares, in place of what it said before; RefusedError as above."""

    def beats(self) -> dict[str, bytes]:
        """How each of the other nodes fares, or fared at last."""

    def close(self) -> None:
        """The store is not used any more, or is opened again. Raises nothing."""


def is_node(name: str) -> bool:
    """Whether a text has the form of a node's identity: its name, and what tells it from others of the name."""
    return _NODE.fullmatch(name) is not None


def is_topic(name: str) -> bool:
    """Whether a text has the form of a topic's name, see `messages.topic_of`."""
    return _TOPIC.fullmatch(name) is not None
