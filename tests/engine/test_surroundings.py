"""A limit of the surroundings is named where it is the reason, and blamed on nobody else."""

import os
import resource
import signal
from pathlib import Path

import pytest

from fuzztui.engine.crew import findings
from fuzztui.engine.crew.surroundings import (
    UNLIMITED,
    ShellLimits,
    Surroundings,
    limit_of_exception,
    limit_of_signal,
    shell_limits,
    size_words,
)
from fuzztui.engine.crew.verdict import Blame, Cause, Spent, blame
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import MinimizeCorpus
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.protocol.memory import State
from fuzztui.protocol.messages import Failure as Raised
from tests.engine.crew_fakes import ending

GIB = 1 << 30
LIMITS = ShellLimits(address_space=GIB, file_size=4 << 20, cpu=60, files=256, processes=100)
OPTIONS = RunOptions(PythonTarget(Path("/p/fuzz_it.py"), "fuzz_it", Path("/p")), Path("/p/.fuzztui"), 4)

NAMED = {
    "memory": ("MemoryError", "", "under the shell's limit `ulimit -v` of 1 GiB"),
    "an array": ("numpy.core._exceptions._ArrayMemoryError", "", "under the shell's limit `ulimit -v` of 1 GiB"),
    "mmap": ("OSError", "[Errno 12] Cannot allocate memory", "under the shell's limit `ulimit -v` of 1 GiB"),
    "descriptors": ("OSError", "[Errno 24] Too many open files: 'x'", "under the shell's limit `ulimit -n` of 256"),
    "a file": ("OSError", "[Errno 27] File too large", "under the shell's limit `ulimit -f` of 4 MiB"),
    "threads": (
        "RuntimeError",
        "can't start new thread",
        "under the shell's limit `ulimit -v` of 1 GiB, `ulimit -u` of 100",
    ),
    "processes": (
        "BlockingIOError",
        "[Errno 11] Resource temporarily unavailable",
        "under the shell's limit `ulimit -u` of 100",
    ),
    "another": ("ValueError", "bad", ""),
    "a missing file": ("FileNotFoundError", "[Errno 2] No such file or directory: '[Errno 24]'", ""),
}


@pytest.mark.parametrize(("name", "message", "sentence"), NAMED.values(), ids=NAMED.keys())
def test_the_limit_that_an_exception_is_raised_under_is_named(name: str, message: str, sentence: str) -> None:
    assert limit_of_exception(name, message, LIMITS) == sentence
    assert limit_of_exception(name, message, UNLIMITED) == ""


def test_the_runs_own_limit_of_address_space_is_named_by_its_option() -> None:
    assert limit_of_exception("MemoryError", "", UNLIMITED, 2 * GIB) == "under --address-space 2 GiB"
    both = limit_of_exception("MemoryError", "", LIMITS, GIB // 2)
    assert both == "under --address-space 512 MiB and the shell's limit `ulimit -v` of 1 GiB"
    assert limit_of_exception("ValueError", "x", UNLIMITED, GIB) == ""


@pytest.mark.parametrize(("space", "message"), [(None, ""), (GIB, "under --address-space 1 GiB")])
def test_a_lack_of_memory_is_one_with_its_own_traceback(space: int | None, message: str) -> None:
    options = RunOptions(OPTIONS.target, OPTIONS.cache_dir, 1, memory_limit=None, address_space=space)
    failure = findings.of_exception(Raised("MemoryError", "", "Traceback of it", [], "2-ab", "2-cd"), options)
    assert (failure.kind, failure.message) == (CrasherKind.MEMORY, message)
    assert failure.traceback == "Traceback of it"
    assert findings.of_exception(Raised("OSError", "[Errno 12] x", "", [], "", ""), options).message.startswith(
        "[Errno 12] x"
    )


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (signal.SIGXCPU, "under the shell's limit `ulimit -t` of 60 s"),
        (signal.SIGXFSZ, "under the shell's limit `ulimit -f` of 4 MiB"),
        (signal.SIGSEGV, ""),
        (64, ""),
    ],
)
def test_the_limit_that_a_signal_is_sent_at_is_named(number: int, sentence: str) -> None:
    assert limit_of_signal(number, LIMITS) == sentence
    assert limit_of_signal(number, UNLIMITED) == ""


def test_limits_are_read_from_the_process_that_workers_inherit_them_from() -> None:
    given = {
        resource.RLIMIT_AS: GIB,
        resource.RLIMIT_CPU: 60,
        resource.RLIMIT_FSIZE: 4 << 20,
        resource.RLIMIT_NPROC: 100,
    }
    given[resource.RLIMIT_NOFILE] = 256
    unlimited = resource.RLIM_INFINITY
    assert shell_limits(lambda number: (given.get(number, unlimited), unlimited)) == LIMITS


@pytest.mark.parametrize(
    ("size", "words"), [(2 * GIB, "2 GiB"), (3 * GIB // 2, "1.5 GiB"), (200 << 20, "200 MiB"), (32 << 20, "32 MiB")]
)
def test_a_size_is_said_as_people_write_it(size: int, words: str) -> None:
    assert size_words(size) == words


def around(*kills: int, limits: ShellLimits = UNLIMITED, group_limit: int | None = None) -> Surroundings:
    """Surroundings in which the kernel counts so many kills, one look after the other."""
    counts = list(kills)
    return Surroundings(limits, group_limit, lambda: counts.pop(0))


CAUSES = {
    "a person": (-signal.SIGKILL, 0.0, [0], UNLIMITED, Cause.UNKNOWN),
    "the kernel": (-signal.SIGKILL, 0.0, [1], UNLIMITED, Cause.OUT_OF_MEMORY),
    "another signal": (-signal.SIGTERM, 0.0, [1], UNLIMITED, Cause.UNKNOWN),
    "an exit": (3, 0.0, [1], UNLIMITED, Cause.UNKNOWN),
    "its CPU time is used up": (-signal.SIGXCPU, 60.0, [0], LIMITS, Cause.CPU_LIMIT),
    "its CPU time, at the hard limit": (-signal.SIGKILL, 59.9, [1], LIMITS, Cause.CPU_LIMIT),
    "it sends itself the signal": (-signal.SIGXCPU, 0.1, [0], LIMITS, Cause.UNKNOWN),
    "a crash late": (-signal.SIGSEGV, 61.0, [1], LIMITS, Cause.UNKNOWN),
}


@pytest.mark.parametrize(("status", "cpu", "kills", "limits", "cause"), CAUSES.values(), ids=CAUSES.keys())
def test_what_has_ended_a_process_is_told_by_evidence(
    status: int, cpu: float, kills: list[int], limits: ShellLimits, cause: Cause
) -> None:
    assert around(0, *kills, limits=limits).cause(status, cpu) is cause


@pytest.mark.parametrize("status", [-signal.SIGKILL, -signal.SIGXCPU])
def test_an_input_that_runs_when_the_cpu_time_is_used_up_is_only_suspected(status: int) -> None:
    for state in (State.RUNNING, State.REPORTING):
        assert blame(ending(status, state=state, cause=Cause.CPU_LIMIT)) is Blame.SUSPECT
    assert blame(ending(status, cause=Cause.CPU_LIMIT)) is Blame.WORKER
    assert blame(ending(-signal.SIGXCPU, state=State.RUNNING)) is Blame.INPUT


@pytest.mark.parametrize("cause", Cause)
def test_only_a_signal_of_somebody_is_one_from_outside(cause: Cause) -> None:
    assert ending(-signal.SIGKILL, state=State.RUNNING, cause=cause).is_from_outside == (cause is Cause.UNKNOWN)


def _recorded(status: int, cause: Cause) -> Failure:
    ended = ending(status, state=State.RUNNING, cause=cause)
    spent = Spent(0.0, 0.0)
    return findings.of_death(blame(ended), ended, OPTIONS, spent=spent, limits=LIMITS, stack="", last_words="")


def test_an_input_that_the_kernel_kills_twice_is_one_that_uses_too_much_memory() -> None:
    killed, by_person = _recorded(-signal.SIGKILL, Cause.OUT_OF_MEMORY), _recorded(-signal.SIGKILL, Cause.UNKNOWN)
    assert killed.kind is CrasherKind.MEMORY
    assert killed.type == "killed by the kernel's out-of-memory killer again when run again"
    assert by_person.kind is CrasherKind.SIGNAL
    assert killed.id != by_person.id


def test_a_death_at_a_limit_names_it() -> None:
    assert _recorded(-signal.SIGKILL, Cause.CPU_LIMIT).message == "under the shell's limit `ulimit -t` of 60 s"
    assert _recorded(-signal.SIGXFSZ, Cause.UNKNOWN).message == "under the shell's limit `ulimit -f` of 4 MiB"
    assert _recorded(-signal.SIGXFSZ, Cause.UNKNOWN).kind is CrasherKind.SIGNAL
    assert _recorded(-signal.SIGSEGV, Cause.UNKNOWN).message == ""


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (Spent(9.81, 10.0), "timeout after 10 s (9.8 s of CPU)"),
        (Spent(0.0, 10.1), "timeout after 10 s (0.0 s of CPU)"),
        (Spent(9.9, 81.2), "timeout after 10 s (9.9 s of CPU in 81 s)"),
        (Spent(0.0, 10.0, stopped_itself=True), "timeout after 10 s (0.0 s of CPU, it stopped itself by SIGSTOP)"),
    ],
)
def test_a_time_out_tells_clock_and_cpu_time_and_neither_is_part_of_its_identity(spent: Spent, words: str) -> None:
    assert findings.timeout_words(10.0, spent) == words
    ended = ending(-signal.SIGKILL, state=State.RUNNING)
    ids = {
        findings.of_death(Blame.TIMEOUT, ended, options, spent=each, limits=UNLIMITED, stack="", last_words="").id
        for options in (OPTIONS, RunOptions(OPTIONS.target, OPTIONS.cache_dir, 1, timeout=1.0))
        for each in (spent, Spent(1.0, 2.0))
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("limit", "each", "workers", "is_told"),
    [(4 * GIB, 2 * GIB, 4, True), (8 * GIB, 2 * GIB, 4, False), (None, 2 * GIB, 400, False), (GIB, None, 4, False)],
)
def test_a_run_that_may_use_more_than_its_group_is_told_of_it_with_what_to_do(
    limit: int | None, each: int | None, workers: int, is_told: bool
) -> None:
    one = around(0, group_limit=limit)
    options = RunOptions(OPTIONS.target, OPTIONS.cache_dir, workers, memory_limit=each)
    sentence = one.warnings(options).get("group", "")
    assert bool(sentence) == is_told
    if is_told:
        assert "Give --memory-limit 1024M, or fewer workers with -j." in sentence
    minimize = RunOptions(OPTIONS.target, OPTIONS.cache_dir, workers, task=MinimizeCorpus(), memory_limit=each)
    assert "group" not in one.warnings(minimize)


def test_limits_of_the_shell_that_may_be_blamed_on_inputs_are_told_of_at_the_start() -> None:
    told = around(0, limits=LIMITS).warnings(OPTIONS)
    assert set(told) == {"memory", "cpu", "file size"}
    assert told["cpu"].startswith("The shell's limit `ulimit -t` of 60 s holds for workers")
    assert around(0, limits=ShellLimits(files=256, processes=100)).warnings(OPTIONS) == {}


def test_of_a_death_the_source_is_shown_where_its_process_stood(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("".join(f"line {n}\n" for n in range(1, 31)))
    os.mkfifo(tmp_path / "fifo")
    places = [("code.py", 20), ("fifo", 1), ("gone.py", 3), ("code.py", 31)]
    stack = "\n".join(
        [
            "Fatal Python error: Segmentation fault",
            "",
            "Current thread 0x01 (most recent call first):",
            *(f'  File "{tmp_path / name}", line {line} in run' for name, line in places),
            '  File "/usr/lib/python3.11/json/decoder.py", line 3 in decode',
        ]
    )
    ended = ending(-signal.SIGSEGV, state=State.RUNNING)

    def died(stack: str) -> Failure:
        spent = Spent(0.0, 0.0)
        return findings.of_death(
            blame(ended), ended, OPTIONS, spent=spent, limits=UNLIMITED, stack=stack, last_words=""
        )

    (scene,) = died(stack).scenes
    assert (scene.location, scene.first) == (f"{code}:20", 16)
    assert scene.source == tuple(f"line {n}" for n in range(16, 25))
    assert scene.variables == ()
    assert died("").scenes == ()
