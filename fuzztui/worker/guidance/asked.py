"""What programs ask of code that is not looked into: functions of `re`, and objects of classes written in Python that
hold named values, such as headers of mails and files of settings. Only what they answer tells what is there.
"""

import sys
from collections import deque
from collections.abc import Sequence
from types import FunctionType, MethodType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.compares import TRACE
from fuzztui.worker.mutate.patterns import PATTERN

__builtins__ = PRIVATE_BUILTINS

_TEXTS: Final = {
    **dict.fromkeys(("match", "search", "fullmatch", "findall", "finditer"), (1, 2)),
    "split": (1, 3),
    **dict.fromkeys(("sub", "subn"), (2, 4)),
}
"""Functions of `re` -> the positions of the text and of the flags among their arguments."""

ASKING: Final = frozenset({"get", "get_all", "getlist", "has_section", "has_option"})
"""Methods that ask an object for what has a name."""


class Matching(NamedTuple):
    """Arguments of a function of `re`."""

    source: str | bytes
    text: object
    flags: int


def matching(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Matching | None:
    """What a function of `re` is called with; None if that is not what it takes."""
    at, of_flags = _TEXTS[name]
    pattern = arguments[0] if arguments else options.get("pattern")
    text = arguments[at] if len(arguments) > at else options.get("string")
    flags = arguments[of_flags] if len(arguments) > of_flags else options.get("flags", 0)
    if type(pattern) is PATTERN:
        compiled: Any = pattern
        return Matching(compiled.pattern, text, compiled.flags)
    if type(pattern) is not str and type(pattern) is not bytes:
        return None
    return Matching(pattern, text, int(flags) if isinstance(flags, int) else 0)


def is_of_re(function: object) -> bool:
    """Whether a function is one of `re` that takes an expression and a text."""
    if type(function) is not FunctionType or function.__name__ not in _TEXTS:
        return False
    module = sys.modules.get("re")
    return module is not None and function.__globals__ is vars(module)


def is_asking(function: object) -> bool:
    """Whether this is a method by which an object that is not looked into is asked for what has a name."""
    if type(function) is not MethodType:
        return False
    inner = function.__func__
    return type(inner) is FunctionType and inner.__name__ in ASKING and TRACE not in inner.__globals__


def says_so(result: object, defaults: Sequence[object]) -> bool:
    """Whether what such a method has returned says that something is there. `defaults`: what it would else return."""
    return result is not None and result is not False and not any(result is each for each in defaults)


def is_opaque(container: object) -> bool:
    """Whether a container is of a class whose methods alone tell what is in there: no builtin one, nor derived from
    one.
    """
    kind = type(container)
    return not any(issubclass(kind, builtin) for builtin in _BUILTIN)


_BUILTIN: Final[tuple[type, ...]] = (
    *(str, bytes, bytearray, memoryview, int, dict, list, tuple, set, frozenset, range, deque, type),
    *(type({}.keys()), type({}.values()), type({}.items())),
)
