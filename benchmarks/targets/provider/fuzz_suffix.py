"""The end of a text that takes all that is left."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """It ends as it should."""


def fuzz_suffix(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    mode = fdp.ConsumeIntInRange(0, 9)
    text = fdp.ConsumeUnicode(2**64 - 1)
    if mode == 7 and text[3:].startswith("::begin") and text.endswith("finish;"):
        raise PlantedError
