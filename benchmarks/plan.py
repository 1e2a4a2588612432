"""What a benchmark is asked for, and what it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.figures import Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure."""

    targets: tuple[str, ...]
    bugs: tuple[str, ...]
    """Targets with a planted bug."""
    seconds: float
    """Length of a run that fuzzes; where a rate is steady sooner, shorter runs do."""
    rounds: int
    """How often the shorter measurements are repeated; the medians are shown."""
    full: bool
    """Whether searches, whose outcome is a matter of luck, are long and many enough to tell more than a hint."""
    peer: str | None
    """Version of Atheris; None where it is not installed."""
    progress: Callable[[str], None] = field(default=lambda _: None)
    """Told what is being measured."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came out."""

    rows: Sequence[Any]
    """Dataclasses, for the record."""
    text: str
    """A table, for people."""
    verdicts: list[Verdict]


class Benchmark(Protocol):
    """A module of one benchmark offers this."""

    def __call__(self, plan: Plan) -> Report:
        """Measure."""


NO_PEER = "not installed"
"""Stands in the peer's columns where there is none."""
