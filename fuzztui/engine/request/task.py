"""What a run is for. A value in `RunOptions`; `fuzztui.engine.work.plan` makes the jobs of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from fuzztui.engine.show.crasher import Crasher


@dataclass(frozen=True, slots=True)
class Fuzz:
    """Run what there is, then mutate it until a limit is reached."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Run seeds of the target's, then stored inputs, in order."""

    inputs: tuple[tuple[str, bytes], ...]
    """Name, as people are shown it, and content of each file."""
    times: int = 1
    """How often each is run; more than once to learn how steadily it fails."""
    seeds: tuple[int, ...] = ()
    """Indices of seeds that the target declares; beyond the last there is nothing to run."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some of the inputs of a regression test."""

    seeds: range = range(0)
    """Indices of seeds that the target declares; beyond the last there is nothing to run."""
    inputs: tuple[tuple[str, bytes], ...] = ()
    """Name and content of stored ones."""


@dataclass(frozen=True, slots=True)
class RegressionTest:
    """Run the seeds that the target declares and every input stored beside it, once each."""

    only: Chosen | None = None
    """Those that are wanted, if not all."""


@dataclass(frozen=True, slots=True)
class MinimizeCorpus:
    """Remove from the generated corpus what other entries, seeds and stored inputs cover too."""


@dataclass(frozen=True, slots=True)
class ImportCorpus:
    """Add to the generated corpus those files of a folder that cover something new."""

    folder: Path
    """Or a zip archive of them."""


@dataclass(frozen=True, slots=True)
class ExportCorpus:
    """Choose inputs of a property test that cover what all do, for its framework to run."""

    most: int
    """Inputs that are chosen."""
    as_examples: bool
    """As decorators for people to paste, else into the test's database of examples."""


@dataclass(frozen=True, slots=True)
class MeasureCoverage:
    """Run everything that a search would start from once, with every line noted."""


@dataclass(frozen=True, slots=True)
class Inspect:
    """Load the target and end: what that takes, and what the target declares, is all that is wanted."""


@dataclass(frozen=True, slots=True)
class MinimizeInput:
    """Look for the smallest and plainest input that fails as this one does."""

    name: str
    """As people are shown it."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Revisit:
    """Run known crashers again, as each new one of a run is, or make them smaller, as on a person's word."""

    crashers: tuple[Crasher, ...]
    """All that are known, so that none of them is met as a new one."""
    validate: tuple[str, ...] = ()
    """Ids of those that are run again."""
    minimize: tuple[str, ...] = ()
    """Ids of those that are made smaller."""


FUZZ = Fuzz()

Task: TypeAlias = (
    Fuzz
    | Replay
    | RegressionTest
    | MinimizeCorpus
    | ImportCorpus
    | ExportCorpus
    | MinimizeInput
    | MeasureCoverage
    | Revisit
    | Inspect
)
