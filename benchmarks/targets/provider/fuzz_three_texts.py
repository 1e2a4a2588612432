"""Three texts with numbers between them."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All of them are right."""


def fuzz_three_texts(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    scheme, port = fdp.ConsumeUnicodeNoSurrogates(10), fdp.ConsumeInt(2)
    host, retries = fdp.ConsumeUnicodeNoSurrogates(20), fdp.ConsumeIntInRange(0, 255)
    path = fdp.ConsumeUnicodeNoSurrogates(20)
    is_address = scheme.startswith("gopher:") and port == 7070 and host.startswith("example.")
    if is_address and retries == 17 and path[1:6] == "index":
        raise PlantedError
