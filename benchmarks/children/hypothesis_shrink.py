"""Makes an input smaller with Hypothesis' shrinker, which fuzztui's shares ideas with.

Arguments: file, function, file with the input. The last line of the output is JSON: `size` of what it comes to, in
bytes, and `calls` of the target.
"""

import contextlib
import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any, Final

from fuzztui.target.load import load

MOST: Final = 1_000_000
"""Calls of the target, which the shrinker does not come to: it gives up by itself."""


def main() -> None:
    """Shrink to the end."""
    file, name, given = sys.argv[1:]
    engine: Any = importlib.import_module("hypothesis.internal.conjecture.engine")
    settings: Any = importlib.import_module("hypothesis").settings
    function = load(file, name).function
    calls = 0

    def test(data: Any) -> None:
        nonlocal calls
        value = data.draw_bytes()
        calls += 1
        try:
            function(value)
        except Exception as error:
            data.mark_interesting(type(error).__name__)

    runner = engine.ConjectureRunner(
        test, settings=settings(max_examples=MOST, database=None, deadline=None), random=random.Random(1)
    )
    runner.cached_test_function((Path(given).read_bytes(),))
    with contextlib.suppress(engine.RunIsComplete):
        runner.shrink_interesting_test_cases()
    (best,) = runner.interesting_test_cases.values()
    print(json.dumps({"size": len(best.choices[0]), "calls": calls}))


if __name__ == "__main__":
    main()
