"""Numbers within narrow bounds."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All of them are."""


def fuzz_floats(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    share, latitude = fdp.ConsumeProbability(), fdp.ConsumeFloatInRange(-90.0, 90.0)
    if 0.73125 < share < 0.73126 and -45.00002 < latitude < -45.00001 and fdp.ConsumeFloat() == 5e-324:
        raise PlantedError
