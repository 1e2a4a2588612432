"""What a target's function takes, read off the function without evaluating anything."""

import sys
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType

from fuzztui.target.errors import HarnessError
from fuzztui.target.values import TYPES

SUPPORTED = f"{', '.join(list(TYPES)[:-1])} or {list(TYPES)[-1]}"

_VARIADIC = 0x04 | 0x08  # CO_VARARGS, CO_VARKEYWORDS; `inspect` has the names, at the price of half the library
_DEFERRED = {0x20: "a generator function", 0x80: "an async function", 0x200: "an async generator function"}


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
    plain, skip = _unwrap(function)
    code = plain.__code__
    where, name = f"{code.co_filename}:{code.co_firstlineno}", plain.__name__
    for flag, kind in _DEFERRED.items():
        if code.co_flags & flag:
            raise HarnessError(f"{where}: {name} is {kind}: calling it runs nothing; a target is an ordinary function")
    names = code.co_varnames[skip : code.co_argcount]
    if code.co_kwonlyargcount or code.co_flags & _VARIADIC:
        odd = _odd_parameter(code)
        raise HarnessError(f"{where}: {name} takes {odd}; a target has positional parameters only")
    if not names:
        raise HarnessError(f"{where}: {name} has no parameters; a target takes at least one of {SUPPORTED}")
    found = plain.__annotations__
    for parameter in names:
        if parameter not in found:
            raise HarnessError(f"{where}: parameter {parameter} of {name} is not annotated, want {SUPPORTED}")
    return [(parameter, resolve(found[parameter], plain.__globals__)) for parameter in names]


def parameters(function: Callable[..., object]) -> tuple[str, ...]:
    """Names of the parameters' types. HarnessError, with file and line, for a function that cannot be a target."""
    names = {kind: name for name, kind in TYPES.items()}
    result = []
    for parameter, annotation in annotations(function):
        if not isinstance(annotation, type) or annotation not in names:
            shown = (
                annotation.__name__ if type(annotation) is type else annotation
            )  # `list[int]` is of a type of its own
            raise HarnessError(
                f"{location(function)}: parameter {parameter} of {function.__name__} is annotated {shown}, "
                f"want {SUPPORTED}"
            )
        result.append(names[annotation])
    return tuple(result)


def resolve(annotation: object, namespace: dict[str, object]) -> object:
    """What a string annotation names (it is looked up, never evaluated), or the string if that cannot be told."""
    if not isinstance(annotation, str):
        return annotation
    first, *rest = annotation.strip("'\" ").split(".")
    value = namespace.get(first, TYPES.get(first))
    for attribute in rest:
        value = getattr(value, attribute, None)
    return annotation if value is None else value


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
    """The first parameter that cannot be given by position alone, as it is written."""
    names = code.co_varnames[code.co_argcount :]
    if code.co_kwonlyargcount:
        return f"{names[0]} by keyword only"
    return f"*{names[0]}" if code.co_flags & 0x04 else f"**{names[0]}"
