"""Lists of integers, of which one has as many elements as the input says."""

from fuzztui.worker.atheris.provider import FuzzedDataProvider


class PlantedError(Exception):
    """Both are right."""


def fuzz_lists(data: bytes) -> None:
    fdp = FuzzedDataProvider(data)
    sizes = fdp.ConsumeIntListInRange(5, 0, 10_000)
    codes = fdp.ConsumeIntList(fdp.ConsumeIntInRange(0, 12), 2)
    if sizes[1] == 4_096 and sizes[4] == 512 and codes == [1_001, -2_002, 3_003, -4_004]:
        raise PlantedError
