"""A list of objects."""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Order:
    product: int
    quantity: int
    refund: bool
    tags: list[Literal["new", "vip", "eu"]]


def fuzz_orders(orders: list[Order]) -> None: ...
