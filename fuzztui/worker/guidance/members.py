"""What is in containers of classes derived from Python's own: by the methods of these, so that none of the target's
runs.
"""

from collections import deque
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

MAX_MEMBERS: Final = 65
"""Of one that are looked at."""

_VIEWS: Final[tuple[type, ...]] = (type({}.keys()), type({}.values()))


def members_of(container: object) -> tuple[object, ...] | None:
    """The first members, or keys, of a container of a class derived from `dict`, `tuple` or `list`, of a deque or a
    view of a dict; None for anything else, also for what is exactly of one of the builtin types.
    """
    kind = type(container)
    members: Any = container
    if kind is dict or kind is tuple or kind is list:
        return None
    if issubclass(kind, dict):
        members = dict.keys(members)
    elif issubclass(kind, tuple):
        return tuple.__getitem__(members, slice(MAX_MEMBERS))
    elif issubclass(kind, list):
        return tuple(list.__getitem__(members, slice(MAX_MEMBERS)))
    elif kind is not deque and not any(kind is view for view in _VIEWS):
        return None
    try:
        return tuple(islice(members, MAX_MEMBERS))
    except RuntimeError:  # another thread of the target is changing it
        return ()
