"""Where an execution takes another way than one that passes. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from fuzztui.engine.show.text import Visible, one_line, say

MOST_BRANCHES: Final = 20
"""Branches that are told."""

MOST_STEPS: Final = 10_000
FILE_CHARACTERS: Final = 500
"""Bounds of what a worker tells of."""

Step = tuple[Visible, int, int]
"""File, line, and the line that came next in the same function."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A line from which the one execution goes on elsewhere than the other."""

    file: Visible
    line: int
    to: int
    """The line that only the failing one goes on to."""

    @property
    def sentence(self) -> Visible:
        """`parser.py:12 -> 14`."""
        return say("{}:{} -> {}", self.file, self.line, self.to)

    def fields(self) -> dict[str, Any]:
        """The form in records and JSON Lines."""
        return {"file": self.file, "line": self.line, "to": self.to}


def shown_steps(steps: Iterable[tuple[str, int, int]]) -> tuple[Step, ...]:
    """Steps as a worker tells of them, which may tell anything."""
    files: dict[str, Visible] = {}
    shown = []
    for file, line, then in islice(steps, MOST_STEPS):
        shown.append((files.get(file) or files.setdefault(file, one_line(file, FILE_CHARACTERS)), line, then))
    return tuple(shown)


def branches(failing: Iterable[Step], passing: Iterable[Step]) -> tuple[Branch, ...]:
    """The branches that a failing execution takes and a passing one does not, at lines where both have been; those that
    come first, in order.
    """
    taken = set(passing)
    visited = {(file, line) for file, before, after in taken for line in (before, after)}
    found = [
        Branch(file, line, to)
        for file, line, to in dict.fromkeys(failing)
        if line and (file, line, to) not in taken and (file, line) in visited
    ]
    return tuple(found[:MOST_BRANCHES])
