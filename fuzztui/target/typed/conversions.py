"""Values of the standard library that are made from others: how, and from what. See `spec.Made`."""

import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.spec import TUPLE, Choice, Either, Field, Maybe, Record, Scalar, Spec

__builtins__ = PRIVATE_BUILTINS


class Conversion(NamedTuple):
    """A class of the standard library."""

    module: str
    name: str
    of: Spec
    """What a value is made from."""
    build: Callable[[Any, Any], Any]
    """(class, plain value) -> a value. It may refuse, as a user's class may."""
    plain: Callable[[Any], Any]
    """A value of exactly the class -> what it is made from; ValueError where there is nothing."""


def _record(**parts: Spec) -> Record:
    """A tuple of these; the names are for people, who are told which part of a value matters."""
    return Record(TUPLE, tuple([Field(name, part) for name, part in parts.items()]))


_SECONDS_OF_DAY: Final = 86_400
_DAYS: Final = 3_652_059
_MICROSECONDS: Final = 86_400 * 10**6
_MOST_DELTA: Final = 86_400 * 10**15 - 1
"""Microseconds of the greatest difference of time."""

ZONES: Final = (
    *("UTC", "+01:00", "-05:00", "+05:30", "+14:00", "-12:00", "+00:00:01", "+23:59"),
    *("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"),
)
"""Fixed ones, odd ones, and some with two times a year."""

_ZONE: Final = Maybe(Choice(ZONES))
_TIME: Final = Scalar("int", 0, _MICROSECONDS - 1)


def _zone(cls: Any, name: str | None) -> Any:
    if name is None:
        return None
    if "/" in name:
        # In a worker an import of our own would give another class than the target's.
        zoneinfo = sys.modules.get("zoneinfo") or __import__("zoneinfo")
        return zoneinfo.ZoneInfo(name)
    datetime = _sibling(cls, "datetime")
    if name == "UTC":
        return datetime.timezone.utc
    hours, minutes, *seconds = map(int, name[1:].split(":"))
    delta = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    return datetime.timezone(-delta if name[0] == "-" else delta)


def _sibling(_cls: Any, module: str) -> Any:
    return __import__(module)


def zone_name(zone: Any) -> str | None:
    """What stands for a zone, which may be its name already; ValueError for one that is none of `ZONES`."""
    if zone is None:
        return None
    name = str(getattr(zone, "key", None) or zone)
    name = name.removeprefix("UTC") or "UTC"
    if name not in ZONES:
        raise ValueError(f"the zone {name}, want one of {', '.join(ZONES)}")
    return name


def _parts(microseconds: int) -> tuple[int, int, int, int]:
    seconds, microsecond = divmod(microseconds, 10**6)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return hour, minute, second, microsecond


def _of_day(value: Any) -> int:
    return int(((value.hour * 60 + value.minute) * 60 + value.second) * 10**6 + value.microsecond)


def _build_datetime(cls: Any, plain: Any) -> Any:
    day, time, zone, fold = plain
    date = __import__("datetime").date.fromordinal(day)
    return cls(date.year, date.month, date.day, *_parts(time), tzinfo=_zone(cls, zone), fold=int(fold))


def _plain_datetime(value: Any) -> Any:
    return value.toordinal(), _of_day(value), zone_name(value.tzinfo), bool(value.fold)


def _build_time(cls: Any, plain: Any) -> Any:
    time, zone, fold = plain
    return cls(*_parts(time), tzinfo=_zone(cls, zone), fold=int(fold))


def _plain_time(value: Any) -> Any:
    return _of_day(value), zone_name(value.tzinfo), bool(value.fold)


_SPECIAL: Final = ("NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "-0")


def _build_decimal(cls: Any, plain: Any) -> Any:
    at, value = plain
    if at:
        return cls(value)
    number, exponent = value
    return cls((int(number < 0), tuple(map(int, str(abs(number)))), exponent))


def _plain_decimal(value: Any) -> Any:
    sign, digits, exponent = value.as_tuple()
    text = str(value)
    if text in _SPECIAL:
        return 1, text
    number = int("".join(map(str, digits)) or "0")
    if type(exponent) is not int or not -_EXPONENT <= exponent <= _EXPONENT or (sign and not number):
        raise ValueError(f"Decimal('{text}'), want one with an exponent of at most {_EXPONENT}")
    return 0, (-number if sign else number, exponent)


_EXPONENT: Final = 400


def _network(bits: int) -> Callable[[Any, Any], Any]:
    def build(cls: Any, plain: Any) -> Any:
        address, length = plain
        mask = ((1 << length) - 1) << (bits - length)
        return cls((address & mask, length))

    return build


def _plain_network(value: Any) -> Any:
    return int(value.network_address), int(value.prefixlen)


def _address(cls: Any, plain: Any) -> Any:
    return cls(plain)


def _call(cls: Any, plain: Any) -> Any:
    return cls(*plain)


CONVERSIONS: Final[dict[str, Conversion]] = {
    "date": Conversion(
        "datetime", "date", Scalar("int", 1, _DAYS), lambda cls, day: cls.fromordinal(day), lambda day: day.toordinal()
    ),
    "datetime": Conversion(
        "datetime",
        "datetime",
        _record(day=Scalar("int", 1, _DAYS), time=_TIME, zone=_ZONE, fold=Scalar("bool")),
        _build_datetime,
        _plain_datetime,
    ),
    "time": Conversion(
        "datetime", "time", _record(time=_TIME, zone=_ZONE, fold=Scalar("bool")), _build_time, _plain_time
    ),
    "timedelta": Conversion(
        "datetime",
        "timedelta",
        Scalar("int", -_MOST_DELTA - 1, _MOST_DELTA),
        lambda cls, microseconds: cls(microseconds=microseconds),
        lambda delta: (delta.days * _SECONDS_OF_DAY + delta.seconds) * 10**6 + delta.microseconds,
    ),
    "Decimal": Conversion(
        "decimal",
        "Decimal",
        Either((_record(number=Scalar("int"), exponent=Scalar("int", -_EXPONENT, _EXPONENT)), Choice(_SPECIAL))),
        _build_decimal,
        _plain_decimal,
    ),
    "Fraction": Conversion(
        "fractions",
        "Fraction",
        _record(numerator=Scalar("int"), denominator=Scalar("int", 1)),
        _call,
        lambda value: (value.numerator, value.denominator),
    ),
    "complex": Conversion(
        "builtins",
        "complex",
        _record(real=Scalar("float"), imag=Scalar("float")),
        _call,
        lambda value: (value.real, value.imag),
    ),
    "bytearray": Conversion("builtins", "bytearray", Scalar("bytes"), _address, bytes),
    "UUID": Conversion(
        "uuid", "UUID", Scalar("int", 0, 2**128 - 1), lambda cls, number: cls(int=number), lambda value: value.int
    ),
    "IPv4Address": Conversion("ipaddress", "IPv4Address", Scalar("int", 0, 2**32 - 1), _address, int),
    "IPv6Address": Conversion("ipaddress", "IPv6Address", Scalar("int", 0, 2**128 - 1), _address, int),
    "IPv4Network": Conversion(
        "ipaddress",
        "IPv4Network",
        _record(address=Scalar("int", 0, 2**32 - 1), length=Scalar("int", 0, 32)),
        _network(32),
        _plain_network,
    ),
    "IPv6Network": Conversion(
        "ipaddress",
        "IPv6Network",
        _record(address=Scalar("int", 0, 2**128 - 1), length=Scalar("int", 0, 128)),
        _network(128),
        _plain_network,
    ),
    **{
        name: Conversion("pathlib", name, Scalar("str"), _address, str)
        for name in ("Path", "PurePath", "PosixPath", "PurePosixPath", "PureWindowsPath")
    },
}
"""By the class' name."""

ZONED: Final = ("datetime", "time")
"""Those whose values may have a zone."""

MODULES: Final = frozenset(conversion.module for conversion in CONVERSIONS.values())
