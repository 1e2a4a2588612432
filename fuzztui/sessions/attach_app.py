"""The dashboard over a run that goes on elsewhere."""

import io
import signal
import sys
from collections.abc import Callable
from typing import ClassVar, cast

from rich.console import Console
from textual.binding import Binding, BindingType

from fuzztui.app import FuzzApp
from fuzztui.dashboard import print_report
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import say
from fuzztui.internal_error import describe
from fuzztui.plain.output import put
from fuzztui.screens.decider import Decider, DiskDecider, Undecided
from fuzztui.screens.targets import Several
from fuzztui.sessions.attached import AttachedSession
from fuzztui.sessions.running import Running
from fuzztui.sessions.several import AttachedCampaign
from fuzztui.settings import Settings, read_settings, settings_file
from fuzztui.signals import ATTENDANT, Listener
from fuzztui.stopping import STOP_REASONS
from fuzztui.targets_app import TargetsApp
from fuzztui.terminal import showing as terminal
from fuzztui.widgets.keynames import key_of


class Attaching(FuzzApp):
    """Shows a run elsewhere. Whatever ends this dashboard but a wish to end the run leaves the run alone."""

    attached: AttachedSession

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+d",
            "detach",
            show=False,
            key_display="ctrl+d",
            id="attach.detach",
            tooltip="Leave the dashboard; the run goes on.",
        ),
    ]

    def on_mount(self) -> None:
        # That of the class above is called by itself.
        self.tell(say("Attached. {} leaves, and the run goes on.", key_of(self, "attach.detach")))

    def action_detach(self) -> None:
        self._leave_when_ended = True
        self.attached.detach()

    def _hold(self) -> None:
        """The run is not this process's: ctrl+z holds the dashboard alone."""

    def _let_go(self) -> None:
        """Nothing was held."""


class AttachApp(Attaching):
    """Shows a run of one target."""

    def __init__(self, session: AttachedSession, settings: Settings | None = None) -> None:
        super().__init__(cast("SessionLike", session), DiskDecider(session.options), settings)
        self.attached = session


class AttachTargetsApp(Attaching, TargetsApp):
    """Shows a run of several targets."""

    def __init__(self, campaign: AttachedCampaign, settings: Settings | None = None) -> None:
        super().__init__(cast("Several", campaign), lambda name: _decider(campaign, name), settings)
        self.attached = campaign


def _decider(campaign: AttachedCampaign, name: str) -> Decider:
    part = campaign.part(name)
    return DiskDecider(part.options) if part is not None else Undecided()


def detaching(session: AttachedSession, then: Callable[[StopReason], None]) -> Listener:
    """A listener to signals: each ends this dashboard, and leaves the run alone."""

    def leave(number: signal.Signals) -> None:
        session.detach()
        then(STOP_REASONS[number])

    return leave


def run_attached(session: AttachedSession, running: Running) -> int:
    """Show a run elsewhere; its exit status where it has ended, 0 where it goes on."""
    settings = read_settings(settings_file())
    app: Attaching = (
        AttachTargetsApp(session, settings) if isinstance(session, AttachedCampaign) else AttachApp(session, settings)
    )
    details = io.StringIO()  # a traceback belongs into a bug report
    app.error_console = Console(file=details, markup=False, highlight=False, width=120)
    with (
        ATTENDANT.heard_by(detaching(session, app.on_signal)),
        ATTENDANT.watched(terminal.DRAWN_ON),
        ATTENDANT.last_resort(terminal.restorer()),
    ):
        app.run()
    if app.failure is not None or (details.getvalue() and not terminal.is_gone()):
        why = app.failure or describe(app._exception)
        put(sys.stderr, say("fuzztui: the dashboard has failed, the run goes on: {}", why))
        return FAILED
    snapshot = session.snapshot()
    if snapshot.outcome is None:
        if not terminal.is_gone():
            put(sys.stdout, say("{} goes on: `fuzztui attach {}` shows it again", running.target, running.id))
        return 0
    if not terminal.is_gone():
        print_report(snapshot, sys.stdout)
    return snapshot.outcome.exit_code
