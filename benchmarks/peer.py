"""Atheris, if it is there: the optional extra `bench`."""

import importlib.metadata

from benchmarks.arena import Arena
from fuzztui.worker.importer import selection


def version() -> str | None:
    """The installed version; None without it."""
    try:
        return importlib.metadata.version("atheris")
    except importlib.metadata.PackageNotFoundError:
        return None


def packages(arena: Arena) -> list[str]:
    """What Atheris is told to instrument: exactly what fuzztui chooses to for the same file."""
    return [arena.function, *sorted(selection(arena.file.read_bytes()).packages)]
