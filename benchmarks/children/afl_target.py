"""A target as python-afl's persistent mode wants it: afl-fuzz starts this.

Arguments: file, function, file for the CPU seconds used before the first input.
"""

import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from fuzztui.target.load import load

LOOPS: Final = 10_000
"""Inputs of one process; then the next is forked."""

LONGEST: Final = 2**20
"""Bytes; afl-fuzz makes no longer inputs."""


def main() -> None:
    """Run what afl-fuzz writes to the standard input, again and again."""
    file, name, ready = sys.argv[1:]
    afl: Any = importlib.import_module("afl")
    function = load(file, name).function
    Path(ready).write_text(str(time.process_time()), "ascii")
    while afl.loop(LOOPS):
        function(os.read(0, LONGEST))
    os._exit(0)


if __name__ == "__main__":
    main()
