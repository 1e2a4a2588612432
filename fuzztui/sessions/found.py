"""Which recordings there are: what `replay-session` can be given."""

import os
from pathlib import Path
from typing import Final

from fuzztui.engine.keep import places
from fuzztui.sessions.recording import SUFFIX

NAMED: Final = 5
"""Recordings that are named, the newest ones."""

MOST: Final = 10_000
"""Files that are looked at."""


def recordings_below(folder: Path) -> list[Path]:
    """The newest recordings in a folder and those below it, the newest first. Their names begin with the time."""
    found: list[Path] = []
    for where, _, names in os.walk(folder):
        found += [Path(where, name) for name in names if name.endswith(SUFFIX) and not name.startswith(".")]
        if len(found) > MOST:
            break
    return sorted(found, key=lambda path: path.name, reverse=True)[:NAMED]


def recordings_here(here: Path) -> list[Path]:
    """The newest recordings of the project that a folder is in, where its cache is the usual one."""
    project = places.project_root(here / "any.py")
    return recordings_below(places.default_cache_dir(project) / "sessions")


def recordings_of(file: Path) -> list[Path]:
    """The newest recordings of the targets in a file, where its project's cache is the usual one."""
    project = places.project_root(file)
    return recordings_below(places.sessions_dir(places.default_cache_dir(project), project, file, "x").path.parent)
