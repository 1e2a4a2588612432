"""Texts of rows under a row of names, with one column more: a name that was lacking among those that were there, and a
value in each of the other rows, or nothing would be under it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.copied import lacking_beside
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.grammar.words import as_word
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_COLUMNS: Final = 60
"""Inputs that the lacking names of one entry lead to."""

_FILLERS: Final = ("1", "a")
_USUAL: Final = (",", "\t", ";", "|", " ")
_MAX_SIGNS: Final = 4
_MAX_ROWS: Final = 64
_MAX_TEXT: Final = 2048


def with_columns(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, signs: Sequence[str]
) -> Iterator[Arguments]:
    """At most `MAX_COLUMNS` inputs of total size up to `max_len`; `signs`: what texts were split at."""
    pairs = lacking_beside(comparisons)
    if pairs:
        yield from edited_texts(
            arguments, max_len, MAX_COLUMNS, _MAX_TEXT, lambda text: _with_columns(text, pairs, signs)
        )


def _with_columns(text: str, pairs: Sequence[tuple[str, tuple[str, ...]]], signs: Sequence[str]) -> Iterator[str]:
    rows = text.splitlines(keepends=True)
    if len(rows) > _MAX_ROWS:
        return
    for there, lacking in pairs:
        word = as_word(there)
        head = next((at for at, row in enumerate(rows) if word.search(row)), None)
        if head is None or not any(row.strip() for row in rows[head + 1 :]):
            continue
        usual = [sign for sign in _USUAL if sign in rows[head]] or [sign for sign in _USUAL if sign in text]
        between = list(dict.fromkeys([*usual, *[sign for sign in signs if sign != "\n"], *_USUAL]))[:_MAX_SIGNS]
        for sign in between:
            for filler in _FILLERS:
                for name in lacking:
                    yield "".join(
                        [
                            *rows[:head],
                            _longer(rows[head], sign + name),
                            *[_longer(row, sign + filler) if row.strip() else row for row in rows[head + 1 :]],
                        ]
                    )


def _longer(row: str, more: str) -> str:
    """A row with more at its end, before what ends it."""
    end = len(row.rstrip("\r\n"))
    return row[:end] + more + row[end:]
