"""A sequence of choices as an argument."""

from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

CHOICES: Final = "choices"
"""What the parameter of a property test is called in messages."""

Choice: TypeAlias = int | str | bytes | float | bool

Plain: TypeAlias = tuple[Any, ...]
"""A seed, an int that is not negative, and the choices in the order of drawing; or the number of one of the test's own
examples, below zero, and nothing else.

What a test draws beyond the choices, and in place of those that do not fit, follows from the seed.
"""


class Choices:
    """A sequence of choices."""

    __slots__ = ("plain",)

    type: Final = CHOICES

    def __init__(self, plain: Plain) -> None:
        self.plain: Final = plain

    @property
    def choices(self) -> Plain:
        """What is drawn, in order."""
        return self.plain[1:]

    @property
    def example(self) -> int:
        """The number of the test's own example that it is, from 1 on; 0 where it is none."""
        first: int = self.plain[0]
        return max(0, -first)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Choices or len(other.plain) != len(self.plain):
            return False
        return all(_is_same(one, another) for one, another in zip(self.plain, other.plain, strict=True))

    def __hash__(self) -> int:
        return hash(self.plain)

    def __repr__(self) -> str:
        return f"Choices({self.plain!r})"


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other) and (one == other or (one != one and other != other))
