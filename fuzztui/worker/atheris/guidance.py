"""Input-to-state through a `FuzzedDataProvider`: the fields of an entry, and what they should be."""

from collections.abc import Iterator
from random import Random
from typing import Final
from zlib import crc32

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.fields import Fields, fields_of
from fuzztui.worker.atheris.log import LOG, Read
from fuzztui.worker.atheris.mutation import Plan, plan_of
from fuzztui.worker.atheris.suggest import choices, suggestions
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.mutate import Tried
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sequence import RandomBits
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

CANDIDATES: Final = 120
"""Inputs that one traced execution suggests."""

VARIANTS: Final = 3
"""Times that an entry which ends too early is filled, with other bytes each."""

ROUNDS: Final = 3
"""Executions for one: what is read then may read more."""

CHANCES: Final = 12
"""Entries, or places in them, that may lead to a candidate which replaces one operand by another."""


MOST_KNOWN: Final = 256
"""Entries whose fields are remembered."""


class FieldGuidance:
    """Follows comparisons through what was read. State that outlives a call: what has been tried."""

    def __init__(self, tracing: Tracing, max_len: int) -> None:
        """`max_len`: bytes of a candidate."""
        self._tracing = tracing
        self._max_len = max_len
        self._tried = Tried(CHANCES)
        self._is_used: bool | None = None
        """Whether the target uses a provider, as far as is known."""
        self._known: dict[bytes, Fields] = {}
        """The fields of the latest entries."""

    def suggested(self, entry: Arguments, comparisons: list[Comparison], budget: int) -> list[Arguments]:
        """What an entry that has just been traced suggests; uses at most so many executions."""
        place = self._place_of(entry, LOG.reads)
        if place is None:
            return []
        index, fields = place
        data: bytes = entry[index]  # type: ignore[assignment]
        end = self._tracing.executions + budget
        found = [*self._follow(fields, comparisons), *choices(fields)]
        rng = Random(crc32(data))
        for grown in (False,) * (0 if fields.is_complete else VARIANTS) + (True,) * (VARIANTS if fields.counts else 0):
            found += self._of_filled(entry, index, fields, rng, end, grown)
        return [(*entry[:index], each, *entry[index + 1 :]) for each in dict.fromkeys(found) if each != data]

    def _of_filled(
        self, entry: Arguments, index: int, fields: Fields, rng: RandomBits, end: int, grown: bool
    ) -> Iterator[bytes]:
        """The same of the entry with random bytes where fields got too few."""
        tracing = self._tracing
        comparisons: list[Comparison] = []
        for _ in range(ROUNDS):
            data = fields.filled(rng, grown=grown)
            if tracing.executions >= end or tracing.is_interrupted or len(data) > self._max_len:
                return
            comparisons = tracing.comparisons((*entry[:index], data, *entry[index + 1 :]))
            longer = fields_of(data, LOG.reads)
            if longer is None:
                return
            fields, grown = longer, False
            if fields.is_complete:
                break
        yield from self._follow(fields, comparisons)

    def _follow(self, fields: Fields, comparisons: list[Comparison]) -> list[bytes]:
        fresh = [each for each in comparisons if each[0] != "same"]
        return list(suggestions(fields, fresh, CANDIDATES, self._max_len, self._tried))

    def plans(self, data: bytes, random: RandomBits, budget: int) -> list[Plan]:
        """Where the fields of an input lie, and those of one that goes on where it ends; none if nothing is read by a
        provider. Uses at most `budget` executions, and mostly none.
        """
        fields = self._known.get(data)
        if fields is None:
            if not LOG.watches or self._is_used is False or budget <= 0:
                return []
            reads = self._tracing.reads((data,))
            self._is_used = bool(reads)
            place = self._place_of((data,), reads)
            if place is None:
                return []
            fields = place[1]
        plans = [plan_of(fields)]
        if not fields.is_complete and budget > 1:
            longer = fields.filled(random, grown=False)
            if len(longer) <= self._max_len:
                filled = fields_of(longer, self._tracing.reads((longer,)))
                plans += [plan_of(filled)] if filled is not None else []
        return [plan for plan in plans if plan is not None]

    def _place_of(self, entry: Arguments, reads: list[Read]) -> tuple[int, Fields] | None:
        """The argument that was read, and its fields."""
        for index, value in enumerate(entry):
            if type(value) is bytes:
                fields = fields_of(value, reads)
                if fields is not None:
                    self._is_used = True
                    self._known[value] = fields
                    if len(self._known) > MOST_KNOWN:
                        del self._known[next(iter(self._known))]
                    return index, fields
        return None
