"""Atheris, if it is there: the optional extra `bench`."""

import functools
import importlib.metadata
import tempfile
from pathlib import Path

from benchmarks.arena import Arena
from benchmarks.child import run


def version() -> str | None:
    """The installed version; None without it."""
    try:
        return importlib.metadata.version("atheris")
    except importlib.metadata.PackageNotFoundError:
        return None


def packages(arena: Arena) -> list[str]:
    """What Atheris is told to instrument: the top-level names of exactly what fuzztui does for the same file."""
    return sorted({name.partition(".")[0] for name in modules(arena.file.read_text("utf-8"), arena.function)})


@functools.cache
def modules(source: str, function: str) -> tuple[str, ...]:
    """Names of the modules that fuzztui instruments for a file with this source and this function in it."""
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as folder:
        file = Path(folder) / f"{function}.py"
        file.write_text(source, "utf-8")
        return tuple(run("benchmarks.children.modules", file, function, within=60.0).result())
