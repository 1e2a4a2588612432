"""Which fuzztui and which libraries run here, and whether there are others in the way."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fuzztui import __version__
from fuzztui.doctor.check import Examination, Finding, Status, note, ok, problem
from fuzztui.engine.show.text import joined, label, say, visible

AREA: Final = "versions"

LIBRARIES: Final = ("textual", "rich", "psutil", "msgspec", "typer", "watchfiles")
"""What fuzztui needs."""


@dataclass(frozen=True, slots=True)
class Library:
    """A package that fuzztui needs, as it is found here."""

    name: str
    version: str
    """Empty if it is not there."""
    wanted: str
    """`>=8.2.8,<9`; empty if that is not known."""
    folder: str


def read_requirements() -> dict[str, str]:
    """Name of each package that fuzztui needs -> versions that will do; nothing if it runs from its sources."""
    try:
        return requirements(metadata.requires("fuzztui") or [])
    except metadata.PackageNotFoundError:
        return {}


def requirements(declared: Iterable[str]) -> dict[str, str]:
    """The same from the metadata's lines, those of extras left out."""
    found = {}
    for line in declared:
        requirement, _, marker = line.partition(";")
        match = re.match(r"\s*([\w.-]+)\s*(?:\[[^]]*\])?\s*\(?([^)]*)\)?", requirement)
        if match and "extra" not in marker:
            found[match[1].lower()] = match[2].replace(" ", "")
    return found


def read_library(name: str, wanted: str) -> Library:
    """The package as the import system finds it."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        version = ""
    spec = find_spec(name)
    origin = spec.origin if spec is not None and spec.origin else ""
    return Library(
        name, version or ("unknown" if spec is not None else ""), wanted, str(Path(origin).parents[1]) if origin else ""
    )


def library(one: Library) -> Finding:
    """Whether a package is there in a version that will do."""
    if not one.version:
        return problem(
            label("not found"), say("Install it for this interpreter: pip install '{}{}'.", one.name, one.wanted)
        )
    value = say("{}, {}", one.version, one.folder) if one.folder else say("{}", one.version)
    if one.version != "unknown" and not satisfies(one.version, one.wanted):
        return problem(value, say("fuzztui needs another one: pip install '{}{}'.", one.name, one.wanted))
    return Finding(Status.OK, value)


def satisfies(version: str, wanted: str) -> bool:
    """Whether a version is one of `>=8.2.8,<9`; what is written in another way is taken to be right."""
    for clause in filter(None, wanted.split(",")):
        match = re.fullmatch(r"(>=|<=|==|!=|<|>)([\d.]+)", clause)
        if match is None:
            continue
        ours, theirs = _numbers(version), _numbers(match[2])
        length = max(len(ours), len(theirs))
        ours, theirs = (*ours, *[0] * (length - len(ours))), (*theirs, *[0] * (length - len(theirs)))
        holds = {
            ">=": ours >= theirs,
            "<=": ours <= theirs,
            "==": ours == theirs,
            "!=": ours != theirs,
            "<": ours < theirs,
            ">": ours > theirs,
        }
        if not holds[match[1]]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def copies(ours: str, packages: Sequence[str], programs: Sequence[str]) -> Finding:
    """Whether there is one fuzztui only: `ours` runs, `packages` are all that lie on the path of modules, the first is
    the one that targets import; `programs` are all on the path of commands.
    """
    others = [each for each in packages if each != ours]
    shown = say("{} {}", __version__, ours)
    if packages and packages[0] != ours:
        return problem(
            say("{}, and first on the path {}", shown, packages[0]),
            label("Targets would import another fuzztui than the one that runs them: remove it from the path."),
        )
    also = [*others, *programs[1:]]
    if also:
        return note(
            say("{}, and also {}", shown, joined(", ", map(visible, also))),
            label("The first one is used: remove the others, or one day the wrong one runs."),
        )
    return ok("{}", shown)


def read_packages(path: Iterable[str]) -> list[str]:
    """Every `fuzztui` on a path of modules, by its real path, once each."""
    found = []
    for folder in path:
        for name in ("fuzztui/__init__.py", "fuzztui.py"):
            file = os.path.join(folder or os.curdir, name)  # noqa: PTH118 - a path of modules has strings
            if os.path.isfile(file):  # noqa: PTH113
                real = os.path.realpath(file)
                found.append(os.path.dirname(real) if name.endswith("__init__.py") else real)  # noqa: PTH120
    return list(dict.fromkeys(found))


def read_programs(path: str) -> list[str]:
    """Every `fuzztui` on the path of commands, by its real path, once each."""
    files = [Path(folder, "fuzztui") for folder in path.split(os.pathsep) if folder]
    return list(dict.fromkeys(os.path.realpath(file) for file in files if os.access(file, os.X_OK) and file.is_file()))


def examinations(folders: Sequence[str]) -> list[Examination]:
    """`folders`: those that come first on the path of modules in a worker."""
    ours = os.path.realpath(Path(__file__).parents[1])
    return [
        Examination(
            AREA,
            "fuzztui",
            lambda: copies(ours, read_packages([*folders, *sys.path]), read_programs(os.environ.get("PATH", ""))),
        ),
        *[Examination(AREA, name, _look_at(name)) for name in LIBRARIES],
    ]


def _look_at(name: str) -> Callable[[], Finding]:
    return lambda: library(read_library(name, read_requirements().get(name, "")))
