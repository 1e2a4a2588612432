"""Puts off work that costs as much as the whole program is large, not as much as is new."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class Ration:
    """Allows such work as long as it costs little beside the executions so far.

    Both are counted, in steps of about a tenth of a microsecond, and no clock is asked: a run has to be repeatable.
    """

    def __init__(self, at_once: int, per_execution: float) -> None:
        """`at_once`: steps that are allowed before anything has been executed, since what is learned early is worth
        most; `per_execution`: steps that each execution allows.
        """
        self._at_once: Final = at_once
        self._per_execution: Final = per_execution
        self._spent = 0

    def allows(self, steps: int, executions: int) -> bool:
        """Whether so many steps may be taken after so many executions; if so they count as taken. The first time they
        may always be.
        """
        if self._spent and self._spent + steps > self._at_once + self._per_execution * executions:
            return False
        self._spent += steps
        return True
