"""The lines at the top: what runs, how far it is, its totals, and that its code has changed."""

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.widgets.reloading import reload_line
from fuzztui.widgets.tone import Line, content, cut
from fuzztui.widgets.wording import title_line, totals_line


class StatusBar(Widget):
    """Title line and totals line of a snapshot, and a third one where there is something to say of the code."""

    DEFAULT_CSS = """
    StatusBar { height: 2; padding: 0 1; background: $panel; }
    StatusBar.-higher { height: 3; }
    """

    HELP = """The target, what the run does now, for how long, and when it stops by itself. Below: executions so far; \
executions per second over the last seconds and over the whole run; edges (places in the code that can be told apart) \
covered of those known; inputs in the corpus, and how many of them are new in this run. A third line says that \
files of the code under test have changed: {app.reload} loads them anew in all workers, and runs every crasher again."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._drawn: list[Line] = []
        self._width = 0
        """In which they fit."""

    def show(self, snapshot: Snapshot) -> None:
        """Draw another snapshot: the lines that are others."""
        before, width = self._drawn, self.content_size.width
        self._snapshot, self._drawn, self._width = snapshot, self._lines(snapshot, width), width
        self.set_class(bool(reload_line(snapshot)), "-higher")
        if len(before) != len(self._drawn):
            self.refresh()
        elif changed := [y for y, line in enumerate(self._drawn) if line != before[y]]:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        return status_lines(snapshot, width, self._reload_key() if reload_line(snapshot) else "")

    def _reload_key(self) -> str:
        """The key that reloads, as this person has it."""
        active = (each.binding for each in self.screen.active_bindings.values())
        return next((self.app.get_key_display(each) for each in active if each.id == "app.reload"), "R")

    def render(self) -> Content:
        if self._snapshot is None:
            return Content()
        if (width := self.content_size.width) != self._width:
            self._drawn, self._width = self._lines(self._snapshot, width), width
        return content(self._drawn)


def status_lines(snapshot: Snapshot, width: int, reload_key: str) -> list[Line]:
    """The two or three lines of a snapshot, in so many cells; `reload_key`: as this person has it."""
    lines = [title_line(snapshot, width), totals_line(snapshot, width)]
    if line := reload_line(snapshot, reload_key):
        lines.append(cut(line, width))
    return lines
