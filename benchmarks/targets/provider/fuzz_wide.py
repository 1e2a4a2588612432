"""Integers of more than eight bytes."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both are right."""


def fuzz_wide(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    key, account = fdp.ConsumeIntInRange(1, 2**128), fdp.ConsumeInt(12)
    if key == 0x0123456789ABCDEFFEDCBA9876543210 and account == -(2**90) + 77:
        raise PlantedError
