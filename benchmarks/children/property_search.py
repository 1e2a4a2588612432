"""Fuzzes one property test of a project until the CPU time is used up, whatever fails; one worker.

Arguments: file, test, cache folder, random seed, CPU seconds. Prints what `benchmarks.children.search` does.
"""

import json
import sys
from pathlib import Path

from benchmarks.children.search import search
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import python_target
from fuzztui.target.discover import discover


def main() -> None:
    """Fuzz it."""
    file, name, cache, seed, limit = sys.argv[1:]
    (info,) = [found for found in discover(Path(file)).targets if found.name == name]
    options = RunOptions(
        target=python_target(info),
        cache_dir=Path(cache),
        workers=1,
        seed=int(seed),
        stop_on_crash=False,
        minimize_time=0.0,
    )
    print(json.dumps(search(options, float(limit))))


if __name__ == "__main__":
    main()
