"""Executions to bugs that only guidance by comparisons finds: suites of small targets with one bug each.

What is counted does not depend on the machine, and hardly on luck: comparisons are followed to the input.
"""

from dataclasses import dataclass
from statistics import median

from benchmarks.arena import FOLDER, bare_arena
from benchmarks.child import MeasurementError, run
from benchmarks.figures import Verdict
from benchmarks.plan import START, Plan, Report
from benchmarks.search import BUG, GRACE
from benchmarks.table import table


@dataclass(frozen=True, slots=True)
class Behind:
    """The searches for one bug."""

    target: str
    limit: int
    executions: tuple[int | None, ...]
    """Of each search; None where the bug was not found."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Some targets."""

    name: str
    """Of the folder in `targets`."""
    what: str
    """What the bugs are behind, with an article."""
    targets: tuple[str, ...]
    limit: int
    """Executions of one search."""
    seeds: int = 3

    def measure(self, plan: Plan) -> Report:
        """Search for each bug with each random seed."""
        rows = []
        for target in self.targets:
            plan.progress(f"{self.name}: {target}")
            seeds = range(1, 1 + (plan.seeds or self.seeds))
            rows.append(Behind(target, self.limit, tuple([self.search(target, seed) for seed in seeds])))
        found = [count for row in rows for count in row.executions if count is not None]
        text = table(
            f"executions to a bug behind {self.what}, at most {self.limit:,}: each random seed",
            ("bug", *(f"seed {number}" for number in range(1, 1 + len(rows[0].executions)))),
            [(row.target, *("-" if count is None else f"{count:,}" for count in row.executions)) for row in rows],
        )
        searches = sum(len(row.executions) for row in rows)
        name = f"bugs behind {self.what} found within {self.limit:,} executions"
        verdicts = [Verdict(name, len(found), searches, at_least=True, unit=f" of {searches}", of=" searches")]
        if found:
            text += f"\nmedian of those that were found: {median(found):,.0f}"
        return Report(rows, text, verdicts)

    def duration(self, plan: Plan) -> float:
        """Seconds that this takes, roughly."""
        return len(self.targets) * (plan.seeds or self.seeds) * 2 * START

    def search(self, target: str, seed: int) -> int | None:
        """Executions until the bug is found, rounded up to a report; None if it is not. MeasurementError for another
        one.
        """
        with bare_arena(target, FOLDER / self.name) as made:
            arguments = (made.file, made.function, made.cache, seed, self.limit)
            result = run("benchmarks.children.executions", *arguments, within=GRACE).result()
        if result["crasher"] and result["crasher"].rpartition(".")[2] != BUG:
            raise MeasurementError(f"{target}: fuzztui has found something else: {result['crasher']}")
        executions: int = result["executions"]
        return executions if result["crasher"] else None
