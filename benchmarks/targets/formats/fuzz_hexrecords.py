"""Memory in records of hexadecimal digits: count, address, kind, bytes, and a sum that makes all zero."""


class PlantedError(Exception):
    """A record writes to the vector table above the first segment."""


class MalformedError(Exception):
    """The text has no records."""


def record(line: str) -> tuple[int, int, bytes]:
    """Kind, address, bytes."""
    if not line.startswith(":"):
        raise MalformedError("colon")
    data = bytes.fromhex(line[1:])
    if len(data) < 5 or data[0] != len(data) - 5:
        raise MalformedError("count")
    if sum(data) & 0xFF:
        raise MalformedError("sum")
    return data[3], int.from_bytes(data[1:3], "big"), data[4:-1]


def load(text: str) -> dict[int, int]:
    """The memory."""
    memory: dict[int, int] = {}
    base = 0
    for line in text.splitlines():
        kind, address, data = record(line)
        if kind == 0:
            if base and address >= 0xFFC0:
                raise PlantedError
            for index, byte in enumerate(data):
                memory[base + address + index] = byte
        elif kind == 1:
            return memory
        elif kind == 4:
            if len(data) != 2:
                raise MalformedError("extended address")
            base = int.from_bytes(data, "big") << 16
        else:
            raise MalformedError("kind")
    raise MalformedError("end")


def fuzz_hexrecords(data: bytes) -> None:
    try:
        load(data.decode("ascii"))
    except (MalformedError, ValueError):
        return
