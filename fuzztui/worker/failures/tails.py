"""The inputs that ran before one that fails, told with its failure: it may be they that make it fail."""

from typing import Final

from fuzztui.protocol.memory import SharedMemory
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.process.clock import Clock

__builtins__ = PRIVATE_BUILTINS

AT_FIRST: Final = 0.3
"""Seconds that a process spends on telling tails at any time: enough for more than ten long ones."""

SHARE: Final = 0.005
"""Part of its time that it may spend on them besides, and the coordinator spends about as much. A target with a
thousand bugs is searched all the same, and of its crashers after the first not every one needs a tail."""


class Tails:
    """Reads tails from the shared memory, in reasonable number."""

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory
        self._groups: set[str] = set()
        """Of failures that have been told with a tail."""
        self._left = AT_FIRST
        """Seconds that may be spent."""
        self._asked_at = Clock.seconds()

    def take(self, group: str) -> list[bytes]:
        """What ran before the input that has just failed, the oldest first; `group`: the failure's. None for a group
        that has had its tail, nor where too many are asked for. One that is sent is to be followed by `told`.
        """
        now = Clock.seconds()
        self._left = min(AT_FIRST, self._left + SHARE * (now - self._asked_at))
        self._asked_at = now
        if group in self._groups or self._left <= 0:
            return []
        self._groups.add(group)
        return self._memory.recent_inputs()

    def told(self) -> None:
        """What was taken last has been sent, which takes as long as to read it."""
        self._left -= Clock.seconds() - self._asked_at
