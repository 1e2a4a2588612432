"""Questions and answers of a name service: a header of counts, names of labels or of references to earlier ones."""

import struct


class PlantedError(Exception):
    """An alias refers by compression to the name that was asked for."""


class MalformedError(Exception):
    """The bytes are no message."""


def name(data: bytes, at: int) -> tuple[tuple[bytes, ...], int, bool]:
    """Labels, where they end, and whether the name is only a reference."""
    labels: list[bytes] = []
    end, jumps = 0, 0
    first = True
    reference = False
    while True:
        if at >= len(data):
            raise MalformedError("name")
        length = data[at]
        if length & 0xC0 == 0xC0:
            if at + 2 > len(data) or jumps > 5:
                raise MalformedError("reference")
            end = end or at + 2
            reference = reference or first
            at = (length & 0x3F) << 8 | data[at + 1]
            jumps += 1
        elif length & 0xC0:
            raise MalformedError("label")
        elif length == 0:
            return tuple(labels), end or at + 1, reference
        else:
            if at + 1 + length > len(data):
                raise MalformedError("label's end")
            labels.append(data[at + 1 : at + 1 + length].lower())
            at += 1 + length
        first = False


def fuzz_names(data: bytes) -> None:
    try:
        if len(data) < 12:
            raise MalformedError("header")
        _, flags, questions, answers, _, _ = struct.unpack_from(">6H", data)
        if not flags & 0x8000 or questions != 1 or not 1 <= answers <= 4:
            raise MalformedError("counts")
        asked, at, _ = name(data, 12)
        if len(asked) < 2:
            raise MalformedError("question")
        at += 4
        for _ in range(answers):
            _, at, _ = name(data, at)
            if at + 10 > len(data):
                raise MalformedError("answer")
            kind, group, _, length = struct.unpack_from(">HHIH", data, at)
            at += 10
            if group != 1 or at + length > len(data):
                raise MalformedError("length")
            if kind == 5:
                alias, _, reference = name(data, at)
                if reference and alias == asked:
                    raise PlantedError
            at += length
    except MalformedError:
        return
