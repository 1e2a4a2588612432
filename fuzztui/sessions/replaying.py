"""A recorded run as a session: it plays at any speed, can be held and jumped about in, and takes no commands."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Final, TypeVar

from fuzztui.engine.questions.general import Question
from fuzztui.engine.session import ReadOnly, UnansweredError
from fuzztui.engine.show.events import Ended, Event
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, clock, label, say
from fuzztui.sessions.recording import Recording

T = TypeVar("T")

STEP: Final = 0.1
"""Seconds between two looks at the clock."""

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
"""Seconds of the run in one second."""

MOST_TOLD: Final = 500
"""Events that are told at once: of more, as a fast replay meets them, the last ones."""


class ReplaySession(ReadOnly):
    """Shows a recording as the run was (see `SessionLike`). It ends when it is stopped, not when the recording does."""

    reason = label("this is a replay")

    def __init__(self, recording: Recording, speed: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        """`speed`: seconds of the run in one second; `now`: a clock that never goes back."""
        self.recording = recording
        self._now = now
        self._changed = threading.Condition()
        """Guards all that follows, and is notified when any of it changes."""
        self._speed = speed
        self._position = recording.times[0]
        self._is_paused = False
        self._is_stopped = False
        self._told = 0
        """Events that lie behind the position."""
        self._versions = 0
        self._snapshot = self._shown()

    def _shown(self) -> Snapshot:
        self._versions += 1
        snapshot = self.recording.snapshot(self.recording.at(self._position))
        is_over = snapshot.is_over
        problem = self.recording.problem if self._position >= self.recording.length else NOTHING
        warnings = (*snapshot.warnings, problem) if problem else snapshot.warnings
        return replace(
            snapshot,
            version=self._versions,
            is_paused=(self._is_paused or snapshot.is_paused) and not is_over,
            warnings=warnings,
        )

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Play until the session is stopped."""
        before = self._now()
        while True:
            with self._changed:
                self._changed.wait(STEP)
                now = self._now()
                if self._is_stopped:
                    break
                if not self._is_paused:
                    self._move(self._position + (now - before) * self._speed)
                before = now
                events = self._next_events()
            for event in events:
                on_event(event)
        outcome = self._snapshot.outcome or self._ended()
        last = self._snapshot
        on_event(Ended(outcome.seconds, outcome, last.executions, (), (), refused=last.refused))
        return replace(outcome, exit_code=0)

    def _ended(self) -> Outcome:
        return Outcome(
            StopReason.USER, NOTHING, 0, received=0, stored=0, duplicates=0, unsaved=0, seconds=self._position
        )

    def _move(self, position: float) -> None:
        recording = self.recording
        before = recording.at(self._position)
        self._position = max(recording.times[0], min(position, recording.length))
        if recording.at(self._position) != before:
            self._snapshot = self._shown()

    def _next_events(self) -> list[Event]:
        told = self.recording.told
        begin = self._told
        while self._told < len(told) and told[self._told].elapsed <= self._position:
            self._told += 1
        events = [each.event for each in told[begin : self._told][-MOST_TOLD:]]
        return [event for event in events if not isinstance(event, Ended)]  # the session's own is the last

    def snapshot(self) -> Snapshot:
        """What is shown now."""
        return self._snapshot

    # Playing ----------------------------------------------------------------------------------------------------------

    @property
    def words(self) -> Visible:
        """Where the replay stands: `replay 4x  00:01:20 of 00:05:00`."""
        state = label("held") if self._is_paused else say("{:g}x", self._speed)
        return say("replay {}  {} of {}", state, clock(self._position), clock(self.recording.length))

    @property
    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self._position >= self.recording.length

    def change_speed(self, steps: int) -> None:
        """Play faster or, below 0, slower."""
        with self._changed:
            nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self._speed))
            self._speed = SPEEDS[max(0, min(len(SPEEDS) - 1, nearest + steps))]
            self._changed.notify()

    def jump(self, seconds: float) -> None:
        """Go on so many seconds of the run later, or, below 0, earlier. What lies between is not told of."""
        with self._changed:
            self._move(self._position + seconds)
            told = self.recording.told
            self._told = sum(each.elapsed <= self._position for each in told)
            self._snapshot = self._shown()
            self._changed.notify()

    def pause(self) -> None:
        """Hold the replay."""
        self._hold(True)

    def resume(self) -> None:
        """Let it go on."""
        self._hold(False)

    def _hold(self, held: bool) -> None:
        with self._changed:
            self._is_paused = held
            self._snapshot = self._shown()
            self._changed.notify()

    def stop(self, reason: StopReason = StopReason.USER) -> None:  # noqa: ARG002
        """End the session."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def force_stop(self) -> None:
        """End the session."""
        self.stop()

    def ask(self, question: Question[T]) -> "Future[T]":
        """Nobody can answer what was not recorded."""
        future: Future[T] = Future()
        future.set_exception(UnansweredError(f"{type(question).__name__} is not part of a recording"))
        return future
