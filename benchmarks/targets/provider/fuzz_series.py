"""Lists of numbers of both ends of the input."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """The series is the one."""


def fuzz_series(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    floats = fdp.ConsumeFloatListInRange(3, 0.0, 1000.0)
    series = fdp.ConsumeIntListInRange(fdp.ConsumeIntInRange(0, 20), -5_000, 5_000)
    if series == [1_123, -2_456, 3_789] and 499.9 < floats[2] < 500.1:
        raise PlantedError
