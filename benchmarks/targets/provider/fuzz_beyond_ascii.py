"""A text that none of the short forms can hold."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """The text has all of the characters."""


def fuzz_beyond_ascii(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    text = fdp.ConsumeUnicode(fdp.ConsumeIntInRange(1, 24))
    if text.startswith("\u03c0\u2260") and text[3:5] == "\U0001f600\u00e9":
        raise PlantedError
