"""A worker without instrumentation: its inputs are small scripts that say what executing them does.

Run like `fuzztui.worker`, as `python -m tests.engine.scripted_worker` with the same arguments. One command a line:

    cover 3 7           covers these probes of the module `script`
    raise ValueError x  fails with an exception of that type and message
    mem                 fails for want of memory
    misuse              uses the harness in a way that is wrong, and swallows the error
    exit 3              ends the process with that status
    kill 9              ends it by that signal
    hang                never returns
    eat 300             takes that many MiB of memory, and never returns
    read PATH           waits until somebody has opened that FIFO for writing, and closed it

The tokens of a `Load` call are the seeds that the target declares; a target called `failing` cannot be loaded. `Fuzz`
runs the scripts of its entry one after the other; `SEPARATOR` stands between them, so that an entry which is run as it
is runs its first script alone.
"""

import os
import signal
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NoReturn

from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import Compared, Coverage, Done, Failure, Fuzz, Load, Measured, Module
from fuzztui.target.errors import HarnessError
from fuzztui.worker.executor import Serve
from fuzztui.worker.main import main
from fuzztui.worker.plainloop import KnownCoverage, fuzz_plainly
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Crash, Reports

MODULE = "script"

PROBES = 100

UNSPEAKABLE = "\ud800" * 2_000_000
"""A message that can neither be encoded nor fits into a frame."""

SEPARATOR = b"\n--\n"


class ScriptedCrash:
    def __init__(self, name: str, message: str) -> None:
        self.bucket = identity(name, [MODULE])
        self.group = self.bucket
        self._name = name
        self._message = message

    def message(self) -> str:
        return self._message

    def describe(self, *, detailed: bool = False) -> Failure:
        return Failure(self._name, self._message, f"{self._name}: {self._message}", [], self.bucket, self.bucket)


class ScriptedExecutor:
    def __init__(self, seeds: list[bytes], executions: Executions, reports: Reports) -> None:
        self.parameters = ("bytes",)
        self.seeds = seeds
        self.misuse: HarnessError | None = None
        self._executions = executions
        self._reports = reports
        self._known = KnownCoverage()
        self._covered: list[int] = []
        self._eaten = b""

    def enter(self, island: int) -> None:
        """There is nothing that it learns of inputs."""

    def learn(self, covered: Coverage) -> None:
        self._known.add(covered)

    def run(self, data: bytes) -> ScriptedCrash | None:
        self._executions.begin(data)
        self._covered = []
        first, _, _ = data.partition(SEPARATOR)
        for line in first.decode().splitlines():
            crash = self._do(*line.split())
            if crash is not None:
                return crash
        self._executions.end()
        return None

    def measure(self, data: bytes, index: int) -> ScriptedCrash | None:
        crash = self.run(data)
        self._reports.send(Measured(index, {}))
        return crash

    def compare(self, data: bytes, index: int, file: str, lines: Collection[int]) -> ScriptedCrash | None:
        crash = self.run(data)
        self._reports.send(Compared(index, []))
        return crash

    def shrink(self, data: bytes, executions: int) -> bytes:
        return data

    def export(self, data: bytes, index: int, to: str) -> Crash | None:
        raise AssertionError("there is nothing to export to")

    def foretell(self, tell: Callable[[list[str]], None]) -> None:
        """Scripts say what they are themselves."""

    def tracing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def steps(self) -> list[tuple[str, int, int]]:
        return []

    def canonical(self, data: bytes) -> bytes:
        return data

    def covered(self) -> Coverage:
        return {MODULE: self._covered}

    def fuzz(self, call: Fuzz) -> Done:
        scripts = iter(call.entry.split(SEPARATOR))
        return fuzz_plainly(call, scripts, self, self._known, self._executions, self._reports)

    def be_copy(self) -> None:
        pass

    def close(self) -> None:
        print("closed", flush=True)

    def _do(self, command: str, *arguments: str) -> ScriptedCrash | None:
        match command, *arguments:
            case "cover", *probes:
                self._covered += map(int, probes)
            case "raise", name, *words:
                return ScriptedCrash(name, " ".join(words))
            case ["mem"]:
                return ScriptedCrash("MemoryError", "")
            case ["misuse"]:
                self.misuse = HarnessError("the script misuses its harness")
            case "exit", status:
                os._exit(int(status))
            case "kill", number:
                os.kill(os.getpid(), int(number))
            case ["hang"]:
                _pause()
            case "eat", size:
                self._eaten += b"x" * (int(size) << 20)
                _pause()
            case "read", path:
                Path(path).read_bytes()
            case _:
                raise ValueError(f"{command} is no command of a script")
        return None


def _pause() -> NoReturn:
    while True:
        signal.pause()  # returns after each signal, such as the one that asks for the stack


def load(call: Load, executions: Executions, reports: Reports, serve: Serve) -> None:
    if call.target == "failing":
        raise HarnessError(UNSPEAKABLE)
    reports.note_module(Module(MODULE, os.fsdecode(call.file), list(range(PROBES))))
    serve(ScriptedExecutor(call.dictionary, executions, reports))


if __name__ == "__main__":
    main(load)
