"""The workers of a run: keeps a process in each place at work, and gives it calls.

Each member has a task of its own. A task never waits for its worker without results being received: they arrive in
`Reports.take`, whatever the task is waiting for.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

from fuzztui.engine.crew.current_code import CurrentCode
from fuzztui.engine.crew.effort import CpuTime
from fuzztui.engine.crew.judging import Judge
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import Intent, Member
from fuzztui.engine.crew.replacing import Replacing
from fuzztui.engine.crew.reports import Reports
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.supervisor import Supervisor
from fuzztui.engine.crew.surroundings import limit_of_exception
from fuzztui.engine.crew.verdict import Killed
from fuzztui.engine.crew.workplace import Workplace
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show import text
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.assignment import CallInFlight
from fuzztui.engine.work.board import Board, Renewal

TICK: Final = 0.1
"""Seconds that a process is given to write the stack that it was asked for."""


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
        on_task_end: Callable[["asyncio.Task[None]"], None],
    ) -> None:
        """`on_task_end` is called with each task that has ended; one that failed means that the machinery is broken."""
        self._place = Workplace(options, launcher, board, state, clock, supervisor, on_task_end)
        self._code = CurrentCode(self._place)
        self.replacing = Replacing(self._place, self._code, self._start)
        self.reports = Reports(self._place, self._code, self.replacing.renew_next)
        self._judge = Judge(self._place, self._code)
        self._awaits_disk = False
        """Whether everybody waits until a crasher is stored that is likely to end the run."""
        self._help = CpuTime()
        """Of the helper's processes."""
        self.members = self._place.members
        self.helper = self._place.helper
        self.tasks = self._place.tasks

    # All members -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin with every member."""
        for member in self.members.values():
            self._start(member)

    def end_all(self) -> None:
        """Ask every process to end."""
        self.replacing.end_scout()
        for member in self._place.everybody:
            self._place.end_process(member)
        self._place.wake()

    def end_idle(self) -> None:
        """The run finishes: ask those processes to end whose call has nothing to do with that.

        A process without a call may be the one that what is left has waited for, such as one that still loads: its task
        asks the board, and ends it where there is nothing.
        """
        self.replacing.end_scout()
        for member in self._place.everybody:
            call = member.stint.assignment.call if member.stint is not None else None
            if call is not None and not call.job.may_finish:
                self._place.end_process(member)
        self._place.wake()

    def kill_all(self) -> None:
        """End every process now."""
        if self.replacing.scout is not None:
            self.replacing.scout.kill()
        for member in self._place.everybody:
            if member.stint is not None:
                member.stint.process.kill(Killed.STOP)

    def close(self) -> None:
        """The run is over."""
        self._code.close()

    async def abandon(self) -> None:
        """The machinery is broken: end all processes by force, decide nothing."""
        self.kill_all()
        scout = self.replacing.scout
        for task in list(self.tasks):
            task.cancel()
        if scout is not None:
            await scout.abandon()
        for member in self._place.everybody:
            if member.stint is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(member.stint.process.ended.wait(), 2.0)
                member.release()
            member.end = member.end or WorkerState.ENDED

    def watch(self, now: float) -> None:
        """Look after every process: executions that hang, memory that grows, processes that somebody has stopped. Have
        the helper begin where there is work for it.
        """
        for member in self._place.everybody:
            notice = member.stint.watch(self._place.options, now) if member.stint is not None else text.NOTHING
            if notice:
                self._place.supervisor.warn(f"stopped {member.id}", text.say("{} {}", member.words, notice))
        if self.helper.stint is not None:
            self._help.look(self.helper.stint.process.pid)
            self._place.board.helped(self._help.seconds)
        state = self._place.state
        is_held = state.is_stopping or state.is_paused or self._awaits_disk or self._place.is_replacing
        if self.helper.end is WorkerState.ENDED and not is_held and self._place.is_wanted(self.helper):
            self._start(self.helper)

    def look(self) -> None:
        """Count what each worker's time is spent on at this moment. May be called from another thread."""
        if not self._place.state.is_paused:
            for member in list(self.members.values()):
                member.look()

    def seconds_until_look(self, now: float, longest: float) -> float:
        """Until a process has to be looked at again, `longest` at most."""
        stints = (member.stint for member in self._place.everybody)
        return min((stint.memory.seconds_until_due(now) for stint in stints if stint is not None), default=longest)

    def hold(self) -> None:
        """Have each process wait or go on, as the run and its member want it."""
        for member in self._place.everybody:
            member.meter.clear()
            self._hold(member)
        self._place.wake()

    def await_disk(self, wanted: bool) -> None:
        """Have everybody wait until what was found is stored, or go on."""
        if wanted != self._awaits_disk:
            self._awaits_disk = wanted
            self.hold()

    # One member ------------------------------------------------------------------------------------------------------

    def stop_worker(self, worker: int) -> bool:
        """End one member's process for good; whether there was something to end."""
        member = self.members.get(worker)
        if member is None or member.end is not None or member.intent is Intent.STOP:
            return False  # a process that is being replaced has been asked to end, and is to end for good now
        member.intent = Intent.STOP
        self._place.end_process(member)
        self._place.seat()
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
            self._place.end_process(member)
            self._place.wake()

    def adopt(self, options: RunOptions) -> None:
        """Go on by these."""
        self._place.options = options

    def wake(self) -> None:
        """Have every waiting task look again."""
        self._place.wake()

    def allot(self, seats: int) -> None:
        """Let so many members be at work; the others have no process until it is their turn."""
        self._place.allot(seats)

    @property
    def live(self) -> list[int]:
        """Ids of the members that are at work, or about to be."""
        return [m.id for m in self.members.values() if m.end is None and m.intent is not Intent.STOP]

    def add_worker(self) -> int:
        """Bring back the first member that was stopped, or add one; its id."""
        stopped = next((m for m in self.members.values() if m.end is WorkerState.STOPPED), None)
        if stopped is not None:
            self.restart_worker(stopped.id)
            return stopped.id
        worker = max(self.members) + 1
        self.members[worker] = Member(worker, profiled=self._place.options.profile)
        self._start(self.members[worker])
        return worker

    def pause_worker(self, worker: int, paused: bool) -> None:
        """Hold one member, or let it go on."""
        member = self.members.get(worker)
        if member is not None:
            member.is_paused = paused
            self.hold()

    # Its task --------------------------------------------------------------------------------------------------------

    def _start(self, member: Member) -> None:
        member.intent = Intent.RUN
        member.end = None
        self._place.seat()
        self._place.wait_for(asyncio.create_task(self._run_member(member), name=f"worker {member.id}"))

    async def _run_member(self, member: Member) -> None:
        """Keep a process at work until it is not wanted any more, the member gives up, or the run ends."""
        end = WorkerState.ENDED
        try:
            end = await self._keep_running(member)
        finally:
            member.end = end
            member.waits = 0.0
            self.replacing.renew_next()
            member.waits_for = ()
            self._place.board.leave(member.id)
            self._place.seat()  # another one may take its seat
        if not self._place.is_replacing:
            self._place.end_if_all_have()

    async def _keep_running(self, member: Member) -> WorkerState:
        """Returns how the member ended."""
        while self._place.is_wanted(member):
            if self._place.is_replacing or member.is_away:
                if member.is_away:
                    self._place.board.leave(member.id)  # others go on with what it has begun
                await self._place.change(member)
                continue
            try:
                stint = self._launch(member)
            except OSError as error:
                why = text.say("cannot be started: {}", text.os_error(error))
                limit = limit_of_exception("OSError", str(error), self._place.launcher.surroundings.limits)
                judgement = self._place.failed(member, text.say("{} ({})", why, limit) if limit else why)
            else:
                await self._serve(member, stint)
                await stint.process.ended.wait()
                await self._code.examine(member, stint)
                judgement = self._judge.judge(member, stint)
                self.replacing.left()
            if isinstance(judgement, WorkerState):
                return judgement
            if member.waits_for:
                await self._code.until_as_it_was(member)
            member.waits = judgement
            await self._place.unless_unwanted(member, judgement)
            member.waits = 0.0
            if self._place.is_wanted(member):
                member.restarts += member.intent not in (Intent.RENEW, Intent.RELOAD)
                member.intent = Intent.RUN
        return WorkerState.STOPPED if member.intent is Intent.STOP else WorkerState.ENDED

    def _launch(self, member: Member) -> Stint:
        return self._place.launcher.start(
            member,
            instrumented=not member.is_helper
            and self._place.board.wants_instrumented(member.id, finishing=self._place.state.is_finishing),
            on_result=lambda stint, result: self.reports.take(member, stint, result),
            on_end=lambda: self._place.wake(member),
        )

    def _hold(self, member: Member) -> None:
        if member.stint is not None:
            member.stint.hold(self._place.state.is_paused or member.is_paused or self._awaits_disk)

    async def _serve(self, member: Member, stint: Stint) -> None:
        """Give the process one call after another until it is asked to stop or ends."""
        deadline = time.monotonic() + self._place.options.startup_timeout
        while not stint.is_ready and self._wants_calls(member, stint):
            if time.monotonic() >= deadline:
                stint.process.request_stack()
                await asyncio.sleep(TICK)
                stint.process.kill(Killed.STARTUP_TIMEOUT)
                return
            await self._place.change(member, deadline - time.monotonic())
        while self._wants_calls(member, stint):
            is_congested = self._place.board.is_congested or self._awaits_disk
            if stint.assignment.call is None and not (self._place.state.is_paused or member.is_paused or is_congested):
                self._give_call(member, stint)
            stint.waits = stint.assignment.call is None
            await self._place.change(member, TICK if is_congested else None)

    def _wants_calls(self, member: Member, stint: Stint) -> bool:
        process = stint.process
        if process.ended.is_set() or process.stop_asked_at is not None or member.intent is not Intent.RUN:
            return False
        return self._place.has_work()

    def _give_call(self, member: Member, stint: Stint) -> None:
        finishing = self._place.state.is_finishing
        call = None
        if finishing or not member.is_helper or self._place.wants_helper:
            call = self._place.board.next_call(stint.assignment, max(1, self._place.present), finishing=finishing)
        if call is Renewal.FRESH_PROCESS:
            member.intent = Intent.RENEW
            self._place.end_process(member)
            self._place.wake(member)
        elif call is None:
            self._place.supervisor.advanced()
            if self._place.state.is_finishing:
                self._place.end_process(member)
            elif member.is_helper:
                member.intent = Intent.RENEW  # it comes back when there is something for it again
                self._place.end_process(member)
        else:
            stint.process.read_output()
            stint.printed_before = member.output.printed
            call.executions_before = stint.process.memory.executions
            if call.idle:
                asyncio.get_running_loop().call_later(call.idle, self._send, member, stint, call)
            else:
                self._send(member, stint, call)

    def _send(self, member: Member, stint: Stint, call: CallInFlight) -> None:
        """Have the process do what it was given, unless it has come to an end or is about to meanwhile."""
        if stint.assignment.call is not call or stint.process.ended.is_set() or stint.process.stop_asked_at is not None:
            return
        if call.job.wants_output:
            member.output.clear()
        stint.process.send(call.message)
