"""Keeps a guard beside a run, see `fuzztui.engine.crew.guard`."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fuzztui.engine.crew import guard
from fuzztui.engine.show.text import Visible, label, os_error, say

RESTARTS: Final = 3
"""How often a guard that somebody has ended is replaced: whoever goes on ending them does not want one."""

_UNGUARDED: Final = label("what the target starts may go on running, should this process be killed by SIGKILL")


@contextlib.contextmanager
def guarding(run: int, warn: Callable[[Visible], None]) -> Iterator[None]:
    """Have a guard for the run with this mark meanwhile (Linux only); `warn` is told if there cannot be one.

    To be used on the run's loop. The guard is there before the first worker, and is gone when the context is left.
    """
    if sys.platform != "linux":
        yield
        return
    kept = _Guard(run, warn)
    kept.start()
    try:
        yield
    finally:
        kept.end()


class _Guard:
    """The guard's process, or the one after it."""

    def __init__(self, run: int, warn: Callable[[Visible], None]) -> None:
        self._run = run
        self._warn = warn
        self._loop = asyncio.get_running_loop()
        self._started = 0
        self._running = contextlib.ExitStack()
        """Gives back what belongs to the process, and ends it."""

    def start(self) -> None:
        with contextlib.ExitStack() as on_failure:
            try:
                self._start(on_failure)
            except OSError as error:
                self._warn(say("there is no guard beside this run ({}): {}", os_error(error), _UNGUARDED))
                return
            self._running = on_failure.pop_all()

    def _start(self, on_failure: contextlib.ExitStack) -> None:
        """The guard holds nothing of ours but what tells it of our death: whoever reads our output sees its end."""
        us = os.pidfd_open(os.getpid())
        theirs, ours = os.pipe()
        try:
            on_failure.callback(os.close, ours)
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, str(os.getpid()), f"{self._run:x}", str(us)],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(us,),
                start_new_session=True,
                cwd=Path("/"),
            )
        finally:
            os.close(us)
            os.close(theirs)
        self._started += 1
        on_failure.callback(process.wait)
        on_failure.callback(process.kill)
        death = os.pidfd_open(process.pid)
        on_failure.callback(os.close, death)
        self._loop.add_reader(death, self._replace)
        on_failure.callback(self._loop.remove_reader, death)

    def end(self) -> None:
        self._running.close()

    def _replace(self) -> None:
        """Somebody has ended the guard: start another one."""
        self.end()
        if self._started <= RESTARTS:
            self.start()
        else:
            self._warn(say("the guard beside this run was ended {} times: {}", self._started, _UNGUARDED))
