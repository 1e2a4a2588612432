"""`list`, `tuple`, `set`, `frozenset`, `deque`, `dict`, and what stands for them."""

from collections import deque
from collections.abc import Callable, Collection
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed import plain
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import (
    DEQUE,
    DICT,
    FROZENSET,
    LIST,
    SET,
    TUPLE,
    UNIQUE,
    Either,
    Field,
    Many,
    Maybe,
    Named,
    Record,
    Spec,
)
from fuzztui.target.typed.typed import Build, Typed, built_parts, inside, of_class
from fuzztui.target.typed.typing_objects import arguments, is_alias, origin_name

__builtins__ = PRIVATE_BUILTINS

_CLASSES: Final[dict[str, Any]] = {
    LIST: list,
    TUPLE: tuple,
    SET: set,
    FROZENSET: frozenset,
    DEQUE: deque,
    DICT: dict,
}

_STAND_FOR: Final = {
    "Sequence": LIST,
    "MutableSequence": LIST,
    "Iterable": LIST,
    "Collection": LIST,
    "Reversible": LIST,
    "Container": LIST,
    "List": LIST,
    "Tuple": TUPLE,
    "Set": SET,
    "AbstractSet": SET,
    "MutableSet": SET,
    "FrozenSet": FROZENSET,
    "Deque": DEQUE,
    "Dict": DICT,
    "Mapping": DICT,
    "MutableMapping": DICT,
}
"""What is annotated by its behaviour, or as `typing` calls it -> what is made."""


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The type of a container, of which the elements have types."""
    if isinstance(annotation, type) and not is_alias(annotation):
        if annotation in _CLASSES.values():
            raise UnsupportedError(f"{scope.place} is annotated {annotation.__name__}, {_ELEMENTS[annotation]}")
        return None
    name = origin_name(annotation)
    form = _STAND_FOR.get(name, name)
    if form not in _CLASSES or (form == name and annotation.__origin__ is not _CLASSES[form]):
        return None
    given = arguments(annotation)
    if not given and form != TUPLE:
        raise UnsupportedError(f"{scope.place} is annotated {name}, {_ELEMENTS[_CLASSES[form]]}")
    if form == TUPLE and not (len(given) == 2 and given[1] is Ellipsis):
        return _tuple(resolver, given, scope)
    if form == DICT:
        key, value = (resolver.of(each, scope) for each in given)
        return many(DICT, fixed([key, value]), scope)
    return many(form, resolver.of(given[0], scope), scope)


_ELEMENTS: Final[dict[Any, str]] = {
    list: "which does not say of what: write list[int] or the like",
    tuple: "which does not say of what: write tuple[int, str] or tuple[int, ...]",
    set: "which does not say of what: write set[int] or the like",
    frozenset: "which does not say of what: write frozenset[int] or the like",
    deque: "which does not say of what: write deque[int] or the like",
    dict: "which does not say of what: write dict[str, int] or the like",
}


def _tuple(resolver: Resolver, given: tuple[Any, ...], scope: Scope) -> Typed:
    """A tuple of these, one of which may stand for several: `*tuple[int, ...]`."""
    unpacked = [_is_unpacked(each) for each in given]
    if not any(unpacked):
        return fixed([resolver.of(each, scope) for each in given])
    if unpacked.count(True) > 1:
        raise UnsupportedError(f"{scope.place} is a tuple with several parts of any length: want one at most")
    at = unpacked.index(True)
    after = len(given) - at - 1
    parts = [*given]
    # Without its star: `*tuple[int, ...]` is an alias of another kind than `Unpack[tuple[int, ...]]`.
    star = given[at]
    parts[at] = arguments(star)[0] if origin_name(star) == "Unpack" else star.__origin__[star.__args__]
    nested = fixed([resolver.of(each, scope) for each in parts])
    build = nested.build

    def flat(plain_value: Any) -> Any:
        made = plain_value if build is None else build(plain_value)
        return (*made[:at], *made[at], *made[at + 1 :])

    def plain_of(value: Any) -> Any:
        of_class(tuple, "tuple", value)
        end = len(value) - after
        if end < at:
            raise ValueError(f"a tuple of {len(value)}, want {at + after} at least")
        return nested.plain((*value[:at], value[at:end], *value[end:]))

    return Typed(nested.spec, flat, plain_of)


def _is_unpacked(annotation: Any) -> bool:
    return bool(getattr(annotation, "__unpacked__", False)) or origin_name(annotation) == "Unpack"


def fixed(parts: list[Typed]) -> Typed:
    """A tuple of these."""

    def plain_of(value: Any) -> Any:
        of_class(tuple, "tuple", value)
        if len(value) != len(parts):
            raise ValueError(f"a tuple of {len(value)}, want {len(parts)}")
        return tuple(
            [inside(f"[{at}]", part.plain, each) for at, (part, each) in enumerate(zip(parts, value, strict=True))]
        )

    build = built_parts([part.build for part in parts])
    spec = Record(TUPLE, tuple([Field("", part.spec) for part in parts]))
    return Typed(spec, None if build is None else lambda value: tuple(build(value)), plain_of)


def many(form: str, of: Typed, scope: Scope) -> Typed:
    """Any number of these; `of` is a pair where they make a dict."""
    hashed = of.spec.fields[0].of if form == DICT and isinstance(of.spec, Record) else of.spec
    if form in UNIQUE and not _is_hashable(hashed):
        raise UnsupportedError(f"{scope.place} is a {form} whose {what_of(form)} are not hashable: want a type that is")
    if form in UNIQUE and (why := _refused(of, form == DICT)):
        raise UnsupportedError(
            f"{scope.place} is a {form}, and its {what_of(form)} are not hashable ({why}): {_HASHED}"
        )
    return Typed(Many(form, of.spec), _built(form, of.build), _plain(form, of.plain))


_HASHED: Final = "write a type that is, such as a dataclass(frozen=True)"


def what_of(form: str) -> str:
    """What has to be hashable in a container."""
    return "keys" if form == DICT else "elements"


def _refused(of: Typed, is_pair: bool) -> str:
    """Why the first value cannot be hashed; empty if it can, or if there is none: its class may refuse it."""
    try:
        first = plain.zero(of.spec)
        made = first if of.build is None else of.build(first)
    except Exception:
        return ""
    try:
        hash(made[0] if is_pair else made)
    except Exception as error:
        return str(error)
    return ""


def _is_hashable(spec: Spec) -> bool:
    match spec:
        case Many(form=form, of=of):
            return form in (TUPLE, FROZENSET) and _is_hashable(of)
        case Record(form=form, fields=fields):
            return form != DICT and (form != TUPLE or all(_is_hashable(field.of) for field in fields))
        case Maybe(of=of) | Named(of=of):
            return _is_hashable(of)
        case Either(members=members):
            return all(map(_is_hashable, members))
        case _:
            return True


def _built(form: str, inner: Build | None) -> Build | None:
    cls = _CLASSES[form]
    if inner is None:
        return None if form == TUPLE else cls
    if form == LIST:
        return lambda value: [inner(each) for each in value]
    return lambda value: cls([inner(each) for each in value])


def _plain(form: str, inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    cls = _CLASSES[form]

    def plain_of(value: Any) -> Any:
        of_class(cls, form, value)
        elements: Collection[Any] = value.items() if form == DICT else value
        return tuple([inside(f"[{at}]", inner, each) for at, each in enumerate(elements)])

    return plain_of
