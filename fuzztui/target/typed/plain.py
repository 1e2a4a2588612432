"""What can be said of plain values by their spec alone: the first ones, whether one fits, how large it is."""

from collections.abc import Mapping
from math import ceil, floor, inf, isfinite, isnan
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.literal import write
from fuzztui.target.typed.spec import (
    DICT,
    UNIQUE,
    Again,
    Choice,
    Either,
    Field,
    Made,
    Many,
    Maybe,
    Named,
    Record,
    Scalar,
    Spec,
    spelled,
)

__builtins__ = PRIVATE_BUILTINS

Labels: TypeAlias = Mapping[str, Spec]
"""The nodes that `Again` stands for."""

CLASSES: Final[dict[str, type]] = {"int": int, "float": float, "bool": bool, "str": str, "bytes": bytes}
"""Of scalars' plain values, by kind."""

_ROUNDS: Final = 3
"""How often a node is looked for within itself where a first value is made."""

_FILLERS: Final[dict[str, Any]] = {"str": "0", "bytes": b"0"}


class EndlessError(Exception):
    """A type that holds itself without end: it has no value."""


# Scalars ----------------------------------------------------------------------------------------------------------


def fitted(scalar: Scalar, value: Any) -> Any:
    """The value itself where it is within the bounds, else one near by that is."""
    low, high, step = scalar.low, scalar.high, scalar.step
    if low is None and high is None and step is None:
        return value
    if scalar.kind in _FILLERS:
        if high is not None and len(value) > high:
            value = value[: int(high)]
        if low is not None and len(value) < low:
            value += _FILLERS[scalar.kind] * (int(low) - len(value))
        return value
    if scalar.kind == "float":
        return _fitted_float(value, low, high, step)
    if step is not None:
        value -= value % int(step)
        low = None if low is None else -(-int(low) // int(step)) * int(step)
        high = None if high is None else int(high) // int(step) * int(step)
    if low is not None and high is not None:
        if not low <= value <= high:
            stride = int(step or 1)
            value = int(low) + (value - int(low)) // stride % ((int(high) - int(low)) // stride + 1) * stride
    elif low is not None and value < low:
        value = 2 * int(low) - value  # its mirror image, which is as varied
    elif high is not None and value > high:
        value = 2 * int(high) - value
    return value


def _fitted_float(value: float, low: float | None, high: float | None, step: float | None) -> float:
    least, most = -inf if low is None else float(low), inf if high is None else float(high)
    if isnan(value):
        value = least if isfinite(least) else most if isfinite(most) else 0.0
    if not least <= value <= most:
        if isfinite(least) and isfinite(most) and isfinite(value):
            value = least + (value - least) % ((most - least) or 1.0)
        value = min(max(value, least), most)
    if step:
        if not isfinite(value):
            value = least if isfinite(least) else most if isfinite(most) else 0.0
        count = value / step
        if isfinite(count):
            value = round(count) * step
            if value < least:
                value = ceil(least / step) * step
            if value > most:
                value = floor(most / step) * step
    return value


def fits(scalar: Scalar, value: object) -> bool:
    """Whether a value is of the kind and within the bounds."""
    if type(value) is not CLASSES[scalar.kind]:
        return False
    within: bool = fitted(scalar, value) == value
    return within or (scalar.low is scalar.high is scalar.step is None)


# First values -----------------------------------------------------------------------------------------------------


def zero(spec: Spec) -> Any:
    """The plainest value: what fuzzing starts from. EndlessError if there is none."""
    return nth(spec, 0, {})


def nth(spec: Spec, number: int, labels: Labels, rounds: int = _ROUNDS) -> Any:
    """A short value, another one for each number as far as the type has so many."""
    match spec:
        case Scalar(kind="bool"):
            return bool(number & 1)
        case Scalar(kind="str"):
            return fitted(spec, "0" * max(0, number - 1) + "a" if number else "")
        case Scalar(kind="bytes"):
            return fitted(spec, b"0" * max(0, number - 1) + b"a" if number else b"")
        case Scalar(kind="float"):
            return fitted(spec, _nearest(spec) + number * (spec.step or 1.0))
        case Scalar():
            return fitted(spec, int(_nearest(spec)) + number * int(spec.step or 1))
        case Choice(options=options):
            return options[number % len(options)]
        case Many(of=of, least=least):
            return tuple([nth(of, number + at, labels, rounds) for at in range(least)])
        case Record(fields=fields):
            return tuple([() if field.may_lack else nth(field.of, number, labels, rounds) for field in fields])
        case Maybe(of=of):
            return nth(of, number - 1, labels, rounds) if number else None
        case Either(members=members):
            return _first_of(members, number, labels, rounds)
        case Made(of=of):
            return nth(of, number, labels, rounds)
        case Named(label=label, of=of):
            return nth(of, number, {**labels, label: of}, rounds)
        case Again(label=label):
            if not rounds:
                raise EndlessError(label)
            return nth(labels[label], number, labels, rounds - 1)


def _nearest(scalar: Scalar) -> float:
    """The number within the bounds that is nearest to 0."""
    number: float = 0.0 if scalar.kind == "float" else 0
    if scalar.high is not None and scalar.high < 0:
        number = scalar.high
    if scalar.low is not None and scalar.low > 0:
        step = int(scalar.step or 1)
        number = scalar.low if scalar.kind == "float" else -(-int(scalar.low) // step) * step
    return number


def _first_of(members: tuple[Spec, ...], number: int, labels: Labels, rounds: int) -> Any:
    """Of the members in turn; of those that end, if they may hold themselves."""
    count = len(members)
    for at in range(number, number + count):
        try:
            return at % count, nth(members[at % count], number // count, labels, rounds)
        except EndlessError:
            if at == number + count - 1:
                raise
    raise AssertionError("there is a member")


# Whether a value fits ---------------------------------------------------------------------------------------------


def adopted(spec: Spec, literal: Any, labels: Labels = MappingProxyType({})) -> Any:
    """The plain value that a literal stands for, which may have lists where the plain form has tuples. ValueError with
    what is wrong, and where. `labels`: of nodes around the spec.
    """
    return _adopted(spec, literal, labels, "")


def _adopted(spec: Spec, literal: Any, labels: Labels, place: str) -> Any:
    match spec:
        case Scalar(kind="float") if type(literal) is int:
            return _adopted(spec, float(literal), labels, place)
        case Scalar():
            if not fits(spec, literal):
                raise ValueError(f"{_at(place)}{_excerpt(literal)} is no {_bounded(spec)}")
            return literal
        case Choice(options=options):
            for option in options:
                if type(option) is type(literal) and option == literal:
                    return option
            raise ValueError(f"{_at(place)}{_excerpt(literal)} is none of {_excerpt(options)}")
        case Many(of=of, least=least, most=most):
            elements = _elements(literal, spelled(spec), place)
            if distinct(spec, elements) < least or (most is not None and len(elements) > most):
                raise ValueError(f"{_at(place)}{len(elements)} elements, want {_range(least, most)}")
            return tuple([_adopted(of, each, labels, f"{place}[{at}]") for at, each in enumerate(elements)])
        case Record(fields=fields):
            elements = _elements(literal, spelled(spec), place)
            if len(elements) != len(fields):
                raise ValueError(f"{_at(place)}{len(elements)} values for {spelled(spec)}, which has {len(fields)}")
            return tuple(
                [
                    _field(field, each, labels, f"{place}.{field.name or at}")
                    for at, (field, each) in enumerate(zip(fields, elements, strict=True))
                ]
            )
        case Maybe(of=of):
            return None if literal is None else _adopted(of, literal, labels, place)
        case Either(members=members):
            chosen = _elements(literal, spelled(spec), place)
            if len(chosen) != 2 or type(chosen[0]) is not int or not 0 <= chosen[0] < len(members):
                raise ValueError(f"{_at(place)}{_excerpt(literal)} is no (position, value) of {spelled(spec)}")
            return chosen[0], _adopted(members[chosen[0]], chosen[1], labels, place)
        case Made(of=of):
            return _adopted(of, literal, labels, place)
        case Named(label=label, of=of):
            return _adopted(of, literal, {**labels, label: of}, place)
        case Again(label=label):
            return _adopted(labels[label], literal, labels, place)


def distinct(many: Many, elements: tuple[Any, ...]) -> int:
    """How many elements there are when those that are alike count once, where that is so."""
    if many.form not in UNIQUE:
        return len(elements)
    keys = [each[0] if many.form == DICT and type(each) in (tuple, list) and each else each for each in elements]
    return len({write(key) for key in keys})


def _field(field: Field, literal: Any, labels: Labels, place: str) -> Any:
    if not field.may_lack:
        return _adopted(field.of, literal, labels, place)
    given = _elements(literal, f"{field.name}, which may be absent", place)
    if len(given) > 1:
        raise ValueError(f"{_at(place)}{_excerpt(literal)}, want () or one value in a tuple")
    return tuple([_adopted(field.of, each, labels, place) for each in given])


def _elements(literal: Any, what: str, place: str) -> tuple[Any, ...]:
    if type(literal) not in (tuple, list):
        raise ValueError(f"{_at(place)}{_excerpt(literal)} is no {what}")
    return tuple(literal)


def _at(place: str) -> str:
    return f"{place}: " if place else ""


def _excerpt(literal: object) -> str:
    try:
        text = ascii(literal)
    except ValueError:  # of an int with thousands of digits
        return f"a {type(literal).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}..."


def _bounded(scalar: Scalar) -> str:
    what = "length " if scalar.kind in _FILLERS else ""
    bounds = _range(scalar.low, scalar.high)
    step = f", a multiple of {scalar.step}" if scalar.step is not None else ""
    return f"{scalar.kind} of {what}{bounds}{step}" if bounds or step else scalar.kind


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


def size(value: object) -> int:
    """Length that counts towards `max_len`: bytes of texts in UTF-8, and one for each other value."""
    cls = type(value)
    if cls is tuple:
        whole: Any = value
        return 1 + sum(map(size, whole))
    if cls is str:
        text: Any = value
        return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if cls is bytes:
        data: Any = value
        return len(data)
    return 1
