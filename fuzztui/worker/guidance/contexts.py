"""From where a program asks its questions: which calls lead to a comparison, and how it comes out.

A parser that reads element by element through the same few functions covers nothing new with each element that is
right: it is the same line that refuses the first tag and the fifth. What differs is who has called it. Of recursions
only the innermost level counts, and who has called the outermost: there would be no end of them.
"""

from collections.abc import Sequence
from types import CodeType, FrameType
from typing import Final, NamedTuple, cast

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.frames import Frames
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

MAX_FRAMES: Final = 16
"""Calls that are looked at, the innermost."""

MAX_CONTEXTS: Final = 512
"""Of one run."""

ENOUGH: Final = 3
"""Different inputs and numbers that a number has been compared with in vain until it is the program's."""

MAX_MISSED: Final = 4096
"""Numbers that are remembered; beyond that, all are forgotten."""

_SMALL: Final = 256


class Equality(NamedTuple):
    """Two small numbers that were compared, of which neither is a constant by its spelling."""

    context: int
    left: int
    right: int


class Contexts:
    """Those of one traced run."""

    def __init__(self) -> None:
        self.found: Final[set[int]] = set()
        """Hashes of what tells one from another, in this process alone."""
        self.equalities: Final[list[Equality]] = []

    def clear(self) -> None:
        """Another execution begins."""
        self.found.clear()
        self.equalities.clear()

    def note(self, frame: FrameType | None, outcome: object) -> None:
        """A comparison is made by a frame, and comes out so. Hot while runs are traced."""
        if len(self.found) < MAX_CONTEXTS:
            self.found.add(hash((outcome, _context(frame))))

    def note_equality(self, frame: FrameType | None, left: object, right: object) -> None:
        """The same of operands that the program seems to have worked out, which may be small numbers."""
        are_small = type(left) is int and type(right) is int and 0 <= left < _SMALL and 0 <= right < _SMALL
        if are_small and len(self.equalities) < MAX_CONTEXTS:
            self.equalities.append(Equality(_context(frame), cast("int", left), cast("int", right)))


class Constants:
    """Small numbers that a program passes to its own functions, as the tag that it expects.

    Such a number is equal to what stands in the input where that is right, as a length or a sum is; but no change of
    the input changes it, so there is nothing to be put right.
    """

    def __init__(self) -> None:
        self._missed: dict[Equality, set[tuple[int, int]]] = {}
        """By context and number, on the left or else on the right, with what it was compared while no input had it, and
        how long that input was.
        """

    def learn(self, equalities: Sequence[Equality], data: bytes) -> None:
        """Learn of one run, with these bytes."""
        for context, left, right in equalities:
            if left != right:
                for number, other, key in (
                    (left, right, Equality(context, left, -1)),
                    (right, left, Equality(context, -1, right)),
                ):
                    if number not in data:
                        if len(self._missed) >= MAX_MISSED:
                            self._missed.clear()
                        known = self._missed.setdefault(key, set())
                        if len(known) < ENOUGH:
                            known.add((other, len(data)))

    def without(self, comparisons: Sequence[Comparison], equalities: Sequence[Equality]) -> list[Comparison]:
        """The comparisons of a run without those in which two numbers of the input seemed to be compared, and one was
        the program's wherever they were.
        """
        own: set[tuple[object, object]] = set()
        others: set[tuple[object, object]] = set()
        for equality in equalities:
            (own if self._is_programs(equality) else others).add((equality.left, equality.right))
        own -= others
        return [each for each in comparisons if not own or each[0] != "same" or (each[1], each[2]) not in own]

    def _is_programs(self, equality: Equality) -> bool:
        sides = (equality._replace(right=-1), equality._replace(left=-1))
        return any(len(self._missed.get(side, ())) >= ENOUGH for side in sides)


class Site(NamedTuple):
    """From where something is done."""

    calls: int
    """A hash that tells the calls which lead there."""
    kind: int
    """The same, but for how deep in a recursion."""
    depth: int
    """How many these are."""
    frames: tuple[tuple[int, int], ...]
    """(function, number of its call) of each, the innermost first."""


def site_of(frame: FrameType | None, frames: Frames) -> Site:
    """That of the innermost call of the program's. Hot while runs are traced."""
    numbers: list[int] = []
    calls = _calls(frame, frames, numbers)
    depth = len(calls) // 2
    numbered = tuple(zip(calls[::2], numbers, strict=True))
    return Site(hash(tuple(calls)), _without_recursion(calls), depth, numbered)


def _context(frame: FrameType | None) -> int:
    """A hash that tells the calls which lead to a frame, or to the innermost of the program's. Hot."""
    return _without_recursion(_calls(frame))


def _calls(frame: FrameType | None, frames: Frames | None = None, numbers: list[int] | None = None) -> list[int]:
    """Of each call which code and where in it, the innermost first; their `numbers`, if these are wanted. Hot."""
    while frame is not None and frame.f_builtins is PRIVATE_BUILTINS:
        frame = frame.f_back
    calls: list[int] = []
    append, left = calls.append, MAX_FRAMES
    while left and frame is not None and frame.f_builtins is not PRIVATE_BUILTINS:
        code = frame.f_code
        known = _EXPRESSIONS.get(id(code)) or _learn_expressions(code)
        append(id(code))
        append(known[1][frame.f_lasti >> 1])
        if frames is not None and numbers is not None:
            numbers.append(frames.number(frame))
        frame = frame.f_back
        left -= 1
    return calls


_EXPRESSIONS: Final[dict[int, tuple[CodeType, list[int]]]] = {}
"""By identity code, which is kept alive, and which expression each of its instructions belongs to: CPython compiles the
condition of a loop twice, before the first turn and before the others.
"""

_MAX_CODES: Final = 4096


def _learn_expressions(code: CodeType) -> tuple[CodeType, list[int]]:
    if len(_EXPRESSIONS) >= _MAX_CODES:
        _EXPRESSIONS.clear()
    first: dict[tuple[object, ...], int] = {}
    units = zip(code.co_code[::2], code.co_positions(), strict=True)
    found = [
        at if None in position else first.setdefault((opcode, *position), at)
        for at, (opcode, position) in enumerate(units)
    ]
    known = _EXPRESSIONS[id(code)] = code, found
    return known


def _without_recursion(calls: list[int]) -> int:
    """A hash of calls, of which those between the innermost and the outermost of a recursion are taken out. Hot."""
    codes = calls[::2]
    if len(set(codes)) < len(codes):
        again = [at for at, code in enumerate(codes) if codes.count(code) > 1]
        del calls[2 * again[0] + 2 : 2 * again[-1] + 2 if len(codes) < MAX_FRAMES else None]
    return hash(tuple(calls))
