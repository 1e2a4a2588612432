"""Limits of time and memory with real processes: what is at fault is a crasher, and a run ends by itself."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from tests.support import Project

MakeProject = Callable[..., Project]

MIB = 1 << 20

STOPS_ITSELF = {
    "raise_signal": "signal.raise_signal(signal.SIGSTOP)",
    "its group, again and again": "while True: os.killpg(0, signal.SIGSTOP)",
    "under ptrace": "ctypes.CDLL(None).ptrace(0, 0, 0, 0); os.kill(os.getpid(), signal.SIGSTOP)",
}
IMPORTS = "import ctypes, mmap, os, signal, subprocess, threading, time\n"


@pytest.mark.parametrize("act", STOPS_ITSELF.values(), ids=STOPS_ITSELF.keys())
@pytest.mark.mostly_soak(1)
def test_a_target_that_stops_itself_is_timed_out(project: MakeProject, act: str) -> None:
    run = project(f"{IMPORTS}def fuzz_it(data: bytes):\n    if len(data) > 2:\n        {act}\n").run(
        limit=Limit(executions=100), timeout=0.5
    )
    assert run.outcome.reason is StopReason.CRASHER
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.TIMEOUT
    assert "it stopped itself by SIGSTOP" in crasher.failure.type
    assert len(crasher.data) > 2


@pytest.mark.parametrize("limit", [Limit(executions=8), Limit(seconds=8.0)], ids=["executions", "time"])
@pytest.mark.mostly_soak(1)
def test_a_run_of_a_target_that_stops_itself_ends_by_itself(project: MakeProject, limit: Limit) -> None:
    run = project(f"{IMPORTS}def fuzz_it(data: bytes):\n    os.kill(os.getpid(), 19)\n").run(
        limit=limit, timeout=0.2, stop_on_crash=False
    )
    assert run.outcome.reason in (StopReason.EXECUTION_LIMIT, StopReason.TIME_LIMIT)
    assert run.outcome.exit_code == 1


@pytest.mark.parametrize("limit", [Limit(executions=6), Limit(seconds=8.0)], ids=["executions", "time"])
def test_a_worker_that_another_process_stops_is_told_of_let_go_on_and_blamed_on_no_input(
    project: MakeProject, limit: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.crew.stops.PATIENCE", 0.4)
    run = project(f"{IMPORTS}def fuzz_it(data: bytes):\n    subprocess.run(['sh', '-c', 'kill -STOP $PPID'])\n").run(
        limit=limit, timeout=0.3
    )
    assert run.outcome.reason in (StopReason.EXECUTION_LIMIT, StopReason.TIME_LIMIT)
    assert run.crashers == []
    assert "worker 0 has been stopped (SIGSTOP) for 0 s in the middle of an input: `kill -CONT" in run.warnings
    assert "worker 0 was stopped (SIGSTOP) for 0 s and has been let go on" in run.warnings


UNUSED = {
    "a sparse mapping": "m = mmap.mmap(-1, 3 << 30); m[0] = 1; m.close()",
    "zeroed pages": "bytes(3 << 30)",
    "reserved addresses": "mmap.mmap(-1, 1 << 36, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 0)",
}


@pytest.mark.parametrize("act", UNUSED.values(), ids=UNUSED.keys())
def test_what_is_reserved_and_not_used_is_no_fault(project: MakeProject, act: str) -> None:
    run = project(f"{IMPORTS}def fuzz_it(data: bytes):\n    {act}\n").run(
        limit=Limit(executions=30), memory_limit=100 * MIB
    )
    assert (run.outcome.reason, run.crashers) == (StopReason.EXECUTION_LIMIT, [])


@pytest.mark.parametrize("act", UNUSED.values(), ids=UNUSED.keys())
@pytest.mark.mostly_soak(1)
def test_a_limit_of_address_space_is_one_of_what_is_reserved_and_names_its_option(
    project: MakeProject, act: str
) -> None:
    run = project(f"{IMPORTS}def fuzz_it(data: bytes):\n    {act}\n").run(
        limit=Limit(executions=30), address_space=1 << 30
    )
    (crasher,) = run.crashers
    assert crasher.failure.message.endswith(
        "(under --address-space 1 GiB)" if "mmap" in act else "under --address-space 1 GiB"
    )
    assert "in fuzz_it" in crasher.failure.traceback


USED = {
    "a list that grows": "x = []\n    while True: x.append(bytearray(MIB))",
    "one allocation": "bytearray(b'x') * (4 << 30)",
    "a child's": "x = lambda: bytearray(b'x') * (400 * MIB)\n"
    "    if not os.fork(): y = x(); time.sleep(99)\n    os.wait()",
}


@pytest.mark.parametrize("act", USED.values(), ids=USED.keys())
@pytest.mark.soak
def test_memory_beyond_the_limit_is_located_and_names_its_option(project: MakeProject, act: str) -> None:
    run = project(
        f"{IMPORTS}MIB = 1 << 20\ndef grow():\n    {act}\ndef fuzz_it(data: bytes):\n    if len(data) > 1: grow()\n"
    ).run(memory_limit=200 * MIB)
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.MEMORY
    assert crasher.failure.type == "more than 200 MiB of memory (--memory-limit)"
    assert crasher.failure.function == "grow"
    assert "fuzz_it.py" in crasher.failure.location


def test_an_allocation_that_no_machine_has_fails_with_its_own_traceback(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    bytearray(1 << 60)\n").run(memory_limit=None)
    (crasher,) = run.crashers
    assert (crasher.failure.kind, crasher.failure.type) == (CrasherKind.MEMORY, "MemoryError")
    assert "bytearray(1 << 60)" in crasher.failure.traceback


@pytest.mark.soak
def test_an_input_in_which_the_kernel_kills_twice_for_lack_of_memory_uses_too_much(
    project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's count is made up, and so are its kills: no test may use up a machine's memory."""
    kills = tmp_path / "kills"
    kills.touch()
    monkeypatch.setattr("fuzztui.engine.crew.cgroup.kills_of", lambda _group: kills.stat().st_size)
    run = project(
        f"{IMPORTS}def fuzz_it(data: bytes):\n    if len(data) > 2:\n"
        f"        with open({str(kills)!r}, 'a') as log: log.write('x')\n        os.kill(os.getpid(), 9)\n"
    ).run()
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.MEMORY
    assert crasher.failure.type == "killed by the kernel's out-of-memory killer again when run again"


def under(limit: str, target: str, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run a target from a shell with this limit."""
    (folder / "pyproject.toml").touch()
    (folder / "fuzz_it.py").write_text(f"{IMPORTS}def fuzz_it(data: bytes):\n    {target}\n")
    command = [sys.executable, "-m", "fuzztui", "run", "fuzz_it.py", "-j1", "--headless", *options]
    script = f'ulimit {limit}; exec "$@"'
    return subprocess.run(
        ["sh", "-c", script, "sh", *command], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.processes
@pytest.mark.soak
def test_the_shells_limit_of_cpu_time_is_no_fault_of_an_input(tmp_path: Path) -> None:
    ran = under("-t 2", "sum(range(10_000_000))", tmp_path, "-t", "30x")  # so that it is ended in one of them
    assert "warning: The shell's limit `ulimit -t` of 2 s holds for workers" in ran.stderr
    assert "killed by the shell's limit of CPU time, input ran clean 3/3" in ran.stderr, ran.stderr
    assert ran.returncode == 0


@pytest.mark.processes
@pytest.mark.parametrize(
    ("limit", "target", "named"),
    [
        ("-v 900000", "b'x' * (2 << 30)", "MemoryError: under the shell's limit `ulimit -v` of 878.9 MiB"),
        ("-n 250", "[open('/dev/null') for _ in range(300)]", "(under the shell's limit `ulimit -n` of 250)"),
        (
            "-f 200000",
            "signal.signal(signal.SIGXFSZ, signal.SIG_DFL); os.truncate('fuzz_it.py', 1 << 40)",
            "SIGXFSZ: under the shell's limit `ulimit -f` of 97.66 MiB",
        ),
    ],
)
@pytest.mark.mostly_soak(1)
def test_a_crasher_at_a_limit_of_the_shell_names_it(tmp_path: Path, limit: str, target: str, named: str) -> None:
    ran = under(limit, target, tmp_path, "-t", "100x")
    assert ran.returncode == 1
    assert named in ran.stderr


@pytest.mark.processes
def test_a_shell_that_lets_no_worker_start_is_named(tmp_path: Path) -> None:
    ran = under("-f 20000", "pass", tmp_path, "-t", "5x")
    assert ran.returncode == 70
    assert "cannot be started: File too large (under the shell's limit `ulimit -f` of 9.766 MiB)" in ran.stderr
