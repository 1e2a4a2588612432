"""Programs that call their fuzzer in a process which they start by `multiprocessing`.

Only this process can be the worker, so the work of such a process is done here: when the program waits for it, or has
come to its end.
"""

import os
from types import ModuleType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

MODULE: Final = "multiprocessing.process"
"""The module whose processes are watched."""

_WORK: Final = ("_target", "_args", "_kwargs")
"""What a process is to do, as the module keeps it until the process is started."""


class StartedProcesses:
    """The processes that a program has started before it called its fuzzer."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._started: list[tuple[Any, dict[str, Any]]] = []
        """Each with its work."""
        self._said, self._heard = os.pipe()
        os.set_blocking(self._said, False)
        self._is_over = False

    def watch(self, module: ModuleType) -> None:
        """Note what processes are started by the module `MODULE`, which has just been loaded."""
        processes: Any = vars(module)["BaseProcess"]
        start, join = processes.start, processes.join

        def start_noted(process: Any) -> Any:
            if not self._is_over:
                self._started.append((process, {name: getattr(process, name, None) for name in _WORK}))
            return start(process)

        def join_and_work(process: Any, timeout: float | None = None) -> Any:
            result = join(process, timeout)
            self.work()
            return result

        processes.start, processes.join = start_noted, join_and_work

    def tell(self) -> None:
        """In a child: it has called the fuzzer."""
        os.write(self._heard, bytes([min(len(self._started), 255)]))

    def work(self) -> None:
        """Do the work of a process that has called the fuzzer, if one has. Nothing happens in a child."""
        if self._is_over or os.getpid() != self._process:
            return
        try:
            told = os.read(self._said, 1)
        except BlockingIOError:
            return
        process, work = self._started[told[0] - 1]
        self.end()
        for name, value in work.items():
            setattr(process, name, value)
        process.run()

    def wait(self) -> None:
        """The program has come to its end: do what one of its processes was to do, once that has told so."""
        for process, _ in self._started:
            if not self._is_over and not process.daemon:
                process.join()  # as the interpreter does at its end

    def end(self) -> None:
        """The fuzzer is called here: nothing that is started from now on matters."""
        if not self._is_over:
            self._is_over = True
            os.close(self._said)
            os.close(self._heard)
