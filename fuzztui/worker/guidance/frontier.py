"""Finds the literals of the target that are closest to branches which have not been taken.

A branch is at the frontier if it has not been taken although the block around it has been reached by some input. The
distance of a literal is counted in lines from the test that guards the branch.
"""

from collections.abc import Iterable

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.literals import Constant, Expression, Function, Literal, extent, groups_of

__builtins__ = PRIVATE_BUILTINS

BEHIND = 2
"""A line behind the test counts as so many: a literal there is of use only once the branch has been taken."""

LITERALS_PER_LINE = 8
"""So many literals in one line add one line to their distance: in a table, each is less likely to be the wanted one."""


def closest(
    placed: Iterable[tuple[int, Literal[Constant] | Literal[Expression]]], seen: bytearray
) -> list[Constant | Expression]:
    """The literals used in functions that have been entered but not covered completely, the closest first.

    `placed`: literals, each with the first cell of its module; `seen`: the probe map, which may lack cells at its end.
    Equally close literals stay in order, and a literal that is used in several places counts where it is closest.
    """
    known: dict[tuple[int, int], tuple[list[int], dict[int, int]]] = {}
    """Function -> the lines of its frontier, and how many literals its lines have had."""
    distances: dict[tuple[type, Constant | Expression], int] = {}
    for base, (value, places) in placed:
        closest_place = -1
        for function, line in places:
            key = base, id(function)
            found = known.get(key)
            if found is None:
                found = known[key] = frontier(function, seen, base), {}
            lines, crowds = found
            if lines:
                distance = min([at - line if at >= line else BEHIND * (line - at) for at in lines])
                crowd = crowds[line] = crowds.get(line, 0) + 1
                distance += crowd // LITERALS_PER_LINE
                if distance < closest_place or closest_place < 0:
                    closest_place = distance
        if closest_place >= 0:
            literal = type(value), value
            distances[literal] = min(closest_place, distances.get(literal, closest_place))
    return [value for _, value in sorted(distances, key=distances.__getitem__)]


def frontier(function: Function, seen: bytearray, base: int) -> list[int]:
    """The lines of a function's probe groups that have not been reached, without groups inside of other such groups.

    Empty if the function itself has not been entered.
    """
    begin, end = extent(function)
    if seen.find(1, base + begin, base + end) < 0:
        return []
    find, lines, reached = seen.find, [], 0
    for index, count, line in groups_of(function):
        if index >= reached and find(1, base + index, base + index + count) < 0:
            lines.append(line)
            reached = index + count
    return lines
