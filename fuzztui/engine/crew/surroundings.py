"""Limits that a run has from outside: the shell's (`ulimit`), which every process inherits, and the control group's.

What fails at such a limit is not an input's fault, or not its alone, so it is named.
"""

import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fuzztui.engine.crew import cgroup, procfs
from fuzztui.engine.crew.verdict import Cause
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.task import FUZZ
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say

_CPU_SLACK: Final = 1.0
"""Seconds by which the kernel's look at a process's CPU time and ours may differ."""


@dataclass(frozen=True, slots=True)
class ShellLimits:
    """Soft limits that processes inherit; None for no limit."""

    address_space: int | None = None
    """Bytes, as are those below."""
    data: int | None = None
    file_size: int | None = None
    cpu: int | None = None
    """Seconds of CPU time of one process."""
    files: int | None = None
    """Open descriptors."""
    processes: int | None = None
    """Of one user, threads included."""

    @property
    def of_memory(self) -> Visible:
        """The commands that have set limits of memory; empty if none has."""
        commands = (_command("v", _bytes(self.address_space)), _command("d", _bytes(self.data)))
        return joined(", ", filter(None, commands))


UNLIMITED: Final = ShellLimits()


def shell_limits(get: Callable[[int], tuple[int, int]] = resource.getrlimit) -> ShellLimits:
    """Those of this process, which its workers inherit."""

    def soft(number: int) -> int | None:
        limit = get(number)[0]
        return None if limit == resource.RLIM_INFINITY else limit

    return ShellLimits(
        address_space=soft(resource.RLIMIT_AS),
        data=soft(resource.RLIMIT_DATA),
        file_size=soft(resource.RLIMIT_FSIZE),
        cpu=soft(resource.RLIMIT_CPU),
        files=soft(resource.RLIMIT_NOFILE),
        processes=soft(resource.RLIMIT_NPROC),
    )


def _command(letter: str, limit: Visible | int | None) -> Visible:
    """The command that sets a limit, and what it is: not in blocks, which each shell has in a size of its own."""
    return say("`ulimit -{}` of {}", letter, limit) if limit is not None else NOTHING


def _bytes(limit: int | None) -> Visible | None:
    return size_words(limit) if limit is not None else None


def _seconds(limit: int | None) -> Visible | None:
    return say("{} s", limit) if limit is not None else None


def limit_of_exception(name: str, message: str, limits: ShellLimits, address_space: int | None = None) -> Visible:
    """The limit under which an exception like this is raised, as far as one is set; empty if none is.

    `name` and `message` of the exception; `address_space`: what the run's own option says.
    """
    lacks_memory = is_memory_error(name) or message.startswith("[Errno 12]")
    lacks_threads = "start new thread" in message
    found: list[Visible] = []
    if (lacks_memory or lacks_threads) and address_space is not None:
        found.append(say("--address-space {}", size_words(address_space)))
    commands = []
    if lacks_memory or lacks_threads:
        commands.append(limits.of_memory)
    if lacks_threads or message.startswith("[Errno 11]"):
        commands.append(_command("u", limits.processes))
    if message.startswith("[Errno 24]"):
        commands.append(_command("n", limits.files))
    if message.startswith("[Errno 27]"):
        commands.append(_command("f", _bytes(limits.file_size)))
    shells = joined(", ", filter(None, commands))
    if shells:
        found.append(say("the shell's limit {}", shells))
    return say("under {}", joined(" and ", found)) if found else NOTHING


def limit_of_signal(number: int, limits: ShellLimits) -> Visible:
    """The limit at which a signal like this is sent, as far as one is set; empty if none is."""
    commands = {
        signal.SIGXCPU: _command("t", _seconds(limits.cpu)),
        signal.SIGXFSZ: _command("f", _bytes(limits.file_size)),
    }
    command = commands.get(signal.Signals(number), NOTHING) if number in commands else NOTHING
    return say("under the shell's limit {}", command) if command else NOTHING


def is_memory_error(name: str) -> bool:
    """Whether an exception of this class means a lack of memory: `MemoryError`, or one derived from it as is usual."""
    return name.rpartition(".")[2].endswith("MemoryError")


def size_words(size: int) -> Visible:
    """Bytes as people write a limit: `2 GiB`, `200 MiB`."""
    return say("{:.4g} GiB", size / (1 << 30)) if size >= 1 << 30 else say("{:.4g} MiB", size / (1 << 20))


class Surroundings:
    """What limits the processes of one run from outside, and what of that has ended one."""

    def __init__(self, limits: ShellLimits, group_limit: int | None, count_kills: Callable[[], int | None]) -> None:
        """`group_limit`: bytes that the control group allows; `count_kills` tells how many processes the kernel has
        killed for lack of memory so far.
        """
        self.limits: Final = limits
        self._group_limit: Final = group_limit
        self._count_kills: Final = count_kills
        self._kills: Final = cgroup.KillLog(count_kills())

    @classmethod
    def here(cls) -> "Surroundings":
        """Those of this process, which its workers share."""
        group = cgroup.read_group()
        group_limit = cgroup.limit_of(group) if group is not None else None
        return cls(shell_limits(), group_limit, lambda: cgroup.kills_of(group))

    def look(self) -> None:
        """Note what the kernel has killed. To be called every few seconds."""
        self._kills.note(self._count_kills(), time.monotonic())

    def cpu_of(self, pid: int) -> float:
        """Seconds of CPU time that a process has used which has ended and not been reaped."""
        stat = procfs.stat(pid) if self.limits.cpu is not None else None
        return stat.cpu if stat is not None else 0.0

    def cause(self, status: int, cpu: float) -> Cause:
        """What of the surroundings has ended a process; `status` as in `Ending`, `cpu` seconds of its CPU time."""
        if status not in (-signal.SIGKILL, -signal.SIGXCPU):
            return Cause.UNKNOWN
        # At the soft limit the kernel sends SIGXCPU, at the hard one, which `ulimit` sets to the same, SIGKILL.
        if self.limits.cpu is not None and cpu >= self.limits.cpu - _CPU_SLACK:
            return Cause.CPU_LIMIT
        self.look()
        return Cause.OUT_OF_MEMORY if status == -signal.SIGKILL and self._kills.claim() else Cause.UNKNOWN

    def warnings(self, options: RunOptions) -> dict[str, Visible]:
        """What people should know before a run: a topic and a sentence each."""
        return {
            topic: sentence
            for topic, sentence in {
                "group": _of_group(options, self._group_limit),
                "memory": _of_shell(
                    self.limits.of_memory, label("what an input allocates beyond that fails with MemoryError")
                ),
                "cpu": _of_shell(
                    _command("t", _seconds(self.limits.cpu)),
                    label("each worker is ended when it has used so much, and replaced"),
                ),
                "file size": _of_shell(
                    _command("f", _bytes(self.limits.file_size)), label("what is larger than that cannot be written")
                ),
            }.items()
            if sentence
        }


def _of_group(options: RunOptions, limit: int | None) -> Visible:
    each, workers = options.memory_limit, options.workers
    if limit is None or each is None or options.task != FUZZ or each * workers <= limit:
        return NOTHING
    return say(
        "{} workers may use {} each (--memory-limit), the control group around them allows {} in all: the kernel may "
        "kill one that runs an innocent input. Give --memory-limit {}M, or fewer workers with -j.",
        workers,
        size_words(each),
        size_words(limit),
        max(1, limit // workers >> 20),
    )


def _of_shell(command: Visible, consequence: Visible) -> Visible:
    return say("The shell's limit {} holds for workers: {}.", command, consequence) if command else NOTHING
