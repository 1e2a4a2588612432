"""Which campaigns a place has, as far as their nodes tell: for who comes to watch one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fuzztui.engine.share.messages import Beat, MalformedMessageError, decode_beat, topic_of
from fuzztui.engine.share.place import Place
from fuzztui.engine.share.store import Store, StoreError
from fuzztui.engine.share.stores import store_at, topics_at
from fuzztui.engine.show.text import Visible, label, one_line

_NOBODY: Final = "nobody.00000000"
"""Reads as a node would that never comes."""

MOST: Final = 1_000
"""Campaigns of one place."""


@dataclass(frozen=True, slots=True)
class Found:
    """A campaign: nodes that fuzz one target."""

    topic: str
    target: str
    """The target's id; empty if no node tells it."""
    parameters: tuple[str, ...]
    """Names of the target's types."""
    nodes: int
    """Those that have ever come."""

    @property
    def name(self) -> Visible:
        """What people are shown."""
        return one_line(self.target, 300) if self.target else label("a target of an earlier version")


def campaigns_at(place: Place, store: Callable[[Place, str, str], Store] = store_at) -> list[Found]:
    """All that there are, by their targets. StoreError if the place cannot be read."""
    found = []
    for topic in topics_at(place)[:MOST]:
        reader = store(place, topic, _NOBODY)
        try:
            beats = [beat for content in reader.beats().values() if (beat := _beat(content)) is not None]
        except StoreError:  # somebody removes it at this moment, say
            continue
        finally:
            reader.close()
        if any(not beat.watches for beat in beats):
            found.append(_described(topic, beats))
    return sorted(found, key=lambda each: (each.target, each.topic))


def _beat(content: bytes) -> Beat | None:
    try:
        return decode_beat(content)
    except MalformedMessageError:
        return None


def _described(topic: str, beats: Sequence[Beat]) -> Found:
    """Of what nodes say of their target only that is believed which the topic is a digest of."""
    nodes = [beat for beat in beats if not beat.watches]
    known = next((beat for beat in nodes if topic_of(beat.target, beat.parameters) == topic), None)
    if known is None:
        return Found(topic, "", (), len(nodes))
    return Found(topic, known.target, tuple(known.parameters), len(nodes))
