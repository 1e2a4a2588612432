"""Times entries with their probes and without them, to learn which part of the target's time the probes take.

A clock around each execution would say how long the target runs, but not why. So now and then one entry runs in both
forms. The fastest run of each form counts, because other work of the machine can only make a run slower.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from fuzztui.protocol.messages import LEAST_SLOWDOWN, MOST_SLOWDOWN
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.retire import Retirement

__builtins__ = PRIVATE_BUILTINS

FIRST_GAP: Final = 10
LAST_GAP: Final = 160
"""Calls from one measurement to the next; the gap doubles each time, because probes are retired often at first and
rarely later. In the end measuring takes less than a hundredth of the time."""

RUNS: Final = 50
"""Runs of each turn. There are four turns: lean code, bare code twice, lean code. They alternate because a machine's
speed drifts; each has many runs because the interpreter needs some to specialize exchanged code."""

TURN: Final = 5_000_000
"""Nanoseconds after which a turn ends; a turn has at least one run."""

LONGEST: Final = 10_000_000
"""Nanoseconds that a run of the entry may take: the measurement cannot be interrupted."""


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
        """The time of the entry's fastest run with probes, as in fuzzing, divided by that of its fastest run without;
        and the executions used, at most `budget`.

        `run` executes the entry once and returns its nanoseconds, or None if it failed. The quotient is None after a
        failure, for an entry that runs too long, if the budget is too small, or if the quotient cannot be due to
        probes: then the target ran differently, e.g. since it caches results of earlier runs.
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
