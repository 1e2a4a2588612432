"""Integers of ranges that do not begin at zero."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All three are right."""


def fuzz_ranges(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    identity = fdp.ConsumeIntInRange(1000, 5_000_000)
    balance = fdp.ConsumeIntInRange(-70_000, 70_000)
    if identity == 4_321_987 and balance - 250 == -31_337 and fdp.ConsumeIntInRange(1, 2**40) == 2**39 + 12_345:
        raise PlantedError
