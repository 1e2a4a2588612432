"""Runs a program for Atheris with all files of some folders under coverage.py, without either fuzzer.

Arguments: file, folder for what coverage.py writes, packages to be measured (with commas), folders with inputs. Prints
how many branches were covered, and how many there are.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path

from benchmarks.children.branches import branches_of
from fuzztui.testing.programs import run_program


def main() -> None:
    """Replay the empty input, with which both fuzzers begin, then the files in the order of their names."""
    file, scratch, packages, *folders = sys.argv[1:]
    files = [path for folder in folders for path in sorted(Path(folder).iterdir()) if path.is_file()]
    inputs = [b"", *(path.read_bytes() for path in files)]

    def replay() -> None:
        with suppress(BaseException):
            run_program(file, *inputs)

    covered = branches_of(replay, packages, scratch)
    sys.__stdout__.write(f"\n{json.dumps(covered)}\n")  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
