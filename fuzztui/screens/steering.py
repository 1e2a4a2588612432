"""Keys over a whole run, of one target or of several: holding it, ending it, its workers, its charts, its result."""

from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType

from fuzztui.engine.live.wishes import AddWorker, DropWorker
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.text import Visible, label
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.control import RUN_KEYS
from fuzztui.screens.final import AGAIN, FinalScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.widgets.figures import Zoom
from fuzztui.widgets.wording import live_workers

STEERING: Final = frozenset({"pause_run", "stop_run", "toggle_policy", "add_worker", "drop_worker"})
"""Actions that need a run that goes on."""


class SteeringScreen(EngineScreen):
    """A screen of a whole run that steers it."""

    ENDS: ClassVar[Visible] = label("Stop all workers? The run ends.")
    """What is asked before it ends."""
    STEERING: ClassVar[frozenset[str]] = STEERING
    """Those of the screen's actions that are absent once the run is over: greyed keys can be used again; these never
    can, and would take the place of those that can.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "result", "result", id="run.result", tooltip="Show again how the run ended."),
        AGAIN,
        Binding("space", "pause_run", "pause all", id="run.pause", tooltip="Hold every worker, or let them go on."),
        Binding("S", "stop_run", "stop all", id="run.stop", tooltip="Stop every worker and end the run."),
        Binding("z", "zoom(-1)", show=False, id="run.zoom", tooltip="Let the charts show a shorter time."),
        Binding("Z", "zoom(1)", show=False, id="run.zoom_out", tooltip="Let the charts show a longer time, up to all."),
        *RUN_KEYS,
        Binding(
            "K",
            "toggle_policy",
            "Stop on crash / keep fuzzing",
            show=False,
            id="run.policy",
            tooltip="Decide whether the next new crasher ends the run.",
        ),
    ]

    def __init__(self, session: SessionLike, *rest: Any) -> None:
        super().__init__(session, *rest)
        self.zoom = Zoom.WHOLE
        """Of the charts."""

    def why_over(self) -> str | None:
        """Why the run cannot be steered any more; None if it can."""
        snapshot = self.session.snapshot()
        if snapshot.is_over:
            return "the run has ended"
        return "the run is stopping" if snapshot.is_stopping else None

    def is_past(self) -> bool:
        """Whether there is no run, or none any more, that could be steered."""
        return self.session.snapshot().is_over

    def why_not(self, action: str) -> str | None:
        return self.why_over() if action in STEERING else super().why_not(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "result":
            return self.session.snapshot().is_over
        return False if self.is_past() and action in self.STEERING else super().check_action(action, parameters)

    def words_now(self, action: str) -> str | None:
        if action == "pause_run" and self.session.snapshot().is_paused:
            return "go on"
        return super().words_now(action)

    def action_pause_run(self) -> None:
        if self.session.snapshot().is_paused:
            self.session.resume()
        else:
            self.session.pause()

    def action_stop_run(self) -> None:
        snapshot = self.session.snapshot()
        if live_workers(snapshot):
            self.app.push_screen(QuitScreen(snapshot, self.ENDS), self._stop_answered)
        else:
            self.session.stop()

    def _stop_answered(self, stop: bool | None) -> None:
        if stop and not self.session.snapshot().is_over:
            self.session.stop()

    def action_toggle_policy(self) -> None:
        stop_on_crash = not self.session.snapshot().stop_on_crash
        self.session.set_stop_on_crash(stop_on_crash)
        self.tell(
            label("The next new crasher ends the run." if stop_on_crash else "The run goes on after new crashers.")
        )

    def action_add_worker(self) -> None:
        self.session.steer(AddWorker())

    def action_drop_worker(self) -> None:
        self.session.steer(DropWorker())

    def action_zoom(self, step: int) -> None:
        self.zoom = self.zoom.stepped(step)
        self.show(self.session.snapshot())

    def action_result(self) -> None:
        self.app.push_screen(FinalScreen(self.session))
