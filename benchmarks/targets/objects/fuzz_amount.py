"""An amount to the cent."""

from decimal import Decimal


class PlantedError(Exception):
    """It is the one."""


def fuzz_amount(lines: list[tuple[str, Decimal]]) -> None:
    for _, amount in lines:
        if amount.is_finite() and amount == Decimal("1849.95"):
            raise PlantedError
