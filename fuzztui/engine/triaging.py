"""A session over what earlier ones left: nothing is fuzzed, and what a person asks for is a run of its own.

What is wished, to run crashers again or to make them smaller, is a run of the engine with that task, in the thread that
runs this session. So it has the same workers, limits, verdicts and records as a run that fuzzes has for its crashers.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, TypeVar

from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.live.wishes import Wish
from fuzztui.engine.questions.general import Question
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.task import Revisit
from fuzztui.engine.session import Session
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CrasherConfirmed, CrasherFound, Ended, Event, InputMinimized, Steered
from fuzztui.engine.show.exit_status import UNSAVED
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, label, one_line, say
from fuzztui.engine.triage.left import left_behind
from fuzztui.engine.triage.memory import Memory
from fuzztui.engine.triage.triage import Triage

T = TypeVar("T")

LOOK_AGAIN: Final = 0.5
"""Seconds after which it is looked again at what people have decided."""

Kind: TypeAlias = Literal["validate", "minimize"]


@dataclass(frozen=True, slots=True)
class _Wish:
    kind: Kind
    crasher: str


class TriageSession:
    """Crashers of earlier sessions, as a session that never fuzzes (see `SessionLike`)."""

    def __init__(self, options: RunOptions, parameters: Sequence[str]) -> None:
        """`parameters`: names of the target's types, by which stored inputs are read; none where they are not known."""
        self._options = replace(options, workers=1, stop_on_crash=False)
        self._began = time.monotonic()
        self._lock = threading.RLock()
        """Guards the snapshot and the fields below: commands come from any thread, and from handlers of signals in the
        middle of one.
        """
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._inner: Session | None = None
        """The run that is under way."""
        self._reason: StopReason | None = None
        self._unsaved = 0
        """Runs that had something to store and could not."""
        self._executed = 0
        """Executions of the runs before that."""
        self._absorbed = -1
        """Version of the snapshot of the run under way that has been taken over."""
        triage = Triage.load(options.target, options.cache_dir)
        self._memory = Memory(triage)
        left = left_behind(triage, options, parameters)
        crashers = left.crashers
        warnings = [*triage.problems, *left.sentences]
        self._snapshot = replace(
            Session(self._options).snapshot(),
            version=1,
            phase=Phase.TRIAGE,
            crashers=crashers,
            hits=sum(crasher.hits for crasher in crashers),
            warnings=tuple(warnings),
        )

    # The session's thread ---------------------------------------------------------------------------------------------

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Serve wishes until the session is stopped."""
        while self._reason is None and (wishes := self._next()) is not None:
            self._serve(wishes, on_event)
        reason = self._reason or StopReason.USER
        code = exit_code(reason, failing=0, unsaved=self._unsaved, failed_workers=0)
        outcome = Outcome(reason, NOTHING, code, received=0, stored=0, duplicates=0, unsaved=0, seconds=self._elapsed)
        self._publish(phase=Phase.ENDED, stop_reason=reason, outcome=outcome, workers=())
        on_event(Ended(self._elapsed, outcome, self._snapshot.executions, (), ()))
        return outcome

    def _next(self) -> list[_Wish] | None:
        """All wishes that wait, once there is one; None at the end. Meanwhile, take in what people decide."""
        while True:
            try:
                wishes = [self._wishes.get(timeout=LOOK_AGAIN)]
            except queue.Empty:
                self._reread()
                continue
            while not self._wishes.empty():
                wishes.append(self._wishes.get())
            return None if None in wishes else [wish for wish in wishes if wish is not None]

    def _reread(self) -> None:
        memory = self._memory.reread()
        if memory is None:
            return
        self._memory = memory
        ids = {crasher.id for crasher in self._snapshot.crashers}
        self._publish(crashers=tuple(memory.redecided(crasher, ids) for crasher in self._snapshot.crashers))

    def _serve(self, wishes: Sequence[_Wish], on_event: Callable[[Event], None]) -> None:
        """A run of the engine for what is wished, whose crashers, workers and troubles are this session's."""
        crashers = self._snapshot.crashers
        known = {crasher.id for crasher in crashers}
        asked = [wish for wish in wishes if wish.crasher in known]
        if not asked:
            return
        task = Revisit(
            crashers,
            validate=tuple(dict.fromkeys(wish.crasher for wish in asked if wish.kind == "validate")),
            minimize=tuple(dict.fromkeys(wish.crasher for wish in asked if wish.kind == "minimize")),
        )
        inner = Session(replace(self._options, task=task, minimize_time=0.0))  # nothing that nobody has asked for
        before = self._snapshot.executions
        with self._lock:
            self._inner, self._absorbed, self._executed = inner, -1, before
            is_stopped = self._reason is not None
        if is_stopped:
            return

        unanswered = dict.fromkeys(task.validate)

        def take(event: Event) -> None:
            if isinstance(event, CrasherConfirmed | InputMinimized | CrasherFound):
                on_event(event)
            if isinstance(event, CrasherConfirmed):
                unanswered.pop(event.crasher.id, None)

        outcome = inner.run(take)
        self.snapshot()
        with self._lock:
            self._inner = None
        self._put_down(crashers)
        if unanswered and self._reason is None:
            why = outcome.detail or label(outcome.reason.value)
            what = say("{} not run again: {}", "The crasher was" if len(unanswered) == 1 else "Crashers were", why)
            on_event(Steered(self._elapsed, what, is_refused=True, crashers=tuple(map(one_line, unanswered))))
        self._unsaved += outcome.exit_code == UNSAVED
        troubles = [say("{}: {}", outcome.reason.value, outcome.detail)] if outcome.detail else []
        self._publish(warnings=tuple(dict.fromkeys((*self._snapshot.warnings, *troubles))))

    def _put_down(self, before: Sequence[Crasher]) -> None:
        """Nobody makes any input smaller any more: what was not finished is as it was."""
        earlier = {crasher.id: crasher.minimized for crasher in before}
        self._publish(
            crashers=tuple(
                replace(crasher, minimized=earlier.get(crasher.id))
                if crasher.minimized is not None and crasher.minimized.is_running
                else crasher
                for crasher in self._snapshot.crashers
            )
        )

    def _absorb(self, inner: Snapshot) -> None:
        """Take over what a run has come to."""
        shown = self._snapshot
        known = {crasher.id: crasher for crasher in inner.crashers}
        kept = [known.pop(crasher.id, crasher) for crasher in shown.crashers]
        later = self._elapsed - inner.elapsed
        found = [replace(crasher, elapsed=crasher.elapsed + later) for crasher in known.values()]
        crashers = (*kept, *found)
        self._publish(
            crashers=crashers,
            hits=sum(crasher.hits for crasher in crashers),
            workers=inner.workers,
            executions=self._executed + inner.executions,
            warnings=tuple(dict.fromkeys((*shown.warnings, *inner.warnings))),
        )

    # What is shown ----------------------------------------------------------------------------------------------------

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _publish(self, **changes: object) -> None:
        with self._lock:
            shown = self._snapshot
            self._snapshot = replace(shown, version=shown.version + 1, elapsed=self._elapsed, **changes)  # type: ignore[arg-type]

    def snapshot(self) -> Snapshot:
        """The newest state."""
        with self._lock:
            if (inner := self._inner) is not None and (shown := inner.snapshot()).version != self._absorbed:
                self._absorbed = shown.version
                self._absorb(shown)
            return self._snapshot

    # Commands ---------------------------------------------------------------------------------------------------------

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the session, and the run that is under way."""
        with self._lock:
            if self._reason is not None:
                return
            self._publish(stop_reason=reason, phase=Phase.STOPPING)
            self._reason = reason
            inner = self._inner
        if inner is not None:
            inner.stop(reason)
        self._wishes.put(None)

    def force_stop(self) -> None:
        """The same without patience."""
        self.stop()
        with self._lock:
            inner = self._inner
        if inner is not None:
            inner.force_stop()

    def validate(self, crasher: str) -> None:
        """Run a crasher's input again in fresh processes, when the wishes before this one are done."""
        self._wishes.put(_Wish("validate", crasher))

    def minimize(self, bucket: str) -> None:
        """Make a crasher's input smaller, when the wishes before this one are done."""
        self._wishes.put(_Wish("minimize", bucket))

    def measure_coverage(self, wanted: bool) -> None:
        """Nothing is in a corpus here."""

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have a question answered by the run that is under way; without one nobody can answer it."""
        with self._lock:
            inner = self._inner
        return (inner or Session(self._options)).ask(question)

    def reload(self) -> None:
        """Nothing fuzzes: each wish runs on the code as it is then."""

    def pause(self) -> None:
        """Hold the workers of the run that is under way."""
        if (inner := self._inner) is not None:
            inner.pause()

    def resume(self) -> None:
        """Let them go on."""
        if (inner := self._inner) is not None:
            inner.resume()

    def stop_worker(self, worker: int) -> None:
        """Nothing fuzzes: there is no worker to be steered."""

    def restart_worker(self, worker: int) -> None:
        """Nothing fuzzes: there is no worker to be steered."""

    def pause_worker(self, worker: int) -> None:
        """Nothing fuzzes: there is no worker to be steered."""

    def resume_worker(self, worker: int) -> None:
        """Nothing fuzzes: there is no worker to be steered."""

    def steer(self, wish: Wish) -> None:
        """Nothing is fuzzed that could be steered."""

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Nothing is found that could end the session."""
