"""What annotations are at run time, told by their shape.

The target's `typing` is another copy than the fuzzer's in a worker, and what a library adds to it may not be loaded at
all. So nothing is compared with a class of `typing`: the names of classes and the attributes that they document tell.
"""

import sys
from types import GenericAlias, UnionType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_TYPING: Final = ("typing", "typing_extensions", "types", "collections", "collections.abc", "re", "contextlib")


def is_typing(value: object) -> bool:
    """Whether an object is made by `typing` or what extends it."""
    return type(value).__module__ in _TYPING


def origin_name(annotation: Any) -> str:
    """What is subscribed in `X[...]`, or stands alone: `list`, `Union`, `Literal`, `Annotated`, `deque`; else empty."""
    if type(annotation) is UnionType:
        return "Union"
    if hasattr(annotation, "__metadata__"):
        return "Annotated"
    origin = getattr(annotation, "__origin__", None)
    if origin is None:
        return ""
    if isinstance(origin, type):
        return origin.__name__
    return str(getattr(origin, "_name", None) or getattr(origin, "__name__", ""))


def arguments(annotation: Any) -> tuple[Any, ...]:
    """What stands in the brackets."""
    return tuple(getattr(annotation, "__args__", ()))


def is_alias(annotation: Any) -> bool:
    """Whether it is a generic class or function with types in brackets."""
    return type(annotation) is GenericAlias or (is_typing(annotation) and hasattr(annotation, "__origin__"))


def special(annotation: Any) -> str:
    """The name of the sort of object for what `typing` makes beside aliases: `TypeVar`, `NewType`, `TypeAliasType`,
    `ForwardRef`; else empty.
    """
    name = type(annotation).__name__
    return name if is_typing(annotation) and name in ("TypeVar", "NewType", "TypeAliasType", "ForwardRef") else ""


def loaded(module: str) -> Any:
    """A module that the target has loaded, or None: nothing is imported for it."""
    return sys.modules.get(module)


def described(annotation: Any) -> str:
    """An annotation in a message."""
    if isinstance(annotation, str):
        return annotation.strip()
    if special(annotation) == "ForwardRef":
        return str(annotation.__forward_arg__)
    if isinstance(annotation, type) and not is_alias(annotation):
        return annotation.__qualname__
    text = repr(annotation)
    return text if len(text) <= 200 else f"{text[:200]}..."
