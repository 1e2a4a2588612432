"""The last screen: why the run ended and what it leaves. It stays until somebody leaves it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.screens.costs import CostsScreen
from fuzztui.screens.report import report
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import Line, content, wrapped

UNSAVED_LIMIT = 256
"""Bytes shown of each input that was not saved: enough to recognize it; all of them are printed after the dashboard."""


class Wrapped(Widget):
    """Lines that wrap at the widget's width and keep their indentation, from the first frame on."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Draw other lines."""
        if lines != self._lines:
            self._lines = lines
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(wrapped(self._lines, width))

    def render(self) -> Content:
        return content(wrapped(self._lines, self.content_size.width))


class FinalScreen(EngineScreen):
    """The final status of a run that has ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.quit", "leave", key_display="enter", id="final.leave", tooltip="Leave the dashboard."),
        Binding(
            "o", "costs", "cost", id="final.costs", tooltip="Show what the time went on, and what brought new inputs."
        ),
        Binding(
            "d,escape", "review", "dashboard", id="final.review", tooltip="Back to the dashboard, to read the crashers."
        ),
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

    def action_costs(self) -> None:
        self.app.push_screen(CostsScreen(self.session))

    def action_review(self) -> None:
        self.app.pop_screen()
