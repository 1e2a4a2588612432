"""Where files live.

Functions of absolute paths, but that `project_root` looks at the disk and `code_cache_dir` at the environment.
"""

import hashlib
import os
from pathlib import Path

from fuzztui.engine.keep.storage import Folder

_CACHE = ".fuzztui"

_ROOT_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


def project_root(file: Path) -> Path:
    """The nearest folder above a target's file that looks like a project's root, or else the file's own folder."""
    for folder in file.parents:
        if any((folder / marker).exists() for marker in _ROOT_MARKERS):
            return folder
    return file.parent


def default_cache_dir(project: Path) -> Path:
    """Where a project keeps what a run could make again."""
    return project / _CACHE


def cache_folder(cache_dir: Path, project: Path, *parts: str) -> Folder:
    """A folder in the cache, or the cache itself.

    A cache that the user names is trusted as named; in the place of the default one lies what the project put there.
    """
    if cache_dir == default_cache_dir(project):
        return Folder(project, (_CACHE, *parts))
    return Folder(cache_dir, parts)


def crashers_dir(file: Path, target: str) -> Folder:
    """Failing inputs: beside the target's file, to be committed as regression tests."""
    return Folder(file.parent, ("testdata", "corpus", target))


def generated_dir(cache_dir: Path, project: Path, file: Path, target: str) -> Folder:
    """Inputs that the fuzzer made because they reach something new."""
    return cache_folder(cache_dir, project, "corpus", *_relative(cache_dir, project, file).parts, target)


def records_dir(cache_dir: Path, project: Path, file: Path, target: str) -> Folder:
    """What is known of each crasher besides its input."""
    return cache_folder(cache_dir, project, "crashes", *_relative(cache_dir, project, file).parts, target)


def code_cache_dir() -> str:
    """Instrumented code, of all projects: it is executed, so it is kept where nobody but the user can put any.

    Empty if the environment names no such place.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):  # what is relative is to be ignored, says the specification
        return f"{base.rstrip('/')}/fuzztui"
    home = os.environ.get("HOME", "")
    return f"{home.rstrip('/')}/.cache/fuzztui" if home.startswith("/") else ""


def current_directory() -> str:
    """The folder that we are in; the root where somebody has removed it."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return "/"


def shown_path(path: Path) -> str:
    """A path as short as it can be typed: relative to the current folder where it lies inside."""
    here = current_directory()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _relative(cache_dir: Path, project: Path, file: Path) -> Path:
    """A path of the target's own in the cache.

    In a project's own cache it is the file's path within the project, which may be moved as a whole. A cache elsewhere
    may serve several projects, and a file outside of the project has no path in it: there, a digest tells them apart.
    """
    if not file.is_relative_to(project):
        return Path(f"{file.name}-{_digest(file)}")
    if not cache_dir.is_relative_to(project):
        return Path(f"{project.name}-{_digest(project)}") / file.relative_to(project)
    return file.relative_to(project)


def _digest(path: Path) -> str:
    return hashlib.sha256(bytes(path)).hexdigest()[:8]
