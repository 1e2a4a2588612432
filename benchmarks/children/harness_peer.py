"""Runs a program for Atheris as `python file ...` does, until so many CPU seconds are used: then SIGPROF ends it.

Arguments: CPU seconds, file, and what the program is given.
"""

import runpy
import sys
from pathlib import Path
from signal import ITIMER_PROF, setitimer


def main() -> None:
    """Be the program."""
    limit, file, *arguments = sys.argv[1:]
    setitimer(ITIMER_PROF, max(0.01, float(limit)))
    sys.argv[:] = [file, *arguments]
    sys.path[0] = str(Path(file).parent)
    runpy.run_path(file, run_name="__main__")


if __name__ == "__main__":
    main()
