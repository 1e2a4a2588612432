"""Messages of fields, each a tag, a length and a value, in which a value may be a message again."""

from typing import TypeAlias

INTEGER, TEXT, MESSAGE = 0, 1, 2

MOST_DEPTH = 4

Value: TypeAlias = "int | str | dict[int, Value]"


class PlantedError(Exception):
    """Two levels down there is a message whose name is known and whose limit is negative."""


class MalformedError(Exception):
    """The bytes are no message."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    """An integer of seven bits per byte, low ones first, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 28:
            raise MalformedError("integer")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def decode(data: bytes, depth: int = 0) -> dict[int, Value]:
    """All fields of a message by their numbers."""
    message: dict[int, Value] = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        length, at = varint(data, at)
        if at + length > len(data):
            raise MalformedError("length")
        body = data[at : at + length]
        at += length
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise MalformedError("field number")
        if kind == INTEGER:
            message[number] = int.from_bytes(body, "big", signed=True)
        elif kind == TEXT:
            message[number] = body.decode("ascii")
        elif kind == MESSAGE:
            if depth >= MOST_DEPTH:
                raise MalformedError("depth")
            message[number] = decode(body, depth + 1)
        else:
            raise MalformedError("kind")
    if depth == 2:
        check(message)
    return message


def check(message: dict[int, Value]) -> None:
    """What only the innermost messages have to fulfil."""
    limit = message.get(3)
    if message.get(1) == "quota" and isinstance(limit, int) and limit < 0:
        raise PlantedError


def fuzz_tlv(data: bytes) -> None:
    try:
        decode(data)
    except (MalformedError, UnicodeDecodeError):
        return
