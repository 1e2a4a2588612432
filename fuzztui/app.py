"""The dashboard: a Textual app over a session, and the one function that runs it."""

import asyncio
import errno
import io
import os
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, TextIO

from rich.console import Console
from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from fuzztui.engine.keep.storage import replace
from fuzztui.engine.options import RunOptions
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.events import Ended, Event, WorkerEnded
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.snapshot import Outcome, Snapshot, StopReason
from fuzztui.engine.show.text import Visible, label, one_line, os_error, say
from fuzztui.output import put, spell_out
from fuzztui.screens.base import HEIGHTS, WIDTHS, EngineScreen
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.news import Severity, toasts
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.report import printed_report
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.tone import rich_text
from fuzztui.widgets.wording import live_workers, target_words

TICK = 0.25
"""Seconds between two looks at the session: fast enough to feel live, slow enough to cost the workers nothing."""


class FuzzApp(App[Outcome | None]):
    """Shows a session and steers it.

    The session runs in a thread of its own. It is never waited for while the app handles a message: its state is pulled
    on a timer, its rare events are posted here as messages, and commands to it return at once. The app leaves only
    after that thread has returned, so that no worker process outlives the screen that could have shown it.
    """

    TITLE = "fuzztui"
    CSS_PATH = "screens/dashboard.tcss"
    NOTIFICATION_TIMEOUT = 2.5
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", id="app.help", tooltip="Explain what is on screen."),
        Binding(
            "q", "quit", "quit", id="app.quit", tooltip="Stop the run and show the result; again: kill what is left."
        ),
        # Textual's own ctrl+c only tells which key quits. A hand that presses it wants out.
        Binding("ctrl+c", "quit", show=False, priority=True, system=True),
        Binding("ctrl+z", "suspend", show=False, system=True),
    ]

    @dataclass
    class EngineEvent(Message):
        """Something rare happened in the engine; posted from its thread."""

        event: Event

    def __init__(self, session: SessionLike) -> None:
        super().__init__()
        self.session = session
        self.failure: Visible | None = None
        """Why the engine's thread failed, in one sentence; None if it did not."""
        self._engine: Worker[Outcome] | None = None
        self._drawn = session.snapshot()
        """What is on screen: the next snapshot is compared with it."""
        self._ended_workers: list[WorkerEnded] = []
        self._leave_when_ended = False
        self._final_shown = False
        self._end_told = False
        self._held_by_suspend = False

    # The session's thread ---------------------------------------------------------------------------------------------

    @work(thread=True, group="engine", exclusive=True, exit_on_error=False, description="engine")
    def _run_session(self) -> Outcome:
        try:
            return self.session.run(self._on_event)
        except (SystemExit, KeyboardInterrupt) as error:
            # These two would tear down the event loop from within its executor instead of being reported.
            raise RuntimeError(f"the engine's thread was ended by {error!r}") from error

    def _on_event(self, event: Event) -> None:
        """Runs in the session's thread. Only what no snapshot tells is posted; after exit that is refused."""
        if isinstance(event, WorkerEnded | Ended):
            self.post_message(self.EngineEvent(event))

    def on_fuzz_app_engine_event(self, message: EngineEvent) -> None:
        if isinstance(message.event, WorkerEnded):
            self._ended_workers.append(message.event)
        elif isinstance(message.event, Ended):
            self.pull()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is not self._engine:
            return
        if event.state is WorkerState.ERROR:
            self.failure = say("The engine failed: {}", _describe(event.worker.error))
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
        loop = asyncio.get_running_loop()
        for signal_number, reason in (
            (signal.SIGINT, StopReason.INTERRUPTED),
            (signal.SIGTERM, StopReason.TERMINATED),
            (signal.SIGHUP, StopReason.HANGUP),
        ):
            loop.add_signal_handler(signal_number, self._on_signal, reason)
        self.app_suspend_signal.subscribe(self, lambda _: self._hold())
        self.app_resume_signal.subscribe(self, lambda _: self._let_go())
        self.push_screen(RunScreen(self.session))
        self._engine = self._run_session()
        self.set_interval(TICK, self.pull)

    def on_unmount(self) -> None:
        # Whatever ended the app, an exception included: the process waits for the session's thread from here on, so the
        # session must have been told. After an orderly end it has returned already.
        if self._engine is not None and not self._engine_returned:
            self.session.stop(StopReason.INTERNAL if self._exception is not None else StopReason.USER)

    def _on_signal(self, reason: StopReason) -> None:
        if self._leave_when_ended:
            self.session.force_stop()
        self.session.stop(reason)
        self._leave_when_ended = True
        if reason is StopReason.HANGUP:
            # Nobody looks any more. The process ends when the session's thread has.
            _let_go_of_dead_terminal()
            self.exit(None)
        elif self._engine_returned:
            self._leave()

    def _leave(self) -> None:
        """Exit now if the session's thread has returned, otherwise as soon as it does."""
        self._leave_when_ended = True
        if self._engine_returned and self._engine is not None:
            outcome = self._engine.result
            self.exit(outcome, return_code=outcome.exit_code if outcome is not None else FAILED)

    # Drawing ----------------------------------------------------------------------------------------------------------

    def pull(self) -> None:
        """Look at the session's newest snapshot and draw it if it is new."""
        snapshot = self.session.snapshot()
        if snapshot.version != self._drawn.version:
            news = toasts(self._drawn, snapshot, self._ended_workers)
            if news:
                # News every few ticks would otherwise pile up over the screen; the newest says where to look.
                self.clear_notifications()
            for toast in news:
                self.tell(toast.message, toast.severity)
            self._ended_workers.clear()
            self._drawn = snapshot
            for screen in self._visible_screens():
                screen.show(snapshot)
        if snapshot.is_over and not self._leave_when_ended:
            self._show_final()

    def _visible_screens(self) -> Iterable[EngineScreen]:
        """The screen in front and, below question or help, the one that shines through."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, EngineScreen):
                if screen.is_running:
                    yield screen
                return

    def _show_final(self) -> None:
        """Show the final status once, but take no screen away from somebody who reads it."""
        if self._final_shown:
            return
        if isinstance(self.screen, QuitScreen):
            self.screen.dismiss(False)
        if not isinstance(self.screen, RunScreen | FinalScreen) and not self._end_told:
            self._end_told = True
            self.tell(label("The run has ended: esc shows the result."))
        if isinstance(self.screen, RunScreen):
            self._final_shown = True
            self.clear_notifications()
            self.push_screen(FinalScreen(self.session))

    # Actions ----------------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Stop, then force, then leave: each press goes one step further, none skips one."""
        snapshot = self.session.snapshot()
        if snapshot.is_over or self._engine_returned:
            if self._final_shown or not snapshot.is_over:
                self._leave()
                return
            while len(self.screen_stack) > 1 and not isinstance(self.screen, RunScreen):
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
        self.session.stop(StopReason.USER)
        # The run's screen says who is still ending.
        while len(self.screen_stack) > 1 and not isinstance(self.screen, RunScreen):
            self.pop_screen()

    def action_help(self) -> None:
        if isinstance(self.screen, EngineScreen):
            self.push_screen(HelpScreen.over(self.screen))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that is possible now, then Textual's own for theme and screenshot."""
        seen: set[str] = set()
        for node, binding, enabled, tooltip in screen.active_bindings.values():
            if binding.id and enabled and binding.id not in seen and not binding.id.startswith(("table.", "pager.")):
                seen.add(binding.id)
                key = self.get_key_display(binding)
                title = (tooltip or binding.description).rstrip(".")
                yield SystemCommand(title, f"key {key}", partial(self.run_action, binding.action, node))
        yield SystemCommand("Change the theme", "Colours, light or dark", self.action_change_theme)
        yield SystemCommand("Save a picture of the screen", "An SVG file in this folder", self.save_picture)

    def save_picture(self) -> None:
        """Write the screen to a file of its own in the working directory, and say where it is or why it is not."""
        name, _ = target_words(self._drawn.target_id)
        file = f"fuzztui-{name}-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        picture = self.export_screenshot(title=f"fuzztui {name}").encode()
        try:
            replace(Path.cwd(), file, picture, durable=False)
        except OSError as error:
            self.tell(say("No picture, {}: {}", os_error(error, ""), file), "error")
        else:
            self.tell(say("Saved {}", file))

    def tell(self, message: Visible, severity: Severity = "information") -> None:
        """Show a message for a moment."""
        self.notify(message, severity=severity, markup=False)

    # Suspending -------------------------------------------------------------------------------------------------------

    @work(group="suspend", exclusive=True)
    async def action_suspend(self) -> None:
        """Hold the workers, then suspend our own process.

        The order matters: SIGTSTP also stops the session's thread, which could then no longer tell the workers.
        """
        self._hold()
        deadline = asyncio.get_running_loop().time() + 1.0
        while self._held_by_suspend:
            snapshot = self.session.snapshot()
            if snapshot.is_paused or snapshot.is_over:
                break
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.02)
        self.action_suspend_process()

    def _hold(self) -> None:
        snapshot = self.session.snapshot()
        if not self._held_by_suspend and not snapshot.is_paused and snapshot.stop_reason is None:
            self._held_by_suspend = True
            self.session.pause()

    def _let_go(self) -> None:
        if self._held_by_suspend:
            self._held_by_suspend = False
            self.session.resume()


def run_dashboard(session: SessionLike, options: RunOptions) -> int:
    """Run a session under the dashboard, print its final status on the normal screen, and return the exit code.

    Returns when the session's thread has returned, whatever happened to the app.
    """
    app = FuzzApp(session)
    # A traceback belongs into a bug report, not on the screen of somebody who fuzzes.
    details = io.StringIO()
    app.error_console = Console(file=details, markup=False, highlight=False, width=120)
    app.run()
    snapshot = session.snapshot()
    outcome = snapshot.outcome
    if outcome is not None and outcome.reason is not StopReason.HANGUP:
        print_report(snapshot, sys.stdout)
    if app.failure is None and details.getvalue():
        kept = _keep(details.getvalue(), options)
        app.failure = say("The dashboard failed: {} ({})", _describe(app._exception), kept)
    if app.failure is None and outcome is None:
        app.failure = label("The dashboard ended before the run did.")
    if app.failure is not None:
        put(sys.stderr, say("fuzztui: {}", app.failure))
        return (outcome.exit_code if outcome is not None else 0) or FAILED
    return outcome.exit_code if outcome is not None else FAILED


def print_report(snapshot: Snapshot, out: TextIO) -> None:
    """Print how a run ended, in the terminal's own colours where there is one."""
    spell_out(out)  # glyphs of ours are among what not every encoding has
    console = Console(file=out, highlight=False, soft_wrap=True)
    width = console.width if console.is_terminal else None
    console.print(rich_text(printed_report(snapshot, width, out.encoding)))


def _keep(details: str, options: RunOptions) -> Visible:
    """Write the details of a failure into the cache, and say where they are or why they are not."""
    folder = options.cache
    try:
        replace(folder, "dashboard-error.txt", details.encode("utf-8", "backslashreplace"), durable=False)
    except OSError as error:
        return say("no details: {}", os_error(error))
    return say("details: {}", folder / "dashboard-error.txt")


def _describe(error: BaseException | None) -> Visible:
    if error is None:
        return label("unknown error")
    return one_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _let_go_of_dead_terminal() -> None:
    """Point standard streams whose terminal is gone to nowhere, so that what is still written to them cannot fail.

    A terminal that merely sent SIGHUP, or one signalled by hand, is still there and must be restored as usual.
    """
    with Path(os.devnull).open("r+b") as nowhere:
        for descriptor in (0, 1, 2):
            try:
                os.ttyname(descriptor)
            except OSError as error:
                if error.errno != errno.ENOTTY:  # a file or a pipe goes on to work
                    os.dup2(nowhere.fileno(), descriptor)
