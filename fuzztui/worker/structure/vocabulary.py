"""Parts that inputs have had, and what programs compare their tags and types with."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.mutate.operands import Comparison, scalars_of
from fuzztui.worker.structure.parts import Group, Layout, Part, tag_end

__builtins__ = PRIVATE_BUILTINS

MAX_LAYOUTS: Final = 64
MAX_PARTS: Final = 48
"""Parts of one layout: the latest."""

MAX_KINDS: Final = 48

_EQUALITIES: Final = frozenset({"==", "!=", "of", "in", "not in", "startswith"})

_BER: Final = Layout(-1, -1, "big", 0, 0)

Kind: TypeAlias = tuple[bytes, bytes]
"""What stands before the length of a part, and between that and what is counted."""


class Vocabulary:
    """By layout, parts and kinds of parts."""

    def __init__(self) -> None:
        self._parts: dict[Layout, list[Part]] = {}
        self._kinds: dict[Layout, dict[Kind, None]] = {}

    def learn(self, group: Group, comparisons: Sequence[Comparison]) -> None:
        """Those of a group, kinds that these have been compared with, and such that were looked up in vain."""
        alternatives = _alternatives(comparisons)
        lacking = [left for operator, left, _ in comparisons if operator == "lacks"]
        for part in _all_parts(group):
            layout = part.layout
            if layout not in self._parts and len(self._parts) >= MAX_LAYOUTS:
                self._parts.clear()
                self._kinds.clear()
            parts = self._parts.setdefault(layout, [])
            if part not in parts:
                parts.append(part)
                del parts[:-MAX_PARTS]
            kinds = self._kinds.setdefault(layout, {})
            for kind in chain(_kinds(part, alternatives), _lacking(part, lacking)):
                if len(kinds) < MAX_KINDS:
                    kinds.setdefault(kind)

    def kinds(self, layout: Layout) -> list[Kind]:
        """Those of parts with a layout."""
        return list(self._kinds.get(layout, ()))

    def part(self, layout: Layout, getrandbits: Callable[[int], int]) -> Part:
        """One of those with a layout, which has been learned."""
        parts = self._parts.get(layout)
        if not parts:
            return Part(layout, bytes(abs(layout.before)), bytes(layout.between), Group(b""))
        return parts[getrandbits(30) % len(parts)]


def _all_parts(group: Group) -> Iterator[Part]:
    for part in group.parts:
        yield part
        yield from _all_parts(part.body)


def _alternatives(comparisons: Sequence[Comparison]) -> dict[object, list[object]]:
    """By operand, what it was compared with."""
    found: dict[object, dict[object, None]] = {}
    for operator, left, right in comparisons:
        if operator in _EQUALITIES:
            for one, others in ((left, right), (right, left)):
                if isinstance(one, int | str | bytes):
                    found.setdefault(one, {}).update(dict.fromkeys(scalars_of(others)))
    return {one: list(others) for one, others in found.items()}


def _kinds(part: Part, alternatives: dict[object, list[object]]) -> Iterator[Kind]:
    yield part.before, part.between
    for field, is_before in ((part.before, True), (part.between, False)):
        for start, stop in ((0, len(field)), *((at, at + 1) for at in range(len(field) if len(field) > 1 else 0))):
            piece = field[start:stop]
            for old in (piece, *(int.from_bytes(piece, order) for order in BYTE_ORDERS)) if piece else ():
                for new in alternatives.get(old, ()):
                    is_tag = is_before and part.layout.before < 0 and len(piece) == len(field)
                    packed = _tag(new) if is_tag and type(new) is int else _packed(new, old, piece)
                    if packed is not None:
                        changed = field[:start] + packed + field[stop:]
                        yield (changed, part.between) if is_before else (part.before, changed)


def _lacking(part: Part, keys: Sequence[object]) -> Iterator[Kind]:
    for key in keys:
        for field, is_before in ((part.before, True), (part.between, False)):
            if type(key) is int and is_before and part.layout.before < 0:
                news = [packed for packed in (_tag(key),) if packed]
            elif isinstance(key, int):
                news = [key.to_bytes(len(field), order) for order in BYTE_ORDERS if 0 <= key < 1 << 8 * len(field)]
            else:
                news = [packed for packed in (_packed(key, key, field),) if packed]
            for new in news:
                yield (new, part.between) if is_before else (part.before, new)


def _tag(number: int) -> bytes | None:
    """A number as a tag of BER, all of whose bytes it has; None if it is none."""
    tag = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big") if number >= 0 else b""
    return tag if tag and tag_end(tag, 0, _BER) == len(tag) else None


def _packed(new: object, old: object, piece: bytes) -> bytes | None:
    width = len(piece)
    if isinstance(new, str):
        new = new.encode("latin-1", "ignore")
    if isinstance(new, bytes):
        return new if len(new) == width else None
    if isinstance(new, int) and isinstance(old, int) and 0 <= new < 256**width:
        order = next(order for order in BYTE_ORDERS if int.from_bytes(piece, order) == old)
        return new.to_bytes(width, order)
    return None
