"""The only door into the engine."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Protocol, TypeVar

from fuzztui.engine.clock import RunClock
from fuzztui.engine.composer import Composer
from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.options import RunOptions
from fuzztui.engine.questions import Question
from fuzztui.engine.run import Run
from fuzztui.engine.run_state import RunState
from fuzztui.engine.show.events import Ended, Event
from fuzztui.engine.show.snapshot import Outcome, Phase, Snapshot, StopReason
from fuzztui.engine.show.text import say

T = TypeVar("T")


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

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have a question answered on the engine's loop, see `fuzztui.engine.questions`."""


class Session:
    """One run of the engine, to be used from any thread (see `SessionLike`).

    The thread that calls `run` becomes the engine's: it starts every worker process and outlives them all, which
    matters because the kernel ends a worker when the *thread* that started it ends.
    """

    def __init__(self, options: RunOptions) -> None:
        """Nothing happens before `run`."""
        self._options = options
        before = RunState(stop_on_crash=options.stop_on_crash)
        self._snapshot = replace(Composer(options, RunClock()).compose(before, None, None, ()), version=0)
        self._lock = threading.Lock()
        """Guards the hand-over of commands: the fields below."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._run_in_progress: Run | None = None
        """Also when it has ended: it is asked questions then, and nothing changes it any more."""
        self._early: list[Callable[[Run], None]] = []
        """Commands that came before the engine was there."""

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Run to the end in the calling thread."""
        try:
            loop = asyncio.new_event_loop()
        except OSError as error:  # no descriptors are left for it, say
            return self._never_began(error, on_event)
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(self._run(on_event))

    def _never_began(self, error: OSError, on_event: Callable[[Event], None]) -> Outcome:
        """There is no loop to run on: the outcome says why, and everybody is told as of any other end."""
        reason, detail = StopReason.INTERNAL, say("the run cannot begin: {}", error.strerror or error)
        code = exit_code(reason, failing=0, unsaved=0, failed_workers=0)
        outcome = Outcome(reason, detail, code, received=0, stored=0, duplicates=0, unsaved=0, seconds=0.0)
        self._publish(
            replace(self._snapshot, version=1, phase=Phase.ENDED, is_paused=False, stop_reason=reason, outcome=outcome)
        )
        on_event(Ended(0.0, outcome, 0, (), ()))
        return outcome

    async def _run(self, on_event: Callable[[Event], None]) -> Outcome:
        run = Run(self._options, on_event, self._publish)
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._run_in_progress = run
            early, self._early = self._early, []
            for command in early:
                self._loop.call_soon(command, run)
        try:
            return await run.run()
        finally:
            await asyncio.sleep(0)  # commands that were handed over before are run
            with self._lock:
                self._loop = None

    def _publish(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot  # one reference, replaced at once: readers in other threads see the old or the new

    def _command(self, command: Callable[[Run], None]) -> bool:
        """Hand a command over to the engine's loop, now or when there is one; False where the run is over."""
        with self._lock:
            if self._loop is not None and self._run_in_progress is not None:
                self._loop.call_soon_threadsafe(command, self._run_in_progress)
            elif self._run_in_progress is None:
                self._early.append(command)
            else:
                return False
            return True

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have a question answered."""
        future: Future[T] = Future()

        def answer(run: Run) -> None:
            try:
                future.set_result(question.answer(run))
            except Exception as error:
                future.set_exception(error)

        if not self._command(answer) and self._run_in_progress is not None:
            answer(self._run_in_progress)  # the run is over: nothing changes it any more
        return future

    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._snapshot

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the run."""
        self._command(lambda run: run.stop(reason))

    def force_stop(self) -> None:
        """Kill every worker at once."""
        self._command(lambda run: run.force_stop())

    def pause(self) -> None:
        """Hold every worker."""
        self._command(lambda run: run.pause())

    def resume(self) -> None:
        """Let the held workers go on."""
        self._command(lambda run: run.resume())

    def stop_worker(self, worker: int) -> None:
        """End one worker."""
        self._command(lambda run: run.stop_worker(worker))

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process."""
        self._command(lambda run: run.restart_worker(worker))

    def pause_worker(self, worker: int) -> None:
        """Hold one worker."""
        self._command(lambda run: run.pause_worker(worker, True))

    def resume_worker(self, worker: int) -> None:
        """Let one worker go on."""
        self._command(lambda run: run.pause_worker(worker, False))

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next crasher ends the run."""
        self._command(lambda run: run.set_stop_on_crash(stop_on_crash))
