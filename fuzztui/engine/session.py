"""The only door into the engine."""

from collections.abc import Callable
from typing import Protocol

from fuzztui.engine.events import Event
from fuzztui.engine.snapshot import Outcome, Snapshot, StopReason


class SessionLike(Protocol):
    """What a front end needs of a session; tests of front ends bring a scripted one.

    Every method may be called from any thread, at any time, and returns at once, but for `run`.
    """

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Run to the end in the calling thread: returns when the last worker process has been reaped."""

    def snapshot(self) -> Snapshot:
        """The newest state; the same object until something was published since."""

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the run. The first failure is kept; a limit or a wish gives way to a failure."""

    def force_stop(self) -> None:
        """Kill every worker at once instead of waiting for the stop's grace to pass."""

    def pause(self) -> None:
        """Hold every worker between two executions."""

    def resume(self) -> None:
        """Let the workers that `pause` holds go on."""

    def stop_worker(self, worker: int) -> None:
        """End one worker; the run ends with the last one."""

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process by a new one; also brings back one that was stopped or gave up."""

    def pause_worker(self, worker: int) -> None:
        """Hold one worker between two executions."""

    def resume_worker(self, worker: int) -> None:
        """Let one worker go on."""

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next crasher ends the run."""

    def worker_output(self, worker: int) -> str:
        """The last lines that a worker's processes printed, made printable."""
