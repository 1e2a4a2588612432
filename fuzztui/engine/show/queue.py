"""Where the search stands among the entries of its corpus."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Queue:
    """Turns are given by energy, so a cycle is as many of them as there are entries."""

    cycles: int = 0
    turn: int = 0
    """Of the present cycle."""
    pending: int = 0
    """Entries that have not had a turn."""
    stability: float = 1.0
    """Share of the inputs looked at that cover the same when they are run again, 0 to 1."""


NO_QUEUE: Final = Queue()
"""Of a run that has not begun."""
