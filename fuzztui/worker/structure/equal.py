"""Inputs in which two slices that have to be equal, and are, become another text together, or another size.

Where one of them changes alone the program stops at that, and nothing tells what else was wanted of it.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison, replacements_of
from fuzztui.worker.structure.editing import resized
from fuzztui.worker.structure.read_parts import extents_of, grown_parts
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_CHANGED: Final = 32
"""Inputs that one leads to."""

_MAX_EQUAL: Final = 4
"""Texts that were found to be equal, the last ones."""

_MAX_PLACES: Final = 4
_MAX_NEW: Final = 8
_LARGEST: Final = 256
"""Bytes of a text that is given another size."""


def changed_together(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_CHANGED` inputs, each once, with lengths right that were read around the two."""
    return islice(dict.fromkeys(_all(data, comparisons, slices)), MAX_CHANGED)


def _all(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    equal = [left for operator, left, right in slices.compared if operator == "same" and left == right]
    texts = [each for each in dict.fromkeys(reversed(equal)) if type(each) is bytes][:_MAX_EQUAL]
    for text in texts:
        places = [each for each in slices.ranges if data[slice(*each)] == text and each[0] <= len(data)]
        places = sorted(set(places[-_MAX_PLACES:]))
        pairs = [(one, other) for one in places for other in places if one < other and one[1] <= other[0]]
        for new in _news(text, comparisons) if pairs else ():
            for pair in pairs:
                made, extents = data, extents_of(data, slices)
                for begin, end in reversed(pair):  # what stands before a place stays where it is
                    made = grown_parts(made[:begin] + new + made[end:], begin, end, len(new) - len(text), extents)
                yield made


def _news(text: bytes, comparisons: Sequence[Comparison]) -> list[bytes]:
    """What the text was compared with, and with which numbers its size."""
    found: dict[bytes, None] = {}
    for comparison in reversed(comparisons):
        for old, alternatives in replacements_of(*comparison):
            for new in islice(alternatives, _MAX_NEW) if old in (text, len(text)) else ():
                if type(old) is type(new) is bytes and new != text:
                    found.setdefault(new)
                elif type(old) is type(new) is int and 0 <= new <= _LARGEST and new != old:
                    found.setdefault(resized(text, new))
    return list(found)[:_MAX_NEW]
