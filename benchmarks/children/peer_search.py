"""Fuzzes a target with Atheris until it fails or the CPU time is used up, when SIGPROF ends the process.

Arguments: CPU seconds, then those of `peer_fuzz`. Prints the CPU seconds used before the first input.
"""

import sys
from signal import ITIMER_PROF, setitimer

from benchmarks.children.peer_fuzz import fuzz


def main() -> None:
    """Set the timer when the target is loaded, fuzz it."""
    limit, *arguments = sys.argv[1:]
    fuzz(arguments, lambda: setitimer(ITIMER_PROF, float(limit)))


if __name__ == "__main__":
    main()
