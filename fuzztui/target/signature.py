"""What a target's function takes: the one rule for it, and how the rule's facts are read off a function.

Nothing is evaluated. `fuzztui.target.discover` reads the same facts off a file's syntax tree.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType, MappingProxyType, MethodType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError, Uncallable
from fuzztui.target.kinds import KINDS, SUPPORTED, Kind, kind_named

if TYPE_CHECKING:
    from fuzztui.target.typed.resolve import Unknown
    from fuzztui.target.typed.spec import Spec

__builtins__ = PRIVATE_BUILTINS

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
        what = f"{name} is {declared.deferred}: calling it runs nothing; a target is an ordinary function"
        return f"{what}, {_ordinary(declared)}"
    if declared.odd:
        plain = declared.odd.partition(" ")[0].lstrip("*")
        return f"{name} takes {declared.odd}; a target has positional parameters only, such as {plain}: bytes"
    if not declared.parameters:
        return f"{name} has no parameters; a target takes at least one of {SUPPORTED}: write def {name}(data: bytes)"
    for parameter in declared.parameters:
        if not parameter.annotation:
            return f"parameter {parameter.name} of {name} is not annotated, want {SUPPORTED}: write {_typed(parameter)}"
    return None


_RUNS: Final = {GENERATOR: "list({})", ASYNC: "asyncio.run({})"}
"""What runs a call of a deferred function."""


def _ordinary(declared: Declaration) -> str:
    """What to write beside a deferred function."""
    if declared.deferred not in _RUNS:
        return "which runs the other one by asyncio.run"
    inner = f"_{declared.name.removeprefix('fuzz_')}"
    runs = _RUNS[declared.deferred].format(call_of(inner, declared.parameters))
    return f"so rename it {inner} and write {one_liner(declared.name, declared.parameters, runs)}"


def one_liner(name: str, declared: Sequence[Parameter], body: str) -> str:
    """A target in one line of source: `def fuzz_it(data: bytes) -> None: parse(data)`."""
    return f"def {name}({', '.join(map(_typed, declared))}) -> None: {body}"


def call_of(function: str, declared: Sequence[Parameter]) -> str:
    """A call with the parameters as they are: `parse(data, count)`."""
    return f"{function}({', '.join(parameter.name for parameter in declared)})"


def unannotated(
    module: str, name: str, parameter: str, declared: Sequence[Parameter], *, needs_instance: bool = False
) -> str:
    """Why a function cannot be fuzzed by its name, and what to write instead."""
    owner, _, bare = name.rpartition(".")
    path = f"{module}.{owner}().{bare}" if needs_instance else f"{module}.{name}"
    code = one_liner(f"fuzz_{bare.strip('_').lower() or 'it'}", declared, call_of(path, declared))
    what = f"parameter {parameter} of {module}:{name} is not annotated, so nobody knows what it takes"
    return f"{what}: write a harness, such as {code}"


def compiled(spec: str) -> str:
    """The same for `package.module:function` of which there is no source."""
    name = spec.rpartition(":")[2].rpartition(".")[2].strip("_").lower() or "it"
    code = f"def fuzz_{name}(data: bytes) -> None: {spec.replace(':', '.')}(data)"
    return f"{spec} is compiled, so nobody knows what it takes: write a harness, such as {code}"


def _typed(parameter: Parameter) -> str:
    return f"{parameter.name}: {parameter.annotation if parameter.kind else 'bytes'}"


def kinds_of(declared: Declaration) -> tuple[str, ...] | str:
    """The name of each parameter's kind, or why the function cannot be a target. Of a type that is put together its
    annotation: only who has loaded the classes in it can tell more.
    """
    if fault := fault_of(declared):
        return fault
    names = []
    for name, annotation, kind in declared.parameters:
        if kind is None and annotation.rpartition(".")[2] in _VAGUE:
            sentence = f"parameter {name} of {declared.name} is annotated {annotation}, want {SUPPORTED}"
            return f"{sentence}, or a type made of these: write {name}: {_VAGUE[annotation.rpartition('.')[2]]}"
        names.append(kind.name if kind is not None else annotation)
    return tuple(names)


_VAGUE: Final = {
    "Any": "bytes",
    "object": "bytes",
    "None": "bytes",
    "list": "list[int]",
    "List": "list[int]",
    "tuple": "tuple[int, ...]",
    "set": "set[int]",
    "frozenset": "frozenset[int]",
    "dict": "dict[str, int]",
    "Dict": "dict[str, int]",
}
"""Annotations that say too little -> what to write, for example."""


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
        code = unwrap(function)[0].__code__
    except HarnessError:
        return getattr(function, "__name__", "?")
    return f"{code.co_filename}:{code.co_firstlineno}"


def annotations(function: Callable[..., object]) -> list[tuple[str, object]]:
    """Name and annotation of every parameter, in order; annotations that are strings are resolved if possible.

    HarnessError for a function that cannot be called with one value per parameter.
    """
    if fault := fault_of(declaration(function)):
        raise Uncallable(f"{location(function)}: {fault}")
    unwrapped, skip = unwrap(function)
    return [(name, resolve(unwrapped.__annotations__[name], unwrapped.__globals__)) for name in _names(unwrapped, skip)]


def parameters(function: Callable[..., object]) -> tuple[str, ...]:
    """Names of the parameters' kinds, see `taken`."""
    return taken(function).parameters


def taken(function: Callable[..., object]) -> "Signature":
    """What the function takes. `Uncallable`, with file and line, for a function that cannot be a target."""
    return _signature(function, declaration(function))


def taken_of(
    function: Callable[..., object],
    names: Sequence[str],
    called: str,
    more: Callable[[FunctionType], dict[str, Any]],
    itself: type | None = None,
) -> "Signature":
    """What the function takes of these parameters, one at least; `called`: its name in messages. `Uncallable`,
    with file and line, if no values of one can be made. `more`: what annotations may name besides its globals;
    `itself`: the class whose method it is.
    """
    unwrapped, _ = unwrap(function)
    declared = tuple([_parameter(unwrapped, name) for name in names])
    return _signature(function, Declaration(called, "", "", declared), more, itself)


def _signature(
    function: Callable[..., object],
    declared: Declaration,
    more: Callable[[FunctionType], dict[str, Any]] | None = None,
    itself: type | None = None,
) -> "Signature":
    found = kinds_of(declared)
    if isinstance(found, str):
        raise Uncallable(f"{location(function)}: {found}")
    if all(parameter.kind is not None for parameter in declared.parameters):
        return Signature(found, None, None)
    from fuzztui.target.typed.signature import typed  # it costs time that only those pay who need it

    unwrapped, _ = unwrap(function)
    given = [(parameter.name, unwrapped.__annotations__[parameter.name]) for parameter in declared.parameters]
    try:
        return typed(declared, given, unwrapped, {} if more is None else more(unwrapped), itself)
    except UnsupportedError as error:
        raise Uncallable(f"{location(function)}: {error}") from None


class UnsupportedError(Exception):
    """An annotation of which no values can be made; the words say why, and what would be right."""


class Signature(NamedTuple):
    """What a function takes."""

    parameters: tuple[str, ...]
    """Of each parameter the name of its kind, or the text of its spec, see `fuzztui.target.typed`."""
    build: Callable[[tuple[Any, ...]], Sequence[Any]] | None
    """From plain values to what the function is called with; it raises what a class raises that refuses its values.
    None where the plain values are that already."""
    plain: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None
    """The plain form of arguments; ValueError with a reason for what are none. None where there is nothing to do."""
    unknown: "Mapping[Spec, Unknown]" = MappingProxyType({})
    """Types among the parameters' that are left to Hypothesis, by what stands for them."""


def declaration(function: Callable[..., object]) -> Declaration:
    """The facts about a function. HarnessError for what is no function."""
    unwrapped, skip = unwrap(function)
    code = unwrapped.__code__
    odd = _odd_parameter(code) if code.co_kwonlyargcount or code.co_flags & _VARIADIC else ""
    declared = [_parameter(unwrapped, name) for name in _names(unwrapped, skip)]
    return Declaration(unwrapped.__name__, deferral(unwrapped), odd, tuple(declared))


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


def parameter_of(function: Callable[..., object], name: str) -> Parameter:
    """One of its parameters, however it can be given."""
    return _parameter(unwrap(function)[0], name)


def deferral(function: Callable[..., object]) -> str:
    """What makes a call of the function run nothing of it: `GENERATOR`, `ASYNC`, `ASYNC_GENERATOR`, or empty."""
    code = unwrap(function)[0].__code__
    return next((kind for flag, kind in _DEFERRED.items() if code.co_flags & flag), "")


def unwrap(function: Callable[..., object]) -> tuple[FunctionType, int]:
    """The function whose signature counts, and how many of its parameters are bound already. HarnessError for what is
    no function.
    """
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
