"""Fuzzes a target with fuzztui's engine for some seconds, and accounts for it.

Arguments: file, function, cache folder, workers, seconds, settling time. The clock runs from the moment that every
worker fuzzes, not from the start of the process; `window` is what was counted after the settling time.

A worker is running, or ready to run while others have the cores, or waiting for its next call; the kernel keeps count
of the first two, so a busy machine can be told from an idle worker.
"""

import json
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Event, PhaseChanged, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot


class Account:
    """Notes what the run has used when its fuzzing begins."""

    def __init__(self, workers: int) -> None:
        self.fuzzing = threading.Event()
        self.cpu: list[float] = []
        """Seconds of each worker, and last of the coordinator, before the first mutation."""
        self.began = 0.0
        """When in the run that was, in seconds."""
        self._workers = workers
        self.pids: list[int] = []
        self._is_fuzzing = False

    def on_event(self, event: Event) -> None:
        """Called in the engine's thread."""
        if isinstance(event, WorkerStarted):
            self.pids.append(event.pid)
        elif isinstance(event, PhaseChanged) and event.phase is Phase.FUZZING:
            self._is_fuzzing = True
            self.began = event.elapsed
            self.cpu = [_cpu(pid) for pid in self.pids] + [time.process_time()]
        if self._is_fuzzing and len(self.pids) == self._workers:
            self.fuzzing.set()


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


class Scheduled(NamedTuple):
    """What the kernel's scheduler counts of a process, in seconds."""

    at: float
    running: float
    ready: float
    """To run, while others had the cores."""


def scheduled(pid: int | str) -> Scheduled:
    """The counts of this moment; OSError for a process that is gone."""
    running, ready, _ = Path(f"/proc/{pid}/schedstat").read_text("ascii").split()
    return Scheduled(time.monotonic(), int(running) / 1e9, int(ready) / 1e9)


class Conductor(threading.Thread):
    """Ends the run when it has fuzzed for long enough."""

    def __init__(self, session: Session, account: Account, seconds: float, settling: float) -> None:
        super().__init__(daemon=True)
        self.window: tuple[Snapshot, Snapshot] | None = None
        self.scheduled: list[Scheduled] = []
        """Of each worker within the window."""
        self.coordinator = 0.0
        """Its CPU seconds within the window, per second."""
        self._session = session
        self._account = account
        self._seconds = seconds
        self._settling = settling

    def run(self) -> None:
        """Wait, look, wait, look, stop; without a second look if a worker is gone by then."""
        self._account.fuzzing.wait()
        with suppress(OSError):
            self._look_twice()
        self._session.stop()

    def _look_twice(self) -> None:
        time.sleep(self._settling)
        first, before = self._session.snapshot(), [scheduled(pid) for pid in self._account.pids]
        coordinator, began = time.process_time(), time.monotonic()
        time.sleep(self._seconds)
        last = self._session.snapshot()
        self.coordinator = (time.process_time() - coordinator) / (time.monotonic() - began)
        after = [scheduled(pid) for pid in self._account.pids[: len(before)]]
        self.scheduled = [
            Scheduled(*map(float.__sub__, late, early)) for early, late in zip(before, after, strict=True)
        ]
        self.window = first, last


def measure(options: RunOptions, seconds: float, settling: float) -> dict[str, Any]:
    """Run to the end; see `main` for what is returned."""
    session = Session(options)
    account = Account(options.workers)
    conductor = Conductor(session, account, seconds, settling)
    conductor.start()
    outcome = session.run(account.on_event)
    coordinator = time.process_time()
    if outcome.reason is not StopReason.USER:
        raise SystemExit(f"the run ended because of: {outcome.reason.value} {outcome.detail}")
    conductor.join()
    if conductor.window is None:
        raise SystemExit("a worker has ended: what was counted says nothing")
    first, last = conductor.window
    snapshot = session.snapshot()
    if any("overage" in warning for warning in snapshot.warnings):
        raise SystemExit("\n".join(snapshot.warnings))
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": outcome.seconds - account.began,
        "executions": snapshot.executions - snapshot.baseline_total,
        "worker_cpu": workers.ru_utime + workers.ru_stime - sum(account.cpu[:-1]),
        "coordinator_cpu": coordinator - account.cpu[-1],
        "window_executions": last.executions - first.executions,
        "window_seconds": last.elapsed - first.elapsed,
        # Each by its own clock: a snapshot is older than the look at the CPU times, and more so on a busy machine.
        "window_cores": sum(one.running / one.at for one in conductor.scheduled) + conductor.coordinator,
        "running": sum(one.running / one.at for one in conductor.scheduled) / options.workers,
        "ready": sum(one.ready / one.at for one in conductor.scheduled) / options.workers,
        "edges": snapshot.edges,
        "corpus": snapshot.corpus,
        "restarts": sum(row.restarts for row in snapshot.workers),
        "crashers": len(snapshot.crashers),
    }


def main() -> None:
    """Print executions, CPU seconds of the workers and the coordinator while fuzzing, and what was found."""
    file, function, cache, workers, seconds, settling = sys.argv[1:]
    options = RunOptions(
        target=PythonTarget(Path(file), function, Path(file).parent),
        cache_dir=Path(cache),
        workers=int(workers),
        stop_on_crash=False,
    )
    print(json.dumps(measure(options, float(seconds), float(settling))))


if __name__ == "__main__":
    main()
