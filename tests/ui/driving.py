"""Running the dashboard in a test: start it, wait for a condition, read the screen."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from fuzztui.app import FuzzApp
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.screens.decider import Decider
from fuzztui.screens.run import RunScreen
from fuzztui.stopping import stopping
from tests.support import DEADLINE
from tests.ui.fakes import FakeSession


class Driver:
    """A running dashboard with its session and its pilot."""

    def __init__(self, app: FuzzApp, session: FakeSession, pilot: Pilot[Outcome | None]) -> None:
        self.app = app
        self.session = session
        self.pilot = pilot
        self.listener = stopping(session, app.on_signal)
        """To signals."""

    @property
    def run_screen(self) -> RunScreen:
        """The home screen, wherever it is in the stack."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, RunScreen))

    async def press(self, *keys: str) -> None:
        """Press keys and let the app answer."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def show(self, snapshot: Snapshot) -> None:
        """Publish a snapshot and let the app draw it."""
        self.session.publish(snapshot)
        self.app.pull()
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"still not true after {DEADLINE} s; on screen:\n{self.text}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def until_screen(self, screen: type) -> None:
        """Wait until a screen of a class is in front."""
        await self.until(lambda: isinstance(self.app.screen, screen))

    @property
    def lines(self) -> list[str]:
        """What the front screen shows, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What the front screen shows."""
        return "\n".join(self.lines)


@asynccontextmanager
async def dashboard(
    session: FakeSession | None = None,
    size: tuple[int, int] = (100, 30),
    *,
    notifications: bool = False,
    decider: Decider | None = None,
    runs_again: bool = False,
) -> AsyncIterator[Driver]:
    """Run the dashboard over a session, and end both."""
    session = session if session is not None else FakeSession()
    app = FuzzApp(session, decider, runs_again=runs_again)
    app.NOTIFICATION_TIMEOUT = DEADLINE  # type: ignore[misc]  # a slow machine must not miss them
    try:
        async with app.run_test(size=size, notifications=notifications) as pilot:
            await pilot.pause()
            yield Driver(app, session, pilot)
    finally:
        if not session.returned:
            session.finish()
