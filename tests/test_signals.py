"""Signals end a run, and nothing else: at any moment, whatever the process waits for, with the right exit status."""

import contextlib
import fcntl
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import fuzztui
from tests.support import Project, make_project, wait_for

pytestmark = pytest.mark.processes

FUZZTUI = [sys.executable, "-m", "fuzztui"]

OURS = os.fsencode(Path(fuzztui.__file__).parent)

CLEAN = "import time\ndef fuzz_it(data: bytes):\n    time.sleep(0.001)\n    if data[:1] == b'a': pass\n"
CRASHING = "def fuzz_it(data: bytes):\n    if len(data) > 2: raise ValueError\n"
TALKING = """
import fuzztui, os
@fuzztui.fuzz(seeds=[bytes([i]) for i in range(50)])
def fuzz_it(data: bytes):
    os.write(1, b"word " * 400)
    if data == b"0": raise ValueError
"""

Started = list["subprocess.Popen[bytes]"]


@pytest.fixture
def started() -> Iterator[Started]:
    processes: Started = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def start(started: Started, project: Project, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
    started.append(subprocess.Popen([*FUZZTUI, *arguments], cwd=project.folder, **given))
    return started[-1]


def is_handled(process: "subprocess.Popen[bytes]", number: signal.Signals) -> bool:
    """Whether the process has a handler for a signal; True for one that has ended."""
    return process.poll() is not None or bool(mask(process.pid, "SigCgt") >> (number - 1) & 1)


def mask(pid: int, name: str) -> int:
    (value,) = [line.split()[1] for line in Path(f"/proc/{pid}/status").read_text().splitlines() if name in line]
    return int(value, 16)


def workers_of(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # one that is there for a moment hides no others
                if "FUZZTUI_WORKER" in child.environ():
                    found.append(child)
    return found


def ignoring(*numbers: signal.Signals) -> Callable[[], None]:
    def ignore() -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    return ignore


@pytest.mark.parametrize(
    "number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1], ids=lambda n: n.name
)
@pytest.mark.mostly_soak(1)
def test_a_signal_that_was_ignored_stays_ignored(tmp_path: Path, started: Started, number: signal.Signals) -> None:
    target = make_project(tmp_path, CLEAN)
    process = start(started, target, "run", "fuzz_it.py", "-j1", "-t300x", "--json", preexec_fn=ignoring(number))
    assert process.stdout is not None
    while b'"fuzzing"' not in process.stdout.readline():
        pass
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out.splitlines()[-1])["reason"] == "execution_limit"


@pytest.mark.parametrize("numbers", [(signal.SIGINT,), (signal.SIGHUP, signal.SIGTERM), ()], ids=str)
@pytest.mark.soak
def test_targets_find_the_same_signals_ignored_as_without_a_fuzzer(
    tmp_path: Path, started: Started, numbers: tuple[signal.Signals, ...]
) -> None:
    says = "', '.join(n.name for n in signal.Signals if signal.getsignal(n) is signal.SIG_IGN)"
    source = (
        f"import signal\nprint('ignored:', {says}, flush=True)\ndef fuzz_it(data: bytes): raise ValueError({says})\n"
    )
    target = make_project(tmp_path, source)
    alone = subprocess.run(
        [sys.executable, "fuzz_it.py"], cwd=tmp_path, capture_output=True, check=True, preexec_fn=ignoring(*numbers)
    )
    process = start(started, target, "run", "fuzz_it.py", "-j1", "--json", preexec_fn=ignoring(*numbers))
    out, _ = process.communicate(timeout=60)
    (message,) = [json.loads(line)["message"] for line in out.splitlines() if b'"event": "crasher"' in line]
    assert f"ignored: {message}\n".encode() == alone.stdout


def test_a_signal_that_is_merely_blocked_ends_the_run_and_stays_blocked_for_the_target(
    tmp_path: Path, started: Started
) -> None:
    target = make_project(tmp_path, CLEAN)

    def block() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR2])

    process = start(started, target, "run", "fuzz_it.py", "-j1", "--json", preexec_fn=block)
    assert process.stdout is not None
    while b'"fuzzing"' not in process.stdout.readline():
        pass
    (worker,) = workers_of(process)
    blocked = {signal.SIGTERM, signal.SIGUSR2}
    assert {number for number in blocked if mask(worker.pid, "SigBlk") >> (number - 1) & 1} == blocked
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143


def end_at(
    started: Started, target: Project, number: signal.Signals, seconds: float, *arguments: str
) -> tuple[int, bytes, bool]:
    """Send a signal so long after there is a handler: status, output, and whether the process had ended before."""
    process = start(started, target, *arguments)
    wait_for(lambda: is_handled(process, signal.SIGTERM), "a handler")
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    workers = workers_of(process)
    was_over = process.poll() is not None
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert not any(worker.is_running() for worker in workers)
    assert OURS not in out, "a traceback of ours"
    return process.returncode, out, was_over


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_while_the_program_loads_ends_it_without_a_word(
    tmp_path: Path, started: Started, number: signal.Signals
) -> None:
    target = make_project(tmp_path, CLEAN)
    assert end_at(started, target, number, 0.0, "run", "fuzz_it.py", "-j1") == (128 + number, b"", False)
    assert end_at(started, target, number, 0.0, "list") == (128 + number, b"", False)


def test_further_signals_change_nothing_once_a_crasher_has_been_found(tmp_path: Path, started: Started) -> None:
    process = start(started, make_project(tmp_path, CRASHING), "run", "fuzz_it.py", "-j1", "--json")
    assert process.stdout is not None
    while b'"crasher"' not in process.stdout.readline():
        pass
    while process.poll() is None:  # until the very last moment
        process.send_signal(random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
        time.sleep(0.001)
    assert process.returncode == 1
    assert json.loads(process.stdout.read().splitlines()[-1])["exit_code"] == 1


@pytest.mark.soak
@pytest.mark.parametrize(
    "arguments",
    [("run", "fuzz_it.py", "-j2", "-t1s", "--headless"), ("test",), ("corpus", "minimize", "fuzz_it.py"), ("list",)],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.parametrize("source", [CLEAN, CRASHING], ids=["clean", "crashing"])
def test_a_signal_at_any_moment_of_a_life_leaves_the_right_status(
    tmp_path: Path, started: Started, arguments: tuple[str, ...], source: str
) -> None:
    target = make_project(tmp_path, source)
    target.seed("one", b"1")
    seconds, was_over = 0.0, False
    while not was_over:
        number = random.choice([signal.SIGINT, signal.SIGTERM])
        status, out, was_over = end_at(started, target, number, seconds, *arguments)
        found = b"--- crasher" in out or b"--- failing" in out
        assert status in ((1,) if found else (0, 128 + number)), (seconds, out)
        seconds += 0.01


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
@pytest.mark.mostly_soak(1)
def test_a_reader_that_does_not_read_keeps_no_process_from_its_end(
    tmp_path: Path, started: Started, stream: str, number: signal.Signals
) -> None:
    arguments = ("test",) if stream == "stdout" else ("run", "fuzz_it.py", "-j1", "--headless", "--keep-fuzzing")
    target = make_project(tmp_path, TALKING)
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    if stream == "stderr":
        os.write(writer, bytes(4096))
    process = start(started, target, *arguments, **{"stdout": subprocess.DEVNULL, stream: writer})
    workers = wait_for(lambda: workers_of(process), "a worker")
    wait_for(lambda: not select.select([], [writer], [], 0)[1], "the pipe to be full")
    os.close(writer)
    process.send_signal(number)
    assert process.wait(60) in (1, 128 + number)  # what was found by then counts
    assert not any(worker.is_running() for worker in workers)
    os.close(reader)


def test_a_suspended_run_holds_its_workers_and_its_clock(tmp_path: Path, started: Started) -> None:
    target = make_project(tmp_path, CLEAN)
    process = start(started, target, "run", "fuzz_it.py", "-j1", "-t4s", "--json", process_group=0)
    assert process.stdout is not None
    while b'"fuzzing"' not in process.stdout.readline():
        pass
    me = psutil.Process(process.pid)
    (worker,) = workers_of(process)
    process.send_signal(signal.SIGTSTP)
    wait_for(lambda: me.status() == psutil.STATUS_STOPPED, "the process to be suspended")
    wait_for(lambda: worker.status() == psutil.STATUS_SLEEPING, "the worker to wait")
    used = worker.cpu_times().user
    time.sleep(4.5)  # longer than the run's limit
    assert worker.cpu_times().user - used < 0.5
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    (end,) = [event for event in map(json.loads, out.splitlines()) if event["event"] == "end"]
    assert end["reason"] == "time_limit"
    assert end["elapsed"] < 6
