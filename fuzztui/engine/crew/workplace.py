"""What the parts of a crew share: who is at work, for whom, and what is wanted of them."""

import asyncio
import time
from collections.abc import Callable

from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import HELPER, Intent, Member
from fuzztui.engine.crew.supervisor import Supervisor
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show import text
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.board import Board


class Workplace:
    """All members of a run, what they work for, and what their tasks wait for."""

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
        self.options = options
        """By which the run goes on: people change some as it does."""
        self.launcher = launcher
        self.board = board
        self.state = state
        self.clock = clock
        self.supervisor = supervisor
        self._on_task_end = on_task_end
        self.members = {worker: Member(worker, profiled=options.profile) for worker in range(options.workers)}
        self.helper = Member(HELPER)
        """Does beside them what helps the search, whenever there is such work: has a process only then."""
        self.helper.end = WorkerState.ENDED
        self.tasks: set[asyncio.Task[None]] = set()
        """Those that keep members at work, and whatever else the run does not end before."""
        self.has_loaded = False
        """Whether any worker has loaded the target: then a later failure to load it is not the target's as such."""
        self.is_replacing = False
        """Whether no process may be started, since all are ended to make room for those of other code."""
        self._seats: int | None = None
        """How many members may have a process while the others are away; None for all of them."""
        self._waiting: dict[int, asyncio.Future[None]] = {}

    @property
    def everybody(self) -> tuple[Member, ...]:
        """Whoever may have a process: the members and the helper."""
        return *self.members.values(), self.helper

    # Whose turn it is ------------------------------------------------------------------------------------------------

    def allot(self, seats: int) -> None:
        """Let so many members be at work, the first that can; the others have no process until it is their turn."""
        self._seats = seats
        self.seat()

    def seat(self) -> None:
        """Give the seats to the first members that can use them."""
        left = self._seats if self._seats is not None else len(self.members)
        for member in self.members.values():
            member.is_away = left <= 0
            left -= member.end is None and member.intent is not Intent.STOP
            if member.is_away and member.intent is Intent.RUN and member.stint is not None:
                member.intent = Intent.RENEW
                self.end_process(member)
        self.wake()

    @property
    def present(self) -> int:
        """How many members are at work or about to be, those that are away left out."""
        return sum(member.end is None and not member.is_away for member in self.members.values())

    # What is wanted --------------------------------------------------------------------------------------------------

    def has_work(self) -> bool:
        """Whether a process may be started or given a call."""
        if self.state.is_finishing:
            return self.board.can_finish
        return not self.state.is_stopping

    def is_wanted(self, member: Member) -> bool:
        """Whether the member is to have another process; it may have been stopped before its first one."""
        if member.is_helper and not self.state.is_finishing and not self.wants_helper:
            return False
        return member.intent is not Intent.STOP and self.has_work()

    @property
    def wants_helper(self) -> bool:
        """Whether there is something to do beside workers that are at work."""
        return self.present > 0 and self.board.wants_helper(self.helper.id)

    def needs_hands(self, member: Member) -> bool:
        """Whether the run, which finishes, has more to do than members besides this one have processes for."""
        return self.has_work() and self.board.left > sum(
            other.is_at_work or (other.end is None and other.intent is Intent.RENEW)
            for other in self.everybody
            if other is not member
        )

    def end_process(self, member: Member) -> None:
        """Ask the member's process to end, if there is one."""
        if member.stint is not None:
            member.stint.process.stop()

    def failed(self, member: Member, why: text.Visible) -> float | WorkerState:
        """A process failed for reasons that are not its input's: it is replaced, later each time, or given up."""
        member.reason = member.failing = text.lines_of(why)[0]
        delay = member.delay_after_failure()
        sentence = text.say("{} failed: {}", member.words, member.reason)
        self.supervisor.warn(f"worker {member.id}", text.joined("\n", filter(None, (sentence, member.last_words))))
        if delay is None:
            member.reason = text.say("failed {} times in a row, last: {}", len(member.backoff), member.reason)
            return WorkerState.GAVE_UP
        return WorkerState.FAILED if self.state.is_stopping else delay

    def end_if_all_have(self) -> None:
        """End the run where every member has come to its end."""
        members = self.members.values()
        if self.state.is_stopping or any(member.end is None for member in members):
            return  # a failure at the end is told by itself, and displaces no reason
        if not any(member.end is WorkerState.STOPPED for member in members):
            detail = text.joined("\n", (text.say("worker {}: {}", member.id, member.reason) for member in members))
            self.supervisor.stop(StopReason.WORKERS_GAVE_UP, detail)
        else:
            self.supervisor.stop(StopReason.LAST_WORKER_STOPPED)

    # Tasks -----------------------------------------------------------------------------------------------------------

    def wait_for(self, task: "asyncio.Task[None]") -> None:
        """Have the run not end before this task has; it must when all processes have."""
        self.tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        self._on_task_end(task)

    def wake(self, member: Member | None = None) -> None:
        """Have a waiting member's task look again, or all of them."""
        for worker in [member.id] if member is not None else list(self._waiting):
            future = self._waiting.pop(worker, None)
            if future is not None and not future.done():
                future.set_result(None)

    async def change(self, member: Member, longest: float | None = None) -> None:
        """Wait until something has changed for this member, `longest` seconds at most."""
        future = self._waiting[member.id] = asyncio.get_running_loop().create_future()
        await asyncio.wait([future], timeout=longest)

    async def unless_unwanted(self, member: Member, seconds: float) -> None:
        """Wait out a delay; a stop of the member or the run ends it early."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.is_wanted(member):
            await self.change(member, left)
