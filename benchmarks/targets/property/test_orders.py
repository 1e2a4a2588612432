"""Lists of dicts: a discount that is granted twice."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

ORDER = st.fixed_dictionaries(
    {
        "customer": st.integers(1, 10_000),
        "amount": st.integers(0, 100_000),
        "paid": st.booleans(),
        "tags": st.lists(st.sampled_from(["new", "vip", "bulk", "gift"]), max_size=3),
    }
)


def discount(orders: list[dict[str, Any]]) -> int:
    """Percent."""
    seen: dict[int, dict[str, Any]] = {}
    percent = 0
    for order in orders:
        before = seen.get(order["customer"])
        again = before is not None and before["paid"] and not order["paid"]
        if before is not None and again and order["amount"] > before["amount"] and "vip" in before["tags"]:
            if order["amount"] % 1000 == 500:
                percent += 60
            percent += 30
        seen[order["customer"]] = order
    return percent


@given(st.lists(ORDER, max_size=12))
def test_orders(orders: list[dict[str, Any]]) -> None:
    assert discount(orders) <= 60
