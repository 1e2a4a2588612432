"""A worker program driven call by call, without a coordinator."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

import fuzztui
from fuzztui.protocol.framing import OVERHEAD, FrameReader, frame
from fuzztui.protocol.memory import SharedMemory, anonymous_file, create
from fuzztui.protocol.messages import Call, Done, Failed, Load, Ping, Pong, Result, Stop

PYTHON_WORKER = Path(fuzztui.__file__).parent / "worker" / "__main__.py"

CAPACITY = 1 << 20
"""Bytes of the largest input."""

PATIENCE = 60.0
"""Seconds after which a test gives up on an answer."""


class WorkerProcess:
    def __init__(self, program: str, folder: Path) -> None:
        """`program`: a module to be run with `-m`; its output goes to a file in `folder`."""
        self._output = folder / "output"
        memory_fd, stack_fd = create(CAPACITY), anonymous_file()
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(PATIENCE)
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-P"),
                    *([str(PYTHON_WORKER)] if program == "fuzztui.worker" else ["-m", program]),
                    *map(str, (theirs.fileno(), memory_fd, stack_fd, CAPACITY, os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs.fileno(), memory_fd, stack_fd),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        theirs.close()
        os.close(stack_fd)
        self.memory = SharedMemory(memory_fd, CAPACITY)
        os.close(memory_fd)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Result).decode
        self._reader = FrameReader(CAPACITY + OVERHEAD)
        self._results: list[Result] = []

    def send(self, *calls: Call) -> None:
        for call in calls:
            self._socket.sendall(frame(self._encode(call)))

    def until(self, last: type[Done] | type[Pong] | type[Failed]) -> list[Result]:
        """The results up to the first of that type, which is the last one returned."""
        while not any(isinstance(result, last) for result in self._results):
            assert self._receive(), f"the worker has ended: {self._results[-3:]}, {self.output}"
        end = next(number for number, result in enumerate(self._results, 1) if isinstance(result, last))
        results, self._results = self._results[:end], self._results[end:]
        return results

    def end(self) -> tuple[int, list[Result]]:
        """Wait for the process's end; its exit status, and the results that nobody has asked for."""
        status = self.process.wait(PATIENCE)
        while self._receive():
            pass
        return status, self._results

    def load(self, call: Load) -> list[Result]:
        self.send(call, Ping())
        return self.until(Pong)

    def stop(self) -> int:
        self.send(Stop())
        return self.end()[0]

    @property
    def output(self) -> str:
        """What the process has printed."""
        return self._output.read_text()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._socket.close()
        self.memory.close()

    def _receive(self) -> bool:
        data = self._socket.recv(1 << 16)
        self._results += map(self._decode, self._reader.feed(data))
        return bool(data)


@contextmanager
def started(program: str, folder: Path) -> Iterator[WorkerProcess]:
    """A worker program's process, ended with the context."""
    worker = WorkerProcess(program, folder)
    try:
        yield worker
    finally:
        worker.close()
