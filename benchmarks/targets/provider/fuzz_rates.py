"""Floats that are scaled before they are compared, and milliseconds as seconds."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All three are right."""


def fuzz_rates(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    share = fdp.ConsumeFloatInRange(0.0, 1.0)
    milliseconds = fdp.ConsumeIntInRange(0, 10**9)
    if 61.25 < share * 100 < 61.2501 and milliseconds // 1000 == 86_399 and fdp.ConsumeInt(4) * -3 == 1_234_569:
        raise PlantedError
