"""Solves the last comparisons of short binary inputs, where no operand need stand in the input: by what each bit does.

The inputs that are tried are traced, so that the next comparison can be solved at once: a length, then the sum that it
has broken, with bits that nothing has been compared by before.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush, nsmallest
from itertools import chain, islice
from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.mutate.influences import (
    Bit,
    Condition,
    Operands,
    Question,
    Trace,
    agreement,
    answer,
    conditions,
    flipped,
    is_asked,
    is_turned,
    lacking,
    once_each,
    outcome,
    questions,
    solved,
)
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.clock import Timer

__builtins__ = PRIVATE_BUILTINS

MAX_SIZE: Final = 128
"""Bytes of an input of which it is asked what each does."""

MAX_BYTES: Final = 48
"""Bytes of an input of which it is asked what each bit does."""

QUESTIONS: Final = 4
"""Comparisons of an entry that are to be solved."""

TRIED: Final = 6
ANSWERS: Final = 2
"""Ways to turn one that are tried, and of these such that do."""

EXTENDED: Final = 6
"""Bits of an input by which it tells of more bytes than there are, and with which these are put behind it."""

FARTHEST: Final = 10
"""What the steps from an entry may cost together."""

ALIKE: Final = 8
"""Inputs that are gone on from of those whose comparisons turn out alike."""

SHARE: Final = 0.1
"""Part of the time that may be spent."""

AHEAD: Final = 2.0
LEAST: Final = 0.5
"""Calls' worth of that time which may be spent at once, and for which it is begun: functions are given other code."""

BARREN: Final = 20_000
"""Executions without a find after which all of the time is used: in the midst of finds something else leads on."""

PATIENCE: Final = 20_000
LEAST_EAGER: Final = 0.2
"""Executions of these that have covered nothing new after which less time is used, and the part of it that is."""

MAX_STEPS: Final = 512
"""Inputs that wait, entries and what follows from them."""

LONG: Final = 24
"""Bytes by which an input that is longer is as far-fetched as one that takes one step more."""

LONGEST: Final = 512
"""Comparisons of an input that is looked at."""

MAX_KNOWN: Final = 1 << 14
"""Inputs that are remembered."""

_LONGEST: Final = 64
"""Bytes that are put in."""

_MOST_REPAIRED: Final = 2

Fix: TypeAlias = Callable[[bytes], bytes]


class Made(NamedTuple):
    """An input, and what it compares."""

    data: bytes
    trace: Trace


class Step(NamedTuple):
    """An input to go on from."""

    made: Made
    fix: Fix
    locked: frozenset[Bit]
    """What has been chosen."""
    cost: int
    """How far-fetched it is: 0 for an entry."""


class Solving:
    """What may still be spent, and which inputs have been looked at."""

    def __init__(self, tracing: Tracing, max_len: int) -> None:
        self._tracing = tracing
        self._max_len = max_len
        self._left = 0.0
        """Seconds that may be spent."""
        self._found = self._found_at = 0
        """Finds until the last call, and how many executions there had been when they were fewer."""
        self._known: set[int] = set()
        self._shapes: dict[int, int] = {}
        """By how comparisons turn out, inputs that have been gone on from."""
        self._steps: list[tuple[int, int, int, Step]] = []
        """Inputs to go on from, a heap: by cost and size, then the latest first, then as they were made."""
        self._round = 0
        self._in_vain = 0
        """Executions since one has covered something new."""
        self._end = 0

    def begin_call(self, seconds: float, found: int) -> None:
        """A call of so many seconds begins; so many inputs were `found` until now."""
        executions = self._tracing.all_executions
        if found != self._found:
            self._found, self._found_at = found, executions
        eager = min(1.0, (executions - self._found_at) / BARREN)
        if self._in_vain > PATIENCE:
            eager *= LEAST_EAGER
        self._left = min(self._left + eager * SHARE * seconds, AHEAD * seconds)

    def add(self, entry: Arguments, fix: Fix) -> None:
        """Have an entry's last comparisons solved when there is time. `fix` puts right what an input says of itself."""
        data = entry[0]
        if len(entry) == 1 and type(data) is bytes and len(data) <= MAX_SIZE and is_binary(data):
            key = hash(data)
            if key not in self._known:
                if len(self._known) >= MAX_KNOWN:
                    self._known.clear()
                self._known.add(key)
                self._round -= 1
                self._push(0, Step(Made(data, ()), fix, frozenset(), 0))

    def solve(self, budget: int, seconds: float) -> int:
        """Execute what the last comparisons of entries lead to, if it is time to; returns the executions used, at most
        `budget`. `seconds`: length of the call.
        """
        before, found = self._tracing.executions, self._tracing.found
        if self._steps and budget > 1 and self._left >= LEAST * seconds:
            self._end, timer = before + budget, Timer()
            with self._tracing.on():
                while self._steps and not self._is_over and timer.seconds < self._left:
                    self._go_on()
            self._left -= timer.seconds
            self._in_vain += self._tracing.executions - before
            if self._tracing.found > found:
                self._in_vain = 0
        return self._tracing.executions - before

    def _push(self, at: int, step: Step) -> None:
        heappush(self._steps, (step.cost + len(step.made.data) // LONG, self._round, at, step))
        if len(self._steps) > MAX_STEPS:
            self._steps = nsmallest(MAX_STEPS // 2, self._steps)

    def _go_on(self) -> None:
        """From the entry or what follows from one that is the least far-fetched; of several the latest."""
        _, _, _, step = heappop(self._steps)
        is_entry = not step.cost
        if is_entry:
            step = step._replace(made=self._made(step.made.data))
        may_be_new = self._may_be_new(step.made.trace)
        if len(step.made.trace) > LONGEST or not (may_be_new or is_entry):
            return
        self._round -= 1
        for at, following in enumerate(chain(self._next(step, is_first=is_entry), self._grown(step))):
            if following.cost < FARTHEST or _shape(following.made.trace) not in self._shapes:
                self._push(at, following)

    @property
    def _is_over(self) -> bool:
        return self._tracing.executions >= self._end or self._tracing.is_interrupted

    def _made(self, data: bytes) -> Made:
        return Made(data, once_each(self._tracing.all_comparisons((data,))))

    def _may_be_new(self, trace: Trace) -> bool:
        """Whether few inputs whose comparisons turn out like these have been gone on from."""
        shape = _shape(trace)
        if len(self._shapes) >= MAX_KNOWN:
            self._shapes.clear()
        count = self._shapes[shape] = self._shapes.get(shape, 0) + 1
        return count <= ALIKE

    def _next(self, step: Step, *, is_first: bool) -> Iterator[Step]:
        """Inputs in which one of the last comparisons of this one turns out the other way, made with other bits than
        those that were chosen before.
        """
        base, fix, locked, cost = step
        asked = questions(base.trace, QUESTIONS if is_first else 1)
        if not asked:
            return
        single: dict[Bit, Made] = {}
        for at in self._telling(base, fix, min([each.place for each in asked])):
            for bit in range(8 * at, 8 * at + 8):
                if self._is_over:
                    return
                if bit not in locked:
                    single[bit] = self._made(fix(flipped(base.data, (bit,))))
        seen = {base.data}
        conditional = conditions(base.data, base.trace, {bit: made.trace for bit, made in single.items()})
        for question in asked:
            found = _influences(base, single, question)
            free = {bit: operands for bit, (operands, is_free) in found.items() if is_free}
            every = {bit: operands for bit, (operands, _) in found.items()}
            before = {place: condition for place, condition in conditional.items() if place < question.place}
            if before and not every:
                repaired = {
                    bit: again
                    for bit, made in single.items()
                    if (again := self._repaired(base, made, before, frozenset((bit,)))) is not None
                }
                every = {bit: operands for bit, (operands, _) in _influences(base, repaired, question).items()}
            for influences in (free, every) if free and len(free) < len(every) else (every,):
                answers = 0
                for bits in islice(solved(base.data, question, influences), TRIED):
                    if answers == ANSWERS or self._is_over:
                        break
                    made = self._answered(base, fix, question, bits, before)
                    if made is not None and made.data not in seen:
                        seen.add(made.data)
                        answers += 1
                        yield Step(made, fix, locked | bits, cost + 1 + (question is not asked[0]))

        yield from self._extended(step, single)

    def _extended(self, step: Step, single: dict[Bit, Made]) -> Iterator[Step]:
        """Inputs in which another bit tells of more bytes, with these behind the end: zeros, and what is there."""
        base, _, _, cost = step
        wanted = [
            (more, bit) for bit, made in single.items() if (more := lacking(base.trace, made.trace, len(made.data)))
        ]
        for more, bit in sorted(wanted)[:EXTENDED]:
            data = single[bit].data
            for tail in (bytes(more), data[-more:]):
                if 0 < more <= _LONGEST and len(data) + more <= min(self._max_len, MAX_SIZE) and not self._is_over:
                    yield Step(self._made(data + tail), _as_it_is, frozenset((bit,)), cost + 2)

    def _answered(
        self, base: Made, fix: Fix, question: Question, bits: frozenset[Bit], before: dict[int, Condition]
    ) -> Made | None:
        """The input with these bits inverted, if a comparison turns out the other way then."""
        made: Made | None = self._made(fix(flipped(base.data, bits)))
        if made is not None and before and not is_asked(base.trace, made.trace, question.place):
            made = self._repaired(base, made, before, bits)
        return made if made is not None and is_turned(base.trace, made.trace, question) else None

    def _repaired(self, base: Made, made: Made, conditional: dict[int, Condition], kept: frozenset[Bit]) -> Made | None:
        """An input in which what it has broken of these conditions holds again, by other bits than those."""
        for _ in range(_MOST_REPAIRED):
            place = agreement(base.trace, made.trace)
            condition = conditional.get(place)
            if condition is None or place >= len(made.trace):
                return None
            if self._is_over:
                return None
            right = condition.put_right(made.data, made.trace, kept)
            if right is None:
                return None
            made = self._made(right)
            if agreement(base.trace, made.trace) > place:
                return made
        return None

    def _telling(self, base: Made, fix: Fix, first: int) -> Sequence[int]:
        """Places of bytes of which it is worth asking what each bit does: of a longer input the last ones that change
        something from a comparison on, then such that break a condition before.
        """
        data, trace = base
        size = len(data)
        if size <= MAX_BYTES:
            return range(size)
        found: list[int] = []
        breaking: list[int] = []
        for at in range(size - 1, -1, -1):
            if self._is_over or len(found) >= MAX_BYTES:
                break
            for mask in (255, 1):
                other = self._made(fix(data[:at] + bytes((data[at] ^ mask,)) + data[at + 1 :])).trace
                if is_asked(trace, other, first):
                    if other[first:] != trace[first:]:
                        found.append(at)
                        break
                elif mask == 1:
                    breaking.append(at)
        # At either end there are fields more often than in the middle.
        return [*found, *breaking[::-1][: MAX_BYTES // 2], *breaking[: MAX_BYTES // 2]][:MAX_BYTES]

    def _grown(self, step: Step) -> Iterator[Step]:
        """With more bytes in front or at the end, where the last comparison lacks so many."""
        data = step.made.data
        for question in questions(step.made.trace, 1):
            few = abs(question.left - question.right)
            for more in (few, few + 1):
                if 0 < more <= _LONGEST and len(data) + more <= min(self._max_len, MAX_SIZE):
                    for cost, grown in ((2, data + bytes(more)), (3, bytes(more) + data)):
                        if self._is_over:
                            return
                        yield Step(self._made(grown), _as_it_is, frozenset(), step.cost + cost)


def _shape(trace: Trace) -> int:
    """How its comparisons turn out."""
    return hash(tuple([(each[0], outcome(each)) for each in trace]))


def _influences(base: Made, single: dict[Bit, Made], question: Question) -> dict[Bit, tuple[Operands, bool]]:
    """By bit what the operands of a question are when it is inverted, and whether nothing else before has changed."""
    place, member = question.place, question.member
    found: dict[Bit, tuple[Operands, bool]] = {}
    for bit, made in single.items():
        if is_asked(base.trace, made.trace, place):
            operands = answer(made.trace, place, member)
            if operands is not None and operands != (question.left, question.right):
                found[bit] = operands, base.trace[:place] == made.trace[:place]
    return found


def _as_it_is(data: bytes) -> bytes:
    return data
