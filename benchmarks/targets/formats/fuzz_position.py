"""Sentences of a receiver: `$GPGGA,...*hh` with an exclusive-or of all between; degrees with minutes."""

from functools import reduce
from operator import xor


class PlantedError(Exception):
    """A fix is south of the pole."""


class MalformedError(Exception):
    """The text is no sentence."""


def fields(sentence: str) -> list[str]:
    """What stands between dollar and star."""
    if not sentence.startswith("$"):
        raise MalformedError("start")
    body, star, digits = sentence[1:].partition("*")
    if not star or len(digits) != 2:
        raise MalformedError("sum")
    if f"{reduce(xor, body.encode(), 0):02X}" != digits:
        raise MalformedError("wrong sum")
    return body.split(",")


def degrees(text: str, side: str) -> float:
    """Signed degrees."""
    if len(text) < 4 or side not in ("N", "S"):
        raise MalformedError("degrees")
    value = int(text[:2]) + float(text[2:]) / 60
    return -value if side == "S" else value


def fuzz_position(data: bytes) -> None:
    try:
        for sentence in data.decode("ascii").splitlines():
            kind, *rest = fields(sentence)
            if kind == "GPGGA":
                if len(rest) != 5:
                    raise MalformedError("fields")
                clock, latitude, side, quality, count = rest
                if len(clock) != 6 or int(clock[:2]) > 23:
                    raise MalformedError("clock")
                if int(quality) and int(count) >= 4 and degrees(latitude, side) < -90:
                    raise PlantedError
            elif kind != "GPGSV":
                raise MalformedError("kind")
    except (MalformedError, ValueError):
        return
