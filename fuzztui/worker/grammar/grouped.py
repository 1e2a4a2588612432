"""Letters and digits of a text in groups of so many, with a sign between them: `1234 5678`, `ab:cd:ef`, `1,234,567`.

Each sign alone makes a group that is too short and another that is too long.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_GROUPED: Final = 60
"""Inputs that one entry leads to."""

_WIDTHS: Final = (4, 2, 3)
_MAX_WIDTH: Final = 16
_MAX_WIDTHS: Final = 4
_MAX_SIGNS: Final = 4
_MAX_RUNS: Final = 8
_MAX_TEXT: Final = 1024
_RUN: Final = re.compile(r"[^\W_]{3,}", re.ASCII)
_SIZES: Final = frozenset({"==", "!=", *ORDERINGS})


class Widths:
    """Small numbers that others were compared with, in any input: one may be how long a group has to be."""

    def __init__(self) -> None:
        self._known: dict[int, None] = {}

    def add(self, comparisons: Sequence[Comparison]) -> None:
        """Those of one traced run."""
        for operator, left, right in comparisons:
            if operator in _SIZES and type(left) is int and type(right) is int and 1 < right <= _MAX_WIDTH:
                self._known.pop(right, None)
                self._known[right] = None
        for width in list(self._known)[:-_MAX_WIDTHS]:
            del self._known[width]

    def latest(self) -> list[int]:
        """The latest first, then those that are usual."""
        return list(dict.fromkeys((*reversed(self._known), *_WIDTHS)))[:_MAX_WIDTHS]


def grouped_runs(
    arguments: Arguments, max_len: int, signs: Sequence[str], widths: Sequence[int]
) -> Iterator[Arguments]:
    """At most `MAX_GROUPED` inputs of total size up to `max_len` in which one run of letters and digits, the last ones
    first, or each of them stands in groups: from its beginning on, or from its end.
    """
    if signs:
        yield from edited_texts(
            arguments, max_len, MAX_GROUPED, _MAX_TEXT, lambda text: _grouped(text, signs[:_MAX_SIGNS], widths)
        )


def _grouped(text: str, signs: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    runs = list(_RUN.finditer(text))[: -_MAX_RUNS - 1 : -1]
    for width in widths:
        for sign in signs:
            if len(runs) > 1:
                yield _RUN.sub(lambda run: sign.join(_groups(run[0], width)), text)  # noqa: B023 - used at once
            for run in runs:
                for groups in (_groups(run[0], width), _groups_from_end(run[0], width)):
                    if len(groups) > 1:
                        yield text[: run.start()] + sign.join(groups) + text[run.end() :]


def _groups(run: str, width: int) -> list[str]:
    return [run[at : at + width] for at in range(0, len(run), width)]


def _groups_from_end(run: str, width: int) -> list[str]:
    """The same where it is the first that may be shorter; none where that makes no difference."""
    first = len(run) % width
    return [run[:first], *_groups(run[first:], width)] if first else []
