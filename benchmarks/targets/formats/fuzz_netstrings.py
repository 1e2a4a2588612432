"""Values as length, colon, content and a sign of their type: `13:3:key,5:value,}`."""


class PlantedError(Exception):
    """A job depends on itself."""


class MalformedError(Exception):
    """The bytes are no such value."""


def parse_list(content: bytes) -> list[object]:
    """Values one after the other."""
    values = []
    while content:
        value, content = parse(content)
        values.append(value)
    return values


def parse_dict(content: bytes) -> dict[bytes, object]:
    """Keys and values."""
    items = parse_list(content)
    if len(items) % 2:
        raise MalformedError("value of a key")
    keys = items[::2]
    found: dict[bytes, object] = {}
    for key, value in zip(keys, items[1::2], strict=True):
        if not isinstance(key, bytes):
            raise MalformedError("key")
        found[key] = value
    return found


def parse_null(content: bytes) -> None:
    """Nothing."""
    if content:
        raise MalformedError("null")


def parse_bool(content: bytes) -> bool:
    """True or false."""
    if content not in (b"true", b"false"):
        raise MalformedError("bool")
    return content == b"true"


TYPES = {
    b",": bytes,
    b"#": int,
    b"!": parse_bool,
    b"~": parse_null,
    b"]": parse_list,
    b"}": parse_dict,
}


def parse(data: bytes) -> tuple[object, bytes]:
    """A value and what comes after it."""
    head, colon, rest = data.partition(b":")
    if not colon or not head.isdigit() or len(head) > 9:
        raise MalformedError("length")
    length = int(head)
    content, sign, rest = rest[:length], rest[length : length + 1], rest[length + 1 :]
    if sign not in TYPES:
        raise MalformedError("type")
    return TYPES[sign](content), rest  # type: ignore[operator]


def fuzz_netstrings(data: bytes) -> None:
    try:
        value, rest = parse(data)
    except (MalformedError, ValueError, RecursionError):
        return
    if rest or not isinstance(value, dict):
        return
    job, needs = value.get(b"job"), value.get(b"needs")
    if isinstance(job, int) and isinstance(needs, list) and len(needs) >= 2 and job in needs:
        raise PlantedError
