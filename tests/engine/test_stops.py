"""Who has stopped a process is told by the system call that each of its threads is in."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fuzztui.engine.crew import procfs, stops
from fuzztui.engine.crew.stops import Stop, sent_stop, whose
from tests.support import wait_for

CALLS = {
    "62 0x1fc9 0x13 0x0 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": True,  # kill(pid, SIGSTOP)
    "62 0x0 0x14 0x0 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": True,  # kill(0, SIGTSTP)
    "234 0x1fc9 0x1fc9 0x13 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": True,  # tgkill(..., SIGSTOP)
    "424 0x5 0x13 0x0 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": True,  # pidfd_send_signal(fd, SIGSTOP)
    "200 0x1fc9 0x16 0x0 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": True,  # tkill(tid, SIGTTOU)
    "62 0x1fc9 0xf 0x0 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": False,  # kill(pid, SIGTERM)
    "234 0x13 0x13 0xa 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec": False,  # SIGUSR1 to a thread numbered 19
    "230 0x1 0x13 0x7ffc58248c60 0x0 0x0 0x0 0x7ffc58248c48 0x7f2d278ed503": False,  # clock_nanosleep
    "-1 0x7ffd2aa4a0b0 0x7f6915cfcc77": False,
    "running": False,
}


@pytest.mark.parametrize(("call", "sends"), CALLS.items())
def test_a_call_that_sends_a_stop_is_told_from_all_others(call: str, sends: bool) -> None:
    assert sent_stop(call, "x86_64") == sends


def test_numbers_of_calls_are_those_of_the_machine() -> None:
    kill = "129 0x1fc9 0x13 0x0 0x0 0x0 0x0 0x7ffe6b93b130 0x7fedf30a8eec"
    assert sent_stop(kill, "aarch64")
    assert not sent_stop(kill, "a machine that nobody knows")


@pytest.mark.parametrize(
    ("state", "tracer", "stop"),
    [
        ("t", 7, Stop.ITSELF),
        ("t", 8, Stop.TRACED),
        ("t", 0, Stop.TRACED),
        ("T", 0, Stop.OUTSIDE),
        ("T", 8, Stop.OUTSIDE),
    ],
)
def test_a_tracer_from_outside_is_a_debugger(state: str, tracer: int, stop: Stop) -> None:
    assert whose(state, tracer, {7}, ["running"], "x86_64") is stop


@contextmanager
def stopped(code: str, stop: bool = False) -> Iterator[int]:
    """A process that runs this code, from the moment that it is stopped, by itself or by us once it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import os, signal, subprocess, threading, time\nprint(flush=True)\n{code}"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        if stop:
            os.kill(process.pid, signal.SIGSTOP)
        wait_for(lambda: (stat := procfs.stat(process.pid)) is not None and stat.is_stopped, "the stop")
        yield process.pid
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


THEMSELVES = {
    "raise_signal": "signal.raise_signal(signal.SIGSTOP)",
    "kill": "os.kill(os.getpid(), signal.SIGSTOP)",
    "the group": "os.killpg(0, signal.SIGSTOP)",
    "pidfd": "signal.pidfd_send_signal(os.pidfd_open(os.getpid()), signal.SIGSTOP)",
    "a thread by its id": "signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)",
    "traced by its parent": "import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0); os.kill(os.getpid(), 19)",
    "in a handler": "signal.signal(2, lambda *_: signal.raise_signal(19)); signal.raise_signal(2)",
}


@pytest.mark.parametrize("code", THEMSELVES.values(), ids=THEMSELVES.keys())
def test_a_process_that_stops_itself_is_known_for_it(code: str) -> None:
    with stopped(code) as pid:
        stat = procfs.stat(pid)
        assert stat is not None
        assert stops.look(pid, stat.state) is Stop.ITSELF


OTHERS = {
    "asleep": "time.sleep(99)",
    "busy": "while True: pass",
    "waits for a child": "subprocess.run(['sleep', '99'])",
    "sends other signals": "while True: os.kill(os.getpid(), 0)",
    "waits for a thread": "t = threading.Thread(target=time.sleep, args=(99,)); t.start(); t.join()",
}


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS.keys())
def test_a_process_that_somebody_else_stops_is_not_blamed_for_it(code: str) -> None:
    with stopped(code, stop=True) as pid:
        stat = procfs.stat(pid)
        assert stat is not None
        assert stops.look(pid, stat.state) is Stop.OUTSIDE
