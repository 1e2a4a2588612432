"""Checks the interpreter that somebody names for the workers, by running it once."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from fuzztui.engine.show.text import Visible, os_error, say

OLDEST: Final = (3, 11)

_DEADLINE: Final = 20.0
"""Seconds that an interpreter may take to say its version, on a machine with much to do."""

_QUESTION: Final = "import sys; print(sys.implementation.name, *sys.version_info[:2])"


class UnusableInterpreter(Exception):  # noqa: N818 - reads as what is there
    """Workers cannot run under it; the message says why and what to name instead."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def usable_interpreter(named: str) -> str:
    """The absolute path of the interpreter that was named: by its path, or as it is called in `PATH`.

    Symbolic links stay, since they make a virtual environment. UnusableInterpreter if it is no CPython of this kind.
    """
    path = Path(os.path.abspath(named)) if "/" in named or os.path.exists(named) else None  # noqa: PTH100, PTH110 - links stay
    if path is not None and os.path.isdir(path):  # noqa: PTH112
        inner = path / "bin" / "python"
        where = say(", did you mean {}?", Path(named) / "bin" / "python") if inner.exists() else ""
        raise UnusableInterpreter(say("{} is a folder, want an interpreter{}", named, where))
    program = str(path) if path is not None else shutil.which(named)
    if program is None or not os.path.exists(program):  # noqa: PTH110 - what may not be looked at is none
        raise UnusableInterpreter(say("{} does not exist, want an interpreter such as .venv/bin/python", named))
    try:
        asked = subprocess.run(
            [program, "-I", "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_DEADLINE,
            check=False,
        )
    except OSError as error:
        raise UnusableInterpreter(say("{} cannot be run: {}", named, os_error(error, ""))) from None
    except subprocess.TimeoutExpired:
        raise UnusableInterpreter(say("{} does not say its version, want an interpreter of Python", named)) from None
    wanted = ".".join(map(str, OLDEST))
    match = re.fullmatch(rb"(\w+) (\d+) (\d+)\n", asked.stdout)
    if asked.returncode or match is None:
        raise UnusableInterpreter(say("{} is no Python, want an interpreter of CPython {} or later", named, wanted))
    name, version = match[1].decode(), (int(match[2]), int(match[3]))
    if name != "cpython" or version < OLDEST:
        raise UnusableInterpreter(say("{} is {} {}.{}, want CPython {} or later", named, name, *version, wanted))
    return program


_WHERE: Final = r"""
import importlib.util, os, sys
found = []
try:
    spec = importlib.util.find_spec(sys.argv[1])
except (ImportError, ValueError):
    spec = None
if spec is not None:
    found = [os.path.dirname(each) for each in spec.submodule_search_locations or [spec.origin or ""]]
print(*filter(os.path.isabs, [*found, *sys.path]), sep="\0", end="")
"""


def import_path(program: str, package: str) -> tuple[Path, ...]:
    """Where this interpreter imports a top-level package from, and the folders of its `sys.path`; empty if it does not
    say.
    """
    command = [program, "-P", "-c", _WHERE, package]
    try:
        asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_DEADLINE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(Path(os.fsdecode(each)) for each in dict.fromkeys(asked.stdout.split(b"\0")) if each)
