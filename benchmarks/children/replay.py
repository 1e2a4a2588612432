"""Runs a target with each file of a folder under coverage.py.

Arguments: file, function, folder with the inputs, packages and modules to be measured (with commas), folder for what
coverage.py writes. Prints how many branches were covered, and how many there are.
"""

import json
import sys
from pathlib import Path

from benchmarks.children.branches import branches_of
from fuzztui.target.load import load


def main() -> None:
    """Replay the empty input, with which both fuzzers begin, and the files in the order of their names."""
    file, name, folder, sources, scratch = sys.argv[1:]
    inputs = [b"", *(entry.read_bytes() for entry in sorted(Path(folder).iterdir()))]

    def replay() -> None:
        function = load(file, name).function
        for data in inputs:
            function(data)

    print(json.dumps(branches_of(replay, sources, scratch)))


if __name__ == "__main__":
    main()
