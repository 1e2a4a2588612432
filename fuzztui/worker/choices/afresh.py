"""Inputs of a property test that are drawn from nothing, beside those that are made from entries.

Around an entry everything is tried, which takes long where a test is slow: meanwhile a hundred inputs that have nothing
to do with it may reach more. So each call begins with inputs of which a seed is all that is given. They get the larger
a part of the time the more of what is found they find.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.choices.drawing import Drawing
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.discoveries import AFRESH, Discoveries
from fuzztui.worker.guidance.odds import Odds
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.mutate.choices.domain import SEED_BITS
from fuzztui.worker.mutate.choices.record import arguments_of
from fuzztui.worker.mutate.sequence import RandomBits
from fuzztui.worker.process.clock import UNHURRIED, Clock
from fuzztui.worker.runner import Runner

__builtins__ = PRIVATE_BUILTINS

USUAL: Final = 1 / 4
"""Time for such inputs for each part of it otherwise, as long as nothing tells one way from the other."""

FEWEST: Final = 1 / 32
MOST: Final = 1.0
"""Bounds of what is learned about that."""

FIRST: Final = 500
AT_FIRST: Final = 8.0
"""So many inputs are drawn at another rate: few of them reach most of what can be reached so. In a slow test even these
take long; in a quick one they keep nothing else waiting.
"""

SLOW: Final = 3_000_000
"""Nanoseconds of an input from which on each is executed with every probe: what that costs is little beside it, and
those that find something need not be executed once more."""

TELLING: Final = 8
"""Inputs of a call after which it is known whether they are slow."""

BARREN: Final = 4
"""Times as long as a find has taken on average, without one, after which a call's part is over, however much was due:
what was found first was found easily."""

FIRST_PATIENCE: Final = 100_000_000
"""Nanoseconds that a find is taken to last before there is any."""

FIRST_CALL: Final = 64
"""Executions otherwise that count as done before the first call."""


class Afresh:
    """Draws them, as the first thing in each call."""

    def __init__(
        self,
        drawing: Drawing,
        runner: Runner,
        seen: SeenCells,
        retirement: Retirement,
        discoveries: Discoveries,
        random: RandomBits,
    ) -> None:
        self._drawing = drawing
        self._runner = runner
        self._seen = seen
        self._retirement = retirement
        self._discoveries = discoveries
        self._getrandbits = random.getrandbits
        self._odds = Odds(USUAL, FEWEST, MOST)
        self._first = FIRST
        """Inputs that are still to be drawn at the first rate."""
        self._turn = _Turn()
        self._time = 0
        self._finds = 0
        """Nanoseconds of drawing, and what was found in them, in all."""
        self._others = 0
        """Nanoseconds of a processor that the rest of the last call has taken."""
        self._other_executions = FIRST_CALL
        """The same in executions."""

    def draw(self, budget: int, seconds: float) -> int:
        """Draw for as long as is due in a call of so many seconds; returns the executions used, of `budget`."""
        discoveries = self._discoveries
        odds, processor = AT_FIRST if self._first else self._odds.value, Clock.processor
        if self._drawing.checks_left:
            odds = USUAL  # before long all goes faster
        turn = self._turn = _Turn(is_timed=seconds < UNHURRIED, before=discoveries.found)
        due = odds * max(seconds * 1e9, self._others)
        most = budget if turn.is_timed else min(budget * odds / (1 + odds), odds * self._other_executions)
        if self._first:
            most = min(most, self._first)
        self._drawing.record(on=False)
        begun = turn.ended = processor()
        with discoveries.made(AFRESH):
            usual = self._time / self._finds if self._finds else FIRST_PATIENCE
            turn.patience = max(seconds * 1e9, BARREN * usual)
            used = self._draw(budget, most, begun, begun + due)
        self._drawing.record(on=True)
        turn.executions, turn.found, turn.ended = used, discoveries.found, processor()
        turn.time = turn.ended - begun
        self._time += turn.time
        self._finds += turn.found - turn.before
        return used

    def _draw(self, budget: int, most: float, begun: int, until: float) -> int:
        turn, processor = self._turn, Clock.processor
        used = 0
        while used < budget and turn.drawn < most and not self._runner.executions.is_interrupted:
            now = processor()
            if turn.drawn and (now >= until or self._is_barren(now)):
                break
            if turn.is_timed and turn.drawn >= TELLING and now - begun > SLOW * turn.drawn:
                with self._measuring():
                    return used + self._draw_all(int(min(budget - used, most - turn.drawn)), until)
            used += self._draw_one(budget - used)
        return used

    def _is_barren(self, now: int) -> bool:
        """Whether nothing has been found for so long that other ways have their turn."""
        turn = self._turn
        if self._discoveries.found != turn.found:
            turn.found, turn.ended = self._discoveries.found, now
        return now - turn.ended >= turn.patience

    def _draw_one(self, budget: int) -> int:
        """Returns the executions used, of `budget`."""
        arguments = arguments_of((self._getrandbits(SEED_BITS),))
        data = self._runner.encode(arguments)
        self._turn.drawn += 1
        used = 1
        if self._runner.runs_clean(arguments, data) and self._seen.cells != self._seen.seen:
            used += self._discoveries.take(arguments, data, budget - 1)
            self._drawing.record(on=False)
        return used

    def _draw_all(self, count: int, until: float) -> int:
        """Draw so many at most, on a map that is cleared for each, with every probe: where each takes long, none has to
        be executed once more to know what it covers. Returns the executions used.
        """
        runner, seen, processor = self._runner, self._seen, Clock.processor
        for number in range(count):
            now = processor()
            if now >= until or self._is_barren(now) or runner.executions.is_interrupted:
                return number
            arguments = arguments_of((self._getrandbits(SEED_BITS),))
            data = runner.encode(arguments)
            self._turn.drawn += 1
            seen.clear_map()
            if runner.runs_clean(arguments, data) and (new := seen.new_cells()):
                self._discoveries.take_measured(arguments, data, new)
        return count

    @contextmanager
    def _measuring(self) -> Iterator[None]:
        try:
            with self._retirement.complete():
                yield
        finally:
            self._seen.restore()

    def settle(self, executions: int) -> tuple[int, int]:
        """The call is over, which had so many executions in all; returns how many inputs were drawn in it, and what
        they have found.
        """
        turn = self._turn
        finds = turn.found - turn.before
        self._others = Clock.processor() - turn.ended
        self._other_executions = executions - turn.executions
        one, other = (turn.time, self._others) if turn.is_timed else (turn.executions, self._other_executions)
        share = one / max(1, one + other)
        self._odds.credit(finds, self._discoveries.found - turn.found, share, executions)
        self._first = max(0, self._first - turn.drawn)
        return turn.drawn, finds


class _Turn:
    """What was drawn in one call."""

    def __init__(self, *, is_timed: bool = True, before: int = 0) -> None:
        self.is_timed: Final = is_timed
        """Whether the time decides, and not how often something was executed: a run may have to be repeatable."""
        self.before: Final = before
        """Finds before the first was drawn."""
        self.found = before
        """The same after the last."""
        self.drawn = 0
        self.executions = 0
        """With what finds have taken."""
        self.time = 0
        self.ended = 0
        """Nanoseconds of a processor: that it has taken, and when it was over; as long as it goes on, the last find."""
        self.patience = 0.0
        """Nanoseconds that it goes on without a find."""
