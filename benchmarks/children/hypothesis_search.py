"""Runs a property test by Hypothesis until it fails or the CPU time is used up, when SIGPROF ends the process.

Arguments: file, test, random seed, CPU seconds. Prints the class of what the test raised, and the CPU seconds from the
first example on.
"""

import importlib
import os
import sys
import time
from signal import ITIMER_PROF, setitimer
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test


def main() -> None:
    """Set the timer when the test is loaded, run it."""
    file, name, number, limit = sys.argv[1:]
    folder, base = os.path.split(file)
    sys.path.insert(0, folder)
    found: Any = getattr(importlib.import_module(base.removesuffix(".py")), name)
    # Nothing but generating: a failure is reported at once, not made smaller.
    wanted = settings(
        max_examples=10**9,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    machine = getattr(getattr(found, "runTest", None), "_hypothesis_state_machine_class", None)
    test = wanted(found) if machine is None else get_state_machine_test(machine, settings=wanted)
    test = seed(int(number))(test)
    setitimer(ITIMER_PROF, float(limit))
    start = time.process_time()
    try:
        test()
    except Exception as error:
        seconds = time.process_time() - start
        setitimer(ITIMER_PROF, 0)
        print(type(error).__name__, seconds)


if __name__ == "__main__":
    main()
