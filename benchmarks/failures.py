"""What a failing execution costs whose bucket is known, beyond the exception itself."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.child import run
from benchmarks.figures import Verdict
from benchmarks.plan import START, Plan, Report
from benchmarks.table import cell, table

EXECUTIONS: Final = 50_000

EXPECTED: Final = 5.0
"""Microseconds, at most."""

LONGEST: Final = 120.0
"""Seconds that one measurement may take on a busy machine."""

WAYS: Final = {
    "one failure": "def inner(data):\n    raise ValueError\ndef fuzz(data):\n    inner(data)\n",
    "varying messages": (
        "def inner(data):\n    raise ValueError(f'{len(data)} of {data!r}')\ndef fuzz(data):\n    inner(data)\n"
    ),
    "of 20 places": "".join(f"def f{n}(data):\n    raise KeyError(data)\n" for n in range(20))
    + "F = [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19]\n"
    + "def fuzz(data):\n    F[sum(data) % 20](data)\n",
    "a method": ("class A:\n    def run(self, data):\n        return {}[data]\n\ndef fuzz(data):\n    A().run(data)\n"),
    "ten calls deep": "def deep(n):\n    return deep(n - 1) if n else [][1]\ndef fuzz(data):\n    deep(8)\n",
    "raised from another": (
        "def number(data):\n    return int('x')\ndef fuzz(data):\n    try:\n        number(data)\n"
        "    except ValueError as error:\n        raise KeyError(data) from error\n"
    ),
}
"""Sources of functions that fail each time."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of one execution."""

    way: str
    contract: float
    """With the exception in the target's contract: what it costs itself."""
    crasher: float
    """As a failure that is known."""

    @property
    def more(self) -> float:
        """What telling and counting it costs."""
        return self.crasher - self.contract


def measure(plan: Plan) -> Report:
    """Fuzz each of the functions, alone in a process."""
    rows = [_one(way, source, plan) for way, source in WAYS.items()]
    text = table(
        "Microseconds of CPU time of a failing execution",
        ("failure", "in the contract", "known crasher", "more"),
        [(row.way, cell(row.contract, ".2f"), cell(row.crasher, ".2f"), cell(row.more, "+.2f")) for row in rows],
    )
    worst = max(rows, key=lambda row: row.more)
    first = rows[0]
    return Report(
        rows,
        text,
        [
            Verdict(f"a known failure ({row.way})", row.more, EXPECTED, at_least=False, unit=" us", of=" more")
            for row in dict.fromkeys((first, worst))
        ],
    )


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return len(WAYS) * (START + (plan.rounds + 1) * 2 * EXECUTIONS * 8e-6)


def _one(way: str, source: str, plan: Plan) -> Cost:
    plan.progress(f"failures: {way}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "fuzz_failing.py")
        file.write_text(source)
        result = run("benchmarks.children.failures", file, EXECUTIONS, plan.rounds, within=LONGEST).result()
    return Cost(way, result["contract"], result["crasher"])
