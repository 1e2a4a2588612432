"""Fuzzes a target with HypoFuzz until it fails or the CPU time is used up, when SIGPROF ends the process.

Arguments: file, function, folder for the database, CPU seconds. Prints the CPU seconds used before the first input,
and in a second line the class of what the target raised.

The target is called by a test that is given `st.binary()`, in the loop that a HypoFuzz worker runs for its only test,
without what it does between tests, for several workers or for its dashboard. The test leaves the process as soon as the
target has failed: HypoFuzz would go on and shrink the input.
"""

import importlib
import os
import sys
import time
from signal import ITIMER_PROF, setitimer
from typing import Any

from fuzztui.target.load import load


def main() -> None:
    """Set the timer when the test is ready, fuzz it. The process ends in here."""
    file, name, folder, limit = sys.argv[1:]
    function = load(file, name).function
    output = sys.stdout  # HypoFuzz redirects it while a test runs

    def test(data: bytes) -> None:
        try:
            function(data)
        except Exception as error:
            print(type(error).__name__, file=output, flush=True)
            os._exit(0)

    target = fuzz_target(test, folder)
    print(time.process_time(), flush=True)
    setitimer(ITIMER_PROF, float(limit))
    while True:
        target.run_one()


def fuzz_target(test: Any, folder: str) -> Any:
    """A test of bytes as HypoFuzz collects it, with its database in this folder."""
    hypothesis: Any = importlib.import_module("hypothesis")
    database: Any = importlib.import_module("hypothesis.database")
    worker: Any = importlib.import_module("hypofuzz.hypofuzz")
    importlib.import_module("hypofuzz.detection")._in_hypofuzz_run = True  # type: ignore[attr-defined]
    stored = database.BackgroundWriteDatabase(database.DirectoryBasedExampleDatabase(folder))
    hypothesis.settings.register_profile("benchmark", database=stored)
    hypothesis.settings.load_profile("benchmark")
    target = worker.FuzzTarget.from_hypothesis_test(
        hypothesis.given(hypothesis.strategies.binary())(test),
        database=worker.HypofuzzDatabase(stored),
    )
    target._enter_fixtures()
    return target


if __name__ == "__main__":
    main()
