"""Runs a target with each file of a folder under coverage.py.

Arguments: file, function, folder with the inputs, packages and modules to be measured (with commas), folder for what
coverage.py writes. Prints how many branches were covered, and how many there are.

What coverage.py itself imports has been executed before it measures; branches at the top level of those modules count
as not covered, for everybody alike.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from fuzztui.target.load import load


def main() -> None:
    """Replay the empty input, with which both fuzzers begin, and the files in the order of their names."""
    file, name, folder, sources, scratch = sys.argv[1:]
    library: Any = importlib.import_module("coverage")
    measuring = library.Coverage(
        data_file=None,
        config_file=False,
        branch=True,
        cover_pylib=True,
        source_pkgs=sources.split(","),
        messages=False,
    )
    measuring.set_option("run:disable_warnings", ["module-not-measured", "already-imported"])
    inputs = [b"", *(entry.read_bytes() for entry in sorted(Path(folder).iterdir()))]
    measuring.start()
    function = load(file, name).function
    for data in inputs:
        function(data)
    measuring.stop()
    report = Path(scratch) / "report.json"
    measuring.json_report(outfile=str(report), ignore_errors=True)
    totals = json.loads(report.read_text("utf-8"))["totals"]
    print(json.dumps([totals["covered_branches"], totals["num_branches"]]))


if __name__ == "__main__":
    main()
