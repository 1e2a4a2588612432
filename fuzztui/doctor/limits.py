"""What the shell and the system allow one process and one user: `ulimit`."""

import os
import resource
from dataclasses import dataclass
from typing import Final

import psutil

from fuzztui.doctor.check import Examination, Finding, note, ok, problem
from fuzztui.engine.show.text import Visible, label, say, size

AREA: Final = "limits"

FIRST_SPACE: Final = 200 << 20
"""Bytes of address space that an interpreter takes with a dashboard, or with a target."""

FIRST_DATA: Final = 80 << 20
"""Bytes of its own that a process fills with a dashboard, or with a target: what is shared does not count here."""

WORKER_SPACE: Final = 70 << 20
"""Bytes of address space that each worker costs the process with the dashboard: what they share is mapped in both."""

FIRST_FILES: Final = 18
"""Descriptors that a run has open besides those of its workers, and those that it opens for a moment."""

WORKER_FILES: Final = 5
"""Descriptors that each worker costs the process with the dashboard: socket, output, stacks, memory, process."""

WORKER_TASKS: Final = 2
"""Processes that each worker is, with the ones beside it."""

LEAST_FILE: Final = 65 << 20
"""Bytes of a file that a run writes at most: the memory that a worker shares counts as one."""

LEAST_STACK: Final = 1 << 20
"""Bytes of stack in which the interpreter refuses a deep recursion before it ends in a crash."""

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Bound:
    """A soft and a hard limit; None stands for no limit."""

    soft: int | None
    hard: int | None

    def __str__(self) -> str:
        return "unlimited" if self.soft is None else str(self.soft)


def read_bound(kind: int) -> Bound:
    """One of this process' limits; `kind` is a constant of `resource`."""
    soft, hard = (None if value == resource.RLIM_INFINITY else value for value in resource.getrlimit(kind))
    return Bound(soft, hard)


def _can_be_raised(bound: Bound, needed: int) -> bool:
    return bound.hard is None or bound.hard >= needed


def _advice(bound: Bound, option: str, needed: int, why: Visible) -> Visible:
    is_number = option in ("-n", "-u", "-t")
    shown = needed if is_number else needed // 1024
    if _can_be_raised(bound, needed):
        return say("{} Type: ulimit {} {}", why, option, shown)
    wanted = say("{}", needed) if is_number else size(needed)
    return say("{} The hard limit is in the way: whoever set it (limits.conf, a service) has to allow {}.", why, wanted)


def address_space(bound: Bound, workers: int, memory_limit: int | None) -> Finding:
    """Whether so many workers can be mapped, with what their targets may use: bytes each, None for no limit."""
    needed = FIRST_SPACE + WORKER_SPACE * workers
    return _memory(bound, "-v", needed, memory_limit)


def data(bound: Bound, memory_limit: int | None) -> Finding:
    """The same of memory that is not shared."""
    return _memory(bound, "-d", FIRST_DATA, memory_limit)


def _memory(bound: Bound, option: str, needed: int, memory_limit: int | None) -> Finding:
    if bound.soft is None:
        return ok("unlimited")
    value = size(bound.soft)
    if bound.soft < needed:
        return problem(value, _advice(bound, option, needed, label("Workers do not start in so little.")))
    if memory_limit is None or bound.soft < needed + memory_limit:
        return note(
            value,
            label("Targets run out of memory below --memory-limit: lower that option, or lift the limit of the shell."),
        )
    return ok("{}", value)


def open_files(bound: Bound, workers: int) -> Finding:
    """Whether there are descriptors for so many workers."""
    if bound.soft is None:
        return ok("unlimited")
    needed = FIRST_FILES + WORKER_FILES * workers
    value = say("{}", bound.soft)
    if bound.soft < needed:
        return problem(
            say("{}, {} workers need {}", value, workers, needed),
            _advice(bound, "-n", needed, label("Workers cannot be started.")),
        )
    return ok("{}", value)


def processes(bound: Bound, running: int, workers: int, *, is_exempt: bool) -> Finding:
    """Whether the user may start so many workers more; `running`: processes of the user's now."""
    if bound.soft is None:
        return ok("unlimited")
    if is_exempt:
        return ok("{}, which does not hold for you", bound.soft)
    needed = running + WORKER_TASKS * workers + 1
    value = say("{}, you have {} now", bound.soft, running)
    if bound.soft < needed:
        return problem(
            value, _advice(bound, "-u", needed, label("Workers cannot be started, or targets cannot start threads."))
        )
    return ok("{}", value)


def file_size(bound: Bound) -> Finding:
    """Whether a run can write what it finds."""
    if bound.soft is None:
        return ok("unlimited")
    value = size(bound.soft)
    if bound.soft < LEAST_FILE:
        return problem(
            value, _advice(bound, "-f", LEAST_FILE, label("Workers cannot share memory, and crashers are cut off."))
        )
    return note(
        value, label("A target that writes more gets SIGXFSZ or an error: a crasher that is none of its code's.")
    )


def stack(bound: Bound) -> Finding:
    """Whether a deep recursion ends in RecursionError and not in a crash."""
    if bound.soft is None:
        return ok("unlimited")
    if bound.soft < LEAST_STACK:
        return note(
            size(bound.soft),
            _advice(bound, "-s", 8 << 20, label("Deep recursion ends in SIGSEGV instead of RecursionError.")),
        )
    return ok("{}", size(bound.soft))


def cpu_time(bound: Bound) -> Finding:
    """Whether processes may compute as long as a run takes."""
    if bound.soft is None:
        return ok("unlimited")
    value = say("{} s a process", bound.soft)
    why = label("Each worker, and the run itself, is killed when it has computed so long.")
    if bound.soft < 60:
        return problem(value, _advice(bound, "-t", DAY, why))
    return note(value, _advice(bound, "-t", DAY, why))


def core_files(bound: Bound) -> Finding:
    """Core files: workers never leave any."""
    return ok("none from workers (here: {})", "unlimited" if bound.soft is None else size(bound.soft))


def read_processes() -> int:
    """Processes and threads of this user."""
    mine = os.getuid()
    return sum(
        each.info["num_threads"] or 0
        for each in psutil.process_iter(["uids", "num_threads"])
        if each.info["uids"] is not None and each.info["uids"].real == mine
    )


def is_exempt() -> bool:
    """Whether the limit of processes does not hold: for root, as far as its name goes."""
    return os.getuid() == 0


def examinations(workers: int, memory_limit: int | None) -> list[Examination]:
    """For so many workers with so many bytes each."""
    return [
        Examination(
            AREA, "address space", lambda: address_space(read_bound(resource.RLIMIT_AS), workers, memory_limit)
        ),
        Examination(AREA, "data", lambda: data(read_bound(resource.RLIMIT_DATA), memory_limit)),
        Examination(AREA, "open files", lambda: open_files(read_bound(resource.RLIMIT_NOFILE), workers)),
        Examination(
            AREA,
            "processes",
            lambda: processes(read_bound(resource.RLIMIT_NPROC), read_processes(), workers, is_exempt=is_exempt()),
        ),
        Examination(AREA, "file size", lambda: file_size(read_bound(resource.RLIMIT_FSIZE))),
        Examination(AREA, "stack", lambda: stack(read_bound(resource.RLIMIT_STACK))),
        Examination(AREA, "processor time", lambda: cpu_time(read_bound(resource.RLIMIT_CPU))),
        Examination(AREA, "core files", lambda: core_files(read_bound(resource.RLIMIT_CORE))),
    ]
