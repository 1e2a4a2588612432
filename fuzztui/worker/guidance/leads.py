"""What follows from inputs that have come further, to be traced: of each input a little before much of any.

What follows from one is in an order, the likeliest first, and there is time for some of all of it. A tenth of what
follows from ten inputs leads further than all that follows from one.
"""

from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.once import Once
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_LEADS: Final = 32
"""Inputs from which others follow that wait to be traced; of more, the one that has had most is dropped."""

SLIGHT: Final = 4
"""Times that one step of an input counts in which nothing but the order of things is new."""


PROMISING: Final = 0.02
LEAST_PROMISING: Final = 0.1
"""The part of what has been traced that has come further, from which on all is worth what it takes, and what little of
that is worth it where nothing has: in binary data of parts within parts one in thirty has.
"""

REMEMBERED: Final = 2048
"""Traced inputs after which they count half as much."""


class _Lead:
    def __init__(self, inputs: Iterator[Arguments], cost: int) -> None:
        self.inputs: Final = inputs
        self.cost: Final = cost
        self.taken = 0
        """Steps, each times the cost."""


class Leads:
    """Of one search."""

    def __init__(self) -> None:
        self._leads: list[_Lead] = []
        """The latest last."""
        self._steps = 0
        self._handed_out: Final = Once()
        """Of what follows from several inputs a third is the same."""
        self._traced = 0
        self._further = 0
        """What has been traced lately, and what of that has come further."""

    def __bool__(self) -> bool:
        """Whether there is something that may make one more."""
        return bool(self._leads)

    def clear(self) -> None:
        """Forget all."""
        self._leads.clear()
        self._handed_out.clear()

    def note(self, *, is_further: bool) -> None:
        """One has been traced, and brings the program further, or does not."""
        self._traced += 1
        self._further += is_further
        if self._traced >= REMEMBERED:
            self._traced //= 2
            self._further //= 2

    @property
    def promise(self) -> float:
        """How much of the time that may be had for them they are worth, as far as is known."""
        return max(LEAST_PROMISING, min(1.0, (self._further + 1) / (self._traced + 1) / PROMISING))

    def add(self, inputs: Iterator[Arguments], *, is_slight: bool = False) -> None:
        """Have these traced, the first ones soon."""
        leads = self._leads
        leads.append(_Lead(inputs, SLIGHT if is_slight else 1))
        if len(leads) > MAX_LEADS:
            del leads[max(range(len(leads)), key=lambda at: leads[at].taken)]

    def next(self) -> Arguments | None:
        """The next one, of the latest in one of four cases, else of what has had the least; None if there was none, or
        if it has been traced.
        """
        self._steps += 1
        leads = self._leads
        at = len(leads) - 1
        if self._steps & 3:
            at = min(range(at, -1, -1), key=lambda at: leads[at].taken)
        lead = leads[at]
        lead.taken += lead.cost
        changed = next(lead.inputs, None)
        if changed is None:
            del leads[at]
            return None
        return changed if self._handed_out.add(changed) else None
