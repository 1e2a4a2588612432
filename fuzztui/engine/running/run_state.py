"""Where a run stands: one state machine, whose reason to stop is set before anything ends."""

from typing import Final

from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, Visible

_NEXT: Final = {
    Phase.STARTING: {Phase.BASELINE, Phase.FUZZING, Phase.EXECUTING, Phase.FINISHING, Phase.STOPPING},
    Phase.BASELINE: {Phase.FUZZING, Phase.FINISHING, Phase.STOPPING},
    Phase.FUZZING: {Phase.BASELINE, Phase.FINISHING, Phase.STOPPING},
    Phase.EXECUTING: {Phase.FINISHING, Phase.STOPPING},
    Phase.WATCHING: set[Phase](),  # nor this
    Phase.TRIAGE: set[Phase](),  # of a session that has runs, not of one of these
    Phase.FINISHING: {Phase.STOPPING},
    Phase.STOPPING: {Phase.ENDED},
    Phase.ENDED: set[Phase](),
}
"""Which phases may follow each: a run never goes back, but to its baseline when other code has been loaded."""


class RunState:
    """Phase, reason to stop, and whether the run is held. Changed by the run only."""

    def __init__(self, *, stop_on_crash: bool) -> None:
        self.stop_on_crash = stop_on_crash
        """Whether the next new crasher ends the run."""
        self.phase = Phase.STARTING
        self.reason: StopReason | None = None
        """Why the run ends, once that is decided."""
        self.detail = NOTHING
        """A sentence or several lines that explain the reason."""
        self.is_paused = False

    @property
    def is_stopping(self) -> bool:
        """Whether the end has been decided."""
        return self.reason is not None

    @property
    def is_finishing(self) -> bool:
        """Whether the end has been decided, and some work may still be done."""
        return self.phase is Phase.FINISHING

    @property
    def is_ending(self) -> bool:
        """Whether processes are being ended, so that none is given work or started any more."""
        return self.phase in (Phase.STOPPING, Phase.ENDED)

    def decide(self, reason: StopReason, detail: Visible = NOTHING) -> bool:
        """Record why the run ends; whether the end had not been decided before.

        The first failure is kept as the reason; a limit or a wish that was recorded before gives way to it. An end that
        has come is not changed any more.
        """
        if self.phase is Phase.ENDED:
            return False
        is_first = self.reason is None
        if self.reason is None or (reason.is_failure and not self.reason.is_failure):
            self.reason = reason
            self.detail = detail
        return is_first

    def enter(self, phase: Phase) -> None:
        """Go to another phase. ValueError for one that cannot follow, or for an end without a reason."""
        if phase not in _NEXT[self.phase]:
            raise ValueError(f"a run that is {self.phase.value} cannot be {phase.value} next")
        if phase in (Phase.FINISHING, Phase.STOPPING, Phase.ENDED) and self.reason is None:
            raise ValueError(f"a run that is {phase.value} has a reason")
        self.phase = phase
        if self.is_stopping:
            self.is_paused = False
