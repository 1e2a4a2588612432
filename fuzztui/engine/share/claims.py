"""Which node learns more of a bucket: the one that has said first that it does, and lives. Pure.

A claim ends when its node says so, is silent or ends, and at last by itself: then others take over. Where two claim the
same at once, not having heard of each other, that of the node counts whose identity is the smaller. A claim that is
made again lasts no longer.
"""

from collections.abc import Callable
from typing import Final

SECONDS: Final = 300.0
"""That a claim lasts: to run a crasher again and to make it smaller takes a minute by default, and it may have to wait
for that."""

MOST: Final = 64
"""Claims of one node at a time: others may learn of further buckets meanwhile."""


class Claims:
    """The claims of all nodes, as far as this one has heard."""

    def __init__(self, node: str) -> None:
        """`node`: this one's identity."""
        self._node = node
        self.mine: dict[str, float] = {}
        """Buckets that this node has claimed, each with when that claim ends."""
        self._until: dict[str, dict[str, float]] = {}
        """Of each other node, when its claim of each bucket ends."""

    def hear(self, node: str, bucket: str, seconds: float, now: float) -> None:
        """A node claims a bucket for so many seconds, none where it needs it no longer; `now`: seconds of the run."""
        claims = self._until.setdefault(node, {})
        if not seconds > 0:
            claims.pop(bucket, None)
        elif bucket not in claims:
            if len(claims) >= MOST:
                del claims[min(claims, key=lambda each: claims[each])]
            claims[bucket] = now + min(seconds, SECONDS)

    def held(self, now: float, is_alive: Callable[[str], bool]) -> frozenset[str]:
        """Buckets that are left to others."""
        return frozenset(
            bucket
            for node, claims in self._until.items()
            if is_alive(node)
            for bucket, until in claims.items()
            if now < until and (now >= self.mine.get(bucket, now) or node < self._node)
        )
