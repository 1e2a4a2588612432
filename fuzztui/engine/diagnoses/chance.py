"""How likely a search finds something new soon, from what it has found so far. Pure.

Executions are a sample, edges its species (Böhme, STADS: Software Testing as Species Discovery, ACM TOSEM 27(2), 2018).
By Good's and Turing's estimator (Good, Biometrika 40, 1953) the chance that the next execution discovers something is
the share of executions so far that have: those of which something is covered that no other execution has covered. It
falls in proportion to one over the executions, since finding as much again takes exponentially more of them (Böhme and
Falk, Fuzzing: On the Exponential Cost of Vulnerability Discovery, ESEC/FSE 2020).
"""

import math
from typing import Final

SOURCE: Final = "Good-Turing, as in Böhme's STADS"


def chance(singles: int, executions: int, more: float) -> float:
    """The chance, 0 to 1, that one of `more` executions after these discovers something.

    `singles`: executions of these of which something is covered that no other one has covered. With S of them in n
    executions, and discoveries that get rarer as 1/n, S ln((n + m) / n) are to be expected in m more.
    """
    if executions <= 0 or more <= 0 or singles <= 0:
        return 0.0
    return 1.0 - math.exp(-singles * math.log1p(more / executions))


def most(executions: int, more: float) -> float:
    """The chance that is still left where nothing is single: that of a search with one single find, an upper bound as
    Laplace's rule gives it, m / (n + m).
    """
    return chance(1, executions, more)
