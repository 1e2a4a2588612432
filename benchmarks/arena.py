"""A fresh project folder for each measurement, with one target and its seeds."""

import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fuzztui.engine.keep import places

TARGETS = ("empty", "json", "html", "toml", "email", "configparser")

BUGS = (
    *("nested", "png", "keyword", "checksum", "tlv", "csv", "grammar"),
    *("json", "html", "tomlkit", "dateutil"),
)
"""Targets with a planted bug, in `targets/bugs`."""

FOLDER = Path(__file__).parent / "targets"
"""Where the targets lie."""

MEMORY = Path("/dev/shm")
"""A file system in memory, on Linux. What a new file costs on a disk depends on what was done before: ext4 looks at
each file that has been removed in the last minutes, so that ten microseconds become half a millisecond where an arena
before held thousands of inputs.
"""

ROOM = 1 << 30
"""Bytes that are to be free there: containers often have no more than 64 MB."""


@dataclass(frozen=True, slots=True)
class Arena:
    """One target in a temporary folder."""

    name: str
    folder: Path

    @property
    def function(self) -> str:
        """Name of the target's function, and of its module."""
        return f"fuzz_{self.name}"

    @property
    def file(self) -> Path:
        """The target's file."""
        return self.folder / f"{self.function}.py"

    @property
    def cache(self) -> Path:
        """For what fuzztui generates."""
        return self.folder / ".fuzztui"

    @property
    def seeds(self) -> Path:
        """The seeds, one file each, where fuzztui looks for them."""
        return places.crashers_dir(self.file, self.function).path

    @property
    def generated(self) -> Path:
        """Where fuzztui leaves the inputs it finds."""
        return places.generated_dir(self.cache, self.folder, self.file, self.function).path

    @property
    def user_cache(self) -> Path:
        """In place of the user's cache folder, where fuzztui leaves instrumented code."""
        return self.folder / ".cache"

    def forget(self) -> None:
        """Remove what fuzztui has generated, cached code included."""
        for folder in (self.cache, self.user_cache):
            if folder.exists():
                shutil.rmtree(folder)


@contextmanager
def arena(name: str, epilogue: str = "") -> Iterator[Arena]:
    """Lay out a target for as long as the context lasts; `epilogue` is added to its file."""
    module = importlib.import_module(f"benchmarks.targets.fuzz_{name}")
    with bare_arena(name, FOLDER, epilogue) as made:
        for number, seed in enumerate(module.SEEDS):
            (made.seeds / f"seed-{number}").write_bytes(seed)
        yield made


def bug_arena(name: str, epilogue: str = "") -> AbstractContextManager[Arena]:
    """Lay out a target with a planted bug; it has no seeds."""
    return bare_arena(name, FOLDER / "bugs", epilogue)


@contextmanager
def bare_arena(name: str, source: Path = FOLDER, epilogue: str = "") -> Iterator[Arena]:
    """Lay out a target without its seeds."""
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-", dir=place()) as folder:
        made = Arena(name, Path(folder))
        (made.folder / "pyproject.toml").touch()  # marks the root of a project
        text = (source / f"{made.function}.py").read_text("utf-8")
        made.file.write_text(text + epilogue, "utf-8")
        made.seeds.mkdir(parents=True)
        with _environment("XDG_CACHE_HOME", str(made.user_cache)):
            yield made


def place(memory: Path = MEMORY) -> Path | None:
    """Where arenas lie: in memory, if there is a file system there with room for each of them; None for where temporary
    files do, which `TMPDIR` asks for.
    """
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK | os.X_OK):
        return None
    return memory if shutil.disk_usage(memory).free >= ROOM else None


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Have a variable for as long as the context lasts, this process and those it starts."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before
