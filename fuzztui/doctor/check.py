"""What the doctor looks at, one thing at a time, and the one place where a look may fail."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.text import NOTHING, Visible, joined, one_line, os_error, say

REASON_CHARACTERS = 300


class Status(Enum):
    """How a check came out. Values are the words shown to people."""

    OK = "ok"
    NOTE = "note"
    """A run works, but less well than it could, or in another way than one may think."""
    PROBLEM = "problem"
    """A run would fail, or lose something."""
    UNKNOWN = "unknown"
    """The check could not be made."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look has shown."""

    status: Status
    value: Visible
    """What is so, or why it could not be told."""
    advice: Visible = NOTHING
    """What to do: a sentence for notes and problems."""


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing to look at."""

    area: str
    name: str
    """Both are constants of the source; together they tell the check from all others."""
    look: Callable[[], Finding]
    """May raise anything."""
    if_refused: Visible = NOTHING
    """What to do if the look is a try of what a run does, and the system refuses it: that is a problem by itself."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    area: str
    name: str
    finding: Finding


class NotExamined(Exception):  # noqa: N818 - reads as what happened
    """There is nothing to look at; the message is the reason."""


def ok(template: str, *values: object) -> Finding:
    """All is well; the words are what is so."""
    return Finding(Status.OK, say(template, *values))


def note(value: Visible, advice: Visible) -> Finding:
    """Something to know."""
    return Finding(Status.NOTE, value, advice)


def problem(value: Visible, advice: Visible) -> Finding:
    """Something that a run would fail of, or lose something by."""
    return Finding(Status.PROBLEM, value, advice)


def examined(examinations: Iterable[Examination]) -> Iterator[Check]:
    """Make one check after the other. What a look raises is its result: nothing else has to see to that."""
    for each in examinations:
        yield Check(each.area, each.name, _guarded(each))


def _guarded(examination: Examination) -> Finding:
    try:
        return examination.look()
    except NotExamined as reason:
        return Finding(Status.UNKNOWN, one_line(str(reason), REASON_CHARACTERS))
    except OSError as error:
        if examination.if_refused:
            return problem(os_error(error), examination.if_refused)
        return Finding(Status.UNKNOWN, os_error(error))
    except Exception as error:
        words = one_line(str(error), REASON_CHARACTERS)
        return Finding(Status.UNKNOWN, say("{}: {}", type(error).__name__, words))


def tally(checks: Iterable[Check]) -> dict[Status, int]:
    """How many checks came out how, every status named."""
    counts = Counter(check.finding.status for check in checks)
    return {status: counts[status] for status in Status}


def combined(value: Visible, further: Sequence[Finding]) -> Finding:
    """One finding of a value and all that is to be said of it: nothing is left out, the most severe status wins."""
    severity = [Status.OK, Status.NOTE, Status.UNKNOWN, Status.PROBLEM]
    return Finding(
        max((finding.status for finding in further), key=severity.index, default=Status.OK),
        joined("; ", [value, *(finding.value for finding in further if finding.value)]),
        joined("\n", dict.fromkeys(finding.advice for finding in further if finding.advice)),
    )
