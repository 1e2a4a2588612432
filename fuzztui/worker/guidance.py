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
from fuzztui.worker.mutate.repair import attempts, failed, holds, is_conditional
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.retire import Retirement
from fuzztui.worker.vocabulary import Vocabulary

__builtins__ = OWN_BUILTINS

CANDIDATES_PER_ENTRY: Final = 200
"""Inputs tried because a traced comparison suggests them: the best; beyond, havoc is as good."""

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

MAX_CONDITIONAL: Final = 4096
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
        self._conditions: dict[Arguments, frozenset[Comparison]] = {}
        """Entries that fulfil conditions on themselves, with the values that they compare."""

    def trace(self, entry: Arguments, budget: int, seconds: float) -> int:
        """Queue what an entry's comparisons suggest; returns the executions that took, of at most `budget` (one or
        more). `seconds`: length of the call.
        """
        with self._tracing():
            self._observe(entry)
            compared = list(self._probes.trace.comparisons)
            comparisons = self._tried.fresh(each for each in compared if each[0] != "same")
            self._vocabulary.update()  # modules may be imported as they are needed
            for token in tokens(comparisons, entry):
                self._dictionary.add(token)
            found = chain(
                missing_elements(entry, comparisons, self._max_len),
                candidates(entry, comparisons, CANDIDATES_PER_ENTRY, self._max_len, self._tried),
            )
            used = 1
            if is_conditional(entry, compared):
                if len(self._conditions) >= MAX_CONDITIONAL:
                    self._conditions.clear()
                self._conditions[entry] = frozenset(each for each in compared if each[0] == "same")
                used += self._repair_all(entry, found, budget - 1, TRACING_SHARE * seconds)
            self.queue.extend(found)  # the rest, where it does not pay or takes too long
            return used

    def repair(self, entry: Arguments, mutate: Callable[[Arguments], Arguments], budget: int, seconds: float) -> int:
        """Queue mutations of an entry that fulfils conditions on itself, repaired so that they do too; returns the
        executions that took. Nothing for all other entries.
        """
        if entry not in self._conditions:
            return 0
        with self._tracing():
            return self._repair_all(
                entry, (mutate(entry) for _ in range(REPAIRS_PER_CALL)), budget, REPAIRING_SHARE * seconds
            )

    def _repair_all(self, entry: Arguments, inputs: Iterator[Arguments], budget: int, seconds: float) -> int:
        """Queue inputs made from an entry, repaired, as long as that pays."""
        before = self._conditions[entry]
        left = min(budget, REPAIRS_PER_CALL)
        allowance = ALLOWANCE
        deadline = monotonic() + seconds
        while left > 0 and self._goes_on() and monotonic() < deadline:
            changed = next(inputs, None)
            if changed is None:
                break
            repaired, used = self._repaired(changed, before, left)
            left -= used
            if repaired != entry:  # otherwise it has only been undone
                self.queue.append(repaired)
                allowance += ALLOWANCE * (repaired != changed)
            allowance -= used
            if allowance <= 0:
                del self._conditions[entry]
                break
        return min(budget, REPAIRS_PER_CALL) - left

    def _repaired(self, changed: Arguments, before: Collection[Comparison], budget: int) -> tuple[Arguments, int]:
        """The input with what it broke put right, as far as that succeeds, and the executions it took."""
        used = 1
        comparisons = self._compared(changed)
        for _ in range(CONDITIONS):
            broken = failed(comparisons, before)
            if broken is None:
                break
            for attempt in attempts(changed, *broken):
                if used == budget or not self._goes_on():
                    return changed, used
                used += 1
                comparisons = self._compared(attempt.arguments)
                if holds(attempt.value, comparisons):
                    changed = attempt.arguments
                    break
            else:
                break
        return changed, used

    def _compared(self, arguments: Arguments) -> list[Comparison]:
        self._probes.trace.clear()
        return list(self._probes.trace.comparisons) if self._observe(arguments) else []

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
