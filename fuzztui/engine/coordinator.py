"""The coordinator: owns all state of a run, and ends only when every worker has ended.

Everything here runs on one loop in one thread, so there is one order of events and nothing to lock. (A profile's looks
at the workers are made by a thread of its own: `Slot.look` is all that it calls.) Three rules keep it from deadlock and
loss:

- Results are taken in as they arrive, by `_take`, whatever a worker's task is waiting for. Deciding to stop changes
  nothing about that: until the last process is reaped its results are received and recorded. A worker can therefore
  always finish its sentence, however many report at the same instant.
- A worker's death is seen by the kernel's notice, and everything it had sent is taken in before the death is.
- `stop` only records why and asks the workers; the run returns when their processes have been reaped.
"""

import asyncio
import contextlib
import secrets
import shlex
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

from fuzztui.engine import findings, places, text
from fuzztui.engine.bulletin import Bulletin
from fuzztui.engine.campaign import Campaign, Purpose
from fuzztui.engine.clock import RunClock
from fuzztui.engine.corpus import MalformedCorpus, longest_file
from fuzztui.engine.events import (
    CrasherFound,
    Ended,
    Event,
    PhaseChanged,
    Stats,
    Warned,
    WorkerEnded,
    WorkerStarted,
)
from fuzztui.engine.history import INTERVAL as HISTORY_INTERVAL
from fuzztui.engine.options import RunOptions
from fuzztui.engine.orphans import adopting
from fuzztui.engine.profile import sampling
from fuzztui.engine.slot import Slot, Wish
from fuzztui.engine.snapshot import Crasher, Outcome, Phase, Snapshot, StopReason, WorkerState
from fuzztui.engine.storage import prepare_cache_dir, replace
from fuzztui.engine.verdict import Blame, Ending, Killed, blame, exit_code
from fuzztui.engine.watch import measure, watch_execution
from fuzztui.engine.worker_handle import WorkerHandle
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import Control
from fuzztui.protocol.messages import (
    Crashed,
    Done,
    Executed,
    Failed,
    Found,
    Load,
    Module,
    Ping,
    Pong,
    Repeated,
    Result,
    Seed,
)
from fuzztui.protocol.patterns import compiled

LARGEST_SEED: Final = 1 << 62

SUSPECT_DELAY: Final = 0.1
"""Seconds until a worker that was killed from outside is replaced: whoever kills in a loop shall not spin us."""

STACK_SIGNALS: Final = frozenset({signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGBUS, signal.SIGILL})
"""Signals on which a worker writes its stack before it dies."""

TICK: Final = 0.1
PUBLISH_INTERVAL: Final = 0.25
STATS_INTERVAL: Final = 3.0

LEAST_CAPACITY: Final = 1 << 20
"""Bytes of an input for which a worker's shared memory has room at least; only what is touched costs memory."""

TEXT_FORM: Final = 8
"""How many bytes the file form of typed values takes for each of theirs at most: a two-byte character may become
`\\uffff`, a number its digits."""

STDERR_TAIL: Final = 4_000
"""Bytes of a failed worker's output that its report quotes."""


class Coordinator:
    """One run. Construct and use it on one event loop."""

    def __init__(self, options: RunOptions, emit: Callable[[Event], None], publish: Callable[[Snapshot], None]) -> None:
        """`emit` takes each event, `publish` each snapshot; both are called on the loop and must not block."""
        self._options = options
        self._emit = emit
        self._publish_to = publish
        self._loop = asyncio.get_running_loop()
        self._session = secrets.token_hex(8)
        self._seed = options.seed if options.seed is not None else secrets.randbits(32)
        self._capacity = max(LEAST_CAPACITY, TEXT_FORM * options.max_len)
        self._directory = places.current_directory()
        self._max_len = options.max_len
        self._clock = RunClock()
        self._phase = Phase.STARTING
        self._stop_reason: StopReason | None = None
        self._stop_detail = ""
        self._stop_on_crash = options.stop_on_crash
        self._paused = False
        self._slots: dict[int, Slot] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken: asyncio.Future[BaseException] = self._loop.create_future()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._campaign = Campaign(options, self._capacity, self._clock, self)
        self._bulletin = Bulletin(options, self._clock)
        self._outcome: Outcome | None = None

    # The run ---------------------------------------------------------------------------------------------------------

    async def run(self) -> Outcome:
        """Start the workers, take in what they find, return when the last of their processes has been reaped."""
        self._loop.set_exception_handler(self._callback_failed)
        ticking = asyncio.create_task(self._tick())
        ticking.add_done_callback(self._task_ended)
        try:
            with adopting(), self._profiling():
                prepare_cache_dir(places.cache_folder(self._options.cache_dir, self._options.project))
                stored = places.crashers_dir(self._options.file, self._options.target)
                self._max_len = max(self._options.max_len, longest_file(stored))
                self._emit(PhaseChanged(0.0, self._phase))
                for worker in range(self._options.workers):
                    self._slots[worker] = Slot(worker, profiled=self._options.profile)
                    self._start(self._slots[worker])
                while self._tasks and not self._broken.done():
                    waited_for: set[asyncio.Future[Any]] = {*self._tasks, self._broken}
                    await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
                if self._broken.done():
                    await self._abandon(self._broken.result())
        except OSError as error:
            self.stop(StopReason.INTERNAL, f"{error.filename or self._options.cache_dir}: {error.strerror or error}")
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
        return self._conclude()

    def _start(self, slot: Slot) -> None:
        slot.wish = Wish.RUN
        slot.state = WorkerState.STARTING
        slot.detail = ""
        task = asyncio.create_task(self._run_slot(slot), name=f"worker {slot.id}")
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
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
        for slot in self._slots.values():
            if slot.process is not None:
                slot.process.kill(Killed.STOP)
        for task in list(self._tasks):
            task.cancel()
        for slot in self._slots.values():
            if slot.process is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(slot.process.ended.wait(), 2.0)
                slot.release()
                slot.state = WorkerState.ENDED
        report = "".join(traceback.format_exception(error))
        detail = f"{type(error).__name__}: {error}"
        with contextlib.suppress(OSError):
            folder = places.cache_folder(self._options.cache_dir, self._options.project)
            replace(folder, "internal-error.log", report.encode("utf-8", "backslashreplace"))
            detail += f" (details in {self._options.cache_dir / 'internal-error.log'})"
        self.stop(StopReason.INTERNAL, detail)

    def _conclude(self) -> Outcome:
        elapsed = self._clock.elapsed()
        self._campaign.crashers.retry_unsaved()
        reason = self._stop_reason
        if reason is None:
            all_gave_up = all(slot.state is WorkerState.GAVE_UP for slot in self._slots.values())
            reason = StopReason.WORKERS_GAVE_UP if all_gave_up else StopReason.LAST_WORKER_STOPPED
        detail = self._stop_detail
        if reason is StopReason.WORKERS_GAVE_UP:
            detail = "\n".join(f"worker {slot.id}: {slot.reason}" for slot in self._slots.values())
        book = self._campaign.crashers
        if book.received != book.stored + book.duplicates + book.unsaved:
            self.warn("accounts", f"{book.received} crashers were received, but not all of them are accounted for")
        self._outcome = Outcome(
            reason=reason,
            detail=detail,
            exit_code=exit_code(
                reason,
                crashers=len(book.crashers),
                unsaved=book.unsaved,
                failed_workers=sum(s.state in (WorkerState.FAILED, WorkerState.GAVE_UP) for s in self._slots.values()),
            ),
            received=book.received,
            stored=book.stored,
            duplicates=book.duplicates,
            unsaved=book.unsaved,
            seconds=elapsed,
        )
        self._phase = Phase.ENDED
        self._bulletin.sample(self._executions, self._campaign)
        snapshot = self._publish()
        self._emit(Stats(elapsed, snapshot))
        self._emit(Ended(elapsed, self._outcome, self._executions, snapshot.workers, snapshot.yields))
        return self._outcome

    # Commands --------------------------------------------------------------------------------------------------------

    def stop(self, reason: StopReason, detail: str = "") -> None:
        """End the run. The first failure is kept as the reason; a limit or a wish before it gives way to it."""
        if self._stop_reason is None or (reason.is_failure and not self._stop_reason.is_failure):
            self._stop_reason = reason
            self._stop_detail = detail
        if self._phase in (Phase.STOPPING, Phase.ENDED):
            return
        self._clock.resume()
        self._enter(Phase.STOPPING)
        for slot in self._slots.values():
            self._end_process(slot)
        self._wake()

    def force_stop(self) -> None:
        """End the run without waiting for executions to finish."""
        self.stop(StopReason.USER)
        for slot in self._slots.values():
            if slot.process is not None:
                slot.process.kill(Killed.STOP)

    def pause(self) -> None:
        """Hold every worker between two executions."""
        if self._paused or self._is_stopping:
            return
        self._paused = True
        self._clock.pause()
        self._bulletin.mark("paused")
        self._apply_pauses()

    def resume(self) -> None:
        """Let go on those that `pause` holds."""
        if not self._paused:
            return
        self._paused = False
        self._clock.resume()
        self._apply_pauses()

    def pause_worker(self, worker: int) -> None:
        """Hold one worker between two executions."""
        self._set_paused(worker, True)

    def resume_worker(self, worker: int) -> None:
        """Let one worker go on."""
        self._set_paused(worker, False)

    def stop_worker(self, worker: int) -> None:
        """End one worker's process for good."""
        slot = self._slots.get(worker)
        if slot is None or not slot.state.is_live or self._is_stopping:
            return
        slot.wish = Wish.STOP
        self._bulletin.mark(f"worker {worker} stopped")
        self._end_process(slot)
        self._wake()

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process; a worker without one gets one."""
        slot = self._slots.get(worker)
        if slot is None or self._is_stopping:
            return
        if slot.state.is_final:
            slot.failures.clear()
            slot.restarts += 1
            self._start(slot)
        elif slot.wish is Wish.RUN and slot.process is not None:
            slot.wish = Wish.RESTART
            self._end_process(slot)
            self._wake()

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next new crasher ends the run."""
        self._stop_on_crash = stop_on_crash
        self._publish()

    def _set_paused(self, worker: int, paused: bool) -> None:
        slot = self._slots.get(worker)
        if slot is not None:
            slot.paused = paused
            self._apply_pauses()

    def _apply_pauses(self) -> None:
        self._bulletin.forget_rate()
        for slot in self._slots.values():
            slot.meter.clear()
            self._apply_pause(slot)
        self._wake()
        self._publish()

    def _apply_pause(self, slot: Slot) -> None:
        if slot.process is not None:
            slot.process.set_control(Control.PAUSE if self._paused or slot.paused else Control.RUN)

    def _end_process(self, slot: Slot) -> None:
        if slot.process is not None:
            slot.state = WorkerState.STOPPING
            slot.process.stop()

    # One worker ------------------------------------------------------------------------------------------------------

    async def _run_slot(self, slot: Slot) -> None:
        """Keep a process in the slot until it is wished away, gives up, or the run stops."""
        try:
            await self._keep_running(slot)
        finally:
            self._campaign.keep_suspects(slot)

    async def _keep_running(self, slot: Slot) -> None:
        while not self._is_stopping:
            try:
                process = self._launch(slot)
            except OSError as error:
                delay = self._failure(slot, f"cannot be started: {error.strerror or error}")
            else:
                await self._serve(slot, process)
                await process.ended.wait()
                delay = self._judge(slot, process)
            if delay is None:
                return
            if delay:
                slot.state = WorkerState.RESTARTING
                slot.detail = f"({slot.restarts + 1}) in {delay:.1f} s"
                await self._unless_stopping(slot, delay)
            if slot.wish is Wish.STOP or self._is_stopping:
                break
            slot.wish = Wish.RUN
            slot.restarts += 1
        slot.state = WorkerState.STOPPED if slot.wish is Wish.STOP else WorkerState.ENDED
        slot.detail = ""

    def _launch(self, slot: Slot) -> WorkerHandle:
        slot.state, slot.detail = WorkerState.STARTING, ""
        options = self._options
        load = Load(
            file=str(options.file),
            target=options.target,
            directory=self._directory,
            include=list(options.include),
            exclude=list(options.exclude),
            dictionary=list(options.dictionary),
            code_cache=places.code_cache_dir(),
            seed=(self._seed * 1_000_003 + slot.id * 1_009 + slot.processes) % LARGEST_SEED,
            max_len=self._max_len,
            memory_limit=options.memory_limit,
            profile=options.profile,
            # What is to be repeatable must do the same with a profile as without.
            weigh_probes=options.profile and (options.seed is None or options.limit.executions is None),
        )
        process = WorkerHandle(
            mark=f"{self._session}-{slot.id}-{slot.processes}",
            capacity=self._capacity,
            environment=self._environment(),
            output=slot.output,
            on_result=lambda result: self._take(slot, result),
            on_end=lambda: self._wake(slot),
        )
        slot.adopt(process)
        process.send(load)
        process.send(Ping())
        self._apply_pause(slot)
        return process

    def _environment(self) -> dict[str, str]:
        # The order of sets is part of what one seed reproduces.
        hash_seed = {"PYTHONHASHSEED": str(self._seed % 2**32)} if self._options.seed is not None else {}
        return {**hash_seed, **self._options.environment}

    async def _serve(self, slot: Slot, process: WorkerHandle) -> None:
        """Give the process one call after another until it is asked to stop or ends."""
        deadline = time.monotonic() + self._options.startup_timeout
        while not slot.ready and self._wants_calls(slot, process):
            if time.monotonic() >= deadline:
                process.request_stack()
                await asyncio.sleep(TICK)
                process.kill(Killed.STARTUP_TIMEOUT)
                return
            await self._change(slot, deadline - time.monotonic())
        while self._wants_calls(slot, process):
            if slot.call is None and not self._paused and not slot.paused:
                self._give_call(slot, process)
            await self._change(slot)

    def _wants_calls(self, slot: Slot, process: WorkerHandle) -> bool:
        return not (process.ended.is_set() or self._is_stopping or slot.wish is not Wish.RUN)

    def _give_call(self, slot: Slot, process: WorkerHandle) -> None:
        call = self._campaign.next_call(slot, len(self._slots))
        if call is None:
            slot.state = WorkerState.WAITING
            if self._campaign.ledger.is_spent:
                self.stop(StopReason.EXECUTION_LIMIT)
            return
        call.executions_before = process.memory.executions
        slot.call = call
        slot.state = call.state
        process.send(call.message)

    # What workers report ---------------------------------------------------------------------------------------------

    def _take(self, slot: Slot, result: Result) -> None:
        """The one place where results arrive. ProtocolError for one that cannot be true."""
        campaign = self._campaign
        match result:
            case Seed():
                slot.take_seed(result.data)
            case Pong():
                self._take_pong(slot, result)
            case Module():
                campaign.coverage.register(result)
            case Executed():
                campaign.take_executed(slot, result)
            case Found():
                campaign.take_found(slot, result)
            case Crashed():
                if slot.process is not None and slot.process.killed is Killed.STOP:
                    # It may be the target's answer to our SIGTERM. If it is more, the next run will tell.
                    campaign.keep_suspect(result.data, "it failed while its worker was being ended")
                else:
                    campaign.take_crashed(slot, result)
            case Repeated():
                campaign.take_repeated(slot, result)
            case Done():
                others_wait_for_it = campaign.take_done(slot, result)
                if campaign.ledger.is_spent:
                    self.stop(StopReason.EXECUTION_LIMIT)
                self._wake(None if others_wait_for_it else slot)
            case Failed():
                slot.failed = result

    def _take_pong(self, slot: Slot, pong: Pong) -> None:
        process = slot.process
        if slot.ready or process is None:
            raise ProtocolError("an answer to a ping that was not sent")
        parameters = tuple(pong.parameters)
        if not self._campaign.parameters:
            self._begin(parameters, slot.seeds)
        elif parameters != self._campaign.parameters:
            raise ProtocolError(f"the target takes {parameters} in this worker, {self._campaign.parameters} in another")
        slot.ready = process.answered_ping = True
        slot.measure_loaded()
        slot.state = WorkerState.STOPPING if process.stop_asked_at is not None else WorkerState.WAITING
        self._emit(WorkerStarted(self._clock.elapsed(), slot.id, process.pid, slot.restarts))
        self._wake()

    def _begin(self, parameters: tuple[str, ...], seeds: list[bytes]) -> None:
        try:
            self._campaign.begin(parameters, seeds)
        except MalformedCorpus as error:
            self.stop(StopReason.BAD_CORPUS, str(error))
        except OSError as error:
            self.stop(StopReason.BAD_CORPUS, f"{error.filename}: {error.strerror}")
        if not self._is_stopping:
            self._enter(Phase.BASELINE)

    # What the campaign notices ---------------------------------------------------------------------------------------

    def on_crasher(self, crasher: Crasher) -> None:
        """Tell of a crasher, and stop if that is wished."""
        self._bulletin.mark("crasher")
        self._emit(CrasherFound(crasher.elapsed, crasher))
        if self._stop_on_crash:
            seed = crasher.seed_name
            self.stop(StopReason.FAILING_SEED if seed else StopReason.CRASHER, f"failing seed {seed}" if seed else "")

    def on_new_entry(self) -> None:
        """The corpus has grown."""
        self._bulletin.note_new_entry()

    def on_baseline_done(self) -> None:
        """Begin to fuzz."""
        if self._phase is not Phase.BASELINE:
            return
        self._enter(Phase.FUZZING)
        self._wake()
        for pattern in self._options.include:
            if not self._campaign.coverage.has_module(compiled(pattern)):
                self.warn(
                    f"include {pattern}",
                    f"--include {shlex.quote(pattern)} has no effect: the target has imported no module of that name "
                    "so far, or none that can be instrumented, which compiled ones and the interpreter's own cannot.",
                )
        if not len(self._campaign.coverage) and self._campaign.ran_clean:
            self.warn(
                "coverage",
                "No coverage: nothing that the target calls is instrumented, so inputs are tried blindly. "
                "Import the code under test in the target's file, or name its modules with --include.",
            )

    def warn(self, topic: str, message: str) -> None:
        """Tell people something once; a later message on the same topic replaces it."""
        if self._bulletin.warnings.get(topic) != message:
            self._bulletin.warnings[topic] = message
            self._emit(Warned(self._clock.elapsed(), message))

    # The end of a process --------------------------------------------------------------------------------------------

    def _judge(self, slot: Slot, process: WorkerHandle) -> float | None:
        """Decide what a process's end means; seconds until the next one is to start, None if none is."""
        ending = process.ending
        assert ending is not None
        recorded = process.memory.recorded_input()
        executions = process.memory.executions
        stack = process.stack()
        slot.release()
        item = self._campaign.settle_dead(slot, executions)
        verdict = blame(ending)
        delay: float | None
        match verdict:
            case Blame.NOBODY:
                delay, why = self._ended_as_wished(slot)
            case Blame.HARNESS:
                delay, why = self._terminated_without_fuzzing(slot, ending, process.complaint, stack)
            case Blame.WORKER:
                why = self._failure_sentence(slot, ending, process.complaint)
                delay = self._failure(slot, why)
            case Blame.TIMEOUT if executions != slot.stack_requested_for:
                why, delay = "its long execution ended just before it was killed for it", 0.0
            case Blame.SUSPECT | Blame.MEMORY if item is None or item.purpose is Purpose.BASELINE:
                why = self._suspicion(ending)
                delay = SUSPECT_DELAY
                if recorded is None:
                    delay = self._failure(slot, f"{why}, the record of its input is damaged")
                else:
                    self._campaign.suspect(slot, recorded, why, item)
            case _:
                why = verdict.value
                delay = 0.0
                if recorded is None:
                    why = f"{ending.exit} during an execution, the record of its input is damaged"
                    delay = self._failure(slot, why)
                else:
                    finding = findings.of_death(
                        recorded,
                        verdict,
                        ending,
                        self._options,
                        stack=stack if self._is_its_own(stack, slot, ending, executions) else "",
                        last_words=self._last_words(slot),
                        worker=slot.id,
                        seed=item.seed if item is not None else None,
                    )
                    self._campaign.record(slot, finding, item)
        self._campaign.give_back(slot, item)
        seconds = slot.exit_seconds or 0.0
        self._emit(WorkerEnded(self._clock.elapsed(), slot.id, ending.exit, why, seconds, verdict is Blame.NOBODY))
        self._wake()
        return delay

    def _suspicion(self, ending: Ending) -> str:
        if ending.killed is Killed.MEMORY:
            return "it used more memory than the limit"
        if ending.killed is Killed.STOP:
            return "it failed while its worker was being ended"
        return f"killed by {ending.exit} from outside"

    @staticmethod
    def _is_its_own(stack: str, slot: Slot, ending: Ending, executions: int) -> bool:
        """Whether the newest stack is of the execution that ended the process, not of an earlier one that stalled."""
        return bool(stack) and (-ending.status in STACK_SIGNALS or slot.stack_requested_for == executions)

    def _ended_as_wished(self, slot: Slot) -> tuple[float | None, str]:
        if self._is_stopping:
            slot.state = WorkerState.ENDED
            return None, "the run stopped"
        if slot.wish is Wish.RESTART:
            return 0.0, "restarted by you"
        slot.state = WorkerState.STOPPED
        return None, "stopped by you"

    def _terminated_without_fuzzing(
        self, slot: Slot, ending: Ending, complaint: str, stack: str
    ) -> tuple[float | None, str]:
        """The end before the answer to the ping, or a misuse of the harness: one sentence and the last words."""
        sentence = self._failure_sentence(slot, ending, complaint)
        if not ending.answered_ping:
            sentence = f"worker terminated without fuzzing: {sentence}"
        is_harness = slot.failed is not None and slot.failed.harness
        if self._campaign.parameters and not is_harness:
            return self._failure(slot, sentence), sentence  # the others can: it is not the target as such
        slot.state = WorkerState.FAILED
        slot.reason = sentence
        self.stop(
            StopReason.HARNESS,
            "\n".join(filter(None, (sentence, text.visible(stack, multiline=True), self._last_words(slot)))),
        )
        return None, sentence

    def _failure_sentence(self, slot: Slot, ending: Ending, complaint: str) -> str:
        return findings.failure_sentence(ending, slot.failed, complaint, self._options.startup_timeout)

    def _failure(self, slot: Slot, why: str) -> float | None:
        """A worker failed for reasons that are not its input's: the delay before it is replaced, None to give up."""
        slot.reason = why.splitlines()[0]
        delay = slot.delay_after_failure()
        words = self._last_words(slot)
        self.warn(f"worker {slot.id}", f"worker {slot.id} failed: {slot.reason}" + (f"\n{words}" if words else ""))
        if delay is None:
            slot.state = WorkerState.GAVE_UP
            slot.reason = f"failed {len(slot.failures)} times in a row, last: {slot.reason}"
        elif self._is_stopping:
            slot.state = WorkerState.FAILED
            return None
        return delay

    def _last_words(self, slot: Slot) -> str:
        return text.visible(slot.output.tail(STDERR_TAIL), STDERR_TAIL, multiline=True).strip()

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
            for slot in self._slots.values():
                watch_execution(slot, self._options, now)
            if now - published >= PUBLISH_INTERVAL:
                published = now
                self._bulletin.measure(now, self._executions)
                for slot in self._slots.values():
                    measure(slot, self._options, now)
                self._publish()
            if now - sampled >= HISTORY_INTERVAL:
                sampled = now
                self._bulletin.sample(self._executions, self._campaign)
            if now - told >= STATS_INTERVAL:
                told = now
                self._campaign.crashers.retry_unsaved()
                self._emit(Stats(self._clock.elapsed(), self._publish()))

    def _profiling(self) -> contextlib.AbstractContextManager[None]:
        """Have a thread look at what the workers do, if that is wished. It changes nothing but the slots' tallies."""
        if not self._options.profile:
            return contextlib.nullcontext()

        def failed(error: BaseException) -> None:
            self._loop.call_soon_threadsafe(self._break, error)

        return sampling(self._look, failed)

    def _look(self) -> None:
        if not self._paused:
            for slot in list(self._slots.values()):
                slot.look()

    def _until_limit(self, longest: float) -> float:
        limit = self._options.limit.seconds
        if limit is None or self._is_stopping:
            return longest
        return max(0.0, min(longest, limit - self._clock.elapsed()))

    # What people see -------------------------------------------------------------------------------------------------

    @property
    def _is_stopping(self) -> bool:
        return self._stop_reason is not None

    @property
    def _executions(self) -> int:
        return sum(slot.executions for slot in self._slots.values())

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._emit(PhaseChanged(self._clock.elapsed(), phase))
        self._publish()

    def _publish(self) -> Snapshot:
        snapshot = self._bulletin.compose(
            phase=self._phase,
            paused=self._paused,
            stop_on_crash=self._stop_on_crash,
            campaign=self._campaign,
            slots=list(self._slots.values()),
            outcome=self._outcome,
        )
        self._publish_to(snapshot)
        return snapshot

    def worker_output(self, worker: int) -> str:
        """The last lines that a worker's processes printed, made printable."""
        slot = self._slots.get(worker)
        return text.visible(slot.output.tail(), multiline=True) if slot is not None else ""

    # Waiting ---------------------------------------------------------------------------------------------------------

    def _wake(self, slot: Slot | None = None) -> None:
        """Have a waiting worker's task look again, or all of them."""
        for worker in [slot.id] if slot is not None else list(self._waiting):
            future = self._waiting.pop(worker, None)
            if future is not None and not future.done():
                future.set_result(None)

    async def _change(self, slot: Slot, longest: float | None = None) -> None:
        """Wait until something has changed for this worker, `longest` seconds at most."""
        future = self._waiting[slot.id] = self._loop.create_future()
        await asyncio.wait([future], timeout=longest)

    async def _unless_stopping(self, slot: Slot, seconds: float) -> None:
        """Wait out a delay; a stop of the worker or the run ends it early."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and slot.wish is not Wish.STOP and not self._is_stopping:
            await self._change(slot, left)
