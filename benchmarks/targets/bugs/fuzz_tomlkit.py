"""tomlkit 0.7.0: one of its errors is constructed with an argument missing."""

import tomlkit  # type: ignore[import-untyped]


class PlantedError(Exception):
    """`UnexpectedCharError` could not be made."""


def fuzz_tomlkit(data: bytes) -> None:
    try:
        tomlkit.parse(data.decode("utf-8", "replace"))
    except TypeError as error:
        if "UnexpectedCharError" in str(error):
            raise PlantedError from error
    except Exception:
        return
