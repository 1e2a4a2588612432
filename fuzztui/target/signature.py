"""What a target's function takes: the one rule for it, and how the rule's facts are read off a function.

Nothing is evaluated. `fuzztui.target.discover` reads the same facts off a file's syntax tree.
"""

import sys
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any, Final, NamedTuple

from fuzztui.target.errors import HarnessError
from fuzztui.target.kinds import KINDS, SUPPORTED, Kind, kind_named

GENERATOR: Final = "a generator function"
ASYNC: Final = "an async function"
ASYNC_GENERATOR: Final = "an async generator function"

_VARIADIC = 0x04 | 0x08  # CO_VARARGS, CO_VARKEYWORDS; `inspect` has the names, at the price of half the library
_DEFERRED = {0x20: GENERATOR, 0x80: ASYNC, 0x200: ASYNC_GENERATOR}


# The rule ---------------------------------------------------------------------------------------------------------


class Parameter(NamedTuple):
    """A parameter that can be given by position."""

    name: str
    annotation: str
    """The full name of the type, or what is written if that is no name; empty if there is none."""
    kind: Kind[Any] | None
    """What the annotation stands for, if that is a kind of argument."""


class Declaration(NamedTuple):
    """What a function's definition says of how it is called."""

    name: str
    deferred: str
    """One of `GENERATOR`, `ASYNC` and `ASYNC_GENERATOR`; empty for an ordinary function."""
    odd: str
    """The first parameter that cannot be given by position alone, as it is written; empty if there is none."""
    parameters: tuple[Parameter, ...]


def fault_of(declared: Declaration) -> str | None:
    """Why a function cannot be called with one value per parameter, or None if it can."""
    name = declared.name
    if declared.deferred:
        return f"{name} is {declared.deferred}: calling it runs nothing; a target is an ordinary function"
    if declared.odd:
        return f"{name} takes {declared.odd}; a target has positional parameters only"
    if not declared.parameters:
        return f"{name} has no parameters; a target takes at least one of {SUPPORTED}"
    for parameter in declared.parameters:
        if not parameter.annotation:
            return f"parameter {parameter.name} of {name} is not annotated, want {SUPPORTED}"
    return None


def kinds_of(declared: Declaration) -> tuple[str, ...] | str:
    """The name of each parameter's kind, or why the function cannot be a target."""
    if fault := fault_of(declared):
        return fault
    names = []
    for name, annotation, kind in declared.parameters:
        if kind is None:
            return f"parameter {name} of {declared.name} is annotated {annotation}, want {SUPPORTED}"
        names.append(kind.name)
    return tuple(names)


# Functions --------------------------------------------------------------------------------------------------------


def caller() -> str:
    """`file:line` of the innermost frame outside of this package: where the user called us."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__package__") == __package__ and frame.f_back is not None:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def location(function: Callable[..., object]) -> str:
    """`file:line` of the function's definition, or its name where there is no source."""
    try:
        code = _unwrap(function)[0].__code__
    except HarnessError:
        return getattr(function, "__name__", "?")
    return f"{code.co_filename}:{code.co_firstlineno}"


def annotations(function: Callable[..., object]) -> list[tuple[str, object]]:
    """Name and annotation of every parameter, in order; annotations that are strings are resolved if possible.

    HarnessError for a function that cannot be called with one value per parameter.
    """
    if fault := fault_of(declaration(function)):
        raise HarnessError(f"{location(function)}: {fault}")
    unwrapped, skip = _unwrap(function)
    return [(name, resolve(unwrapped.__annotations__[name], unwrapped.__globals__)) for name in _names(unwrapped, skip)]


def parameters(function: Callable[..., object]) -> tuple[str, ...]:
    """Names of the parameters' kinds. HarnessError, with file and line, for a function that cannot be a target."""
    found = kinds_of(declaration(function))
    if isinstance(found, str):
        raise HarnessError(f"{location(function)}: {found}")
    return found


def declaration(function: Callable[..., object]) -> Declaration:
    """The facts about a function. HarnessError for what is no function."""
    unwrapped, skip = _unwrap(function)
    code = unwrapped.__code__
    deferred = [kind for flag, kind in _DEFERRED.items() if code.co_flags & flag]
    odd = _odd_parameter(code) if code.co_kwonlyargcount or code.co_flags & _VARIADIC else ""
    declared = [_parameter(unwrapped, name) for name in _names(unwrapped, skip)]
    return Declaration(unwrapped.__name__, deferred[0] if deferred else "", odd, tuple(declared))


def resolve(annotation: object, namespace: dict[str, object]) -> object:
    """What a string annotation names (it is looked up, never evaluated), or the string if that cannot be told."""
    if not isinstance(annotation, str):
        return annotation
    text = annotation.strip("'\" ")
    first, *rest = text.split(".")
    value = namespace.get(first)
    for attribute in rest:
        value = getattr(value, attribute, None)
    return text if value is None else value


def _names(function: FunctionType, skip: int) -> tuple[str, ...]:
    code = function.__code__
    return code.co_varnames[skip : code.co_argcount]


def _parameter(function: FunctionType, name: str) -> Parameter:
    if name not in function.__annotations__:
        return Parameter(name, "", None)
    annotation = resolve(function.__annotations__[name], function.__globals__)
    if isinstance(annotation, str):
        kind = kind_named(annotation)
        return Parameter(name, kind.annotation if kind else annotation, kind)
    if isinstance(annotation, type):
        known = (kind for kind in KINDS.values() if kind.is_class(annotation))
        is_local = annotation.__module__ in (function.__module__, "builtins")
        shown = annotation.__qualname__ if is_local else f"{annotation.__module__}.{annotation.__qualname__}"
        return Parameter(name, shown, next(known, None))
    return Parameter(name, repr(annotation), None)


def _unwrap(function: Callable[..., object]) -> tuple[FunctionType, int]:
    """The function whose signature counts, and how many of its parameters are bound already."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        return function.__func__, 1
    if not isinstance(function, FunctionType):
        raise HarnessError(
            f"{getattr(function, '__name__', function)!s} is a {type(function).__name__}, want a function"
        )
    return function, 0


def _odd_parameter(code: CodeType) -> str:
    names = code.co_varnames[code.co_argcount :]
    if code.co_kwonlyargcount:
        return f"{names[0]} by keyword only"
    return f"*{names[0]}" if code.co_flags & 0x04 else f"**{names[0]}"
