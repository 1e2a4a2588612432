"""Imports a function by its name, and makes it ready to be called with plain values: the worker's side."""

import builtins
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import ClassMethodDescriptorType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.contract import DOCUMENTED, raised
from fuzztui.target.errors import HarnessError, LoadFailed, Uncallable
from fuzztui.target.load import LoadedTarget, left, reported
from fuzztui.target.named.checked import names_for_checkers
from fuzztui.target.named.formals import MOST_YIELDED, Formal, Given, How, given
from fuzztui.target.named.overloads import overloaded
from fuzztui.target.named.stubs import declared as declared_in_stub
from fuzztui.target.refusals import Refusals, building
from fuzztui.target.signature import (
    ASYNC,
    ASYNC_GENERATOR,
    GENERATOR,
    Signature,
    compiled,
    deferral,
    location,
    parameter_of,
    taken_of,
    unannotated,
    unwrap,
)
from fuzztui.target.values import decode, plain_of, version_of

__builtins__ = PRIVATE_BUILTINS


class Asked(NamedTuple):
    """What a person has asked for."""

    module: str
    name: str
    """Within the module: `parse`, `Decoder`, `Decoder.decode`."""
    all_parameters: bool = False
    raises: Sequence[str] = ()
    """Exceptions that it may raise; `DOCUMENTED` stands for those that its docstring names."""

    @property
    def spec(self) -> str:
        """`package.module:function`."""
        return f"{self.module}:{self.name}"


class Loaded(NamedTuple):
    """The target, and sentences about what could not be as asked for."""

    target: LoadedTarget
    remarks: tuple[str, ...]


def load_named(asked: Asked, file: str, path: Sequence[str], cwd: str) -> Loaded:
    """Import the module and make its function ready. HarnessError, or LoadFailed where the module's code raised.

    `path` goes to the front of `sys.path`, followed by `cwd`; `file`: the module's, as the front end found it.
    """
    sys.path[:] = [*dict.fromkeys([*path, cwd, *sys.path])]
    for folder in (*path, cwd):
        sys.path_importer_cache.pop(folder, None)
    with reported(f"importing {asked.module}", LoadFailed, file):
        module = importlib.import_module(asked.module)
    function, owner = _found(module, asked.name, asked.spec)
    remarks: list[str] = []
    parts = _parts(asked, function, owner, remarks)
    return Loaded(_ready(parts, asked, function, module, owner, remarks), tuple(remarks))


def call_of(asked: Asked, literals: Sequence[str]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a stored input calls the function with, by place and by keyword; `literals`: its lines, one for each value.
    A method takes its instance first. The errors are those of `load_named`, MalformedInput, and whatever a class raises
    that refuses its values.
    """
    with reported(f"importing {asked.module}", LoadFailed):
        module = importlib.import_module(asked.module)
    function, owner = _found(module, asked.name, asked.spec)
    parts = _parts(asked, function, owner, [])
    parameters = (*_parameters(parts), "int")  # one more, since bytes alone would be no literal
    data = "\n".join((version_of(parameters), *literals, "0", "")).encode("ascii")
    plain = plain_of(decode(data, parameters))[:-1]
    build = _build(parts)
    values = tuple(plain if build is None else build(plain))
    names = parts[-1].given.by_name
    count = len(values) - len(names)
    return values[:count], dict(zip(names, values[count:], strict=True))


def _parts(asked: Asked, function: Callable[..., object], owner: type | None, remarks: list[str]) -> list["_Part"]:
    """The call of the function, behind that which makes an instance for it if one is needed."""
    spec = asked.spec
    parts: list[_Part] = []
    if owner is not None:
        parts.append(_maker(owner, asked, remarks))
    what = _constructor(function, asked) if isinstance(function, type) else _called(function, asked)
    what = what._replace(bound=what.bound + (owner is not None), itself=owner or what.itself)
    parts.append(_part(what, asked.name, asked, remarks, needs_instance=owner is not None))
    if not any(part.given.names for part in parts):
        raise Uncallable(_without_parameters(spec, what))
    return parts


def _parameters(parts: Sequence["_Part"]) -> tuple[str, ...]:
    return tuple(name for part in parts if part.signature is not None for name in part.signature.parameters)


# The function -----------------------------------------------------------------------------------------------------


def _found(module: ModuleType, name: str, spec: str) -> tuple[Callable[..., object], type | None]:
    """What the name stands for, and the class of which an instance is needed to call it, if one is."""
    value: Any = module
    owner: Any = module
    for part in name.split("."):
        owner = value
        try:
            with reported(f"looking for {spec}", LoadFailed):
                value = getattr(owner, part, _NOTHING)
        except LoadFailed as error:
            raise HarnessError(str(error)) from None
        if value is _NOTHING:
            where = module.__name__ if owner is module else f"{module.__name__}:{owner.__qualname__}"
            raise Uncallable(f"{where} has no {part}{_near(part, dir(owner))}")
    if isinstance(value, ModuleType):
        raise Uncallable(f"{spec} is a module, not a function: name one of it, {value.__name__}:function")
    if not isinstance(owner, type):
        if not callable(value):
            raise Uncallable(f"{spec} is {_article(type(value).__name__)}, want a function, a method or a class")
        return value, None
    raw = next((vars(cls)[part] for cls in owner.__mro__ if part in vars(cls)), value)
    if isinstance(raw, staticmethod | classmethod | ClassMethodDescriptorType | type):
        return value, None
    if isinstance(raw, property) or not callable(value):
        raise Uncallable(f"{spec} is {_article(type(raw).__name__)}, want a function, a method or a class")
    return value, owner


_NOTHING: Final = object()


def _near(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, [each for each in names if not each.startswith("__")], 1)
    return f", did you mean {close[0]}?" if close else ""


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


class _Callable(NamedTuple):
    """What is called."""

    function: Callable[..., object]
    declared: Callable[..., object] | None
    """Whose definition says what it takes; None if it takes nothing."""
    bound: int
    """How many parameters of that are given already."""
    deferred: str | None = None
    """What makes a call of it run nothing of it, if `declared` does not tell."""
    itself: type | None = None
    """The class that it makes, or whose method it is."""


def _stubbed(what: _Callable, names: Sequence[tuple[str, str]]) -> _Callable | None:
    """The same as a stub declares it, under the first of some names (module, and name in it); None if none does."""
    for module, name in dict.fromkeys(names):
        found = declared_in_stub(module, name, sys.path)
        if found is not None:
            is_own = what.declared is None  # a stub tells of a class' own method what else is given
            deferred = None if what.declared is None else deferral(what.declared)
            bound = found.bound if is_own else what.bound
            return _Callable(what.function, found.function, bound, deferred, what.itself)
    return None


def _overloaded(what: _Callable) -> _Callable | None:
    """The same as its overloads declare it; None if it has none."""
    assert what.declared is not None
    declared = overloaded(what.declared)
    return None if declared is None else what._replace(declared=declared, deferred=deferral(what.declared))


def _names_of(value: Callable[..., object], asked: Asked) -> list[tuple[str, str]]:
    """The names under which a stub may have a function, or the constructor of a class."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    own = (module, name) if isinstance(module, str) and isinstance(name, str) else (asked.module, asked.name)
    if not isinstance(value, type):
        return [(asked.module, asked.name), own]
    return [(own[0], f"{own[1]}.{each}") for each in ("__init__", "__new__")]


def _called(value: Callable[..., object], asked: Asked) -> _Callable:
    """A function, a bound method, or an object that can be called."""
    spec = asked.spec
    try:
        unwrap(value)
    except HarnessError:
        if (told := _stubbed(_Callable(value, None, 0), _names_of(value, asked))) is not None:
            return told
        own = getattr(type(value), "__call__", None)  # noqa: B004 - what it is called by
        if isinstance(own, FunctionType):
            return _Callable(value, own, 1, None, type(value))
        if type(value).__name__ in _COMPILED:
            raise Uncallable(compiled(spec)) from None
        code = compiled(spec).rpartition("such as ")[2]
        kind = _article(type(value).__name__)
        raise Uncallable(
            f"{spec} is {kind}, which says nothing of what it takes: write a harness, such as {code}"
        ) from None
    bound = value.__self__ if isinstance(value, MethodType) else None
    itself = bound if isinstance(bound, type) or bound is None else type(bound)
    return _Callable(value, value, int(isinstance(value, MethodType)), None, itself)


_COMPILED: Final = frozenset(
    {"builtin_function_or_method", "method_descriptor", "wrapper_descriptor", "classmethod_descriptor"}
)
"""Names of the classes of functions without a definition in Python."""


def _maker(owner: type, asked: Asked, remarks: list[str]) -> "_Part":
    """What makes an instance: its constructor; where that does not tell what it takes, as of classes that are made of
    their fields, any value of the class as a parameter's type.
    """
    name = f"{owner.__qualname__}()"

    def made(value: Any) -> Any:
        return value

    made.__annotations__ = {"value": owner}
    try:
        what = _constructor(owner, asked)
        is_told = _is_told(what, owner)
    except HarnessError:
        if getattr(owner, "__abstractmethods__", None):
            raise
        is_told = False
    if not is_told:
        with suppress(HarnessError):
            return _part(_Callable(made, made, 0), name, asked, remarks)
    return _part(_constructor(owner, asked), name, asked, remarks)


def _is_told(what: _Callable, owner: type) -> bool:
    """Whether a constructor tells what it takes: `**fields` do not, nor does a metaclass that is called."""
    if what.declared is None:
        return type(owner).__call__ is type.__call__
    return bool(_formals(what)) or not unwrap(what.declared)[0].__code__.co_flags & 0x08  # CO_VARKEYWORDS


def _constructor(cls: type, asked: Asked) -> _Callable:
    spec = asked.spec
    if abstract := getattr(cls, "__abstractmethods__", None):
        missing = ", ".join(sorted(abstract)[:3])
        raise Uncallable(f"{spec}: {cls.__qualname__} is abstract, it lacks {missing}: name a class derived from it")
    for name in ("__init__", "__new__"):
        method = getattr(cls, name)
        if isinstance(method, FunctionType):
            return _Callable(cls, method, 1, None, cls)
    if any(getattr(cls, name) is not getattr(object, name) for name in ("__init__", "__new__")):
        if (told := _stubbed(_Callable(cls, None, 0, None, cls), _names_of(cls, asked))) is not None:
            return told._replace(bound=1)
        raise Uncallable(compiled(spec))
    return _Callable(cls, None, 0)


def _without_parameters(spec: str, what: _Callable) -> str:
    if what.declared is not None and _formals(what):
        return f"{spec} takes nothing without a default, so there is nothing to fuzz it with: add --all-parameters"
    return f"{spec} takes nothing, so there is nothing to fuzz it with"


# Its parameters ---------------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """One call of two: that which makes an instance, and that of the function."""

    function: Callable[..., object]
    definition: FunctionType | None
    """That which says what it takes; None if it takes nothing."""
    given: Given
    signature: Signature | None
    """None where nothing is given."""
    deferred: str


def _part(what: _Callable, name: str, asked: Asked, remarks: list[str], *, needs_instance: bool = False) -> _Part:
    if what.declared is not None and not all(each.is_usable for each in _asked_for(what, asked)):
        what = _overloaded(what) or _stubbed(what, _names_of(what.function, asked)) or what
    declared = what.declared
    if declared is None:
        return _Part(what.function, None, Given(), None, "")
    waits = deferral(declared) if what.deferred is None else what.deferred
    if waits == ASYNC_GENERATOR:
        raise Uncallable(f"{asked.spec} is {waits}: write a harness that runs it by asyncio.run")
    formals = [_tried(formal, what, name, asked, remarks) for formal in _formals(what)]
    chosen = given(formals, all_parameters=asked.all_parameters)
    bare = [formal.name for formal in formals if formal.name in chosen.names and not formal.is_usable]
    for parameter in bare:
        if not parameter_of(declared, parameter).annotation:
            every = [parameter_of(declared, each) for each in chosen.names]
            sentence = unannotated(
                asked.module, name.removesuffix("()"), parameter, every, needs_instance=needs_instance
            )
            raise Uncallable(f"{location(declared)}: {sentence}")
    signature = taken_of(declared, chosen.names, name, names_for_checkers, what.itself) if chosen.names else None
    return _Part(what.function, unwrap(declared)[0], chosen, signature, waits)


def _asked_for(what: _Callable, asked: Asked) -> Iterator[Formal]:
    """The parameters that are to be given."""
    return (each for each in _formals(what) if asked.all_parameters or not each.has_default)


def _formals(what: _Callable) -> list[Formal]:
    assert what.declared is not None
    function, _ = unwrap(what.declared)
    code = function.__code__
    count, names = code.co_argcount, code.co_varnames
    defaults = count - len(function.__defaults__ or ())
    found = [
        Formal(
            name,
            How.BY_PLACE if at < code.co_posonlyargcount else How.EITHER,
            at >= defaults,
            name in function.__annotations__,
        )
        for at, name in enumerate(names[:count])
    ]
    by_name = function.__kwdefaults__ or {}
    found += [
        Formal(name, How.BY_NAME, name in by_name, name in function.__annotations__)
        for name in names[count : count + code.co_kwonlyargcount]
    ]
    return found[what.bound :]


def _tried(formal: Formal, what: _Callable, name: str, asked: Asked, remarks: list[str]) -> Formal:
    """The same; a parameter with a default of which no values can be made keeps that, which is said."""
    if not (asked.all_parameters and formal.has_default and formal.is_usable):
        return formal
    assert what.declared is not None
    try:
        taken_of(what.declared, [formal.name], name, names_for_checkers, what.itself)
    except HarnessError as error:
        remarks.append(f"{formal.name} keeps its default: {error}")
        return formal._replace(is_usable=False)
    return formal


# The call ---------------------------------------------------------------------------------------------------------


def _ready(
    parts: Sequence[_Part],
    asked: Asked,
    function: Callable[..., object],
    module: ModuleType,
    owner: type | None,
    remarks: list[str],
) -> LoadedTarget:
    *makers, last = parts
    called = _run(_by_name(last.function, last.given, bound=len(makers)), last.deferred)
    refusals = None
    build = _build(parts)
    if build is not None:
        refusals = Refusals(is_code=bool(makers))  # who finds a way through a constructor comes to the method
        called = building(called, build, refusals)
    spaces = _spaces(function, module, owner)
    documented = _documented(function, spaces)
    raises = tuple(_contract(asked, documented, spaces, remarks))
    target = LoadedTarget(called, _parameters(parts), [], raises, None, refusals)
    if DOCUMENTED not in asked.raises:
        target.documented = tuple([each for each in documented.values() if each is not None])
    unknown = {spec: each for part in parts if part.signature for spec, each in part.signature.unknown.items()}
    if unknown and build is not None:
        target.left = left(unknown, build, next(each.definition for each in reversed(parts) if each.definition))
    return target


def _by_name(function: Callable[..., object], chosen: Given, bound: int) -> Callable[..., object]:
    """The function as one that takes all values by place; `bound` more come first."""
    if not chosen.by_name:
        return function
    names, count = chosen.by_name, bound + len(chosen.by_place)

    def call(*values: Any) -> object:
        return function(*values[:count], **dict(zip(names, values[count:], strict=True)))

    return call


def _run(function: Callable[..., Any], waits: str) -> Callable[..., object]:
    """The function as one whose call runs it to its end."""
    if waits == GENERATOR:
        from itertools import islice

        def exhaust(*values: Any) -> None:
            for _ in islice(function(*values), MOST_YIELDED):
                pass

        return exhaust
    if waits == ASYNC:
        from asyncio import run

        return lambda *values: run(function(*values))
    return function


def _build(parts: Sequence[_Part]) -> Callable[[tuple[Any, ...]], Sequence[Any]] | None:
    """From plain values to what the function is called with; None where these are the same."""
    *makers, last = parts
    own = last.signature.build if last.signature is not None else None
    if not makers:
        return own
    (maker,) = makers
    count = len(maker.given.names)
    make = _by_name(maker.function, maker.given, bound=0)
    before = maker.signature.build if maker.signature is not None else None

    def build(values: tuple[Any, ...]) -> Sequence[Any]:
        first, rest = values[:count], values[count:]
        instance = make(*(first if before is None else before(first)))
        return (instance, *(rest if own is None else own(rest)))

    return build


# What it may raise ------------------------------------------------------------------------------------------------


def _spaces(function: Callable[..., object], module: ModuleType, owner: type | None) -> list[Mapping[str, Any]]:
    """Where names in the function's docstring are looked for, and such as people write of it."""
    try:
        spaces: list[Mapping[str, Any]] = [unwrap(_definition(function))[0].__globals__, vars(module), vars(builtins)]
    except HarnessError:
        spaces = [vars(module), vars(builtins)]
    return spaces + [vars(cls) for cls in (owner, function) if isinstance(cls, type)]


def _definition(function: Callable[..., object]) -> Callable[..., object]:
    return function.__init__ if isinstance(function, type) else function  # type: ignore[misc]


def _documented(
    function: Callable[..., object], spaces: Sequence[Mapping[str, Any]]
) -> dict[str, type[BaseException] | None]:
    """The exceptions that the function's docstring names, and those of its class; None for what nobody knows."""
    texts = [getattr(each, "__doc__", None) for each in dict.fromkeys((function, _definition(function)))]
    found = {}
    for name in dict.fromkeys(name for text in texts if isinstance(text, str) for name in raised(text)):
        place, _, last = name.rpartition(".")
        loaded = [vars(sys.modules[place])] if place in sys.modules else []
        found[name] = _exception(name, spaces) or _exception(last, loaded)
    return found


def _contract(
    asked: Asked,
    documented: Mapping[str, type[BaseException] | None],
    spaces: Sequence[Mapping[str, Any]],
    remarks: list[str],
) -> Iterator[type[BaseException]]:
    for name in asked.raises:
        if name == DOCUMENTED:
            yield from _known(asked, documented, remarks)
            continue
        found = _exception(name, spaces) or _imported(name)
        if found is None:
            raise Uncallable(
                f"--raises: there is no exception {name}{_near(name, _exceptions(spaces))}"
                f"{'' if '.' in name else f'; one of another module is named as package.module.{name}'}"
            )
        yield found


def _known(
    asked: Asked, documented: Mapping[str, type[BaseException] | None], remarks: list[str]
) -> Iterator[type[BaseException]]:
    if not documented:
        remarks.append(f"--raises {DOCUMENTED}: the docstring of {asked.spec} names no exception that it may raise")
    for name, found in documented.items():
        if found is None:
            words = f"{asked.spec} is documented to raise {name}, and nobody knows what that is"
            remarks.append(f"{words}: name it by --raises")
        else:
            yield found


def _exception(name: str, spaces: Sequence[Mapping[str, Any]]) -> type[BaseException] | None:
    first, *rest = name.split(".")
    for space in spaces:
        value = space.get(first)
        for part in rest:
            value = getattr(value, part, None)
        if isinstance(value, type) and issubclass(value, BaseException):
            return value
    return None


def _imported(name: str) -> type[BaseException] | None:
    """One that is named with its module."""
    module, _, last = name.rpartition(".")
    if not all(part.isidentifier() for part in name.split(".")) or not module:
        return None
    try:
        with reported(f"importing {module}", LoadFailed):
            space = vars(importlib.import_module(module))
    except LoadFailed:
        return None
    return _exception(last, [space])


def _exceptions(spaces: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        name
        for space in spaces
        for name, value in list(space.items())
        if isinstance(value, type) and issubclass(value, BaseException)
    ]
