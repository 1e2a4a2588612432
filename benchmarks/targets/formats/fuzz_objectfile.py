"""An object file: a header, a table of sections at an offset, whose names stand in one of the sections."""

import struct


class PlantedError(Exception):
    """Instructions may be written over, in a section that is loaded at the start."""


class MalformedError(Exception):
    """The bytes are no object file."""


HEADER = struct.Struct("<4sBBBxHHIHHH")

SECTION = struct.Struct("<IIIII")

NOTHING, CODE, TEXTS, SYMBOLS, BLANK = range(5)

WRITE, LOAD, EXECUTE = 1, 2, 4


class Section:
    """A row of the table."""

    def __init__(self, data: bytes, at: int) -> None:
        """Read it."""
        self.name_at, self.kind, self.flags, self.offset, self.size = SECTION.unpack_from(data, at)
        if self.kind > BLANK:
            raise MalformedError("kind")
        if self.kind != BLANK and self.offset + self.size > len(data):
            raise MalformedError("beyond the end")
        self.content = b"" if self.kind == BLANK else data[self.offset : self.offset + self.size]
        self.name = ""


def text_at(table: bytes, at: int) -> str:
    """A name, which ends with a zero."""
    end = table.find(b"\0", at)
    if at >= len(table) or end < 0:
        raise MalformedError("name")
    return table[at:end].decode("ascii")


def read(data: bytes) -> list[Section]:
    """All sections."""
    if len(data) < HEADER.size:
        raise MalformedError("header")
    magic, width, order, version, kind, machine, table, size, count, names = HEADER.unpack_from(data)
    if magic != b"\x7fOBJ" or version != 1:
        raise MalformedError("magic")
    if width not in (1, 2) or order != 1:
        raise MalformedError("format")
    if kind not in (1, 2, 3) or machine not in (0x03, 0x3E, 0xB7):
        raise MalformedError("machine")
    if size != SECTION.size or not count or table + size * count > len(data):
        raise MalformedError("table")
    sections = [Section(data, table + size * number) for number in range(count)]
    if names >= count or sections[names].kind != TEXTS:
        raise MalformedError("names")
    for section in sections:
        section.name = text_at(sections[names].content, section.name_at)
    return sections


def fuzz_objectfile(data: bytes) -> None:
    try:
        sections = read(data)
    except (MalformedError, struct.error, UnicodeDecodeError):
        return
    for section in sections:
        if section.name == ".init" and section.kind == CODE and section.flags & WRITE and section.flags & EXECUTE:
            raise PlantedError
