"""Inputs as guidance sees them: taken apart into values of plain kinds, and put together again."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS


class Whole(Protocol):
    """An input taken apart."""

    @property
    def values(self) -> Arguments:
        """What operands of comparisons may stem from."""

    def together(self, values: Arguments, /) -> Arguments | None:
        """The input with these in their place; None if one does not fit."""

    def all_together(self, several: Iterator[Arguments], /) -> Iterator[Arguments]:
        """`together` of each that fits."""

    def exchanged(self, comparisons: Sequence[Comparison], /) -> Iterator[Arguments]:
        """Inputs in which an object is another one, that it has been compared with."""

    def resized(self, comparisons: Sequence[Comparison], /) -> Iterator[Arguments]:
        """Inputs whose containers have as many elements as was asked for, or one that was looked for in vain."""


Taken: TypeAlias = Callable[[Arguments], Whole]
"""Takes inputs of one target apart."""


class Plain:
    """An input of plain kinds only, whose arguments are its parts."""

    def __init__(self, arguments: Arguments) -> None:
        self.values: Final = arguments

    def together(self, values: Arguments, /) -> Arguments | None:
        """The values themselves."""
        return values

    def all_together(self, several: Iterator[Arguments], /) -> Iterator[Arguments]:
        """The inputs themselves."""
        return several

    def exchanged(self, _comparisons: Sequence[Comparison], /) -> Iterator[Arguments]:
        """None."""
        return iter(())

    def resized(self, _comparisons: Sequence[Comparison], /) -> Iterator[Arguments]:
        """None."""
        return iter(())
