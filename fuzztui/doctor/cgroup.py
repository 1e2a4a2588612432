"""What the control groups around this process allow, in both versions of them and in mixtures. Pure but for `read`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fuzztui.engine.crew.cgroup import Group, group_of

Read = Callable[[str], str]
"""Gives the text of a file by its path. OSError as `open` raises it."""

NO_LIMIT: Final = 1 << 60
"""Version 1 writes "no limit" as the largest number that it can, rounded to pages."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is allowed, and how much of that is used by all processes that share it."""

    limit: float
    used: float | None
    """None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The tightest limit of each kind; None where there is none."""

    memory: Allowance | None
    """Bytes."""
    cores: float | None
    """Processor time a second of wall-clock time."""
    processes: Allowance | None
    """Processes and threads."""


def limits(read: Read) -> Limits:
    """The limits of the process' own control groups and of those above them. OSError, ValueError without `/proc`."""
    texts = read("/proc/self/cgroup"), read("/proc/self/mountinfo")
    memory, cpu, pids = (group_of(controller, *texts) for controller in ("memory", "cpu", "pids"))
    of_memory = ("memory.max", "memory.current")
    if memory is not None and memory.version == 1:
        of_memory = ("memory.limit_in_bytes", "memory.usage_in_bytes")
    return Limits(
        _tightest(read, memory, *of_memory), _cores(read, cpu), _tightest(read, pids, "pids.max", "pids.current")
    )


def _folders(group: Group | None) -> list[str]:
    return [str(folder) for folder in group.folders] if group is not None else []


def _tightest(read: Read, group: Group | None, limit_file: str, used_file: str) -> Allowance | None:
    """What leaves the least room."""
    found = []
    for folder in _folders(group):
        limit = _number(read, f"{folder}/{limit_file}")
        if limit is not None and limit < NO_LIMIT:
            found.append(Allowance(limit, _number(read, f"{folder}/{used_file}")))
    return min(found, key=lambda each: each.limit - (each.used or 0), default=None)


def _cores(read: Read, group: Group | None) -> float | None:
    found = []
    for folder in _folders(group):
        if group is not None and group.version == 1:
            quota, period = _number(read, f"{folder}/cpu.cfs_quota_us"), _number(read, f"{folder}/cpu.cfs_period_us")
            if quota is not None and period and quota > 0:
                found.append(quota / period)
            continue
        quota_text, _, period_text = (_text(read, f"{folder}/cpu.max") or "max").partition(" ")
        if quota_text != "max":
            found.append(int(quota_text) / int(period_text or 100_000))
    return min(found, default=None)


def _number(read: Read, path: str) -> int | None:
    """The number in a file; None if there is no such file or no limit in it."""
    text = _text(read, path)
    return None if text is None or text == "max" else int(text)


def _text(read: Read, path: str) -> str | None:
    try:
        return read(path).strip()
    except (FileNotFoundError, NotADirectoryError):  # the group at the top has none of the files
        return None
