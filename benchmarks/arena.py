"""A fresh project folder for each measurement, with one target and its seeds."""

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fuzztui.engine import places

TARGETS = ("empty", "json", "html", "toml", "email", "configparser")


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
        return places.crashers_dir(self.file, self.function)

    @property
    def generated(self) -> Path:
        """Where fuzztui leaves the inputs it finds."""
        return places.generated_dir(self.cache, self.folder, self.file, self.function)

    def forget(self) -> None:
        """Remove what fuzztui has generated, cached code included."""
        if self.cache.exists():
            shutil.rmtree(self.cache)


@contextmanager
def arena(name: str, epilogue: str = "") -> Iterator[Arena]:
    """Lay out a target for as long as the context lasts; `epilogue` is added to its file."""
    module = importlib.import_module(f"benchmarks.targets.fuzz_{name}")
    source = Path(str(module.__file__)).read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as folder:
        made = Arena(name, Path(folder))
        (made.folder / "pyproject.toml").touch()  # marks the root of a project
        made.file.write_text(source + epilogue, "utf-8")
        made.seeds.mkdir(parents=True)
        for number, seed in enumerate(module.SEEDS):
            (made.seeds / f"seed-{number}").write_bytes(seed)
        yield made
