"""Ways in which a target may leave processes running. Each is given a folder, which becomes their working directory:
whoever looks for them needs to know nothing else of them.
"""

import asyncio
import concurrent.futures
import ctypes
import multiprocessing
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.context import BaseContext
from pathlib import Path

SLEEP = ["sleep", "1000"]
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
NOBODY = 65534

kept: list[object] = []
"""Handles of what was started, which would end it when they are collected."""


def sleep_for_ever(folder: Path | None = None) -> None:
    if folder is not None:
        os.chdir(folder)
    while True:
        time.sleep(1000)


def fork(folder: Path, child: Callable[[], object] = sleep_for_ever) -> None:
    if os.fork() == 0:
        os.chdir(folder)
        try:
            child()
        finally:
            os._exit(0)


def python(folder: Path, script: str) -> None:
    kept.append(subprocess.Popen([sys.executable, "-I", "-S", "-c", script], cwd=folder))


def popen(folder: Path) -> None:
    kept.append(subprocess.Popen(SLEEP, cwd=folder))


def own_session(folder: Path) -> None:
    kept.append(subprocess.Popen(SLEEP, cwd=folder, start_new_session=True))


def clean_environment(folder: Path) -> None:
    kept.append(subprocess.Popen(SLEEP, cwd=folder, env={}, start_new_session=True))


def group_of_its_own(folder: Path) -> None:
    kept.append(subprocess.Popen(SLEEP, cwd=folder, process_group=0))


def shell_in_the_background(folder: Path) -> None:
    os.system(f"cd '{folder}'; (trap '' HUP; sleep 1000) >/dev/null 2>&1 &")


def ignores_signals(folder: Path) -> None:
    python(folder, "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(1000)")


def no_descriptors(folder: Path) -> None:
    def close_all() -> None:
        os.closerange(0, 4096)
        sleep_for_ever()

    fork(folder, close_all)


def daemon(folder: Path) -> None:
    def detach() -> None:
        os.setsid()
        if os.fork() == 0:
            sleep_for_ever()

    fork(folder, detach)


def fork_in_a_thread(folder: Path) -> None:
    thread = threading.Thread(target=fork, args=(folder,))
    thread.start()
    thread.join()


def forks_for_ever(folder: Path) -> None:
    def chain() -> None:
        os.setsid()
        end = time.monotonic() + 120  # so that a test that goes wrong does not eat the machine for days
        while time.monotonic() < end:
            time.sleep(0.02)
            if os.fork() != 0:
                os._exit(0)

    fork(folder, chain)


def of_multiprocessing(folder: Path, context: BaseContext) -> None:
    process = context.Process(target=sleep_for_ever, args=(folder,), daemon=True)  # type: ignore[attr-defined]
    process.start()
    kept.append(process)


def multiprocessing_spawn(folder: Path) -> None:
    of_multiprocessing(folder, multiprocessing.get_context("spawn"))


def multiprocessing_forkserver(folder: Path) -> None:
    of_multiprocessing(folder, multiprocessing.get_context("forkserver"))


def process_pool(folder: Path) -> None:
    pool = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork"))
    pool.submit(sleep_for_ever, folder)
    kept.append(pool)


def asyncio_subprocess(folder: Path) -> None:
    async def start() -> None:
        kept.append(await asyncio.create_subprocess_exec(*SLEEP, cwd=folder, start_new_session=True))

    asyncio.run(start())


def posix_spawn(folder: Path) -> None:
    os.posix_spawn("/bin/sh", ["sh", "-c", f"cd '{folder}'; exec sleep 1000"], {}, setsid=True)


def in_a_terminal_of_its_own(folder: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        sleep_for_ever()
    kept.append(terminal)


def under_another_name(folder: Path) -> None:
    def become() -> None:
        os.execve("/bin/sleep", ["[kworker/0:1]", "1000"], {})

    fork(folder, become)


def not_to_be_looked_into(folder: Path) -> None:
    def hide() -> None:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
        sleep_for_ever()

    fork(folder, hide)


def starts_itself_anew(folder: Path) -> None:
    script = "import os, sys, time; time.sleep(0.05); os.execve(sys.executable, sys.orig_argv, {})"
    python(folder, script)


def stopped(folder: Path) -> None:
    fork(folder, lambda: os.kill(os.getpid(), signal.SIGSTOP))


def without_its_first_thread(folder: Path) -> None:
    """Its state is that of a process that has ended and has not been reaped."""

    def end_first_thread() -> None:
        threading.Thread(target=sleep_for_ever).start()
        ctypes.CDLL(None).pthread_exit(None)

    fork(folder, end_first_thread)


def another_user(folder: Path) -> None:
    def change() -> None:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        sleep_for_ever()

    fork(folder, change)


def survives_its_worker(folder: Path) -> None:
    """A worker that the kernel does not end with its coordinator, for its target has asked for that."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)
    os.chdir(folder)


WAYS = {
    way.__name__: way
    for way in (
        popen,
        own_session,
        clean_environment,
        group_of_its_own,
        shell_in_the_background,
        ignores_signals,
        no_descriptors,
        daemon,
        fork_in_a_thread,
        forks_for_ever,
        multiprocessing_spawn,
        multiprocessing_forkserver,
        process_pool,
        asyncio_subprocess,
        posix_spawn,
        in_a_terminal_of_its_own,
        under_another_name,
        not_to_be_looked_into,
        starts_itself_anew,
        stopped,
        without_its_first_thread,
        another_user,
        survives_its_worker,
    )
}


def leave(folder: Path, ways: list[str]) -> None:
    """Leave something running in each of these ways, in a folder of its own."""
    for way in ways:
        place = folder / way
        place.mkdir(parents=True)
        WAYS[way](place)
