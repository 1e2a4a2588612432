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
import dataclasses
import math
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

from fuzztui.engine.crew.crew import Crew
from fuzztui.engine.crew.guarding import guarding
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import Member, failures
from fuzztui.engine.crew.orphans import adopting, reap_orphans
from fuzztui.engine.crew.profile import sampling
from fuzztui.engine.diagnoses import plateau
from fuzztui.engine.keep.corpus import MalformedCorpus
from fuzztui.engine.keep.disk import Disk
from fuzztui.engine.keep.storage import replace
from fuzztui.engine.live.desk import Desk
from fuzztui.engine.live.input_watch import InputWatch
from fuzztui.engine.live.reloader import Reloader
from fuzztui.engine.live.wishes import OrderNode
from fuzztui.engine.readings.diagnosing import Diagnosing
from fuzztui.engine.readings.uninstrumented import lacking_coverage, next_to_nothing, vain_patterns
from fuzztui.engine.request.options import RunOptions, Watching
from fuzztui.engine.request.task import Fuzz
from fuzztui.engine.running.breakage import Breakage
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.conclusion import Work, conclude, outcome_of
from fuzztui.engine.running.finishing import Finishing
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.running.seats import Seats
from fuzztui.engine.running.soon import Soon
from fuzztui.engine.running.storing import Storing, longest_input, unusable
from fuzztui.engine.sharing import SharedCampaign
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import (
    CrasherFound,
    Ended,
    Event,
    ModulesLoaded,
    PhaseChanged,
    Stats,
    Warned,
)
from fuzztui.engine.show.history import INTERVAL as HISTORY_INTERVAL
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, one_line, say
from fuzztui.engine.work import plan
from fuzztui.engine.work.arriving import Arriving
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.board import Board
from fuzztui.engine.work.from_others import FromOthers
from fuzztui.engine.work.search import Search
from fuzztui.protocol.messages import Announced, Layout, Measured, Module, Remark
from fuzztui.target.values import named

TICK: Final = 0.1
PUBLISH_INTERVAL: Final = 0.25
STATS_INTERVAL: Final = 3.0

REACHED: Final = 1_000
"""Executions that have come to the target, after which what they cover has arrived: they are counted before it does."""

REMARK_CHARACTERS: Final = 600
"""Of a sentence that a worker says of loading the target."""


class Run:
    """One run. Construct and use it on one event loop."""

    def __init__(self, options: RunOptions, emit: Callable[[Event], None], publish: Callable[[Snapshot], None]) -> None:
        """`emit` takes each event, `publish` each snapshot; both are called on the loop and must not block."""
        self._options = options
        self._emit = emit
        self._publish_to = publish
        self._loop = asyncio.get_running_loop()
        self._clock = RunClock()
        self._is_coverage_told = False
        self._state = RunState(stop_on_crash=options.stop_on_crash)
        self._seats = Seats()
        self._shown: Snapshot | None = None
        """What was published last."""
        self._loaded_at: float | None = None
        """When the first worker had loaded the target, in seconds of the run."""
        self._breakage = Breakage()
        self._composer = Composer(options, self._clock)
        self._launcher = Launcher(
            options, longest=self._longest_input(), instrumented=plan.wants_coverage(options.task)
        )
        self._disk = Disk("writes what was found")
        self.search = Search(options, self._launcher.capacity, self._clock, self, self._disk)
        self.search.crashers.progress = lambda: (self._executions, len(self.search.coverage))
        self._diagnosing = Diagnosing(options)
        self._board = Board(self.search, plan.jobs(self.search))
        self._crew = Crew(
            options, self._launcher, self._board, self._state, self._clock, self, self._breakage.task_ended
        )
        self.search.code = lambda: self._crew.replacing.versions.wanted()
        self._finishing = Finishing(self._board)
        self._inputs: InputWatch | None = None
        self._reloader = Reloader(
            options, self._crew.replacing, self._board, self.search, self._state, self._disk, self, self._clock.elapsed
        )
        self.desk = Desk(
            options,
            self._state,
            self._clock,
            self._crew,
            self._launcher,
            self._board,
            self.search,
            self._composer,
            self._reloader,
            self._seats,
            self,
        )
        self._storing = Storing(options, self.search, self._disk, self.warn)
        self._shared = self._share(options)
        """This run as a node of a campaign; None where it is alone."""
        self._share_soon = Soon(self._talk)

    def _share(self, options: RunOptions) -> SharedCampaign | None:
        job = next((job for job in self._board.jobs if isinstance(job, FromOthers)), None)
        if job is None or options.share is None or self._baseline is None:
            return None
        wake = self._crew.wake
        return SharedCampaign(
            options.share, options, self.search, job, self._baseline, self._clock, self.warn, wake, self.desk
        )

    def _talk(self) -> None:
        if self._shared is not None and not self._state.is_ending:
            self._shared.talk(takes=not self._state.is_stopping)

    @property
    def members(self) -> Mapping[int, Member]:
        """The workers by their ids."""
        return self._crew.members

    def _longest_input(self) -> int:
        try:
            return longest_input(self._options)
        except OSError as error:
            self._state.decide(StopReason.BAD_CORPUS, unusable(error, self._options))
            return 0

    # The run ---------------------------------------------------------------------------------------------------------

    async def run(self) -> Outcome:
        """Start the workers, take in what they find, return when the last of their processes has been reaped."""
        ticking = asyncio.create_task(self._tick())
        ticking.add_done_callback(self._breakage.task_ended)
        try:
            with (
                guarding(self._launcher.run, lambda message: self.warn("guard", message)),
                adopting(self._launcher.run),
                self._profiling(),
            ):
                self._storing.prepare()
                self._emit(PhaseChanged(0.0, self._state.phase))
                for topic, sentence in self._launcher.surroundings.warnings(self._options).items():
                    self.warn(topic, sentence)
                try:
                    await self._until_all_have_ended()
                except BaseException:
                    # The program around the run interrupts it, and may go on for long: its workers are to end now.
                    await self._crew.abandon()
                    raise
                await self._store_rest()
                if self._shared is not None:
                    self._share_soon.close()
                    await self._shared.finish(self.publish())
                if self._breakage and self._state.reason is not StopReason.INTERNAL:
                    await self._abandon(self._breakage.first.result())
        finally:
            self._reloader.close()
            self._share_soon.close()
            if self._shared is not None:
                self._shared.abandon()
            if self._inputs is not None:
                self._inputs.close()
            self._crew.close()
            self._disk.close()
            self.search.crashers.close()
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)  # what it raised has broken the run already
        return self._conclude()

    async def _store_rest(self) -> None:
        """Wait until everything that was found is on disk and told of; what the jobs still have to store, too."""
        await self._storing.wait()
        if not self._state.is_ending:
            self._enter(Phase.STOPPING)
        self._board.close()
        await self._storing.finish()

    async def _until_all_have_ended(self) -> None:
        if not self._state.is_stopping:
            self._crew.start()
        while self._crew.tasks and not self._breakage:
            waited_for: set[asyncio.Future[Any]] = {*self._crew.tasks, self._breakage.first}
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        if self._breakage:
            await self._abandon(self._breakage.first.result())

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
        book, reason = self.search.crashers, self._state.reason
        if book.received != book.stored + book.duplicates + book.unsaved:
            self.warn(
                "accounts", say("{} crashers were received, but not all of them are accounted for", book.received)
            )
        assert reason is not None, "a phase that ends a run has a reason"
        baseline = self._baseline
        work = Work(
            is_search=baseline is not None,
            has_worked=any(member.has_worked for member in self.members.values()),
            unfinished=baseline.unfinished if baseline is not None else NOTHING,
            failures=failures(self.members.values()),
            strays=self._crew.reports.strays.sentences,
        )
        reason, detail = conclude(reason, self._state.detail, work)
        self._state.decide(reason, detail)
        if self._executions and not reason.is_failure and (missed := self.search.coverage.missed):
            self.warn("missed", next_to_nothing(missed))
        if self.search.unkept > 1:
            self.warn("corpus", say("{}; {:,} inputs are lost", self.search.unkept_because, self.search.unkept))
        elapsed = self._clock.elapsed()
        outcome = outcome_of(reason, detail, work, book, self._board, elapsed)
        self._state.enter(Phase.ENDED)
        self._composer.outcome = outcome
        self._composer.sample(self._executions, self.search)
        snapshot = self.publish()
        self._emit(Stats(elapsed, snapshot))
        workers, yields, modules = snapshot.workers, snapshot.yields, snapshot.modules
        self._emit(
            Ended(
                elapsed,
                outcome,
                snapshot.executions,
                workers,
                yields,
                modules,
                refused=snapshot.refused,
                observed=snapshot.observed,
            )
        )
        return outcome

    # Commands --------------------------------------------------------------------------------------------------------

    def stop(self, reason: StopReason, detail: Visible = NOTHING) -> None:
        """End the run. The first failure is kept as the reason; a limit or a wish before it gives way to it."""
        is_first = self._state.decide(reason, detail)
        if self._state.is_ending:
            return
        was_paused = self._state.is_paused
        self._clock.resume()
        self._seats.end()
        if is_first and not reason.is_urgent:
            self.search.leave_to_others(frozenset())  # they may not be done before this run is
            self._board.finish()
        if is_first and not reason.is_urgent and self._board.can_finish:
            self._finishing.begin()
            self._enter(Phase.FINISHING)
            if was_paused:
                self._crew.hold()
            if not self._seats.are_any:
                self._crew.allot(1)  # what is left to be learned is learned by somebody
            self._crew.end_idle()
        elif is_first or reason.is_urgent:
            self._end()

    def _end(self) -> None:
        """End every process. The phase is entered first: whoever looks meanwhile sees what is coming."""
        self._enter(Phase.STOPPING)
        self._crew.end_all()
        self.publish()

    def force_stop(self) -> None:
        """End the run without waiting for executions to finish."""
        self.stop(StopReason.USER)
        self._crew.kill_all()

    # What the crew reports -------------------------------------------------------------------------------------------

    def loaded(self, parameters: tuple[str, ...], seeds: list[bytes]) -> Visible:
        """A worker has loaded the target: the first one tells what there is to do, the others must agree."""
        search = self.search
        if search.parameters:
            if parameters == search.parameters:
                return NOTHING
            both = named(parameters), named(search.parameters)
            kinds = [joined(", ", [one_line(name, 100) for name in names]) for names in both]
            return say("the target takes ({}) in this worker, ({}) in another", *kinds)
        search.begin(parameters, seeds)
        self._loaded_at = self._clock.elapsed()
        self._storing.look_up_code()
        if search.coverage.imports:
            self._emit(ModulesLoaded(self._clock.elapsed(), search.coverage.imports))
        for sentence in self._options.remarks:
            self.warn(f"remark {sentence}", sentence)
        if self._baseline is None and plan.wants_coverage(self._options.task):
            self._warn_of_vain_patterns()
        try:
            self._board.begin(seeds)
        except MalformedCorpus as error:
            self.stop(StopReason.BAD_CORPUS, error.sentences)
        except OSError as error:
            self.stop(StopReason.BAD_CORPUS, unusable(error, self._options))
        self._watch_inputs()
        if self._shared is not None and not self._state.is_stopping:
            self._shared.begin(self._share_soon.ask_from_thread)
        self.advanced()
        return NOTHING

    def _watch_inputs(self) -> None:
        """Take in what is put into the folders of the corpus from now on."""
        arriving = next((job for job in self._board.jobs if isinstance(job, Arriving)), None)
        if arriving is not None and self._options.watching >= Watching.INPUTS and not self._state.is_stopping:
            self._inputs = InputWatch(arriving, self.warn, self._crew.wake)
            self._inputs.begin()

    def announced(self, module: Announced) -> None:
        """A worker has instrumented a module, tells of one that the target imports, what there is to cover in one or
        what loading has covered, or says something of the target.
        """
        if isinstance(module, Module):
            self.search.coverage.register(module)
        elif isinstance(module, Layout):
            self.search.lines.announce(module)
        elif isinstance(module, Measured):
            self.search.lines.add_loading(module)
        elif isinstance(module, Remark):
            sentence = one_line(module.sentence, REMARK_CHARACTERS)
            self.warn(f"remark {sentence}", sentence)
        else:
            self.search.coverage.note_import(module)

    def advanced(self) -> None:
        """Enter the phase that the jobs have come to, or end the run where they have come to an end."""
        self.await_disk()
        self._reloader.tell()
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
                self._warn_of_vain_patterns()
                self._warn_of_no_coverage(1)
            self._crew.wake()

    def _warn_of_no_coverage(self, least: int) -> None:
        """Once so many executions have come to the target: what a class refuses at once covers nothing."""
        reached = self._executions - sum(member.refused for member in self.members.values())
        if self._is_coverage_told or reached < least:
            return
        self._is_coverage_told = True
        if lacking := lacking_coverage(self.search):
            self.warn("coverage", lacking)

    def reloads(self) -> bool:
        """Nobody is at work any more who has loaded the code before it changed: whether what is there now is loaded."""
        return self._reloader.nobody_works()

    def switched(self) -> None:
        """No process is left that has loaded the code as it was."""
        for topic in ("code", "generated", "coverage"):
            self._composer.forget_warning(topic)
        self._is_coverage_told = False
        self._composer.mark(MarkerKind.RELOAD)
        self._composer.forget_rate()
        self._storing.look_up_code()

    def keep(self, data: bytes, suspicion: Visible) -> None:
        """Have an input run first in the next run."""
        self.search.keep_for_next_run(data, suspicion)

    def order(self, wish: OrderNode) -> Visible | None:
        """Ask another node for something."""
        return self._shared.order(wish) if self._shared is not None else None

    def emit(self, event: Event) -> None:
        """Tell front ends of something rare."""
        self._emit(event)

    def on_event(self, event: Event) -> None:
        """Tell front ends of something rare."""
        self._emit(event)

    # What the jobs notice --------------------------------------------------------------------------------------------

    def on_crasher(self, crasher: Crasher) -> None:
        """Tell of a crasher, and stop if that is wanted."""
        self._emit(CrasherFound(crasher.elapsed, crasher))
        if not crasher.is_ignored:
            self._composer.mark(MarkerKind.CRASHER)
            if self._state.stop_on_crash and plan.stops_on_crash(self._options.task):
                self._stop_at(crasher)
        self.await_disk()

    def _stop_at(self, crasher: Crasher) -> None:
        """What was known before the run, and lies in a file, is a crasher and no seed."""
        is_seed = crasher.seed_name is not None and not (crasher.is_known and crasher.is_stored_input)
        is_told = is_seed or crasher.is_known
        detail = say("{}: {}", crasher.words, crasher.memory) if crasher.memory else crasher.words
        self.stop(StopReason.FAILING_SEED if is_seed else StopReason.CRASHER, detail if is_told else NOTHING)

    def await_disk(self) -> None:
        """Find nothing more while a crasher is being stored that ends the run when it is."""
        ends_run = self._state.stop_on_crash and plan.stops_on_crash(self._options.task)
        self._crew.await_disk(ends_run and self.search.crashers.is_awaited and not self._state.is_stopping)

    def on_new_entry(self) -> None:
        """The corpus has grown."""
        self._composer.note_new_entry()
        self._share_soon.ask()

    def warn(self, topic: str, message: Visible) -> None:
        """Tell people something once; a later message on the same topic replaces it."""
        if self._composer.note_warning(topic, message):
            self._emit(Warned(self._clock.elapsed(), message))

    def _warn_of_vain_patterns(self) -> None:
        for pattern, sentence in vain_patterns(self._options, self.search):
            self.warn(f"include {pattern}", sentence)

    # Time ------------------------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Watch the clocks: the run's limit, executions that hang, memory; publish what people see."""
        published = sampled = told = time.monotonic()
        while True:
            due = self._crew.seconds_until_look(time.monotonic(), TICK)
            if self._seats.are_taken and not any(member.stint for member in self.members.values()):
                self.publish()
                await self._seats.stand_still(self._look_at_decisions)
            is_held = self._state.is_stopping or self._state.is_paused
            await asyncio.sleep(due if is_held else max(0.0, min(due, self._until_limit())))
            now = time.monotonic()
            if self._until_limit() <= 0:
                self.stop(StopReason.TIME_LIMIT)
            if self._state.is_finishing and self._finishing.is_over(now, self._crew.reports.loading):
                self._end()
            self._crew.watch(now)
            if self._shared is not None and self._shown is not None and not self._state.is_ending:
                self._shared.look(self._shown, takes=not self._state.is_stopping)
            if self._state.phase is Phase.FUZZING and not self._state.is_paused:
                self._diagnosing.glance(self.members.values())
            if now - published >= PUBLISH_INTERVAL:
                published = now
                self.search.reread_decisions()
                self._reloader.look()
                self._reloader.tell()
                self._composer.measure(now, self._executions)
                for member in (*self.members.values(), self._crew.helper):
                    member.measure(now)
                reap_orphans(self._launcher.run)
                self.publish()
            if now - sampled >= HISTORY_INTERVAL:
                sampled = now
                self._composer.sample(self._executions, self.search)
            if now - told >= STATS_INTERVAL:
                told = now
                self._launcher.surroundings.look()
                self.search.crashers.retry_unsaved()
                self._diagnose()
                self._emit(Stats(self._clock.elapsed(), self.publish()))

    def _look_at_decisions(self) -> None:
        self.search.reread_decisions()
        self.publish()

    def _diagnose(self) -> None:
        """Say what keeps a search from finding more."""
        if self._state.is_stopping or self._state.is_paused or not isinstance(self._options.task, Fuzz):
            return
        if self._state.phase is Phase.FUZZING:
            self._warn_of_no_coverage(REACHED)
        elapsed = self._clock.elapsed()
        told = self._diagnosing.look(elapsed, self._state.phase, self._executions, self.search, self.members.values())
        self._composer.diagnoses = self._diagnosing.current
        is_plateau = any(each.diagnosis.name == plateau.NAME and not each.is_over for each in told)
        if is_plateau and self._options.limit.executions is None:
            self.desk.measure_coverage(True)  # which branch keeps inputs out is worth running each of them once more
        for each in told:
            self._emit(each)

    def _until_limit(self) -> float:
        """Seconds. They count from when a worker has loaded the target: before, nothing could be done."""
        limit = self._options.limit.seconds
        if limit is None or self._loaded_at is None:
            return math.inf
        return limit - (self._clock.elapsed() - self._loaded_at)

    def _profiling(self) -> contextlib.AbstractContextManager[None]:
        """Have a thread look at what the workers do, if that is wanted. It changes nothing but the counts of looks."""
        if not self._options.profile:
            return contextlib.nullcontext()

        def failed(error: BaseException) -> None:
            self._loop.call_soon_threadsafe(self._breakage.note, error)

        return sampling(self._crew.look, failed)

    # What people see -------------------------------------------------------------------------------------------------

    @property
    def _baseline(self) -> Baseline | None:
        return next((job for job in self._board.jobs if isinstance(job, Baseline)), None)

    @property
    def _executions(self) -> int:
        return sum(member.executions for member in (*self.members.values(), self._crew.helper))

    def _enter(self, phase: Phase) -> None:
        self._state.enter(phase)
        self._emit(PhaseChanged(self._clock.elapsed(), phase))
        self.publish()

    def publish(self) -> Snapshot:
        """Show people how things stand."""
        snapshot = self._composer.compose(
            self._state,
            self.search,
            self._baseline,
            self.members.values(),
            self._crew.helper,
            self._loaded_at,
            self._reloader.shown,
            self.desk.steering.settings,
        )
        if self._shared is not None:
            snapshot = dataclasses.replace(snapshot, sharing=self._shared.shown(snapshot))
        self._shown = snapshot
        self._publish_to(snapshot)
        return snapshot
