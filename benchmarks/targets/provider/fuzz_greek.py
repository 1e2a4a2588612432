"""Words in another script, one of them compared without its case."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both are there."""


def fuzz_greek(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    first, second = fdp.ConsumeString(6), fdp.ConsumeUnicodeNoSurrogates(12)
    if first == "\u03ba\u03cc\u03c3\u03bc\u03b5!" and second.strip().upper() == "\u03a3\u039f\u03a6\u0399\u0391":
        raise PlantedError
