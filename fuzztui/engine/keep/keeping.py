"""Stores what is found in the generated corpus: many inputs with one job of the disk, where they come faster than one
after the other can be handed to its thread and back.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from fuzztui.engine.keep.disk import DiskLike
from fuzztui.engine.show.text import Visible

MOST_AT_ONCE: Final = 64
"""Inputs that one job stores: a disk that has not answered for seconds is noticed by a job that is not done."""


class Keeping:
    """Inputs on their way to the corpus' folder, in order. A job of the disk is pending for as long as one waits."""

    def __init__(self, keep: Callable[[bytes], Visible], disk: DiskLike, told: Callable[[Visible], None]) -> None:
        """`keep` stores an input, on the disk's thread, and says why it could not; `told` is called on the loop with
        what it says, for each.
        """
        self._keep = keep
        self._disk = disk
        self._told = told
        self._waiting: deque[bytes] = deque()
        self._is_asked = False
        """Whether a job has been given to the disk that has not come back."""

    def __len__(self) -> int:
        """Inputs that no job has begun with."""
        return len(self._waiting)

    def add(self, data: bytes) -> None:
        """Store an input soon."""
        self._waiting.append(data)
        if not self._is_asked:
            self._is_asked = True
            self._disk.do(self._store, self._stored)

    def _store(self) -> list[Visible]:
        """On the disk's thread: the loop only appends meanwhile."""
        problems: list[Visible] = []
        while self._waiting and len(problems) < MOST_AT_ONCE:
            problems.append(self._keep(self._waiting.popleft()))
        return problems

    def _stored(self, problems: list[Visible]) -> None:
        self._is_asked = bool(self._waiting)
        if self._is_asked:
            self._disk.do(self._store, self._stored)
        for problem in problems:
            self._told(problem)
