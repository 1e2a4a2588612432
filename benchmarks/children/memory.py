"""Fuzzes a target with one worker of fuzztui's engine, and looks at the resident memory now and then.

Arguments: file, function, cache folder, seconds, and after which parts of them to look. Prints bytes of the worker and
of the coordinator, which is this process, entries in the corpus at each look, and executions.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Event, PhaseChanged, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase

READINGS: Final = 11
"""Of which the median counts: what is allocated for a moment does not."""

APART: Final = 0.05
"""Seconds between two of them."""


class Observer(threading.Thread):
    """Looks at the memory at set times after fuzzing has begun, then ends the run."""

    def __init__(self, session: Session, times: Sequence[float]) -> None:
        """`times` are seconds, in rising order."""
        super().__init__(daemon=True)
        self.fuzzing = threading.Event()
        self.pids: list[int] = []
        """Of the worker's processes, in the order of their starts."""
        self.looks: dict[str, list[float]] = {"worker": [], "coordinator": [], "corpus": []}
        self._session = session
        self._times = times

    def on_event(self, event: Event) -> None:
        """Called in the engine's thread."""
        if isinstance(event, WorkerStarted):
            self.pids.append(event.pid)
        elif isinstance(event, PhaseChanged) and event.phase is Phase.FUZZING:
            self.fuzzing.set()

    def run(self) -> None:
        """Wait, look, wait, look, stop; stop at once if the worker is gone, which leaves looks missing."""
        self.fuzzing.wait()
        began = time.monotonic()
        with suppress(psutil.NoSuchProcess):
            worker, coordinator = psutil.Process(self.pids[0]), psutil.Process()
            for at in self._times:
                time.sleep(max(0.0, began + at - time.monotonic()))
                self.looks["worker"].append(_resident(worker))
                self.looks["coordinator"].append(_resident(coordinator))
                self.looks["corpus"].append(self._session.snapshot().corpus)
        self._session.stop()


def _resident(process: psutil.Process) -> float:
    readings = []
    for _ in range(READINGS):
        readings.append(process.memory_info().rss)
        time.sleep(APART)
    return median(readings)


def measure(options: RunOptions, times: Sequence[float]) -> dict[str, Any]:
    """Run to the end; see the module's own words for what is returned."""
    session = Session(options)
    observer = Observer(session, times)
    observer.start()
    outcome = session.run(observer.on_event)
    if outcome.reason is not StopReason.USER:
        raise SystemExit(f"the run ended because of: {outcome.reason.value} {outcome.detail}")
    observer.join()
    if len(observer.pids) != 1 or len(observer.looks["corpus"]) != len(times):
        raise SystemExit("the worker had to be replaced: what its memory was says nothing")
    return {**observer.looks, "executions": session.snapshot().executions}


def main() -> None:
    """Print what was seen."""
    file, function, cache, seconds, *marks = sys.argv[1:]
    options = RunOptions(
        target=PythonTarget(Path(file), function, Path(file).parent),
        cache_dir=Path(cache),
        workers=1,
        stop_on_crash=False,
    )
    print(json.dumps(measure(options, [float(seconds) * float(mark) for mark in marks])))


if __name__ == "__main__":
    main()
