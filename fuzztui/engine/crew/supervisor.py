"""Whom the workers of a run report to."""

from typing import Protocol

from fuzztui.engine.show.events import Event
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.protocol.messages import Announced


class Supervisor(Protocol):
    """Who decides about the run that the crew works for."""

    def loaded(self, parameters: tuple[str, ...], seeds: list[bytes]) -> Visible:
        """A worker has loaded the target. A sentence where that is not the one that another has loaded; ProtocolError
        if it told nonsense.
        """

    def announced(self, module: Announced) -> None:
        """A worker has instrumented a module, tells of an imported one, or has something to say of the target.
        ProtocolError if it cannot be.
        """

    def advanced(self) -> None:
        """Something was taken in or found missing: the run may be in another phase, or at its end."""

    def stop(self, reason: StopReason, detail: Visible = NOTHING) -> None:
        """End the run."""

    def emit(self, event: Event) -> None:
        """Tell front ends of something rare."""

    def warn(self, topic: str, message: Visible) -> None:
        """Tell people something once."""

    def keep(self, data: bytes, suspicion: Visible) -> None:
        """Have an input run first in the next run; `suspicion`: why not in this one."""

    def reloads(self) -> bool:
        """Nobody is at work any more who has loaded the code before it changed: whether what is there now is loaded."""
