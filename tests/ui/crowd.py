"""The dashboard over a scripted crowd: `python -m tests.ui.crowd [SECONDS [HURRY [EVENTS]]]`.

64 workers, of which every figure moves, 1,000 events a second, and 300 crashers that come at once: as much as a
dashboard will ever see; `HURRY` times faster where somebody does not want to wait, until there were so many. For
looking at it, and for `benchmarks/dashboard.py` and `standing.py`.
"""

import math
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from fuzztui.dashboard import run_dashboard
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.events import CrasherConfirmed, Ended, Event, WorkerEnded
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label
from tests.ui.fakes import FakeSession, crasher, outcome, snapshot, worker

WORKERS: Final = 64
CRASHERS: Final = 300
EVENTS: Final = 10
"""At each step."""
STEP: Final = 0.01
FLOOD: Final = 4.0
"""Seconds after which all crashers come."""


class CrowdSession(FakeSession):
    """A crowd that moves until it is stopped."""

    def __init__(self, seconds: float, hurry: int = 1, events: float = math.inf) -> None:
        self._found = tuple(crasher(i, elapsed=FLOOD, hits=1 + i % 7) for i in range(CRASHERS))
        self._asked = threading.Event()
        self._seconds, self._hurry, self._events = seconds, hurry, events
        super().__init__(snapshot(workers=tuple(worker(i) for i in range(WORKERS)), crashers=(), time_limit=None))

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        self._on_event = on_event
        begin = time.monotonic()
        number = 0
        each = EVENTS * self._hurry
        while (elapsed := time.monotonic() - begin) < self._seconds and number * each < self._events:
            if self._asked.wait(STEP):
                break
            number += 1
            if number % 10 == 0:
                self._move(elapsed, number)
            for i in range(each):
                self.emit(self._event(elapsed, number * each + i))
        last = outcome(StopReason.USER, exit_code=1)
        self.publish(replace(self.snapshot(), phase=Phase.ENDED, outcome=last))
        self.returned = True
        self.emit(Ended(elapsed, last, 0, (), ()))
        return last

    def _move(self, elapsed: float, number: int) -> None:
        rows = tuple(
            worker(i, executions=1000 * number * (1 + i % 3), rate=900.0 + (number * 37 + i * 91) % 500,
                   cpu=float(80 + (number + i) % 20), rss=90_000_000 + 1000 * (number * i % 999))
            for i in range(WORKERS)
        )  # fmt: skip
        found = self._found if elapsed > FLOOD else ()
        self.publish(replace(self.snapshot(), elapsed=252.0 + elapsed, workers=rows, crashers=found, hits=len(found)))

    def _event(self, elapsed: float, number: int) -> Event:
        if number % 2:
            return CrasherConfirmed(elapsed, self._found[number % CRASHERS])
        return WorkerEnded(elapsed, number % WORKERS, label("exit 0"), label("crasher"), 0.01, False, is_by_input=True)

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        super().stop(reason)
        self._asked.set()


def main() -> int:
    seconds, hurry, events = (*sys.argv[1:4], *("60", "1", "inf")[len(sys.argv) - 1 :])
    here = Path.cwd()
    options = RunOptions(PythonTarget(here / "fuzz_json.py", "fuzz_json", here), here / ".fuzztui", workers=WORKERS)
    return run_dashboard(CrowdSession(float(seconds), int(hurry), float(events)), options)


if __name__ == "__main__":
    sys.exit(main())
