# Not pathlib: the worker's machinery does without it.
# ruff: noqa: PTH109, PTH110, PTH112, PTH113, PTH118, PTH119, PTH120, PTH207, PTH208

"""Why a module that a target needs is not found, and what to do: one sentence. Loaded when an import has failed."""

import os
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from glob import glob
from importlib.machinery import all_suffixes

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_LEVELS = 8
"""Folders upwards from the target's file in which a project may hold the module."""


def why_missing(name: str, file: str, path: Sequence[str]) -> str:
    """What is wrong with the import of the module `name`, which no folder of `path` holds, for the target in `file`."""
    top, _, rest = name.partition(".")
    what = f"No module named {name!r} for {sys.executable}, which runs the workers"
    if rest and (there := _place(top, path)):
        package, _, last = name.rpartition(".")
        near = _near(last, [*_names(there)])
        return f"{what}: {there} has none of that name{near and f', did you mean {package}.{near}?'}"
    folders = [*_upwards(file)]
    if place := next(_in_project(top, folders), ""):
        root, base = os.path.split(place)
        pip = f"{_word(sys.executable)} -m pip install -e {_word(root)}"
        is_project = any(os.path.exists(os.path.join(root, each)) for each in ("pyproject.toml", "setup.py"))
        either = f"{pip}, or set PYTHONPATH={_word(place)}" if is_project else f"set PYTHONPATH={_word(place)}"
        return f"{what}: {os.path.join(base, top)} is there but not installed, so type {either}"
    if python := next(_in_environments(top, folders), ""):
        return f"{what}: another environment has it, so add --python {_word(python)}"
    own = os.path.basename(file).partition(".")[0]  # of `fuzz_yaml.py`, which is not what it wants to import
    names = [*sys.builtin_module_names, *(each for folder in path for each in _names(folder) if each != own)]
    if near := _near(top, names):
        return f"{what}, did you mean {near}?"
    return f"{what}: install it there, or name another interpreter by --python"


def _word(path: str) -> str:
    from shlex import quote

    here = os.getcwd()
    return quote(os.path.relpath(path, here) if f"{path}/".startswith(f"{here}/") else path)


def _upwards(file: str) -> Iterator[str]:
    """The folder of the target's file and those above it, up to the project's root."""
    folder = os.path.dirname(file)
    for _ in range(_LEVELS):
        yield folder
        if os.path.dirname(folder) == folder or os.path.exists(os.path.join(folder, ".git")):
            return
        folder = os.path.dirname(folder)


def _holds(folder: str, module: str) -> bool:
    at = os.path.join(folder, module)
    return os.path.exists(os.path.join(at, "__init__.py")) or any(os.path.isfile(at + end) for end in all_suffixes())


def _place(module: str, path: Sequence[str]) -> str:
    """The folder of a package; empty if there is none."""
    return next((os.path.join(each, module) for each in path if os.path.isdir(os.path.join(each, module))), "")


def _in_project(module: str, folders: Sequence[str]) -> Iterator[str]:
    """Folders below these that hold the module: `src` first, then any other."""
    for folder in folders:
        others = sorted(each for each in glob(os.path.join(_escaped(folder), "*")) if os.path.isdir(each))
        for place in (os.path.join(folder, "src"), *others):
            if _holds(place, module) and not os.path.exists(os.path.join(place, "pyvenv.cfg")):
                yield place


def _in_environments(module: str, folders: Sequence[str]) -> Iterator[str]:
    """Interpreters of virtual environments in these folders that have the module."""
    for folder in folders:
        for config in sorted(glob(os.path.join(_escaped(folder), "*", "pyvenv.cfg"), include_hidden=True)):
            root = os.path.dirname(config)
            places = glob(os.path.join(_escaped(root), "lib", "python3.*", "site-packages"))
            if root != sys.prefix and any(_holds(place, module) for place in places):
                yield os.path.join(root, "bin", "python")


def _escaped(folder: str) -> str:
    """The folder's name as a pattern that matches nothing else."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in folder)


def _names(folder: str) -> Iterator[str]:
    """Names of the modules in a folder."""
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return
    for entry in entries:
        name = entry.partition(".")[0]
        is_module = entry.endswith(tuple(all_suffixes())) or os.path.isdir(os.path.join(folder, entry))
        if is_module and name.isidentifier() and not name.startswith("__"):
            yield name


def _near(name: str, names: Sequence[str]) -> str:
    return next(iter(get_close_matches(name, [*dict.fromkeys(names)], n=1, cutoff=0.75)), "")
