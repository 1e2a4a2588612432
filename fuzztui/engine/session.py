"""The only door into the engine."""

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol

from fuzztui.engine.coordinator import Coordinator
from fuzztui.engine.events import Event
from fuzztui.engine.options import RunOptions
from fuzztui.engine.snapshot import Outcome, Phase, Snapshot, StopReason


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


class Session:
    """One run of the engine, to be used from any thread (see `SessionLike`).

    The thread that calls `run` becomes the engine's: it starts every worker process and outlives them all, which
    matters because the kernel ends a worker when the *thread* that started it ends.
    """

    def __init__(self, options: RunOptions) -> None:
        """Nothing happens before `run`."""
        self._options = options
        self._snapshot = _before_start(options)
        self._lock = threading.Lock()
        """Guards the hand-over of commands: the fields below."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._coordinator: Coordinator | None = None
        self._early: list[Callable[[Coordinator], None]] = []
        """Commands that came before the engine was there."""
        self._ended = False

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Run to the end in the calling thread."""
        return asyncio.run(self._run(on_event))

    async def _run(self, on_event: Callable[[Event], None]) -> Outcome:
        coordinator = Coordinator(self._options, on_event, self._publish)
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._coordinator = coordinator
            for command in self._early:
                self._loop.call_soon(command, coordinator)
        try:
            return await coordinator.run()
        finally:
            # From here on a command finds no loop to be handed to; those handed over before are run or dropped.
            with self._lock:
                self._ended = True
                self._loop = None

    def _publish(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot  # one reference, replaced at once: readers in other threads see the old or the new

    def _command(self, command: Callable[[Coordinator], None]) -> None:
        with self._lock:
            if self._ended:
                return
            if self._loop is None or self._coordinator is None:
                self._early.append(command)
            else:
                self._loop.call_soon_threadsafe(command, self._coordinator)

    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._snapshot

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the run."""
        self._command(lambda coordinator: coordinator.stop(reason))

    def force_stop(self) -> None:
        """Kill every worker at once."""
        self._command(lambda coordinator: coordinator.force_stop())

    def pause(self) -> None:
        """Hold every worker."""
        self._command(lambda coordinator: coordinator.pause())

    def resume(self) -> None:
        """Let the held workers go on."""
        self._command(lambda coordinator: coordinator.resume())

    def stop_worker(self, worker: int) -> None:
        """End one worker."""
        self._command(lambda coordinator: coordinator.stop_worker(worker))

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process."""
        self._command(lambda coordinator: coordinator.restart_worker(worker))

    def pause_worker(self, worker: int) -> None:
        """Hold one worker."""
        self._command(lambda coordinator: coordinator.pause_worker(worker))

    def resume_worker(self, worker: int) -> None:
        """Let one worker go on."""
        self._command(lambda coordinator: coordinator.resume_worker(worker))

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next crasher ends the run."""
        self._command(lambda coordinator: coordinator.set_stop_on_crash(stop_on_crash))

    def worker_output(self, worker: int) -> str:
        """The last lines that a worker's processes printed."""
        coordinator = self._coordinator
        return coordinator.worker_output(worker) if coordinator is not None else ""


def _before_start(options: RunOptions) -> Snapshot:
    return Snapshot(
        version=0,
        target_id=options.target_id,
        phase=Phase.STARTING,
        elapsed=0.0,
        time_limit=options.limit.seconds,
        execution_limit=options.limit.executions,
        stop_on_crash=options.stop_on_crash,
        baseline_done=0,
        baseline_total=0,
        executions=0,
        rate=None,
        average_rate=None,
        edges=0,
        edges_total=0,
        corpus=0,
        corpus_new=0,
        last_new=None,
        workers=(),
        crashers=(),
        hits=0,
        recent=(),
        history=(),
        markers=(),
        warnings=(),
        yields=(),
        outcome=None,
    )
