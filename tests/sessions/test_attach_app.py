"""The dashboard of a run elsewhere runs it once."""

from collections.abc import Callable
from typing import Any, cast

from fuzztui.engine.show.events import Event
from fuzztui.engine.show.outcome import Outcome
from fuzztui.sessions.attach_app import AttachApp
from tests.ui.fakes import OPTIONS, FakeSession


class Counting(FakeSession):
    options = OPTIONS
    runs = 0

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        self.runs += 1
        return super().run(on_event)


async def test_session_is_run_once() -> None:
    session = Counting()
    app = AttachApp(cast("Any", session))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert len(app.screen_stack) == 2  # Textual's own, and the run
        session.finish()
    assert session.runs == 1
