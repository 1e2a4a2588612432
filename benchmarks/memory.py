"""Whether worker and coordinator keep to the memory that they have after a while: full runs only, or when asked for.

What a run finds is kept, so memory grows while much is found; that is over after the first fifth of the time.
"""

from dataclasses import dataclass
from typing import Final

from benchmarks.arena import arena
from benchmarks.child import run
from benchmarks.figures import Verdict
from benchmarks.plan import START, Plan, Report
from benchmarks.table import cell, table

TARGETS: Final = ("json", "email")
"""One whose corpus is soon complete, and one whose corpus goes on growing."""

MARKS: Final = (0.2, 0.6, 1.0)
"""Parts of the time after which the memory is looked at."""

EXPECTED: Final = 3.0
"""Per cent of growth, at most."""

GRACE: Final = 60.0
"""Seconds that a run may take besides fuzzing."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of one process, in bytes."""

    target: str
    process: str
    seconds: float
    """Of the whole run."""
    at: tuple[int, ...]
    """At each of `MARKS`."""
    executions: int
    corpus: tuple[int, ...]
    """Entries at each of `MARKS`."""

    @property
    def since_first(self) -> float:
        """Growth from the first mark to the last, per cent."""
        return 100 * (self.at[-1] / self.at[0] - 1)

    @property
    def since_second(self) -> float:
        """Growth between the last two, per cent."""
        return 100 * (self.at[-1] / self.at[-2] - 1)


def measure(plan: Plan) -> Report:
    """Fuzz with one worker for long, look at both processes."""
    rows = [row for target in TARGETS if target in plan.targets for row in _one(target, plan)]
    at = [f"at {mark:.0%}" for mark in MARKS]
    text = table(
        f"Resident memory in MiB, {plan.memory_seconds:g} s of fuzzing with one worker",
        ("target, process", *at, f"growth since {MARKS[0]:.0%}", f"since {MARKS[-2]:.0%}", "entries", "executions"),
        [
            (
                f"{row.target}, {row.process}",
                *(cell(size / 2**20, ".1f") for size in row.at),
                cell(row.since_first, "+.1f") + " %",
                cell(row.since_second, "+.1f") + " %",
                " / ".join(map(str, row.corpus)),
                cell(row.executions),
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts(rows))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return sum(plan.memory_seconds + START for target in TARGETS if target in plan.targets)


def verdicts(rows: list[Memory]) -> list[Verdict]:
    """Whether no process has grown by more than it may: over the last two marks, and since the first."""
    if not rows:
        return []
    late = max(rows, key=lambda row: row.since_second)
    whole = max(rows, key=lambda row: row.since_first)
    return [
        Verdict(
            f"memory, last two fifths of the time, worst ({late.target}, {late.process})",
            late.since_second,
            EXPECTED,
            at_least=False,
            unit=" %",
            of=" growth",
        ),
        Verdict(
            f"memory, after the first fifth of the time, worst ({whole.target}, {whole.process})",
            whole.since_first,
            EXPECTED,
            at_least=False,
            unit=" %",
            of=" growth",
        ),
    ]


def _one(target: str, plan: Plan) -> list[Memory]:
    seconds = plan.memory_seconds
    plan.progress(f"memory: {target}, {seconds:g} s")
    with arena(target) as made:
        arguments = (made.file, made.function, made.cache, seconds, *MARKS)
        result = run("benchmarks.children.memory", *arguments, within=seconds + GRACE).result()
    return [
        Memory(target, process, seconds, tuple(result[process]), result["executions"], tuple(result["corpus"]))
        for process in ("worker", "coordinator")
    ]
