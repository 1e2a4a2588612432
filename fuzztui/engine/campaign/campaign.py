"""Several targets in one run: to a front end a session as any other, which owns a session for each target.

Each target has its own corpus, crashers, records and verdicts, since its session does what it does for a target alone.
What is decided here is only which of them has how many workers, and when all of them end:

- The thread that calls `run` is the only one that changes anything here. Commands and the ends of targets come to it
  through a queue, and it waits for nothing else: a target that hangs, fails or floods us holds up no other.
- Deciding to stop is asking each target to. One that has workers is asked at once. One that waits for its turn may
  have crashers left to be run again, for which it needs a worker: such ones are asked as places become free, unless
  somebody wants out.
- The run is over when every session that was begun has returned, and its thread with it. No process is left then, since
  a session returns when its last one has been reaped.
"""

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, TypeVar

from fuzztui.engine.campaign.allotment import Allotment, InTurn, Sharing
from fuzztui.engine.campaign.part import NO_TURN, Part
from fuzztui.engine.campaign.sums import Sums
from fuzztui.engine.campaign.verdict import conclude, reason_of_all
from fuzztui.engine.live.wishes import AddWorker, DropWorker, Wish
from fuzztui.engine.questions.general import Question
from fuzztui.engine.request.options import MOST_WORKERS, Limit, RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.session import Onlooker, Session, UnansweredError
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.events import Ended, Event, OfTarget, PhaseChanged, Stats, Steered, Told, Warned
from fuzztui.engine.show.history import INTERVAL as HISTORY_INTERVAL
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, command, label, one_line, say

T = TypeVar("T")

TICK: Final = 0.05
"""Seconds between two looks at the targets: a first stint is short where there are many."""

PUBLISH_INTERVAL: Final = 0.25
STATS_INTERVAL: Final = 3.0

_CRASHED: Final = (StopReason.CRASHER, StopReason.FAILING_SEED)

Command: TypeAlias = Callable[[], None]


@dataclass(frozen=True, slots=True)
class CampaignOptions:
    """What distinguishes one run of several targets from another."""

    targets: tuple[RunOptions, ...]
    """Two at least. The limit of each is its own; the number of workers, and whether a crasher ends the run, are those
    below."""
    workers: int
    """In all."""
    limit: float | None = None
    """Seconds, counted from when the first target is loaded."""
    in_turn: bool = False
    """Whether each has all workers until its own limit is reached, one after the other; otherwise they share them."""
    stop_on_crash: bool = True
    """Whether the first crasher of any target ends the run."""
    names: tuple[Visible, ...] = ()
    """What people are shown of each target, if not its id."""


class Watcher(Protocol):
    """Is told of the whole run beside its front end: no call may block."""

    def begin(self, campaign: "Campaign") -> None:
        """The run is about to begin."""

    def on_event(self, event: Told) -> None:
        """What the front end is told, too."""

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """The newest state; that of each target can be asked for."""

    def close(self) -> None:
        """The run is over. This call may wait a moment for what is still to be done."""


class Campaign:
    """A run of several targets (see `SessionLike`)."""

    def __init__(
        self,
        options: CampaignOptions,
        onlookers: Callable[[RunOptions], Sequence[Onlooker]] = lambda _: (),
        watchers: Sequence[Watcher] = (),
    ) -> None:
        """Nothing happens before `run`; `onlookers` makes those of one target's session, `watchers` are told of all."""
        self._options = options
        self._watchers = watchers
        self._workers = options.workers
        names = _apart(options.names or [one_line(each.target.id, 300) for each in options.targets], options.targets)
        self.parts = tuple(
            Part(self, name, each, Session(each, onlookers(each)))
            for name, each in zip(names, options.targets, strict=True)
        )
        """Its targets, in their order."""
        targets = len(self.parts)
        self._allotment: Allotment = (InTurn if options.in_turn else Sharing)(targets, options.workers)
        self._state = RunState(stop_on_crash=options.stop_on_crash)
        self._clock = RunClock()
        self._loaded_at: float | None = None
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._tell: Callable[[Told], None] = lambda _: None
        self._telling = threading.Lock()
        """Held while a front end is told something: targets have threads of their own, and it hears one at a time."""
        self._published = self._sampled = self._told_at = -math.inf
        word = command(*(word for each in options.targets for word in each.target.command_words))
        self._sums = Sums(self.parts[0].snapshot(), say("{:,} targets", targets), word)
        self._publish()

    # The run's thread -------------------------------------------------------------------------------------------------

    def run(self, on_event: Callable[[Told], None]) -> Outcome:
        """Run to the end in the calling thread."""
        self._tell = on_event
        self._clock = RunClock()
        for watcher in self._watchers:
            watcher.begin(self)
        try:
            return self._run()
        finally:
            for watcher in self._watchers:
                watcher.close()

    def _run(self) -> Outcome:
        try:
            self._emit(PhaseChanged(0.0, self._state.phase))
            while not self._is_over:
                self._serve()
                self._look()
        except BaseException:
            self._abandon()
            raise
        return self._conclude()

    def _serve(self) -> None:
        """Do what was asked for; wait a moment for it where there is nothing."""
        with contextlib.suppress(queue.Empty):
            self._commands.get(timeout=TICK)()
            while True:
                self._commands.get_nowait()()

    def _look(self) -> None:
        """See how the targets fare, and do what follows from it."""
        elapsed = self._clock.elapsed()
        shown = [part.snapshot() for part in self.parts]
        if self._loaded_at is None and any(each.loaded_at is not None for each in shown):
            self._loaded_at = elapsed
            if not self._state.is_stopping:
                self._enter(Phase.FUZZING)
        for part, each in zip(self.parts, shown, strict=True):
            if each.stop_reason in _CRASHED and self._state.stop_on_crash and not self._state.is_stopping:
                self._stop(each.stop_reason, say("of {}", part.name))
        if self._until_limit(elapsed) <= 0:
            self._stop(StopReason.TIME_LIMIT)
        if all(part.is_over for part in self.parts) and not self._state.is_stopping:
            self._stop(reason_of_all([each.outcome for each in shown if each.outcome is not None]))
        if self._state.is_finishing:
            self._end_more()
        elif not self._state.is_stopping and not self._state.is_paused:
            self._allot(elapsed)
        self._show(elapsed)

    def _allot(self, elapsed: float) -> None:
        wanted = self._allotment.allot(elapsed, [part.standing for part in self.parts])
        # Places are taken before they are given, so that there are never more workers than there may be for long.
        changes = [(part, places) for part, places in zip(self.parts, wanted, strict=True) if places != part.places]
        for part, places in sorted(changes, key=lambda change: change[1] - change[0].places):
            if part.is_over:
                continue
            try:
                part.allot(places)
            except RuntimeError as error:
                part.never_began(StopReason.INTERNAL, say("it cannot begin: {}", error))

    def _until_limit(self, elapsed: float) -> float:
        if self._options.limit is None or self._loaded_at is None:
            return math.inf
        return self._options.limit - (elapsed - self._loaded_at)

    # The end ----------------------------------------------------------------------------------------------------------

    def _stop(self, reason: StopReason, detail: Visible = NOTHING) -> None:
        is_first = self._state.decide(reason, detail)
        if self._state.is_ending:
            return
        self._clock.resume()
        for part in self.parts:
            if not part.has_begun and not part.is_over:
                is_late = reason is StopReason.TIME_LIMIT
                part.never_began(StopReason.NOTHING_EXECUTED if is_late else _as_told(reason), NO_TURN)
        if reason.is_urgent:
            self._enter(Phase.STOPPING)
            for part in self.parts:
                if part.has_begun and not part.is_over:
                    part.end(reason)
        elif is_first:
            self._enter(Phase.FINISHING)
            self._end_more()

    def _end_more(self) -> None:
        """Ask targets to end: those at work first, the others as there is room for what each has left to do."""
        assert self._state.reason is not None, "an end has a reason"
        ending = sum(part.is_asked and not part.is_over for part in self.parts)
        for part in sorted(self.parts, key=lambda part: -part.places):
            if part.has_begun and not (part.is_over or part.is_asked) and (part.places or ending < self._workers):
                ending += 1
                part.end(_as_told(self._state.reason))

    @property
    def _is_over(self) -> bool:
        return self._state.is_stopping and all(part.is_over for part in self.parts)

    def _abandon(self) -> None:
        """Something failed here: end everything by force, wait for it, decide nothing."""
        for part in self.parts:
            if part.has_begun:
                part.end(StopReason.INTERNAL)
                part.kill()
        for part in self.parts:
            part.ended()

    def _conclude(self) -> Outcome:
        state = self._state
        assert state.reason is not None, "a run that is over has a reason"
        broken = next((part.failure for part in self.parts if part.failure is not None), None)
        if broken is not None:
            raise broken
        if not state.is_ending:
            self._enter(Phase.STOPPING)
        ended = [(part.name, each) for part in self.parts if (each := part.snapshot().outcome) is not None]
        outcome = conclude(state.reason, state.detail, ended, self._clock.elapsed())
        state.decide(outcome.reason, outcome.detail)
        state.enter(Phase.ENDED)
        self._sums.sample(outcome.seconds)
        shown = self._publish(outcome)
        self._emit(Stats(outcome.seconds, shown))
        self._emit(
            Ended(outcome.seconds, outcome, shown.executions, (), (), targets=shown.targets, refused=shown.refused)
        )
        return outcome

    # What is told and shown -------------------------------------------------------------------------------------------

    def _enter(self, phase: Phase) -> None:
        if phase is not self._state.phase:
            self._state.enter(phase)
            self._emit(PhaseChanged(self._clock.elapsed(), phase))
            self._publish()

    def _emit(self, event: Told) -> None:
        with self._telling:
            for watcher in self._watchers:
                watcher.on_event(event)
            self._tell(event)

    def _show(self, elapsed: float) -> None:
        if time.monotonic() - self._published >= PUBLISH_INTERVAL:
            self._publish()
        if elapsed - self._sampled >= HISTORY_INTERVAL:
            self._sampled = elapsed
            self._sums.sample(elapsed)
        if elapsed - self._told_at >= STATS_INTERVAL:
            if self._told_at >= 0:
                self._emit(Stats(elapsed, self._publish()))
            self._told_at = elapsed

    def _publish(self, outcome: Outcome | None = None) -> Snapshot:
        elapsed = self._clock.elapsed() if outcome is None else outcome.seconds
        self._published = time.monotonic()
        shown = self._sums.compose(
            elapsed,
            self._state,
            [(part.row, part.snapshot()) for part in self.parts],
            time_limit=self._options.limit,
            loaded_at=self._loaded_at,
            outcome=outcome,
        )
        for watcher in self._watchers:
            watcher.on_snapshot(shown)
        return shown

    def _steered(self, message: Visible, *, is_refused: bool = False) -> None:
        self._sums.mark(self._clock.elapsed(), MarkerKind.SETTING)
        self._emit(Steered(self._clock.elapsed(), message, is_refused))

    # Called in the threads of targets ---------------------------------------------------------------------------------

    def part_told(self, part: Part, event: Event) -> None:
        """Something happened to a target."""
        self._emit(OfTarget(self._clock.elapsed(), part.name, event))

    def part_ended(self, part: Part) -> None:
        """A target's session has returned, or failed."""

        def take() -> None:
            part.ended()
            if part.failure is not None:  # nothing is known any more of what it has left running
                self._sums.warn("internal", say("{}: {}", part.name, type(part.failure).__name__))
                self._stop(StopReason.INTERNAL)

        self._commands.put(take)

    # Commands: from any thread ----------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether all targets are held."""
        return self._state.is_paused

    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._sums.shown

    def part(self, name: str) -> Part | None:
        """The target of this name, see `TargetRow.id`."""
        return next((part for part in self.parts if part.name == name), None)

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the run, with every target."""
        self._commands.put(lambda: self._stop(reason))

    def stop_part(self, part: Part, reason: StopReason) -> None:
        """End one target; the others go on, and the run ends with the last one."""

        def stop() -> None:
            if part.is_over:
                return
            if part.has_begun:
                part.end(reason)
            else:
                part.never_began(reason, NOTHING)

        self._commands.put(stop)

    def force_stop(self) -> None:
        """Kill every worker at once."""

        def kill() -> None:
            self._stop(StopReason.USER)
            for part in self.parts:
                if part.has_begun and not part.is_over:
                    part.kill()

        self._commands.put(kill)

    def pause(self) -> None:
        """Hold every worker of every target."""
        self._commands.put(lambda: self._hold(True))

    def resume(self) -> None:
        """Let them go on."""
        self._commands.put(lambda: self._hold(False))

    def _hold(self, held: bool) -> None:
        if self._state.is_stopping or held is self._state.is_paused:
            return
        self._state.is_paused = held
        if held:
            self._clock.pause()
            self._sums.mark(self._clock.elapsed(), MarkerKind.PAUSE)
        else:
            self._clock.resume()
        for part in self.parts:
            part.hold(held)
        self._publish()

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next crasher ends the run."""

        def decide() -> None:
            self._state.stop_on_crash = stop_on_crash
            for part in self.parts:
                part.decide_on_crash(stop_on_crash)
            self._steered(
                label("the next new crasher ends the run" if stop_on_crash else "the run goes on after crashers")
            )
            self._publish()

        self._commands.put(decide)

    def steer(self, wish: Wish) -> None:
        """One worker more or fewer for all targets together; everything else is a target's own matter."""

        def grant() -> None:
            if self._state.is_stopping or not isinstance(wish, AddWorker | DropWorker):
                return
            workers = self._workers + (1 if isinstance(wish, AddWorker) else -1)
            if not 1 <= workers <= MOST_WORKERS:
                why = label("it is the last worker: `S` ends the run" if not workers else "no run has more workers")
                self._steered(why, is_refused=True)
                return
            self._workers = workers
            self._allotment.set_places(workers)
            self._steered(say("{:,} workers for all targets together", workers))

        self._commands.put(grant)

    def reload(self) -> None:
        """Have every target that has begun load the code under test as it is now."""

        def reload() -> None:
            for part in self.parts:
                if part.has_begun and not part.is_over:
                    part.reload()

        self._commands.put(reload)

    def ask(self, question: Question[T]) -> "Future[T]":  # noqa: ARG002
        """Nobody can answer for all targets: each answers for itself."""
        future: Future[T] = Future()
        future.set_exception(UnansweredError("a question is for one target"))
        return future

    def warn(self, topic: str, sentence: Visible) -> None:
        """Tell people something once."""

        def warn() -> None:
            self._sums.warn(topic, sentence)
            self._emit(Warned(self._clock.elapsed(), sentence))

        self._commands.put(warn)

    def stop_worker(self, worker: int) -> None:
        """A worker is a target's."""

    def restart_worker(self, worker: int) -> None:
        """A worker is a target's."""

    def pause_worker(self, worker: int) -> None:
        """A worker is a target's."""

    def resume_worker(self, worker: int) -> None:
        """A worker is a target's."""

    def validate(self, crasher: str) -> None:
        """A crasher is a target's."""

    def minimize(self, bucket: str) -> None:
        """A crasher is a target's."""

    def measure_coverage(self, wanted: bool) -> None:
        """Lines are a target's."""


def _as_told(reason: StopReason) -> StopReason:
    """Why a target ends with the others."""
    return StopReason.OTHERS_CRASHER if reason in _CRASHED else reason


def shared_limits(limit: Limit, targets: int) -> list[Limit]:
    """What of a limit on executions in all is each target's; equal shares, the first ones get what is over."""
    if limit.executions is None:
        return [Limit()] * targets
    share, rest = divmod(limit.executions, targets)
    return [Limit(executions=share + (number < rest)) for number in range(targets)]


def _apart(names: Sequence[Visible], targets: Sequence[RunOptions]) -> list[Visible]:
    """The names, but for those that several have: such targets are named as they are typed, or else counted."""
    typed = [
        name if names.count(name) == 1 else command(*each.target.command_words)
        for name, each in zip(names, targets, strict=True)
    ]
    return [name if typed.count(name) == 1 else say("{} ({})", name, number) for number, name in enumerate(typed, 1)]
