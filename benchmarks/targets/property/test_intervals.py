"""Intervals: merged wrongly where they touch and fill the whole."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

INTERVAL = st.tuples(st.integers(0, 100_000), st.integers(0, 100_000))


def merged(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    done: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if low > high:
            continue
        if done and low <= done[-1][1]:
            if low == done[-1][1] and high - low == done[-1][1] - done[-1][0] and high > low:
                done.append((low, high))  # two of one length that touch
            else:
                done[-1] = (done[-1][0], max(high, done[-1][1]))
        else:
            done.append((low, high))
    return done


@given(st.lists(INTERVAL))
def test_intervals(intervals: list[tuple[int, int]]) -> None:
    result = merged(intervals)
    assert all(one[1] < other[0] for one, other in pairwise(result))
