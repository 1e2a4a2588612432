"""Which literals of the target stand closest to branches that have not been taken.

A branch is at the frontier if it has not been taken, but the block around it has been reached: some input came as far
as that. How close a literal is counts in lines, from that of the test which guards the branch.
"""

from collections.abc import Iterable

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.literals import Constant, Expression, Function, Literal, sites_of

__builtins__ = OWN_BUILTINS

BEHIND = 2
"""What a line counts beyond the test, where a literal is of use only once the branch has been taken."""

CROWD = 8
"""Literals in one line that count as one more line of distance: in a table, each is less likely to be the one."""


def closest(
    placed: Iterable[tuple[int, Literal[Constant] | Literal[Expression]]], seen: bytearray
) -> list[Constant | Expression]:
    """The literals used in functions that have been entered and not been covered completely, the closest first.

    `placed`: each with the first cell of its module; `seen`: the probe map, of which cells at the end may be missing.
    Equally close ones stay in order, and one that occurs more than once counts where it is closest.
    """
    frontiers: dict[tuple[int, int], list[int]] = {}
    crowds: dict[tuple[int, int, int], int] = {}
    distances: dict[tuple[type, Constant | Expression], int] = {}
    for base, (value, places) in placed:
        for function, line in places:
            key = base, id(function)
            lines = frontiers.get(key)
            if lines is None:
                lines = frontiers[key] = frontier(function, seen, base)
            if lines:
                distance = min([at - line if at >= line else BEHIND * (line - at) for at in lines])
                crowd = crowds[*key, line] = crowds.get((*key, line), 0) + 1
                distance += crowd // CROWD
                literal = type(value), value
                distances[literal] = min(distance, distances.get(literal, distance))
    return [value for _, value in sorted(distances, key=distances.__getitem__)]


def frontier(function: Function, seen: bytearray, base: int) -> list[int]:
    """The lines of a function's sites that have not been reached, without those in other such sites; none, if the
    function itself has not been entered.
    """
    sites = sites_of(function)
    index, count, _ = sites[-1]
    if seen.find(1, base + sites[0][0], base + index + count) < 0:
        return []
    lines = []
    end = 0
    for index, count, line in sites:
        if index >= end and seen.find(1, base + index, base + index + count) < 0:
            lines.append(line)
            end = index + count
    return lines
