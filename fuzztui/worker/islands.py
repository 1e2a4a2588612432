"""Which of its searches a worker is at: the one that all workers share, or one of its own that has begun anew.

The coordinator decides that, see `engine.work.islands`. Whatever is learned of where to go on belongs to one search:
what has been seen, which inputs pieces are taken of, what comparisons have told. What holds of the target as such stays
for all: the dictionary, how well operators do, how its inputs are built.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.coverage.seen import Seen, SeenCells
from fuzztui.worker.discoveries import Discoveries
from fuzztui.worker.guidance.executed import Executed
from fuzztui.worker.guidance.input_to_state import Guidance
from fuzztui.worker.guidance.legs import Legs
from fuzztui.worker.guidance.suggestions import Suggestions
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.pool import PoolContents

__builtins__ = PRIVATE_BUILTINS

SHARED: Final = 0
"""The number of the search that all workers share."""


@dataclass(slots=True)
class Knowledge:
    """What one search has learned."""

    suggestions: Suggestions
    tracing: Tracing
    guidance: Guidance
    executed: Executed
    legs: Legs
    seen: Seen = field(default_factory=Seen)
    pool: PoolContents = field(default_factory=dict)
    """Both while it is not at work."""
    executions: int = 0
    found: int = 0
    reached: int = 0
    """Of this process, when it was last at work."""


class Islands:
    """Remembers what the shared search has learned while an island is searched, of which nothing stays."""

    def __init__(
        self,
        begin: Callable[[], Knowledge],
        seen: SeenCells,
        retirement: Retirement,
        mutator: Mutator,
        discoveries: Discoveries,
    ) -> None:
        """`begin`: makes what a search knows that has learned nothing."""
        self._begin = begin
        self._seen = seen
        self._retirement = retirement
        self._mutator = mutator
        self._discoveries = discoveries
        self._number = SHARED
        self.knowledge = self._shared = begin()

    def enter(self, number: int) -> bool:
        """Go on with the search of this number; whether that is another one than before."""
        if number == self._number:
            return False
        before = self.knowledge
        self._number = number
        self.knowledge = self._shared if number == SHARED else self._begin()
        executions, found, reached = before.tracing.all_executions, self._discoveries.found, self._discoveries.reached
        before.executions, before.found, before.reached = executions, found, reached
        entered = self.knowledge
        entered.guidance.exploring.eagerness.skip(
            found - entered.found, reached - entered.reached, executions - entered.executions
        )
        before.seen = self._seen.exchange(entered.seen)
        before.pool = self._mutator.exchange_pool(entered.pool)
        self._retirement.begin_anew(self._seen.seen)
        return True
