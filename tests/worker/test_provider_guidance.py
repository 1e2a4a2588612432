"""From the comparisons of what a provider has read to the inputs that pass them, without chance."""

from math import inf, nan
from pathlib import Path

import pytest

from fuzztui.worker.atheris.guidance import FieldGuidance
from fuzztui.worker.atheris.suggest import scaled_numbers
from fuzztui.worker.mutate.sizes import Arguments
from tests.worker.world import CAPACITY, World, inhabited

TARGETS = Path(__file__).parents[2] / "benchmarks" / "targets" / "provider"

AT_MOST = 1500
"""Executions; chance would need millions."""


def search(world: World) -> int | None:
    """Follow what comparisons suggest from the empty input on; executions until the target fails."""
    tracing = world.tracing(lambda _: None)
    guidance = FieldGuidance(tracing, CAPACITY)
    cells = world.probes.cells
    covered: set[int] = set()
    executions = 0
    queue: list[Arguments] = [(b"",)]
    while queue:
        entry = queue.pop(0)
        with tracing.on():
            suggested = guidance.suggested(entry, tracing.comparisons(entry), AT_MOST)
        for arguments in suggested:
            executions += 1
            cells[:] = bytes(len(cells))
            try:
                world.function(*arguments)
            except world.namespace["PlantedError"]:
                return executions + tracing.executions
            found = {cell for cell, hit in enumerate(cells) if hit}
            if not found <= covered:
                covered |= found
                queue.append(arguments)
    return None


@pytest.mark.parametrize(
    "name", ["slice", "beyond_ascii", "two_texts", "counted", "ranges", "wide", "floats", "picks", "bools", "lists"]
)
def test_bug_behind_a_provider(name: str) -> None:
    source = (TARGETS / f"fuzz_{name}.py").read_text("utf-8") + f"\nfuzz = fuzz_{name}\n"
    with inhabited(source) as world:
        executions = search(world)
    assert executions is not None
    assert executions <= AT_MOST


HEAD = """
from fuzztui.worker.atheris.provider import FuzzedDataProvider
class PlantedError(Exception): pass
def fuzz(data):
    fdp = FuzzedDataProvider(data)
"""

SOURCES = {
    "flags that are the bits of a number": """
    bits = [fdp.ConsumeBool() for _ in range(12)]
    if sum(bit << at for at, bit in enumerate(bits)) == 0b101100111010: raise PlantedError
""",
    "flags of which every other one is set": """
    bits = [fdp.ConsumeBool() for _ in range(24)]
    if all(bits[::2]) and not any(bits[1::2]): raise PlantedError
""",
    "distance of a float": """
    if abs(fdp.ConsumeFloatInRange(-1.0, 1.0) - 0.25) < 1e-6: raise PlantedError
""",
    "difference of integers": """
    number = fdp.ConsumeIntInRange(0, 10**9)
    if 10**9 - number == 123456789: raise PlantedError
""",
    "number with bits flipped": """
    number = fdp.ConsumeIntInRange(0, 10**9)
    if number ^ 0x5555 == 0x12345678: raise PlantedError
""",
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_calculated_from_what_was_read(name: str) -> None:
    with inhabited(HEAD + SOURCES[name].lstrip("\n")) as world:
        executions = search(world)
    assert executions is not None
    assert executions <= AT_MOST


@pytest.mark.parametrize(
    ("value", "old", "new", "wanted"),
    [
        (123, 1230, 4320, 432),
        (123, 1230, 4321, 433),  # `x * 10 > 4321` wants the next one
        (7, -21, 1_234_569, -411_523),
        (987_654, 9_876, 4_321, 432_100),
        (10**9, 244_140, 77_777, 77_777 << 12),
        (250, 2.5, 43.21, 4321),
        (0.25, 25.0, 61.25, 0.6125),
        (0.5, 0.005, 0.0037, 0.37),
    ],
)
def test_a_number_is_scaled_as_what_was_calculated_from_it(value: float, old: float, new: float, wanted: float) -> None:
    assert any(abs(each - wanted) < 1e-12 for each in scaled_numbers(value, old, new))


@pytest.mark.parametrize(
    ("value", "old", "new"),
    [(0, 5, 7), (5, 0, 7), (5, 5, 7), (5000, 1, 7), (3, 7, 9), (2.0, inf, 1.0), (2.0, 4.0, nan)],
)
def test_a_number_is_not_scaled_where_nothing_tells_by_what(value: float, old: float, new: float) -> None:
    assert list(scaled_numbers(value, old, new)) == []
