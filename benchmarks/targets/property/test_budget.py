"""Relations between numbers: shares that fill a budget exactly."""

from hypothesis import assume, given
from hypothesis import strategies as st


def shares_left(budget: int, shares: list[int]) -> int:
    """What is left when each has got its share."""
    left = budget
    for share in shares:
        if share > left:
            return left
        left -= share
    if left == 0 and len(shares) >= 3:
        return -1
    return left


@given(st.integers(1000, 1_000_000), st.lists(st.integers(100, 1_000_000), min_size=2, max_size=8))
def test_budget(budget: int, shares: list[int]) -> None:
    assume(len(set(shares)) == len(shares))
    assert shares_left(budget, shares) >= 0
