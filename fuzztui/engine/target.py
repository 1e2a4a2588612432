"""What is fuzzed: a value that knows its name, its folders, and how a worker for it is started and told what to load.

The engine knows a target by this alone. Another kind of target is another class with these members, and a program that
serves the calls of `fuzztui.protocol.messages` for it.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from fuzztui.engine.keep import places
from fuzztui.engine.keep.storage import Folder
from fuzztui.protocol.messages import Load

_PROGRAM: Final = Path(__file__).parents[1] / "worker" / "__main__.py"
"""Run as a script, since `-m` would load a part of the standard library before the program begins."""

if TYPE_CHECKING:
    from fuzztui.engine.options import RunOptions


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What a run decides for each process anew, besides its options."""

    directory: str
    """The user's working directory, importable and the worker's own."""
    seed: int
    """Seed of the process's random choices."""
    max_len: int
    """Bytes of a generated input."""
    instrumented: bool
    """Whether coverage is wanted, which costs time."""


class Target(Protocol):
    """One target of any kind. Paths are absolute."""

    @property
    def name(self) -> str:
        """The target's own name, without its file."""

    @property
    def id(self) -> str:
        """Name that tells the target from all others of its project, as people write it."""

    @property
    def command_id(self) -> str:
        """The target as it is typed on a command line in the current folder."""

    @property
    def crashers_dir(self) -> Folder:
        """Failing inputs and the user's own, to be committed."""

    def cache_folder(self, cache_dir: Path) -> Folder:
        """The cache itself, with how far its path is trusted."""

    def generated_dir(self, cache_dir: Path) -> Folder:
        """Inputs that fuzzing found, within the cache."""

    def records_dir(self, cache_dir: Path) -> Folder:
        """What is known of each crasher, within the cache."""

    def command(self) -> list[str]:
        """Program and first arguments of a worker; the descriptors follow as further arguments."""

    def load(self, options: "RunOptions", order: LoadOrder) -> Load:
        """The first call to a worker."""


@dataclass(frozen=True, slots=True)
class PythonTarget:
    """A function in a Python file."""

    file: Path
    name: str
    project: Path
    """Root of the project that the file belongs to; reports show paths relative to it."""

    @property
    def id(self) -> str:
        """`path/to/file.py::name`, the path relative to the project where it lies inside."""
        file = self.file.relative_to(self.project) if self.file.is_relative_to(self.project) else self.file
        return f"{file}::{self.name}"

    @property
    def command_id(self) -> str:
        """`path/to/file.py::name`, the path relative to the current folder where it lies inside."""
        return f"{places.shown_path(self.file)}::{self.name}"

    @property
    def crashers_dir(self) -> Folder:
        """Beside the target's file."""
        return places.crashers_dir(self.file, self.name)

    def cache_folder(self, cache_dir: Path) -> Folder:
        """The cache that the user named, or the one in the project."""
        return places.cache_folder(cache_dir, self.project)

    def generated_dir(self, cache_dir: Path) -> Folder:
        """Inputs that fuzzing found."""
        return places.generated_dir(cache_dir, self.project, self.file, self.name)

    def records_dir(self, cache_dir: Path) -> Folder:
        """What is known of each crasher."""
        return places.records_dir(cache_dir, self.project, self.file, self.name)

    def command(self) -> list[str]:
        """The worker program under this very interpreter and its options, such as `-O`, `-W` and `-X`."""
        return [sys.executable, "-P", *_interpreter_options(), str(_PROGRAM)]

    def load(self, options: "RunOptions", order: LoadOrder) -> Load:
        """Import the file under the instrumenting hook; where no coverage is wanted, without instrumenting anything."""
        return Load(
            file=os.fsencode(self.file),
            target=self.name,
            directory=os.fsencode(order.directory),
            include=list(options.include),
            exclude=list(options.exclude) if order.instrumented else ["*"],
            dictionary=list(options.dictionary),
            code_cache=os.fsencode(places.code_cache_dir()),
            seed=order.seed,
            max_len=order.max_len,
            memory_limit=options.memory_limit,
            profile=options.profile,
            # What is to be repeatable must do the same with a profile as without.
            weigh_probes=options.profile and (options.seed is None or options.limit.executions is None),
        )


def _interpreter_options() -> list[str]:
    """Those that this interpreter was started with. The library's own list of them lacks some of `-X`."""
    listed: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    options = [each for before, each in pairwise(["", *listed]) if "-X" not in (before, each)]
    for name, value in sys._xoptions.items():
        options += ["-X", name if value is True else f"{name}={value}"]
    return options
