"""Packets, each of a length that is read from the other end."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """One packet has the right bytes, the next one too."""


def fuzz_frames(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    count = fdp.ConsumeIntInRange(1, 5)
    packets = [fdp.ConsumeBytes(fdp.ConsumeIntInRange(0, 200)) for _ in range(count)]
    if count >= 2 and packets[0] == b"\x89HDR\r\n\x1a\n" and packets[1][:6] == b"\0\0BODY":
        raise PlantedError
