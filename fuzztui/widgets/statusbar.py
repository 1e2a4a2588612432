"""The two lines at the top: what runs, how far it is, and its totals."""

from textual.content import Content
from textual.widget import Widget

from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.widgets.tone import content
from fuzztui.widgets.wording import title_line, totals_line


class StatusBar(Widget):
    """Title line and totals line of a snapshot."""

    DEFAULT_CSS = """
    StatusBar { height: 2; padding: 0 1; background: $panel; }
    """

    HELP = """The target, what the run does now, for how long, and when it stops by itself. Below: executions so far; \
executions per second over the last seconds and over the whole run; edges (places in the code that can be told apart) \
covered of those known; inputs in the corpus, and how many of them are new in this run."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Draw another snapshot."""
        self._snapshot = snapshot
        self.refresh()

    def render(self) -> Content:
        if self._snapshot is None:
            return Content()
        width = self.content_size.width
        return content([title_line(self._snapshot, width), totals_line(self._snapshot, width)])
