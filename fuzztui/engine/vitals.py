"""Processor time and memory of worker processes, sampled on the engine's side: psutil is too slow for a UI's loop."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at one process."""

    cpu: float | None
    """Per cent of one core since the look before; None at the first one."""
    rss: int
    """Bytes."""
    stopped: bool
    """Whether somebody has suspended it (SIGSTOP)."""


class VitalsSampler:
    """Looks at one process again and again."""

    def __init__(self, pid: int) -> None:
        """Watch the process `pid`, which exists."""
        self._process = psutil.Process(pid)
        self._first = True

    def sample(self) -> Vitals | None:
        """What the process uses now; None if it has ended."""
        try:
            with self._process.oneshot():
                cpu = self._process.cpu_percent()
                rss = self._process.memory_info().rss
                stopped = self._process.status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return None
        first, self._first = self._first, False
        return Vitals(None if first else cpu, rss, stopped)
