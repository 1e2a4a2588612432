"""The last screen: why the run ended and what it leaves. It stays until somebody leaves it."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.screens.report import report
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.wrapped import Wrapped

UNSAVED_LIMIT = 256
"""Bytes shown of each input that was not saved: enough to recognize it; all of them are printed after the dashboard."""

AGAIN: Final = Binding(
    "r", "app.run_again", "runs again", id="run.again", tooltip="Run the target again, with the same options."
)
"""Wherever one is once a run has ended."""


class FinalScreen(EngineScreen):
    """The final status of a run that has ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.quit", "leave", key_display="enter", id="final.leave", tooltip="Leave the dashboard."),
        Binding(
            "d,escape", "review", "dashboard", id="final.review", tooltip="Back to the dashboard, to read the crashers."
        ),
        AGAIN,
    ]

    HELP = """The run has ended and every worker process is gone. Received crashers are those that workers reported; \
each was stored or is a duplicate of a stored one. The same lines are printed when you leave."""

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.lines = Wrapped(id="report")

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Pager(self.lines)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self.lines.show(report(snapshot, UNSAVED_LIMIT))

    def action_review(self) -> None:
        self.app.pop_screen()
