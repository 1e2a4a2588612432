"""An archive of blocks of 64 bytes: name, size and checksum as octal digits, then the content in blocks."""


class PlantedError(Exception):
    """A link points out of the archive."""


class MalformedError(Exception):
    """The bytes are no archive."""


BLOCK = 64


def octal(field: bytes) -> int:
    """A number."""
    digits = field.rstrip(b"\0 ")
    if not digits or not all(48 <= digit < 56 for digit in digits):
        raise MalformedError("number")
    return int(digits, 8)


def members(data: bytes) -> dict[str, tuple[str, bytes]]:
    """Name -> kind or target of a link, and content."""
    found: dict[str, tuple[str, bytes]] = {}
    at = 0
    while at + BLOCK <= len(data):
        header = data[at : at + BLOCK]
        if not header.strip(b"\0"):
            break
        name, size, kind, target = header[:24], octal(header[24:32]), header[32:33], header[33:48]
        stored = octal(header[48:56])
        if sum(header[:48]) + sum(header[56:]) + 8 * 32 != stored:
            raise MalformedError("checksum")
        if header[56:61] != b"ustar":
            raise MalformedError("magic")
        at += BLOCK
        if kind == b"0":
            found[name.rstrip(b"\0").decode()] = "file", data[at : at + size]
            at += (size + BLOCK - 1) // BLOCK * BLOCK
        elif kind == b"2":
            path = target.rstrip(b"\0").decode()
            if path.startswith("/") or ".." in path.split("/"):
                raise PlantedError
            found[name.rstrip(b"\0").decode()] = path, b""
        else:
            raise MalformedError("kind")
    return found


def fuzz_archive(data: bytes) -> None:
    try:
        members(data)
    except (MalformedError, UnicodeDecodeError):
        return
