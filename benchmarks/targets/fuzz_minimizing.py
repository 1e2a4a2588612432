"""Five bugs whose smallest inputs are known."""

import contextlib
import json


class PlantedError(Exception):
    """The bug."""


def fuzz_records(data: bytes) -> None:
    """Type, length of one byte, that many bytes, again and again; a record of type 7 must not end in a 9."""
    while len(data) >= 2:
        kind, length = data[0], data[1]
        body, data = data[2 : 2 + length], data[2 + length :]
        if len(body) < length:
            return
        if kind == 7 and body.endswith(b"\x09"):
            raise PlantedError


def fuzz_header(data: bytes) -> None:
    """Lines of a name and a value; one that is given twice must be the same both times."""
    seen: dict[bytes, bytes] = {}
    for line in data.split(b"\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            return
        if seen.setdefault(name, value) != value:
            raise PlantedError


def fuzz_brackets(data: bytes) -> None:
    """Brackets that open and close, three in each other at most."""
    depth = deepest = 0
    for byte in data:
        depth += (byte == 0x5B) - (byte == 0x5D)
        deepest = max(deepest, depth)
        if depth < 0:
            return
    if depth == 0 and deepest > 3:
        raise PlantedError


def fuzz_keys(data: bytes) -> None:
    """JSON in which no object has a key of two characters."""
    with contextlib.suppress(ValueError, RecursionError):
        _keys(json.loads(data))


def _keys(document: object) -> None:
    if isinstance(document, dict):
        if any(len(key) == 2 for key in document):
            raise PlantedError
        document = list(document.values())
    if isinstance(document, list):
        for value in document:
            _keys(value)


def fuzz_pair(data: bytes) -> None:
    """Two bytes of the upper half that are equal and apart, with nothing but text between them."""
    for at, byte in enumerate(data):
        if byte >= 0x80:
            end = data.find(byte, at + 3)
            if end > 0 and all(0x20 <= other < 0x7F for other in data[at + 1 : end]):
                raise PlantedError
