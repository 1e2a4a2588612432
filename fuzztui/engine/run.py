"""One run: decides when it begins, goes on and ends, and owns everything that it consists of.

Everything here runs on one loop in one thread, so there is one order of events and nothing to lock. (A profile's looks
at the workers are made by a thread of its own: `Member.look` is all that it calls.) Three rules keep it from deadlock
and loss:

- Results are taken in as they arrive, whatever a worker's task is waiting for. Deciding to stop changes nothing about
  that: until the last process is reaped its results are received and recorded. A worker can therefore always finish its
  sentence, however many report at the same instant.
- A worker's death is seen through its pidfd, and everything it had sent is taken in before the death is.
- `stop` only records why and asks the workers; the run returns when their processes have been reaped.
"""

import asyncio
import contextlib
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

from fuzztui.engine.clock import RunClock
from fuzztui.engine.composer import Composer
from fuzztui.engine.crew.crew import Crew
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.orphans import adopting
from fuzztui.engine.crew.profile import sampling
from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.keep.corpus import LONGEST, MalformedCorpus, longest_file
from fuzztui.engine.keep.storage import prepare_cache_dir, replace
from fuzztui.engine.options import RunOptions
from fuzztui.engine.run_state import RunState
from fuzztui.engine.show.events import CrasherFound, Ended, Event, ModulesLoaded, PhaseChanged, Stats, Warned
from fuzztui.engine.show.history import INTERVAL as HISTORY_INTERVAL
from fuzztui.engine.show.snapshot import Crasher, MarkerKind, Outcome, Phase, Snapshot, StopReason, WorkerState
from fuzztui.engine.show.text import NOTHING, Visible, label, os_error, say, shell_word
from fuzztui.engine.work import plan
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.board import Board
from fuzztui.engine.work.search import Search
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Imported, Module
from fuzztui.protocol.patterns import compiled

TICK: Final = 0.1
PUBLISH_INTERVAL: Final = 0.25
STATS_INTERVAL: Final = 3.0

FINISHING_BUDGET: Final = 2.0
"""Seconds after the decision to stop in which jobs that may still finish are served."""


class Run:
    """One run. Construct and use it on one event loop."""

    def __init__(self, options: RunOptions, emit: Callable[[Event], None], publish: Callable[[Snapshot], None]) -> None:
        """`emit` takes each event, `publish` each snapshot; both are called on the loop and must not block."""
        self._options = options
        self._emit = emit
        self._publish_to = publish
        self._loop = asyncio.get_running_loop()
        self._clock = RunClock()
        self._state = RunState(stop_on_crash=options.stop_on_crash)
        self._finish_until: float | None = None
        """When the budget for finishing ends, on the monotonic clock."""
        self._broken: asyncio.Future[BaseException] = self._loop.create_future()
        self._composer = Composer(options, self._clock)
        is_instrumented = plan.wants_coverage(options.task)
        self._launcher = Launcher(options, longest=self._longest_input(), instrumented=is_instrumented)
        self.search = Search(options, self._launcher.capacity, self._clock, self)
        self._board = Board(self.search, plan.jobs(self.search))
        self._crew = Crew(options, self._launcher, self._board, self._state, self._clock, self, self._task_ended)

    @property
    def members(self) -> Mapping[int, Member]:
        """The workers by their ids."""
        return self._crew.members

    def _longest_input(self) -> int:
        try:
            longest = max(longest_file(self._options.target.crashers_dir), plan.longest_input(self._options))
            return min(longest, LONGEST)  # of longer ones there is to be a sentence, not memory
        except OSError as error:
            self._state.decide(StopReason.BAD_CORPUS, self._unusable(error))
            return 0

    # The run ---------------------------------------------------------------------------------------------------------

    async def run(self) -> Outcome:
        """Start the workers, take in what they find, return when the last of their processes has been reaped."""
        self._loop.set_exception_handler(self._callback_failed)
        ticking = asyncio.create_task(self._tick())
        ticking.add_done_callback(self._task_ended)
        try:
            with adopting(self._launcher.run), self._profiling():
                self._prepare_cache()
                self._emit(PhaseChanged(0.0, self._state.phase))
                if not self._state.is_stopping:
                    self._crew.start()
                while self._crew.tasks and not self._broken.done():
                    waited_for: set[asyncio.Future[Any]] = {*self._crew.tasks, self._broken}
                    await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
                if self._broken.done():
                    await self._abandon(self._broken.result())
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)  # what it raised has broken the run already
        return self._conclude()

    def _prepare_cache(self) -> None:
        folder = self._options.cache
        try:
            prepare_cache_dir(folder)
        except OSError as error:
            self.warn(
                "cache",
                say(
                    "{}: what this run finds besides crashers is not kept for the next one. --cache-dir DIR names "
                    "another folder.",
                    os_error(error, error.filename or folder),
                ),
            )

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)

    def _callback_failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._break(context.get("exception") or RuntimeError(context["message"]))

    def _break(self, error: BaseException) -> None:
        """The machinery itself has failed. Its state may be wrong now, so nothing is decided on it any more."""
        if not self._broken.done():
            self._broken.set_result(error)

    async def _abandon(self, error: BaseException) -> None:
        """End all processes by force, keep what is known of the failure."""
        report = "".join(traceback.format_exception(error))
        detail = say("{}: {}", type(error).__name__, error)
        with contextlib.suppress(OSError):
            replace(self._options.cache, "internal-error.log", report.encode("utf-8", "backslashreplace"))
            detail = say("{} (details in {})", detail, self._options.cache_dir / "internal-error.log")
        self._state.decide(StopReason.INTERNAL, detail)  # so that no command starts a process from here on
        await self._crew.abandon()
        self.stop(StopReason.INTERNAL)
        if self._state.reason is not StopReason.INTERNAL:  # a failure was there before, which keeps being the reason
            self.warn("internal", say("{}: {}", StopReason.INTERNAL.value, detail))

    def _conclude(self) -> Outcome:
        if not self._state.is_ending:
            self._enter(Phase.STOPPING)
        self._board.close()
        book, reason = self.search.crashers, self._state.reason
        book.retry_unsaved()
        if book.received != book.stored + book.duplicates + book.unsaved:
            self.warn(
                "accounts", say("{} crashers were received, but not all of them are accounted for", book.received)
            )
        assert reason is not None, "a phase that ends a run has a reason"
        if self._executions and not reason.is_failure and (missed := self.search.coverage.missed):
            self.warn("missed", say("Of what the target imports, nothing or next to nothing was reached: {}.", missed))
        elapsed = self._clock.elapsed()
        failed = (WorkerState.FAILED, WorkerState.GAVE_UP)
        outcome = Outcome(
            reason=reason,
            detail=self._state.detail,
            exit_code=exit_code(
                reason,
                failing=len(book.crashers) + self._board.failing,
                unsaved=book.unsaved + self._board.unsaved,
                failed_workers=sum(member.end in failed for member in self.members.values()),
            ),
            received=book.received,
            stored=book.stored,
            duplicates=book.duplicates,
            unsaved=book.unsaved,
            seconds=elapsed,
        )
        self._state.enter(Phase.ENDED)
        self._composer.outcome = outcome
        self._composer.sample(self._executions, self.search)
        snapshot = self._publish()
        self._emit(Stats(elapsed, snapshot))
        self._emit(Ended(elapsed, outcome, snapshot.executions, snapshot.workers, snapshot.yields))
        return outcome

    # Commands --------------------------------------------------------------------------------------------------------

    def stop(self, reason: StopReason, detail: Visible = NOTHING) -> None:
        """End the run. The first failure is kept as the reason; a limit or a wish before it gives way to it."""
        is_first = self._state.decide(reason, detail)
        if self._state.is_ending:
            return
        was_paused = self._state.is_paused
        self._clock.resume()
        if is_first and not reason.is_urgent and self._board.can_finish:
            self._finish_until = time.monotonic() + FINISHING_BUDGET
            self._enter(Phase.FINISHING)
            if was_paused:
                self._crew.hold()
            self._crew.end_idle()
        elif is_first or reason.is_urgent:
            self._end()

    def _end(self) -> None:
        """End every process. The phase is entered first: whoever looks meanwhile sees what is coming."""
        self._enter(Phase.STOPPING)
        self._crew.end_all()
        self._publish()

    def force_stop(self) -> None:
        """End the run without waiting for executions to finish."""
        self.stop(StopReason.USER)
        self._crew.kill_all()

    def pause(self) -> None:
        """Hold every worker between two executions."""
        if self._state.is_paused or self._state.is_stopping:
            return
        self._state.is_paused = True
        self._clock.pause()
        self._composer.mark(MarkerKind.PAUSE)
        self._hold()

    def resume(self) -> None:
        """Let go on those that `pause` holds."""
        if not self._state.is_paused:
            return
        self._state.is_paused = False
        self._clock.resume()
        self._hold()

    def pause_worker(self, worker: int, paused: bool) -> None:
        """Hold one worker between two executions, or let it go on."""
        if self._state.is_stopping:
            return
        self._crew.pause_worker(worker, paused)
        self._composer.forget_rate()
        self._publish()

    def stop_worker(self, worker: int) -> None:
        """End one worker's process for good."""
        if not self._state.is_stopping and self._crew.stop_worker(worker):
            self._composer.mark(MarkerKind.WORKER_STOPPED)
            self._publish()

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process; a worker without one gets one."""
        if not self._state.is_stopping:
            self._crew.restart_worker(worker)
            self._publish()

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next new crasher ends the run."""
        self._state.stop_on_crash = stop_on_crash
        self._publish()

    def _hold(self) -> None:
        self._composer.forget_rate()
        self._crew.hold()
        self._publish()

    # What the crew reports -------------------------------------------------------------------------------------------

    def loaded(self, parameters: tuple[str, ...], seeds: list[bytes]) -> None:
        """A worker has loaded the target: the first one tells what there is to do, the others must agree."""
        search = self.search
        if search.parameters:
            if parameters != search.parameters:
                raise ProtocolError(f"the target takes {parameters} in this worker, {search.parameters} in another")
            return
        search.begin(parameters, seeds)
        if search.coverage.imports:
            self._emit(ModulesLoaded(self._clock.elapsed(), search.coverage.imports))
        try:
            self._board.begin(seeds)
        except MalformedCorpus as error:
            self.stop(StopReason.BAD_CORPUS, error.sentences)
        except OSError as error:
            self.stop(StopReason.BAD_CORPUS, self._unusable(error))
        self.advanced()

    def _unusable(self, error: OSError) -> Visible:
        """Why a folder cannot be read, and what to do if it is one that need not be this one."""
        is_cached = str(error.filename).startswith(str(self._options.cache_dir))
        return say("{}. --cache-dir DIR names another folder.", os_error(error)) if is_cached else os_error(error)

    def announced(self, module: Module | Imported) -> None:
        """A worker has instrumented a module, or tells of one that the target imports."""
        if isinstance(module, Module):
            self.search.coverage.register(module)
        else:
            self.search.coverage.note_import(module)

    def advanced(self) -> None:
        """Enter the phase that the jobs have come to, or end the run where they have come to an end."""
        if self._state.is_stopping:
            if self._state.is_finishing and not self._board.can_finish:
                self._end()
            return
        if not self.search.parameters:
            return
        phase = self._board.phase
        if phase is None:
            self.stop(StopReason.DONE)
        elif self._board.is_spent:
            self.stop(StopReason.EXECUTION_LIMIT)
        elif phase is not self._state.phase:
            self._enter(phase)
            if phase is Phase.FUZZING:
                self._warn_of_lacking_coverage()
            self._crew.wake()

    def emit(self, event: Event) -> None:
        """Tell front ends of something rare."""
        self._emit(event)

    def on_event(self, event: Event) -> None:
        """Tell front ends of something rare."""
        self._emit(event)

    # What the jobs notice --------------------------------------------------------------------------------------------

    def on_crasher(self, crasher: Crasher) -> None:
        """Tell of a crasher, and stop if that is wanted."""
        self._composer.mark(MarkerKind.CRASHER)
        self._emit(CrasherFound(crasher.elapsed, crasher))
        if self._state.stop_on_crash and plan.stops_on_crash(self._options.task):
            seed = crasher.seed_name
            detail = say("failing seed {}", seed) if seed else NOTHING
            self.stop(StopReason.FAILING_SEED if seed else StopReason.CRASHER, detail)

    def on_new_entry(self) -> None:
        """The corpus has grown."""
        self._composer.note_new_entry()

    def warn(self, topic: str, message: Visible) -> None:
        """Tell people something once; a later message on the same topic replaces it."""
        if self._composer.note_warning(topic, message):
            self._emit(Warned(self._clock.elapsed(), message))

    def _warn_of_lacking_coverage(self) -> None:
        coverage = self.search.coverage
        for pattern in self._options.include:
            if not coverage.has_module(compiled(pattern)):
                self.warn(
                    f"include {pattern}",
                    say(
                        "--include {} has no effect: the target has imported no module of that name so far, or none "
                        "that can be instrumented, which compiled ones and the interpreter's own cannot.",
                        shell_word(pattern),
                    ),
                )
        if not len(coverage) and self.search.ran_clean:
            self.warn(
                "coverage",
                label(
                    "No coverage: nothing that the target calls is instrumented, so inputs are tried blindly. "
                    "Import the code under test in the target's file, or name its modules with --include."
                ),
            )

    # Time ------------------------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Watch the clocks: the run's limit, executions that hang, memory; publish what people see."""
        published = sampled = told = time.monotonic()
        while True:
            await asyncio.sleep(self._until_limit(TICK))
            now = time.monotonic()
            limit = self._options.limit.seconds
            if limit is not None and self._clock.elapsed() >= limit:
                self.stop(StopReason.TIME_LIMIT)
            if self._state.is_finishing and self._finish_until is not None and now >= self._finish_until:
                self._end()
            for member in self.members.values():
                if member.stint is not None:
                    member.stint.watch_execution(self._options, now)
            if now - published >= PUBLISH_INTERVAL:
                published = now
                self._composer.measure(now, self._executions)
                for member in self.members.values():
                    member.measure(self._options.memory_limit, now)
                self._publish()
            if now - sampled >= HISTORY_INTERVAL:
                sampled = now
                self._composer.sample(self._executions, self.search)
            if now - told >= STATS_INTERVAL:
                told = now
                self.search.crashers.retry_unsaved()
                self._emit(Stats(self._clock.elapsed(), self._publish()))

    def _until_limit(self, longest: float) -> float:
        limit = self._options.limit.seconds
        if limit is None or self._state.is_stopping or self._state.is_paused:
            return longest
        return max(0.0, min(longest, limit - self._clock.elapsed()))

    def _profiling(self) -> contextlib.AbstractContextManager[None]:
        """Have a thread look at what the workers do, if that is wanted. It changes nothing but the counts of looks."""
        if not self._options.profile:
            return contextlib.nullcontext()

        def failed(error: BaseException) -> None:
            self._loop.call_soon_threadsafe(self._break, error)

        return sampling(self._look, failed)

    def _look(self) -> None:
        if not self._state.is_paused:
            for member in list(self.members.values()):
                member.look()

    # What people see -------------------------------------------------------------------------------------------------

    @property
    def _executions(self) -> int:
        return sum(member.executions for member in self.members.values())

    def _enter(self, phase: Phase) -> None:
        self._state.enter(phase)
        self._emit(PhaseChanged(self._clock.elapsed(), phase))
        self._publish()

    def _publish(self) -> Snapshot:
        snapshot = self._composer.compose(
            self._state,
            self.search,
            next((job for job in self._board.jobs if isinstance(job, Baseline)), None),
            self.members.values(),
        )
        self._publish_to(snapshot)
        return snapshot
