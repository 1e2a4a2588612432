"""How many workers of a run may be at work, where other runs have a share of the machine, too."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

LOOK_AGAIN: Final = 2.0
"""Seconds between two looks at what people have decided while a run has no workers."""


class Seats:
    """Their number. Constructed and used on the run's loop."""

    def __init__(self) -> None:
        self._number: int | None = None
        """None for all workers."""
        self._are_any = asyncio.Event()
        """Cleared while nobody may be at work."""
        self._are_any.set()

    @property
    def are_any(self) -> bool:
        """Whether anybody may be at work."""
        return self._number != 0

    @property
    def are_taken(self) -> bool:
        """Whether the run stands still: nobody may be at work, and it does not end."""
        return not self._are_any.is_set()

    def allot(self, number: int) -> bool:
        """Let so many be at work; whether that is another number than before."""
        if number == self._number:
            return False
        self._number = number
        if number:
            self._are_any.set()
        else:
            self._are_any.clear()
        return True

    def end(self) -> None:
        """The run ends: it does not stand still any more."""
        self._are_any.set()

    async def stand_still(self, look: Callable[[], object]) -> None:
        """Wait until there are workers again, or the run ends; `look` is called now and then."""
        while not self._are_any.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._are_any.wait(), LOOK_AGAIN)
            look()
