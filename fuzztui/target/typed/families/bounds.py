"""`Annotated`: bounds of numbers and lengths, and what values are made from.

The bounds are those of `annotated_types`, which `pydantic` has too, of `msgspec`, and what validators of `attrs` want.
Nothing of these is imported: their objects are told by where their classes are from and by their attributes.
"""

from collections.abc import Callable, Iterator
from math import ceil, floor, inf, nextafter
from re import search
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed.conversions import CONVERSIONS, ZONED, ZONES, zone_name
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import Choice, Either, Made, Many, Maybe, Named, Record, Scalar, Spec
from fuzztui.target.typed.typed import Typed
from fuzztui.target.typed.typing_objects import origin_name
from fuzztui.target.via import Via

__builtins__ = PRIVATE_BUILTINS

_LIBRARIES: Final = ("annotated_types", "pydantic", "pydantic_core", "msgspec", "attr")

_COMPARED: Final = {">": "gt", ">=": "ge", "<": "lt", "<=": "le"}
"""Operator of a validator of attrs -> bound."""

Check = Callable[[Any], bool]

_STEPPED: Final = ("date", "timedelta", "UUID", "IPv4Address", "IPv6Address")
"""Classes made from an int, in whose order they are."""


class RefusedError(ValueError):
    """A value that is against what its annotation says of it."""


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The annotated type, within bounds."""
    if origin_name(annotation) != "Annotated":
        return None
    metadata = annotation.__metadata__
    made = next((each for each in metadata if isinstance(each, Via)), None)
    typed = resolver.of(annotation.__origin__, scope) if made is None else _made(resolver, made, scope)
    return bounded(typed, metadata, scope)


def bounded(typed: Typed, metadata: Any, scope: Scope) -> Typed:
    """A type with what such metadata say of its values."""
    for name, bound in _constraints(metadata):
        try:
            spec, check = _narrowed(typed.spec, name, bound)
        except (TypeError, ValueError) as error:
            raise UnsupportedError(
                f"{scope.place} has the bound {name}={bound!r}, which does not fit: {error}"
            ) from None
        typed = typed._replace(spec=spec)
        if check is not None:
            typed = typed._replace(build=_checked(typed.build, check, f"{name}={bound!r}"))
    if _is_void(typed.spec):
        raise UnsupportedError(f"{scope.place} has bounds between which there is no value")
    return typed


def _made(resolver: Resolver, via: Via, scope: Scope) -> Typed:
    inner = resolver.of(via.type, scope)
    build, make = inner.build, via.build
    name = getattr(make, "__qualname__", type(make).__qualname__)

    def plain(value: Any) -> Any:
        if via.back is None:
            raise ValueError(f"{type(value).__qualname__}, of which via(..., {name}) does not say what it is made from")
        return inner.plain(via.back(value))

    return Typed(
        Made(inner.spec, "", getattr(make, "__module__", "") or "", name),
        make if build is None else lambda value: make(build(value)),
        plain,
    )


_NAMES: Final = (
    *("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern"),
    *("max_digits", "decimal_places"),
)


def _constraints(metadata: Any) -> Iterator[tuple[str, Any]]:
    for each in metadata:
        if type(each).__module__.partition(".")[0] not in _LIBRARIES:
            continue
        for name in _NAMES:
            bound = getattr(each, name, None)
            if bound is not None:
                yield name, bound
        match type(each).__name__:
            case "Predicate":
                yield "predicate", each.func
            case "Timezone":
                yield "tz", each.tz
            case "Meta" if each.tz is not None:
                yield "tz", ... if each.tz else None
            case "_NumberValidator" if each.compare_op in _COMPARED:
                yield _COMPARED[each.compare_op], each.bound
            case "_InValidator":
                yield "in", each.options
            case "_AndValidator":
                yield from _constraints(each._validators)
            case "_OptionalValidator":
                yield from _constraints((each.validator,))
            case "_DeepIterable":
                yield from _constraints((each.iterable_validator,))
                yield "each", tuple(_constraints((each.member_validator,)))
        inner = getattr(each, "metadata", None)
        if isinstance(inner, list | tuple):
            yield from _constraints(inner)


def _checked(build: Callable[[Any], Any] | None, check: Check, words: str) -> Callable[[Any], Any]:
    def build_checked(value: Any) -> Any:
        made = value if build is None else build(value)
        if made is not None and not check(made):
            raise RefusedError(f"a value against {words}")
        return made

    return build_checked


def _check(name: str, bound: Any) -> Check:
    checks: dict[str, Check] = {
        "gt": lambda value: value > bound,
        "ge": lambda value: value >= bound,
        "lt": lambda value: value < bound,
        "le": lambda value: value <= bound,
        "multiple_of": lambda value: not value % bound,
        "min_length": lambda value: len(value) >= bound,
        "max_length": lambda value: len(value) <= bound,
        "max_digits": lambda value: value.is_finite() and len(value.as_tuple().digits) <= bound,
        "decimal_places": lambda value: value.is_finite() and value.as_tuple().exponent >= -bound,
        "pattern": lambda value: search(getattr(bound, "pattern", bound), value) is not None,
        "predicate": bound,
        "in": lambda value: value in bound,
        "each": lambda _: True,
        "tz": lambda value: (value.tzinfo is None) == (bound is None),
    }
    return checks[name]


_ORDERED: Final = ("gt", "ge", "lt", "le")


def _narrowed(spec: Spec, name: str, bound: Any) -> tuple[Spec, Check | None]:
    """The spec within a bound, and what is to be checked of each value where a spec cannot say it."""
    match spec:
        case Maybe(of=of) | Named(of=of):
            inner, check = _narrowed(of, name, bound)
            return spec._replace(of=inner), check
        case Either(members=members):
            parts = [_narrowed(each, name, bound) for each in members]
            checks = [check for _, check in parts if check is not None]
            return Either(tuple([part for part, _ in parts])), _where_it_applies(checks[0]) if checks else None
        case Scalar(kind="int" | "float") if name in (*_ORDERED, "multiple_of"):
            return _number(spec, name, bound), None
        case Scalar(kind="str" | "bytes") if name in ("min_length", "max_length"):
            return _length(spec, name, bound), None
        case Many() if name == "min_length":
            return spec._replace(least=max(spec.least, int(bound))), None
        case Many() if name == "max_length":
            return spec._replace(most=int(bound) if spec.most is None else min(spec.most, int(bound))), None
        case Made(by=by, of=Scalar() as of) if by in _STEPPED and name in _ORDERED:
            return spec._replace(of=_number(of, name, CONVERSIONS[by].plain(bound))), None
        case Many(of=of) if name == "each":
            for inner_name, inner_bound in bound:
                of, _ = _narrowed(of, inner_name, inner_bound)
            return spec._replace(of=of), None
        case Scalar(kind=kind) if name == "in" and (options := _of_kind(kind, bound)):
            return Choice(options), None
        case Made(by="datetime", of=Record() as of) if name in _ORDERED and type(bound).__name__ == "datetime":
            return spec._replace(of=_dated(of, name, bound)), _check(name, bound)
        case Made(by=by, of=Record() as of) if by in ZONED and name == "tz":
            return spec._replace(of=_zoned(of, bound)), None
        case (
            Made(by="bytearray", of=Scalar() as of) | Made(module="pydantic", of=Scalar(kind="str" | "bytes") as of)
        ) if name in ("min_length", "max_length"):
            return spec._replace(of=_length(of, name, bound)), None
        case Made(by="Decimal", of=Either() as of) if name in (*_ORDERED, "max_digits", "decimal_places"):
            return spec._replace(of=_decimal(of, name, bound)), _check(name, bound)
        case Choice(options=(None,)):
            return spec, None
        case _:
            return spec, _check(name, bound)


def _decimal(of: Either, name: str, bound: Any) -> Either:
    """Decimals that may be within a bound: finite ones, of the sign and with the digits that it allows."""
    parts = of.members[0]
    assert isinstance(parts, Record)
    number, exponent = (field.of for field in parts.fields)
    assert isinstance(number, Scalar)
    if name == "decimal_places":
        exponent = Scalar("int", -int(bound), 0)
    elif name == "max_digits":
        most = 10 ** int(bound) - 1
        number = _number(_number(number, "ge", -most), "le", most)
    elif name in ("gt", "ge") and bound >= 0:
        number = _number(number, "gt" if bound > 0 else name, 0)
    elif name in ("lt", "le") and bound <= 0:
        number = _number(number, "lt" if bound < 0 else name, 0)
    fields = zip(parts.fields, (number, exponent), strict=True)
    return Either((parts._replace(fields=tuple([field._replace(of=each) for field, each in fields])),))


def _of_kind(kind: str, options: Any) -> tuple[Any, ...]:
    return tuple([each for each in options if type(each).__name__ == kind])


def _zoned(parts: Record, wanted: Any) -> Record:
    """The parts of a datetime with no zone (None), with any one (`...`), or with this."""
    zones: Spec = Choice(ZONES)
    if wanted is None:
        zones = Choice((None,))
    elif wanted is not ...:
        zones = Choice((zone_name(wanted),))
    fields = [each._replace(of=zones) if each.name == "zone" else each for each in parts.fields]
    return parts._replace(fields=tuple(fields))


def _dated(parts: Record, name: str, bound: Any) -> Record:
    """The parts of a datetime on days that may be within a bound: with a zone it may be another day elsewhere."""
    slack = 0 if bound.tzinfo is None else 1
    day = bound.toordinal()
    wanted = ("ge", day - slack) if name in ("gt", "ge") else ("le", day + slack)
    fields = [
        each._replace(of=_number(each.of, *wanted)) if each.name == "day" and isinstance(each.of, Scalar) else each
        for each in parts.fields
    ]
    return parts._replace(fields=tuple(fields))


def _where_it_applies(check: Check) -> Check:
    """The check of a union: it says nothing of members that have no order or no length."""

    def check_some(value: Any) -> bool:
        try:
            return check(value)
        except TypeError:
            return True

    return check_some


def _length(spec: Scalar, name: str, bound: Any) -> Scalar:
    if name == "min_length":
        return spec._replace(low=max(spec.low or 0, int(bound)))
    return spec._replace(high=int(bound) if spec.high is None else min(spec.high, int(bound)))


def _number(spec: Scalar, name: str, bound: Any) -> Scalar:
    if name == "multiple_of":
        return spec._replace(step=int(bound) if spec.kind == "int" and bound == int(bound) else float(bound))
    if bound in (inf, -inf) and spec.kind == "int":
        return spec
    if name in ("gt", "ge"):
        low = _above(spec.kind, bound, exclusive=name == "gt")
        return spec._replace(low=low if spec.low is None else max(spec.low, low))
    high = -_above(spec.kind, -bound, exclusive=name == "lt")
    return spec._replace(high=high if spec.high is None else min(spec.high, high))


def _above(kind: str, bound: Any, *, exclusive: bool) -> int | float:
    """The least number from a bound on."""
    if kind == "float":
        return nextafter(float(bound), inf) if exclusive else float(bound)
    return int(floor(bound) + 1 if exclusive else ceil(bound))


def _is_void(spec: Spec) -> bool:
    match spec:
        case Scalar(low=low, high=high) if low is not None and high is not None:
            return low > high or (spec.step is not None and -(-low // spec.step) * spec.step > high)
        case Many(least=least, most=most):
            return most is not None and least > most
        case Made(of=of):
            return _is_void(of)
        case _:
            return False
