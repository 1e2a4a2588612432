"""One worker process seen from outside: its start, the calls to it, its results, its end."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from fuzztui.engine.orphans import MARKER, WORKERS, end_orphans
from fuzztui.engine.verdict import Ending, Killed
from fuzztui.protocol.framing import OVERHEAD, FrameReader, ProtocolError, frame
from fuzztui.protocol.memory import CONTROL, Control, SharedMemory, State, anonymous_file, create
from fuzztui.protocol.messages import Call, Result, Stop
from fuzztui.protocol.process import DUMP_SIGNAL

TERM_AFTER: Final = 0.8
"""Seconds between the request to stop and SIGTERM: an execution of ordinary length ends by itself before."""

KILL_AFTER: Final = 1.3
"""Seconds between the request to stop and SIGKILL. With reaping this keeps the whole end under two seconds."""

LOADING_TERM_AFTER: Final = 0.1
"""As TERM_AFTER for a worker that still loads its target: it has found nothing that could be lost."""

DRAIN_LIMIT: Final = 16 << 20
"""Bytes read from a dead process' pipe at most: a grandchild that holds it may go on writing."""

OUTPUT_LIMIT: Final = 64 << 10
"""Bytes of output that are kept of each worker."""

_READ: Final = 1 << 16


class Output:
    """The last bytes that a worker's processes printed."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts: deque[bytes] = deque()
        self._size = 0

    def append(self, data: bytes) -> None:
        """Add what was printed, dropping the oldest over the limit."""
        self._parts.append(data)
        self._size += len(data)
        while self._size - len(self._parts[0]) >= OUTPUT_LIMIT:
            self._size -= len(self._parts.popleft())

    def clear(self) -> None:
        """Forget what was printed so far."""
        self._parts.clear()
        self._size = 0

    def tail(self, limit: int = OUTPUT_LIMIT) -> str:
        """The last `limit` bytes as text."""
        return b"".join(self._parts)[-limit:].decode("utf-8", "replace")


class WorkerHandle:
    """One worker process.

    Lives on the coordinator's loop. `on_result` is called for each result as it arrives; a ProtocolError it raises
    is the worker's lie and ends the process. Results that a process sent before its death are all delivered before
    `ended` is set: its death is seen through a pidfd, then the socket is read to its last byte. (Waiting for the
    socket's end instead would wait for any grandchild that inherited it.)
    """

    def __init__(
        self,
        *,
        mark: str,
        capacity: int,
        environment: dict[str, str],
        output: Output,
        on_result: Callable[[Result], None],
        on_end: Callable[[], None],
    ) -> None:
        """Start the process; OSError if that is impossible.

        `mark` is unique to this process, `capacity` the size in bytes of the largest input.
        """
        self._loop = asyncio.get_running_loop()
        self._output = output
        self._on_result = on_result
        self._on_end = on_end
        self._mark = mark
        self._reader = FrameReader(capacity + OVERHEAD)
        self._decode = msgspec.msgpack.Decoder(Result).decode
        self._encode = msgspec.msgpack.Encoder().encode
        self._unsent = bytearray()
        self._dead = False
        """Whether the death has been noticed; `ended` follows when the process has been reaped."""
        self._timers: list[asyncio.TimerHandle] = []
        self.ended = asyncio.Event()
        self.ending: Ending | None = None
        """Set together with `ended`."""
        self.answered_ping = False
        self.killed = Killed.NO
        self.complaint = ""
        """What was wrong with the worker's messages, where that is why it was killed."""
        self.stop_asked_at: float | None = None
        self.seconds_to_end = 0.0
        """From the request to stop, or from the death where there was none, to the reaped process."""

        with contextlib.ExitStack() as on_failure:
            memory_fd = create(capacity)
            on_failure.callback(os.close, memory_fd)
            self._stack_fd = anonymous_file()
            on_failure.callback(os.close, self._stack_fd)
            ours, theirs = socket.socketpair()
            on_failure.callback(ours.close)
            on_failure.callback(theirs.close)
            arguments = [theirs.fileno(), memory_fd, self._stack_fd, capacity, os.getpid()]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "fuzztui.worker", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(), memory_fd, self._stack_fd),
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment, MARKER: mark},
            )
            on_failure.callback(self._give_up)
            WORKERS.add(self._process.pid)
            theirs.close()
            self.memory = SharedMemory(memory_fd, capacity)
            self._socket = ours
            self._socket.setblocking(False)
            stdout = self._process.stdout
            assert stdout is not None
            self._stdout = stdout.fileno()
            os.set_blocking(self._stdout, False)
            self._watch_death()
            on_failure.pop_all()
        os.close(memory_fd)
        self._loop.add_reader(self._socket, self._read_results)
        self._loop.add_reader(self._stdout, self._read_output)

    def _give_up(self) -> None:
        """The process runs, but cannot be talked to: end it."""
        self._process.kill()
        self._process.wait()
        WORKERS.discard(self._process.pid)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The process's id; valid until `ended` is set."""
        return self._process.pid

    def send(self, call: Call) -> None:
        """Make a call. What does not fit into the socket now follows as the worker reads."""
        self._unsent += frame(self._encode(call))
        self._write()

    def set_control(self, control: Control) -> None:
        """Tell the worker what to do between two executions; asking to stop is final."""
        if not self.ended.is_set() and self.stop_asked_at is None:
            self.memory.words[CONTROL] = control

    def stop(self) -> None:
        """Ask the process to end, then make it end: flag and call, SIGTERM, SIGKILL. May be called repeatedly."""
        if self.ended.is_set() or self.stop_asked_at is not None:
            return
        self.set_control(Control.STOP)
        self.stop_asked_at = time.monotonic()
        self.send(Stop())
        term_after = TERM_AFTER if self.answered_ping else LOADING_TERM_AFTER
        self._timers.append(self._loop.call_later(term_after, self._signal, signal.SIGTERM, Killed.STOP))
        self._timers.append(self._loop.call_later(KILL_AFTER, self.kill, Killed.STOP))

    def kill(self, why: Killed) -> None:
        """End the process now. The first reason is kept."""
        self._signal(signal.SIGKILL, why)

    def request_stack(self) -> None:
        """Have the process write its stack to where `stack` reads it; works while C code holds the interpreter."""
        if self._dead or self.memory.state is State.STARTING:
            return
        # What was written before is of no use any more. Both ends share one offset, so the file begins anew.
        os.ftruncate(self._stack_fd, 0)
        os.lseek(self._stack_fd, 0, os.SEEK_SET)
        self._send_signal(DUMP_SIGNAL)

    def stack(self) -> str:
        """The newest stack that the process wrote, innermost frame first as faulthandler has it; empty if none."""
        size = os.fstat(self._stack_fd).st_size
        text = os.pread(self._stack_fd, _READ, max(0, size - _READ)).decode("utf-8", "replace")
        begin = max(text.rfind("Current thread"), text.rfind("Stack (most recent call first)"), text.rfind("Thread 0x"))
        return text[max(0, begin) :].strip()

    def _signal(self, number: signal.Signals, why: Killed) -> None:
        if self._dead:
            return
        if self.killed is Killed.NO:
            self.killed = why
        self._send_signal(number)

    def _send_signal(self, number: int) -> None:
        # `Popen.send_signal` looks whether the process is still there and reaps it if not: too early, its group's id
        # must stay taken until the group has been killed.
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)
        else:
            self._process.send_signal(number)

    def _write(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent[:_READ])]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._write)
            return
        except OSError:
            self._unsent.clear()  # the process has gone; its end is reported by other means
        self._loop.remove_writer(self._socket)

    def _read_results(self) -> None:
        """Take what is there; at the end of the stream stop looking, and end a process that went silent on purpose."""
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._dispatch(data)
            return
        self._loop.remove_reader(self._socket)
        if not self.complaint:
            # An ordinary end closes the socket too; give the death a moment to be seen before calling it a fault.
            self._timers.append(self._loop.call_later(1.0, self.refuse, "the worker closed its connection"))

    def _dispatch(self, data: bytes) -> None:
        if self.complaint:
            return
        try:
            for message in self._reader.feed(data):
                self._on_result(self._decode(message))
        except (ProtocolError, msgspec.DecodeError) as error:
            self.refuse(str(error))

    def refuse(self, complaint: str) -> None:
        """End a process that does not keep to the rules."""
        if self.ended.is_set():
            return
        self.complaint = complaint
        self.kill(Killed.PROTOCOL)

    def _read_output(self) -> None:
        try:
            data = os.read(self._stdout, _READ)
        except BlockingIOError:
            return
        if data:
            self._output.append(data)
        else:
            self._loop.remove_reader(self._stdout)

    def _watch_death(self) -> None:
        if hasattr(os, "pidfd_open"):
            self._pidfd: int | None = os.pidfd_open(self.pid)
            self._loop.add_reader(self._pidfd, self._finish)
        else:
            self._pidfd = None
            self._poll_death()

    def _poll_death(self) -> None:
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            self._loop.call_later(0.02, self._poll_death)
        else:
            self._finish()

    def _finish(self) -> None:
        """The process is dead, not yet reaped: take its last words, end its descendants, reap it."""
        died_at = time.monotonic()
        self._dead = True
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
        self._drain()
        # The id of the group is taken as long as its leader is not reaped, so this cannot hit strangers.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        status = self._process.wait()
        WORKERS.discard(self.pid)
        end_orphans(self._mark)
        for timer in self._timers:
            timer.cancel()
        self.seconds_to_end = time.monotonic() - (self.stop_asked_at or died_at)
        self.ending = Ending(
            status=status,
            state=self.memory.state,
            fault=self.memory.fault,
            answered_ping=self.answered_ping,
            asked_to_stop=self.stop_asked_at is not None,
            killed=self.killed,
        )
        self.ended.set()
        self._on_end()

    def _drain(self) -> None:
        for fd, take in ((self._socket.fileno(), self._dispatch), (self._stdout, self._output.append)):
            self._loop.remove_reader(fd)
            left = DRAIN_LIMIT
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                while left > 0 and (data := os.read(fd, _READ)):
                    left -= len(data)
                    take(data)
        self._loop.remove_writer(self._socket)

    def close(self) -> None:
        """Give back what outlives the process: its memory, its stack, its pipes. Only after `ended`."""
        self.memory.close()
        os.close(self._stack_fd)
        self._socket.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
