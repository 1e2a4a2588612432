"""A list of objects: more is given back than was bought."""

from dataclasses import dataclass
from typing import Annotated, Literal

import annotated_types as at


class PlantedError(Exception):
    """It is the one."""


@dataclass
class Order:
    product: Annotated[int, at.Interval(ge=0, le=9999)]
    quantity: Annotated[int, at.Interval(ge=1, le=1000)]
    refund: bool
    tags: list[Literal["new", "vip", "eu", "gift", "bulk", "fragile", "express", "sale"]]


def fuzz_refund(orders: list[Order]) -> None:
    bought: dict[int, Order] = {}
    for order in orders:
        before = bought.get(order.product)
        if not order.refund:
            bought[order.product] = order
        elif before is not None and "bulk" in before.tags and "gift" not in order.tags:
            is_more = order.quantity > before.quantity
            if is_more and order.quantity % 100 == 5:
                raise PlantedError
