"""Whose a module is, by where its file lies."""

import os
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_STANDARD: Final = os.__file__.removesuffix("os.py")
_OURS: Final = __file__.removesuffix("worker/instrumentation/ownership.py")
_INSTALLED: Final = (f"{_STANDARD}site-packages{os.sep}", f"{_STANDARD}dist-packages{os.sep}")
_LIBRARIES: Final = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))


def is_library(file: str) -> bool:
    """Whether a module's file belongs to what is installed: the interpreter's own or others' packages."""
    return is_standard(file) or file.startswith("<frozen ") or any(folder in file for folder in _LIBRARIES)


def is_standard(file: str) -> bool:
    """Whether a module's file is one of the standard library. The place tells, not the name: a project's own `queue.py`
    is the project's.
    """
    return file.startswith(_STANDARD) and not file.startswith(_INSTALLED)


def is_projects(file: str) -> bool:
    """Whether a module's file belongs to the user's project: neither to the standard library nor to what is installed
    beside it, nor to the fuzzer.
    """
    return bool(file) and not file.startswith((_STANDARD, _OURS)) and "/site-packages/" not in file
