"""Words at places in the middle of a text, which is shorter than they in most inputs."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both words stand there."""


def fuzz_slice(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    text = fdp.ConsumeUnicodeNoSurrogates(40)
    if text[7:12] == "hello" and text[20:26].lower() == "people":
        raise PlantedError
