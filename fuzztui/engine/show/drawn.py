"""What a property test was called with, as it stands below the traceback of its failure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import NOTHING, Visible, joined, piece, visible
from fuzztui.protocol.messages import Foretold

_HEAD: Final = re.compile(r"^(?:Failing test case:|Falsifying (?:explicit )?example:)", re.MULTILINE)
"""How Hypothesis begins to print a call: the words have changed once."""

LONGEST: Final = 10_000
"""Characters of a note that are shown."""

_DECORATOR: Final = re.compile(r"^@(example|reproduce_failure)\(.*\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One call."""

    traceback: Visible
    """Without what stands below it."""
    call: Visible
    """As Hypothesis prints it, with the test's notes."""
    example: Visible
    """The decorator that has the test run with these values; empty where they have no literal form."""
    reproduce: Visible
    """The decorator by which Hypothesis fails so again; empty for an example of the test's own."""


def without_call(traceback: Visible) -> Visible:
    """A traceback alone, if it is one of a property test."""
    found = drawn(traceback)
    return traceback if found is None else found.traceback


def drawn(traceback: Visible) -> Drawn | None:
    """What a property test drew that failed with this traceback; None where nothing is told of that."""
    head = next(iter(reversed(list(_HEAD.finditer(traceback)))), None)
    if head is None:
        return None
    decorators = [found for found in _DECORATOR.finditer(traceback) if found.start() > head.start()]
    of = {found[1]: piece(traceback, *found.span()) for found in decorators}
    end = min((found.start() for found in decorators), default=len(traceback))
    return Drawn(
        piece(traceback, 0, len(traceback[: head.start()].rstrip("\n"))),
        piece(traceback, head.start(), head.start() + len(traceback[head.start() : end].rstrip("\n"))),
        of.get("example", NOTHING),
        of.get("reproduce_failure", NOTHING),
    )


def call_of(foretold: Foretold) -> list[Visible]:
    """What a worker has told of a call before it, made printable."""
    return [visible(note, LONGEST, multiline=True) for note in foretold.notes]


def with_call(failure: Failure, notes: Sequence[Visible]) -> Failure:
    """A failure with what is told of its call below its traceback."""
    return replace(failure, traceback=joined("\n", [failure.traceback, NOTHING, *notes]))
