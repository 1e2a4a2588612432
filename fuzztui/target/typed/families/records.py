"""Dataclasses, `NamedTuple` and `TypedDict`; and how any class with annotated parts is made a type."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed.families.bounds import bounded
from fuzztui.target.typed.families.generics import Class, class_of
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import CLASS, DICT, Field, Record
from fuzztui.target.typed.typed import Build, Typed, built_parts, inside, of_class
from fuzztui.target.typed.typing_objects import arguments, origin_name, special

__builtins__ = PRIVATE_BUILTINS


class Part(NamedTuple):
    """What a class is given to make an instance."""

    name: str
    """Of the parameter."""
    attribute: str
    """Of the instance, that has it then."""
    annotation: Any
    scope: Scope
    """Where the annotation stands."""
    by_name: bool = False
    may_lack: bool = False
    metadata: tuple[Any, ...] = ()
    """What says which values it may have, beside the annotation."""


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The type of a class whose annotations say how an instance is made."""
    found = class_of(annotation, scope)
    if found is None:
        return None
    if isinstance(getattr(found.cls, "__dataclass_fields__", None), dict):
        return record(resolver, found, scope, _dataclass_parts)
    if issubclass(found.cls, tuple) and hasattr(found.cls, "_fields"):
        return record(resolver, found, scope, _named_tuple_parts)
    if type(found.cls).__name__ == "_TypedDictMeta":
        return record(resolver, found, scope, _typed_dict_parts)
    return None


def record(resolver: Resolver, found: Class, scope: Scope, parts_of: Callable[[Class, Scope], Iterator[Part]]) -> Typed:
    """The type of a class, of which a function tells the parts."""
    cls = found.cls

    def make() -> Typed:
        parts = list(parts_of(found, scope))
        types = [_type_of(part, resolver, _around(part, found)) for part in parts]
        fields = [
            Field(part.name, typed.spec, part.by_name, part.may_lack) for part, typed in zip(parts, types, strict=True)
        ]
        if type(cls).__name__ == "_TypedDictMeta":
            spec = Record(DICT, tuple(fields), cls.__module__, cls.__qualname__)
            return Typed(spec, _built_dict(fields, types), _plain_dict(fields, types))
        spec = Record(CLASS, tuple(fields), cls.__module__, cls.__qualname__)
        return Typed(spec, built(cls, fields, types), _plain(cls, parts, types))

    given = ", ".join(getattr(each, "__name__", str(each)) for each in found.given)
    label = f"{cls.__qualname__}[{given}]" if given else cls.__qualname__
    return resolver.recursive((cls, found.given), label, make)


def _type_of(part: Part, resolver: Resolver, scope: Scope) -> Typed:
    typed = resolver.of(part.annotation, scope)
    return bounded(typed, part.metadata, scope) if part.metadata else typed


def _around(part: Part, found: Class) -> Scope:
    itself = found.cls[found.given] if found.given else found.cls
    return part.scope._replace(place=f"{found.cls.__qualname__}.{part.name}", itself=itself)


# Values -----------------------------------------------------------------------------------------------------------


def built(cls: Any, fields: Sequence[Field], types: Sequence[Typed]) -> Build:
    """What calls a class, or anything else, with the values of its fields."""
    parts = built_parts([each.build for each in types])
    by_position = sum(not field.by_name for field in fields)
    names = tuple([field.name for field in fields[by_position:]])
    if not names:
        if parts is None:
            return lambda values: cls(*values)
        return lambda values: cls(*parts(values))
    build = parts if parts is not None else tuple
    if not by_position:
        return lambda values: cls(**dict(zip(names, build(values), strict=True)))

    def build_both(values: Any) -> Any:
        built = build(values)
        return cls(*built[:by_position], **dict(zip(names, built[by_position:], strict=True)))

    return build_both


def _built_dict(fields: Sequence[Field], types: Sequence[Typed]) -> Build:
    def build(values: Any) -> Any:
        made = {}
        for field, typed, value in zip(fields, types, values, strict=True):
            if field.may_lack:
                if not value:
                    continue
                value = value[0]
            made[field.name] = value if typed.build is None else typed.build(value)
        return made

    return build


def _plain(cls: Any, parts: Sequence[Part], types: Sequence[Typed]) -> Callable[[Any], Any]:
    def plain(value: Any) -> Any:
        of_class(cls, cls.__qualname__, value)
        return tuple(
            [
                inside(f".{part.name}", typed.plain, _attribute(value, part))
                for part, typed in zip(parts, types, strict=True)
            ]
        )

    return plain


def _attribute(value: Any, part: Part) -> Any:
    try:
        return getattr(value, part.attribute)
    except AttributeError:
        raise ValueError(f"{type(value).__qualname__} has no attribute {part.attribute} to tell what it was") from None


def _plain_dict(fields: Sequence[Field], types: Sequence[Typed]) -> Callable[[Any], Any]:
    def plain(value: Any) -> Any:
        of_class(dict, "dict", value)
        if odd := [key for key in value if key not in [field.name for field in fields]]:
            raise ValueError(f"the key {odd[0]!r} is none of its own")
        found: list[Any] = []
        for field, typed in zip(fields, types, strict=True):
            if field.name not in value:
                if not field.may_lack:
                    raise ValueError(f"the key {field.name!r} is missing")
                found.append(())
                continue
            part = inside(f"[{field.name!r}]", typed.plain, value[field.name])
            found.append((part,) if field.may_lack else part)
        return tuple(found)

    return plain


# Parts ------------------------------------------------------------------------------------------------------------


def own_annotations(cls: Any) -> Mapping[str, Any]:
    """What is annotated in the body of a class. (`inspect` would load half of the library.)"""
    found: Mapping[str, Any] = cls.__dict__.get("__annotations__", {})  # noqa: RUF063
    return found


def owner_of(cls: Any, name: str) -> Any:
    """The class in whose body an attribute is annotated: there its annotation has its meaning."""
    return next((each for each in cls.__mro__ if name in own_annotations(each)), cls)


def scope_of(found: Class, name: str, scope: Scope) -> Scope:
    """Where the annotation of an attribute stands."""
    return scope.of_class(owner_of(found.cls, name), found.variables)


def _dataclass_parts(found: Class, scope: Scope) -> Iterator[Part]:
    cls = found.cls
    if not cls.__dataclass_params__.init:
        words = "a dataclass with an __init__ of its own: want one that is made by its fields"
        raise UnsupportedError(f"{scope.place} is annotated {cls.__qualname__}, {words}")
    by_name = []
    for field in cls.__dataclass_fields__.values():
        kind = str(getattr(field._field_type, "name", ""))
        if kind == "_FIELD_CLASSVAR" or not field.init:
            continue
        part = Part(field.name, field.name, field.type, scope_of(found, field.name, scope), bool(field.kw_only))
        if part.by_name:
            by_name.append(part)
        else:
            yield part
    yield from by_name


def _named_tuple_parts(found: Class, scope: Scope) -> Iterator[Part]:
    annotations: Mapping[str, Any] = {}
    for each in reversed(found.cls.__mro__):
        annotations = {**annotations, **own_annotations(each)}
    for name in found.cls._fields:
        if name not in annotations:
            words = f"{found.cls.__qualname__}, whose {name} has no type: write it as a typing.NamedTuple"
            raise UnsupportedError(f"{scope.place} is annotated {words}")
        yield Part(name, name, annotations[name], scope_of(found, name, scope))


def _typed_dict_parts(found: Class, scope: Scope) -> Iterator[Part]:
    cls = found.cls
    inner = scope.of_class(cls, found.variables)
    for name, annotation in cls.__annotations__.items():
        wanted = annotation
        if special(wanted) == "ForwardRef" and isinstance(getattr(wanted, "__forward_module__", None), str):
            wanted = wanted.__forward_arg__
        may_lack = name not in cls.__required_keys__
        mark = origin_name(wanted)
        if mark in ("Required", "NotRequired"):
            may_lack = mark == "NotRequired"
            (wanted,) = arguments(wanted)
        elif special(wanted) == "ForwardRef" or isinstance(wanted, str):
            text = wanted if isinstance(wanted, str) else wanted.__forward_arg__
            if text.partition("[")[0].rpartition(".")[2] == "NotRequired":
                may_lack = True
            elif text.partition("[")[0].rpartition(".")[2] == "Required":
                may_lack = False
        yield Part(name, name, wanted, inner, may_lack=may_lack)
