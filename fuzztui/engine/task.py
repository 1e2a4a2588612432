"""What a run is for. A value in `RunOptions`; `fuzztui.engine.work.plan` makes the jobs of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fuzz:
    """Run what there is, then mutate it until a limit is reached."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Run stored inputs once each, in order."""

    inputs: tuple[tuple[str, bytes], ...]
    """Name, as people are shown it, and content of each file."""


@dataclass(frozen=True, slots=True)
class RegressionTest:
    """Run the seeds that the target declares and every input stored beside it, once each."""


@dataclass(frozen=True, slots=True)
class MinimizeCorpus:
    """Remove from the generated corpus what other entries, seeds and stored inputs cover too."""


@dataclass(frozen=True, slots=True)
class ImportCorpus:
    """Add to the generated corpus those files of a folder that cover something new."""

    folder: Path


FUZZ = Fuzz()

Task: TypeAlias = Fuzz | Replay | RegressionTest | MinimizeCorpus | ImportCorpus
