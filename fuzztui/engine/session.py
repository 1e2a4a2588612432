"""The only door into the engine."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Protocol, TypeVar

from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.live.wishes import Wish
from fuzztui.engine.questions.general import Question, View
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.interrupts import Interrupts
from fuzztui.engine.running.run import Run
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import Ended, Event, Told
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import Visible, say
from fuzztui.engine.work.search import Search

T = TypeVar("T")


class Onlooker(Protocol):
    """Is told of a run beside its front end, in the engine's thread: no call may block."""

    def begin(self, session: "Session") -> None:
        """The run is about to begin."""

    def on_event(self, event: Event) -> None:
        """What the front end is told, too; `Ended` is the last."""

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """The newest state."""

    def close(self) -> None:
        """The run is over. This call may wait a moment for what is still to be done."""


class ReadOnly:
    """A session that shows what there is, or was, elsewhere: no engine of its own is behind it."""

    reason: Visible
    """Why its run cannot be steered, in a few words."""

    def steer(self, wish: Wish) -> None:
        """Nothing happens."""

    def stop_worker(self, worker: int) -> None:
        """Nothing happens."""

    def restart_worker(self, worker: int) -> None:
        """Nothing happens."""

    def pause_worker(self, worker: int) -> None:
        """Nothing happens."""

    def resume_worker(self, worker: int) -> None:
        """Nothing happens."""

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Nothing happens."""

    def reload(self) -> None:
        """Nothing happens."""

    def validate(self, crasher: str) -> None:
        """Nothing happens."""

    def minimize(self, bucket: str) -> None:
        """Nothing happens."""

    def measure_coverage(self, wanted: bool) -> None:
        """Nothing happens."""


class UnansweredError(RuntimeError):
    """What became of a question that nobody can answer: there is no engine, or none any more."""


class SessionLike(Protocol):
    """What a front end needs of a session; tests of front ends bring a scripted one.

    Every method may be called from any thread, at any time, and returns at once, but for `run`.
    """

    def run(self, on_event: Callable[[Told], None]) -> Outcome:
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

    def reload(self) -> None:
        """Load the code under test as it is now, and run every crasher again; `Snapshot.reloading` tells how that goes.
        Nothing happens where nothing is fuzzed.
        """

    def validate(self, crasher: str) -> None:
        """Run a crasher's input again, by itself and if need be after what ran before it; `crasher`: its id. What comes
        of it is told by the event `CrasherConfirmed` and in the next snapshots. Nothing happens for an unknown id, or
        once the end of the run has been decided.
        """

    def minimize(self, bucket: str) -> None:
        """Make the input of the crasher with this identity smaller, beside all else; `Crasher.minimized` shows it."""

    def steer(self, wish: Wish) -> None:
        """Change something of the run while it goes on; the event `Steered` tells what has come of it. Nothing happens
        once the end of the run has been decided.
        """

    def measure_coverage(self, wanted: bool) -> None:
        """Measure which lines the inputs cover from now on, or no longer: see `fuzztui.engine.questions.coverage`.
        Whoever wants it says so once, and once that it is enough.
        """

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have a question answered on the engine's loop, see `fuzztui.engine.questions.general`."""


class Session:
    """One run of the engine, to be used from any thread (see `SessionLike`).

    The thread that calls `run` becomes the engine's: it starts every worker process and outlives them all, which
    matters because the kernel ends a worker when the *thread* that started it ends.
    """

    def __init__(self, options: RunOptions, onlookers: Sequence[Onlooker] = ()) -> None:
        """Nothing happens before `run`; `onlookers` are told of it, too."""
        self._options = options
        self._onlookers = onlookers
        before = RunState(stop_on_crash=options.stop_on_crash)
        self._snapshot = replace(Composer(options, RunClock()).compose(before, None, None, ()), version=0)
        self._lock = threading.RLock()
        """Guards the hand-over of commands: the fields below. A signal's handler may give one in the middle of another,
        in the same thread.
        """
        self._loop: asyncio.AbstractEventLoop | None = None
        self._run_in_progress: Run | None = None
        self._early: list[Callable[[Run], None]] = []
        """Commands that came before the engine was there."""
        self._asked: list[Callable[[View], None]] = []
        """The questions among these commands."""
        self._last_view: View | None = None
        """What questions are answered from once nothing changes it any more: the run is over, or never began."""

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Run to the end in the calling thread."""
        onlookers = self._onlookers
        if not onlookers:
            return self._run_alone(on_event)

        def tell(event: Event) -> None:
            for onlooker in onlookers:
                onlooker.on_event(event)
            on_event(event)

        for onlooker in onlookers:
            onlooker.begin(self)
        try:
            return self._run_alone(tell)
        finally:
            for onlooker in onlookers:
                onlooker.close()

    def _run_alone(self, on_event: Callable[[Event], None]) -> Outcome:
        try:
            loop = asyncio.new_event_loop()
        except OSError as error:  # no descriptors are left for it, say
            return self._never_began(error, on_event)
        with Interrupts(loop) as interrupts, asyncio.Runner(loop_factory=lambda: loop) as runner:
            try:
                outcome = runner.run(self._run(on_event, interrupts))
            except asyncio.CancelledError:
                if not interrupts.came:
                    raise
        if interrupts.came:
            raise KeyboardInterrupt
        return outcome

    def _never_began(self, error: OSError, on_event: Callable[[Event], None]) -> Outcome:
        """There is no loop to run on: the outcome says why, and everybody is told as of any other end."""
        nothing = _NoRun(self._options)
        with self._lock:
            self._last_view = nothing
            asked, self._asked = self._asked, []
            self._early = []
        for answer in asked:
            answer(nothing)
        reason, detail = StopReason.INTERNAL, say("the run cannot begin: {}", error.strerror or error)
        code = exit_code(reason, failing=0, unsaved=0, failed_workers=0)
        outcome = Outcome(reason, detail, code, received=0, stored=0, duplicates=0, unsaved=0, seconds=0.0)
        self._publish(
            replace(self._snapshot, version=1, phase=Phase.ENDED, is_paused=False, stop_reason=reason, outcome=outcome)
        )
        on_event(Ended(0.0, outcome, 0, (), ()))
        return outcome

    async def _run(self, on_event: Callable[[Event], None], interrupts: Interrupts) -> Outcome:
        interrupts.cancel(asyncio.current_task())
        run = Run(self._options, on_event, self._publish)
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._run_in_progress = run
            early, self._early = self._early, []
            self._asked = []
            for command in early:
                self._loop.call_soon(command, run)
        try:
            return await run.run()
        finally:
            await asyncio.sleep(0)  # commands that were handed over before are run
            with self._lock:
                self._loop = None
                self._last_view = run

    def _publish(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot  # one reference, replaced at once: readers in other threads see the old or the new
        for onlooker in self._onlookers:
            onlooker.on_snapshot(snapshot)

    def _command(self, command: Callable[[Run], None], answer: Callable[[View], None] | None = None) -> bool:
        """Hand a command over to the engine's loop, now or when there is one; False where the run is over. `answer`:
        the same, where it answers a question, which it also can if there will be no run.
        """
        with self._lock:
            if self._last_view is not None:
                return False
            if self._loop is not None and self._run_in_progress is not None:
                self._loop.call_soon_threadsafe(command, self._run_in_progress)
            else:
                self._early.append(command)
                if answer is not None:
                    self._asked.append(answer)
            return True

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have a question answered."""
        future: Future[T] = Future()

        def answer(view: View) -> None:
            if not future.set_running_or_notify_cancel():
                return  # nobody wants to know any more
            try:
                future.set_result(question.answer(view))
            except Exception as error:
                future.set_exception(error)

        if not self._command(answer, answer):
            assert self._last_view is not None, "a session takes commands as long as its run is not over"
            answer(self._last_view)
        return future

    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._snapshot

    def warn(self, topic: str, sentence: Visible) -> None:
        """Tell people something once; a later sentence on the same topic replaces it."""
        self._command(lambda run: run.warn(topic, sentence))

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the run."""
        self._command(lambda run: run.stop(reason))

    def force_stop(self) -> None:
        """Kill every worker at once."""
        self._command(lambda run: run.force_stop())

    def allot(self, places: int) -> None:
        """Have only so many workers at work, where others have a share of the machine, too; see `Desk.allot`."""
        self._command(lambda run: run.desk.allot(places))

    def pause(self) -> None:
        """Hold every worker."""
        self._command(lambda run: run.desk.pause())

    def resume(self) -> None:
        """Let the held workers go on."""
        self._command(lambda run: run.desk.resume())

    def stop_worker(self, worker: int) -> None:
        """End one worker."""
        self._command(lambda run: run.desk.stop_worker(worker))

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process."""
        self._command(lambda run: run.desk.restart_worker(worker))

    def pause_worker(self, worker: int) -> None:
        """Hold one worker."""
        self._command(lambda run: run.desk.pause_worker(worker, True))

    def resume_worker(self, worker: int) -> None:
        """Let one worker go on."""
        self._command(lambda run: run.desk.pause_worker(worker, False))

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next crasher ends the run."""
        self._command(lambda run: run.desk.set_stop_on_crash(stop_on_crash))

    def reload(self) -> None:
        """Load the code under test as it is now."""
        self._command(lambda run: run.desk.reload())

    def validate(self, crasher: str) -> None:
        """Run a crasher's input again."""
        self._command(lambda run: run.desk.validate(crasher))

    def minimize(self, bucket: str) -> None:
        """Make the input of one crasher smaller."""
        self._command(lambda run: run.desk.minimize(bucket))

    def steer(self, wish: Wish) -> None:
        """Change something of the run."""
        self._command(lambda run: run.desk.steer(wish))

    def measure_coverage(self, wanted: bool) -> None:
        """Measure which lines the inputs cover, or no longer."""
        self._command(lambda run: run.desk.measure_coverage(wanted))


class _NoRun:
    """What there is to look at of a run that never began: nothing. It is told of nothing either."""

    def __init__(self, options: RunOptions) -> None:
        self.members: Mapping[int, Member] = {}
        self.search = Search(options, 0, RunClock(), self)

    def on_crasher(self, crasher: Crasher) -> None:
        raise AssertionError(f"{crasher.id} in a run that never began")

    def on_new_entry(self) -> None:
        raise AssertionError("a corpus that grows in a run that never began")

    def on_event(self, event: Event) -> None:
        raise AssertionError(f"{event} in a run that never began")

    def warn(self, topic: str, message: Visible) -> None:
        raise AssertionError(f"{topic}: {message} in a run that never began")
