"""One process's life as the crew sees it: made with the process and thrown away with it, so nothing is ever reset."""

import time
from dataclasses import replace
from typing import Final

from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.versions import Loaded
from fuzztui.engine.crew.watch import HangWatch, MemoryWatch
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.engine.work.assignment import Assignment
from fuzztui.engine.work.coverage_log import MOST_PROBES
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import Control
from fuzztui.protocol.messages import MOST_SEEDS, Announced, Failed, Module

MOST_ANNOUNCED: Final = 100_000
"""Modules that a process may tell of before it is ready: the standard library as a whole has a thousand."""

MOST_REMARKS: Final = 100
"""Sentences about the target that a process may say: no honest one says more."""

MOST_SEED_BYTES: Final = 1 << 30
"""Bytes of all seeds that a target may declare: a worker that lies is not to fill the coordinator's memory."""


class Stint:
    """A process, what it has said so far, and who looks after it."""

    def __init__(
        self, worker: int, process: WorkerProcess, *, instrumented: bool = True, is_beside: bool = False
    ) -> None:
        """`worker`: id of the member that works through the process; the others: see `Assignment`."""
        self.process = process
        self.started = time.monotonic()
        self.assignment = Assignment(worker, instrumented, is_beside)
        self.seeds: list[bytes] = []
        """Declared by the target as this process loaded it."""
        self.loaded = Loaded()
        """Which version of each file of the code under test the process has loaded."""
        self.outdated = NOTHING
        """Where that is not the version that the run executes: a sentence."""
        self.changed: tuple[str, ...] = ()
        """The files that differ; none where it is the target that does, for another reason."""
        self.printed_before = 0
        """Bytes that the member's processes had printed when the call was made."""
        self.announced: list[Announced] = []
        """What the process has said of modules before it was ready: believed when it is put to work."""
        self.failed: Failed | None = None
        """What the process said before it failed."""
        self.waits = False
        """Whether there was nothing for the process when it was last to be given something."""
        self.looked_at = 0.0
        """When it was last asked for its stack because somebody looks at it, on the monotonic clock."""
        self.has_worked = False
        """Whether the process has finished a call."""
        self.hang = HangWatch(process.pid)
        self.memory = MemoryWatch(process.pid)
        self._seed_bytes = 0
        self._probes = 0
        self._remarks = 0

    @property
    def is_ready(self) -> bool:
        """Whether the process has answered its ping."""
        return self.process.answered_ping

    @property
    def seconds(self) -> float:
        """Since the process was started."""
        return time.monotonic() - self.started

    @property
    def is_suspended(self) -> bool:
        """Whether the process has been stopped (SIGSTOP)."""
        return self.memory.usage is not None and self.memory.usage.suspended

    @property
    def executions(self) -> int:
        """Calls of the target that are accounted for, and as many of the call in progress as can be true."""
        return self.assignment.executions(self.process.memory.executions)

    @property
    def refused(self) -> int:
        """Of these, those whose values a class refused."""
        return min(self.process.memory.refused, self.executions)

    def has_stack_of(self, execution: int) -> bool:
        """Whether the newest stack is of this execution, not of an earlier one."""
        return self.hang.has_stack_of(execution) or self.memory.has_stack_of(execution)

    def take_seed(self, data: bytes) -> None:
        """Note a seed that the target declares. ProtocolError after the ping's answer, or for more than can be true."""
        self._seed_bytes += len(data)
        if self.is_ready or len(self.seeds) >= MOST_SEEDS:
            raise ProtocolError("a seed that nobody asked for")
        if self._seed_bytes > MOST_SEED_BYTES:
            raise ProtocolError(f"the target declares seeds of more than {MOST_SEED_BYTES >> 20} MiB together")
        self.seeds.append(data)

    def take_announced(self, message: Announced) -> None:
        """Keep what is said of a module, or of the target. ProtocolError for more than can be true."""
        self._probes += len(message.lines) if isinstance(message, Module) else 0
        if self._probes > MOST_PROBES or len(self.announced) >= MOST_ANNOUNCED:
            raise ProtocolError(f"{self._probes} probes in {len(self.announced) + 1} modules")
        self.announced.append(message)

    def count_remark(self) -> None:
        """The process says something of the target. ProtocolError for more than an honest one has to say."""
        self._remarks += 1
        if self._remarks > MOST_REMARKS:
            raise ProtocolError(f"{self._remarks} sentences about the target")

    def measure_loaded(self) -> None:
        """Note what the process uses, its target being loaded."""
        self.memory.measure_loaded(self.process.shared_bytes)

    def take_pong(self) -> None:
        """The target is loaded. ProtocolError if that was said before."""
        if self.is_ready:
            raise ProtocolError("an answer to a ping that was not sent")
        self.process.answered_ping = True

    def hold(self, held: bool) -> None:
        """Have the process wait between two executions, or go on."""
        self.process.set_control(Control.PAUSE if held else Control.RUN)

    def watch(self, options: RunOptions, now: float) -> Visible:
        """Look whether the process is stuck in one execution, stopped, or uses too much memory. Returns what a person
        should be told of it, if anything.
        """
        if not self.is_ready or self.process.ended.is_set():
            return NOTHING
        self.memory.look(self.process, options.memory_limit, now)
        return self.hang.look(self.process, self.options_for_call(options), now)

    def options_for_call(self, options: RunOptions) -> RunOptions:
        """The run's, with the time-out that the call in flight has."""
        call = self.assignment.call
        if call is None or call.patience == 1.0:
            return options
        return replace(options, timeout=options.timeout * call.patience)
