"""Takes in what workers report."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from fuzztui.engine.crew import findings
from fuzztui.engine.crew.current_code import CurrentCode
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.strays import StrayLog
from fuzztui.engine.crew.verdict import Killed
from fuzztui.engine.crew.workplace import Workplace
from fuzztui.engine.show import text
from fuzztui.engine.show.branches import shown_steps
from fuzztui.engine.show.events import WorkerStarted
from fuzztui.engine.show.failure import Tail
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.identity import is_identity
from fuzztui.protocol.messages import (
    Capped,
    Compared,
    Crashed,
    Done,
    Executed,
    Exported,
    Failed,
    Foretold,
    Found,
    Imported,
    Layout,
    Measured,
    Module,
    Pong,
    Remark,
    Repeated,
    Result,
    Seed,
    Shrunk,
    Source,
    Stray,
)

OUTPUT_TAIL: Final = 4_000
"""Bytes that a failure keeps of what its target printed."""


class Reports:
    """Checks each report, and passes it to whom it is for."""

    def __init__(self, place: Workplace, code: CurrentCode, on_ready: Callable[[], None]) -> None:
        """`on_ready` is called when a process has loaded the target."""
        self._place = place
        self._code = code
        self._on_ready = on_ready
        self.strays = StrayLog(place.options)
        self.loading = 0.0
        """Seconds that the slowest process so far took to load the target."""

    def take(self, member: Member, stint: Stint, result: Result) -> None:
        """The one place where results arrive. ProtocolError for one that cannot be true."""
        board, assignment = self._place.board, stint.assignment
        if stint.outdated:
            self._code.take_outdated(stint, result)
            return
        match result:
            case Seed():
                stint.take_seed(result.data)
            case Pong():
                self._take_pong(member, stint, result)
            case Source():
                self._code.take_source(stint, result)
            case Measured() if stint.is_ready:
                board.take_measured(assignment, result)
            case Compared():
                board.take_compared(assignment, result)
            case Shrunk():
                board.take_shrunk(assignment, result)
            case Exported():
                board.take_exported(assignment, result)
            case Foretold():
                board.take_foretold(assignment, result)
            case Module() | Imported() | Remark() | Layout() | Measured():
                if isinstance(result, Remark):
                    stint.count_remark()
                if stint.is_ready:
                    self._place.supervisor.announced(result)
                else:
                    stint.take_announced(result)
            case Executed():
                board.take_executed(assignment, result, self._printed(member, stint), stint.hang.stuck)
                self._place.supervisor.advanced()
            case Found():
                board.take_found(assignment, result)
            case Crashed():
                self._take_crashed(member, stint, result)
                self._place.supervisor.advanced()
            case Repeated():
                board.take_repeated(assignment, result)
            case Capped():
                board.take_capped(assignment, result)
            case Done():
                if result.slowdown is not None:
                    member.take_slowdown(result.slowdown)
                others_wait_for_it = board.take_done(assignment, result)
                stint.has_worked = True
                member.note_work()
                self._place.supervisor.advanced()
                self._place.wake(None if others_wait_for_it else member)
            case Stray():
                sentence = self.strays.take(result)
                if sentence is not None:
                    self._place.supervisor.warn(f"stray {result.failure.bucket}", sentence)
            case Failed():
                stint.failed = result

    def _take_crashed(self, member: Member, stint: Stint, result: Crashed) -> None:
        if not (is_identity(result.failure.bucket) and is_identity(result.failure.group)):
            raise ProtocolError("a failure without an identity")
        if stint.process.killed is Killed.STOP:
            # It may be the target's answer to our SIGTERM. If it is more, running it again will tell.
            suspicion = text.label("it failed while its worker was being ended")
            self._place.board.take_unproven(stint.assignment, result.data, result.index, suspicion)
            return
        failure = findings.of_exception(result.failure, self._place.options, self._place.launcher.surroundings.limits)
        # Of several inputs in one call nothing tells which has printed what: the worker may be far ahead of us.
        call = stint.assignment.call
        failure = replace(
            failure,
            output=self._printed_lately(member, stint),
            is_output_exact=call is not None and len(call.items) == 1,
            steps=shown_steps(result.steps),
            tail=Tail(tuple(result.before), result.executions_before),
        )
        output = self._printed(member, stint)
        self._place.board.take_crashed(
            stint.assignment, result.data, result.index, failure, output, result.operators, result.canonical
        )

    def _printed_lately(self, member: Member, stint: Stint) -> text.Visible:
        """What was printed since the call was made; the end of it, if that is long."""
        if not stint.process.ended.is_set():
            stint.process.read_output()  # the result may have been read before what was printed ahead of it
        printed = member.output.since(stint.printed_before, OUTPUT_TAIL)
        return text.visible(printed.rstrip(), OUTPUT_TAIL, multiline=True)

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
        if differing := self._code.versions.differing(stint.loaded):
            self._code.refuse(stint, differing)
            return
        for message in stint.announced:
            self._place.supervisor.announced(message)
        stint.announced.clear()
        stint.measure_loaded()  # before anybody may end it
        if differs := self._place.supervisor.loaded(tuple(pong.parameters), stint.seeds):
            stint.outdated = differs
            stint.process.refuse(differs)
            return
        self._code.adopt(stint)
        self._place.has_loaded = True
        stint.take_pong()
        stint.assignment.copies = pong.copies
        self.loading = max(self.loading, time.monotonic() - stint.started)
        self._code.tell_of_restored(member.waits_for)
        member.waits_for = ()
        self._on_ready()
        usage = stint.memory.usage
        rss = usage.rss if usage is not None else None
        now = self._place.clock.elapsed()
        if not member.is_helper:
            self._place.supervisor.emit(WorkerStarted(now, member.id, stint.process.pid, member.restarts, rss))
        self._place.wake()
