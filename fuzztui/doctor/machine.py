"""What the machine, or the container that looks like one, has and allows."""

import ctypes
import os
import re
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.doctor import cgroup
from fuzztui.doctor.check import Examination, Finding, Status, note, ok, problem
from fuzztui.engine.keep.mounts import Mount, mount_of, mounts
from fuzztui.engine.request.options import usable_cores
from fuzztui.engine.request.privacy import why_not
from fuzztui.engine.show.text import NOTHING, joined, label, say, size, visible

AREA: Final = "machine"

WORKER_MEMORY: Final = 64 << 20
"""Bytes that a worker takes with an ordinary target: the interpreter, what it imports, and the coverage of that."""

MARK: Final = 1 << 60
"""Microseconds in the limit that marks what comes from a worker, see `fuzztui.engine.crew.orphans`."""

_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_GET_CHILD_SUBREAPER: Final = 37

CLOCK_SLACK: Final = 86_400
"""Seconds that a clock may be behind files that it has written: time zones are set wrongly now and then."""


# Cores and memory -----------------------------------------------------------------------------------------------------


def cores(usable: int, machine: int, quota: float | None, workers: int) -> Finding:
    """Whether there is a core for each worker; `quota`: cores that a control group allows."""
    value = say("{} of {}", usable, machine)
    if quota is not None:
        value = say("{}, {:.2g} of them by control group", value, quota)
        if quota < workers:
            return note(
                value,
                say(
                    "{} workers share that and get in each other's way: run with -j {}.", workers, max(1, round(quota))
                ),
            )
    if workers > usable:
        return note(value, say("{} workers share them: run with -j {}.", workers, usable))
    return ok("{}", value)


def memory(free: int, limit: cgroup.Allowance | None, workers: int, each: int | None) -> Finding:
    """Whether so many workers with so many bytes fit; `free`: bytes that the machine could give now."""
    room = free if limit is None else min(free, int(limit.limit - (limit.used or 0)))
    value = say("{} free", size(max(0, room)))
    if limit is not None:
        value = say("{} (control group: {} of {})", value, size(int(limit.used or 0)), size(int(limit.limit)))
    if room < workers * WORKER_MEMORY:
        return problem(
            value,
            say(
                "{} workers need {} to begin with: run with -j {}.",
                workers,
                size(workers * WORKER_MEMORY),
                max(1, room // WORKER_MEMORY),
            ),
        )
    if each is None:
        return note(
            value, label("Without --memory-limit one input may take all of it, and the system ends what it likes.")
        )
    if room < workers * each:
        fitting = max(64, room // workers >> 20)
        return note(
            value,
            say(
                "{} workers may use {}: lower that, --memory-limit {}M, lest the system ends them.",
                workers,
                size(workers * each),
                fitting,
            ),
        )
    return ok("{}, {} workers may use {}", value, workers, size(workers * each))


def free_memory(meminfo: str) -> int:
    """Bytes that could be had without pushing others out, by the text of `/proc/meminfo`."""
    fields = dict(re.findall(r"^(\w+):\s+(\d+) kB$", meminfo, re.MULTILINE))
    return int(fields.get("MemAvailable") or fields["MemFree"]) * 1024


def processes(limit: cgroup.Allowance | None, workers: int) -> Finding:
    """Whether a control group allows so many workers more."""
    if limit is None:
        return ok("no limit by control group")
    value = say("{:.0f} of {:.0f} by control group", limit.used or 0, limit.limit)
    if limit.limit - (limit.used or 0) < 2 * workers + 2:
        return problem(
            value, label("Workers cannot be started: raise pids.max of the container, or take fewer workers (-j).")
        )
    return ok("{}", value)


def overcommit(mode: str, meminfo: str) -> Finding:
    """Whether memory is promised only as far as there is some."""
    if mode.strip() != "2":
        return ok("memory is given when it is touched (mode {})", mode.strip())
    fields = dict(re.findall(r"^(\w+):\s+(\d+) kB$", meminfo, re.MULTILINE))
    left = (int(fields["CommitLimit"]) - int(fields["Committed_AS"])) * 1024
    return note(
        say("strict (mode 2), {} are left to be promised", size(max(0, left))),
        label("Reserving memory fails even if much is free: MemoryError of a target may be the system's doing."),
    )


def load(loadavg: str, usable: int) -> Finding:
    """Whether others need the cores, by the text of `/proc/loadavg`."""
    last_minute = float(loadavg.split()[0])
    value = say("{:.1f} on {} cores", last_minute, usable)
    if last_minute > 1.5 * usable:
        return note(value, label("Others compute here: executions take longer by the clock."))
    return ok("{}", value)


# What the kernel has and allows ---------------------------------------------------------------------------------------


def proc(table: list[Mount], status: str, *, lists_children: bool) -> Finding:
    """Whether processes can be looked at; `status`: text of `/proc/self/status`, empty if there is none."""
    mount = mount_of("/proc", table)
    if mount is None or mount.kind != "proc" or "Pid:" not in status:
        return problem(
            label("not mounted"), label("Mount it (mount -t proc proc /proc): workers' memory and ends are seen there.")
        )
    hidden = next(
        (each for each in mount.options if each.startswith("hidepid=") and each[8:] not in ("0", "off")), None
    )
    if hidden:
        return ok("readable, others' processes are hidden ({})", hidden)
    return ok("readable") if lists_children else ok("readable; children are searched for, which takes longer")


def sandbox(status: str, yama: str | None) -> Finding:
    """Filters of system calls and the like, by the text of `/proc/self/status`."""
    fields = dict(re.findall(r"^(\w+):\s*(\S*)$", status, re.MULTILINE))
    parts = [
        say("no new privileges: {}", "yes" if fields.get("NoNewPrivs") == "1" else "no"),
        say(
            "system calls filtered: {}",
            {"0": "no", "1": "strict", "2": "yes"}.get(fields.get("Seccomp", "0"), "unknown"),
        ),
        say("ptrace scope {}", yama.strip()) if yama is not None else label("no ptrace scope"),
    ]
    value = joined(", ", parts)
    if fields.get("Seccomp", "0") != "0":
        return note(
            value, label("A system call that the filter refuses fails, or ends the target: no bug of the target's.")
        )
    return Finding(Status.OK, value)


def shared_memory() -> Finding:
    """Makes what workers and dashboard share, as a run does."""
    if not hasattr(os, "memfd_create"):
        return ok("files without a name: this system has no memfd_create")
    descriptor = os.memfd_create("fuzztui-doctor", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, 1 << 20)
    os.close(descriptor)
    return ok("memfd_create works")


def deaths() -> Finding:
    """Whether the end of a process is told at once."""
    if not hasattr(os, "pidfd_open"):
        return ok("looked for 50 times a second: this system has no pidfd_open")
    descriptor = os.pidfd_open(os.getpid())
    try:
        signal.pidfd_send_signal(descriptor, 0)
    finally:
        os.close(descriptor)
    return ok("pidfd_open works")


def orphans(hard_limit: int, is_reaper: bool) -> Finding:
    """Whether processes that a target leaves behind are found; `hard_limit`: of RLIMIT_RTTIME, in microseconds."""
    trouble = []
    if hard_limit != resource.RLIM_INFINITY and hard_limit < MARK:
        trouble.append(label("the limit of real-time computing, which marks them, is in use"))
    if not is_reaper:
        trouble.append(label("this process cannot adopt orphans"))
    if trouble:
        return note(
            joined(", ", trouble),
            label("What a target starts with a clean environment, and leaves running, may stay: end that by hand."),
        )
    return ok("what targets leave running is marked and ended")


def can_adopt() -> bool:
    """Whether this process can become the parent of orphans; it is left as it was."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = ctypes.c_int(0)
    if libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0) or libc.prctl(
        _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0
    ):
        return False
    libc.prctl(_PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)
    return True


def dev_shm(free: int | None, *, is_writable: bool) -> Finding:
    """What targets share memory through; fuzztui does not. `free`: bytes, None if there is no such folder."""
    if free is None or not is_writable:
        return note(
            label("not there") if free is None else label("not writable"),
            label("Targets that use multiprocessing or shared memory fail; fuzztui itself does not need it."),
        )
    if free < 64 << 20:
        return note(
            say("{} free", size(free)),
            label("Targets with shared memory may die of SIGBUS: give it more (--shm-size)."),
        )
    return ok("{} free", size(free))


def clock(now: float, newest_file: float, steps: tuple[float, float]) -> Finding:
    """Whether clocks tell the time; `now` and `newest_file` in seconds of the epoch, `steps`: how far the monotonic and
    the wall clock went on in the same while.
    """
    monotonic, wall = steps
    if monotonic <= 0:
        return problem(
            label("the monotonic clock stands still"),
            label("Time limits would never come: unset what fakes the clock."),
        )
    if wall <= 0 or abs(wall - monotonic) > 1:
        return note(
            label("the wall clock stands still, or jumps"),
            label("Names and times of files mislead: unset what fakes the clock."),
        )
    if now < newest_file - CLOCK_SLACK:
        return note(
            say("it is {}, fuzztui's files are newer", visible(time.strftime("%Y-%m-%d", time.gmtime(now)))),
            label("Set the clock: certificates, caches and times of files mislead."),
        )
    return ok("goes on")


def read_steps() -> tuple[float, float]:
    """How far both clocks went on while this waited 2 ms, as the processor counts it."""
    monotonic, wall = time.monotonic(), time.time()
    time.sleep(0.002)
    return time.monotonic() - monotonic, time.time() - wall


# Reading --------------------------------------------------------------------------------------------------------------


def read(path: str) -> str:
    """The text of a file in `/proc` or `/sys`. OSError if it cannot be read."""
    return Path(path).read_text("utf-8", "surrogateescape")


def _if_there(path: str) -> str | None:
    return read(path) if Path(path).exists() else None


@dataclass(frozen=True, slots=True)
class _Free:
    bytes: int | None
    is_writable: bool


def _free(path: str) -> _Free:
    if not Path(path).is_dir():
        return _Free(None, False)
    status = os.statvfs(path)
    return _Free(status.f_bavail * status.f_frsize, os.access(path, os.W_OK | os.X_OK))


def private_workers(why_not: str) -> Finding:
    """Whether workers can have folders and a network of their own."""
    if not why_not:
        return ok("possible")
    return note(
        say("not possible ({})", why_not),
        label("A program for another fuzzer that writes files of fixed names or binds ports has one worker here."),
    )


def examinations(workers: int, memory_limit: int | None) -> list[Examination]:
    """For so many workers with so many bytes each."""

    def of_groups(look: Callable[[cgroup.Limits], Finding]) -> Callable[[], Finding]:
        return lambda: look(cgroup.limits(read))

    shm = "/dev/shm"
    looks: dict[str, Callable[[], Finding]] = {
        "cores": of_groups(lambda groups: cores(usable_cores(), os.cpu_count() or 1, groups.cores, workers)),
        "memory": of_groups(
            lambda groups: memory(free_memory(read("/proc/meminfo")), groups.memory, workers, memory_limit)
        ),
        "process count": of_groups(lambda groups: processes(groups.processes, workers)),
        "overcommit": lambda: overcommit(read("/proc/sys/vm/overcommit_memory"), read("/proc/meminfo")),
        "load": lambda: load(read("/proc/loadavg"), usable_cores()),
        "/proc": lambda: proc(
            mounts(_if_there("/proc/self/mountinfo") or ""),
            _if_there("/proc/self/status") or "",
            lists_children=Path(f"/proc/self/task/{os.getpid()}/children").exists(),
        ),
        "sandbox": lambda: sandbox(read("/proc/self/status"), _if_there("/proc/sys/kernel/yama/ptrace_scope")),
        "shared memory": shared_memory,
        "ends of workers": deaths,
        "private workers": lambda: private_workers(why_not()),
        "orphans": lambda: orphans(resource.getrlimit(resource.RLIMIT_RTTIME)[1], can_adopt()),
        shm: lambda: dev_shm(_free(shm).bytes, is_writable=_free(shm).is_writable),
        "clock": lambda: clock(time.time(), Path(__file__).stat().st_mtime, read_steps()),
    }
    tried = {
        "shared memory": label("Workers cannot share memory with the dashboard: allow memfd_create, or larger files."),
        "ends of workers": label("The ends of workers go unnoticed: allow pidfd_open in the sandbox around this."),
    }
    return [Examination(AREA, name, look, tried.get(name, NOTHING)) for name, look in looks.items()]
