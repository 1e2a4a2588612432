"""The dashboard over a campaign that is only watched."""

import sys

from fuzztui.app import FuzzApp
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import say
from fuzztui.engine.watching import WatchSession
from fuzztui.plain.output import put
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.places import HOME
from fuzztui.screens.watch import WatchScreen
from fuzztui.settings import Settings, read_settings, settings_file
from fuzztui.signals import ATTENDANT
from fuzztui.stopping import stopping
from fuzztui.terminal import showing as terminal


class WatchApp(FuzzApp):
    """Shows the nodes of a campaign; whatever ends this dashboard ends nothing else."""

    BOTTOM = WatchScreen

    def __init__(self, session: SessionLike, settings: Settings | None = None) -> None:
        super().__init__(session, settings=settings, stays=False)

    def _place(self, name: str) -> EngineScreen:
        if name == HOME and name not in self._places:
            self._places[name] = WatchScreen(self.session, self.surroundings.desk)
            self.install_screen(self._places[name], name)
        return super()._place(name)

    async def action_quit(self) -> None:
        """Nothing is lost: no question is asked."""
        self.session.stop()


def run_watch(session: WatchSession) -> int:
    """Show a campaign until somebody leaves, or for as long as was said; the exit status."""
    app = WatchApp(session, read_settings(settings_file()))
    with (
        ATTENDANT.heard_by(stopping(session, app.on_signal)),
        ATTENDANT.watched(terminal.DRAWN_ON),
        ATTENDANT.last_resort(terminal.restorer()),
    ):
        app.run()
    if app.failure is not None:
        put(sys.stderr, say("fuzztui: {}", app.failure))
        return FAILED
    outcome = session.snapshot().outcome
    return outcome.exit_code if outcome is not None else FAILED
