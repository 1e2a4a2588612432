"""Puts off work that costs as much as the whole program is large, not as much as is new, or that a slow target makes
long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.process.clock import Clock

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


class TimeShare:
    """Allows work that takes executions as long as it takes no more than a part of the time: where each is slow, and
    much is found, little else would be done.
    """

    def __init__(self, part: float) -> None:
        """`part`: of the time of a processor from now on."""
        self._part: Final = part
        self._begun: Final = Clock.processor()
        self._spent = 0

    def allows(self, seconds: float) -> bool:
        """Whether more may be spent; so many seconds may be at once. In a run that is to be repeatable they are so many
        that no clock decides.
        """
        return self._spent <= self._part * (Clock.processor() - self._begun) + seconds * 1e9

    @contextmanager
    def spending(self) -> Iterator[None]:
        """What is done in this context is such work."""
        begun = Clock.processor()
        try:
            yield
        finally:
            self._spent += Clock.processor() - begun
