"""What the process beside the workers is doing."""

from dataclasses import dataclass

from fuzztui.engine.show.worker_row import WorkerState


@dataclass(frozen=True, slots=True)
class HelperRow:
    """The helper, which runs crashers again and makes their inputs smaller so that no worker has to."""

    state: WorkerState
    crasher: str
    """Id of the one that it is at work for, or empty: it loads the target, or is about to get one."""
    others: int
    """Crashers that it runs in turns with that one."""
    pid: int | None
    executions: int
    """Over all its processes."""
    cpu: float | None
    """Per cent of one core; None while there is no figure."""
    rss: int | None
    """Bytes; None while there is no figure."""
