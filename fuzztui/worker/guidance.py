"""Inputs that the comparisons of an entry suggest, instead of those that chance makes.

Nothing of this runs in the hot loop: an entry is executed with its comparisons traced once, and what follows from them
waits in a queue, from which the loop takes before it mutates.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import chain
from time import monotonic
from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate import Dictionary, Tried, candidates, tokens
from fuzztui.worker.mutate.elements import missing_elements
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.repair import attempts, conditions_of, failed, holds, is_conditional
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.ration import Ration
from fuzztui.worker.retire import Retirement
from fuzztui.worker.vocabulary import Vocabulary

__builtins__ = OWN_BUILTINS

CANDIDATES_PER_ENTRY: Final = 200
"""Inputs tried because a traced comparison suggests them: the best; beyond, havoc is as good."""

FEWEST_CANDIDATES: Final = 20
"""The same for an entry that is much longer than others."""

QUEUED: Final = 4_000
"""Suggested inputs kept for later calls, where a call ends before they are tried."""

REPAIRS_PER_CALL: Final = 1000
"""Executions spent on repairing inputs in one call, if its time allows."""

TRACING_SHARE: Final = 10.0
REPAIRING_SHARE: Final = 0.5
"""Times the seconds of a call that may be spent on repairing what the comparisons of an entry suggest, which is done
once, and mutations of it, which is done in each call."""

ALLOWANCE: Final = 48
"""Executions that the repair of one input may take on average. Most programs compare values with each other in ways
that no input can break, or that need no repair: then their entries are not looked at any longer."""

CONDITIONS: Final = 3
"""Conditions of one input that are repaired one after the other: a length, then a checksum, then one that covers it."""

MAX_CONDITIONAL: Final = 1024
"""Entries with conditions that are remembered; beyond that, all are forgotten."""


class Guidance:
    """What the comparisons of one process' executions have taught it."""

    def __init__(
        self,
        probes: ProbeMap,
        retirement: Retirement,
        dictionary: Dictionary,
        max_len: int,
        observe: Callable[[Arguments], bool],
        goes_on: Callable[[], bool],
    ) -> None:
        """`observe` executes an input, reports it if it fails, and tells whether it could be executed at all;
        `goes_on` says whether the coordinator lets the worker go on.
        """
        self.queue: Final[deque[Arguments]] = deque(maxlen=QUEUED)
        """Inputs to try."""
        self._probes = probes
        self._retirement = retirement
        self._dictionary = dictionary
        self._vocabulary = Vocabulary(probes, dictionary)
        self._vocabulary.update()
        self._max_len = max_len
        self._observe = observe
        self._goes_on = goes_on
        self._tried = Tried()
        self._ration = Ration(CANDIDATES_PER_ENTRY, FEWEST_CANDIDATES)
        self._executions = 0
        """All that have been made."""
        self._conditions: dict[Arguments, frozenset[Comparison]] = {}
        """Entries that fulfil conditions on themselves, with the values that they compare."""

    def trace(self, entry: Arguments, budget: int, seconds: float) -> int:
        """Queue what an entry's comparisons suggest; returns the executions that took, of at most `budget` (one or
        more). `seconds`: length of the call.
        """
        before = self._executions
        with self._tracing():
            compared = self._compared(entry)
            comparisons = self._tried.fresh(each for each in compared if each[0] != "same")
            self._vocabulary.update()  # modules may be imported as they are needed
            for token in tokens(comparisons, entry):
                self._dictionary.add(token)
            replaced = candidates(entry, comparisons, CANDIDATES_PER_ENTRY, self._max_len, self._tried)
            found = chain(
                missing_elements(entry, comparisons, self._max_len),
                self._ration.of(entry, replaced),
            )
            if is_conditional(entry, compared):
                if len(self._conditions) >= MAX_CONDITIONAL:
                    self._conditions.clear()
                self._conditions[entry] = conditions_of(compared)
                self._repair_all(entry, found, (budget - 1) // 2, TRACING_SHARE * seconds)
            self.queue.extend(found)  # the rest, where it does not pay or takes too long
        return self._executions - before

    def repair(self, entry: Arguments, mutate: Callable[[Arguments], Arguments], budget: int, seconds: float) -> int:
        """Queue mutations of an entry that fulfils conditions on itself, repaired so that they do too; returns the
        executions that took, of a third of `budget` at most: the rest is for what has been queued. Nothing for all
        other entries, and while anything waits.
        """
        if self.queue or entry not in self._conditions:
            return 0
        before = self._executions
        with self._tracing():
            changed = (mutate(entry) for _ in range(REPAIRS_PER_CALL))
            self._repair_all(entry, changed, budget // 3, REPAIRING_SHARE * seconds)
        return self._executions - before

    def _repair_all(self, entry: Arguments, inputs: Iterator[Arguments], budget: int, seconds: float) -> None:
        """Queue inputs made from an entry, repaired, as long as that pays."""
        conditions = self._conditions[entry]
        end = self._executions + min(budget, REPAIRS_PER_CALL)
        allowance = ALLOWANCE
        deadline = monotonic() + seconds
        while self._executions < end and self._goes_on() and monotonic() < deadline:
            changed = next(inputs, None)
            if changed is None:
                break
            before = self._executions
            repaired = self._repaired(changed, conditions, end)
            if repaired != entry:  # otherwise it has only been undone
                self.queue.append(repaired)
                allowance += ALLOWANCE * (repaired != changed)
            allowance -= self._executions - before
            if allowance <= 0:
                del self._conditions[entry]
                break

    def _repaired(self, changed: Arguments, conditions: Collection[Comparison], end: int) -> Arguments:
        """The input with what it broke put right, as far as that succeeds before so many executions have been made."""
        comparisons = self._compared(changed)
        for _ in range(CONDITIONS):
            broken = failed(comparisons, conditions)
            if broken is None:
                break
            for attempt in attempts(changed, *broken):
                if self._executions == end or not self._goes_on():
                    return changed
                comparisons = self._compared(attempt.arguments)
                if holds(attempt.value, comparisons):
                    changed = attempt.arguments
                    break
            else:
                break
        return changed

    def _compared(self, arguments: Arguments) -> list[Comparison]:
        """What an input compares; nothing if it cannot be executed."""
        self._probes.trace.clear()
        if not self._observe(arguments):
            return []
        self._executions += 1
        return list(self._probes.trace.comparisons)

    @contextmanager
    def _tracing(self) -> Iterator[None]:
        """Every comparison is kept for as long as the context lasts."""
        self._probes.trace_comparisons(True)
        try:
            with self._retirement.complete():
                yield
        finally:
            self._probes.trace_comparisons(False)
            self._probes.trace.clear()
