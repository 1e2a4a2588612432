"""What a person does with one worker, wherever it is selected."""

from textual.binding import Binding, BindingType

from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.widgets.wording import live_workers

WORKER_KEYS: list[BindingType] = [
    Binding("s", "screen.stop_worker", "stop", id="worker.stop", tooltip="Stop the selected worker; the others go on."),
    Binding("r", "screen.restart_worker", "restart", id="worker.restart",
            tooltip="Replace the selected worker's process by a new one; also brings back one that was stopped."),
    Binding("p", "screen.pause_worker", "pause", id="worker.pause",
            tooltip="Hold the selected worker, or let it go on."),
]  # fmt: skip


def stop_worker(screen: EngineScreen, worker: int) -> None:
    """Stop a worker; the last one after a question, since the run ends with it."""
    snapshot = screen.session.snapshot()

    def answered(stop: bool | None) -> None:
        if stop:
            screen.session.stop_worker(worker)

    if [row.id for row in live_workers(snapshot)] == [worker]:
        screen.app.push_screen(QuitScreen(snapshot, label("Stop the last worker? The run ends.")), answered)
    else:
        screen.session.stop_worker(worker)


def pause_worker(screen: EngineScreen, row: WorkerRow) -> None:
    """Hold a worker, or let it go on."""
    if row.state is WorkerState.PAUSED:
        screen.session.resume_worker(row.id)
    else:
        screen.session.pause_worker(row.id)


def why_not_with(action: str, row: WorkerRow | None) -> str | None:
    """Why one of these actions cannot be done with a worker while the run goes on."""
    if row is None:
        return "there is no worker"
    if action == "restart_worker":
        return "it is still stopping" if row.state is WorkerState.STOPPING else None
    if row.state is WorkerState.STOPPING:
        return "it is already stopping"
    return None if row.state.is_live else "it does not run"
