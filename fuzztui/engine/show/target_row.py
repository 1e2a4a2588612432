"""How one of several targets fares in a run."""

from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.text import Visible


class TargetState(Enum):
    """What becomes of one target of several. Values are the words shown to people."""

    NOT_BEGUN = "not begun"
    LOADING = "loading"
    BASELINE = "baseline"
    FUZZING = "fuzzing"
    AWAY = "not its turn"
    """Other targets have the cores now."""
    PAUSED = "paused"
    FINISHING = "finishing"
    STOPPING = "stopping"
    ENDED = "ended"
    FAILED = "failed"
    """Could not be fuzzed, or not to the end; the outcome says why."""
    NEVER_BEGUN = "never begun"
    """The run ended before its turn came."""

    @property
    def is_final(self) -> bool:
        """Whether nothing is done of it any more."""
        return self in _FINAL


_FINAL = {TargetState.ENDED, TargetState.FAILED, TargetState.NEVER_BEGUN}


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target of a run that has several.

    Eighteen fields: each is a figure that somebody is shown.
    """

    id: Visible
    """Tells it from the other targets of the run."""
    state: TargetState
    workers: int
    """That it has now."""
    turns: int
    """How often it was given workers so far."""
    seconds: float
    """That it had workers, or one of them."""
    executions: int
    rate: float | None
    """Executions per second over the last seconds; None while it has no worker, or no figure."""
    edges: int
    edges_total: int
    corpus: int
    corpus_new: int
    """Of these, found in this run."""
    last_new: float | None
    """Seconds of its own since its last new entry; None before the first."""
    baseline_done: int
    baseline_total: int
    crashers: int
    """Distinct ones, those that people do not want to hear of included."""
    hits: int
    outcome: Outcome | None
    """How it ended; None until all its worker processes have been reaped, and where it never began."""
    warnings: int
