"""One worker process seen from outside: its start, the calls to it, its results, its end."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Final

from fuzztui.engine.crew import procfs
from fuzztui.engine.crew.connection import READ, Connection, drain
from fuzztui.engine.crew.guard import MARKER
from fuzztui.engine.crew.orphans import WORKERS, Mark, end_orphans
from fuzztui.engine.crew.output import Output, StackFile
from fuzztui.engine.crew.surroundings import Surroundings
from fuzztui.engine.crew.verdict import Cause, Ending, Killed
from fuzztui.protocol.framing import OVERHEAD
from fuzztui.protocol.memory import CONTROL, RECENT_BYTES, Control, SharedMemory, State, create
from fuzztui.protocol.messages import Call, Result, Stop
from fuzztui.protocol.process import DUMP_SIGNAL, LOOP_SIGNAL

TERM_AFTER: Final = 0.8
"""Seconds between the request to stop and SIGTERM: an execution of ordinary length ends by itself before."""

KILL_AFTER: Final = 1.3
"""Seconds between the request to stop and SIGKILL. With reaping this keeps the whole end under two seconds."""

CLEANUP_KILL_AFTER: Final = 5.0
"""As KILL_AFTER for a worker that runs its cleanup, which may have to wait for others; it is sent no SIGTERM."""

STACK_TIME: Final = 0.1
"""Seconds that a process is given to write the stack that it was asked for."""

LOADING_TERM_AFTER: Final = 0.1
"""As TERM_AFTER for a worker that still loads its target: it has found nothing that could be lost."""

SILENCE: Final = 1.0
"""Seconds in which the death of a process whose connection is lost should be seen: an ordinary end closes it too."""


class WorkerProcess:
    """One worker process.

    Lives on the coordinator's loop. `on_result` is called for each result as it arrives; what it raises is the worker's
    fault and ends the process. Results that a process sent before its death are all delivered before `ended` is set:
    the death is seen through a pidfd, then the socket is read to its last byte. (Waiting for the socket's end instead
    would wait for any grandchild that inherited it.)

    Twenty-two attributes: eight of them are what the process was started with, the others what `Ending` is made of.
    """

    def __init__(
        self,
        *,
        command: list[str],
        mark: Mark,
        capacity: int,
        environment: dict[str, str],
        output: Output,
        surroundings: Surroundings,
        on_result: Callable[[Result], None],
        on_end: Callable[[], None],
    ) -> None:
        """Start the process; OSError if that is impossible.

        `command`: program and first arguments; `mark` is unique to this process; `capacity`: bytes of the largest
        input.
        """
        self._loop = asyncio.get_running_loop()
        self._output = output
        self._on_end = on_end
        self._mark = mark
        self._surroundings = surroundings
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
            # Whatever fails from here on, no process is left that nobody knows: even one that `Popen` has made before
            # it failed itself bears the mark. This comes last, when there are descriptors again.
            on_failure.callback(end_orphans, mark.run, mark.process)
            with contextlib.ExitStack() as theirs_only:
                self._memory_fd = memory_fd = create(capacity)
                on_failure.callback(os.close, memory_fd)
                self._stacks = StackFile()
                on_failure.callback(self._stacks.close)
                ours, theirs = socket.socketpair()
                on_failure.callback(ours.close)
                theirs_only.callback(theirs.close)
                arguments = [theirs.fileno(), memory_fd, self._stacks.fd, capacity, os.getpid()]
                self._process = subprocess.Popen(
                    [*command, *map(str, arguments)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=(theirs.fileno(), memory_fd, self._stacks.fd),
                    start_new_session=True,
                    env={**os.environ, "PYTHONUNBUFFERED": "1", **environment, MARKER: str(mark)},
                )
                on_failure.callback(self._give_up)
                WORKERS.add(self._process.pid)
                mark.put_on(self._process.pid)
                self.memory = SharedMemory(memory_fd, capacity)
                on_failure.callback(self.memory.close)
            self._connection = Connection(
                ours,
                limit=capacity + RECENT_BYTES + OVERHEAD,
                on_result=on_result,
                on_fault=self.refuse,
                on_close=lambda: self._refuse_soon("the worker closed its connection"),
                on_stuck=lambda: self._refuse_soon("the worker takes no more calls"),
            )
            stdout = self._process.stdout
            assert stdout is not None
            self._stdout = stdout.fileno()
            os.set_blocking(self._stdout, False)
            on_failure.callback(self._loop.remove_reader, self._stdout)
            self._loop.add_reader(self._stdout, self.read_output)
            on_failure.callback(self._connection.detach)
            self._connection.open()
            self._watch_death(on_failure)
            self._undo_start = on_failure.pop_all()

    def _give_up(self) -> None:
        """The process runs, but cannot be talked to: end it."""
        self._process.kill()
        self._process.wait()
        WORKERS.discard(self._process.pid)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def abandon(self) -> None:
        """End a process that has just been started and that nobody will look after: nothing is told of it."""
        self._dead = True
        self._undo_start.close()

    @property
    def pid(self) -> int:
        """The process's id; valid until `ended` is set."""
        return self._process.pid

    @property
    def shared_bytes(self) -> int:
        """Bytes of the engine's memory that the process has mapped and that exist: those that were touched."""
        return os.fstat(self._memory_fd).st_blocks * 512

    # Talking to it ---------------------------------------------------------------------------------------------------

    def send(self, call: Call) -> None:
        """Make a call."""
        self._connection.send(call)

    def set_control(self, control: Control) -> None:
        """Tell the worker what to do between two executions; asking to stop is final."""
        if not self.ended.is_set() and self.stop_asked_at is None:
            self.memory.words[CONTROL] = control

    def read_output(self) -> None:
        """Take what the process has printed up to now, as far as one read goes."""
        try:
            data = os.read(self._stdout, READ)
        except BlockingIOError:
            return
        if data:
            self._output.append(data)
        else:
            self._loop.remove_reader(self._stdout)

    def request_stack(self) -> None:
        """Have the process write its stack to where `stack` reads it; works while C code holds the interpreter."""
        if self._dead or self.memory.state is State.STARTING:
            return
        self._stacks.begin_anew()
        self._send_signal(DUMP_SIGNAL)

    def look_for_loop(self, *, again: bool = False) -> bool:
        """Have the process write its stack, and find the call that its execution does not leave; `again`: the stack
        that it wrote before stays until then. False where it does not listen: a signal that nobody handles would end
        it.
        """
        if LOOP_SIGNAL is None or self._dead or LOOP_SIGNAL not in procfs.caught(self.pid):
            return False
        if not again:
            self._stacks.begin_anew()
        self._send_signal(LOOP_SIGNAL)
        return True

    def stack(self) -> str:
        """The newest stack that the process wrote, innermost frame first; empty if there is none."""
        return self._stacks.newest()

    def let_go_on(self) -> None:
        """Have a stopped process (SIGSTOP) continue."""
        if not self._dead:
            self._send_signal(signal.SIGCONT)

    # Ending it -------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the process to end, then make it end: flag and call, SIGTERM, SIGKILL. May be called repeatedly."""
        if self.ended.is_set() or self.stop_asked_at is not None:
            return
        self.set_control(Control.STOP)
        self.stop_asked_at = time.monotonic()
        self.send(Stop())
        term_after = TERM_AFTER if self.answered_ping else LOADING_TERM_AFTER
        self._timers.append(self._loop.call_later(term_after, self._unless_cleaning, signal.SIGTERM))
        self._timers.append(self._loop.call_later(KILL_AFTER, self._unless_cleaning, signal.SIGKILL))
        self._timers.append(self._loop.call_later(CLEANUP_KILL_AFTER - STACK_TIME, self.request_stack))
        self._timers.append(self._loop.call_later(CLEANUP_KILL_AFTER, self._end_cleanup))

    def _unless_cleaning(self, number: signal.Signals) -> None:
        """A rung of the ladder on which a process that is asked to stop is ended."""
        if not self._dead and self.memory.state is not State.CLEANING:
            self._signal(number, Killed.STOP)

    def _end_cleanup(self) -> None:
        if not self._dead and self.memory.state is State.CLEANING:
            self.killed = Killed.CLEANUP  # also where a SIGTERM had been sent to end the execution before
            self._send_signal(signal.SIGKILL)

    def kill(self, why: Killed) -> None:
        """End the process now. The first reason is kept."""
        self._signal(signal.SIGKILL, why)

    def refuse(self, complaint: str) -> None:
        """End a process that does not keep to the rules."""
        if self.ended.is_set():
            return
        self.complaint = complaint
        self.kill(Killed.PROTOCOL)

    def _refuse_soon(self, complaint: str) -> None:
        if not self.complaint:
            self._timers.append(self._loop.call_later(SILENCE, self.refuse, complaint))

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

    def _watch_death(self, on_failure: contextlib.ExitStack) -> None:
        if hasattr(os, "pidfd_open"):
            self._pidfd: int | None = os.pidfd_open(self.pid)
            on_failure.callback(os.close, self._pidfd)
            on_failure.callback(self._loop.remove_reader, self._pidfd)
            self._loop.add_reader(self._pidfd, self._finish)
        else:
            self._pidfd = None
            self._poll_death()

    def _poll_death(self) -> None:
        if self._dead:
            return
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
        self._connection.drain()
        self._loop.remove_reader(self._stdout)
        drain(self._stdout, self._output.append)
        cpu = self._surroundings.cpu_of(self.pid)
        # The id of the group is taken as long as its leader is not reaped, so this cannot hit strangers.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        status = self._process.wait()
        WORKERS.discard(self.pid)
        end_orphans(self._mark.run, self._mark.process)
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
            cause=self._surroundings.cause(status, cpu) if self.killed is Killed.NO else Cause.UNKNOWN,
        )
        self.ended.set()
        self._on_end()

    def close(self) -> None:
        """Give back what outlives the process: its memory, its stacks, its pipes. Only after `ended`."""
        self.memory.close()
        os.close(self._memory_fd)
        self._stacks.close()
        self._connection.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
