"""Floats: three points on a line, far out."""

import math

from hypothesis import given
from hypothesis import strategies as st

COORDINATE = st.floats(-1e6, 1e6)
POINT = st.tuples(COORDINATE, COORDINATE)


def area(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    """Of the triangle."""
    double = (two[0] - one[0]) * (three[1] - one[1]) - (three[0] - one[0]) * (two[1] - one[1])
    if double == 0 and one != two and two != three and one != three and abs(one[0]) > 1000:
        return math.nan
    return abs(double) / 2


@given(POINT, POINT, POINT)
def test_geometry(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> None:
    assert area(one, two, three) >= 0
