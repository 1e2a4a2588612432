"""Runs other programs, one after the other, on behalf of a command or an errand that a signal may end."""

import os
import signal
import subprocess
from contextlib import suppress
from typing import Any


class StoppedError(Exception):
    """A signal has ended the search."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.number = number


class Processes:
    """The one process that is waited for, and the signal that has come."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[str] | None = None
        self._signal: signal.Signals | None = None
        self._is_group = False
        """Whether the process has a session of its own, with all that it starts."""

    def stop(self, number: signal.Signals) -> None:
        """A `Listener`."""
        process = self._running
        if process is not None:
            self._send(process, signal.SIGKILL if self._signal is not None else number)
        self._signal = self._signal or number

    def _send(self, process: "subprocess.Popen[str]", number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self._is_group:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)

    def run(
        self, command: list[str], timeout: float | None = None, **options: Any
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; StoppedError if a signal has come. One with a session of its own takes along what
        is left in that.
        """
        self.check()
        self._is_group = bool(options.get("start_new_session"))
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process: subprocess.Popen[str]
        with subprocess.Popen(command, text=True, errors="replace", **streams, **options) as process:
            self._running = process
            if self._signal is not None:  # it came in between
                self._send(process, self._signal)
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                self._send(process, signal.SIGKILL)
                out, err = process.communicate()
            finally:
                self._running = None
                if self._is_group:
                    self._send(process, signal.SIGKILL)
        self.check()
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def check(self) -> None:
        if self._signal is not None:
            raise StoppedError(self._signal)
