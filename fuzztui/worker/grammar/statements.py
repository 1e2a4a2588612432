"""Statements of texts that are read one after the other, such as the lines of a session: one more, of each kind.

What a text as a whole is split at ends its statements. Which statements there are is told by what pieces of texts were
compared with, in any input: in a new state of the program, each of them may do something else.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_STATEMENTS: Final = 300
"""Inputs with one statement more that one entry leads to."""

MAX_WORDS: Final = 48
"""Words that statements may begin with: the latest."""

_MAX_WORD: Final = 24
_MAX_ENDS: Final = 2
_MAX_PLACES: Final = 3
_MAX_TEXT: Final = 2048

_ARGUMENTS: Final = ("", " a", " 1")


class Vocabulary:
    """Words that pieces of inputs were compared with."""

    def __init__(self) -> None:
        self._words: dict[str, None] = {}

    def add(self, comparisons: Iterable[Comparison]) -> None:
        """Those of one traced run."""
        for operator, left, right in comparisons:
            if operator in ("==", "!=", "of", "in", "startswith"):
                for operand in (left, right):
                    for each in (operand, *elements_of(operand)):
                        word = _word(each)
                        if word:
                            self._words.pop(word, None)
                            self._words[word] = None
        for word in list(self._words)[:-MAX_WORDS]:
            del self._words[word]

    def words(self) -> list[str]:
        """The latest first."""
        return list(reversed(self._words))


def more_statements(
    arguments: Arguments, comparisons: Sequence[Comparison], words: Sequence[str], max_len: int
) -> Iterator[Arguments]:
    """At most `MAX_STATEMENTS` inputs of total size up to `max_len` with one statement more."""
    room = max_len - sum(map(size, arguments))
    count = 0
    for index, value in enumerate(arguments):
        if type(value) is bytes and not is_binary(value):
            text = value.decode("utf-8", "surrogateescape")
        elif type(value) is str:
            text = value
        else:
            continue
        ends = _ends(text, comparisons) if len(text) <= _MAX_TEXT else []
        for changed in _with_more(text, ends, words):
            if len(changed) - len(text) <= room:
                count += 1
                yield (
                    *arguments[:index],
                    bytes_of(changed) if type(value) is bytes else changed,
                    *arguments[index + 1 :],
                )
                if count == MAX_STATEMENTS:
                    return


def _with_more(text: str, ends: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    for argument in _ARGUMENTS:
        for end in ends:
            for at in _places(text, end):
                before = text[:at] if not at or text[:at].endswith(end) else text[:at] + end
                after = text[at:] if not text[at:] or text[at:].startswith(end) else end + text[at:]
                for word in words:
                    yield before + word + argument + after


def _places(text: str, end: str) -> list[int]:
    """Where the text ends, and before and behind the last statement."""
    found = [len(text)]
    at = len(text)
    while len(found) < _MAX_PLACES:
        at = text.rfind(end, 0, at)
        if at < 0:
            break
        found.append(at + len(end) if text[at + len(end) :] else at)
    return list(dict.fromkeys(found))


def _ends(text: str, comparisons: Sequence[Comparison]) -> list[str]:
    """What the text as a whole was split at."""
    found: dict[str, None] = {}
    for operator, left, right in comparisons:
        if operator == "in":
            sign = _text(left)
            if sign and len(sign) <= _MAX_ENDS and not sign.isalnum() and _text(right) == text:
                found.setdefault(sign)
    return list(found)[:_MAX_ENDS]


def _word(operand: object) -> str:
    """An operand that may be a word of the program's; empty if it is none."""
    text = _text(operand) or ""
    return text if 1 < len(text) <= _MAX_WORD and text.isascii() and text.isprintable() and text[0].isalpha() else ""


def _text(operand: object) -> str | None:
    scalar = scalar_of(operand)
    if isinstance(scalar, bytes):
        return scalar.decode("utf-8", "surrogateescape")
    return scalar if isinstance(scalar, str) else None
