"""What a project has told pytest of where its modules are: its fuzz targets import from there too."""

import configparser
import os
import shlex
import tomllib
from pathlib import Path
from typing import Any, Final

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


class BadSettings(Exception):  # noqa: N818 - reads as what happened
    """A file that may hold pytest's settings cannot be read; the message is a sentence."""


def python_path(file: Path) -> tuple[Path, ...]:
    """Folders of the setting `pythonpath` that pytest would find for this file, in their order; absolute.

    The first file of settings counts, from the target's folder upwards. BadSettings if one cannot be read.
    """
    for folder in file.parents:
        for name, sections in _FILES.items():
            path = folder / name
            if path.is_file() and (found := _settings(path, sections)) is not None:
                return tuple(Path(os.path.normpath(folder / each)) for each in _listed(found.get("pythonpath", ())))
    return ()


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
        raise BadSettings(
            f"{path} cannot be read for pytest's pythonpath: {str(error).partition(chr(10))[0]}"
        ) from None
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
