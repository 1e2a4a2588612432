"""What is compared in some lines of one file: for a person who wants to know what a branch waits for."""

import sys
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any, Final

from fuzztui.protocol.messages import MOST_OPERANDS, Operands
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.guidance.trace import Call, ComparisonTrace
from fuzztui.worker.instrumentation.compares import CaseCheck
from fuzztui.worker.mutate.operands import LIKE

__builtins__ = PRIVATE_BUILTINS

SHOWN: Final = 120
"""Characters of an operand that are told."""

MOST_TOKEN: Final = 64
"""Bytes of a token."""

MOST_TOKENS: Final = 8
"""Tokens of one comparison."""

_frame: Final = sys._getframe  # the target may have put something else in its place by then


class LocatedTrace(ComparisonTrace):
    """Does the comparisons of instrumented code, and keeps those that stand in the lines."""

    def __init__(self, file: str, lines: Collection[int]) -> None:
        super().__init__()
        self._file = file
        self._lines = frozenset(lines)
        self._found: dict[tuple[str, str, str], Operands] = {}

    def take(self) -> list[Operands]:
        """Comparisons since last asked, each once, in order."""
        found, self._found = self._found, {}
        return list(found.values())

    def _sort_out(self, frame: FrameType) -> None:
        """Keep what has just been compared, if that was in one of the lines: by a frame, or by ours that it calls."""
        while frame.f_builtins is PRIVATE_BUILTINS and frame.f_back is not None:
            frame = frame.f_back
        if frame.f_lineno in self._lines and frame.f_code.co_filename == self._file:
            for operator, left, right in self.comparisons:
                if operator == "same":  # noted besides as what it is
                    continue
                key = "==" if operator == LIKE else operator, _shown(left), _shown(right)
                if key not in self._found and len(self._found) < MOST_OPERANDS:
                    self._found[key] = Operands(*key, _tokens(left, right))
        self.forget()

    def compare(self, operator: str, left: object, right: object) -> object:
        result = super().compare(operator, left, right)
        self._sort_out(_frame(1))
        return result

    def chain(self, operators: tuple[str, ...], *operands: object) -> None:
        super().chain(operators, *operands)
        self._sort_out(_frame(1))

    def caught(self) -> None:
        """What is caught is no comparison."""

    def lookup(self, container: Any, key: Any) -> object:
        try:
            return super().lookup(container, key)
        finally:
            self._sort_out(_frame(1))

    def method(self, function: Call) -> Call:
        inner = super().method(function)
        return inner if inner is function else self._sorted_out(inner)

    def _sorted_out(self, function: Call) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            try:
                return function(*arguments, **options)
            finally:
                self._sort_out(_frame(1))

        return call

    def case(
        self, subject: object, checks: tuple[CaseCheck, ...], members: Callable[[], tuple[object, ...]] = tuple
    ) -> object:
        result = super().case(subject, checks, members)
        self._sort_out(_frame(1))
        return result


def _shown(operand: object) -> str:
    if operand == ():
        return ""
    if type(operand) is str or type(operand) is bytes:
        operand = operand[:SHOWN]
    return encodable(repr(operand)[:SHOWN])


def _tokens(left: object, right: object) -> list[bytes]:
    found: dict[bytes, None] = {}
    for side in (right, left):
        for operand in side if type(side) is tuple else (side,):
            token = _token(operand)
            if 0 < len(token) <= MOST_TOKEN:
                found.setdefault(token)
    return list(found)[:MOST_TOKENS]


def _token(operand: object) -> bytes:
    if type(operand) is bytes:
        return operand
    if type(operand) is str:
        return operand.encode("utf-8", "surrogatepass")
    return b"%d" % operand if type(operand) is int else b""
