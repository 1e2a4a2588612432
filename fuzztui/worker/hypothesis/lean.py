"""A lean `ConjectureData`: it keeps what is drawn, and nothing else.

Hypothesis' own notes constraints, spans, times and more of each draw, which takes most of an execution's time where the
test is quick. What strategies see of the two is the same: `checked` executions compare them. Attributes that strategies
use are those of the base class, made without its constructor: a copy of what that has once made.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from hypothesis.internal.conjecture import choice
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.engine import BUFFER_SIZE
from hypothesis.internal.conjecture.providers import COLLECTION_DEFAULT_MAX_SIZE
from hypothesis.internal.floats import float_to_int, int_to_float
from hypothesis.strategies._internal.lazy import unwrap_strategies

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.hypothesis.machines import STEPS, shorten
from fuzztui.worker.hypothesis.provider import Replay

__builtins__ = PRIVATE_BUILTINS

MOST_NESTED: Final = 100
"""Spans within each other: a test that nests deeper is at its end."""

_unwrap: Final[Any] = unwrap_strategies

_KNOWN: Final = "_fuzztui_drawn"
"""Attribute of a strategy: what draws for it, None where it can draw nothing."""

_SHORT: Final = 31
"""Bytes below which the size of a choice takes one byte."""


def _size_of() -> Callable[[Any], int]:
    """What tells how many bytes Hypothesis takes for a choice."""
    exact: Callable[[Any], int] | None = vars(choice).get("choice_size")
    if exact is not None:
        return exact
    several: Any = vars(choice)["choices_size"]
    return lambda value: int(several((value,)))


size_of: Final = _size_of()


def _drawing_of(strategy: Any) -> Any:
    """What draws for a strategy."""
    if type(strategy) is STEPS:
        shorten(strategy, _KNOWN, _unwrap)
        return strategy
    strategy.validate()
    return None if strategy.is_empty else _unwrap(strategy)


class LeanData(ConjectureData):
    """The data of one execution."""

    provider: Any
    out: list[Any]
    """What has been drawn."""

    @property
    def choices(self) -> Any:
        """What has been drawn."""
        return tuple(self.out)

    def draw(self, strategy: Any, label: int | None = None, observe_as: str | None = None) -> Any:  # noqa: ARG002
        drawing = strategy.__dict__.get(_KNOWN, self)
        if drawing is self:  # nothing is known of it yet
            drawing = strategy.__dict__[_KNOWN] = _drawing_of(strategy)
        if drawing is None:
            self.mark_invalid(f"empty strategy {strategy!r}")
        if self.depth >= MOST_NESTED:
            self.mark_invalid("max depth exceeded")
        self.depth += 1
        try:
            return drawing.do_draw(self)
        finally:
            if not self.frozen:
                self.depth -= 1

    def start_span(self, label: int) -> None:  # noqa: ARG002
        self.depth += 1

    def stop_span(self, *, discard: bool = False) -> None:  # noqa: ARG002
        if not self.frozen:
            self.depth -= 1

    def freeze(self) -> None:
        self.frozen = True

    def _took(self, value: Any, size: int) -> None:
        length = self.length + size
        if length > BUFFER_SIZE:
            self.mark_overrun()
        self.length = length
        self.out.append(value)

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,  # noqa: ARG002
        shrink_towards: int = 0,  # noqa: ARG002
        forced: int | None = None,
        observe: bool = True,
    ) -> int:
        provider = self.provider
        if forced is None:
            value: int = provider.draw_integer(min_value, max_value)
        else:
            value = forced
            provider.index += observe
        if observe:
            size = 1 + (value.bit_length() >> 3)
            self._took(value, 1 + size if size < _SHORT else size_of(value))
        return value

    def draw_boolean(self, p: float = 0.5, *, forced: bool | None = None, observe: bool = True) -> bool:
        provider = self.provider
        if forced is None:
            value: bool = provider.draw_boolean(p)
        else:
            value = forced
            provider.index += observe
        if observe:
            length = self.length
            if length >= BUFFER_SIZE:
                self.mark_overrun()
            self.length = length + 1
            self.out.append(value)
        return value

    def draw_float(
        self,
        min_value: float = -math.inf,
        max_value: float = math.inf,
        *,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float = 5e-324,
        forced: float | None = None,
        observe: bool = True,
    ) -> float:
        provider = self.provider
        if forced is None:
            value: float = provider.draw_float(
                min_value=min_value,
                max_value=max_value,
                allow_nan=allow_nan,
                smallest_nonzero_magnitude=smallest_nonzero_magnitude,
            )
        else:
            value = forced
            provider.index += observe
        if value != value:
            value = int_to_float(float_to_int(value))  # one of its own each time, as with Hypothesis
        if observe:
            self._took(value, 9)
        return value

    def draw_string(
        self,
        intervals: Any,
        *,
        min_size: int = 0,
        max_size: int = COLLECTION_DEFAULT_MAX_SIZE,
        forced: str | None = None,
        observe: bool = True,
    ) -> str:
        provider = self.provider
        if forced is None:
            value: str = provider.draw_string(intervals, min_size=min_size, max_size=max_size)
        else:
            value = forced
            provider.index += observe
        if observe:
            self._took(value, 1 + len(value) if value.isascii() and len(value) < _SHORT else size_of(value))
        return value

    def draw_bytes(
        self,
        min_size: int = 0,
        max_size: int = COLLECTION_DEFAULT_MAX_SIZE,
        *,
        forced: bytes | None = None,
        observe: bool = True,
    ) -> bytes:
        provider = self.provider
        if forced is None:
            value: bytes = provider.draw_bytes(min_size, max_size)
        else:
            value = forced
            provider.index += observe
        if observe:
            self._took(value, 1 + len(value) if len(value) < _SHORT else size_of(value))
        return value


def maker(provider: Replay) -> Callable[[], LeanData]:
    """A function that makes the data of an execution."""
    first = LeanData(random=None, provider=provider)
    template = dict(vars(first))
    template["depth"] = 0  # within the span of all
    fresh = tuple([(name, value.copy) for name, value in template.items() if isinstance(value, dict | list | set)])
    make = LeanData.__new__

    def made() -> LeanData:
        data = make(LeanData)
        attributes = data.__dict__
        attributes.update(template)
        for name, copy in fresh:
            attributes[name] = copy()
        attributes["out"] = []
        return data

    return made


def sizes_agree() -> bool:
    """Whether Hypothesis takes the bytes for choices that are taken for granted here."""
    numbers = [sign * ((1 << bits) - less) for bits in (0, 1, 7, 8, 63, 64, 231) for less in (0, 1) for sign in (1, -1)]
    texts = ["", "a", "a" * (_SHORT - 1)]
    return (
        all(size_of(number) == 2 + (number.bit_length() >> 3) for number in numbers)
        and all(size_of(text) == size_of(text.encode()) == 1 + len(text) for text in texts)
        and [size_of(True), size_of(0.5)] == [1, 9]
    )
