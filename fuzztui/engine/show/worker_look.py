"""One worker looked at closely. Plain values."""

from dataclasses import dataclass

from fuzztui.engine.show.text import NOTHING, Visible


@dataclass(frozen=True, slots=True)
class WorkerFind:
    """An input that a worker has brought."""

    number: int
    """Of the entry of the corpus."""
    name: Visible
    elapsed: float
    """Seconds of the run at which it came."""
    brought: int
    """Edges that nothing had covered before."""
    values: Visible
    """The arguments as Python would write them, truncated to a line."""


@dataclass(frozen=True, slots=True)
class WorkerLook:
    """What a worker is doing at this moment, and what it has done."""

    values: Visible = NOTHING
    """The arguments that it was given last, as Python would write them, truncated; empty if there are none."""
    size: Visible = NOTHING
    age: float | None = None
    """Seconds that it has been in this execution; None where it is in none."""
    stack: Visible = NOTHING
    """Where the target stood when it was last looked at, the innermost call last; empty where that is not known."""
    rates: tuple[tuple[float, float], ...] = ()
    """Seconds ago and executions per second, once a second, the oldest first; four minutes at most."""
    finds: tuple[WorkerFind, ...] = ()
    """The newest inputs that it has brought, the newest first."""
