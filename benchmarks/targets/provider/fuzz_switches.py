"""Flags that stand between texts and numbers."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """All are set as they should be."""


def fuzz_switches(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    has_name = fdp.ConsumeBool()
    name = fdp.ConsumeUnicodeNoSurrogates(12) if has_name else ""
    is_admin, age, is_old = fdp.ConsumeBool(), fdp.ConsumeUInt(2), fdp.ConsumeBool()
    if name.startswith("administrat") and is_admin and not is_old and age == 31_415:
        raise PlantedError
