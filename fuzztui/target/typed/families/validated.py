"""Pydantic's own types, whose values it makes by checking others: of secrets, addresses, times and amounts.

They are made from what is checked, by pydantic itself, which is never imported for a target.
"""

from typing import Annotated, Any, Final, Literal

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.families.records import built
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import CLASS, Field, Record
from fuzztui.target.typed.typed import Typed, of_class
from fuzztui.target.typed.typing_objects import loaded
from fuzztui.target.via import Via

__builtins__ = PRIVATE_BUILTINS

_SCHEMES: Final = ("http", "https", "ftp", "ws", "file")
"""Of addresses that may have any."""

_OWN: Final[dict[str, type]] = {"SecretStr": str, "SecretBytes": bytes, "ByteSize": int}
"""Name of a class of which there are instances -> what these are made from."""

_PAST, _FUTURE = 2025, 2200
"""Years that are over, and that are to come, for anybody who runs this."""


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The type of such a class."""
    pydantic = loaded("pydantic")
    if not hasattr(pydantic, "TypeAdapter") or not isinstance(annotation, type):
        return None  # pydantic is not there, or is one before 2
    if issubclass(annotation, getattr(pydantic, "AnyUrl", ())):
        return _address(resolver, annotation, scope)
    name: str = annotation.__name__
    own: object = getattr(pydantic, name, None)
    if own is not annotation:
        return None
    of = _OWN.get(name)
    if of is None:
        meant = _meant(name)
        return None if meant is None else resolver.of(meant, scope)
    validate = pydantic.TypeAdapter(annotation).validate_python

    def build(plain: Any) -> Any:
        return validate(plain)

    build.__module__, build.__qualname__ = pydantic.__name__, name
    return resolver.of(Annotated[annotation, Via(of, build, _plain)], scope)


def _address(resolver: Resolver, cls: Any, scope: Scope) -> Typed:
    """What `HttpUrl.build` and its like make, in the words in which that is called."""
    bounds = loaded("annotated_types")
    schemes = getattr(getattr(cls, "_constraints", None), "allowed_schemes", None) or _SCHEMES
    parts = {
        "scheme": Literal.__getitem__(tuple(schemes)),
        "host": Annotated[str, bounds.MinLen(1)],
        "port": Annotated[int, bounds.Interval(ge=1, le=65_535)] | None,
        "path": str | None,
        "query": str | None,
    }
    types = [resolver.of(part, scope.within(f"{cls.__qualname__}.{name}")) for name, part in parts.items()]
    fields = [Field(name, typed.spec, by_name=True) for name, typed in zip(parts, types, strict=True)]

    def plain(value: Any) -> Any:
        of_class(cls, cls.__qualname__, value)
        # What it is made of is put together as it stands: a name before the host, a fragment behind the path.
        _, _, rest = str(value).partition("://")
        host, slash, path = rest.partition("/")
        given = (value.scheme, host, None, path if slash else None, None)
        return tuple([typed.plain(each) for typed, each in zip(types, given, strict=True)])

    spec = Record(CLASS, tuple(fields), cls.__module__, f"{cls.__qualname__}.build")
    return Typed(spec, built(cls.build, fields, types), plain)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, int) else value.get_secret_value()


def _meant(name: str) -> Any:
    """What a class only stands for, of which there are no instances."""
    ipaddress = loaded("ipaddress")  # the target's, not ours
    if name.startswith("IPvAny") and ipaddress is not None:
        kind = name.removeprefix("IPvAny")
        return getattr(ipaddress, f"IPv4{kind}") | getattr(ipaddress, f"IPv6{kind}")
    bounds, times = loaded("annotated_types"), loaded("datetime")
    datetime, date = times.datetime, times.date
    of: Any = datetime if name.endswith("Datetime") else date
    # Without a zone, since no datetime that has one can be compared with another that has none.
    some: Any = Annotated[datetime, bounds.Timezone(None)] if of is datetime else date
    match name.removesuffix("Datetime").removesuffix("Date"):
        case "Aware":
            return Annotated[of, bounds.Timezone(...)]
        case "Naive":
            return some
        case "Past":
            return Annotated[some, bounds.Lt(of(_PAST, 1, 1))]
        case "Future":
            return Annotated[some, bounds.Ge(of(_FUTURE, 1, 1))]
        case _:
            return None
