"""A catalogue of translations: a magic, a count, offsets of two tables, which hold lengths and offsets of texts."""

import struct


class PlantedError(Exception):
    """The header of a catalogue asks for a plural form that is not translated."""


class MalformedError(Exception):
    """The bytes are no catalogue."""


def texts(data: bytes, table: int, count: int) -> list[bytes]:
    """Of one table."""
    found = []
    for index in range(count):
        at = table + 8 * index
        if at + 8 > len(data):
            raise MalformedError("table")
        length, offset = struct.unpack_from("<II", data, at)
        end = offset + length
        if end >= len(data):
            raise MalformedError("text")
        if data[end] != 0:
            raise MalformedError("end of text")
        found.append(data[offset:end])
    return found


def catalog(data: bytes) -> dict[str, str]:
    """Text -> translation."""
    if len(data) < 20:
        raise MalformedError("short")
    magic, version, count, originals, translations = struct.unpack_from("<5I", data)
    if magic != 0x950412DE or version >> 16 not in (0, 1) or count > 100:
        raise MalformedError("header")
    found = zip(texts(data, originals, count), texts(data, translations, count), strict=True)
    return {one.decode(): other.decode() for one, other in found}


def fuzz_catalog(data: bytes) -> None:
    try:
        found = catalog(data)
    except (MalformedError, UnicodeDecodeError):
        return
    for line in found.get("", "").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "plural-forms" and value.strip() != "1":
            raise PlantedError
