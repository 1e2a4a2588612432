"""A date of numbers, and the hour."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """It is the day."""


def fuzz_dates(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    year, month = fdp.ConsumeIntInRange(1, 9999), fdp.ConsumeIntInRange(1, 12)
    day, second = fdp.ConsumeIntInRange(1, 31), fdp.ConsumeIntInRange(-86_400, 86_400)
    if (year, month, day) == (1969, 7, 20) and second == -3_601:
        raise PlantedError
