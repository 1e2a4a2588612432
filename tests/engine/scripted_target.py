"""A kind of target that is no Python function: a folder of scripts, see `tests.engine.scripted_worker`."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import LoadOrder
from fuzztui.protocol.messages import Load
from tests.support import Project

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class ScriptedTarget:
    """Implements `fuzztui.engine.request.target.Target`; files lie where those of a Python target of the tests do."""

    folder: Path
    name: str = "script"
    seeds: tuple[bytes, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.folder.name}::{self.name}"

    @property
    def command_words(self) -> tuple[str, ...]:
        return (str(self.folder),)

    @property
    def crashers_dir(self) -> Folder:
        return Folder(self.folder, ("testdata", "corpus", "fuzz_it"))

    @property
    def imported(self) -> frozenset[str]:
        return frozenset()

    @property
    def stored_dirs(self) -> tuple[Folder, ...]:
        return (self.crashers_dir,)

    @property
    def sharing(self) -> str:
        return ""

    def cache_folder(self, cache_dir: Path) -> Folder:
        return Folder(cache_dir)

    def generated_dir(self, cache_dir: Path) -> Folder:
        return Folder(cache_dir, ("corpus", "fuzz_it.py", "fuzz_it"))

    def records_dir(self, cache_dir: Path) -> Folder:
        return Folder(cache_dir, ("crashes", "fuzz_it.py", "fuzz_it"))

    def sessions_dir(self, cache_dir: Path) -> Folder:
        return Folder(cache_dir, ("sessions", "fuzz_it.py", "fuzz_it"))

    def command(self) -> list[str]:
        return [sys.executable, "-P", "-m", "tests.engine.scripted_worker"]

    def load(self, options: RunOptions, order: LoadOrder) -> Load:
        return Load(
            file=bytes(self.folder),
            target=self.name,
            directory=os.fsencode(order.directory),
            include=[],
            exclude=[],
            dictionary=list(self.seeds),
            code_cache=b"",
            seed=order.seed,
            max_len=order.max_len,
            address_space=options.address_space,
        )


ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))}
"""What a run of scripts needs, wherever the tests have been started."""


def make_scripted(folder: Path, seeds: tuple[bytes, ...] = (), name: str = "script", **options: Any) -> Project:
    """A project whose target is scripted."""
    target = ScriptedTarget(folder, name, seeds)
    return Project(folder, {"target": target, "environment": ENVIRONMENT, **options})
