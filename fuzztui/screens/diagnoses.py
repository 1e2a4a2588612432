"""What keeps the run from finding more, and what to do about it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, say
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import Line, span
from fuzztui.widgets.wrapped import Wrapped


class DiagnosesScreen(EngineScreen):
    """The diagnoses in full."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
        Binding("D", "back", show=False, id="diagnoses.back", tooltip="Back to the run."),
    ]

    HELP = """A diagnosis says what keeps the run from finding more, with the figures that it is drawn from, and what \
to do. It goes when its figures do. The first one often explains the others."""

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.lines = Wrapped(id="diagnoses")

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Pager(self.lines)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self.lines.show(diagnosis_lines(snapshot.diagnoses))

    def action_back(self) -> None:
        self.app.pop_screen()


def diagnosis_lines(diagnoses: Sequence[Diagnosis]) -> list[Line]:
    """A paragraph for each finding, and one for what to do about it."""
    if not diagnoses:
        return [(span("muted", "Nothing is the matter, as far as the figures tell."),)]
    lines: list[Line] = []
    for diagnosis in diagnoses:
        lines += [*([()] if lines else []), (span("warn", "{}", diagnosis.finding),)]
        lines.append((span("plain", "{}", diagnosis.advice),))
    return lines


def notice(diagnoses: Sequence[Diagnosis]) -> list[Line]:
    """The first diagnosis in one line, for the run's own screen; none without one."""
    if not diagnoses:
        return []
    others = say(" and {} more", len(diagnoses) - 1) if len(diagnoses) > 1 else NOTHING
    return [
        (
            span("warn", "◆ "),
            span("accent", "D"),
            span("muted", "{}  ", others),
            span("warn", "{}", diagnoses[0].finding),
        )
    ]
