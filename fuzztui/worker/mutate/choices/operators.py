"""Operators on sequences of choices. Hot code, see `fuzztui.worker.mutate.sequence`.

An operator takes the plain input that is looked at, which `Entry` knows all about, and random bits. Those that change
values leave all positions as they are, so that one of the others may come after them.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.mutate.choices.record import Constraint, Record, Span
from fuzztui.worker.mutate.sequence import RandomBits

__builtins__ = PRIVATE_BUILTINS

Leaf: TypeAlias = Callable[[Any], Any]
"""Mutates a value of one kind."""

KEPT: Final = 48
"""Spans of a label that are kept of all entries, and the labels."""
LABELS: Final = 4096

LONGEST: Final = 96
"""Choices of a span that is kept."""

_NARROW: Final = 32
"""Values of an integer's range up to which all are alike."""


class Entry:
    """The input that is mutated, and what is known of it."""

    def __init__(self) -> None:
        self.plain: Plain = (0,)
        self.constraints: tuple[Constraint | None, ...] = (None,)
        self.spans: list[Span] = []
        """Those that can be left out, put in and exchanged: each of other choices than all others."""
        self.free: list[int] = []
        """Positions of choices that the test does not force."""
        self.alike: dict[str, list[int]] = {}
        """The same by kind."""

    def become(self, plain: Plain, record: Record) -> None:
        """Another input is looked at."""
        self.plain = plain
        self.constraints = record.constraints
        size = len(plain)
        self.spans = movable(record, size)
        self.free = [at for at, each in enumerate(record.constraints[:size]) if each is not None]
        self.alike = {}
        for at in self.free:
            constraint = record.constraints[at]
            assert constraint is not None, "it is free"
            self.alike.setdefault(constraint.kind, []).append(at)


def movable(record: Record, size: int) -> list[Span]:
    """The spans of which each has other choices, the outermost of those that have the same; none has all of them."""
    found: dict[tuple[int, int], Span] = {}
    for span in record.spans:
        if span.start < span.end <= size and (span.start, span.end) != (1, size):
            found.setdefault((span.start, span.end), span)
    return list(found.values())


class Spans:
    """Choices of spans of all entries, by label."""

    def __init__(self) -> None:
        self.by_label: Final[dict[int, list[Plain]]] = {}

    def offer(self, plain: Plain, record: Record) -> None:
        """Keep the spans of an input of the corpus."""
        for start, end, label, _ in record.spans:
            if 0 < end - start <= LONGEST and end <= len(plain):
                kept = self.by_label.get(label)
                if kept is None:
                    if len(self.by_label) == LABELS:
                        continue
                    kept = self.by_label[label] = []
                part = plain[start:end]
                if part not in kept[-8:]:
                    kept.append(part)
                    if len(kept) > KEPT:
                        del kept[0]


class Operators:
    """What changes values, and what changes spans."""

    def __init__(
        self,
        random: RandomBits,
        entry: Entry,
        spans: Spans,
        entries: list[Any],
        leaves: dict[str, Leaf],
        tokens: dict[str, tuple[list[Any], ...]],
    ) -> None:
        """`entries`: the corpus; `leaves` and `tokens`: by kind, what mutates values, and lists of constants."""
        self._getrandbits: Final = random.getrandbits
        self._entry = entry
        self._spans = spans
        self._entries = entries
        self._leaves = leaves
        self._tokens = tokens

    # Values -----------------------------------------------------------------------------------------------------------

    def changed(self, value: Any, constraint: Constraint) -> Any:
        """Another value within the constraint; now and then the same one."""
        kind, low, high, _, _ = constraint
        if kind == "bool":
            return not value
        getrandbits = self._getrandbits
        if kind == "int":
            if low is not None and high is not None:
                width = int(high - low) + 1
                if width <= _NARROW:
                    return low + getrandbits(30) % width
                chance = getrandbits(3)
                if chance == 0:
                    return low + getrandbits(width.bit_length() + 8) % width
                if chance == 1:
                    return high if getrandbits(1) else low
            return _bounded(self._leaves["int"](value), low, high)
        new = self._leaves[kind](value)
        if kind == "float" and new == new and low is not None and high is not None:
            return min(max(new, low), high)
        return new

    def change_value(self, plain: Plain, bits: int) -> Plain:
        """One."""
        at = self._entry.free[bits % len(self._entry.free)]
        constraint = self._entry.constraints[at]
        assert constraint is not None, "it is free"
        return (*plain[:at], self.changed(plain[at], constraint), *plain[at + 1 :])

    def change_values(self, plain: Plain, bits: int) -> Plain:
        """Two to five."""
        values, free = list(plain), self._entry.free
        for _ in range(2 + (bits & 3)):
            at = free[self._getrandbits(30) % len(free)]
            constraint = self._entry.constraints[at]
            assert constraint is not None, "it is free"
            values[at] = self.changed(values[at], constraint)
        return tuple(values)

    def copy_value(self, plain: Plain, bits: int) -> Plain:
        """From one place to another of the same kind; of numbers now and then the next one."""
        entry = self._entry
        at = entry.free[bits % len(entry.free)]
        constraint = entry.constraints[at]
        assert constraint is not None, "it is free"
        alike = entry.alike[constraint.kind]
        more = self._getrandbits(30)
        value = plain[alike[(more >> 4) % len(alike)]]
        if constraint.kind == "int":
            value += (0, 0, 0, 0, 0, 1, -1, 0)[more & 7]
        return (*plain[:at], value, *plain[at + 1 :])

    def set_token(self, plain: Plain, bits: int) -> Plain:
        """A constant in place of one or two values that stand close to each other."""
        entry = self._entry
        at = entry.free[bits % len(entry.free)]
        constraint = entry.constraints[at]
        assert constraint is not None, "it is free"
        sources = self._tokens.get(constraint.kind)
        if sources is None:
            return plain
        getrandbits = self._getrandbits
        source = sources[getrandbits(1)] or sources[1]
        if not source:
            return plain
        values = list(plain)
        values[at] = source[getrandbits(30) % len(source)]
        if getrandbits(1):
            for near in range(at + 1, min(at + 4, len(values))):
                other = entry.constraints[near] if near < len(entry.constraints) else None
                if other is not None and other.kind == constraint.kind and getrandbits(1):
                    values[near] = source[getrandbits(30) % len(source)]
                    break
        return tuple(values)

    # Spans ------------------------------------------------------------------------------------------------------------

    def delete_span(self, plain: Plain, bits: int) -> Plain:
        """Leave one out."""
        spans = self._entry.spans
        if not spans:
            return plain
        start, end, _, _ = spans[bits % len(spans)]
        return plain[:start] + plain[end:]

    def duplicate_span(self, plain: Plain, bits: int) -> Plain:
        """Once more behind itself."""
        spans = self._entry.spans
        if not spans:
            return plain
        start, end, _, _ = spans[bits % len(spans)]
        return plain[:end] + plain[start:end] + plain[end:]

    def duplicate_and_change(self, plain: Plain, bits: int) -> Plain:
        """Once more, with one or two values changed, or copied from elsewhere."""
        entry = self._entry
        if not entry.spans:
            return plain
        start, end, _, _ = entry.spans[bits % len(entry.spans)]
        copy = list(plain[start:end])
        getrandbits = self._getrandbits
        for _ in range(1 + getrandbits(1)):
            at = getrandbits(30) % len(copy)
            constraint = entry.constraints[start + at]
            if constraint is None:
                continue
            if constraint.kind != "bool" and getrandbits(1):
                alike = entry.alike[constraint.kind]
                copy[at] = plain[alike[getrandbits(30) % len(alike)]]
            else:
                copy[at] = self.changed(copy[at], constraint)
        return plain[:end] + tuple(copy) + plain[end:]

    def swap_spans(self, plain: Plain, bits: int) -> Plain:
        """Two of one label."""
        spans = self._entry.spans
        if not spans:
            return plain
        one = spans[bits % len(spans)]
        alike = [each for each in spans if each.label == one.label and (each.start >= one.end or each.end <= one.start)]
        if not alike:
            return plain
        other = alike[self._getrandbits(30) % len(alike)]
        (a, b, *_), (c, d, *_) = sorted((one, other))
        return plain[:a] + plain[c:d] + plain[b:c] + plain[a:b] + plain[d:]

    def replace_span(self, plain: Plain, bits: int) -> Plain:
        """By one of another entry."""
        spans = self._entry.spans
        if not spans:
            return plain
        start, end, label, _ = spans[bits % len(spans)]
        return plain[:start] + self._other(label) + plain[end:]

    def insert_span(self, plain: Plain, bits: int) -> Plain:
        """One of another entry, before one of its label."""
        spans = self._entry.spans
        if not spans:
            return plain
        start, _, label, _ = spans[bits % len(spans)]
        return plain[:start] + self._other(label) + plain[start:]

    def _other(self, label: int) -> Plain:
        kept = self._spans.by_label.get(label)
        return kept[self._getrandbits(30) % len(kept)] if kept else ()

    def add_element(self, plain: Plain, bits: int) -> Plain:
        """Where something may end, it goes on: with a constant or without, and all behind it drawn anew or not."""
        entry = self._entry
        flags = entry.alike.get("bool")
        if not flags:
            return plain
        at = flags[bits % len(flags)]
        more = self._getrandbits(30)
        new: Plain = (True,)
        if more & 1:
            sources = self._tokens["int" if more & 6 == 0 else "str"]
            source = sources[more >> 3 & 1] or sources[1]
            if source:
                new = (True, source[(more >> 8) % len(source)])
        if more & 16:
            new = (*new, more >> 5 & 3)
        return plain[:at] + new + plain[at:] if more >> 7 & 1 else plain[:at] + new

    def redraw_rest(self, plain: Plain, bits: int) -> Plain:
        """From some place on."""
        return plain[: 1 + bits % len(plain)]

    def cross(self, plain: Plain, bits: int) -> Plain:
        """The beginning of one and the end of another entry."""
        entries = self._entries
        if not entries:
            return plain
        more = self._getrandbits(30)
        other: Plain = entries[(more & 255) % len(entries)][0]
        return plain[: 1 + bits % len(plain)] + other[1 + (more >> 8) % len(other) :]


def _bounded(value: int, low: Any, high: Any) -> int:
    if low is not None and value < low:
        return int(low) if high is None else int(low + (value - low) % (high - low + 1))
    if high is not None and value > high:
        return int(high) if low is None else int(low + (value - low) % (high - low + 1))
    return value
