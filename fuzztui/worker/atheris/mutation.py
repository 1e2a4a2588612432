"""Random mutation by fields: another value of one, within its bounds, or other fields in its place. Hot code.

What lies behind a field that is read from the front moves along with it; what is read from the back stays at the end.
So texts grow without a number becoming another one, and a field goes with all of what one turn of a loop has read.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.codecs import Between, Codec, Flag, Octets, Pick, Text
from fuzztui.worker.atheris.fields import MOST_PADDING, Field, Fields
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, UNTOUCHED, Bandit
from fuzztui.worker.mutate.domains import DOMAINS

__builtins__ = PRIVATE_BUILTINS

MOST_PLANS: Final = 64
"""Entries from which fields are taken over into others: the latest."""

_MOST_DRAWN: Final = 64
"""Bytes of a number that are drawn, and of an input where there is none."""


class Plan(NamedTuple):
    """Where the fields of an input lie."""

    data: bytes
    fields: tuple[Field, ...]
    front: list[int]
    """Where each field begins that is read from the front, and where the next one would."""
    back: list[int]
    """Where each field ends that is read from the back, and where the next one would: descending."""
    counts: dict[int, int]
    """Texts whose length was read, it seems, and the field that it was read from."""


def plan_of(fields: Fields) -> Plan | None:
    """Where the fields lie in the input without what was not read; None if there are none."""
    data = fields.assembled(fields.fields)
    if data is None or not fields.fields:
        return None
    before, after = fields.around
    front, back = [len(before)], [len(data) - len(after)]
    for field in fields.fields:
        size = len(field.raw)
        is_back = field.codec.from_back
        front.append(front[-1] + (0 if is_back else size))
        back.append(back[-1] - (size if is_back else 0))
    counts = {index: number for index, (number, more) in fields.counts.items() if not more}
    return Plan(data, fields.fields, front, back, counts)


class FieldMutator:
    """Mutates inputs whose fields are known; beside the mutator of bytes, whose inputs they are to it."""

    def __init__(self, mutator: Mutator) -> None:
        surroundings = self._surroundings = mutator.surroundings
        self._random = surroundings.random
        self._max_len = surroundings.max_len
        self._others: list[Plan] = []
        self._of_type: dict[type, Callable[[Any], Any]] = {
            kind: DOMAINS[kind.__name__].mutator(surroundings)[0] for kind in (bytes, str, int, float)
        }
        self._bandit: Bandit[Any] = Bandit(self._operators(), stops=1)
        self._count = 0
        self._trails = mutator.trails
        mutator.accompany(self._bandit, self._take_count)

    def add(self, plan: Plan) -> None:
        """Fields that may be taken over into other inputs."""
        if plan.data and plan not in self._others:
            self._others.append(plan)
            del self._others[:-MOST_PLANS]

    def beside(self, mutate: Callable[[bytes], bytes], plans: Sequence[Plan]) -> Callable[[bytes], bytes]:
        """A mutator that changes one of these in half of all cases, and leaves the other half to another mutator."""
        getrandbits = self._random.getrandbits
        table, trail, trails = self._bandit.table, self._bandit.trail, self._trails
        last_slot, max_len = len(table) - 1, self._max_len
        count = len(plans)

        def mutated(value: bytes) -> bytes:
            if getrandbits(1):
                bits = getrandbits(30)
                slot = bits & last_slot
                changed: bytes = table[slot](plans[(bits >> SLOTS_BITS) % count], bits >> SLOTS_BITS)
                if changed != value and len(changed) <= max_len:
                    for each in trails:
                        each[0] = UNTOUCHED
                    trail[0] = slot
                    self._count += 1
                    return changed
            trail[0] = UNTOUCHED
            return mutate(value)

        return mutated

    def _take_count(self) -> int:
        count, self._count = self._count, 0
        return count

    def _operators(self) -> dict[Callable[[Plan, int], bytes], int]:
        getrandbits = self._random.getrandbits
        others, of_type = self._others, self._of_type

        def drawn(plan: Plan, index: int) -> bytes:
            # One value is as likely as any other.
            field = plan.fields[index]
            codec = field.codec
            if isinstance(codec, Flag):
                return _with_raw(plan, index, b"\0" if field.value else b"\1")
            if isinstance(codec, Text | Octets):
                return _resized(plan, index, getrandbits(1 + getrandbits(3)), counted=getrandbits(1) == 0)
            size = min(codec.wanted(b""), _MOST_DRAWN)
            return _with_raw(plan, index, getrandbits(8 * size).to_bytes(size, "little") if size else b"")

        def draw_field(plan: Plan, bits: int) -> bytes:
            return drawn(plan, bits % len(plan.fields))

        def set_field(plan: Plan, bits: int) -> bytes:
            # Another value of the same type: near the old one, of the dictionary, or one that is often special.
            index = bits % len(plan.fields)
            value, codec = plan.fields[index].value, plan.fields[index].codec
            mutate = of_type.get(type(value))
            if mutate is None or isinstance(codec, Pick):
                return drawn(plan, index)
            new = mutate(value)
            if isinstance(codec, Between):
                new = codec.low + (new - codec.low) % (codec.high - codec.low + 1)
            return _with_value(plan, index, new, counted=getrandbits(1) == 0)

        def draw_fields(plan: Plan, _bits: int) -> bytes:
            size = len(plan.data) or _MOST_DRAWN
            return getrandbits(8 * size).to_bytes(size, "little")

        def copy_field(plan: Plan, bits: int) -> bytes:
            # What was read for another one in the same way, here or in another entry.
            index = getrandbits(30) % len(plan.fields)
            source = others[(bits >> 3) % len(others)] if others and bits & 1 else plan
            field = source.fields[getrandbits(30) % len(source.fields)]
            old = plan.fields[index]
            if type(field.codec) is not type(old.codec) or isinstance(old.codec, Pick):
                return set_field(plan, bits)
            return _with_value(plan, index, field.value, counted=getrandbits(1) == 0)

        def delete_fields(plan: Plan, bits: int) -> bytes:
            start = getrandbits(30) % len(plan.fields)
            end = min(len(plan.fields), start + 1 + (bits & 3))
            data, front, back = plan.data, plan.front, plan.back
            return data[: front[start]] + data[front[end] : back[end]] + data[back[start] :]

        def repeat_fields(plan: Plan, bits: int) -> bytes:
            start = getrandbits(30) % len(plan.fields)
            end = min(len(plan.fields), start + 1 + (bits & 3))
            return _inserted(plan, end, plan, start, end)

        def insert_fields(plan: Plan, bits: int) -> bytes:
            source = others[(bits >> 3) % len(others)] if others else plan
            start = getrandbits(30) % len(source.fields)
            end = min(len(source.fields), start + 1 + (bits & 3))
            return _inserted(plan, getrandbits(30) % (len(plan.fields) + 1), source, start, end)

        return {
            set_field: 8,
            draw_field: 6,
            draw_fields: 1,
            copy_field: 2,
            delete_fields: 1,
            repeat_fields: 2,
            insert_fields: 1,
        }


def _with_value(plan: Plan, index: int, value: Any, *, counted: bool) -> bytes:
    """The input in which a field is read as a value, or as one next to it; unchanged if there is none. `counted`: the
    number changes that was read for its length.
    """
    field = plan.fields[index]
    codec = field.codec
    count = plan.counts.get(index) if counted else None
    if count is not None and isinstance(codec, Text | Octets):
        piece = next(codec.with_count(len(value)).pieces(value, field.raw), None)
        number = next(plan.fields[count].codec.pieces(len(value), b""), None)
        if piece is not None and number is not None:
            return _with_two(plan, index, piece, count, number)
    piece = next(codec.pieces(value, field.raw), None)
    return plan.data if piece is None else _with_raw(plan, index, piece)


def _resized(plan: Plan, index: int, size: int, *, counted: bool) -> bytes:
    """The input with a text of about another length, of what it has been."""
    value = plan.fields[index].value
    return _with_value(plan, index, (value * (1 + size // max(1, len(value))))[:size], counted=counted)


def _with_raw(plan: Plan, index: int, piece: bytes) -> bytes:
    """The input with other bytes in a field, padded where there is something behind it."""
    data, front, back = plan.data, plan.front, plan.back
    codec: Codec = plan.fields[index].codec
    missing = codec.wanted(piece) - len(piece)
    if 0 < missing <= MOST_PADDING:
        piece = codec.padded(piece)
    if codec.from_back:
        return data[: back[index + 1]] + piece + data[back[index] :]
    return data[: front[index]] + piece + data[front[index + 1] :]


def _with_two(plan: Plan, index: int, piece: bytes, other: int, number: bytes) -> bytes:
    """The input with other bytes in a field from the front, and in the number before it that is its length."""
    data, front, back = plan.data, plan.front, plan.back
    if plan.fields[other].codec.from_back:
        at = front[index + 1]
        behind = data[at : back[other + 1]] + number + data[back[other] :]
        return data[: front[index]] + piece + behind
    before = data[: front[other]] + number + data[front[other + 1] : front[index]]
    return before + piece + data[front[index + 1] :]


def _inserted(plan: Plan, at: int, source: Plan, start: int, end: int) -> bytes:
    """The input with fields of another before one of its own, on either side those that are read there."""
    data, front, back, other = plan.data, plan.front, plan.back, source.data
    left, right = other[source.front[start] : source.front[end]], other[source.back[end] : source.back[start]]
    return data[: front[at]] + left + data[front[at] : back[at]] + right + data[back[at] :]
