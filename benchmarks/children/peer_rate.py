"""Fuzzes a target with Atheris for some CPU seconds, then has libFuzzer print its statistics.

Arguments: CPU seconds, then those of `peer_fuzz`. Prints the CPU seconds used before the first input. libFuzzer's own
limit is by the clock, which on a busy machine would end it in its first, fastest moments.
"""

import os
import sys
import time
from signal import SIGUSR1
from typing import Final

from benchmarks.children.peer_fuzz import fuzz

LOOK: Final = 0.02
"""Seconds between looks at the CPU time."""


def main() -> None:
    """Have a process watch this one when the target is loaded, fuzz it."""
    limit, *arguments = sys.argv[1:]
    fuzz(arguments, lambda: _watched(float(limit)))


def _watched(limit: float) -> None:
    fuzzer = os.getpid()
    before = _running(fuzzer)
    if os.fork():
        return
    try:
        while _running(fuzzer) - before < limit:
            time.sleep(LOOK)
        os.kill(fuzzer, SIGUSR1)  # libFuzzer ends at its next input
    except OSError:  # it has ended by itself
        pass
    finally:
        os._exit(0)


def _running(pid: int) -> float:
    with open(f"/proc/{pid}/schedstat", "rb") as file:  # noqa: PTH123 - pathlib is for the target to import
        return int(file.read().split()[0]) / 1e9


if __name__ == "__main__":
    main()
