"""Inputs of a property test that are drawn from nothing, beside those that are made from entries.

Around an entry everything is tried, which takes long where a test is slow: meanwhile a hundred inputs that have nothing
to do with it may reach more. So each call begins with inputs of which a seed is all that is given. They get the larger
a part of the time the more of what is found they find.
"""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.discoveries import AFRESH, COMPARISONS, Discoveries
from fuzztui.worker.drawing import Drawing
from fuzztui.worker.mutate.choices.domain import SEED_BITS
from fuzztui.worker.mutate.choices.record import arguments_of
from fuzztui.worker.mutate.sequence import RandomBits
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.runner import Runner

__builtins__ = PRIVATE_BUILTINS

USUAL: Final = 1 / 8
"""Executions of such inputs for each one otherwise, as long as nothing tells one way from the other."""

FEWEST: Final = 1 / 32
MOST: Final = 1.0
"""Bounds of what is learned about that."""

FIRST: Final = 500
AT_FIRST: Final = 8.0
"""So many inputs are drawn at another rate, which is usual, and the most, then: few of them reach most of what can be
reached so. In a slow test even these take long; in a quick one they keep nothing else waiting.
"""

BELIEF: Final = 8.0
"""Finds that are taken to have been made afresh before the first execution, as many as were due."""

PRIOR: Final = 1.0
"""Finds' worth of belief that both ways find as much as they are due."""

MEMORY: Final = 30
"""Finds after which one counts for 1/e of a new one."""

PATIENCE: Final = 20_000
"""Executions without a find after which half of what was learned is forgotten."""

OWED_AT_FIRST: Final = 64.0
MOST_OWED: Final = 2_000.0
"""Executions that may be due: more than a call has, mostly."""


class Odds:
    """How many executions one way gets for each that the other gets, by what both have found lately.

    If both were alike, each would have a part in the finds in proportion to its executions: what it has found, divided
    by what it was due, tells how much better it is. (The same is done among operators, see `mutate.adaptive`.) What is
    twice as good gets four times as many.
    """

    def __init__(self) -> None:
        self.value = 0.0
        self._drawn = 0
        self._finds = [BELIEF, 0.0]
        self._due = [BELIEF, 0.0]
        self._barren = 0
        self._weigh()

    def credit(self, finds: int, others: int, drawn: int, executions: int) -> None:
        """In so many executions of both ways, of which one had so many `drawn`, it has made so many finds, the other so
        many.
        """
        self._drawn += drawn
        if finds or others:
            share = drawn / executions
            self._fade((1 - 1 / MEMORY) ** (finds + others))
            self._finds = [self._finds[0] + finds, self._finds[1] + others]
            self._due = [self._due[0] + share * (finds + others), self._due[1] + (1 - share) * (finds + others)]
            self._barren = 0
        else:
            self._barren += executions
            if self._barren >= PATIENCE:
                self._barren = 0
                self._fade(0.5)
        self._weigh()

    def _fade(self, factor: float) -> None:
        self._finds = [each * factor for each in self._finds]
        self._due = [each * factor for each in self._due]

    def _weigh(self) -> None:
        one, other = [(finds + PRIOR) / (due + PRIOR) for finds, due in zip(self._finds, self._due, strict=True)]
        usual, most = (AT_FIRST, AT_FIRST) if self._drawn < FIRST else (USUAL, MOST)
        self.value = min(most, max(FEWEST, usual * (one / other) ** 2))


class Afresh:
    """Draws them, as the first thing in each call."""

    def __init__(
        self, drawing: Drawing, runner: Runner, seen: SeenCells, discoveries: Discoveries, random: RandomBits
    ) -> None:
        self._drawing = drawing
        self._runner = runner
        self._seen = seen
        self._discoveries = discoveries
        self._getrandbits = random.getrandbits
        self._odds = Odds()
        self._owed = OWED_AT_FIRST
        """Executions that are due beside those that have been done otherwise."""
        self._others_time = 0
        """Nanoseconds of a processor that the rest of the last call has taken."""
        self._since = 0
        self._executions = 0
        self._found = (0, 0)
        self._tried = 0

    def draw(self, budget: int, seconds: float) -> int:
        """Execute as many as are due in a call of so many seconds; returns the executions used, of `budget`."""
        runner, cells = self._runner, self._seen.cells
        # In a run that is to be repeatable a call has so many seconds that only executions count.
        odds = self._odds.value
        deadline = Clock.processor() + odds * max(seconds * 1e9, self._others_time)
        due = min(self._owed, budget * odds / (1 + odds))
        before, tried = self._discoveries.found, 0
        used = 0
        self._drawing.record(on=False)
        self._discoveries.source = AFRESH
        while used < budget and tried < due and not runner.executions.is_interrupted:
            arguments = arguments_of((self._getrandbits(SEED_BITS),))
            data = runner.encode(arguments)
            used += 1
            tried += 1
            if runner.runs_clean(arguments, data) and cells != self._seen.seen:
                used += self._discoveries.take(arguments, data, budget - used)
                self._drawing.record(on=False)
            if Clock.processor() >= deadline:
                break
        self._discoveries.source = COMPARISONS
        self._drawing.record(on=True)
        self._owed -= tried
        self._tried, self._executions = tried, used
        self._found = self._discoveries.found - before, self._discoveries.found
        self._since = Clock.processor()
        return used

    def settle(self, executions: int) -> tuple[int, int]:
        """The call is over, which had so many executions in all; returns how many inputs were drawn in it, and what
        they have found.
        """
        found, before = self._found
        self._odds.credit(found, self._discoveries.found - before, self._executions, executions)
        self._owed = min(MOST_OWED, self._owed + self._odds.value * (executions - self._executions))
        self._others_time = Clock.processor() - self._since
        return self._tried, found
