"""Weights, a ratio, and a temperature."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Each is just what is wanted."""


def fuzz_measures(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    weights = fdp.ConsumeProbabilityList(3)
    ratio, temperature = fdp.ConsumeRegularFloat(), fdp.ConsumeFloatInRange(-273.15, 1e6)
    if weights[1] > 0.9999 and weights[2] < 0.0001 and ratio < -1e308 and temperature == 451.0:
        raise PlantedError
