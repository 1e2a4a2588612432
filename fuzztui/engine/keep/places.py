"""Where files live.

Functions of absolute paths, but that `project_root` looks at the disk and `code_cache_dir` at the environment.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Final

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


def crashers_dir(file: Path, target: str, *, is_name_shared: bool = False) -> Folder:
    """Failing inputs: beside the target's file, to be committed as regression tests.

    `is_name_shared`: another file of the folder has a target of that name, so the file's name must tell them apart.
    """
    own = folder_name(target)
    return Folder(file.parent, ("testdata", "corpus", f"{file.stem}.{own}" if is_name_shared else own))


def folder_name(target: str) -> str:
    """What a target's folders are called: as it is, but that a class is set apart by a dot, which any disk takes."""
    return target.replace("::", ".")


def named_crashers_dir(project: Path, *folder: str) -> Folder:
    """Failing inputs of a function by its name, or of all: in the project's folder, since a module may be anybody's."""
    return Folder(project, ("testdata", "corpus", *folder))


def named_cache(cache_dir: Path, project: Path, what: str, *folder: str) -> Folder:
    """What the cache has of a function by its name (`what`: `corpus`, `crashes` or `sessions`), or of all of them."""
    own = () if cache_dir.is_relative_to(project) else (f"{project.name}-{_digest(project)}",)
    return cache_folder(cache_dir, project, what, *own, "by-name", *folder)


def decisions_dir(crashers: Folder) -> Folder:
    """What people have decided about crashers: `testdata/triage/...` beside the failing inputs, to be committed too."""
    *above, _, own = crashers.parts
    return Folder(crashers.root, (*above, "triage", own))


def generated_dir(cache_dir: Path, project: Path, file: Path, target: str) -> Folder:
    """Inputs that the fuzzer made because they reach something new."""
    return cache_folder(cache_dir, project, "corpus", *_relative(cache_dir, project, file).parts, folder_name(target))


def records_dir(cache_dir: Path, project: Path, file: Path, target: str) -> Folder:
    """What is known of each crasher besides its input."""
    return cache_folder(cache_dir, project, "crashes", *_relative(cache_dir, project, file).parts, folder_name(target))


def sessions_dir(cache_dir: Path, project: Path, file: Path, target: str) -> Folder:
    """What each run has told, to be shown again."""
    return cache_folder(cache_dir, project, "sessions", *_relative(cache_dir, project, file).parts, folder_name(target))


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


def is_folder_gone() -> bool:
    """Whether somebody has removed the folder that we are in."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


DIGITS: Final = 12
"""Of an input's digest, in a command: as many as name it among all that anybody ever stores."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def input_word(path: Path, folder: Folder) -> str:
    """How a command names a stored input: by the first digits, where it lies in its target's own `folder` under its
    digest.
    """
    is_own = path.parent == folder.path and _DIGEST.fullmatch(path.name)
    return path.name[:DIGITS] if is_own else shown_path(path)


def shown_path(path: Path) -> str:
    """A path as short as it can be typed: relative to the current folder where it lies inside."""
    if is_folder_gone():
        return str(path)
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
