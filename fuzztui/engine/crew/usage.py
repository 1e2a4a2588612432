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
        """`pid`: of a process that has not been reaped."""
        self._pid = pid
        self._process: psutil.Process | None = None
        """Made at the first look, which may fail as any other look may: nobody shall lose a process over it."""
        self._first = True

    def sample(self) -> Usage | None:
        """What the process uses now; None if that cannot be told, as when the process has ended."""
        try:
            process = self._process = self._process or psutil.Process(self._pid)
            with process.oneshot():
                cpu = process.cpu_percent()
                rss = process.memory_info().rss
                suspended = process.status() == psutil.STATUS_STOPPED
        except (psutil.Error, OSError):  # psutil lets some errors of /proc through, such as EMFILE
            return None
        first, self._first = self._first, False
        return Usage(None if first else cpu, rss, suspended)
