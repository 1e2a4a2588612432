"""Classes of attrs, msgspec and pydantic, where the target has loaded these; they are never imported for it."""

from collections.abc import Iterator
from typing import Annotated, Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed.families.generics import Class, class_of, substituted
from fuzztui.target.typed.families.records import Part, own_annotations, owner_of, record, scope_of
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.typed import Typed
from fuzztui.target.typed.typing_objects import loaded

__builtins__ = PRIVATE_BUILTINS


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The type of such a class."""
    if type(annotation).__name__ == "PydanticRecursiveRef" and scope.itself is not None:
        return resolver.of(scope.itself, scope)  # a generic model that holds itself
    found = class_of(annotation, scope)
    if found is None:
        return None
    cls = found.cls
    if isinstance(cls.__dict__.get("__attrs_attrs__"), tuple):
        return record(resolver, found, scope, _attrs_parts)
    msgspec = loaded("msgspec")
    if msgspec is not None and issubclass(cls, getattr(msgspec, "Struct", ())):
        return record(resolver, found, scope, _struct_parts)
    pydantic = loaded("pydantic")
    if pydantic is not None and issubclass(cls, getattr(pydantic, "BaseModel", ())):
        return record(resolver, found, scope, _model_parts)
    return None


def _attrs_parts(found: Class, scope: Scope) -> Iterator[Part]:
    by_name = []
    for each in found.cls.__attrs_attrs__:
        if not each.init:
            continue
        name = each.alias or each.name.lstrip("_")
        taken = found.cls.__init__.__annotations__.get(name, each.type) if each.converter is not None else each.type
        if taken is None:
            where = f"{found.cls.__qualname__}.{each.name}"
            raise UnsupportedError(f"{scope.place} is annotated {found.cls.__qualname__}: {where} has no type")
        inner = scope_of(found, each.name, scope)
        # What a converter makes of a value is what a validator sees.
        wanted = (each.validator,) if each.converter is None and each.validator is not None else ()
        part = Part(name, each.name, taken, inner, bool(each.kw_only), metadata=wanted)
        if part.by_name:
            by_name.append(part)
        else:
            yield part
    yield from by_name


def _struct_parts(found: Class, scope: Scope) -> Iterator[Part]:
    for name in found.cls.__struct_fields__:
        annotation = own_annotations(owner_of(found.cls, name))[name]
        yield Part(name, name, annotation, scope_of(found, name, scope), by_name=True)


def _model_parts(found: Class, scope: Scope) -> Iterator[Part]:
    cls = found.cls
    fields = getattr(cls, "__pydantic_fields__", None) or getattr(cls, "model_fields", None)
    if not isinstance(fields, dict):
        raise UnsupportedError(f"{scope.place} is annotated {cls.__qualname__}, a model of pydantic before 2")
    for name, field in fields.items():
        if field.init is False:
            continue
        annotation = substituted(field.annotation, found.variables)
        for each in field.metadata:
            annotation = Annotated[annotation, each]
        alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
        by_alias = alias if isinstance(alias, str) else name
        yield Part(by_alias, name, annotation, scope_of(found, name, scope), by_name=True)
