"""A picture of runs: signature, size, palette, rows of counted pixels, and a sum over all of it at the end."""

import binascii


class PlantedError(Exception):
    """A row ends within a run, and the next pixels are written before the picture."""


class MalformedError(Exception):
    """The bytes are no picture."""


SIGNATURE = b"RUNS\r\n"


class Picture:
    """Read from the front."""

    def __init__(self, data: bytes) -> None:
        """What has a signature and a right sum."""
        if not data.startswith(SIGNATURE):
            raise MalformedError("signature")
        if len(data) < 14 or int.from_bytes(data[-4:], "big") != binascii.crc32(data[6:-4]):
            raise MalformedError("sum")
        self.data = data[6:-4]
        self.at = 0
        self.width = self.number(2)
        self.height = self.number(2)
        if not 0 < self.width <= 64 or not 0 < self.height <= 64:
            raise MalformedError("size")
        self.palette = self.colours()
        self.pixels: list[int] = []

    def number(self, size: int) -> int:
        """A number, big end first."""
        if self.at + size > len(self.data):
            raise MalformedError("short")
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")

    def colours(self) -> list[tuple[int, int, int]]:
        """As many as are announced."""
        count = self.number(1)
        if not 2 <= count <= 16:
            raise MalformedError("colours")
        return [(self.number(1), self.number(1), self.number(1)) for _ in range(count)]

    def row(self) -> None:
        """Runs and single pixels, until there are as many as the picture is wide."""
        column = 0
        while column < self.width:
            code = self.number(1)
            count, index = (code & 0x3F, self.number(1)) if code >= 0xC0 else (1, code)
            if not count:
                raise MalformedError("empty run")
            if index >= len(self.palette):
                raise MalformedError("index")
            if column + count > self.width and self.palette[index] == (255, 255, 255):
                raise PlantedError
            self.pixels += [index] * min(count, self.width - column)
            column += count


def fuzz_runs(data: bytes) -> None:
    try:
        picture = Picture(data)
        for _ in range(picture.height):
            picture.row()
    except MalformedError:
        return
