"""The target of a soak run: notes each execution in a log of its own, meets the other workers, and fails with them.

Copied into the run's project as `fuzz_it.py`; what it does is read from `plan.json` beside it.
"""

import ctypes
import hashlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import fuzztui

HERE = Path(__file__).parent
PLAN = json.loads((HERE / "plan.json").read_text())
WAITS = 0.3
"""Seconds that a worker waits for others, which may not come any more."""

_flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
log = os.open(HERE / "log" / str(os.getpid()), _flags)
arrivals = os.open(HERE / "arrivals", _flags)
executions = 0


def meet() -> int:
    """Wait until as many workers are here as there are; returns the number of this arrival."""
    os.write(arrivals, b"x")
    number = os.fstat(arrivals).st_size
    workers = PLAN["workers"]
    complete = -(-number // workers) * workers
    until = time.monotonic() + WAITS
    while os.fstat(arrivals).st_size < complete and time.monotonic() < until:
        time.sleep(0.0005)
    return number


def fail(way: str) -> None:
    match way:
        case "raises":
            raise ValueError(os.getpid())
        case "raises another":
            raise KeyError("other")
        case "raises nothing special":
            raise BaseException
        case "exits":
            os._exit(3)
        case "exits as if it were ours":
            os._exit(70)
        case "sys.exit":
            sys.exit("a text")
        case "segfault":
            ctypes.string_at(0)
        case "aborts":
            os.abort()
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "is terminated":
            os.kill(os.getpid(), signal.SIGTERM)
        case "hangs":
            time.sleep(1000)
        case "hangs and blocks signals":
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            time.sleep(1000)
        case "runs out of memory":
            raise MemoryError
        case "recurses":
            fail(way)
        case "closes all":
            os.closerange(200, 1024)  # the worker's own descriptors
        case "leaves a process":
            if os.fork() == 0:
                os.setsid()
                time.sleep(1000)
                os._exit(0)
        case "a thread fails":
            threading.Thread(target=fail, args=("raises",)).start()


def fuzz_it(f: fuzztui.F) -> None:
    if PLAN["cleanup_fails"]:

        @f.cleanup
        def cleanup() -> None:
            raise OSError("the cleanup fails")

    @f.fuzz
    def target(data: bytes) -> None:
        global executions
        os.write(log, hashlib.sha256(data).digest())
        executions += 1
        for place in range(8):
            if data[place : place + 1] == b"x":
                time.sleep(0.0001)
        if executions % PLAN["every"] == 0:
            ways = PLAN["ways"]
            fail(ways[meet() % len(ways)])
