"""What a function takes that has several definitions, each with `@overload`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import unwrap

__builtins__ = PRIVATE_BUILTINS


class Overload(NamedTuple):
    """One of the definitions."""

    required: tuple[str, ...]
    """Names of the parameters that have no default."""
    annotations: Mapping[str, Any]


class Chosen(NamedTuple):
    """The one that counts."""

    at: int
    """Its place among all."""
    wider: Mapping[str, Sequence[Any]]
    """Of a parameter in which alone others differ from it: all that it may be annotated."""


def chosen(overloads: Sequence[Overload]) -> Chosen:
    """Of some definitions, one at least, the first that takes least.

    Values of other definitions are values of it, too, if they take other types in the place of one: combinations that
    no definition allows never arise.
    """
    at = min(range(len(overloads)), key=lambda at: len(overloads[at].required))
    one = overloads[at]
    wider: dict[str, list[Any]] = {}
    for other in overloads:
        if other.required != one.required:
            continue
        apart = [name for name in one.required if other.annotations.get(name) != one.annotations.get(name)]
        if len(apart) == 1 and apart[0] in one.annotations and apart[0] in other.annotations:
            (name,) = apart
            if not wider or name in wider:
                wider.setdefault(name, [one.annotations[name]]).append(other.annotations[name])
    return Chosen(at, wider)


def overloaded(function: Callable[..., object]) -> FunctionType | None:
    """The chosen one of a function's overloads, with wider annotations; it is read and never called. None if it has
    none.
    """
    typing = sys.modules.get("typing")
    definition, _ = unwrap(function)
    found = [unwrap(each)[0] for each in typing.get_overloads(definition)] if typing is not None else []
    if not found:
        return None
    at, wider = chosen([Overload(_required(each), each.__annotations__) for each in found])
    one = found[at]
    made = FunctionType(one.__code__, one.__globals__, one.__name__, one.__defaults__, one.__closure__)
    made.__kwdefaults__ = one.__kwdefaults__
    union: Any = typing.Union if typing is not None else None
    made.__annotations__ = {**one.__annotations__, **{name: union[tuple(each)] for name, each in wider.items()}}
    return made


def _required(function: FunctionType) -> tuple[str, ...]:
    code, by_name = function.__code__, function.__kwdefaults__ or {}
    places = code.co_varnames[: code.co_argcount - len(function.__defaults__ or ())]
    names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return (*places, *(name for name in names if name not in by_name))
