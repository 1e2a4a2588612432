"""Says which package is missing, or does not fit, where the program cannot load one that it needs."""

import re
import sys
from importlib import metadata
from typing import Final

from fuzztui.engine.show.text import Visible, command, one_line, say

_PROGRAM: Final = "fuzztui"

_DEEPEST: Final = 4
"""From a package to those that it needs, and so on."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def missing_package(error: ImportError) -> Visible | None:
    """What to install, in a sentence, for an error that importing a part of the program has raised; None if what is
    missing is a part of the program itself.
    """
    module = (error.name or "").partition(".")[0]
    if module in ("", _PROGRAM):
        return None
    if module in sys.stdlib_module_names:
        return say(
            "{} lacks the module {} of its own library, which fuzztui needs: use a Python that is whole",
            sys.executable,
            module,
        )
    wanted = _requirement(module)
    right = command(sys.executable, "-m", "pip", "install", wanted)
    if not isinstance(error, ModuleNotFoundError) or error.name != module:
        why = one_line(str(error))
        return say("{}, which fuzztui needs, cannot be used as it is installed ({}): type {}", module, why, right)
    return say("{}, which fuzztui needs, is not installed for {}: type {}", module, sys.executable, right)


def _requirement(module: str) -> str:
    """What to ask for: as our metadata have it, or those of the packages that we need."""
    by_name: dict[str, str] = {}
    new = _requirements(_PROGRAM)
    for _ in range(_DEEPEST):
        for name, requirement in new.items():
            by_name.setdefault(name, requirement)
        new = {name: text for each in new for name, text in _requirements(each).items() if name not in by_name}
    wanted = _normal(module)
    alike = [name for name in by_name if name == wanted] or [name for name in by_name if name.startswith(f"{wanted}-")]
    return by_name[alike[0]] if alike else module


def _requirements(distribution: str) -> dict[str, str]:
    """Name of each package that an installed one needs in any case -> name and versions."""
    try:
        listed = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return {}
    wanted = [each.partition(";")[0].strip() for each in listed if "extra ==" not in each.partition(";")[2]]
    return {_normal(match[0]): each.replace(" ", "") for each in wanted if (match := _NAME.match(each)) is not None}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
