"""Two texts of a fixed length, one after the other."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both are right."""


def fuzz_two_texts(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    user, password = fdp.ConsumeUnicodeNoSurrogates(8), fdp.ConsumeString(8)
    if user == "operator" and password == "hunter22":
        raise PlantedError
