"""Integers that are multiplied or divided before they are compared."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All three are right."""


def fuzz_scaled(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    price = fdp.ConsumeIntInRange(0, 1_000_000)
    block = fdp.ConsumeIntInRange(0, 2**40)
    if (
        price * 12 == 4_154_724
        and block // 4096 == 77_777_777
        and fdp.ConsumeIntInRange(1, 10**9) / 100 == 1_234_567.89
    ):
        raise PlantedError
