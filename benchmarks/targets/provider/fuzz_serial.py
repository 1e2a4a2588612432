"""A number of twenty bytes, and one of nine."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both are right."""


def fuzz_serial(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    serial, check = fdp.ConsumeUInt(20), fdp.ConsumeIntInRange(-(10**21), 10**21)
    if serial == 0x00112233445566778899AABBCCDDEEFF00112233 and check == -(10**21) + 987_654_321:
        raise PlantedError
