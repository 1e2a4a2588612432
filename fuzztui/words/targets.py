"""What is said of each of several targets, by lines and screens alike. Pure functions."""

from collections.abc import Iterable
from typing import Final

from fuzztui.engine.show.exit_status import FAILED, USAGE
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.target_row import TargetRow
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, lines_of, piece, say
from fuzztui.words.sentences import plural

LONGEST: Final = 300
"""Characters of why a target ended."""


def by_weight(rows: Iterable[TargetRow]) -> list[TargetRow]:
    """Those that could not be fuzzed first, then those with crashers, then the others, each in their order."""
    return sorted(rows, key=lambda row: (not _has_failed(row), not row.crashers))


def target_line(row: TargetRow) -> Visible:
    """How one target fared, in one line."""
    if row.outcome is not None and _has_failed(row):
        return ending(row.id, row.outcome)
    facts = [
        label(row.outcome.reason.value if row.outcome is not None else row.state.value),
        plural(row.executions, "exec"),
        plural(row.edges, "edge"),
        say("{:,} new", row.corpus_new),
    ]
    if row.crashers:
        facts.append(say("{} ({})", plural(row.crashers, "crasher"), plural(row.hits, "hit")))
    return say("{}: {}", row.id, joined(", ", facts))


def ending(name: Visible, outcome: Outcome) -> Visible:
    """Why a target ended."""
    why = next((line for line in lines_of(outcome.detail) if line.strip()), NOTHING)
    words = say("{}: {}", outcome.reason.value, why) if why else label(outcome.reason.value)
    return say("{}: {}", name, piece(words, 0, LONGEST))


def _has_failed(row: TargetRow) -> bool:
    return row.outcome is not None and row.outcome.exit_code in (FAILED, USAGE)
