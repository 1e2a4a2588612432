"""Which crashers may be one bug though they were told apart: suggestions for a person, who decides. Pure functions.

Each clue is something that two failures of different groups, or of different buckets of one group, have in common; one
is enough. Failures that end the process differ more by when than by where, so for those the function is not enough.
"""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import Visible, label

MOST_SUGGESTED: Final = 5
"""Of one crasher: a person looks at a few."""

_FRAME: Final = re.compile(
    r'^ *File "(?P<file>[^"]*)", line \d+, in (?P<function>.*)\n +(?P<source>\S.*)$', re.MULTILINE
)


class Clue(Enum):
    """What two failures have in common, the strongest first. Values are clauses for people."""

    SAME_LINE = "the same type by the same line, with another chain of exceptions"
    SAME_FUNCTION = "the same type in the same function"
    SAME_EXPRESSION = "the same type raised by the same expression elsewhere"
    ANOTHER_TYPE = "another type at the same line"
    SAME_GROUP = "the same failure, reached in another way"
    """Their rows are one already."""
    SAME_MESSAGE = "the same type with the same message"
    """Of exceptions that the project raises itself: `string index out of range` says nothing."""


_ORDER: Final = list(Clue)


def clue(one: Failure, other: Failure) -> Clue | None:
    """What makes it likely that two failures are one bug; None if nothing does, or they are the same."""
    if one.id == other.id or one.kind is not other.kind:
        return None
    if one.group == other.group:
        return Clue.SAME_GROUP
    if one.type == other.type:
        is_same_line = bool(raising := _raising(one)) and raising == _raising(other)
        if one.function and _place(one) == _place(other):
            return Clue.SAME_LINE if is_same_line else Clue.SAME_FUNCTION
        if is_same_line:
            return Clue.SAME_EXPRESSION
        if one.message and one.variant == other.variant and _is_own(one) and _is_own(other):
            return Clue.SAME_MESSAGE
    elif one.location and one.location == other.location:
        return Clue.ANOTHER_TYPE
    return None


def similar(failure: Failure, others: Iterable[Failure]) -> tuple[tuple[Visible, Visible], ...]:
    """Ids of those that may be the same bug as `failure`, each with a clue, those with the best reason first;
    `MOST_SUGGESTED` at most, and one of each group: what is reached in many ways is one row, and one suggestion.
    """
    clues = [(other, what) for other in others if (what := clue(failure, other)) is not None]
    clues.sort(key=lambda found: _ORDER.index(found[1]))
    of_group: dict[str, tuple[Visible, Visible]] = {}
    for other, what in clues:
        of_group.setdefault(other.group, (other.id, label(what.value)))
    return tuple(of_group.values())[:MOST_SUGGESTED]


def _place(failure: Failure) -> tuple[str, str]:
    """File and function of the innermost frame of the project."""
    return failure.location.rpartition(":")[0], failure.function


def _is_own(failure: Failure) -> bool:
    """Whether a statement of the project raises it, as far as is known: then somebody has thought of the message."""
    raising = _raising(failure)
    return not raising or raising.startswith(("raise ", "assert "))


def _raising(failure: Failure) -> str:
    """The source of the line that raised, as the traceback has it; empty where it has none."""
    frames = list(_FRAME.finditer(failure.traceback))
    own = [frame for frame in frames if failure.location.startswith(f"{frame['file']}:")]
    return (own or frames)[-1]["source"].strip() if frames else ""
