"""Choices from lists, of which the program sees the elements only."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """The right ones were chosen."""


def fuzz_picks(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    method = fdp.PickValueInList(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"])
    status = fdp.PickValueInList(list(range(100, 1000)))
    port = fdp.ConsumeIntInRange(1, 65_535)
    if method == "TRACE" and status == 418 and port == 8_443:
        raise PlantedError
