"""What a run was asked to do."""

import os
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.target import Target
from fuzztui.engine.request.task import FUZZ, Task
from fuzztui.engine.share.place import Place
from fuzztui.engine.show.text import Visible
from fuzztui.target.forms import Form

DEFAULT_TIMEOUT = 10.0
"""Seconds for one execution. Python targets answer in milliseconds; ten seconds is a hang even on a loaded machine."""

DEFAULT_MEMORY_LIMIT = 2 << 30
"""Bytes one worker may use: libFuzzer's default, enough for any parser and a fraction of a laptop."""

DEFAULT_MINIMIZE_TIME = 60.0
"""Seconds for one crasher: what takes longer is a large input, or slow, and a person may ask for more."""

DEFAULT_MAX_LEN = 4096
"""Bytes of a generated input, unless a seed is longer: libFuzzer's and Atheris' default."""


LARGEST_MAX_LEN = 1 << 26
"""Bytes of a generated input: beyond that a run would only move memory."""

MOST_WORKERS = 256
"""Workers of one run: more than a machine has cores for."""


def usable_cores() -> int:
    """Cores that this process may run on: in a container or under `taskset` fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Limit:
    """When a run ends by itself: after a time, after a number of executions, or (both None) never."""

    seconds: float | None = None
    executions: int | None = None


class Watching(IntEnum):
    """What a run looks at while it goes on; each includes those before."""

    NOTHING = 0
    INPUTS = 1
    """The folders of inputs: what others put there is taken in."""
    CODE = 2
    """The code under test: people are told what changes, and it is loaded anew when they ask for it."""
    RELOAD = 3
    """It is loaded anew by itself."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Everything that distinguishes one run from another. Paths are absolute.

    Each field is an option that people give; they are read where they act, never copied.
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
    """Bytes of memory in use for one worker, beyond what its loaded target uses."""
    address_space: int | None = None
    """Bytes of address space for one worker, beyond what its loaded target uses; None for no limit."""
    max_len: int = DEFAULT_MAX_LEN
    """Bytes for one generated input; a longer seed raises it."""
    seed: int | None = None
    """Seed of the random choices; None takes one from the system."""
    include: tuple[str, ...] = ()
    """Module names (shell patterns) to instrument besides the default ones."""
    exclude: tuple[str, ...] = ()
    dictionary: tuple[bytes, ...] = ()
    """Tokens worth trying, besides the constants of the code under test."""
    expected: tuple[str, ...] = ()
    """Qualified names of exception types that are part of the target's contract besides those that it declares."""
    minimize_time: float = 0.0
    """Seconds in which each crasher found is made smaller, and that the end of the run waits for all of them; 0 to make
    none smaller that nobody has asked for. The command line has another default than programs, which want what they
    have asked for.
    """
    startup_timeout: float = 60.0
    """Seconds a worker may take to load the target."""
    profile: bool = False
    """Sample what the workers' time is spent on."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables added to the workers' environment."""
    niceness: int = 0
    """How much further than this process workers stand back from others that want the processor: more where somebody
    waits for a screen.
    """
    watching: Watching = Watching.NOTHING
    """What of a run that fuzzes is watched. Programs have to ask for it."""
    seeds: tuple[Path, ...] = ()
    """Further inputs to start from: files, folders, zip archives, which are only read."""
    arguments: tuple[str, ...] = ()
    """Of a target that is a program for another fuzzer, behind its name."""
    remarks: tuple[Visible, ...] = ()
    """What a person is to be told when the target has been loaded."""
    share: Place | None = None
    """Where a run that fuzzes exchanges what it finds with other nodes; None where it is alone."""
    node: str = ""
    """How this node is called; empty for the machine's name."""
    chosen: frozenset[str] = frozenset()
    """Names of these fields that a person has set: they win over what a program for another fuzzer brings along."""

    @property
    def program_words(self) -> tuple[str, ...]:
        """What is said to the program on the command line of every other command, too: it reads it for each input."""
        form = getattr(self.target, "form", None)
        return ("--", *self.arguments) if self.arguments and form is Form.AFL else ()

    @property
    def cache(self) -> Folder:
        """The cache, with how far its path is trusted."""
        return self.target.cache_folder(self.cache_dir)
