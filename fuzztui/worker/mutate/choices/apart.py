"""Sequences of choices taken apart where comparisons guide their mutation."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.mutate.choices.operators import movable
from fuzztui.worker.mutate.choices.record import Record, Span, Spellings, arguments_of, fitted, plain_of
from fuzztui.worker.mutate.choices.spelling import respelled
from fuzztui.worker.mutate.operands import ALONE, Comparison, elements_of, steps_of
from fuzztui.worker.mutate.scalars import Scalar, scalar_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MOST: Final = 512
"""Choices that are looked at."""

MOST_PUT: Final = 400
"""Inputs that have a key somewhere which was looked up in vain."""

MOST_SHIFTED: Final = 200
"""Inputs in which a number is changed by what something computed from it lacked."""

MOST_RESIZED: Final = 64
"""Inputs in which something that is repeated is so more often or less."""

MOST_ELEMENTS: Final = 256
"""Times that something is repeated because a number was compared with how often it is."""

_LONGEST_COPY: Final = 24
"""Choices of a span that is put in once more with a key in it."""


_MEMBERS: Final = 4
"""Of a union of strategies, that may be drawn behind a key."""


class ApartChoices:
    """An input taken apart."""

    def __init__(self, arguments: Arguments, record: Record, spellings: Spellings | None = None) -> None:
        """`record`: what is known of it; `spellings`: what is known of others."""
        self._spellings = spellings or Spellings()
        plain = self._plain = plain_of(arguments)
        self._record = record
        self._free = [at for at, each in enumerate(record.constraints[: len(plain)]) if each is not None][:MOST]
        self.values: Final[Arguments] = tuple([plain[at] for at in self._free])
        """Of the choices that the test does not force, in order."""

    def together(self, values: Arguments) -> Arguments | None:
        """The input with other choices; None if one cannot be drawn there."""
        changed = list(self._plain)
        for at, before, value in zip(self._free, self.values, values, strict=True):
            if value is before:
                continue
            constraint = self._record.constraints[at]
            assert constraint is not None, "it is free"
            choice = fitted(constraint, value)
            if choice is None:
                return None
            changed[at] = choice
        return arguments_of(tuple(changed))

    def all_together(self, several: Iterator[Arguments]) -> Iterator[Arguments]:
        """`together` of each that fits."""
        return (whole for values in several if (whole := self.together(values)) is not None)

    def exchanged(self, _comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """None: objects are drawn, not kept."""
        return iter(())

    def resized(self, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """Inputs with a text that is put together of other parts, with all elements of a sequence replaced that stem
        from several choices, with a number changed by what a sum or remainder lacked, with a key that was looked up in
        vain, or with as many of what is repeated as was asked for.
        """
        for plain in respelled(self._plain, self._record, self._spellings, comparisons):
            yield arguments_of(plain)
        for plain in islice(self._stepwise(comparisons), MOST_RESIZED):
            yield arguments_of(plain)
        for plain in islice(self._shifted(comparisons), MOST_SHIFTED):
            yield arguments_of(plain)
        for plain in islice(self._with_keys(comparisons), MOST_PUT):
            yield arguments_of(plain)
        for plain in islice(self._resized(comparisons), MOST_RESIZED):
            yield arguments_of(plain)

    def _stepwise(self, comparisons: Sequence[Comparison]) -> Iterator[Plain]:
        for _, left, right in comparisons:
            for steps in (steps_of(left, right), steps_of(right, left)):
                if len(steps) < 2:
                    continue
                for backwards in (False, True):
                    places = self._places([old for old, _ in steps], backwards=backwards)
                    if places is None:
                        continue
                    changed = list(self._plain)
                    for at, (_, new) in zip(places, steps, strict=True):
                        changed[at] = new
                    yield tuple(changed)

    def _shifted(self, comparisons: Sequence[Comparison]) -> Iterator[Plain]:
        plain = self._plain
        numbers = [at for at in self._free if type(plain[at]) in (int, float)]
        known = {plain[at] for at in numbers}
        seen = set[tuple[int, float]]()
        for _, left, right in comparisons:
            if type(left) is not type(right) or type(left) not in (int, float):
                continue
            lacking: Any = right - left  # type: ignore[operator]
            if left in known and right in known:
                continue  # one takes the other's place: see `guided`
            for at in numbers:
                for changed in (plain[at] + lacking, plain[at] - lacking):
                    constraint = self._record.constraints[at]
                    moved = None if constraint is None else fitted(constraint, changed)
                    if moved is not None and moved != plain[at] and (at, moved) not in seen:
                        seen.add((at, moved))
                        yield (*plain[:at], moved, *plain[at + 1 :])

    def _places(self, values: list[Scalar], *, backwards: bool) -> list[int] | None:
        """Where these are drawn in their order, the first such places or the last; None if they are not."""
        found: list[int] = []
        waiting = values[::-1] if backwards else values
        for at in reversed(self._free) if backwards else self._free:
            if len(found) == len(waiting):
                break
            value = self._plain[at]
            if type(value) is type(waiting[len(found)]) and value == waiting[len(found)]:
                found.append(at)
        if len(found) < len(waiting):
            return None
        return found[::-1] if backwards else found

    def _with_keys(self, comparisons: Sequence[Comparison]) -> Iterator[Plain]:
        plain, constraints = self._plain, self._record.constraints
        ends = [at for at in self._free if plain[at] is False]
        copied = [span for span in movable(self._record, len(plain)) if span.end - span.start <= _LONGEST_COPY]
        for key in _missing(comparisons):
            fitting = [
                at
                for at in self._free
                if (constraint := constraints[at]) is not None and fitted(constraint, key) is not None
            ]
            for at in fitting:
                yield (*plain[:at], key, *plain[at + 1 :])
            if type(key) in (str, int, bytes):  # where a collection ends, one more with what its key leads to
                for at in ends:
                    yield (*plain[:at], True, key, *plain[at:])
                    for member in range(_MEMBERS):
                        yield (*plain[:at], True, key, member)
                        yield (*plain[:at], True, key, member, *plain[at:])
                for at in fitting:  # and where a full one has its last, since that may lead to another type
                    if at and plain[at - 1] is True:
                        for member in range(_MEMBERS):
                            yield (*plain[:at], key, member)
            for start, end, _, _ in copied:
                for at in fitting:
                    if start <= at < end:
                        yield (*plain[:end], *plain[start:at], key, *plain[at + 1 : end], *plain[end:])

    def _resized(self, comparisons: Sequence[Comparison]) -> Iterator[Plain]:
        rows = [row for row in _rows(self._record.spans) if row[-1].end <= len(self._plain)]
        seen = set[tuple[int, int]]()
        for operator, left, right in comparisons:
            for row in rows:
                for count in _counts(operator, left, right, len(row)):
                    if (row[0].start, count) not in seen:
                        seen.add((row[0].start, count))
                        yield self._of_length(row, count)

    def _of_length(self, row: list[Span], count: int) -> Plain:
        plain = self._plain
        if count < len(row):
            return plain[: row[count].start] + plain[row[-1].end :]
        last = row[-1]
        return plain[: last.end] + plain[last.start : last.end] * (count - len(row)) + plain[last.end :]


def _missing(comparisons: Sequence[Comparison]) -> Iterator[Scalar]:
    """What was looked up, or looked for, in vain, each once."""
    seen = set[tuple[type, Any]]()
    for operator, left, right in comparisons:
        in_vain = operator in ALONE or (
            operator in ("in", "not in") and type(right) in (tuple, list) and left not in right  # type: ignore[operator]
        )
        key = scalar_of(left) if in_vain else None
        if key is not None and (type(key), key) not in seen:
            seen.add((type(key), key))
            yield key
        if operator in ("==", "!="):
            for side, other in ((left, right), (right, left)):
                for each in elements_of(side):
                    found = scalar_of(each)
                    if found is not None and found not in elements_of(other) and (type(found), found) not in seen:
                        seen.add((type(found), found))
                        yield found


def _rows(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans of one label that follow one another within the same span: elements of a collection."""
    rows: dict[tuple[int, int], list[Span]] = {}
    for span in spans:
        if span.end > span.start:
            rows.setdefault((span.parent, span.label), []).append(span)
    return list(rows.values())


def _counts(operator: str, left: object, right: object, length: int) -> Iterator[int]:
    """How often something might be repeated instead, if that is one side of a comparison."""
    for one, other in ((left, right), (right, left)):
        if type(one) is int and one == length and type(other) is int:
            near = (other,) if operator in ("==", "!=", "same") else (other, other + 1, other - 1)
            yield from (count for count in near if 0 <= count <= MOST_ELEMENTS and count != length)
