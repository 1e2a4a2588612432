"""What the control group around a run allows its processes, and whether the kernel has killed one for lack of memory.

Where groups are mounted, and which version of them, is read from the kernel, never assumed: version 2 has one hierarchy
for all, version 1 one for memory alone, a hybrid system both. What a container sees of its own path may begin above
what is mounted there.
"""

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

FRESH: Final = 10.0
"""Seconds for which a kill that the kernel counts may explain the end of a process. The counts are read every few
seconds, and a process in a full group may take a while to end."""

_UNLIMITED: Final = 1 << 62
"""Bytes from which on a limit of version 1, which has no word for it, means none."""


@dataclass(frozen=True, slots=True)
class Group:
    """The control group that limits something for a process."""

    folders: tuple[Path, ...]
    """Its own folder, then those of the groups around it as far as they can be seen."""
    version: int

    @property
    def limit_file(self) -> str:
        """Name of the file that holds the limit of a group."""
        return "memory.max" if self.version == 2 else "memory.limit_in_bytes"

    @property
    def kills_file(self) -> str:
        """Name of the file that counts processes of a group which the kernel has killed for lack of memory."""
        return "memory.events" if self.version == 2 else "memory.oom_control"


def group_of(controller: str, cgroup: str, mountinfo: str) -> Group | None:
    """The group in which a controller (`memory`, `cpu`, `pids`) limits the process that these texts were read in,
    `/proc/self/cgroup` and `/proc/self/mountinfo`; None if there is none or its hierarchy is not mounted. A hierarchy
    of version 1 that has the controller wins: then version 2 has not.
    """
    paths: dict[int, str] = {}
    for line in cgroup.splitlines():
        number, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            paths[1] = path
        elif number == "0" and not controllers:
            paths[2] = path
    for version in sorted(paths):
        for mount in (_parse_mount(line, controller) for line in mountinfo.splitlines()):
            if mount is not None and mount.version == version:
                return Group(_folders(paths[version], mount), version)
    return None


@dataclass(frozen=True, slots=True)
class _Mount:
    root: str
    """Which part of the hierarchy is mounted."""
    point: str
    version: int


def _parse_mount(line: str, controller: str) -> _Mount | None:
    """A line of `mountinfo`; None if no hierarchy is mounted there that could have the controller."""
    before, _, after = line.partition(" - ")
    fields, kind = before.split(), after.split()
    if len(fields) < 5 or len(kind) < 3:
        return None
    root, point = map(_unescaped, fields[3:5])
    if kind[0] == "cgroup2":
        return _Mount(root, point, 2)
    if kind[0] == "cgroup" and controller in kind[2].split(","):
        return _Mount(root, point, 1)
    return None


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def _folders(path: str, mount: _Mount) -> tuple[Path, ...]:
    """Where the group and those around it are found below the mount; a group that is not below it is above it, and the
    mount's own is the nearest that can be seen.
    """
    group, root = PurePosixPath(path), PurePosixPath(mount.root)
    inside = group.relative_to(root) if group.is_relative_to(root) and ".." not in group.parts else PurePosixPath()
    return tuple(Path(mount.point, each) for each in (inside, *inside.parents))


def parse_limit(text: str) -> int | None:
    """What the file of a limit says, in bytes; None for no limit."""
    word = text.strip()
    return int(word) if word.isdigit() and int(word) < _UNLIMITED else None


def parse_kills(text: str) -> int | None:
    """What a file of `NAME COUNT` lines says of the kernel's kills: `memory.events`, `memory.oom_control`, `vmstat`;
    None if it says nothing.
    """
    for line in text.splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill" and count.strip().isdigit():
            return int(count)
    return None


def read_group() -> Group | None:
    """The group of this process, which its workers share; None if there is none."""
    cgroup, mountinfo = _read(Path("/proc/self/cgroup")), _read(Path("/proc/self/mountinfo"))
    return group_of("memory", cgroup, mountinfo) if cgroup is not None and mountinfo is not None else None


def limit_of(group: Group) -> int | None:
    """Bytes that the processes of a group may use together, by its limit or one around it; None if there is none."""
    texts = (_read(folder / group.limit_file) for folder in group.folders)
    limits = [limit for text in texts if text is not None and (limit := parse_limit(text)) is not None]
    return min(limits, default=None)


def kills_of(group: Group | None) -> int | None:
    """How many processes of a group the kernel has killed for lack of memory, in the group or on the whole machine; of
    the machine's processes where there is no group that counts; None if nothing counts.
    """
    files = [group.folders[0] / group.kills_file] if group is not None else []
    for path in (*files, Path("/proc/vmstat")):
        text = _read(path)
        kills = parse_kills(text) if text is not None else None
        if kills is not None:
            return kills
    return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return None


class KillLog:
    """The kernel's kills of late, each of which explains the end of one process."""

    def __init__(self, kills: int | None) -> None:
        """`kills`: the count at the start, None if there is none."""
        self._kills = kills
        self._unexplained: deque[float] = deque()
        """When kills were noticed that have explained nothing yet."""

    def note(self, kills: int | None, now: float) -> None:
        """The count at the monotonic time `now`."""
        if kills is not None and self._kills is not None:
            self._unexplained.extend([now] * (kills - self._kills))
        self._kills = kills
        while self._unexplained and now - self._unexplained[0] > FRESH:
            self._unexplained.popleft()

    def claim(self) -> bool:
        """A process has been killed: whether one of the kernel's kills explains that. Each explains one."""
        if not self._unexplained:
            return False
        self._unexplained.popleft()
        return True
