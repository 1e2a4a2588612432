"""Fuzzes a target with one worker until it fails or has been executed so many times.

Arguments: file, function, cache folder, random seed, executions. Prints the class of the exception, empty if there was
none, and the executions: as many as there were when the worker reported, which it does every few hundred.
"""

import json
import sys
from pathlib import Path

from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.outcome import StopReason


def main() -> None:
    """See above."""
    file, function, cache, seed, limit = sys.argv[1:]
    options = RunOptions(
        target=PythonTarget(Path(file), function, Path(file).parent),
        cache_dir=Path(cache),
        workers=1,
        seed=int(seed),
        limit=Limit(executions=int(limit)),
    )
    session = Session(options)
    outcome = session.run(lambda _: None)
    if outcome.reason not in (StopReason.EXECUTION_LIMIT, StopReason.CRASHER):
        raise SystemExit(f"the run ended because of: {outcome.reason.value} {outcome.detail}")
    snapshot = session.snapshot()
    crasher = snapshot.crashers[0].failure.type if snapshot.crashers else ""
    print(json.dumps({"crasher": crasher, "executions": snapshot.executions}))


if __name__ == "__main__":
    main()
