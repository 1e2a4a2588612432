"""Music: a header, tracks with a length, events with a distance in time before each, whose status may be left out."""

from io import BytesIO


class PlantedError(Exception):
    """A status is left out after an event that has none to be repeated."""


class MalformedError(Exception):
    """The bytes are no music."""


ARGUMENTS = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}

END_OF_TRACK, TEMPO = 0x2F, 0x51


def exactly(stream: BytesIO, count: int) -> bytes:
    """So many bytes."""
    got = stream.read(count)
    if len(got) != count:
        raise MalformedError("end")
    return got


def length(stream: BytesIO) -> int:
    """A number of seven bits a byte, the highest first."""
    value = 0
    for _ in range(4):
        (byte,) = exactly(stream, 1)
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value
    raise MalformedError("length")


def track(stream: BytesIO) -> list[tuple[int, bytes]]:
    """Its events."""
    events: list[tuple[int, bytes]] = []
    status, time, tempo = 0, 0, 0
    while True:
        time += length(stream)
        (byte,) = exactly(stream, 1)
        if byte == 0xFF:
            (kind,) = exactly(stream, 1)
            content = exactly(stream, length(stream))
            if kind == END_OF_TRACK:
                return events
            if kind == TEMPO:
                if len(content) != 3:
                    raise MalformedError("tempo")
                tempo = int.from_bytes(content, "big")
            status = 0
        elif byte in (0xF0, 0xF7):
            exactly(stream, length(stream))
        else:
            first = b""
            if byte & 0x80:
                status = byte
            elif not status:
                if tempo and events:
                    raise PlantedError
                raise MalformedError("status")
            else:
                first = bytes([byte])
            count = ARGUMENTS.get(status >> 4)
            if count is None:
                raise MalformedError("event")
            arguments = first + exactly(stream, count - len(first))
            if max(arguments) > 0x7F:
                raise MalformedError("argument")
            events.append((time, arguments))


def fuzz_midi(data: bytes) -> None:
    stream = BytesIO(data)
    try:
        if exactly(stream, 4) != b"MThd" or int.from_bytes(exactly(stream, 4), "big") != 6:
            raise MalformedError("header")
        form, count, division = (int.from_bytes(exactly(stream, 2), "big") for _ in range(3))
        if form > 2 or not count or not division or (form == 0 and count != 1):
            raise MalformedError("form")
        for _ in range(count):
            if exactly(stream, 4) != b"MTrk":
                raise MalformedError("track")
            track(BytesIO(exactly(stream, int.from_bytes(exactly(stream, 4), "big"))))
    except MalformedError:
        return
