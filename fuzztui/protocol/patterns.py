"""Which modules a pattern of `Load.include` or `Load.exclude` names."""

from collections.abc import Callable
from typing import TypeAlias

from fuzztui.protocol.own import OWN_BUILTINS

__builtins__ = OWN_BUILTINS

Pattern: TypeAlias = Callable[[str], object]
"""Tells by its truth whether a module's dotted name matches."""


def compiled(pattern: str) -> Pattern:
    """A shell pattern on dotted names; one without a wildcard covers the sub-modules too."""
    if not any(wildcard in pattern for wildcard in "*?["):
        prefix = f"{pattern}."
        return lambda name: name == pattern or name.startswith(prefix)
    # Only now: what a worker loads before its import hook is in place stays bare.
    import re
    from fnmatch import translate

    return re.compile(translate(pattern)).match
