"""The dashboard over a scripted session that lives: `python -m tests.ui.demo [SECONDS]`.

No engine runs and nothing is fuzzed; it is for looking at the dashboard in a real terminal. Commands have the effect
that they have on a real session: workers stop, pause and come back, the run stops.
"""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fuzztui.dashboard import run_dashboard
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.charts import Marker, MarkerKind
from fuzztui.engine.show.events import Ended, Event, WorkerEnded
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, label
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from tests.ui.fakes import FakeSession, crasher, empty_snapshot, outcome, samples, worker

STEP = 0.1
GRACE = 1.0
"""Seconds that a scripted worker takes to stop."""


SLOW = label("Worker 1 runs one input for seconds: see json/scanner.py:301.")


class LiveSession(FakeSession):
    """A scripted run that moves with the clock."""

    def __init__(self, seconds: float) -> None:
        super().__init__(empty_snapshot(time_limit=seconds))
        self._rows: list[WorkerRow] = [worker(i, WorkerState.STARTING, executions=0) for i in range(2)]
        self._since: dict[int, float] = {}
        self._reason: StopReason | None = None
        self._forced = threading.Event()
        self._paused = False
        self._policy = False
        self._markers: tuple[Marker, ...] = ()

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        self._on_event = on_event
        start = time.monotonic()
        while True:
            elapsed = time.monotonic() - start
            self._advance(elapsed)
            if self._reason is not None and all(row.state.is_final for row in self._rows):
                return self._end(elapsed)
            time.sleep(STEP)

    def _advance(self, elapsed: float) -> None:
        if self.snapshot().time_left == 0:
            self.stop(StopReason.TIME_LIMIT)
        if len(self._rows) == sum(row.state is WorkerState.STOPPED for row in self._rows):
            self.stop(StopReason.LAST_WORKER_STOPPED)
        for i, row in enumerate(self._rows):
            self._rows[i] = self._moved(row, elapsed)
        history = samples(elapsed, max(0.5, elapsed / 400))
        new = history[-1].corpus - 4 if elapsed >= 3 else 0
        crashers = tuple(
            crasher(i, type=kind, function=function, elapsed=at, hits=1 + int((elapsed - at) * 3))
            for i, (at, kind, function) in enumerate(
                ((6.0, "ValueError", "py_scanstring"), (14.0, "ValueError", "_scan_once"), (15.0, "OSError", "dump"))
            )
            if elapsed >= at
        )
        self._rows = [
            replace(
                row,
                crashers=sum(item.hits for item in crashers if item.worker == row.id),
                found=(new + 1 - row.id) // 2,
            )
            for row in self._rows
        ]
        phase = Phase.STARTING if elapsed < 1 else Phase.BASELINE if elapsed < 3 else Phase.FUZZING
        if self._reason is not None:
            phase = Phase.STOPPING
        self.publish(
            replace(
                self.snapshot(),
                phase=phase,
                is_paused=self._paused,
                stop_reason=self._reason,
                elapsed=elapsed,
                loaded_at=1.0 if elapsed >= 1 else None,
                stop_on_crash=self._policy,
                baseline_done=min(4, int(max(0, elapsed - 1) * 2)),
                baseline_total=4,
                executions=sum(row.executions for row in self._rows),
                rate=sum(row.rate or 0.0 for row in self._rows) if elapsed >= 1 else None,
                average_rate=sum(row.executions for row in self._rows) / elapsed if elapsed > 2 else None,
                edges=history[-1].edges if elapsed > 1 else 0,
                edges_total=339 if elapsed > 1 else 0,
                corpus=4 + new,
                corpus_new=new,
                last_new=elapsed % 11 if new else None,
                workers=tuple(self._rows),
                crashers=crashers,
                hits=sum(item.hits for item in crashers),
                recent=samples(elapsed, 0.5)[-480:],
                history=history,
                markers=self._markers,
                warnings=(label("Worker 1 runs one input for seconds: see json/scanner.py:301."),)
                if elapsed > 20
                else (),
            )
        )

    def _moved(self, row: WorkerRow, elapsed: float) -> WorkerRow:
        match row.state:
            case WorkerState.STARTING if elapsed - self._since.setdefault(row.id, elapsed) > 0.8:
                return replace(
                    row, state=WorkerState.FUZZING, rate=None, cpu=97.0, pid=4000 + row.id, exit=None, exit_seconds=None
                )
            case WorkerState.FUZZING:
                rate = 101_000.0 - row.id * 700 + 300 * ((elapsed * 7) % 5)
                return replace(row, executions=row.executions + int(rate * STEP), rate=rate, cpu=97.0 + elapsed % 3)
            case WorkerState.STOPPING:
                waited = elapsed - self._since.setdefault(row.id, elapsed)
                if waited > GRACE * (1 + row.id) or self._forced.is_set():
                    self._since.pop(row.id, None)
                    state = WorkerState.STOPPED if self._reason is None else WorkerState.ENDED
                    exit_words = label("SIGKILL" if self._forced.is_set() else "exit 0")
                    self._markers += (Marker(elapsed, MarkerKind.WORKER_STOPPED),)
                    self.emit(
                        WorkerEnded(elapsed, row.id, exit_words, label("stopped by you"), waited, is_orderly=True)
                    )
                    return replace(
                        row, state=state, detail=NOTHING, pid=None, rate=None, cpu=None, rss=None, exit=exit_words,
                        exit_seconds=waited,
                    )  # fmt: skip
                return replace(row, rate=0.0)
        return row

    def _end(self, elapsed: float) -> Outcome:
        assert self._reason is not None
        found = len(self.snapshot().crashers)
        hits = self.snapshot().hits
        last = outcome(
            self._reason,
            exit_code=1 if found else 0,
            received=hits,
            stored=found,
            duplicates=hits - found,
            seconds=elapsed,
        )
        self.publish(replace(self.snapshot(), phase=Phase.ENDED, elapsed=elapsed, outcome=last))
        shown = self.snapshot()
        self.emit(Ended(elapsed, last, shown.executions, shown.workers, shown.yields))
        return last

    def _set(self, number: int, state: WorkerState) -> None:
        row = self._rows[number]
        self._since.pop(number, None)
        self._rows[number] = replace(row, state=state, detail=NOTHING, rate=None)

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        super().stop(reason)
        self._reason = self._reason or reason
        for row in list(self._rows):
            if row.state.is_live:
                self._set(row.id, WorkerState.STOPPING)

    def force_stop(self) -> None:
        super().force_stop()
        self._forced.set()

    def pause(self) -> None:
        self._paused = True
        for row in list(self._rows):
            if row.state.is_live:
                self._set(row.id, WorkerState.PAUSED)

    def resume(self) -> None:
        self._paused = False
        for row in list(self._rows):
            if row.state is WorkerState.PAUSED:
                self._set(row.id, WorkerState.FUZZING)

    def stop_worker(self, worker: int) -> None:
        self._set(worker, WorkerState.STOPPING)

    def restart_worker(self, worker: int) -> None:
        self._set(worker, WorkerState.STARTING)

    def pause_worker(self, worker: int) -> None:
        self._set(worker, WorkerState.PAUSED)

    def resume_worker(self, worker: int) -> None:
        self._set(worker, WorkerState.FUZZING)

    def reload(self) -> None:
        """There is no code here."""

    def validate(self, crasher: str) -> None:
        """Nothing is run here."""

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        self._policy = stop_on_crash

    def minimize(self, bucket: str) -> None:
        pass

    def measure_coverage(self, wanted: bool) -> None:
        pass


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    here = Path.cwd()
    options = RunOptions(PythonTarget(here / "fuzz_json.py", "fuzz_json", here), here / ".fuzztui", workers=2)
    return run_dashboard(LiveSession(seconds), options)


if __name__ == "__main__":
    sys.exit(main())
