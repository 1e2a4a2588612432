"""Values in a concise binary form: type and size in a head, texts, arrays, maps, tags."""

from typing import Any


class PlantedError(Exception):
    """A tagged rational number has the denominator zero."""


class MalformedError(Exception):
    """The bytes are no value."""


class Reader:
    """Reads from the front."""

    def __init__(self, data: bytes) -> None:
        """All of it."""
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if self.at + count > len(self.data):
            raise MalformedError("end")
        self.at += count
        return self.data[self.at - count : self.at]

    def argument(self, low: int) -> int:
        """The number in or behind a head."""
        if low < 24:
            return low
        if low > 27:
            raise MalformedError("argument")
        return int.from_bytes(self.take(1 << (low - 24)), "big")

    def value(self, depth: int = 0) -> Any:
        """The next one."""
        if depth > 8:
            raise MalformedError("depth")
        head = self.take(1)[0]
        major, number = head >> 5, head & 31
        if major == 7:
            if number == 20 or number == 21:
                return number == 21
            if number == 22:
                return None
            raise MalformedError("simple")
        count = self.argument(number)
        if major == 0:
            return count
        if major == 1:
            return -1 - count
        if major == 2:
            return self.take(count)
        if major == 3:
            return self.take(count).decode()
        if major == 4:
            return [self.value(depth + 1) for _ in range(min(count, 1000))]
        if major == 5:
            return {self.key(depth): self.value(depth + 1) for _ in range(min(count, 1000))}
        return self.tagged(count, self.value(depth + 1))

    def key(self, depth: int) -> Any:
        """Of a map."""
        found = self.value(depth + 1)
        if not isinstance(found, int | str):
            raise MalformedError("key")
        return found

    def tagged(self, tag: int, value: Any) -> Any:
        """What a tag makes of a value."""
        if tag == 30:
            if not isinstance(value, list) or len(value) != 2:
                raise MalformedError("rational")
            above, below = value
            if not isinstance(above, int) or not isinstance(below, int):
                raise MalformedError("integers")
            if below == 0:
                raise ZeroDivisionError
            return above / below
        return value


def fuzz_cbor(data: bytes) -> None:
    try:
        reader = Reader(data)
        reader.value()
        if reader.at != len(data):
            raise MalformedError("trailing")
    except ZeroDivisionError:
        raise PlantedError from None
    except (MalformedError, UnicodeDecodeError):
        return
