"""Processor time and memory of worker processes, sampled on the engine's side: a UI's loop has other things to do."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fuzztui.engine.crew import procfs


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process used at one look."""

    cpu: float | None
    """Per cent of one core since the look before; None at the first one."""
    rss: int
    """Bytes."""
    suspended: bool
    """Whether a signal (SIGSTOP) or a tracer has stopped the process."""


class UsageSampler:
    """Looks at one process again and again."""

    def __init__(self, pid: int, now: Callable[[], float] = time.monotonic) -> None:
        """`pid`: of a process that has not been reaped."""
        self._pid = pid
        self._now = now
        self._before: tuple[float, float] | None = None
        """When the look before was, and the CPU seconds of the process then."""

    def sample(self) -> Usage | None:
        """What the process uses now; None if that cannot be told, as when the process has ended."""
        stat = procfs.stat(self._pid)
        if stat is None or stat.state == "Z":
            return None
        now, before = self._now(), self._before
        self._before = now, stat.cpu
        cpu = 100 * (stat.cpu - before[1]) / (now - before[0]) if before is not None and now > before[0] else None
        return Usage(cpu, stat.rss, stat.is_stopped)


@dataclass(frozen=True, slots=True)
class InUse:
    """Memory that a process and its descendants have in use, in bytes."""

    size: int
    may_be_less: bool
    """Whether memory that several of them use was counted for each."""


def memory_in_use(pid: int, ours: int, *, exact: bool) -> InUse | None:
    """What a worker and its descendants use; None if that cannot be told. `ours`: bytes of the engine's memory that the
    worker has mapped. `exact` costs milliseconds for each gigabyte, and only where there are descendants.
    """
    children = procfs.descendants(pid)
    measure = _share if exact and children else procfs.memory
    own = measure(pid)
    if own is None:
        return None
    others = [of_child for child in children if (of_child := measure(child)) is not None]
    size = own.private + max(0, own.shared - ours) + sum(each.private + each.shared for each in others)
    return InUse(size, may_be_less=bool(children) and not exact)


def _share(pid: int) -> procfs.Memory | None:
    """A process's share; all that it uses where the kernel does not let us look closely, as at a protected one."""
    return procfs.share_of_memory(pid) or procfs.memory(pid)
