"""Searches for the planted bugs of property tests: by their choices, by Hypothesis itself, and by bytes.

A test is fuzzed as it is; run by Hypothesis without a limit of examples; and fuzzed over the bytes that its
`fuzz_one_input` takes, by the same engine. What counts is CPU time, of all processes, from the first input on.
"""

import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, TypeAlias

from benchmarks.arena import FOLDER
from benchmarks.child import MeasurementError, run
from benchmarks.figures import Verdict
from benchmarks.plan import START, Effort, Plan, Report
from benchmarks.search import GRACE, PATIENCE
from benchmarks.table import table

TESTS: Final = {
    "orders": "test_orders",
    "intervals": "test_intervals",
    "door": "TestDoor",
    "settings": "test_settings",
    "document": "test_document",
    "calendar": "test_calendar",
    "expression": "test_expression",
    "bank": "TestBank",
    "geometry": "test_geometry",
    "budget": "test_budget",
    "matrix": "test_matrix",
    "route": "test_route",
    "query": "test_query",
    "packets": "test_packets",
}
"""In `targets/property`: file -> test. The first seven are those that the operators were made with."""

BUG: Final = "AssertionError"

QUICK: Final = Effort(1, 20.0)
FULL: Final = Effort(3, 20.0)

ENOUGH: Final = 10
"""Bugs that are to be found in most searches."""

FIXED: Final = 12.0
PER_CHOICE: Final = 3.0
"""Microseconds that executing a test may take beside the test: in any case, and for each choice."""

Seconds: TypeAlias = float | None
"""CPU seconds until the bug was found; None if it was not."""

BYTES: Final = """
from test_{name} import {test}
from hypothesis.stateful import get_state_machine_test

found = getattr(getattr({test}, "runTest", None), "_hypothesis_state_machine_class", None)
test = get_state_machine_test(found) if found else {test}

def fuzz_bytes(data: bytes) -> None:
    test.hypothesis.fuzz_one_input(data)
"""


@dataclass(frozen=True, slots=True)
class Property:
    """The searches for one bug."""

    test: str
    limit: float
    """CPU seconds of one search."""
    choices: tuple[Seconds, ...]
    hypothesis: tuple[Seconds, ...]
    bytes: tuple[Seconds, ...]


@dataclass(frozen=True, slots=True)
class Machinery:
    """What executions cost beside the test, in microseconds of CPU time."""

    test: str
    choices: int
    """That it draws."""
    lean: float
    whole: float
    """With Hypothesis' own data."""


def measure(plan: Plan) -> Report:
    """Search for each bug in each way with each random seed."""
    seeds, limit = plan.effort(QUICK, FULL)
    rows = []
    for name in TESTS:
        found: dict[str, list[Seconds]] = {}
        for way, search in WAYS.items():
            for seed in range(1, 1 + seeds):
                plan.progress(f"property tests: {name}, by {way}, seed {seed}")
                found.setdefault(way, []).append(search(name, seed, limit))
        rows.append(Property(name, limit, *[tuple(found[way]) for way in WAYS]))
    text = table(
        f"CPU seconds to the bug of a property test, at most {limit:g}: each random seed",
        ("test", *(way for way in WAYS)),
        [(row.test, *(_shown(times) for times in (row.choices, row.hypothesis, row.bytes))) for row in rows],
    )
    machinery = [Machinery(**row) for row in run("benchmarks.children.property_machinery", within=GRACE).result()]
    text += "\n\n" + table(
        "microseconds of an execution beside the test: the lean way, and with Hypothesis' own data",
        ("test", "choices", "lean", "Hypothesis' data"),
        [(each.test, str(each.choices), f"{each.lean:.1f}", f"{each.whole:.1f}") for each in machinery],
    )
    good = sum(_is_found(row.choices) for row in rows)
    name = f"bugs of property tests found within {limit:g} CPU s in most searches"
    verdict = Verdict(name, good, ENOUGH, at_least=True, unit=f" of {len(rows)}", of=f" of {len(rows)}")
    costs = [
        Verdict(f"executing {each.test}", each.lean, FIXED + PER_CHOICE * each.choices, at_least=False, unit=" us")
        for each in machinery
    ]
    return Report([*rows, *machinery], text, [verdict, *costs])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly: of the other ways most searches find nothing."""
    seeds, limit = plan.effort(QUICK, FULL)
    return len(TESTS) * seeds * (2.2 * limit + len(WAYS) * START)


def _is_found(times: tuple[Seconds, ...]) -> bool:
    return 2 * sum(each is not None for each in times) > len(times)


def _shown(times: tuple[Seconds, ...]) -> str:
    found = sorted(each for each in times if each is not None)
    some = f"{median(found):.2f}" if found else "-"
    return f"{some} ({len(found)} of {len(times)})"


# The ways -------------------------------------------------------------------------------------------------------------


def by_choices(name: str, seed: int, limit: float) -> Seconds:
    """Fuzz the test."""
    return _fuzz(name, f"test_{name}.py", TESTS[name], seed, limit)


def by_bytes(name: str, seed: int, limit: float) -> Seconds:
    """Fuzz what takes the bytes of the test's choices."""
    return _fuzz(name, "fuzz_bytes.py", "fuzz_bytes", seed, limit)


def _fuzz(name: str, file: str, function: str, seed: int, limit: float) -> Seconds:
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as folder:
        _lay_out(name, Path(folder))
        arguments = (Path(folder, file), function, Path(folder, ".fuzztui"), seed, limit)
        result = run("benchmarks.children.search", *arguments, within=PATIENCE * limit + GRACE).result()
    if result["crasher"] and result["crasher"].rpartition(".")[2] != BUG:
        raise MeasurementError(f"{name}: fuzztui has found something else: {result['crasher']}")
    seconds: float = result["cpu"]
    return seconds if result["crasher"] else None


def by_hypothesis(name: str, seed: int, limit: float) -> Seconds:
    """Run the test by Hypothesis, until it fails."""
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as folder:
        _lay_out(name, Path(folder))
        finished = run(
            "benchmarks.children.hypothesis_search",
            *(Path(folder, f"test_{name}.py"), TESTS[name], seed, limit),
            within=PATIENCE * limit + GRACE,
            statuses=(0, -signal.SIGPROF),
        )
    if finished.status == -signal.SIGPROF:
        return None
    kind, seconds = finished.output.split()
    if kind != BUG:
        raise MeasurementError(f"{name}: Hypothesis has found something else: {kind}")
    return float(seconds)


def _lay_out(name: str, folder: Path) -> None:
    (folder / "pyproject.toml").touch()  # marks the root of a project
    shutil.copy(FOLDER / "property" / f"test_{name}.py", folder)
    (folder / "fuzz_bytes.py").write_text(BYTES.format(name=name, test=TESTS[name]), "utf-8")


WAYS: Final[dict[str, Callable[[str, int, float], Seconds]]] = {
    "choices": by_choices,
    "hypothesis": by_hypothesis,
    "bytes": by_bytes,
}
