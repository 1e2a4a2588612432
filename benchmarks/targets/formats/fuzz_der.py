"""Certificates in tags, lengths and values: sequences, integers, object identifiers, texts, times."""


class PlantedError(Exception):
    """A certificate with basic constraints is an authority whose path is longer than 127."""


class MalformedError(Exception):
    """The bytes are no certificate."""


def element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag, content, and where it ends."""
    if at + 2 > len(data):
        raise MalformedError("end")
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        width = length & 0x7F
        if not 1 <= width <= 2 or at + width > len(data):
            raise MalformedError("length of length")
        length = int.from_bytes(data[at : at + width], "big")
        if length < 128:
            raise MalformedError("not the shortest form")
        at += width
    if at + length > len(data):
        raise MalformedError("length")
    return tag, data[at : at + length], at + length


def sequence(data: bytes) -> list[tuple[int, bytes]]:
    """What is in a sequence."""
    at, found = 0, []
    while at < len(data):
        tag, content, at = element(data, at)
        found.append((tag, content))
    return found


def expect(part: tuple[int, bytes], tag: int) -> bytes:
    """The content of an element that has to be of a kind."""
    if part[0] != tag:
        raise MalformedError(f"want {tag}")
    return part[1]


def identifier(content: bytes) -> str:
    """An object identifier, with dots."""
    if not content:
        raise MalformedError("identifier")
    numbers, value = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        value = value << 7 | byte & 127
        if byte < 128:
            numbers.append(value)
            value = 0
    return ".".join(map(str, numbers))


def certificate(data: bytes) -> None:
    """Read one."""
    tag, content, end = element(data, 0)
    if tag != 0x30 or end != len(data):
        raise MalformedError("outer sequence")
    parts = sequence(content)
    if len(parts) < 3:
        raise MalformedError("parts")
    if int.from_bytes(expect(parts[0], 0x02), "big", signed=True) <= 0:
        raise MalformedError("serial number")
    name = expect(parts[1], 0x0C).decode()
    if not name.startswith("CN="):
        raise MalformedError("name")
    for extension in parts[2:]:
        inner = sequence(expect(extension, 0x30))
        if len(inner) != 2:
            raise MalformedError("extension")
        if identifier(expect(inner[0], 0x06)) == "2.5.29.19":
            constraints = sequence(expect(inner[1], 0x04))
            if len(constraints) != 2 or expect(constraints[0], 0x01) != b"\xff":
                continue
            if int.from_bytes(expect(constraints[1], 0x02), "big") > 127:
                raise PlantedError


def fuzz_der(data: bytes) -> None:
    try:
        certificate(data)
    except (MalformedError, UnicodeDecodeError):
        return
