"""Fuzzes a target with fuzztui's engine until it fails or the CPU time is used up; one worker.

Arguments: file, function, cache folder, random seed, CPU seconds, and the class of the exception that is searched for,
if it is not any: other failures are counted, and the search goes on, as it does in the dashboard. The CPU time is that
of the worker and of the coordinator, which is this process, and counts from the moment that the worker has loaded the
target.
"""

import json
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from benchmarks.children.fuzz import scheduled
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CrasherFound, Event, WorkerEnded, WorkerStarted
from fuzztui.engine.show.outcome import StopReason

LOOK: Final = 0.02
"""Seconds between looks at the CPU time, at least."""

SELDOM: Final = 8
"""So many looks while what is left of the CPU time passes by the clock: they cost CPU time that counts, and on a busy
machine there would be thousands.
"""


class Watch:
    """Knows how much CPU time the run has used."""

    def __init__(self, wanted: str = "") -> None:
        """The worker is not there yet. `wanted`: class of the exception that is searched for, without its module; empty
        for any.
        """
        self._wanted = wanted
        self.is_found = threading.Event()
        self.others: list[str] = []
        """Classes of the exceptions that were found, too."""
        self.before: float | None = None
        """What had been used when the worker was ready."""
        self.at_crasher: float | None = None
        self.crasher = ""
        """Class of the exception."""
        self.failures: list[str] = []
        """Why workers ended that nobody and no input had end: with another one in its place the run goes on."""
        self._workers: set[int] = set()

    def on_event(self, event: Event) -> None:
        """Called in the engine's thread."""
        match event:
            case WorkerStarted(pid=pid):
                self._workers = {pid}
                if self.before is None:
                    self.before = self.used()
            case WorkerEnded(why=why, is_orderly=is_orderly, is_by_input=is_by_input):
                self._workers = set()
                if not is_orderly and not is_by_input:
                    self.failures.append(why)
            case CrasherFound(crasher=crasher) if self.at_crasher is None:
                kind = crasher.failure.type
                if self._wanted not in ("", kind.rpartition(".")[2]):
                    self.others.append(kind)
                    return
                self.at_crasher, self.crasher = self.used(), kind
                self.is_found.set()

    def used(self) -> float:
        """CPU seconds of this process, of the worker's, and of those that have ended."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = time.process_time() + ended.ru_utime + ended.ru_stime
        for pid in self._workers:
            with suppress(OSError):  # just reaped: it is among the ended ones, if not this time then the next
                seconds += scheduled(pid).running
        return seconds

    def end_at(self, limit: float, session: Session) -> None:
        """Stop the run when so many CPU seconds have been used since the worker was ready, or what was searched for is
        found.
        """
        while session.snapshot().outcome is None:
            left = limit if self.before is None else self.before + limit - self.used()
            if left <= 0 or self.is_found.wait(max(LOOK, left / SELDOM)):
                session.stop()
                return


def search(options: RunOptions, limit: float, wanted: str = "") -> dict[str, Any]:
    """Run to the end; see `main` for what is returned, and `Watch` for what is wanted."""
    session = Session(options)
    watch = Watch(wanted)
    threading.Thread(target=watch.end_at, args=(limit, session), daemon=True).start()
    outcome = session.run(watch.on_event)
    if outcome.reason not in (StopReason.USER, StopReason.CRASHER) or watch.before is None:
        raise SystemExit(f"the run ended because of: {outcome.reason.value} {outcome.detail}")
    if watch.failures:
        raise SystemExit("\n".join(["workers failed by themselves:", *watch.failures]))
    snapshot = session.snapshot()
    if any("overage" in warning for warning in snapshot.warnings):
        raise SystemExit("\n".join(snapshot.warnings))
    return {
        "before": watch.before,
        "cpu": (watch.used() if watch.at_crasher is None else watch.at_crasher) - watch.before,
        "crasher": watch.crasher,
        "others": watch.others,
        "executions": snapshot.executions,
        "edges": snapshot.edges,
        "corpus": snapshot.corpus,
        "peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def main() -> None:
    """Print the CPU seconds before the search and of it, and what was found."""
    file, function, cache, seed, limit, *wanted = sys.argv[1:]
    options = RunOptions(
        target=PythonTarget(Path(file), function, Path(file).parent),
        cache_dir=Path(cache),
        workers=1,
        seed=int(seed),
        stop_on_crash=not wanted,
    )
    print(json.dumps(search(options, float(limit), *wanted)))


if __name__ == "__main__":
    main()
