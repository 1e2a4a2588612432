"""Decides what the end of a process means: for its input, for its member, for the run."""

from typing import Final

from fuzztui.engine.crew import findings, postmortem
from fuzztui.engine.crew.current_code import CurrentCode
from fuzztui.engine.crew.member import Intent, Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.verdict import Blame, Killed
from fuzztui.engine.crew.workplace import Workplace
from fuzztui.engine.request.options import Watching
from fuzztui.engine.show import text
from fuzztui.engine.show.events import InputRan, WorkerEnded
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work import plan

SUSPECT_DELAY: Final = 0.1
"""Seconds until a process that was killed from outside is replaced, so that somebody who kills in a loop cannot make us
restart in a busy loop."""


class Judge:
    """Judges each process once, when it has been reaped."""

    def __init__(self, place: Workplace, code: CurrentCode) -> None:
        self._place = place
        self._code = code

    def judge(self, member: Member, stint: Stint) -> float | WorkerState:
        """Decide what a process's end means; seconds until the next one is to start, or how the member ended."""
        process, assignment = stint.process, stint.assignment
        assert process.ending is not None
        examined = postmortem.examine(
            stint,
            process.ending,
            self._place.options,
            member.last_words,
            self._place.launcher.surroundings.limits,
        )
        member.release()
        call, item = self._place.board.settle_dead(assignment, examined.counter)
        # Of a batch that has been answered as far as it was begun, no input is to blame.
        is_in_input = call is not None and (item is not None or not call.items)
        death, why = examined.death if is_in_input else None, examined.why
        judgement: float | WorkerState
        if stint.outdated:
            if death is not None and item is None:
                self._place.supervisor.keep(death.data, text.say("it ended its process, but {}", stint.outdated))
            death = None
            why, judgement = self._code.wait_for_code(member, stint)
        elif death is not None and call is not None:
            judgement = SUSPECT_DELAY if death.suspicion else 0.0
            if not death.suspicion:
                member.note_work()
            self._place.board.died(assignment, call, item, death)
        elif examined.blame is Blame.NOBODY:
            why, judgement = self._ended_as_intended(member)
        elif examined.blame is Blame.HARNESS:
            judgement = self._terminated_without_fuzzing(member, stint, examined)
        elif examined.is_late:
            judgement = 0.0
        elif process.ending.killed is Killed.HELD_MEMORY and stint.has_worked:
            judgement = 0.0
            self._tell_of_held_memory(member)
        else:
            is_from_outside = process.ending.is_from_outside
            unbegun = call if call is not None and item is None and call.is_unbegun else None
            # Whoever kills workers that work, or that were given nothing to do, has not shown that they cannot.
            is_forgiven = is_from_outside and (stint.has_worked or unbegun is not None)
            if is_forgiven:
                member.backoff.forgive()
            if is_from_outside and unbegun is not None:
                self._place.board.killed_idle(assignment, unbegun)
            judgement = self._place.failed(member, why)
            if is_forgiven:
                member.failing = text.NOTHING
        if isinstance(judgement, WorkerState):
            member.end = judgement  # before anything is told of it: nobody shall see a worker that is gone as starting
        if death is None:
            self._place.board.innocent(assignment, call, item)
        if not member.is_helper:
            self._place.supervisor.emit(
                WorkerEnded(
                    elapsed=self._place.clock.elapsed(),
                    worker=member.id,
                    exit=process.ending.exit,
                    why=why,
                    seconds=process.seconds_to_end,
                    is_orderly=examined.blame is Blame.NOBODY or self._is_replaced_by_reload(stint),
                    is_by_input=death is not None and not death.suspicion,
                    is_reason=judgement is WorkerState.FAILED
                    and self._place.state.reason in (StopReason.HARNESS, StopReason.UNCALLABLE),
                )
            )
        self._place.supervisor.advanced()
        self._place.wake()
        return judgement

    def _tell_of_held_memory(self, member: Member) -> None:
        """A process that has worked is replaced, however often: its target keeps what it is given."""
        sentence = text.say(
            "{} is replaced whenever it holds more memory from one execution to the next than --memory-limit "
            "allows: the target keeps something of each input",
            member.words,
        )
        self._place.supervisor.warn(f"memory {member.id}", sentence)

    def _is_replaced_by_reload(self, stint: Stint) -> bool:
        """Whether it had loaded what has changed, which people are told of by itself where code is watched."""
        return bool(stint.changed) and self._place.options.watching >= Watching.CODE

    def _ended_as_intended(self, member: Member) -> tuple[text.Visible, float | WorkerState]:
        if member.intent is Intent.STOP:
            return text.label("stopped by you"), WorkerState.STOPPED
        if member.is_away and self._place.has_work():
            return text.label("its turn is over"), 0.0
        if member.intent is Intent.RENEW and self._place.has_work():
            return text.label("renewed for its next work"), 0.0
        if member.intent is Intent.RELOAD and self._place.has_work():
            return text.label("replaced, since the code has changed"), 0.0
        if self._place.state.is_finishing and self._place.needs_hands(member):
            member.intent = Intent.RENEW
            return text.label("renewed for its next work"), 0.0
        if self._place.state.is_stopping:
            return text.label("the run stopped"), WorkerState.ENDED
        return text.label("restarted by you"), 0.0

    def _terminated_without_fuzzing(
        self, member: Member, stint: Stint, examined: postmortem.Examined
    ) -> float | WorkerState:
        """The end before the answer to the ping, a misuse of the harness, a cleanup that fails: one sentence and the
        last words.
        """
        if self._place.has_loaded and not stint.is_ready:
            return self._place.failed(member, examined.why)  # others could: it is not the target as such
        member.reason = examined.why
        if stint.failed is not None and stint.failed.skipped and plan.may_skip(self._place.options.task):
            self._skip(text.visible(stint.failed.reason, 2_000, multiline=True))
            return WorkerState.ENDED
        member.end = WorkerState.FAILED
        stack = text.visible(findings.users_stack(examined.stack), multiline=True)
        detail = text.joined("\n", filter(None, (examined.why, stack, member.last_words)))
        if stint.process.stop_asked_at is None or self._place.state.is_stopping:
            if stint.failed is not None and stint.failed.uncallable:
                member.reason = detail = text.visible(stint.failed.reason, 2_000, multiline=True)
                self._place.supervisor.stop(StopReason.UNCALLABLE, detail)
            else:
                self._place.supervisor.stop(StopReason.HARNESS, detail)
        else:  # its cleanup failed when this worker alone was to end: the others go on
            self._place.supervisor.warn(f"worker {member.id}", text.say("{} failed: {}", member.words, detail))
        return member.end

    def _skip(self, why: text.Visible) -> None:
        result = InputResult(
            text.one_line(self._place.options.target.id, 300), InputVerdict.SKIP, values=text.NOTHING, problem=why
        )
        self._place.supervisor.emit(InputRan(self._place.clock.elapsed(), result))
        self._place.supervisor.stop(StopReason.SKIPPED, why)
