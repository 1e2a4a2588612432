"""Processor time and memory of worker processes, sampled on the engine's side: psutil is too slow for a UI's loop."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process used at one look."""

    cpu: float | None
    """Per cent of one core since the look before; None at the first one."""
    rss: int
    """Bytes."""
    suspended: bool
    """Whether somebody has stopped the process (SIGSTOP)."""


class UsageSampler:
    """Looks at one process again and again."""

    def __init__(self, pid: int) -> None:
        """`pid`: of a process that exists."""
        self._process = psutil.Process(pid)
        self._first = True

    def sample(self) -> Usage | None:
        """What the process uses now; None if that cannot be told, as when the process has ended."""
        try:
            with self._process.oneshot():
                cpu = self._process.cpu_percent()
                rss = self._process.memory_info().rss
                suspended = self._process.status() == psutil.STATUS_STOPPED
        except (psutil.Error, OSError):  # psutil lets some errors of /proc through, such as EMFILE
            return None
        first, self._first = self._first, False
        return Usage(None if first else cpu, rss, suspended)
