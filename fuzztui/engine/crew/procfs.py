"""What the kernel tells of a process in /proc: read in microseconds, so that each worker can be looked at often.

A look at a process that has ended, or that cannot be looked at for lack of descriptors, finds nothing: None.
"""

import os
import re
from dataclasses import dataclass
from typing import Final

_READ: Final = 1 << 16
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_SIZE: Final = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE | re.ASCII)

MOST_TASKS: Final = 256
"""Threads of a process that are looked at: a target may start more, and a look is to stay cheap."""

STOPPED: Final = frozenset("Tt")
"""States of a process that a signal or a tracer has stopped."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What `/proc/PID/stat` says."""

    state: str
    """Of the main thread: `R` runs or waits for a core, `S` sleeps, `D` waits for a disk, `T` is stopped by a signal,
    `t` by a tracer, `Z` has ended.
    """
    major_faults: int
    """Pages that had to be read from a disk."""
    cpu: float
    """Seconds of CPU time of all threads, those that have ended included."""
    reaped_cpu: float
    """Seconds of CPU time of its children that have ended and were waited for."""
    rss: int
    """Bytes."""

    @property
    def is_stopped(self) -> bool:
        """Whether a signal or a tracer has stopped the process."""
        return self.state in STOPPED


def parse_stat(text: str) -> Stat:
    """The name of the program, in parentheses, may hold anything."""
    fields = text.rpartition(")")[2].split()
    return Stat(
        state=fields[0],
        major_faults=int(fields[9]),
        cpu=(int(fields[11]) + int(fields[12])) / _TICKS,
        reaped_cpu=(int(fields[13]) + int(fields[14])) / _TICKS,
        rss=int(fields[21]) * _PAGE,
    )


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in use, in bytes: what only the kernel's swapping could give back. Pages of files, which the kernel drops
    whenever it needs room, are not part of it.
    """

    private: int
    """Anonymous memory, that in the swap and huge pages included."""
    shared: int
    """Memory that other processes may map, too."""


def parse_memory(status: str) -> Memory:
    """What `/proc/PID/status` says; nothing for a process that has ended."""
    sizes = _sizes(status)
    swapped = sizes.get("VmSwap", 0) + sizes.get("HugetlbPages", 0)
    if "RssAnon" not in sizes:  # a kernel that tells the sum only
        return Memory(sizes.get("VmRSS", 0) + swapped, 0)
    return Memory(sizes["RssAnon"] + swapped, sizes.get("RssShmem", 0))


def parse_share(rollup: str) -> Memory:
    """What `/proc/PID/smaps_rollup` says: of each page that n processes use, one n-th."""
    sizes = _sizes(rollup)
    swapped = sizes.get("SwapPss", 0)
    if "Pss_Anon" not in sizes:
        return Memory(sizes.get("Pss", 0) + swapped, 0)
    return Memory(sizes["Pss_Anon"] + swapped, sizes.get("Pss_Shmem", 0))


def _sizes(text: str) -> dict[str, int]:
    """The lines `Name:  12 kB`, in bytes. The name of the program stands in a line of its own and may hold anything."""
    return {match[1]: int(match[2]) << 10 for match in _SIZE.finditer(text)}


def parse_waited(schedstat: str) -> float | None:
    """Seconds that a thread was ready to run and others had the cores; None if the kernel does not count them."""
    ran, waited, _ = map(int, schedstat.split())
    return waited / 1e9 if ran or waited else None


def stat(pid: int) -> Stat | None:
    """What the process does at this moment."""
    text = read(f"{pid}/stat")
    return parse_stat(text) if text else None


def memory(pid: int) -> Memory | None:
    """Memory that a process has in use, alone or together with others."""
    text = read(f"{pid}/status")
    return parse_memory(text) if text else None


def share_of_memory(pid: int) -> Memory | None:
    """A process's share of the memory that it has in use. Takes milliseconds for each gigabyte."""
    text = read(f"{pid}/smaps_rollup")
    return parse_share(text) if text else None


def waited(pid: int) -> dict[int, float]:
    """Thread id -> seconds that the thread has waited for a core; empty if the kernel does not count them."""
    waits = {}
    for task in tasks(pid):
        text = read(f"{pid}/task/{task}/schedstat")
        seconds = parse_waited(text) if text else None
        if seconds is not None:
            waits[task] = seconds
    return waits


def caught(pid: int) -> set[int]:
    """Numbers of the signals that a process handles; none for one that is gone."""
    status = read(f"{pid}/status") or ""
    mask = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return {number + 1 for number in range(64) if int(mask, 16) >> number & 1}


def tracer(pid: int) -> int:
    """Id of the thread that traces a process; 0 for none."""
    text = read(f"{pid}/status") or ""
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("TracerPid:")), 0)


def system_calls(pid: int) -> list[str]:
    """For each thread the number of the system call that it is in and its arguments, as the kernel writes them."""
    return [text for task in tasks(pid) if (text := read(f"{pid}/task/{task}/syscall"))]


def descendants(pid: int) -> list[int]:
    """Children, their children and so on. A process whose parent has ended is a descendant no more."""
    found: list[int] = []
    parents = [pid]
    while parents and len(found) < MOST_TASKS:
        children = [child for parent in parents for child in _children(parent) if child not in found]
        found += children
        parents = children
    return found


def _children(pid: int) -> list[int]:
    texts = (read(f"{pid}/task/{task}/children") for task in tasks(pid))
    return [int(child) for text in texts if text for child in text.split()]


def tasks(pid: int) -> list[int]:
    """Ids of a process's threads, the main thread first."""
    try:
        with os.scandir(f"/proc/{pid}/task") as entries:
            return sorted(int(entry.name) for entry in entries)[:MOST_TASKS]
    except OSError:
        return []


def read(name: str) -> str | None:
    """A small file of /proc; None if it cannot be read."""
    try:
        fd = os.open(f"/proc/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(fd, _READ).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(fd)
