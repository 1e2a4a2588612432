"""The workers of a run: keeps a process in each place at work, gives it calls, and judges its end.

Each member has a task of its own. A task never waits for its worker without results being received: they arrive in
`_take`, whatever the task is waiting for.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final, Protocol

from fuzztui.engine.clock import RunClock
from fuzztui.engine.crew import findings, postmortem
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import Intent, Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.verdict import Blame, Killed
from fuzztui.engine.options import RunOptions
from fuzztui.engine.run_state import RunState
from fuzztui.engine.show import text
from fuzztui.engine.show.events import Event, WorkerEnded, WorkerStarted
from fuzztui.engine.show.snapshot import StopReason, WorkerState
from fuzztui.engine.work.board import Board, Renewal
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.identity import is_identity
from fuzztui.protocol.messages import (
    Crashed,
    Done,
    Executed,
    Failed,
    Found,
    Imported,
    Module,
    Pong,
    Repeated,
    Result,
    Seed,
)

TICK: Final = 0.1
"""Seconds that a process is given to write the stack that it was asked for."""

SUSPECT_DELAY: Final = 0.1
"""Seconds until a process that was killed from outside is replaced, so that somebody who kills in a loop cannot make us
restart in a busy loop."""

STDERR_TAIL: Final = 4_000
"""Bytes of a failed worker's output that its report quotes."""


class Supervisor(Protocol):
    """Who decides about the run that the crew works for."""

    def loaded(self, parameters: tuple[str, ...], seeds: list[bytes]) -> None:
        """A worker has loaded the target. ProtocolError if it told nonsense, or something else than another did."""

    def announced(self, module: Module | Imported) -> None:
        """A worker has instrumented a module, or tells of an imported one. ProtocolError if it cannot be."""

    def advanced(self) -> None:
        """Something was taken in or found missing: the run may be in another phase, or at its end."""

    def stop(self, reason: StopReason, detail: text.Visible = text.NOTHING) -> None:
        """End the run."""

    def emit(self, event: Event) -> None:
        """Tell front ends of something rare."""

    def warn(self, topic: str, message: text.Visible) -> None:
        """Tell people something once."""


class Crew:
    """All members of a run and the tasks that keep them at work."""

    def __init__(
        self,
        options: RunOptions,
        launcher: Launcher,
        board: Board,
        state: RunState,
        clock: RunClock,
        supervisor: Supervisor,
        on_failure: Callable[["asyncio.Task[None]"], None],
    ) -> None:
        """`on_failure` is called with each task that has ended; one that failed means that the machinery is broken."""
        self._options = options
        self._launcher = launcher
        self._board = board
        self._state = state
        self._clock = clock
        self._supervisor = supervisor
        self._on_task_end = on_failure
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._loaded = False
        """Whether any worker has loaded the target: then a later failure to load it is not the target's as such."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.members = {worker: Member(worker, profiled=options.profile) for worker in range(options.workers)}

    # Commands --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin with every member."""
        for member in self.members.values():
            self._start(member)

    def end_all(self) -> None:
        """Ask every process to end."""
        for member in self.members.values():
            self._end_process(member)
        self.wake()

    def end_idle(self) -> None:
        """The run finishes: ask those processes to end whose call has nothing to do with that.

        A process without a call may be the one that what is left has waited for, such as one that still loads: its task
        asks the board, and ends it where there is nothing.
        """
        for member in self.members.values():
            call = member.stint.assignment.call if member.stint is not None else None
            if call is not None and not call.job.may_finish:
                self._end_process(member)
        self.wake()

    def kill_all(self) -> None:
        """End every process now."""
        for member in self.members.values():
            if member.stint is not None:
                member.stint.process.kill(Killed.STOP)

    async def abandon(self) -> None:
        """The machinery is broken: end all processes by force, decide nothing."""
        self.kill_all()
        for task in list(self.tasks):
            task.cancel()
        for member in self.members.values():
            if member.stint is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(member.stint.process.ended.wait(), 2.0)
                member.release()
            member.end = member.end or WorkerState.ENDED

    def hold(self) -> None:
        """Have each process wait or go on, as the run and its member want it."""
        for member in self.members.values():
            member.meter.clear()
            self._hold(member)
        self.wake()

    def stop_worker(self, worker: int) -> bool:
        """End one member's process for good; whether there was something to end."""
        member = self.members.get(worker)
        if member is None or member.end is not None or member.intent is Intent.STOP:
            return False  # a process that is being replaced has been asked to end, and is to end for good now
        member.intent = Intent.STOP
        self._end_process(member)
        self.wake()
        return True

    def restart_worker(self, worker: int) -> None:
        """Replace one member's process; a member that has ended begins again."""
        member = self.members.get(worker)
        if member is None:
            return
        if member.end is not None:
            member.backoff.forgive()
            member.restarts += 1
            self._start(member)
        elif member.intent is Intent.RUN and member.stint is not None:
            member.intent = Intent.RESTART
            self._end_process(member)
            self.wake()

    def pause_worker(self, worker: int, paused: bool) -> None:
        """Hold one member, or let it go on."""
        member = self.members.get(worker)
        if member is not None:
            member.is_paused = paused
            self.hold()

    # One member ------------------------------------------------------------------------------------------------------

    def _start(self, member: Member) -> None:
        member.intent = Intent.RUN
        member.end = None
        task = asyncio.create_task(self._run_member(member), name=f"worker {member.id}")
        self.tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        self._on_task_end(task)

    async def _run_member(self, member: Member) -> None:
        """Keep a process at work until it is not wanted any more, the member gives up, or the run ends."""
        end = WorkerState.ENDED
        try:
            end = await self._keep_running(member)
        finally:
            member.end = end
            member.waits = 0.0
            self._board.leave(member.id)
            self.wake()
        if all(other.end is not None for other in self.members.values()):
            self._all_ended()

    def _all_ended(self) -> None:
        members = self.members.values()
        if self._state.is_stopping:
            return  # a failure at the end is told by itself, and displaces no reason
        if not any(member.end is WorkerState.STOPPED for member in members):
            detail = text.joined("\n", (text.say("worker {}: {}", member.id, member.reason) for member in members))
            self._supervisor.stop(StopReason.WORKERS_GAVE_UP, detail)
        else:
            self._supervisor.stop(StopReason.LAST_WORKER_STOPPED)

    async def _keep_running(self, member: Member) -> WorkerState:
        """Returns how the member ended."""
        while self._is_wanted(member):
            try:
                stint = self._launch(member)
            except OSError as error:
                judgement = self._failed(member, text.say("cannot be started: {}", text.os_error(error)))
            else:
                await self._serve(member, stint)
                await stint.process.ended.wait()
                judgement = self._judge(member, stint)
            if isinstance(judgement, WorkerState):
                return judgement
            member.waits = judgement
            await self._unless_unwanted(member, judgement)
            member.waits = 0.0
            if self._is_wanted(member):
                member.restarts += member.intent is not Intent.RENEW
                member.intent = Intent.RUN
        return WorkerState.STOPPED if member.intent is Intent.STOP else WorkerState.ENDED

    def _is_wanted(self, member: Member) -> bool:
        """Whether the member is to have another process; it may have been stopped before its first one."""
        return member.intent is not Intent.STOP and self._has_work()

    def _has_work(self) -> bool:
        """Whether a process may be started or given a call."""
        if self._state.is_finishing:
            return self._board.can_finish
        return not self._state.is_stopping

    def _launch(self, member: Member) -> Stint:
        return self._launcher.start(
            member,
            on_result=lambda stint, result: self._take(member, stint, result),
            on_end=lambda: self.wake(member),
        )

    def _hold(self, member: Member) -> None:
        if member.stint is not None:
            member.stint.hold(self._state.is_paused or member.is_paused)

    def _end_process(self, member: Member) -> None:
        if member.stint is not None:
            member.stint.process.stop()

    async def _serve(self, member: Member, stint: Stint) -> None:
        """Give the process one call after another until it is asked to stop or ends."""
        deadline = time.monotonic() + self._options.startup_timeout
        while not stint.is_ready and self._wants_calls(member, stint):
            if time.monotonic() >= deadline:
                stint.process.request_stack()
                await asyncio.sleep(TICK)
                stint.process.kill(Killed.STARTUP_TIMEOUT)
                return
            await self._change(member, deadline - time.monotonic())
        while self._wants_calls(member, stint):
            if stint.assignment.call is None and not self._state.is_paused and not member.is_paused:
                self._give_call(member, stint)
            await self._change(member)

    def _wants_calls(self, member: Member, stint: Stint) -> bool:
        process = stint.process
        if process.ended.is_set() or process.stop_asked_at is not None or member.intent is not Intent.RUN:
            return False
        return self._has_work()

    def _give_call(self, member: Member, stint: Stint) -> None:
        finishing = self._state.is_finishing
        call = self._board.next_call(stint.assignment, len(self.members), finishing=finishing)
        if call is Renewal.FRESH_PROCESS:
            member.intent = Intent.RENEW
            self._end_process(member)
            self.wake(member)
        elif call is None:
            self._supervisor.advanced()
            if self._state.is_finishing:
                self._end_process(member)
        else:
            call.executions_before = stint.process.memory.executions
            if call.job.wants_output:
                member.output.clear()
            stint.process.send(call.message)

    # What workers report ---------------------------------------------------------------------------------------------

    def _take(self, member: Member, stint: Stint, result: Result) -> None:
        """The one place where results arrive. ProtocolError for one that cannot be true."""
        board, assignment = self._board, stint.assignment
        match result:
            case Seed():
                stint.take_seed(result.data)
            case Pong():
                self._take_pong(member, stint, result)
            case Module() | Imported():
                self._supervisor.announced(result)
            case Executed():
                board.take_executed(assignment, result, self._printed(member, stint))
                self._supervisor.advanced()
            case Found():
                board.take_found(assignment, result)
            case Crashed():
                self._take_crashed(member, stint, result)
                self._supervisor.advanced()
            case Repeated():
                board.take_repeated(assignment, result)
            case Done():
                if result.slowdown is not None:
                    member.take_slowdown(result.slowdown)
                others_wait_for_it = board.take_done(assignment, result)
                self._supervisor.advanced()
                self.wake(None if others_wait_for_it else member)
            case Failed():
                stint.failed = result

    def _take_crashed(self, member: Member, stint: Stint, result: Crashed) -> None:
        if not is_identity(result.failure.bucket):
            raise ProtocolError("a failure without an identity")
        if stint.process.killed is Killed.STOP:
            # It may be the target's answer to our SIGTERM. If it is more, running it again will tell.
            suspicion = text.label("it failed while its worker was being ended")
            self._board.take_unproven(stint.assignment, result.data, result.index, suspicion)
            return
        failure = findings.of_exception(result.failure, self._options)
        output = self._printed(member, stint)
        self._board.take_crashed(stint.assignment, result.data, result.index, failure, output)

    def _printed(self, member: Member, stint: Stint) -> str:
        """What the target printed since the call began, where its job wants that."""
        call = stint.assignment.call
        if call is None or not call.job.wants_output:
            return ""
        if not stint.process.ended.is_set():
            stint.process.read_output()  # the result may have been read before what was printed ahead of it
        return member.output.tail()

    def _take_pong(self, member: Member, stint: Stint, pong: Pong) -> None:
        if stint.is_ready:
            raise ProtocolError("an answer to a ping that was not sent")
        self._supervisor.loaded(tuple(pong.parameters), stint.seeds)
        self._loaded = True
        stint.take_pong()
        self._supervisor.emit(WorkerStarted(self._clock.elapsed(), member.id, stint.process.pid, member.restarts))
        self.wake()

    # The end of a process --------------------------------------------------------------------------------------------

    def _judge(self, member: Member, stint: Stint) -> float | WorkerState:
        """Decide what a process's end means; seconds until the next one is to start, or how the member ended."""
        process, assignment = stint.process, stint.assignment
        assert process.ending is not None
        examined = postmortem.examine(stint, process.ending, self._options, self._last_words(member))
        member.release()
        call, item = self._board.settle_dead(assignment, examined.counter)
        # Of a batch that has been answered as far as it was begun, no input is to blame.
        is_in_input = call is not None and (item is not None or not call.items)
        death, why = examined.death if is_in_input else None, examined.why
        judgement: float | WorkerState
        if death is not None and call is not None:
            judgement = SUSPECT_DELAY if death.suspicion else 0.0
            self._board.died(assignment, call, item, death)
        elif examined.blame is Blame.NOBODY:
            why, judgement = self._ended_as_intended(member)
        elif examined.blame is Blame.HARNESS:
            judgement = self._terminated_without_fuzzing(member, stint, examined)
        elif examined.is_late:
            judgement = 0.0
        else:
            if process.ending.is_from_outside and assignment.settled:
                member.backoff.forgive()  # whoever kills workers that work has not shown that they cannot
            judgement = self._failed(member, why)
        if isinstance(judgement, WorkerState):
            member.end = judgement  # before anything is told of it: nobody shall see a worker that is gone as starting
        if death is None:
            self._board.innocent(assignment, call, item)
        self._supervisor.emit(
            WorkerEnded(
                elapsed=self._clock.elapsed(),
                worker=member.id,
                exit=process.ending.exit,
                why=why,
                seconds=process.seconds_to_end,
                is_orderly=examined.blame is Blame.NOBODY,
                is_by_input=death is not None and not death.suspicion,
            )
        )
        self._supervisor.advanced()
        self.wake()
        return judgement

    def _ended_as_intended(self, member: Member) -> tuple[text.Visible, float | WorkerState]:
        if member.intent is Intent.STOP:
            return text.label("stopped by you"), WorkerState.STOPPED
        if member.intent is Intent.RENEW and self._has_work():
            return text.label("renewed for its next work"), 0.0
        if self._state.is_stopping:
            return text.label("the run stopped"), WorkerState.ENDED
        return text.label("restarted by you"), 0.0

    def _terminated_without_fuzzing(
        self, member: Member, stint: Stint, examined: postmortem.Examined
    ) -> float | WorkerState:
        """The end before the answer to the ping, or a misuse of the harness: one sentence and the last words."""
        is_misuse = stint.failed is not None and stint.failed.harness and stint.is_ready
        if self._loaded and not is_misuse:
            return self._failed(member, examined.why)  # others could: it is not the target as such
        member.reason = examined.why
        member.end = WorkerState.FAILED
        stack = text.visible(examined.stack, multiline=True)
        detail = text.joined("\n", filter(None, (examined.why, stack, self._last_words(member))))
        if stint.process.stop_asked_at is None or self._state.is_stopping:
            self._supervisor.stop(StopReason.HARNESS, detail)
        else:  # its cleanup failed when this worker alone was to end: the others go on
            self._supervisor.warn(f"worker {member.id}", text.say("worker {} failed: {}", member.id, detail))
        return member.end

    def _failed(self, member: Member, why: text.Visible) -> float | WorkerState:
        """A process failed for reasons that are not its input's: it is replaced, later each time, or given up."""
        member.reason = text.lines_of(why)[0]
        delay = member.delay_after_failure()
        sentence = text.say("worker {} failed: {}", member.id, member.reason)
        self._supervisor.warn(
            f"worker {member.id}", text.joined("\n", filter(None, (sentence, self._last_words(member))))
        )
        if delay is None:
            member.reason = text.say("failed {} times in a row, last: {}", len(member.backoff), member.reason)
            return WorkerState.GAVE_UP
        return WorkerState.FAILED if self._state.is_stopping else delay

    def _last_words(self, member: Member) -> text.Visible:
        return text.visible(member.output.tail(STDERR_TAIL).strip(), STDERR_TAIL, multiline=True)

    # Waiting ---------------------------------------------------------------------------------------------------------

    def wake(self, member: Member | None = None) -> None:
        """Have a waiting member's task look again, or all of them."""
        for worker in [member.id] if member is not None else list(self._waiting):
            future = self._waiting.pop(worker, None)
            if future is not None and not future.done():
                future.set_result(None)

    async def _change(self, member: Member, longest: float | None = None) -> None:
        """Wait until something has changed for this member, `longest` seconds at most."""
        future = self._waiting[member.id] = asyncio.get_running_loop().create_future()
        await asyncio.wait([future], timeout=longest)

    async def _unless_unwanted(self, member: Member, seconds: float) -> None:
        """Wait out a delay; a stop of the member or the run ends it early."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self._is_wanted(member):
            await self._change(member, left)
