"""How much of an execution's time was its own doing, and not that of a busy machine."""

from dataclasses import dataclass
from typing import Final

from fuzztui.engine.crew import procfs

LONGEST_WAIT: Final = 20
"""How many times the time-out an execution may last by the clock, however little the machine gave it: a process that
gets less than a twentieth of a core would otherwise be waited for without end."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a process has had of the machine up to one look, its threads and its descendants included."""

    state: str
    """As in `procfs.Stat`."""
    cpu: float
    """Seconds."""
    major_faults: int
    waited: dict[int, float]
    """Thread id -> seconds in which it could have run and had no core; empty where the kernel does not count them."""


def progress(before: Effort, after: Effort, seconds: float) -> tuple[float, float]:
    """CPU seconds that a process had in the `seconds` from one look to the next, and seconds that it was held up: it
    was ready and had no core, or waited for a page of its memory that the machine had put out to a disk.

    The kernel counts a wait for a core when it is over, so in one step it may be longer than the step.
    """
    ran = max(0.0, after.cpu - before.cpu)
    if after.state == "D" and after.major_faults > before.major_faults:
        return ran, max(0.0, seconds - ran)
    if after.waited and before.waited:
        waits = (waited - before.waited.get(task, 0.0) for task, waited in after.waited.items())
        return ran, sum(max(0.0, wait) for wait in waits)
    return ran, max(0.0, seconds - ran) if after.state == "R" else 0.0


def is_too_long(own: float, clock: float, timeout: float) -> bool:
    """Whether an execution has had its time: `own` and `clock` as in `HangClock`."""
    return own >= timeout or clock >= LONGEST_WAIT * timeout


def effort_of(pid: int) -> Effort | None:
    """Look at a process; None if it has ended or cannot be looked at."""
    stat = procfs.stat(pid)
    if stat is None:
        return None
    cpu = stat.cpu + stat.reaped_cpu
    waited = procfs.waited(pid)
    for child in procfs.descendants(pid):
        of_child = procfs.stat(child)
        if of_child is not None:
            cpu += of_child.cpu + of_child.reaped_cpu
            waited |= procfs.waited(child)
    return Effort(stat.state, cpu, stat.major_faults, waited)


class CpuTime:
    """CPU seconds of processes that follow one another, their children that have ended included."""

    def __init__(self) -> None:
        """None so far."""
        self.seconds = 0.0
        self._pid = 0
        self._before = 0.0

    def look(self, pid: int) -> None:
        """Count what a process has had since the last look at it. What it has between the last look and its end is not
        counted.
        """
        stat = procfs.stat(pid)
        if stat is None:
            return
        if pid != self._pid:
            self._pid, self._before = pid, 0.0
        used = stat.cpu + stat.reaped_cpu
        self.seconds += max(0.0, used - self._before)
        self._before = used
