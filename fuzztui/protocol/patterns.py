"""Which modules a pattern of `Load.include` or `Load.exclude` names."""

import re
from collections.abc import Callable
from fnmatch import translate
from typing import TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

Pattern: TypeAlias = Callable[[str], object]
"""Tells by its truth whether a module's dotted name matches."""


def compiled(pattern: str) -> Pattern:
    """A shell pattern on dotted names; one without a wildcard covers the sub-modules too."""
    if not any(wildcard in pattern for wildcard in "*?["):
        prefix = f"{pattern}."
        return lambda name: name == pattern or name.startswith(prefix)
    return re.compile(translate(pattern)).match
