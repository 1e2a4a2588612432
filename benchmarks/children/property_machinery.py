"""Measures what executing a property test costs beside the test: microseconds of tests that do nothing.

Prints, as JSON, for each test how many choices it draws, and what an execution takes by the lean way and by Hypothesis'
own data.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fuzztui.worker.hypothesis.execution import PropertyTest

ROUNDS: Final = 5
SECONDS: Final = 0.15

RECORD: Final = st.fixed_dictionaries(
    {"id": st.integers(1, 10_000), "amount": st.integers(0, 100_000), "paid": st.booleans(), "flag": st.booleans()}
)


@given(st.integers())
def number(value: int) -> None:
    """One choice."""


@given(st.lists(RECORD, min_size=12, max_size=12))
def records(value: list[Any]) -> None:
    """Many."""


class Machine(RuleBasedStateMachine):
    """Of fifty steps."""

    @rule(value=st.integers(0, 9))
    def step(self, value: int) -> None:
        """Do nothing."""


def cost(run: Callable[[], object]) -> float:
    """Microseconds of CPU time that a call takes, at best."""
    best = float("inf")
    for _ in range(ROUNDS):
        count, start = 0, time.process_time()
        while (used := time.process_time() - start) < SECONDS:
            for _ in range(20):
                run()
            count += 20
        best = min(best, used / count)
    return 1e6 * best


def main() -> None:
    """Measure each test."""
    rows = []
    for name, test in {"one integer": number, "12 dicts": records, "machine, 50 steps": Machine.TestCase}.items():
        made = PropertyTest(test)
        made.run((7,))
        drawn = made.drawn
        found = {}
        for way, is_lean in (("lean", True), ("whole", False)):
            made.is_lean = is_lean
            found[way] = cost(lambda: made.run(drawn))  # noqa: B023 - it is called at once
        rows.append({"test": name, "choices": len(drawn) - 1, **found})
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
