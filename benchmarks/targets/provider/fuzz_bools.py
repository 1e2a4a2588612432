"""Flags, and a number that counts only where they are right."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All are."""


def fuzz_bools(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    strict, lazy, deep, raw = (fdp.ConsumeBool() for _ in range(4))
    flags = [fdp.ConsumeBool() for _ in range(10)]
    is_right = strict and not lazy and deep and not raw and fdp.ConsumeInt(4) == 0x5EED5EED
    if is_right and flags == [True, False, False, True, True, True, False, True, False, True]:
        raise PlantedError
