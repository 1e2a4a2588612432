"""The dashboard: a Textual app over a session, and the one function that runs it."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import events, work
from textual.actions import ActionParseResult
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from fuzztui.engine.keep.storage import replace, sweep
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.events import CrasherConfirmed, Ended, OfTarget, Steered, Told, WorkerEnded
from fuzztui.engine.show.exit_status import FAILED, of_both
from fuzztui.engine.show.log import LogKind
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, Visible, label, os_error, say, visible
from fuzztui.internal_error import describe
from fuzztui.screens.base import HEIGHTS, WIDTHS, EngineScreen
from fuzztui.screens.calls import call_words, new_buckets, title_words
from fuzztui.screens.decider import Decider, Undecided
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.listing import Desk
from fuzztui.screens.news import toasts
from fuzztui.screens.places import HOME, PLACE_KEYS, Surroundings, place_named, places_of
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.run import RunScreen
from fuzztui.screens.verbs import VerbScreen
from fuzztui.settings import Settings
from fuzztui.signals import ATTENDANT
from fuzztui.suspending import SuspendingApp
from fuzztui.terminal import showing as terminal
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.signpost import Signpost
from fuzztui.widgets.wording import live_workers, target_words

MOVES = ("table.", "pager.", "entry.", "place.", "screen.", "help.", "choice.", "app.help", "log.", "list.")
"""How the ids of keys begin that move about and change nothing."""

NEWS = 1000
"""Events that are kept between two looks: more than anybody is told of."""

TICK = 0.25
"""Seconds between two looks at the session: fast enough to feel live, slow enough to cost the workers nothing."""

UNWATCHED: Final = 4
"""Of so many looks one is made while the terminal says that it has not the focus."""

UNATTENDED: Final = 2
"""The same where nobody has touched key or mouse for a while: what is only left open costs half."""

ATTENDED: Final = 10.0
"""Seconds after a touch for which somebody is taken to be there."""


class FuzzApp(SuspendingApp[Outcome | None]):
    """Shows a session and steers it.

    The session runs in a thread of its own. It is never waited for while the app handles a message: its state is pulled
    on a timer, its rare events are posted here as messages, and commands to it return at once. The app leaves only
    after that thread has returned, so that no worker process outlives the screen that could have shown it.
    """

    TITLE = "fuzztui"
    CSS_PATH = Path(__file__).with_name("screens") / "dashboard.tcss"  # wherever a subclass is
    NOTIFICATION_TIMEOUT = 2.5
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", id="app.help", tooltip="Explain what is on screen."),
        Binding(
            "q", "quit", "quit", id="app.quit", tooltip="Stop the run and show the result; again: kill what is left."
        ),
        Binding(
            "R",
            "reload",
            "reload",
            show=False,
            id="app.reload",
            tooltip="Load the code under test as it is now, in all workers, and run every crasher again.",
        ),
        # Textual's own ctrl+c only tells which key quits. A hand that presses it wants out.
        Binding("ctrl+c", "copy_or_quit", show=False, priority=True, system=True),
        Binding("ctrl+z", "suspend", show=False, system=True),
        Binding("ctrl+l", "redraw", show=False, id="app.redraw", tooltip="Draw the whole screen again."),
        *PLACE_KEYS,
    ]

    BOTTOM: ClassVar[type[EngineScreen]] = RunScreen
    """What lies below all other screens, and shows who is still ending."""

    class RunEnded(Message):
        """The run is over; posted from the engine's thread."""

    @dataclass
    class Steering(Message):
        """What somebody has asked for has been done, or refused; posted from the engine's thread."""

        event: Steered

    def __init__(
        self,
        session: SessionLike,
        decider: Decider | None = None,
        settings: Settings | None = None,
        *,
        stays: bool = True,
        runs_again: bool = False,
        earlier: int = 0,
    ) -> None:
        """`decider`: of crashers; without one nothing can be decided about them. `stays`: when the run has ended.
        `runs_again`: whether whoever runs the app can run the target again. `earlier`: exit status of runs before.
        """
        super().__init__(session, settings)
        self._runs_again = runs_again
        self._wants_again = False
        self._earlier = earlier
        self._whole = Surroundings(session, Desk(decider if decider is not None else Undecided()))
        self._places: dict[str, EngineScreen] = {}
        """Screens of the places where somebody has been, by name: they keep what is selected there."""
        self.failure: Visible | None = None
        """Why the engine's thread failed, in one sentence; None if it did not."""
        self._engine: Worker[Outcome] | None = None
        self._looks = 0
        self._touched = time.monotonic()
        """When a key or the mouse was touched last."""
        self._drawn = session.snapshot()
        """What is on screen: the next snapshot is compared with it."""
        self._news: deque[WorkerEnded | CrasherConfirmed] = deque(maxlen=NEWS)
        """What has happened in the engine's thread since the last look, and no snapshot tells."""
        self._ended_workers: list[WorkerEnded] = []
        """Of these, what has not been told."""
        self._leave_when_ended = not stays
        self._final_shown = False
        self._end_told = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._signals: list[StopReason] = []
        """What signals have asked for, in their order."""

    @property
    def surroundings(self) -> Surroundings:
        """Of what is looked at now."""
        return self._whole

    # The session's thread ---------------------------------------------------------------------------------------------

    @work(thread=True, group="engine", exclusive=True, exit_on_error=False, description="engine")
    def _run_session(self) -> Outcome:
        try:
            ATTENDANT.restore_mask()
            outcome = self.session.run(self._on_event)
            ATTENDANT.decide(of_both(self._earlier, outcome.exit_code))
            return outcome
        except (SystemExit, KeyboardInterrupt) as error:
            # These two would tear down the event loop from within its executor instead of being reported.
            raise RuntimeError(f"the engine's thread was ended by {error!r}") from error

    def _on_event(self, event: Told) -> None:
        """Runs in the session's thread. What no snapshot tells is kept for the next look: a message for each of many
        events would hold up the keys, and there may be nobody who takes them. After exit the last one is refused.
        """
        if isinstance(event, OfTarget):
            return
        self._whole.log.take(event)
        if isinstance(event, WorkerEnded | CrasherConfirmed):
            self._news.append(event)
        elif isinstance(event, Steered):
            self.post_message(self.Steering(event))
        elif isinstance(event, Ended):
            self.post_message(self.RunEnded())

    def on_fuzz_app_run_ended(self) -> None:
        self.pull()

    def on_fuzz_app_steering(self, message: Steering) -> None:
        self.surroundings.desk.let_go(message.event.crashers)
        self.pull()
        self.tell(message.event.message, "warning" if message.event.is_refused else "information")
        for screen in self._visible_screens():
            screen.steered(message.event)
            if message.event.crashers:
                screen.show(self.session.snapshot())

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is not self._engine:
            return
        if event.state is WorkerState.ERROR:
            self.failure = say("The engine failed: {}", describe(event.worker.error))
            self.exit(None, return_code=FAILED)
        elif event.state is WorkerState.SUCCESS:
            if self._leave_when_ended:
                self._leave()
            else:
                self.pull()

    @property
    def _engine_returned(self) -> bool:
        return self._engine is not None and self._engine.state is WorkerState.SUCCESS

    # Life -------------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.screen_change_signal.subscribe(self, lambda _: self._show_signposts(), immediate=True)
        self.push_screen(self._place(HOME))
        self._engine = self._run_session()
        self.set_interval(TICK, self._look)
        self._heed_signals()

    def on_unmount(self) -> None:
        # Whatever ended the app, an exception included: the process waits for the session's thread from here on, so the
        # session must have been told. After an orderly end it has returned already.
        if not self.wants_again:
            ATTENDANT.hurry()
        if self._engine is not None and not self._engine_returned:
            self.session.stop(self._why_unmounted())

    def _why_unmounted(self) -> StopReason:
        if terminal.is_gone():
            return StopReason.HANGUP
        return StopReason.INTERNAL if self._exception is not None else StopReason.USER

    def on_signal(self, reason: StopReason) -> None:
        """A signal has stopped the session. Called in a thread that never waits, unlike the app's own: a terminal that
        nobody reads holds that one up, and must hold up neither the session's end nor ours.
        """
        self._signals.append(reason)
        if (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: the app has ended already
                loop.call_soon_threadsafe(self._heed_signals)

    def _heed_signals(self) -> None:
        """Leave when the session has ended; at once where nobody looks any more."""
        if not self._signals:
            return
        self._leave_when_ended = True
        if self._signals[-1] is StopReason.HANGUP:
            terminal.let_go_of_dead_ones()
            self.exit(None)
        elif self._engine_returned:
            self._leave()

    @property
    def wants_again(self) -> bool:
        """Whether somebody has left in order to run the target again, and nothing speaks against it."""
        return self._wants_again and not self._signals and self.failure is None and self._exception is None

    def _leave(self) -> None:
        """Exit now if the session's thread has returned, otherwise as soon as it does."""
        self._leave_when_ended = True
        if self._engine_returned and self._engine is not None:
            outcome = self._engine.result
            self.exit(outcome, return_code=outcome.exit_code if outcome is not None else FAILED)

    # Drawing ----------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._looks += 1
        is_attended = time.monotonic() - self._touched < ATTENDED
        of_so_many = UNWATCHED if not self.app_focus else 1 if is_attended else UNATTENDED
        if self._looks % of_so_many == 0:
            self.pull()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._touched = time.monotonic()
        await super().on_event(event)

    def pull(self) -> None:
        """Look at the session's newest snapshot and draw it if it is new."""
        snapshot = self.session.snapshot()
        self.entitle(title_words(snapshot))
        events = [self._news.popleft() for _ in range(len(self._news))]
        self._ended_workers += [event for event in events if isinstance(event, WorkerEnded)]
        if snapshot.version != self._drawn.version:
            news = toasts(self._drawn, snapshot, self._ended_workers)
            self._ended_workers.clear()
            for toast in news:
                self.tell(toast.message, toast.severity)
            if new := new_buckets(self._drawn, snapshot):
                self.call(call_words(new, snapshot.target_id))
            self._whole.log.take_finds(self._drawn, snapshot)
            self._drawn = snapshot
            for screen in self._visible_screens():
                screen.show(screen.session.snapshot())
        for event in events:
            if isinstance(event, CrasherConfirmed) and (told := self.surroundings.desk.validated(event.crasher)):
                self.tell(told)
                for screen in self._visible_screens():
                    screen.show(snapshot)
        if snapshot.is_over and not self._leave_when_ended:
            self._show_final()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Where Textual writes to the terminal: only what is not there already."""
        super()._display(screen, self._frame.thrifty(screen, renderable))

    def _visible_screens(self) -> Iterable[EngineScreen]:
        """The screen in front and, below question or help, the one that shines through."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, EngineScreen):
                if screen.is_running:
                    yield screen
                return

    def _show_final(self) -> None:
        """Show the final status once, but take no screen away from somebody who reads it."""
        if self._final_shown or not self.screen_stack:  # the app may be about to end, too
            return
        if isinstance(self.screen, QuitScreen):
            self.screen.dismiss(False)
        if not isinstance(self.screen, self.BOTTOM | FinalScreen) and not self._end_told:
            self._end_told = True
            self.tell(say("The run has ended: {} shows the result.", key_of(self, "screen.back")))
        if isinstance(self.screen, self.BOTTOM):
            self._final_shown = True
            self.clear_notifications()
            self.push_screen(FinalScreen(self.session))

    # Places -----------------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> EngineScreen:
        """The screen of a place; Textual keeps an installed one while it is not shown."""
        if name not in self._places:
            self._places[name] = place_named(name).build(self.surroundings)
            self.install_screen(self._places[name], name)
        return self._places[name]

    def action_go(self, name: str) -> None:
        """Go to a place. What lies above the run or its result is left; escape leads back to these."""
        screen = self._place(name)
        if screen in self.screen_stack:
            while self.screen is not screen:
                self.pop_screen()
            return
        while not isinstance(self.screen, FinalScreen | RunScreen):
            self.pop_screen()
        self.push_screen(screen)

    def _show_signposts(self) -> None:
        """Tell the screen in front where it is: at the uppermost place of the stack."""
        names = {id(screen): name for name, screen in self._places.items()}
        here = next((names[id(screen)] for screen in reversed(self.screen_stack) if id(screen) in names), HOME)
        posts = [
            Signpost(place.key, place.name, place.tooltip, place.name == here)
            for place in places_of(self.session.snapshot())
        ]
        front = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, EngineScreen)), None)
        if front is not None:
            front.signposts.show(posts)

    # Actions ----------------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Stop, then force, then leave: each press goes one step further, none skips one."""
        snapshot = self.session.snapshot()
        self._wants_again = False
        if snapshot.is_over or self._engine_returned:
            if self._final_shown or not snapshot.is_over:
                self._leave()
                return
            while len(self.screen_stack) > 1 and not isinstance(self.screen, self.BOTTOM):
                self.pop_screen()
            self._show_final()
        elif snapshot.is_stopping:
            self.session.force_stop()
            self._leave_when_ended = True
        elif isinstance(self.screen, QuitScreen):
            self.screen.dismiss(True)
        elif live_workers(snapshot):
            self.push_screen(QuitScreen(snapshot), self._quit_answered)
        else:
            self._quit_answered(True)

    def _quit_answered(self, stop: bool | None) -> None:
        if not stop or self.session.snapshot().is_over:
            return
        # Where nothing is fuzzed there is no result to be read.
        self._leave_when_ended = self._leave_when_ended or self._drawn.phase is Phase.TRIAGE
        self.session.stop(StopReason.USER)
        # The run's screen says who is still ending.
        while len(self.screen_stack) > 1 and not isinstance(self.screen, self.BOTTOM):
            self.pop_screen()

    def action_reload(self) -> None:
        """Load the code under test as it is now."""
        snapshot = self.session.snapshot()
        if snapshot.is_over or snapshot.is_stopping:
            self.tell(label("The run has ended." if snapshot.is_over else "The run is stopping."), "warning")
        elif snapshot.phase is not Phase.TRIAGE:
            self.session.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "go":
            return place_named(str(parameters[0])).is_there(self.session.snapshot())
        if action == "run_again":
            return self._runs_again and self.session.snapshot().is_over
        return super().check_action(action, parameters)

    def action_run_again(self) -> None:
        """Leave as soon as the session's thread has returned, and have the target run again."""
        self._wants_again = True
        self._leave()

    def action_help(self) -> None:
        if isinstance(self.screen, EngineScreen):
            self.push_screen(HelpScreen.over(self.screen))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        yield SystemCommand("Save a picture of the screen, an SVG file in this folder", "", self.save_picture)

    def save_picture(self) -> None:
        """Write the screen to a file of its own in the working directory, and say where it is or why it is not."""
        name, _ = target_words(self._drawn.target_id)
        file = f"fuzztui-{name}-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        picture = self.export_screenshot(title=f"fuzztui {name}").encode()
        try:
            replace(here := Path.cwd(), file, picture, durable=False)
            sweep(here)
        except OSError as error:
            self.tell(say("No picture, {}: {}", os_error(error, ""), file), "error")
        else:
            self.tell(say("Saved {}", file))

    def notify(self, message: str, **how: Any) -> None:
        """Show a toast, and keep what it says: it is gone in a moment."""
        self.surroundings.log.note(self.session.snapshot().elapsed, LogKind.MESSAGE, visible(message))
        super().notify(message, **how)

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key, a click or the palette asks for, and note it first: it may lead to another screen."""
        if done := self._deed(action):
            self.surroundings.log.note(self.session.snapshot().elapsed, LogKind.KEY, done)
        return await super().run_action(action, default_namespace, namespaces)

    def _deed(self, action: "str | ActionParseResult") -> Visible:
        """What an action does that a key is bound to here, in words; empty for one that only moves about."""
        if not self.screen_stack:
            return NOTHING
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.action == action and enabled and binding.id and not binding.id.startswith(MOVES):
                name = binding.action.removeprefix("screen.").partition("(")[0]
                screen = self.screen
                words_now = screen.words_now(name) if isinstance(screen, EngineScreen) else None
                subject = screen.subject(name) if isinstance(screen, EngineScreen) else NOTHING
                words = visible(words_now or binding.description)
                return say(
                    "{} {}{}", self.get_key_display(binding), words, say(": {}", subject) if subject else NOTHING
                )
        return NOTHING

    def on_verb_screen_job_changed(self, message: VerbScreen.JobChanged) -> None:
        """Show it where crashers are shown; tell of an end wherever somebody is."""
        if message.words:
            self.surroundings.desk.decider.forget()
        if isinstance(self.screen, VerbScreen):
            self.screen.job_changed(message.words, message.severity)
        elif message.words:
            self.tell(message.words, message.severity)
