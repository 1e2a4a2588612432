"""Dictionaries, lists, integers and texts: `d4:infod6:lengthi1eee`; keys have to be in order."""


class PlantedError(Exception):
    """A file has more pieces than its length allows."""


class MalformedError(Exception):
    """The bytes are none."""


Value = int | bytes | list["Value"] | dict[bytes, "Value"]


def read(data: bytes, at: int, depth: int = 0) -> tuple[Value, int]:
    """A value and where it ends."""
    if depth > 10:
        raise MalformedError("depth")
    head = data[at : at + 1]
    if head == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1 : end]), end + 1
    if head == b"l":
        items: list[Value] = []
        at += 1
        while data[at : at + 1] != b"e":
            item, at = read(data, at, depth + 1)
            items.append(item)
        return items, at + 1
    if head == b"d":
        found: dict[bytes, Value] = {}
        last = b""
        at += 1
        while data[at : at + 1] != b"e":
            key, at = read(data, at, depth + 1)
            if not isinstance(key, bytes) or (found and key <= last):
                raise MalformedError("key")
            last = key
            found[key], at = read(data, at, depth + 1)
        return found, at + 1
    if head.isdigit():
        colon = data.index(b":", at)
        length = int(data[at:colon])
        end = colon + 1 + length
        if end > len(data):
            raise MalformedError("length")
        return data[colon + 1 : end], end
    raise MalformedError("head")


def fuzz_torrent(data: bytes) -> None:
    try:
        value, end = read(data, 0)
    except (MalformedError, ValueError):
        return
    if end != len(data) or not isinstance(value, dict):
        return
    info = value.get(b"info")
    if isinstance(info, dict) and b"announce" in value:
        length, pieces = info.get(b"length"), info.get(b"pieces")
        if isinstance(length, int) and isinstance(pieces, bytes) and 0 < length < len(pieces):
            raise PlantedError
