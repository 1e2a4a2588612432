"""What values that are objects have been compared with is put in their place."""

import datetime
import decimal
import enum
import fractions
import ipaddress
import pathlib
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import annotated_types as at
import msgspec
import pydantic
import pytest

from fuzztui.target.typed import text
from fuzztui.target.typed.resolve import Resolver
from fuzztui.target.typed.typed import Typed
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.instrumentation.compares import TRACE
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.objects import KNOWN, object_of
from fuzztui.worker.mutate.typed.classes import look_into
from fuzztui.worker.mutate.typed.leaves import Apart


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass
class Event:
    name: str
    when: datetime.datetime


BERLIN = datetime.timezone(datetime.timedelta(hours=1))


@pytest.fixture(autouse=True)
def forget_classes() -> Iterator[None]:
    yield
    KNOWN.clear()


WANTED: list[tuple[Any, Any]] = [
    (datetime.datetime, datetime.datetime(2031, 4, 1, 9, 30, tzinfo=BERLIN)),
    (datetime.date, datetime.date(1961, 4, 12)),
    (datetime.time, datetime.time(17, 59, 59)),
    (datetime.timedelta, datetime.timedelta(days=-2, seconds=30)),
    (decimal.Decimal, decimal.Decimal("-1849.95")),
    (decimal.Decimal, decimal.Decimal("Infinity")),
    (fractions.Fraction, fractions.Fraction(355, 113)),
    (complex, complex(1.5, -2)),
    (uuid.UUID, uuid.UUID("2f1acc6c-3ba4-4f0e-9c37-e1f2a1a8c1d0")),
    (ipaddress.IPv4Address, ipaddress.IPv4Address("172.19.64.1")),
    (ipaddress.IPv6Address, ipaddress.IPv6Address("fe80::1")),
    (ipaddress.IPv4Network, ipaddress.IPv4Network("172.19.64.0/20")),
    (ipaddress.IPv6Network, ipaddress.IPv6Network("fe80::/10")),
    (pathlib.PurePosixPath, pathlib.PurePosixPath("/etc/ssl")),
    (pathlib.Path, pathlib.Path("a/b")),
    (Colour, Colour.GREEN),
    (Rights, Rights.READ | Rights.WRITE),
]


def exchanged(annotation: Any, compare: Callable[[ComparisonTrace, Any], object], plain: Any = None) -> list[Any]:
    """What the first value of a type, or this one, becomes by what it is compared with."""
    made = Resolver().parameter(annotation, globals(), "parameter x of f")
    parameters = (text.write(made.spec),)
    look_into(parameters)
    mutator = Mutator(parameters, random.Random(1), Dictionary(), 512)
    root = mutator.roots[0]
    assert root is not None
    value = root.first(0) if plain is None else plain
    trace = ComparisonTrace()
    compare(trace, built(made, value))
    apart = Apart((value,), mutator.roots)
    found = [*apart.exchanged(trace.comparisons), *apart.resized(trace.comparisons)]
    return [built(made, each) for (each,) in found]


def built(made: Typed, value: Any) -> Any:
    return value if made.build is None else made.build(value)


@pytest.mark.parametrize(("annotation", "wanted"), WANTED, ids=lambda each: str(each))
def test_the_other_side_of_a_comparison_is_put_in_the_place_of_an_object(annotation: Any, wanted: Any) -> None:
    assert wanted in exchanged(annotation, lambda trace, value: trace.compare("==", value, wanted))
    assert wanted in exchanged(annotation, lambda trace, value: trace.compare("==", wanted, value))
    assert [wanted] in exchanged(list[annotation], lambda trace, value: trace.compare("in", wanted, value))


def test_object_within_a_class_is_exchanged() -> None:
    wanted = datetime.datetime(2031, 4, 1, tzinfo=BERLIN)
    found = exchanged(
        list[Event], lambda trace, events: trace.compare("!=", events[0].when, wanted), ((("a", (1, 0, None, False))),)
    )
    assert [Event("a", wanted)] in found


@pytest.mark.parametrize(
    ("annotation", "bound", "inside"),
    [
        (datetime.datetime, datetime.datetime(2031, 1, 1), datetime.datetime(2030, 12, 31, 23, 59, 59, 999999)),
        (datetime.timedelta, datetime.timedelta(1), datetime.timedelta(microseconds=86_400_000_001)),
        (decimal.Decimal, decimal.Decimal("9.99"), decimal.Decimal("9.98")),
        (decimal.Decimal, 1_000, decimal.Decimal(1_001)),
        (decimal.Decimal, 0.5, decimal.Decimal("0.5")),
        (fractions.Fraction, 7, fractions.Fraction(8)),
        (uuid.UUID, uuid.UUID(int=77), uuid.UUID(int=76)),
    ],
    ids=str,
)
def test_values_just_beyond_a_bound_are_tried(annotation: Any, bound: Any, inside: Any) -> None:
    assert inside in exchanged(annotation, lambda trace, value: trace.compare("<", value, bound))


def test_keys_that_are_objects_are_looked_up() -> None:
    wanted = uuid.UUID(int=5)

    def look(trace: ComparisonTrace, table: Any) -> None:
        with pytest.raises(KeyError):
            trace.lookup(table, wanted)

    assert {wanted: 0} in exchanged(dict[uuid.UUID, int], look)


def test_what_is_looked_for_in_an_empty_set_is_put_into_it() -> None:
    wanted = datetime.date(1969, 7, 20)
    assert {wanted} in exchanged(set[datetime.date], lambda trace, days: trace.compare("in", wanted, days))


def test_objects_stay_within_the_bounds_of_their_annotation() -> None:
    annotation = Annotated[datetime.date, at.Ge(datetime.date(2020, 1, 1))]
    found = exchanged(annotation, lambda trace, day: trace.compare("==", day, datetime.date(1969, 7, 20)))
    assert found == []


def test_no_code_of_the_target_runs_to_look_into_an_operand() -> None:
    class Zone(datetime.tzinfo):
        def __str__(self) -> str:
            raise AssertionError("it was asked")

        def utcoffset(self, when: object) -> datetime.timedelta:
            raise AssertionError("it was asked")

        dst = tzname = utcoffset  # type: ignore[assignment]

    class Day(datetime.datetime):
        pass

    look_into((text.write(Resolver().parameter(datetime.datetime, {}, "x").spec),))
    assert object_of(datetime.datetime(2031, 1, 1, tzinfo=Zone())) is None
    assert object_of(Day(2031, 1, 1)) is None
    assert object_of(datetime.datetime(2031, 1, 1)) is not None


CHOOSING = """
def chosen(colour):
    match colour:
        case 1 | Colour.GREEN:
            return "green"

def lacking(colour):
    match colour:
        case Colour.GREEN:
            return "green"
        case Colour.MISSING:
            return "missing"

def own(colour, Colour):
    match colour:
        case Colour.GREEN:
            return "own"

def by_name(painted):
    match painted:
        case Painted(colour=Colour.GREEN, size=4711) | Painted(size=int(815)):
            return "found"

def by_place(painted):
    match [painted]:
        case [Painted(Colour.GREEN, 4711 | int(815))]:
            return "found"

def same(colour):
    return colour is Colour.GREEN, colour is not Colour.GREEN, colour is None, Colour.RED is colour is Colour.RED
"""


def instrumented(trace: ComparisonTrace | None, painted: Any = None) -> dict[str, Any]:
    """The names of a module of these functions, whose comparisons are told to a trace."""
    probes = ProbeMap()
    found = instrument(CHOOSING.encode(), "m.py")
    space: dict[str, Any] = {"__name__": "m", "Colour": Colour, "Painted": painted}
    base = probes.register("m", "m.py", found.lines)
    probes.attach("m", space)
    exec(found.at(base), space)
    space[TRACE] = trace
    return space


def test_members_that_are_compared_by_identity_or_matched_are_exchanged() -> None:
    for function, found in (("same", [Colour.GREEN]), ("chosen", [Colour.GREEN]), ("own", [])):

        def call(trace: ComparisonTrace, value: Any, function: str = function) -> None:
            instrumented(trace)[function](*(value, Colour)[: 1 + (function == "own")])

        assert [each for each in exchanged(Colour, call) if each is not Colour.RED] == found


@dataclass
class Painted:
    colour: Colour
    size: int


@dataclass(slots=True)
class PaintedInSlots:
    colour: Colour
    size: int


class PaintedTuple(NamedTuple):
    colour: Colour
    size: int


class PaintedStruct(msgspec.Struct):
    colour: Colour
    size: int


class PaintedModel(pydantic.BaseModel):
    colour: Colour
    size: int


@pytest.mark.parametrize("cls", [Painted, PaintedInSlots, PaintedTuple, PaintedStruct, PaintedModel])
@pytest.mark.parametrize("function", ["by_name", "by_place"])
def test_what_patterns_of_classes_compare_is_exchanged(cls: Any, function: str) -> None:
    def call(trace: ComparisonTrace, value: Any) -> None:
        instrumented(trace, cls)[function](value)
        constants: Any = [right for operator, left, right in trace.comparisons if (operator, left) == ("of", 0)]
        assert sorted(constants) == [(815,), (4711,)]

    if cls is PaintedModel and function == "by_place":
        model: Any = cls
        model.__match_args__ = ("colour", "size")  # type: ignore[misc] # it says no places of its own
    found = exchanged(cls, call)
    assert [each.colour for each in found].count(Colour.GREEN) == 1


def test_attributes_that_are_code_are_not_read_for_a_trace() -> None:
    class Odd:
        __match_args__ = ("size",)

        @property
        def size(self) -> int:
            raise AssertionError

        def __getattr__(self, name: str) -> int:
            raise AssertionError

    trace = ComparisonTrace()
    steps: tuple[Any, ...] = ("size", 0, 1, "x")
    trace.case(Odd(), tuple([(((step,),), "of", (1,)) for step in steps]))
    assert trace.comparisons == []


@pytest.mark.parametrize("is_traced", [False, True])
def test_what_is_compared_so_means_the_same_when_it_is_traced(is_traced: bool) -> None:
    space = instrumented(ComparisonTrace() if is_traced else None)
    assert space["same"](Colour.GREEN) == (True, False, False, False)
    assert space["same"](Colour.RED) == (False, True, False, True)
    assert space["same"](1.0) == (False, True, False, False)
    assert space["chosen"](Colour.GREEN) == "green"
    assert space["chosen"](1) == "green"
    assert space["own"](Colour.GREEN, Colour) == "own"
    assert space["lacking"](Colour.GREEN) == "green"
    with pytest.raises(AttributeError):
        space["lacking"](Colour.RED)
