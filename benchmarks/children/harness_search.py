"""Fuzzes a program for Atheris with fuzztui's engine until so many CPU seconds are used, with its start; one worker.

Arguments: file, cache folder, random seed, CPU seconds. Prints what it came to.
"""

import json
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import python_target
from fuzztui.engine.session import Session
from fuzztui.target.discover import discover

LOOK: Final = 0.25
"""Seconds between looks at the CPU time, which take some milliseconds themselves."""


def used() -> float:
    """CPU seconds of this process and all below it: the worker, and what runs crashers again beside it."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + ended.ru_utime + ended.ru_stime
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # just reaped: it is among the ended ones, if not this time then the next
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def main() -> None:
    """Search, whatever fails."""
    file, cache, seed, limit = sys.argv[1:]
    (info,) = discover(Path(file)).targets
    options = accompanied(RunOptions(python_target(info), Path(cache), workers=1, seed=int(seed), stop_on_crash=False))
    session = Session(options)

    def end_in_time() -> None:
        while session.snapshot().outcome is None:
            if used() >= float(limit):
                session.stop()
                return
            time.sleep(LOOK)

    threading.Thread(target=end_in_time, daemon=True).start()
    outcome = session.run(lambda _: None)
    if outcome.reason.is_failure:
        raise SystemExit(f"{outcome.reason.value}: {outcome.detail}")
    shown = session.snapshot()
    print(
        json.dumps(
            {"executions": shown.executions, "crashers": shown.distinct, "edges": shown.edges, "corpus": shown.corpus}
        )
    )


if __name__ == "__main__":
    main()
