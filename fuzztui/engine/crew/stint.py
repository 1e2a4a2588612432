"""One process's life as the crew sees it: made with the process and thrown away with it, so nothing is ever reset."""

from typing import Final

from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.watch import HangWatch, MemoryWatch
from fuzztui.engine.options import RunOptions
from fuzztui.engine.work.assignment import Assignment
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import Control
from fuzztui.protocol.messages import MOST_SEEDS, Failed

MOST_SEED_BYTES: Final = 1 << 30
"""Bytes of all seeds that a target may declare: a worker that lies is not to fill the coordinator's memory."""


class Stint:
    """A process, what it has said so far, and who looks after it."""

    def __init__(self, worker: int, process: WorkerProcess) -> None:
        """`worker`: id of the member that works through the process."""
        self.process = process
        self.assignment = Assignment(worker)
        self.seeds: list[bytes] = []
        """Declared by the target as this process loaded it."""
        self.failed: Failed | None = None
        """What the process said before it failed."""
        self.hang = HangWatch()
        self.memory = MemoryWatch(process.pid)
        self._seed_bytes = 0

    @property
    def is_ready(self) -> bool:
        """Whether the process has answered its ping."""
        return self.process.answered_ping

    @property
    def is_suspended(self) -> bool:
        """Whether somebody has stopped the process (SIGSTOP)."""
        return self.memory.usage is not None and self.memory.usage.suspended

    @property
    def executions(self) -> int:
        """Calls of the target that are accounted for, and as many of the call in progress as can be true."""
        return self.assignment.executions(self.process.memory.executions)

    def take_seed(self, data: bytes) -> None:
        """Note a seed that the target declares. ProtocolError after the ping's answer, or for more than can be true."""
        self._seed_bytes += len(data)
        if self.is_ready or len(self.seeds) >= MOST_SEEDS:
            raise ProtocolError("a seed that nobody asked for")
        if self._seed_bytes > MOST_SEED_BYTES:
            raise ProtocolError(f"the target declares seeds of more than {MOST_SEED_BYTES >> 20} MiB together")
        self.seeds.append(data)

    def take_pong(self) -> None:
        """The target is loaded. ProtocolError if that was said before."""
        if self.is_ready:
            raise ProtocolError("an answer to a ping that was not sent")
        self.process.answered_ping = True
        self.memory.measure_loaded()

    def hold(self, held: bool) -> None:
        """Have the process wait between two executions, or go on."""
        self.process.set_control(Control.PAUSE if held else Control.RUN)

    def watch_execution(self, options: RunOptions, now: float) -> None:
        """Look whether the process is stuck in one execution."""
        if self.is_ready and not self.process.ended.is_set():
            self.hang.look(self.process, options, suspended=self.is_suspended, now=now)
