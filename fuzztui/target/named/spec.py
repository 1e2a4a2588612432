"""How people write a function by its name, and what they may say about it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.target.pytest_settings import python_path

_SPEC: Final = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\(.*\))?")


@dataclass(frozen=True, slots=True)
class Named:
    """A function, a method or a class of a module."""

    module: str
    name: str
    """Within the module: `parse`, `Decoder`, `Decoder.decode`."""
    all_parameters: bool = False
    """Whether it is given those parameters, too, that have defaults."""
    raises: tuple[str, ...] = ()
    """Exceptions that it may raise; `DOCUMENTED` stands for those that its docstring names."""

    @property
    def spec(self) -> str:
        """`package.module:function`."""
        return f"{self.module}:{self.name}"

    @property
    def folder(self) -> str:
        """The name of its folders: with other parameters, inputs are others. `-` is in no name of Python's."""
        return f"{self.module}-{self.name}{_ALL if self.all_parameters else ''}"


_ALL: Final = "+all"


def named(spec: str) -> Named | None:
    """What `package.module:function` stands for; None for anything else, such as the path of a file."""
    match = _SPEC.fullmatch(spec)
    return None if match is None or match[1].endswith(".py") else Named(match[1], match[2])


def named_by_folder(folder: str) -> Named | None:
    """What has a folder of this name, see `Named.folder`; None if it is nobody's."""
    found = named(folder.removesuffix(_ALL).replace("-", ":", 1))
    return None if found is None else Named(found.module, found.name, folder.endswith(_ALL))


def roots(here: Path, project: Path) -> tuple[Path, ...]:
    """Where a project's modules are imported from, besides what is installed: the folders of pytest's `pythonpath`, its
    `src`, itself, and the current folder. BadSettings if pytest's settings cannot be read.
    """
    source = project / "src"
    own = [source] if os.path.isdir(source) else []  # noqa: PTH112 - also where none may look
    return tuple(dict.fromkeys([*python_path(here / "any.py"), *own, project, here]))
