"""The dashboard over a recorded run."""

import sys
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from fuzztui.app import FuzzApp
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import say
from fuzztui.plain.output import put
from fuzztui.screens.final import FinalScreen
from fuzztui.sessions.replaying import ReplaySession
from fuzztui.settings import Settings, read_settings, settings_file
from fuzztui.signals import ATTENDANT
from fuzztui.stopping import stopping
from fuzztui.terminal import showing as terminal
from fuzztui.widgets.tone import content, span

NEAR: Final = 10.0
FAR: Final = 60.0
"""Seconds of the run that a jump goes over."""


ROOMY: Final = 120
"""Cells in which the places have room beside that."""

KEYS: Final = span("muted", "  < > speed  [ ] jump")


class ReplayApp(FuzzApp):
    """Plays a recording: its own keys steer that, those that steer a run are greyed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, action, show=False, key_display=shown, id=f"replay.{name}", tooltip=tooltip)
        for key, action, shown, name, tooltip in (
            ("less_than_sign", "speed(-1)", "<", "slower", "Play slower."),
            ("greater_than_sign", "speed(1)", ">", "faster", "Play faster."),
            ("left_square_bracket", f"jump({-NEAR})", "[", "back", "Go back ten seconds of the run."),
            ("right_square_bracket", f"jump({NEAR})", "]", "on", "Go on ten seconds of the run later."),
            ("left_curly_bracket", f"jump({-FAR})", "{", "farback", "Go back a minute of the run."),
            ("right_curly_bracket", f"jump({FAR})", "}", "faron", "Go on a minute of the run later."),
        )
    ]
    """They are not in the footer: the line that says where the replay stands names them."""

    def __init__(self, session: ReplaySession, settings: Settings | None = None) -> None:
        super().__init__(session, settings=settings)
        self.replay = session

    def pull(self) -> None:
        super().pull()
        for screen in self._visible_screens():
            screen.signposts.display = self.size.width >= ROOMY  # where the replay stands matters more
            screen.jobs.update(content([(span("accent", "{}", self.replay.words), KEYS)]))

    def action_speed(self, steps: int) -> None:
        self.replay.change_speed(steps)
        self.pull()

    def action_jump(self, seconds: float) -> None:
        self.replay.jump(seconds)
        if not self.replay.snapshot().is_over and isinstance(self.screen, FinalScreen):
            self.pop_screen()
            self._final_shown = False
        self.pull()

    async def action_quit(self) -> None:
        """Nothing is lost: no question is asked."""
        self._leave_when_ended = True
        self.session.stop()


def run_replay(session: ReplaySession) -> int:
    """Show a recording until somebody leaves; the exit status."""
    app = ReplayApp(session, read_settings(settings_file()))
    with (
        ATTENDANT.heard_by(stopping(session, app.on_signal)),
        ATTENDANT.watched(terminal.DRAWN_ON),
        ATTENDANT.last_resort(terminal.restorer()),
    ):
        app.run()
    if app.failure is not None:
        put(sys.stderr, say("fuzztui: {}", app.failure))
        return FAILED
    return 0
