"""What a project has told pytest of where its modules are, which fuzz targets import from too, and of what tests are
called.
"""

import configparser
import os
import shlex
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, NamedTuple

from fuzztui.protocol.files import read_regular

_LARGEST: Final = 1 << 20
"""Bytes of a file of settings."""

_FILES: Final = {
    "pytest.toml": ("pytest",),
    ".pytest.toml": ("pytest",),
    "pytest.ini": ("pytest",),
    ".pytest.ini": ("pytest",),
    "pyproject.toml": ("tool.pytest", "tool.pytest.ini_options"),
    "tox.ini": ("pytest",),
    "setup.cfg": ("tool:pytest",),
}
"""Files that may hold pytest's settings, in its order, and the sections that make them do so."""


_AROUND: Final = frozenset({"filterwarnings", "usefixtures", "env"})
"""Settings by which pytest, or a plugin that many projects have, does something around every test."""

_OPTIONS_AROUND: Final = ("-W", "--pythonwarnings", "--hypothesis")
"""Options that have it do so: those of Hypothesis' plugin choose the settings of all tests."""


class BadSettings(Exception):  # noqa: N818 - reads as what happened
    """A file that may hold pytest's settings cannot be read; the message is a sentence."""


def python_path(file: Path) -> tuple[Path, ...]:
    """Folders of the setting `pythonpath` that pytest would find for this file, in their order; absolute.

    BadSettings if a file of settings cannot be read.
    """
    folder, found = _of_file(file)
    return tuple(Path(os.path.normpath(folder / each)) for each in _listed(found.get("pythonpath", ())))


class Naming(NamedTuple):
    """What pytest takes for tests, by their names: each pattern is how these begin, or has wildcards."""

    functions: tuple[str, ...] = ("test",)
    classes: tuple[str, ...] = ("Test",)

    def names_function(self, name: str) -> bool:
        return any(_matches(name, each) for each in self.functions)

    def names_class(self, name: str) -> bool:
        return any(_matches(name, each) for each in self.classes)


def naming(file: Path) -> Naming:
    """What tests in this file are called, by the settings that pytest would find. BadSettings if it could not."""
    _, found = _of_file(file)
    usual = Naming()
    return Naming(
        tuple(_listed(found.get("python_functions", usual.functions))),
        tuple(_listed(found.get("python_classes", usual.classes))),
    )


def sets_up(file: Path) -> bool:
    """Whether the settings that pytest would find have it do something around every test of this file, such as turn
    warnings into errors. BadSettings if a file of settings cannot be read.
    """
    _, found = _of_file(file)
    return not _AROUND.isdisjoint(found) or any(
        each.startswith(_OPTIONS_AROUND) for each in _listed(found.get("addopts", ()))
    )


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern) or (bool(set("*?[") & set(pattern)) and fnmatchcase(name, pattern))


def _of_file(file: Path) -> tuple[Path, dict[str, Any]]:
    """The settings for a file, and the folder where they lie. The first ones count, from the file's folder upwards."""
    for folder in file.parents:
        for name, sections in _FILES.items():
            path = folder / name
            if path.is_file() and (found := _settings(path, sections)) is not None:
                return folder, found
    return file.parent, {}


def _listed(value: object) -> list[str]:
    return shlex.split(value) if isinstance(value, str) else [str(each) for each in value]  # type: ignore[attr-defined]


def _settings(path: Path, sections: tuple[str, ...]) -> dict[str, Any] | None:
    """The settings in a file; None if it holds none of pytest's."""
    try:
        text = read_regular(os.fspath(path), _LARGEST).decode()
        if path.suffix == ".toml":
            return _of_toml(tomllib.loads(text), sections)
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(text)
    except (OSError, ValueError, configparser.Error) as error:
        raise BadSettings(f"{path} cannot be read for pytest's settings: {str(error).partition(chr(10))[0]}") from None
    named = next((section for section in sections if parser.has_section(section)), None)
    if named is None:
        return {} if path.name in ("pytest.ini", ".pytest.ini") else None
    return dict(parser[named])


def _of_toml(document: dict[str, Any], sections: tuple[str, ...]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for section in sections:
        here: Any = document
        for part in section.split("."):
            here = here.get(part) if isinstance(here, dict) else None
        if isinstance(here, dict):
            found.update(here)
    return found or None
