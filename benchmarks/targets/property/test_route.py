"""Composite strategies: a route through a small network that is drawn with it."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st


@st.composite
def networks(draw: Callable[..., Any]) -> tuple[int, list[tuple[int, int, int]]]:
    size = draw(st.integers(2, 8))
    node = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(node, node, st.integers(-20, 100)), max_size=16))


def distance(size: int, edges: list[tuple[int, int, int]], rounds: int) -> int | None:
    """From the first node to the last, by so many rounds of relaxing."""
    best: list[int | None] = [0] + [None] * (size - 1)
    for _ in range(rounds):
        for start, end, cost in edges:
            here, there = best[start], best[end]
            if here is not None and cost >= 0 and (there is None or here + cost < there):
                best[end] = here + cost
    return best[-1]


@given(networks())
def test_route(network: tuple[int, list[tuple[int, int, int]]]) -> None:
    size, edges = network
    few, many = distance(size, edges, 3), distance(size, edges, size)
    assert few == many
