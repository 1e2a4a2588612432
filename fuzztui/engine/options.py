"""What a run was asked to do."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.target import Target
from fuzztui.engine.task import FUZZ, Task

DEFAULT_TIMEOUT = 10.0
"""Seconds for one execution. Python targets answer in milliseconds; ten seconds is a hang even on a loaded machine."""

DEFAULT_MEMORY_LIMIT = 2 << 30
"""Bytes one worker may use: libFuzzer's default, enough for any parser and a fraction of a laptop."""

DEFAULT_MAX_LEN = 4096
"""Bytes of a generated input, unless a seed is longer: libFuzzer's and Atheris' default."""


def usable_cores() -> int:
    """Cores that this process may run on: in a container or under `taskset` fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Limit:
    """When a run ends by itself: after a time, after a number of executions, or (both None) never."""

    seconds: float | None = None
    executions: int | None = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Everything that distinguishes one run from another. Paths are absolute.

    Sixteen fields, since each is an option that people give; they are read where they act, never copied.
    """

    target: Target
    cache_dir: Path
    """Folder for what can be made again: generated corpus, crash records."""
    workers: int
    task: Task = FUZZ
    """What the workers do."""
    limit: Limit = Limit()
    stop_on_crash: bool = True
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for one execution."""
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT
    """Bytes for one worker."""
    max_len: int = DEFAULT_MAX_LEN
    """Bytes for one generated input; a longer seed raises it."""
    seed: int | None = None
    """Seed of the random choices; None takes one from the system."""
    include: tuple[str, ...] = ()
    """Module names (shell patterns) to instrument besides the default ones."""
    exclude: tuple[str, ...] = ()
    dictionary: tuple[bytes, ...] = ()
    """Tokens worth trying, besides the constants of the code under test."""
    startup_timeout: float = 60.0
    """Seconds a worker may take to load the target."""
    profile: bool = False
    """Sample what the workers' time is spent on."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables added to the workers' environment."""

    @property
    def cache(self) -> Folder:
        """The cache, with how far its path is trusted."""
        return self.target.cache_folder(self.cache_dir)
