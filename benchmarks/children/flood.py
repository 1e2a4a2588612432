"""Fuzzes a target that fails in ever new lines, or the same one that does not, and accounts for both.

Arguments: file, function, cache folder, workers, seconds, and how many crashers are to be confirmed where it ends when
they are, else 0. The clock runs from the moment that fuzzing begins. Prints
executions, CPU seconds of everything that the run has started and of the coordinator, how long the end took, the
crashers' accounts, the longest time between two snapshots, and the coordinator's memory half-way and at the end.
"""

import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

import psutil

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Event, PhaseChanged
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot

APART: Final = 0.05
"""Seconds between two looks at the snapshot, as often as a dashboard would never."""


class Observer(threading.Thread):
    """Looks at the run while it fuzzes, then ends it."""

    def __init__(self, session: Session, seconds: float, enough: int = 0) -> None:
        """`enough`: confirmed crashers with which it ends before its time; 0 for none."""
        super().__init__(daemon=True)
        self.fuzzing = threading.Event()
        self.executions = 0
        self.seconds = 0.0
        self.cpu = 0.0
        self.longest = 0.0
        """Seconds between two snapshots, at most."""
        self.resident = [0, 0]
        self.stopped_at = 0.0
        self._session = session
        self._length = seconds
        self._enough = enough

    def on_event(self, event: Event) -> None:
        """Called in the engine's thread."""
        if isinstance(event, PhaseChanged) and event.phase is Phase.FUZZING:
            self.fuzzing.set()

    def run(self) -> None:
        """Wait, look often, stop."""
        self.fuzzing.wait()
        coordinator = psutil.Process()
        first, cpu, began = self._session.snapshot(), _cpu(), time.monotonic()
        version, since, half = first.version, began, False
        while (now := time.monotonic()) - began < self._length:
            time.sleep(APART)
            if (snapshot := self._session.snapshot()).version != version:
                version, since = snapshot.version, now
                if self._enough and confirmed(snapshot) >= self._enough:
                    break
            self.longest = max(self.longest, now - since)
            if not half and now - began >= self._length / 2:
                half = True
                self.resident[0] = coordinator.memory_info().rss
        last = self._session.snapshot()
        self.executions, self.seconds = last.executions - first.executions, last.elapsed - first.elapsed
        self.cpu = _cpu() - cpu
        self.resident[1] = coordinator.memory_info().rss
        self.stopped_at = time.monotonic()
        self._session.stop()


def confirmed(snapshot: Snapshot) -> int:
    """Crashers that have been run again."""
    return sum(crasher.confirmation is not None for crasher in snapshot.crashers)


def _cpu() -> float:
    """Seconds of this process, of its children, and of those that it has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = time.process_time() + used.ru_utime + used.ru_stime
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def measure(options: RunOptions, seconds: float, enough: int = 0) -> dict[str, Any]:
    """Run to the end; see the module's own words for what is given and returned."""
    session = Session(options)
    observer = Observer(session, seconds, enough)
    observer.start()
    outcome = session.run(observer.on_event)
    ended = time.monotonic()
    if outcome.reason is not StopReason.USER:
        raise SystemExit(f"the run ended because of: {outcome.reason.value} {outcome.detail}")
    observer.join()
    snapshot = session.snapshot()
    return {
        "executions": observer.executions,
        "seconds": observer.seconds,
        "cpu": observer.cpu,
        "ending": ended - observer.stopped_at,
        "longest": observer.longest,
        "resident": observer.resident,
        "crashers": len(snapshot.crashers),
        "confirmed": confirmed(snapshot),
        "received": outcome.received,
        "stored": outcome.stored,
        "duplicates": outcome.duplicates,
        "unsaved": outcome.unsaved,
    }


def main() -> None:
    """Print what was seen."""
    file, function, cache, workers, seconds, enough = sys.argv[1:]
    options = RunOptions(
        target=PythonTarget(Path(file), function, Path(file).parent),
        cache_dir=Path(cache),
        workers=int(workers),
        stop_on_crash=False,
        minimize_time=60.0,
    )
    print(json.dumps(measure(options, float(seconds), int(enough))))


if __name__ == "__main__":
    main()
