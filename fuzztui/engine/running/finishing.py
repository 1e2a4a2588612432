"""How long a run may take to finish after its end has been decided."""

import time
from typing import Final

from fuzztui.engine.work.board import Board
from fuzztui.engine.work.confirmation import FRESH, MOST_RUNS

BUDGET: Final = 2.0
"""Seconds after the decision to stop in which jobs that may still finish are served, besides those that fresh processes
take to load the target and those that a job itself asks for, such as where a time-out is run again.
"""

QUICK_LOADING: Final = 5.0
"""Seconds that all processes together may take for loading that a crasher is run again in which ends them; if that is
not enough, as many processes as any crasher gets are waited for.
"""


class Finishing:
    """The time between the decision and the end of the workers. It may become longer, never shorter."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._since = 0.0
        """When it began, on the monotonic clock."""
        self._seconds = 0.0

    def begin(self) -> None:
        """The end has been decided."""
        self._since = time.monotonic()

    def is_over(self, now: float, loading: float) -> bool:
        """Whether nobody waits any longer; `now`: on the monotonic clock; `loading`: seconds that a process takes to
        load the target.
        """
        processes = max(FRESH * loading, min(MOST_RUNS * loading, QUICK_LOADING))
        self._seconds = max(self._seconds, BUDGET + processes + self._board.patience)
        return now >= self._since + self._seconds
