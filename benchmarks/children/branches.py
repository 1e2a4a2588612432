"""Measures with coverage.py how many branches of some packages a piece of work takes."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def branches_of(work: Callable[[], object], packages: str, scratch: str) -> list[int]:
    """Branches covered, and how many there are, of packages (with commas); 0 of 0 where nothing of them is
    Python. `scratch`: folder for coverage.py's file.

    What coverage.py itself imports has been executed before it measures; branches at the top level of those modules
    count as not covered, for everybody alike.
    """
    library: Any = importlib.import_module("coverage")
    measuring = library.Coverage(
        data_file=None,
        config_file=False,
        branch=True,
        cover_pylib=True,
        source_pkgs=packages.split(","),
        messages=False,
    )
    measuring.set_option("run:disable_warnings", ["module-not-measured", "already-imported"])
    measuring.start()
    work()
    measuring.stop()
    report = Path(scratch) / "report.json"
    try:
        measuring.json_report(outfile=str(report), ignore_errors=True)
    except library.exceptions.NoDataError:  # of packages that are compiled
        return [0, 0]
    totals = json.loads(report.read_text("utf-8"))["totals"]
    return [totals["covered_branches"], totals["num_branches"]]
