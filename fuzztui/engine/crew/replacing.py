"""Replaces all processes: one after the other, or, for other code, all at once."""

import asyncio
from collections.abc import Awaitable, Callable

from fuzztui.engine.crew.current_code import CurrentCode
from fuzztui.engine.crew.member import Intent, Member
from fuzztui.engine.crew.scout import Scout, Scouted
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.versions import Versions
from fuzztui.engine.crew.workplace import Workplace
from fuzztui.engine.show import text
from fuzztui.engine.show.worker_row import WorkerState


class Replacing:
    """All of its methods are called on the run's loop."""

    def __init__(self, place: Workplace, code: CurrentCode, start: Callable[[Member], None]) -> None:
        """`start` begins anew with a member that has ended."""
        self._place = place
        self._code = code
        self._start = start
        self._to_renew: list[Stint] = []
        """Processes that are to be replaced, one after the other."""
        self._left = asyncio.Event()
        """Set when a process has ended and been judged."""
        self.scout: Scout | None = None
        """The process that loads the code as it is now, if there is one."""

    # One after the other ---------------------------------------------------------------------------------------------

    @property
    def renewing(self) -> int:
        """How many processes are still to be replaced."""
        return len(self._to_renew)

    def renew(self) -> None:
        """Replace every process, one after the other."""
        self._to_renew = [m.stint for m in self._place.everybody if m.stint is not None]
        self.renew_next()

    def renew_next(self) -> None:
        """Go on with that, unless a process that is loading is to be waited for."""
        members = self._place.everybody
        if any(m.stint is not None and not m.stint.is_ready and m.stint not in self._to_renew for m in members):
            return
        while self._to_renew:
            stint = self._to_renew.pop(0)
            member = next((m for m in members if m.stint is stint), None)
            if member is not None and member.intent is Intent.RUN and not stint.process.ended.is_set():
                member.intent = Intent.RENEW
                self._place.end_process(member)
                self._place.wake(member)
                return

    # All at once ------------------------------------------------------------------------------------------------------

    @property
    def versions(self) -> Versions:
        """Which version of each file the run executes."""
        return self._code.versions

    def wait_for(self, task: "asyncio.Task[None]") -> None:
        """Have the run not end before this task has; it must when all processes have."""
        self._place.wait_for(task)

    async def look_ahead(self) -> Scouted | None:
        """Have the code loaded as it is now, by a process beside the workers; None where the end has come meanwhile."""
        self.scout = Scout(self._place.options, self._place.launcher)
        try:
            return await self.scout.look()
        finally:
            self.scout = None

    def end_scout(self) -> None:
        """Nobody wants to know any more whether the code can be loaded."""
        if self.scout is not None:
            self.scout.stop()

    def left(self) -> None:
        """A process has ended and been judged."""
        self._left.set()

    async def replace_all(
        self, scouted: Scouted, settle: Callable[[], Awaitable[None]], switch: Callable[[], None]
    ) -> bool:
        """End every process, wait for `settle` and call `switch` when none is left, then have others started that load
        what was scouted.

        No two versions are ever at work: no process is started before the last has ended, and none that loads another
        version than the scouted one is put to work. False where the run has come to its end meanwhile.
        """
        self._place.is_replacing = True
        for member in self._place.everybody:
            member.waits_for = ()
            if member.stint is not None and member.intent is not Intent.STOP:
                member.intent = Intent.RELOAD
            self._place.end_process(member)
        self._place.wake()
        while any(member.stint is not None for member in self._place.everybody):
            self._left.clear()
            await self._left.wait()
        await settle()
        self._place.is_replacing = False
        if self._place.state.is_ending:
            self._place.wake()
            return False
        self._code.switch(scouted.loaded)
        for member in self._place.everybody:
            member.waits_for, member.reason = (), text.NOTHING
        switch()
        for member in self._place.members.values():
            if member.end in (WorkerState.GAVE_UP, WorkerState.FAILED):
                member.backoff.forgive()  # what could not work may do so with other code
                self._start(member)
        helper = self._place.helper
        if helper.end is not None:
            helper.backoff.forgive()
            helper.end = WorkerState.ENDED
        self._place.wake()
        self._place.end_if_all_have()
        return True
