"""Forty types that parameters may have, and classes that they are of."""

import collections
import datetime
import decimal
import enum
import fractions
import ipaddress
import pathlib
import uuid
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    Self,
    TypedDict,
    TypeVar,
    Union,
)

import annotated_types as at
import attrs
import msgspec
import pydantic

import fuzztui

T = TypeVar("T")
Small = TypeVar("Small", bound=Annotated[int, at.Interval(ge=0, le=9)])


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Rights(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


@dataclass
class Order:
    product: Annotated[int, at.Interval(ge=0, le=9999)]
    quantity: Annotated[int, at.Interval(ge=1, le=1000)]
    refund: bool
    tags: list[Literal["new", "vip", "eu"]]


@dataclass(frozen=True)
class Point:
    x: float
    _: KW_ONLY
    y: float = 0.0
    scale: InitVar[int] = 1
    computed: float = field(init=False, default=0.0)

    def __post_init__(self, scale: int) -> None:
        object.__setattr__(self, "scale", scale)


@dataclass
class Tree:
    value: int
    children: "list[Tree]"
    parent: "Tree | None" = None


@dataclass
class Forest:
    names: dict[str, int]
    trees: "list[Forest]"


@dataclass
class Box(Generic[T]):
    content: T
    others: list[T]


class Pair(NamedTuple):
    left: int
    right: str = ""


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Partial(TypedDict, total=False):
    name: Required[str]
    size: int


@attrs.define
class Item:
    _key: int
    names: list[str] = attrs.field(kw_only=True)


class Message(msgspec.Struct):
    id: int
    body: Annotated[bytes, msgspec.Meta(min_length=2, max_length=8)]


class Model(pydantic.BaseModel):
    age: Annotated[int, pydantic.Field(ge=3, le=9)]
    name: str = pydantic.Field(alias="Name", max_length=5)
    when: datetime.date | None = None


@dataclass
class Link(Generic[T]):
    """Holds itself by `Self`, in a text, below a field whose text is the same in another class."""

    value: "list[T]"
    next: "Self | None" = None


@dataclass
class Chain:
    links: "list[Link[int]]"
    next: "Self | None"


@attrs.define
class Checked:
    size: int = attrs.field(validator=attrs.validators.in_(range(3, 7)))
    word: str = attrs.field(validator=[attrs.validators.min_len(2), attrs.validators.max_len(4)])
    rate: float | None = attrs.field(validator=attrs.validators.optional(attrs.validators.gt(0)))
    days: list[int] = attrs.field(
        validator=attrs.validators.deep_iterable(attrs.validators.le(6), attrs.validators.min_len(1))
    )


class Model1(pydantic.BaseModel, Generic[T]):
    value: T
    more: "list[Model1[T]]" = []


UserId = NewType("UserId", int)
Json = Union[int, str, None, "list[Json]", "dict[str, Json]"]


class Temperature:
    def __init__(self, kelvin: int) -> None:
        if kelvin < 0:
            raise ValueError("below absolute zero")
        self.kelvin = kelvin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Temperature) and other.kelvin == self.kelvin

    def __hash__(self) -> int:
        return self.kelvin


TYPES: Final[list[Any]] = [
    list[int],
    list[list[str]],
    tuple[int, str],
    tuple[int, ...],
    tuple[()],
    dict[str, int],
    dict[tuple[int, bool], list[bytes]],
    set[int],
    frozenset[str],
    collections.deque[float],
    Optional[int],  # noqa: UP045
    Union[int, str, None],  # noqa: UP007
    bytes | list[int],
    Literal["a", 1, None, b"x", True],
    Literal[Colour.RED, "red"],
    Colour,
    Level,
    Rights,
    Order,
    list[Order],
    Point,
    Tree,
    Box[int],
    Box[list[str | None]],
    Pair,
    Movie,
    Partial,
    Item,
    Message,
    list[Model],
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    list[datetime.date],
    decimal.Decimal,
    fractions.Fraction,
    complex,
    uuid.UUID,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    pathlib.Path,
    pathlib.PurePosixPath,
    bytearray,
    UserId,
    Json,
    Small,
    Link[Link[int]],
    Chain,
    Checked,
    Model1[int],
    tuple[int, *tuple[str, ...], bool],
    Annotated[int, at.Ge(0), at.MultipleOf(5)],
    Annotated[datetime.datetime, at.Timezone(None)],
    Annotated[datetime.datetime, at.Timezone(...), at.Ge(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))],
    Annotated[decimal.Decimal, pydantic.Field(gt=0, max_digits=4, decimal_places=2)],
    pydantic.SecretStr,
    Annotated[pydantic.SecretBytes, pydantic.Field(min_length=2)],
    pydantic.ByteSize,
    list[pydantic.HttpUrl],
    pydantic.AnyUrl,
    pydantic.AwareDatetime,
    pydantic.NaiveDatetime,
    tuple[pydantic.PastDate, pydantic.FutureDatetime],
    pydantic.IPvAnyAddress,
    pydantic.IPvAnyNetwork,
    Annotated[float, at.Gt(0), at.Lt(1)],
    Annotated[str, at.Len(2, 5)],
    Annotated[list[int], at.MinLen(1), at.MaxLen(3)],
    Annotated[set[int], at.Len(2, 4)],
    Annotated[int | None, msgspec.Meta(ge=10, lt=20)],
    Annotated[datetime.date, at.Ge(datetime.date(2020, 1, 1))],
    Annotated[Temperature, fuzztui.via(int, Temperature, lambda value: value.kelvin)],
]


def named(annotation: Any) -> str:
    """What a test of a type is called."""
    is_class = isinstance(annotation, type) and not hasattr(annotation, "__args__")
    text = annotation.__qualname__ if is_class else str(annotation)
    return text.replace("typing.", "").replace("tests.typed.types.", "")[:60]
