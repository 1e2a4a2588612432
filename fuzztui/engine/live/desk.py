"""Takes what people ask of a run as it goes on, and passes it to whom it concerns."""

from pathlib import Path
from typing import Final, Protocol

from fuzztui.engine.crew.crew import Crew
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.live.reloader import Reloader
from fuzztui.engine.live.steering import Steering
from fuzztui.engine.live.wishes import (
    AddToken,
    CorpusWish,
    Favour,
    GiveInput,
    LookAtOperands,
    OrderNode,
    PutEntryBack,
    RemoveEntry,
    Wish,
)
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.running.seats import Seats
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.text import Visible, label, one_line, say
from fuzztui.engine.work.board import Board
from fuzztui.engine.work.comparing import Comparing
from fuzztui.engine.work.favouring import favour
from fuzztui.engine.work.intake import Intake
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.engine.work.search import Search

MOST_TOKEN: Final = 64
"""Bytes of a token that a person adds while a run goes on: workers take no longer ones."""

MOST_TOKENS: Final = 1_000
"""Tokens that people add to one run."""

TOKEN_CHARACTERS: Final = 80


class Host(Protocol):
    """The run, as far as it is concerned."""

    def emit(self, event: Steered) -> None:
        """Tell front ends of something rare."""

    def await_disk(self) -> None:
        """Whether the next crasher ends the run may be another by now."""

    def order(self, wish: OrderNode) -> Visible | None:
        """Ask another node for something: what was asked, or None if nobody can be asked."""

    def publish(self) -> object:
        """Show people how things stand."""


class Desk:
    """All methods are called on the run's loop. What is asked of a run that ends does nothing."""

    def __init__(
        self,
        options: RunOptions,
        state: RunState,
        clock: RunClock,
        crew: Crew,
        launcher: Launcher,
        board: Board,
        search: Search,
        composer: Composer,
        reloader: Reloader,
        seats: Seats,
        host: Host,
    ) -> None:
        self._state = state
        self._clock = clock
        self._crew = crew
        self._board = board
        self._search = search
        self._composer = composer
        self._reloader = reloader
        self._seats = seats
        self._host = host
        self.steering = Steering(options, crew, launcher, search, self._told)

    # Workers ---------------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Hold every worker between two executions."""
        if self._state.is_paused or self._state.is_stopping:
            return
        self._state.is_paused = True
        self._clock.pause()
        self._composer.mark(MarkerKind.PAUSE)
        self._hold()

    def resume(self) -> None:
        """Let go on those that `pause` holds."""
        if not self._state.is_paused:
            return
        self._state.is_paused = False
        if self._seats.are_any:
            self._clock.resume()
        self._hold()

    def allot(self, places: int) -> None:
        """Have so many workers at work from now on, the others without a process; without any the run stands still,
        and its clock with it. What is left to be done at its end is done all the same.
        """
        if self._state.is_stopping or not self._seats.allot(places):
            return
        if not places:
            self._clock.pause()
        elif not self._state.is_paused:
            self._clock.resume()
        self._crew.allot(places)
        self._composer.forget_rate()
        self._host.publish()

    def pause_worker(self, worker: int, paused: bool) -> None:
        """Hold one worker between two executions, or let it go on."""
        if self._state.is_stopping:
            return
        self._crew.pause_worker(worker, paused)
        self._composer.forget_rate()
        self._host.publish()

    def stop_worker(self, worker: int) -> None:
        """End one worker's process for good."""
        if not self._state.is_stopping and self._crew.stop_worker(worker):
            self._composer.mark(MarkerKind.WORKER_STOPPED)
            self._host.publish()

    def restart_worker(self, worker: int) -> None:
        """Replace one worker's process; a worker without one gets one."""
        if not self._state.is_stopping:
            self._crew.restart_worker(worker)
            self._host.publish()

    # What is done, and how -------------------------------------------------------------------------------------------

    def validate(self, failure_id: str) -> None:
        """Run a crasher again now, which may have been done before; nothing happens if there is none of that id."""
        if not self._state.is_stopping and self._search.validate(failure_id):
            self._crew.wake()

    def reload(self) -> None:
        """Load the code under test as it is now; nothing happens in a run that does not fuzz, or is about to end."""
        self._reloader.reload()

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        """Decide whether the next new crasher ends the run."""
        has_changed = stop_on_crash is not self._state.stop_on_crash
        self._state.stop_on_crash = stop_on_crash
        self._host.await_disk()
        if has_changed:
            self._told(
                label("the next new crasher ends the run" if stop_on_crash else "the run goes on after crashers")
            )
        self._host.publish()

    def measure_coverage(self, wanted: bool) -> None:
        """Measure which lines the inputs cover, as long as somebody wants to know."""
        self._search.lines.wishes = max(0, self._search.lines.wishes + (1 if wanted else -1))
        self._crew.wake()

    def minimize(self, bucket: str) -> None:
        """Make the input of a crasher smaller that has been told of."""
        if self._state.is_ending:
            return
        for job in self._board.jobs:
            if isinstance(job, MinimizingCrashers):
                job.wish(bucket)
        self._crew.wake()
        self._host.publish()

    def steer(self, wish: Wish) -> None:
        """Do what a person wishes of the run as it goes on, and tell what has come of it."""
        if self._state.is_stopping:
            return
        match wish:
            case GiveInput() | RemoveEntry() | PutEntryBack():
                self._change_corpus(wish)
            case AddToken(token):
                self._add_token(token)
            case Favour(file, line):
                self._favour(file, line)
            case OrderNode():
                self._order_node(wish)
            case LookAtOperands(file, line):
                self._look_at_operands(file, line)
            case _:
                self.steering.grant(wish)
                self._host.await_disk()
                self._host.publish()

    # What the search is told -----------------------------------------------------------------------------------------

    def _change_corpus(self, wish: CorpusWish) -> None:
        intake = next((job for job in self._board.jobs if isinstance(job, Intake)), None)
        if intake is None:
            self._told(label("nothing is fuzzed in this run"), is_refused=True)
        else:
            intake.grant(wish)
            self._crew.wake()

    def _add_token(self, token: bytes) -> None:
        shown = one_line(repr(token), TOKEN_CHARACTERS)
        if not token or len(token) > MOST_TOKEN:
            self._told(say("{} cannot be a token: want 1 to {} bytes", shown, MOST_TOKEN), is_refused=True)
        elif token in self._search.tokens:
            self._told(say("{} is in the dictionary already", shown), is_refused=True)
        elif len(self._search.tokens) >= MOST_TOKENS:
            self._told(say("{:,} tokens were added, which is enough", MOST_TOKENS), is_refused=True)
        else:
            self._search.tokens.append(token)
            self._told(say("{} is in the dictionary of all workers from now on", shown))

    def _favour(self, file: str, line: int) -> None:
        spot = (file, line) if file else None
        if spot is not None and file not in self._search.lines.files:
            self._told(label("nothing is known of this file"), is_refused=True)
            return
        entries = favour(self._search, spot)
        if spot is None:
            self._told(label("no line is favoured any more"))
        else:
            place = say("{}:{}", shown_path(Path(file)), line)
            self._told(say("{} {} favoured: what reaches {}", entries, "input" if entries == 1 else "inputs", place))
        self._crew.wake()
        self._host.publish()

    def _order_node(self, wish: OrderNode) -> None:
        asked = self._host.order(wish)
        self._told(asked or label("no other node can be asked now: the store is away"), is_refused=asked is None)

    def _look_at_operands(self, file: str, line: int) -> None:
        job = next((job for job in self._board.jobs if isinstance(job, Comparing)), None)
        if job is None or not job.wish(file, line):
            self._told(label("no input is known to reach this line"), is_refused=True)
        self._crew.wake()

    def _told(self, message: Visible, is_refused: bool = False) -> None:
        if not is_refused:
            self._composer.mark(MarkerKind.SETTING)
        self._host.emit(Steered(self._clock.elapsed(), message, is_refused))

    def _hold(self) -> None:
        self._composer.forget_rate()
        self._crew.hold()
        self._host.publish()
