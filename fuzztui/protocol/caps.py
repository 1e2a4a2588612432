"""How much of what fails is told apart: a target that fails in ever new ways must not fill the memory, the disk or the
screen. Worker and coordinator keep to the same numbers; beyond them failures are counted.
"""

from typing import Final

MOST_BUCKETS: Final = 1_000
"""Buckets of a run: more than anybody looks through."""

MOST_BUCKETS_OF_GROUP: Final = 100
"""Of them, buckets of one group: an assertion helper may be called from many places."""

MOST_VARIANTS: Final = 16
"""Variants of a bucket: whose messages are of more shapes quotes its input as it is."""
