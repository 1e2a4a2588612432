"""Texts whose lengths are read from the other end of the input."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both texts are right, and so are their lengths."""


def fuzz_counted(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    name = fdp.ConsumeUnicodeNoSurrogates(fdp.ConsumeIntInRange(0, 64))
    value = fdp.ConsumeUnicodeNoSurrogates(fdp.ConsumeIntInRange(0, 64))
    if name == "transfer-encoding" and value == "chunked":
        raise PlantedError
