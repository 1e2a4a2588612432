"""Times entries with their probes and without: the part of the target's time that is none of its own.

A clock around each execution would say how long the target runs, but not why. So now and then one entry runs in both
forms. Its fastest run of each counts: what else the machine does can only make a run slower.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from fuzztui.protocol.messages import LEAST_SLOWDOWN, MOST_SLOWDOWN
from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.retire import Retirement

__builtins__ = OWN_BUILTINS

FIRST_GAP: Final = 10
LAST_GAP: Final = 160
"""Calls from one measurement to the next, which double: at first probes are retired all the time, later little changes.
In the end it takes less than a hundredth of the time."""

RUNS: Final = 50
"""Of each turn, of which there are four: lean code, twice bare code, lean code. In turns, since a machine changes its
pace; many runs in each, since an interpreter that has got other code takes some to be fast again."""

TURN: Final = 5_000_000
"""Nanoseconds of a turn at most, or one run."""

LONGEST: Final = 10_000_000
"""Nanoseconds of an entry's run at most: the worker hears no call meanwhile."""


class Overhead:
    """How many times as long entries take with their probes. State: how many calls ago one was measured."""

    def __init__(self, retirement: Retirement) -> None:
        """`retirement`: of the functions that entries run."""
        self._retirement = retirement
        self._calls = 0
        self._gap = FIRST_GAP

    def is_due(self) -> bool:
        """A call begins: whether its entry is to be measured. By the number of calls and nothing else."""
        self._calls += 1
        if self._calls < self._gap:
            return False
        self._calls = 0
        self._gap = min(2 * self._gap, LAST_GAP)
        return True

    def measure(self, run: Callable[[], int | None], budget: int) -> tuple[float | None, int]:
        """The time of an entry's fastest run as in fuzzing, divided by that of its fastest run without probes; and the
        executions that this took, at most `budget` of them.

        `run` executes the entry once and returns the nanoseconds that took, or None if it failed. There is no result
        after a failure, for an entry that runs too long, where the budget is too small, or where the times are of
        something else, such as what a target remembers of its earlier runs.
        """
        runs = min(RUNS, budget // 4)
        fastest: dict[bool, int] = {}
        executions = 0
        for is_bare, turns in ((False, 1), (True, 2), (False, 1)):
            left = turns * TURN
            with self._retirement.bare() if is_bare else nullcontext():
                for _ in range(turns * runs):
                    executions += 1
                    nanoseconds = run()
                    if nanoseconds is None or nanoseconds > LONGEST:
                        return None, executions
                    fastest[is_bare] = min(nanoseconds, fastest.get(is_bare, nanoseconds))
                    left -= nanoseconds
                    if left <= 0:
                        break
        if not fastest or not fastest[True]:
            return None, executions
        slowdown = fastest[False] / fastest[True]
        return slowdown if LEAST_SLOWDOWN <= slowdown <= MOST_SLOWDOWN else None, executions
