"""Takes in the inputs that reach something new: measures all that they cover, trims them, reports them."""

from typing import Any, Final

from fuzztui.protocol.messages import Found
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.clock import Clock
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.reports import Reports
from fuzztui.worker.retire import Retirement
from fuzztui.worker.runner import Runner
from fuzztui.worker.seen import SeenCells
from fuzztui.worker.trimming import trim

__builtins__ = PRIVATE_BUILTINS

TRIMMING_TRIES: Final = 40
"""Executions spent on trimming one input. They pay: mutations of a shorter input run faster, and hit more often."""

TRIMMING_SHARE: Final = 0.5
"""An input is trimmed only if its execution takes less than this part of the call's seconds, so that a slow one does
not keep all others waiting. A call of a run that has to be repeatable has so many seconds that no clock decides."""


class Discoveries:
    """What is done about an execution after which the probe map differs from what has been seen."""

    def __init__(
        self,
        probes: ProbeMap,
        seen: SeenCells,
        retirement: Retirement,
        runner: Runner,
        mutator: Mutator,
        reports: Reports,
    ) -> None:
        self._probes = probes
        self._seen = seen
        self._retirement = retirement
        self._runner = runner
        self._mutator = mutator
        self._reports = reports
        self._trimmed_within = 0.0
        """Seconds that an execution of this call may take for its input to be trimmed."""
        self._suggested = 0

    def begin_call(self, seconds: float) -> None:
        """A call of so many seconds begins."""
        self._trimmed_within = TRIMMING_SHARE * seconds

    def take_suggested(self) -> int:
        """Finds since last asked whose inputs were suggested by comparisons, and not made by a mutation."""
        suggested, self._suggested = self._suggested, 0
        return suggested

    def take(self, value: Any, data: bytes, budget: int) -> int:
        """Measure, trim and report an input that changed the map; returns the executions used, of `budget`.

        `value` is what the target was called with, as the loop has it: the one `bytes`, or all arguments.
        """
        new = self._seen.new_cells()
        if not new:
            return 0
        if not self._mutator.credit():
            self._suggested += 1
        arguments: Arguments = (value,) if self._runner.raw else value
        covered = set(new)
        used = 0
        started = Clock.seconds()
        if budget:
            used = 1
            measured = self._measure(arguments, data)
            if measured is None:
                return used
            covered = measured
            wanted = sorted(covered & new)  # if empty, nothing new is covered every time: nothing to hold on to
            if wanted and budget > 2 and Clock.seconds() - started < self._trimmed_within:
                shorter, tries = self._trim(arguments, wanted, min(budget - 2, TRIMMING_TRIES))
                used += tries
                if shorter is not arguments:
                    used += 1
                    measured = self._measure(shorter, self._runner.encode(shorter))
                    if measured is not None and measured.issuperset(wanted):
                        arguments, covered = shorter, measured
        self._seen.keep(covered | new)
        self._mutator.add_to_pool(arguments)
        edges = self._probes.coverage(sorted(covered | new))
        self._reports.send(Found(data=self._runner.encode(arguments), edges=edges))
        return used

    def _measure(self, arguments: Arguments, data: bytes) -> set[int] | None:
        """The cells of everything that one input covers; None if it fails, which is then reported."""
        with self._retirement.complete():
            self._seen.clear_map()
            crash = self._runner.run(arguments, data)
        if crash is not None:
            self._runner.report(crash, data)
            return None
        return set(self._seen.set_cells())

    def _trim(self, arguments: Arguments, wanted: list[int], tries: int) -> tuple[Arguments, int]:
        """The shortest form found that still covers the wanted cells, which are new; and the executions used.

        Only new cells matter, whose probes lean code still has, so the complete code is not needed.
        """
        cells, runner = self._seen.cells, self._runner
        executions = 0

        def keeps(candidate: Arguments) -> bool:
            nonlocal executions
            if runner.executions.is_interrupted:
                return False
            executions += 1
            for cell in wanted:
                cells[cell] = 0
            return runner.runs_clean(candidate, runner.encode(candidate)) and all(cells[cell] for cell in wanted)

        shortest, _ = trim(arguments, keeps, tries)
        return shortest, executions
