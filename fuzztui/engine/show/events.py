"""The rare things that happen in a run, as every front end receives them.

Counters are not events: they are in the `Snapshot`. Events are delivered in the engine's thread, in order, by a plain
call that must not block.
"""

from dataclasses import dataclass
from typing import TypeAlias

from fuzztui.engine.show.snapshot import (
    CorpusChange,
    Crasher,
    ImportedModule,
    InputResult,
    Outcome,
    Phase,
    Snapshot,
    WorkerRow,
    Yield,
)
from fuzztui.engine.show.text import Visible


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The run entered another phase."""

    elapsed: float
    phase: Phase


@dataclass(frozen=True, slots=True)
class Stats:
    """Every three seconds and once at the end."""

    elapsed: float
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class ModulesLoaded:
    """The first worker has loaded the target: which of the modules that its file imports are instrumented."""

    elapsed: float
    modules: tuple[ImportedModule, ...]


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A worker's process has answered its ping."""

    elapsed: float
    worker: int
    pid: int
    restarts: int


@dataclass(frozen=True, slots=True)
class WorkerEnded:
    """A worker's process has been reaped."""

    elapsed: float
    worker: int
    exit: Visible
    """`exit 0`, `SIGKILL`."""
    why: Visible
    """`stopped by you`, `crasher`, `timeout`, `out of memory`, `killed by SIGKILL from outside`, or a sentence."""
    seconds: float
    """How long the end took."""
    is_orderly: bool
    """Whether it ended because that was asked of it."""
    is_by_input: bool = False
    """Whether the input that it was running ended it: a crasher, which is told of by itself."""


@dataclass(frozen=True, slots=True)
class CrasherFound:
    """A crasher was seen for the first time. It is on disk unless `crasher.path` is None."""

    elapsed: float
    crasher: Crasher


@dataclass(frozen=True, slots=True)
class InputRan:
    """An input of a replay or a regression test has been run."""

    elapsed: float
    result: InputResult


@dataclass(frozen=True, slots=True)
class CorpusChanged:
    """A corpus has been minimized or imported."""

    elapsed: float
    change: CorpusChange


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know that ends nothing."""

    elapsed: float
    message: Visible


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over, every worker process reaped. Always the last event."""

    elapsed: float
    outcome: Outcome
    executions: int
    workers: tuple[WorkerRow, ...]
    yields: tuple[Yield, ...]


Event: TypeAlias = (
    PhaseChanged
    | Stats
    | ModulesLoaded
    | WorkerStarted
    | WorkerEnded
    | CrasherFound
    | InputRan
    | CorpusChanged
    | Warned
    | Ended
)
