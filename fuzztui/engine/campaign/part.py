"""One of several targets: a session of its own, in a thread of its own.

The thread starts the target's worker processes and outlives them all, as a session wants it; the rest of the program
talks to the session alone, which may be done from any thread. So whatever a run of one target promises holds here as
well: it is one.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from fuzztui.engine.campaign.allotment import Standing
from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.live.wishes import AddWorker, DropWorker, Wish
from fuzztui.engine.questions.general import Question
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Event, Told
from fuzztui.engine.show.exit_status import FAILED, USAGE
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.target_row import TargetRow, TargetState
from fuzztui.engine.show.text import Visible, label
from fuzztui.engine.show.worker_row import WorkerState

if TYPE_CHECKING:
    from fuzztui.engine.campaign.campaign import Campaign

T = TypeVar("T")

_NOT_READY: Final = {
    WorkerState.STARTING,
    WorkerState.AWAY,
    WorkerState.STOPPING,
}
"""States of a worker that takes up a place and does not work yet, or no longer. One that is replaced again and again
has its turn as any other."""

_PHASES: Final = {
    Phase.BASELINE: TargetState.BASELINE,
    Phase.FUZZING: TargetState.FUZZING,
    Phase.FINISHING: TargetState.FINISHING,
    Phase.STOPPING: TargetState.STOPPING,
}

NO_TURN: Final = label("the run was over before its turn came")


class Part:
    """One target of a run that has several; to a front end a session as any other (see `SessionLike`).

    What is wished of it is its own matter, but for the number of workers, which all targets share: the campaign's.
    """

    def __init__(self, campaign: "Campaign", name: Visible, options: RunOptions, session: Session) -> None:
        """`name` tells the target from the others."""
        self.name = name
        self.options = options
        self.places = 0
        """Workers that it may have now. Changed by the campaign's thread only, as the next two."""
        self.turns = 0
        self.is_asked = False
        """Whether it was asked to end."""
        self._is_held_alone = False
        """Whether a person holds this target, whatever the others do."""
        self._campaign = campaign
        self._session = session
        self._thread: threading.Thread | None = None
        self._is_over = False
        self.failure: BaseException | None = None
        """What its session failed with, which none should."""
        self._last: Snapshot | None = None
        """What there is to see of a target that never began, once that is certain."""

    # The campaign's side ----------------------------------------------------------------------------------------------

    @property
    def has_begun(self) -> bool:
        """Whether its session runs, or has run."""
        return self._thread is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left of it: no process, no thread that could start one."""
        return self._is_over

    def allot(self, places: int) -> None:
        """Have so many workers at work from now on; the first ones begin it. RuntimeError where no thread can be made
        for it any more.
        """
        if places and not self.places:
            self.turns += 1
        self.places = places
        if not self.has_begun and not places:
            return
        self._session.allot(places)
        if self._thread is None:
            thread = threading.Thread(target=self._run, name=f"engine of {self.name}")
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        try:
            self._session.run(self._told)
        except BaseException as error:
            self.failure = error
        finally:
            self._campaign.part_ended(self)

    def _told(self, event: Event) -> None:
        self._campaign.part_told(self, event)

    def ended(self) -> None:
        """Its session has returned: wait for the thread."""
        if self._thread is not None:
            self._thread.join()
        self.places = 0
        self._is_over = True

    def never_began(self, reason: StopReason, detail: Visible) -> None:
        """It will not begin any more: there is an outcome all the same."""
        code = exit_code(reason, failing=0, unsaved=0, failed_workers=0)
        outcome = Outcome(reason, detail, code, received=0, stored=0, duplicates=0, unsaved=0, seconds=0.0)
        shown = self._session.snapshot()
        self._last = replace(
            shown, version=shown.version + 1, phase=Phase.ENDED, elapsed=0.0, stop_reason=reason, outcome=outcome
        )
        self._is_over = True

    def end(self, reason: StopReason) -> None:
        """Ask its run to end; see `Session.stop`."""
        self.is_asked = True
        self._session.stop(reason)

    def kill(self) -> None:
        """End its processes at once."""
        self._session.force_stop()

    def hold(self, held: bool) -> None:
        """Hold its workers with all others, or let them go on."""
        if held:
            self._session.pause()
        elif not self._is_held_alone:
            self._session.resume()

    def decide_on_crash(self, stop_on_crash: bool) -> None:
        """Whether its next crasher ends it, and with it the run."""
        self._session.set_stop_on_crash(stop_on_crash)

    @property
    def standing(self) -> Standing:
        """What decides about its places."""
        shown = self._session.snapshot()
        is_ending = self.is_asked or shown.stop_reason is not None
        return Standing(
            edges=shown.edges if shown.phase is Phase.FUZZING else None,
            ready=sum(row.state not in _NOT_READY and not row.state.is_final for row in shown.workers),
            has_executed=shown.executions > 0,
            is_able=not (is_ending or self._is_over or self._is_held_alone),
            is_ending=is_ending and not self._is_over,
        )

    @property
    def row(self) -> TargetRow:
        """How it fares."""
        shown = self.snapshot()
        return TargetRow(
            id=self.name,
            state=self._state(shown),
            workers=self.places if self.has_begun and not self._is_over else 0,
            turns=self.turns,
            seconds=shown.elapsed if self.has_begun else 0.0,
            executions=shown.executions,
            rate=shown.rate if self.places else None,
            edges=shown.edges,
            edges_total=shown.edges_total,
            corpus=shown.corpus,
            corpus_new=shown.corpus_new,
            last_new=shown.last_new,
            baseline_done=shown.baseline_done,
            baseline_total=shown.baseline_total,
            crashers=shown.distinct,
            hits=shown.hits,
            outcome=shown.outcome,
            warnings=len(shown.warnings),
        )

    def _state(self, shown: Snapshot) -> TargetState:
        if shown.outcome is not None:
            if not self.has_begun:
                return TargetState.NEVER_BEGUN
            return TargetState.FAILED if shown.outcome.exit_code in (FAILED, USAGE) else TargetState.ENDED
        if not self.has_begun:
            return TargetState.NOT_BEGUN
        if shown.stop_reason is None:
            if shown.is_paused:
                return TargetState.PAUSED
            if not self.places:
                return TargetState.AWAY
        return _PHASES.get(shown.phase, TargetState.LOADING)

    # A front end's side -----------------------------------------------------------------------------------------------

    def run(self, on_event: Callable[[Told], None]) -> Outcome:  # noqa: ARG002
        """Nobody's to call: the campaign runs it."""
        raise RuntimeError(f"{self.name} is run with the others")

    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._last or self._session.snapshot()

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End this target's part of the run; the others go on."""
        self._campaign.stop_part(self, reason)

    def force_stop(self) -> None:
        """The same without patience."""
        self.stop()
        self._session.force_stop()

    def pause(self) -> None:
        """Hold its workers; its turn goes to others."""
        self._is_held_alone = True
        self._session.pause()

    def resume(self) -> None:
        """Let it have its turns again."""
        self._is_held_alone = False
        if not self._campaign.is_held:
            self._session.resume()

    def stop_worker(self, worker: int) -> None:
        """End one worker of this target."""
        self._session.stop_worker(worker)

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process."""
        self._session.restart_worker(worker)

    def pause_worker(self, worker: int) -> None:
        """Hold one worker."""
        self._session.pause_worker(worker)

    def resume_worker(self, worker: int) -> None:
        """Let one worker go on."""
        self._session.resume_worker(worker)

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next crasher, of whatever target, ends the run."""
        self._campaign.set_stop_on_crash(stop_on_crash)

    def reload(self) -> None:
        """Load the code under test as it is now."""
        self._session.reload()

    def validate(self, crasher: str) -> None:
        """Run a crasher's input again, at this target's next turn."""
        self._session.validate(crasher)

    def minimize(self, bucket: str) -> None:
        """Make a crasher's input smaller, at this target's next turn."""
        self._session.minimize(bucket)

    def steer(self, wish: Wish) -> None:
        """Change something of this target's run."""
        if isinstance(wish, AddWorker | DropWorker):
            self._campaign.steer(wish)
        else:
            self._session.steer(wish)

    def measure_coverage(self, wanted: bool) -> None:
        """Measure which lines the inputs cover, at this target's turns."""
        self._session.measure_coverage(wanted)

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have a question answered by this target's run."""
        return self._session.ask(question)
