"""The signature of a function of which some parameters have types that are put together."""

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import Declaration, Signature
from fuzztui.target.typed.plain import adopted
from fuzztui.target.typed.resolve import Resolver
from fuzztui.target.typed.spec import Scalar
from fuzztui.target.typed.text import write
from fuzztui.target.typed.typed import Typed, built_parts, inside

__builtins__ = PRIVATE_BUILTINS


def typed(
    declared: Declaration,
    annotations: Sequence[tuple[str, Any]],
    function: FunctionType,
    more: Mapping[str, Any] = {},
    itself: type | None = None,
) -> Signature:
    """What the function takes; UnsupportedError for an annotation of which no values can be made. `more`: what
    annotations may name besides what the function itself may; `itself`: the class whose method it is.
    """
    resolver = Resolver()
    made = _typed(declared, annotations, function, more, itself, resolver)
    if resolver.unsettled:
        resolver = Resolver(frozenset(resolver.unsettled))
        made = _typed(declared, annotations, function, more, itself, resolver)
    return made


def _typed(
    declared: Declaration,
    annotations: Sequence[tuple[str, Any]],
    function: FunctionType,
    more: Mapping[str, Any],
    itself: type | None,
    resolver: Resolver,
) -> Signature:
    names = {**more, **_names(function)}
    types: list[Typed | None] = []
    parameters: list[str] = []
    for parameter, (name, annotation) in zip(declared.parameters, annotations, strict=True):
        made = None
        if parameter.kind is None:
            made = resolver.parameter(annotation, names, f"parameter {name} of {declared.name}", itself)
        if parameter.kind is not None:
            parameters.append(parameter.kind.name)
        elif made is not None and type(made.spec) is Scalar and made.spec == Scalar(made.spec.kind):
            parameters.append(made.spec.kind)
        else:
            assert made is not None
            parameters.append(write(made.spec))
        types.append(made)
    return Signature(
        tuple(parameters),
        built_parts([None if each is None else each.build for each in types]) or tuple,
        _plain(declared, types),
        resolver.unknown,
    )


def _names(function: FunctionType) -> Mapping[str, Any]:
    """What names mean where the function is defined: those of the functions around it too, as far as it has them."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    around = {}
    for name, cell in cells:
        try:
            around[name] = cell.cell_contents
        except ValueError:  # nothing is bound to it yet
            continue
    own = {each.__name__: each for each in getattr(function, "__type_params__", ())}
    return {**function.__globals__, **around, **own}


def _plain(declared: Declaration, types: Sequence[Typed | None]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    def plain(values: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(values) != len(types):
            raise ValueError(f"{len(values)} values, want {len(types)}")
        found = []
        for value, made, parameter in zip(values, types, declared.parameters, strict=True):
            if made is None:
                assert parameter.kind is not None
                if not parameter.kind.is_class(type(value)):
                    raise ValueError(f"{parameter.name}: {type(value).__qualname__}, want {parameter.kind.name}")
                found.append(value)
            else:
                found.append(adopted(made.spec, inside(parameter.name, made.plain, value)))
        return tuple(found)

    return plain
