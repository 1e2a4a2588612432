"""Elements of text formats in places that a program tells: behind a piece that it has split, in brackets that it has
looked for, behind a sign that words were to begin with, after a word that may declare it.

A parameter belongs to the name of its line, an attribute into brackets behind what has it, an option behind a dash:
beside the ends of a text and its signs there are too many places to try all.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.scalars import text_of

__builtins__ = PRIVATE_BUILTINS

_MAX_PIECES: Final = 6
_MAX_MARKS: Final = 3
_MAX_SIGN: Final = 2
_MAX_LETTERS: Final = 4
_MAX_PLACES: Final = 12
_MAX_WORDS: Final = 6
_LONGEST_WORD: Final = 24

_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_NAMING: Final = frozenset({"==", "!=", "of", "in", "not in"})
_COMPARING: Final = frozenset({"==", "!=", "startswith"})


class Hints(NamedTuple):
    """What a program has told of places for elements."""

    split: tuple[tuple[str, str], ...] = ()
    """(sign, piece): what was searched for this sign, and is part of the text."""
    brackets: tuple[str, ...] = ()
    """Opening ones that something was compared with."""
    marks: tuple[str, ...] = ()
    """Signs that a text was to begin with."""
    words: tuple[str, ...] = ()
    """That are not in the text, and something in there was compared with."""


def hints_of(comparisons: Sequence[Comparison], text: str) -> Hints:
    """What was compared last comes first."""
    split: dict[tuple[str, str], None] = {}
    brackets: dict[str, None] = {}
    marks: dict[str, None] = {}
    words: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        one, other = text_of(left), text_of(right)
        if operator == "in" and _is_sign(one) and 1 < len(other) < len(text) and other in text:
            split.setdefault((one, other))
        elif operator in _COMPARING:
            if operator == "startswith" and _is_sign(other):
                marks.setdefault(other)
            brackets.update(dict.fromkeys(each for each in (one, other) if each in _PAIRS))
        if operator in _NAMING and one and one in text:
            others = right if type(right) is tuple else (right,)
            words.update(dict.fromkeys(each for each in map(text_of, others) if _is_word(each) and each not in text))
    return Hints(tuple(split)[:_MAX_PIECES], tuple(brackets), tuple(marks)[:_MAX_MARKS], tuple(words)[:_MAX_WORDS])


def behind_pieces(text: str, key: str, value: str, hints: Hints, assigning: Sequence[str]) -> Iterator[str]:
    """With the element behind a piece that was split, after the sign that it was split at."""
    for sign, piece in hints.split:
        at = text.rfind(piece) + len(piece)
        # A single letter may begin a word that is its value.
        for mark in ("", *assigning) if len(key) == 1 and key.isalpha() else assigning:
            if mark != sign:
                yield text[:at] + sign + key + mark + value + text[at:]
        yield text[:at] + sign + key + text[at:]


def in_brackets(text: str, key: str, value: str, hints: Hints, assigning: Sequence[str]) -> Iterator[str]:
    """With the element in brackets of its own, where a word ends, the last first."""
    places = [at for at in range(len(text), 0, -1) if text[at - 1].isalnum() and not text[at : at + 1].isalnum()]
    for opening in hints.brackets:
        for mark in assigning:
            element = opening + key + mark + value + _PAIRS[opening]
            for at in places[:_MAX_PLACES]:
                yield text[:at] + element + text[at:]


def in_blank_brackets(text: str, key: str) -> Iterator[str]:
    """With a key between brackets that have nothing in them, the last first: it is lacking in what they stand for."""
    for at in range(len(text) - 1, 0, -1):
        if _PAIRS.get(text[at - 1]) == text[at]:
            yield text[:at] + key + text[at:]


def behind_marks(text: str, keys: Sequence[str], hints: Hints, between: Sequence[str]) -> Iterator[str]:
    """With a word more that begins as was asked for: each key, and such of a single letter together."""
    letters = "".join([key for key in keys if len(key) == 1 and key.isalpha()][:_MAX_LETTERS])
    words = [*([letters] if len(letters) > 1 else []), *keys]
    places = [at for at in range(len(text), -1, -1) if not text[max(0, at - 1) : at + 1].isalnum()][:_MAX_PLACES]
    for word in words:
        for mark in hints.marks:
            for sign in between:
                for at in places:
                    yield text[:at] + sign + mark + word + (sign if text[at:] and text[at] != sign else "") + text[at:]


def declared(text: str, key: str, hints: Hints, between: Sequence[str]) -> Iterator[str]:
    """With a statement that may say what a name means which the text uses: a word of the program's, the name, and
    brackets, if the program knows any.
    """
    places = [at for at in range(len(text), -1, -1) if not text[max(0, at - 1) : at].isalnum()][:_MAX_PLACES]
    signs = ["", *between] if hints.brackets else list(between)
    for behind in [*[opening + _PAIRS[opening] for opening in hints.brackets], ""]:
        for word in hints.words:
            for sign in signs:
                for at in places:
                    yield text[:at] + word + " " + key + behind + sign + text[at:]


def _is_sign(text: str) -> bool:
    return 0 < len(text) <= _MAX_SIGN and not any(map(str.isalnum, text))


def _is_word(text: str) -> bool:
    return 1 < len(text) <= _LONGEST_WORD and text.isascii() and text.isidentifier()
