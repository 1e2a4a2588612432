"""Fuzzes a target for some seconds without a dashboard, its workers as nice as a dashboard's.

Arguments: file, function, cache folder, workers, seconds.
"""

import json
import sys
from pathlib import Path

from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session

NICENESS = 10


def main(file: str, function: str, cache: str, workers: str, seconds: str) -> None:
    """Print how often the target was executed."""
    options = RunOptions(
        PythonTarget(Path(file), function, Path(file).parent),
        Path(cache),
        int(workers),
        limit=Limit(float(seconds)),
        stop_on_crash=False,
        seed=1,
        niceness=NICENESS,
    )
    session = Session(options)
    session.run(lambda _: None)
    print(json.dumps(session.snapshot().executions))


if __name__ == "__main__":
    main(*sys.argv[1:])
