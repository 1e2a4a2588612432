"""What is known of the choices of an input: their constraints, and which belong together."""

from collections.abc import Hashable, Iterable
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

INPUTS: Final = 4096
CHOICES: Final = 1 << 20
"""Inputs that are remembered, and their choices in all; beyond that, the oldest are forgotten."""

LONGEST_TEXT: Final = 64
"""Characters of a text that a span came to and that is remembered."""

LABELS: Final = 256
SPELLINGS: Final = 64
"""Labels of spans that came to texts, and texts of each: the latest."""


class Constraint(NamedTuple):
    """What may be drawn where a choice stands."""

    kind: str
    """One of `bool`, `int`, `float`, `str`, `bytes`."""
    low: float | None = None
    high: float | None = None
    """Of numbers the least and the greatest, of texts and bytes the least and the greatest length; inclusive."""
    alphabet: Any = None
    """Of texts: a sequence of code points that tells quickly whether it has a character."""
    nan: bool = True
    """Whether a float may be none."""

    def permits(self, value: Any) -> bool:
        """Whether a value of the kind may be drawn."""
        kind = self.kind
        if kind == "bool":
            return True
        if kind == "str" or kind == "bytes":
            size = len(value)
            if size < (self.low or 0) or (self.high is not None and size > self.high):
                return False
            return kind == "bytes" or all(character in self.alphabet for character in value)
        if value != value:
            return self.nan
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def fitted(constraint: Constraint, value: Any) -> Any:
    """The value as a choice, a number as float where such is drawn; None if it cannot be drawn."""
    name = type(value).__name__
    if name == "int" and constraint.kind == "float" and abs(value) < 1 << 53:
        value = float(value)
    elif name != constraint.kind:
        return None
    return value if constraint.permits(value) else None


class Span(NamedTuple):
    """Choices that were drawn together."""

    start: int
    end: int
    """Positions in the plain input, whose first is the seed's; exclusive."""
    label: int
    """The same for what is drawn in the same way."""
    parent: int
    """Position of the span around it among all of them; -1 for none."""


class Record(NamedTuple):
    """What one execution has told of its input, in its canonical form."""

    constraints: tuple[Constraint | None, ...]
    """By position; None for the seed, and for a choice that the test forces."""
    spans: tuple[Span, ...]
    """In the order of their starts, the outer one first."""
    texts: tuple[str | None, ...] = ()
    """What each span came to, if that is a text and no long one; empty where that is not known."""


def plain_of(arguments: Arguments) -> Plain:
    """The only argument, which is a sequence of choices."""
    only: Any = arguments[0]
    plain: Plain = only
    return plain


def arguments_of(plain: Plain) -> Arguments:
    """What a property test is called with."""
    only: Any = plain
    return (only,)


NOTHING: Final = Record((), ())


class Spelled(NamedTuple):
    """What a span came to: a text."""

    text: str
    choices: Plain
    constraints: tuple[Constraint | None, ...]
    """Of the choices."""


class Spellings:
    """Texts that spans came to in all inputs, by label."""

    def __init__(self) -> None:
        self._by_label: dict[int, dict[str, Spelled]] = {}

    def add(self, plain: Plain, record: Record) -> None:
        """Remember what the spans of an input came to."""
        for span, text in zip(record.spans, record.texts, strict=False):
            if text is None or span.end > len(plain):
                continue
            known = self._by_label.get(span.label)
            if known is None:
                if len(self._by_label) == LABELS:
                    continue
                known = self._by_label[span.label] = {}
            if text not in known:
                if len(known) == SPELLINGS:
                    del known[next(iter(known))]
                known[text] = spelled(plain, record, span, text)

    def of(self, label: int) -> Iterable[Spelled]:
        """What spans of a label came to."""
        return self._by_label.get(label, {}).values()


def spelled(plain: Plain, record: Record, span: Span, text: str) -> Spelled:
    """What a span of an input came to."""
    start, end, _, _ = span
    return Spelled(text, plain[start:end], record.constraints[start:end])


class Records:
    """The records of inputs, the latest ones."""

    def __init__(self) -> None:
        self.spellings: Final = Spellings()
        self._records: dict[Hashable, Record] = {}
        self._choices = 0

    def add(self, plain: Plain, record: Record) -> None:
        """Remember what an execution has told of its input."""
        key = _key(plain)
        if key in self._records:
            return
        self._records[key] = record
        self.spellings.add(plain, record)
        self._choices += len(plain)
        while len(self._records) > INPUTS or (self._choices > CHOICES and len(self._records) > 1):
            oldest = next(iter(self._records))
            self._choices -= len(self._records.pop(oldest).constraints)

    def of(self, plain: Plain) -> Record | None:
        """What is known of an input in its canonical form."""
        return self._records.get(_key(plain))


def _key(plain: Plain) -> Hashable:
    """Tells 1, 1.0 and True apart."""
    return plain, tuple(map(type, plain))
