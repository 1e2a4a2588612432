"""Which parts of an input make it fail: what can be anything, and what is needed. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say
from fuzztui.target.typed.composite import Composite
from fuzztui.target.typed.parts import leaves
from fuzztui.target.values import Value

Span: TypeAlias = tuple[int, int, int]
"""A part of an input: the argument, where it begins and where it ends."""


def extent(value: Value) -> tuple[int, str]:
    """How many elements an argument has that can be told apart, and what one is called."""
    match value:
        case bytes():
            return len(value), "byte"
        case str():
            return len(value), "character"
        case Composite():
            return len(leaves(value.spec, value.plain)), "part"
        case _:
            return 1, "value"


def place(value: Value, number: int) -> str:
    """What a part of a typed value is called: `[2].tags[0]`; empty for other values."""
    return leaves(value.spec, value.plain)[number].place if isinstance(value, Composite) else ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some elements of one argument, next to each other, that are alike in this."""

    argument: int
    """Its position."""
    start: int
    end: int
    """Bytes of `bytes`, characters of `str`; of any other value 0 and 1."""
    unit: str
    """`byte`, `character` or `value`, of a typed value `part`: one of its numbers, texts and constants."""
    is_free: bool
    """Whether the input failed alike whatever stood there, as far as was tried; otherwise it is needed."""
    first: str = ""
    last: str = ""
    """Of a typed value what its first and its last part here are called."""

    @property
    def words(self) -> Visible:
        """`bytes 3 to 7`, counted from 0."""
        if self.unit == "value":
            return say("the value")
        if self.unit == "part":
            names = [name or "the value" for name in dict.fromkeys((self.first, self.last))]
            return joined(" to ", (say("{}", name) for name in names))
        if self.end - self.start == 1:
            return say("{} {}", self.unit, self.start)
        return say("{}s {} to {}", self.unit, self.start, self.end - 1)


def _part(argument: int, value: Value, start: int, end: int, *, is_free: bool) -> Part:
    return Part(argument, start, end, extent(value)[1], is_free, place(value, start), place(value, end - 1))


@dataclass(frozen=True, slots=True)
class Needed:
    """All parts of an input, in order, without gaps."""

    parts: tuple[Part, ...]
    is_joint: bool
    """Whether the free parts can be anything at the same time; otherwise only each by itself."""

    @classmethod
    def of(cls, free: Sequence[Span], is_joint: bool, arguments: Sequence[Value]) -> "Needed | None":
        """What is known of these arguments where their `free` parts are told, in order; None for parts that they do not
        have.
        """
        parts: list[Part] = []
        for argument, value in enumerate(arguments):
            length, _ = extent(value)
            at = 0
            for start, end in [(start, end) for number, start, end in free if number == argument]:
                if not at <= start < end <= length:
                    return None
                parts += [_part(argument, value, at, start, is_free=False)] if at < start else []
                parts.append(_part(argument, value, start, end, is_free=True))
                at = end
            parts += [_part(argument, value, at, length, is_free=False)] if at < length else []
        needed = cls(tuple(parts), is_joint)
        return needed if len(needed.free) == len(free) else None

    @property
    def free(self) -> tuple[Part, ...]:
        """Those that can be anything."""
        return tuple(part for part in self.parts if part.is_free)

    @property
    def sentence(self) -> Visible:
        """`can be anything: bytes 3 to 7, byte 9`; positions are counted from 0."""
        if not self.parts:
            return say("there is nothing in it")
        if not self.free:
            return say("all of it is needed")
        several = len({part.argument for part in self.parts}) > 1
        named = (say("{} of argument {}", part.words, part.argument + 1) for part in self.free)
        words = joined(", ", named if several else (part.words for part in self.free))
        return say("can be anything: {}{}", words, NOTHING if self.is_joint else label(", each by itself"))

    def fields(self) -> dict[str, Any]:
        """The form in records and JSON Lines."""
        return {"free": [[part.argument, part.start, part.end] for part in self.free], "together": self.is_joint}
