"""What the crew's parts see of a process, without a process."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.usage import Usage
from fuzztui.engine.crew.verdict import Ending, Killed
from fuzztui.engine.crew.watch import HangWatch
from fuzztui.engine.work.assignment import Assignment
from fuzztui.protocol.memory import Fault, State
from fuzztui.protocol.messages import Failed


@dataclass
class FakeMemory:
    executions: int = 0
    refused: int = 0
    state: State | None = State.IDLE
    recorded: bytes | None = b"input"

    before: list[bytes] = field(default_factory=list)
    left_in: int = 0
    loop: tuple[int, int] = (0, 0)

    def recorded_input(self) -> bytes | None:
        return self.recorded

    def recent_inputs(self) -> list[bytes]:
        return self.before


@dataclass
class FakeProcess:
    memory: FakeMemory = field(default_factory=FakeMemory)
    pid: int = 4711
    written: str = ""
    """The stack that the process writes when it is asked."""
    stack_requests: int = 0
    looks_for_loops: int = 0
    looks_again: int = 0
    listens: bool = False
    """Whether it answers when it is to find its loop."""
    answered_ping: bool = True
    stop_asked_at: float | None = None
    complaint: str = ""
    killed: Killed = Killed.NO
    ending: Ending | None = None
    seconds_to_end: float = 0.25
    closed: bool = False
    let_go: int = 0
    """How often it was told to continue."""
    shared_bytes: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def request_stack(self) -> None:
        self.stack_requests += 1

    def look_for_loop(self, *, again: bool = False) -> bool:
        self.looks_for_loops += 1
        self.looks_again += again
        return self.listens

    def stack(self) -> str:
        return self.written

    def kill(self, why: Killed) -> None:
        self.killed = why

    def let_go_on(self) -> None:
        self.let_go += 1

    def refuse(self, complaint: str) -> None:
        self.killed = Killed.PROTOCOL
        self.complaint = complaint

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeMemoryWatch:
    usage: Usage | None = None
    stack_of: int = -1

    def has_stack_of(self, execution: int) -> bool:
        return self.stack_of == execution


class FakeStint:
    """Has what `Stint` has, without a process."""

    def __init__(self, process: FakeProcess) -> None:
        self.process = process
        self.assignment = Assignment(0)
        self.waits = False
        self.failed: Failed | None = None
        self.hang = HangWatch(process.pid)
        self.memory = FakeMemoryWatch()

    has_stack_of = Stint.has_stack_of
    is_ready = Stint.is_ready
    is_suspended = Stint.is_suspended
    options_for_call = Stint.options_for_call
    executions = Stint.executions
    refused = Stint.refused


def stint(**process: Any) -> Stint:
    return cast(Stint, FakeStint(FakeProcess(**process)))


def ending(status: int = 0, **changes: Any) -> Ending:
    given: dict[str, Any] = {
        "state": State.IDLE,
        "fault": Fault.NONE,
        "answered_ping": True,
        "asked_to_stop": False,
        "killed": Killed.NO,
        **changes,
    }
    return Ending(status=status, **given)
