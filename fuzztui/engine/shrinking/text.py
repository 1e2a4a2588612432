"""Texts, towards readable ASCII."""

import re
from collections.abc import Iterator
from typing import Final

from fuzztui.engine.shrinking.binary import PLAIN as PLAIN_BYTES
from fuzztui.engine.shrinking.search import Search
from fuzztui.engine.shrinking.sequence import lower_counts, lower_numbers, shrink_sequence

PLAIN: Final = PLAIN_BYTES.decode("ascii")
"""Readable characters, the plainest first."""

_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "'": "'"}

_NUMBER: Final = re.compile("[0-9]{1,18}")

_STANDING_FOR: Final = "éß\u4e2d\U0001f600"
"""Characters of two, two, three and four bytes in UTF-8 that stand for others of their size."""


def shrink(value: str) -> Search[str]:
    """The shortest and plainest text that fails."""
    return shrink_sequence(value, PLAIN, _plainer, _BRACKETS, (_numbers, _counts))


def _numbers(value: str) -> Search[str]:
    return lower_numbers(value, _NUMBER, str)


def _counts(value: str) -> Search[str]:
    return lower_counts(value, _NUMBER, str)


def _plainer(element: str) -> Iterator[str]:
    """Characters that are plainer: first those that stand for their like, then readable ones, then lower ones."""
    rank = PLAIN.find(element)
    readable = PLAIN if rank < 0 else PLAIN[:rank]
    likely = [character for character in "0aA \n" if character in readable]
    yield from likely
    if element in _STANDING_FOR or rank >= 0:
        yield from (character for character in readable if character not in likely)
        return
    code = ord(element)
    yield from (character for character in _STANDING_FOR if ord(character) < code)
    yield from (character for character in readable if character not in likely)
    step = code >> 1
    while step:
        yield chr(code - step)
        step >>= 1
