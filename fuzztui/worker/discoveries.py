"""Takes in the inputs that reach something new: measures all that they cover, trims them, reports them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any, Final

from fuzztui.protocol.memory import CONTROL
from fuzztui.protocol.messages import Found
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.fields import fields_of
from fuzztui.worker.atheris.log import LOG
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.guidance.ration import Ration, TimeShare
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.reports import Reports
from fuzztui.worker.runner import Runner
from fuzztui.worker.trimming import trim

if TYPE_CHECKING:
    from fuzztui.worker.choices.drawing import Drawing

__builtins__ = PRIVATE_BUILTINS

TRIMMING_TRIES: Final = 40
"""Executions spent on trimming one input. They pay: mutations of a shorter input run faster, and hit more often."""

LEGIBLE_TRIES: Final = 2
"""The same for the forms of one in which it is easier to read."""

TRIMMED_AT_ONCE: Final = 10 * TRIMMING_TRIES
TRIMMED_PER_EXECUTION: Final = 0.25
"""Executions that trimming may take of a property test: in a slow one that finds much, they would be most."""

LOOKING_TIME: Final = 0.25
"""Part of the time in which the finds of a property test are looked into: run again, trimmed, and checked. Beyond it
they are only measured: what is tried next may reach more than what is learned of an input that has been found."""

TRIMMING_SHARE: Final = 0.5
"""An input is trimmed only if its execution takes less than this part of the call's seconds, so that a slow one does
not keep all others waiting. A call of a run that has to be repeatable has so many seconds that no clock decides."""

FAR_SLOWER_TRIMMED: Final = 2.0
"""Times as long as its execution an input that takes far longer than others may be trimmed: where a program takes
quadratic time, half of it takes a fourth, and what is left of it may be as quick as others.
"""


ASKS: Final = 3
"""Inputs in a row, of which no provider has read anything, after which none is asked for what was not read."""

MOST_CHECKS: Final = 500
"""Inputs of a process that are run once more: enough to tell whether coverage is stable."""

COMPARISONS: Final = "comparisons"
AFRESH: Final = "afresh"
"""The sources of inputs that are no operators: what traced comparisons suggest, and what is drawn from nothing."""

TRIMMED: Final = "trimmed"
"""Said of an input that was made shorter after it had been found."""


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
        self.untrimmed: Callable[[Arguments], None] = lambda _: None
        """Told of an input that was made shorter: it may do more than to cover what is new."""
        self.legible: Callable[[Arguments], Iterator[Arguments]] = lambda _: iter(())
        """An input in other forms, which are to be preferred if they do."""
        self.is_far_slower: Callable[[int], bool] = lambda _: False
        """Whether an execution of so many nanoseconds takes far longer than others."""
        self._trimmed_within = 0.0
        """Seconds that an execution of this call may take for its input to be trimmed."""
        self._trimming = Ration(TRIMMED_AT_ONCE, TRIMMED_PER_EXECUTION)
        self._looking = TimeShare(LOOKING_TIME)
        self._seconds = 0.0
        """Of this call."""
        self.suggested = 0
        """Finds since last asked whose inputs were suggested by comparisons, and not made by a mutation."""
        self.source = COMPARISONS
        """What makes the inputs that are no mutations."""
        self.found = 0
        """Inputs that have been reported, in all."""
        self.reached = 0
        """Those among them that cover what none did, while others do something more often."""
        self._asks = ASKS
        self._checks = 0
        """Inputs that were run once more, to see whether they cover the same."""

    def begin_call(self, seconds: float) -> None:
        """A call of so many seconds begins."""
        self._seconds = seconds
        self._trimmed_within = TRIMMING_SHARE * seconds

    def origin(self) -> list[str]:
        """What has made the last input: operators, in order, or another source."""
        return self._mutator.last_operators() or [self.source]

    @contextmanager
    def made(self, source: str) -> Iterator[None]:
        """What is executed in this context is made in such a way. What it covers and is not taken is forgotten."""
        self.source = source
        try:
            yield
        finally:
            self.source = COMPARISONS
            self._seen.restore()

    def take_suggested(self) -> int:
        """`suggested`, which is none then."""
        suggested, self.suggested = self.suggested, 0
        return suggested

    def take(self, value: Any, data: bytes, budget: int) -> int:
        """Measure, trim and report an input that changed the map; returns the executions used, of `budget`.

        `value` is what the target was called with, as the loop has it: the one `bytes`, or all arguments.
        """
        new = self._seen.new_cells()
        if not new:
            return 0
        operators = self.origin()
        if not self._mutator.credit() and self.source == COMPARISONS:
            self.suggested += 1
        arguments: Arguments = (value,) if self._runner.raw else value
        drawing = self._runner.drawing
        if drawing is None:
            return self._look_into(arguments, data, new, operators, budget)
        drawing.record(on=True)
        arguments, data = self._canonical(drawing, arguments, data)
        if not self._looking.allows(self._seconds):
            return self._only_measure(arguments, new, operators, budget)
        with self._looking.spending():
            return self._look_into(arguments, data, new, operators, budget)

    def take_measured(self, value: Arguments, data: bytes, new: set[int]) -> None:
        """Report an input that has just been executed on a map that was cleared before, with every probe."""
        covered = new | set(self._seen.set_cells())
        drawing = self._runner.drawing
        arguments = value if drawing is None else self._canonical(drawing, value, data)[0]
        self._report(arguments, new, covered, self.origin(), None)

    def _only_measure(self, arguments: Arguments, new: set[int], operators: list[str], budget: int) -> int:
        """Report it as it is; returns the executions used."""
        used, covered = 0, set(new)
        if budget:
            used, measured, _ = self._measure(arguments, 0, budget, is_checked=False)
            if measured is None:
                return used
            covered |= measured
        self._report(arguments, new, covered, operators, None)
        return used

    def _look_into(self, arguments: Arguments, data: bytes, new: set[int], operators: list[str], budget: int) -> int:
        drawing, used = self._runner.drawing, 0
        started = Clock.seconds()
        shorter = arguments
        wanted: list[int] = []
        if budget > 2:
            used = 1
            again = self._covers_again(arguments, data, new)
            if again is None:
                return used
            wanted = sorted(again)  # if empty, nothing new is covered every time: nothing to hold on to
            within = self._trimmed_for(Clock.seconds() - started)
            if wanted and within:
                most = min(budget - 3, TRIMMING_TRIES)
                if drawing is None or self._trimming.allows(most, self._runner.executions.memory.executions):
                    shorter, tries = self._trim(arguments, wanted, most, within)
                    used += tries
        is_checked = self._may_check(used, budget - 1, Clock.seconds() - started)
        covered, unstable = set(new), None
        if used < budget:
            measured = None
            if shorter is not arguments:
                used, measured, unstable = self._measure(shorter, used, budget - 1, is_checked=is_checked)
                if measured is not None and measured.issuperset(wanted):
                    self.untrimmed(arguments)
                    arguments = shorter
                    operators.append(TRIMMED)
                else:
                    measured = None
            if measured is None:
                used, measured, unstable = self._measure(arguments, used, budget, is_checked=is_checked)
                if measured is None:
                    return used
            covered = measured
        self._report(arguments, new, covered | new, operators, unstable)
        return used

    def _report(
        self, arguments: Arguments, new: set[int], covered: set[int], operators: list[str], unstable: set[int] | None
    ) -> None:
        self._seen.keep(covered)
        self._seen.watch(new)
        self._mutator.add_to_pool(arguments)
        edges = self._probes.coverage(sorted(covered))
        found = Found(
            data=self._runner.encode(arguments),
            edges=edges,
            operators=operators,
            is_checked=unstable is not None,
            unstable=self._probes.coverage(sorted(unstable or ())),
        )
        self._reports.send(found)
        self.found += 1
        self.reached += not new <= self._probes.counting()

    def _canonical(self, drawing: "Drawing", arguments: Arguments, data: bytes) -> tuple[Arguments, bytes]:
        """The input as it was drawn, unless that is too long to be executed."""
        drawn = drawing.canonical(arguments)
        encoded = self._runner.encode(drawn)
        return (drawn, encoded) if self._runner.executions.has_room(encoded) else (arguments, data)

    def _may_check(self, used: int, budget: int, seconds: float) -> bool:
        """Whether an input that was measured is to be run once more: not one that is slow, or has nothing left."""
        is_quick = seconds < self._trimmed_within and not self._runner.executions.is_interrupted
        return 0 < used < budget and is_quick and self._checks < MOST_CHECKS

    def _trimmed_for(self, seconds: float) -> float:
        """How many seconds an input may be trimmed whose execution takes so many."""
        if seconds < self._trimmed_within:
            return inf
        is_far_slower = self._runner.drawing is None and self.is_far_slower(int(seconds * 1e9))
        return FAR_SLOWER_TRIMMED * seconds if is_far_slower else 0.0

    def _covers_again(self, arguments: Arguments, data: bytes, new: set[int]) -> set[int] | None:
        """Which of the new cells an input covers when it is run once more; None if it fails, which is then reported.

        Probes of new cells are in the lean code, too.
        """
        cells = self._seen.cells
        for cell in new:
            cells[cell] = 0
        crash = self._runner.run(arguments, data)
        if crash is not None:
            self._runner.report(crash, data)
            return None
        return {cell for cell in new if cells[cell]}

    def _measure(
        self, arguments: Arguments, used: int, budget: int, *, is_checked: bool
    ) -> tuple[int, set[int] | None, set[int] | None]:
        """Run an input with every probe, and if it is to be checked once more, as far as the budget of executions goes,
        of which `used` are used.

        Returns how many are used then; the cells of everything that the input covers, None if it fails, which is then
        reported; and those that it does not cover each time, None if that was not looked at.
        """
        data = self._runner.encode(arguments)
        covered: set[int] | None = None
        unstable: set[int] | None = None
        with self._retirement.complete():
            for _ in range(min(1 + is_checked, budget - used)):
                used += 1
                self._seen.clear_map()
                crash = self._runner.run(arguments, data)
                if crash is not None:
                    self._runner.report(crash, data)
                    break
                cells = set(self._seen.set_cells())
                if covered is None:
                    covered = cells
                else:
                    self._checks += 1
                    unstable = covered ^ cells
        return used, covered, unstable

    def _trim(self, arguments: Arguments, wanted: list[int], tries: int, within: float) -> tuple[Arguments, int]:
        """The shortest form found that still covers the wanted cells, which are new, in so many tries and seconds; and
        the executions used.

        Only new cells matter, whose probes lean code still has, so the complete code is not needed. Written for speed:
        most executions of a search that finds much are these.
        """
        cells, runner = self._seen.cells, self._runner
        encode, run, words = runner.encode, runner.run, runner.executions.memory.words
        capacity = runner.executions.memory.capacity
        executions = 0
        until = inf if within == inf else Clock.seconds() + within

        def keeps(candidate: Arguments) -> bool:
            nonlocal executions
            if words[CONTROL] or (until < inf and Clock.seconds() > until):
                return False
            executions += 1
            for cell in wanted:
                cells[cell] = 0
            data = encode(candidate)
            if len(data) > capacity:
                return False
            crash = run(candidate, data)
            if crash is not None:
                runner.report(crash, data)
                return False
            return all(cells[cell] for cell in wanted)

        if runner.drawing is not None:
            return runner.drawing.trim(arguments, keeps, tries), executions
        if self._asks and LOG.watches and tries > 2:
            arguments = self._without_unread(arguments, keeps)
        if tries > LEGIBLE_TRIES:
            forms = islice(self.legible(arguments), LEGIBLE_TRIES)
            arguments = next((form for form in forms if keeps(form)), arguments)
        shortest, _ = trim(arguments, keeps, tries - executions, self._mutator.roots)
        return shortest, executions

    def _without_unread(self, arguments: Arguments, keeps: Callable[[Arguments], bool]) -> Arguments:
        """The input without what no provider has read of it, if that is good enough; two executions at most."""
        data = arguments[0]
        if len(arguments) > 1 or type(data) is not bytes:
            return arguments
        LOG.start()
        try:
            keeps(arguments)
            fields = fields_of(data, LOG.reads)
        finally:
            LOG.stop()
        if fields is None:
            self._asks -= 1
            return arguments
        self._asks = ASKS
        cut = fields.assembled(fields.fields)
        if cut is None or len(cut) >= len(data) or not keeps((cut,)):
            return arguments
        return (cut,)
