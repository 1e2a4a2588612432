"""What a benchmark is asked for, and what it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.figures import Verdict


class Effort(NamedTuple):
    """How hard is searched for something whose finding is a matter of luck."""

    seeds: int
    """Random seeds, each of which is one search."""
    limit: float
    """CPU seconds of one search."""


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
    formats: tuple[str, ...] = ()
    """Targets of the second list."""
    seeds: int | None = None
    """Random seeds of a search, where the benchmark's own number is not wanted."""
    limit: float | None = None
    """CPU seconds of a search, likewise."""
    memory_seconds: float = 600.0
    """Length of a run whose memory is watched."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Other fuzzers that are installed -> their versions."""
    progress: Callable[[str], None] = field(default=lambda _: None)
    """Told what is being measured."""

    def effort(self, quick: Effort, full: Effort) -> Effort:
        """One of a benchmark's own two, with what was asked for in its place."""
        own = full if self.full else quick
        return Effort(self.seeds or own.seeds, self.limit or own.limit)


@dataclass(frozen=True, slots=True)
class Report:
    """What came out."""

    rows: Sequence[Any]
    """Dataclasses, for the record."""
    text: str
    """A table, for people."""
    verdicts: list[Verdict]


class Benchmark(NamedTuple):
    """What the module of one benchmark offers."""

    measure: Callable[[Plan], Report]
    duration: Callable[[Plan], float]
    """Seconds that measuring takes on an idle machine, roughly: what a search that ends early takes is a guess."""


NO_PEER = "not installed"
"""Stands in the peer's columns where there is none."""

START = 0.5
"""Seconds that one measuring process takes besides what it measures: for estimates."""
