"""The classes of which typed values are, as far as their objects are looked into: see `worker.mutate.objects`."""

import sys
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed import plain, text
from fuzztui.target.typed.conversions import CONVERSIONS, ZONED
from fuzztui.target.typed.spec import Again, Choice, Either, Made, Many, Maybe, Named, Record, Scalar, Spec
from fuzztui.worker.mutate.objects import KNOWN, Known, Object

__builtins__ = PRIVATE_BUILTINS


def look_into(parameters: Sequence[str]) -> None:
    """From now on the objects of the classes that these parameters consist of are operands. They must be loaded."""
    KNOWN.clear()
    for parameter in parameters:
        if text.is_spec(parameter):
            for node in _nodes(text.read(parameter)):
                known = _class_of(node)
                if known is not None:
                    KNOWN[id(known.cls)] = known


def kind_of(spec: Spec) -> str:
    """What the objects of a node are called here: `datetime`, or an enumeration's full name; empty if it has none."""
    match spec:
        case Made(by=by, module=module, name=name):
            return by or f"{module}.{name}"
        case Choice(module=module, name=name) if name:
            return f"{module}.{name}"
    return ""


def near(value: Any) -> Iterator[Any]:
    """What an object is made from that comes just before another one or just after, as far as that is simple."""
    match value:
        case int():
            yield from (value + 1, value - 1)
        case (int(day), int(time), zone, bool(fold)):  # datetime
            for step in (1, -1):
                days, rest = divmod(time + step, _DAY)
                yield day + days, rest, zone, fold
        case (int(time), zone, bool(fold)):
            yield from ((time + 1, zone, fold), (time - 1, zone, fold))
        case (0, (int(number), int(exponent))):  # Decimal
            for step in (1, -1):
                yield 0, (number + step, exponent)
                yield 0, (number * _FINER + step, exponent - _FINER_DIGITS)
        case (int(numerator), int(denominator)):  # Fraction
            for step in (1, -1):
                yield numerator + step, denominator
                yield numerator * _FINER + step, denominator * _FINER


def like(one: Object, number: object) -> Object | None:
    """The number that an object was compared with as an object of its class."""
    if type(number) is not int and (type(number) is not float or not isfinite(number)):
        return None
    match one.kind:
        case "Decimal" if type(number) is int:
            return Object(one.kind, (0, (number, 0)), number)
        case "Decimal":
            numerator, denominator = number.as_integer_ratio()
            digits = denominator.bit_length() - 1  # it is a power of two
            return Object(one.kind, (0, (numerator * 5**digits, -digits)), number)
        case "Fraction":
            return Object(one.kind, number.as_integer_ratio(), number)
        case "complex":
            return Object(one.kind, (float(number), 0.0), number)
    return None


_FINER_DIGITS: Final = 9
_FINER: Final = 10**_FINER_DIGITS
"""Steps in what is one in a number's last digit: there may be another number close by, and what is wanted between."""

_DAY: Final = 86_400 * 10**6
"""Microseconds."""


def _nodes(spec: Spec) -> Iterator[Made | Choice]:
    """The nodes of a spec whose values may be objects."""
    match spec:
        case Made():
            yield spec
            yield from _nodes(spec.of)
        case Choice():
            yield spec
        case Many(of=of) | Maybe(of=of) | Named(of=of):
            yield from _nodes(of)
        case Record(fields=fields):
            for field in fields:
                yield from _nodes(field.of)
        case Either(members=members):
            for member in members:
                yield from _nodes(member)
        case Scalar() | Again():
            return


def _class_of(node: Made | Choice) -> Known | None:
    if isinstance(node, Made) and node.by:
        return _of_library(node.by)
    cls = _found(node.module, node.name)
    enum = sys.modules.get("enum")
    if cls is None or enum is None or not isinstance(cls, enum.EnumMeta):
        return None
    if issubclass(cls, int | str | bytes | float):
        return None  # traced as what they are besides
    if isinstance(node, Made):
        return Known(cls, kind_of(node), lambda value: object.__getattribute__(value, "_value_"))
    names = {id(member): name for name, member in cls.__members__.items()}
    return Known(cls, kind_of(node), lambda value: names[id(value)])


def _of_library(by: str) -> Known | None:
    conversion = CONVERSIONS[by]
    cls = getattr(sys.modules.get(conversion.module), conversion.name, None)
    if cls is None:
        return None
    made = type(cls("")) if conversion.module == "pathlib" else cls

    def of(value: Any) -> Any:
        if by in ZONED and not _is_plain_zone(value.tzinfo):
            raise ValueError("a zone of the target's")
        return plain.adopted(conversion.of, conversion.plain(value))

    return Known(made, by, of)


def _is_plain_zone(zone: object) -> bool:
    if zone is None:
        return True
    known = (("datetime", "timezone"), ("zoneinfo", "ZoneInfo"))
    return any(type(zone) is getattr(sys.modules.get(module), name, None) for module, name in known)


def _found(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
