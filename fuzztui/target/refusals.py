"""Calls a target with values that are built for the call, and notes what its classes refuse."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

LONGEST: Final = 200
"""Characters of a reason."""


class Refusals:
    """The executions that did not come to the target, since a class has refused its values."""

    def __init__(self, *, is_code: bool = False) -> None:
        self.count = 0
        self.is_code: Final = is_code
        """Whether what refuses is what is fuzzed, so that an input which comes further in there is worth keeping."""
        self._is_told = False
        self.reason = ""
        """Of the last one: the exception's class and its message."""
        self.then: Callable[[], object] = int
        """Called after each, when the exception is gone."""

    def take_sentence(self, executions: int) -> str:
        """What to tell a person of it, once: after so many executions; empty if there is nothing."""
        if not self.count or self._is_told:
            return ""
        self._is_told = True
        part = f"{self.count:,} of the first {executions:,} inputs"
        return f"{part} were discarded, since a class refused its values: {self.reason}"

    def note(self, error: Exception) -> None:
        """A class has raised this instead of making a value."""
        self.count += 1
        try:
            message = str(error)[:LONGEST]
        except Exception as second:  # the class is the target's
            message = f"<describing it raised {type(second).__qualname__}>"
        self.reason = f"{type(error).__qualname__}: {message}".partition("\n")[0]


def building(
    function: Callable[..., object], build: Callable[[tuple[Any, ...]], Sequence[Any]], refusals: Refusals
) -> Callable[..., object]:
    """The function as it is called with plain values. Where a class refuses one, the function does not run."""

    def call(*values: Any) -> object:
        try:
            arguments = build(values)
        except Exception as error:
            refusals.note(error)
        else:
            return function(*arguments)
        refusals.then()
        return None

    return call
