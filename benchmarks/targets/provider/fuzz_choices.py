"""Choices of what is no text: pairs, and classes."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """The right ones."""


def fuzz_choices(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    kind = fdp.PickValueInList([int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset])
    name, code = fdp.PickValueInList([(f"name-{number}", number * 37) for number in range(300)])
    if kind is bytearray and name == "name-211" and code == 7_807 and fdp.ConsumeIntInRange(0, 9_999) == 4_242:
        raise PlantedError
