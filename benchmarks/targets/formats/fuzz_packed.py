"""Calls in a packed form: fixed maps, arrays and texts in one byte, larger ones with a length behind."""

from typing import Any


class PlantedError(Exception):
    """A subscription with a filter is cancelled by an id that is negative."""


class MalformedError(Exception):
    """The bytes are no call."""


def read(data: bytes, at: int, depth: int = 0) -> tuple[Any, int]:
    """A value and where it ends."""
    if at >= len(data) or depth > 6:
        raise MalformedError("end")
    head = data[at]
    at += 1
    if head <= 0x7F:
        return head, at
    if head >= 0xE0:
        return head - 256, at
    if 0x80 <= head <= 0x8F:
        mapping = {}
        for _ in range(head & 15):
            key, at = read(data, at, depth + 1)
            if not isinstance(key, str):
                raise MalformedError("key")
            mapping[key], at = read(data, at, depth + 1)
        return mapping, at
    if 0x90 <= head <= 0x9F:
        items = []
        for _ in range(head & 15):
            item, at = read(data, at, depth + 1)
            items.append(item)
        return items, at
    if 0xA0 <= head <= 0xBF:
        return text(data, at, head & 31)
    if head == 0xD9:
        if at >= len(data):
            raise MalformedError("length")
        return text(data, at + 1, data[at])
    if head in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[head], at
    if head in (0xD0, 0xD1):
        width = 1 << (head - 0xD0)
        if at + width > len(data):
            raise MalformedError("integer")
        return int.from_bytes(data[at : at + width], "big", signed=True), at + width
    raise MalformedError("head")


def text(data: bytes, at: int, length: int) -> tuple[str, int]:
    """A text and where it ends."""
    if at + length > len(data):
        raise MalformedError("text")
    return data[at : at + length].decode(), at + length


def call(message: Any) -> None:
    """Do what is asked."""
    if not isinstance(message, dict):
        raise MalformedError("message")
    try:
        method, params = message["method"], message["params"]
    except KeyError:
        raise MalformedError("member") from None
    if not isinstance(params, list):
        raise MalformedError("params")
    if method == "subscribe":
        if len(params) != 2 or params[0] not in ("blocks", "logs"):
            raise MalformedError("topic")
    elif method == "unsubscribe":
        if len(params) != 2 or not isinstance(params[1], int):
            raise MalformedError("id")
        if params[0] == "logs" and params[1] < 0 and message.get("id"):
            raise PlantedError
    else:
        raise MalformedError("method")


def fuzz_packed(data: bytes) -> None:
    try:
        value, end = read(data, 0)
        if end != len(data):
            raise MalformedError("trailing")
        call(value)
    except (MalformedError, UnicodeDecodeError):
        return
