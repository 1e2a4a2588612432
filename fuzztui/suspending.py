"""A dashboard whose terminal others have for a while: an editor, or a shell while our process is suspended."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from textual import work
from textual.app import SuspendNotSupported

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.text import Visible, label
from fuzztui.outside import editor
from fuzztui.personal import PersonalApp
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.verbs import VerbScreen
from fuzztui.settings import Settings
from fuzztui.terminal.thrift import Frame

R = TypeVar("R")


class SuspendingApp(PersonalApp[R]):
    """Holds the workers while its process is suspended, and draws everything anew once the terminal is back."""

    def __init__(self, session: SessionLike, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.session = session
        self._held_by_suspend = False
        self._is_lent = False
        """Whether the terminal is an editor's."""
        self._frame = Frame()
        """What is on the terminal."""

    def on_mount(self) -> None:
        self.app_suspend_signal.subscribe(self, lambda _: self._hold())
        self.app_resume_signal.subscribe(self, lambda _: self._come_back())

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

    def on_verb_screen_edit(self, message: VerbScreen.Edit) -> None:
        """Lend the terminal to an editor, and wait for it."""
        self._lend(lambda: editor.open_at(message.location))

    def on_engine_screen_lend(self, message: EngineScreen.Lend) -> None:
        """Lend the terminal, and wait until it is given back."""
        self._lend(message.job)

    def _lend(self, job: Callable[[], Visible]) -> None:
        self._is_lent = True
        try:
            with self.suspend():
                problem = job()
        except SuspendNotSupported:
            problem = label("This terminal cannot be lent to an editor.")
        finally:
            self._is_lent = False
        if problem:
            self.tell(problem, "warning")

    def _hold(self) -> None:
        snapshot = self.session.snapshot()
        if self._is_lent:  # the search goes on while somebody reads the code
            return
        if not self._held_by_suspend and not snapshot.is_paused and snapshot.stop_reason is None:
            self._held_by_suspend = True
            self.session.pause()

    def _come_back(self) -> None:
        self.action_redraw()  # others have written to the terminal meanwhile
        self._let_go()

    def action_redraw(self) -> None:
        """Write the whole screen again."""
        self._frame.forget()
        self.refresh()

    def _let_go(self) -> None:
        if self._held_by_suspend:
            self._held_by_suspend = False
            self.session.resume()
