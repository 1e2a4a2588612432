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
    state: State | None = State.IDLE
    recorded: bytes | None = b"input"

    def recorded_input(self) -> bytes | None:
        return self.recorded


@dataclass
class FakeProcess:
    memory: FakeMemory = field(default_factory=FakeMemory)
    pid: int = 4711
    written: str = ""
    """The stack that the process writes when it is asked."""
    stack_requests: int = 0
    answered_ping: bool = True
    stop_asked_at: float | None = None
    complaint: str = ""
    killed: Killed = Killed.NO
    ending: Ending | None = None
    seconds_to_end: float = 0.25
    closed: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def request_stack(self) -> None:
        self.stack_requests += 1

    def stack(self) -> str:
        return self.written

    def kill(self, why: Killed) -> None:
        self.killed = why

    def refuse(self, complaint: str) -> None:
        self.killed = Killed.PROTOCOL
        self.complaint = complaint

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeSampler:
    """A `UsageSampler` that answers what it is told, the last one again and again."""

    answers: list[Usage | None]

    def sample(self) -> Usage | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class FakeMemoryWatch:
    usage: Usage | None = None


class FakeStint:
    """Has what `Stint` has, without a process."""

    def __init__(self, process: FakeProcess) -> None:
        self.process = process
        self.assignment = Assignment(0)
        self.failed: Failed | None = None
        self.hang = HangWatch()
        self.memory = FakeMemoryWatch()

    is_ready = Stint.is_ready
    is_suspended = Stint.is_suspended
    executions = Stint.executions


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
