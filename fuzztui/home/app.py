"""The app of a project: shows its targets and ends with what somebody wants to be done."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from fuzztui.engine.show.text import Visible, say
from fuzztui.home.overview import Entry, overview
from fuzztui.home.screen import Bench, HomeScreen, Plan
from fuzztui.personal import PersonalApp
from fuzztui.screens.base import HEIGHTS, WIDTHS
from fuzztui.screens.help import HelpScreen, deeds_of
from fuzztui.settings import Settings
from fuzztui.terminal import showing as terminal

BATCH: Final = 0.05
"""Seconds of which what has been read is drawn at once."""


class HomeApp(PersonalApp[Plan | None]):
    """Reads a project in a thread of its own, which nobody waits for."""

    TITLE = "fuzztui"
    CSS_PATH = Path(__file__).parents[1] / "screens" / "dashboard.tcss"
    NOTIFICATION_TIMEOUT = 2.5
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", id="app.help", tooltip="Explain what is on screen."),
        Binding("q", "quit", "quit", id="app.quit", tooltip="Leave."),
        Binding("ctrl+c", "copy_or_quit", show=False, priority=True, system=True),
        Binding("ctrl+z", "suspend_process", show=False, system=True),
    ]

    @dataclass
    class Found(Message):
        """Something of the project has been read; posted from the thread that reads."""

        reading: threading.Event
        """Of which this is; set once nobody wants it any more."""
        entries: list[Entry] = field(default_factory=list)
        problems: list[Visible] = field(default_factory=list)
        is_all: bool = False

    def __init__(self, root: Path, bench: Bench | None = None, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._root = root
        self._reading = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_signalled = False
        self.home = HomeScreen(root, bench if bench is not None else Bench(), self.exit, self.read)

    def on_mount(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._is_signalled:
            self._leave_signalled()
        self.push_screen(self.home)
        self.entitle(say("{} - fuzztui", self._root.name or "/"))
        self._begin()

    def on_unmount(self) -> None:
        self._reading.set()

    def read(self) -> None:
        """Look at the project once more."""
        self._reading.set()
        self._reading = threading.Event()
        self.home.forget()
        self._begin()

    def _begin(self) -> None:
        arguments = (self._root, self._reading, self.post_message)
        threading.Thread(target=_read, args=arguments, name="reads the project", daemon=True).start()

    def on_home_app_found(self, message: Found) -> None:
        if message.reading is self._reading:
            self.home.take(message.entries, message.problems)
            if message.is_all:
                self.home.finish()

    def leave_soon(self) -> None:
        """Leave, as a signal asks for. Called in a thread that never waits."""
        if (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: the app has ended already
                loop.call_soon_threadsafe(self._leave_signalled)
        else:
            self._is_signalled = True

    def _leave_signalled(self) -> None:
        terminal.let_go_of_dead_ones()
        self.exit(None)

    async def action_quit(self) -> None:
        self.exit(None)

    def action_help(self) -> None:
        if isinstance(self.screen, HomeScreen):
            self.push_screen(HelpScreen(self.screen.explain(), deeds_of(self.screen)))


def _read(root: Path, stopped: threading.Event, post: Callable[[Message], object]) -> None:
    """Runs in a thread of its own."""
    entries: list[Entry] = []
    problems: list[Visible] = []
    due = time.monotonic() + BATCH
    for glance in overview(root, stopped):
        entries += glance.entries
        problems += glance.problems
        if time.monotonic() >= due:
            due = time.monotonic() + BATCH
            post(HomeApp.Found(stopped, [*entries], [*problems]))
            entries.clear()
            problems.clear()
    post(HomeApp.Found(stopped, entries, problems, is_all=True))
