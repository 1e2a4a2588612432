"""The last screen: why the run ended and what it leaves. It stays until somebody leaves it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.session import SessionLike
from fuzztui.engine.snapshot import Snapshot
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.screens.report import report
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import content, wrapped

UNSAVED_LIMIT = 256
"""Bytes shown of each input that was not saved: enough to recognize it; all of them are printed after the dashboard."""


class FinalScreen(EngineScreen):
    """The final status of a run that has ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,escape", "app.quit", "leave", key_display="enter", id="final.leave", tooltip="Leave the dashboard."
        ),
        Binding("d", "review", "dashboard", id="final.review", tooltip="Back to the dashboard, to read the crashers."),
    ]

    HELP = """The run has ended and every worker process is gone. Received crashers are those that workers reported; \
each was stored or is a duplicate of a stored one. The same lines are printed when you leave."""

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.lines = Static(id="report")

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Pager(self.lines)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self._lay_out(snapshot)

    def _lay_out(self, snapshot: Snapshot) -> None:
        width = self.query_one(Pager).scrollable_content_region.width
        self.lines.update(content(wrapped(report(snapshot, UNSAVED_LIMIT), max(20, width))))

    def on_resize(self) -> None:
        self.call_after_refresh(self._lay_out, self.session.snapshot())

    def action_review(self) -> None:
        self.app.pop_screen()
