"""Statements of texts that are read one after the other, such as the lines of a session: one more, of each kind.

What a text as a whole is split at ends its statements. Which statements there are is told by what pieces of texts were
compared with, in any input, and with which arguments by inputs that have come somewhere: in a new state of the program,
each of them may do something else.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of, in_turns, readable
from fuzztui.worker.grammar.forms import forms_of
from fuzztui.worker.grammar.words import words_apart
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.scalars import text_of
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

_MAX_STATEMENT: Final = 128
_MAX_KINDS: Final = 16
_MAX_ALIKE: Final = 2
_MAX_LAST: Final = 2
_MAX_PLACES_OF_KNOWN: Final = 6
_MAX_PLACES_OF_ALIKE: Final = 16
"""Bounds of the statements that are known, and of where each is put."""

_MAX_OF_THE_SAME: Final = 3
_MAX_OF_BLANKS: Final = 3

_WORD: Final = re.compile(r"\w+")
_FIRST: Final = re.compile(r"\W*\w+")

_ARGUMENTS: Final = ("", " a", " 1")


class Known:
    """Statements of inputs that have come somewhere, as they stood there: with arguments that have done."""

    def __init__(self) -> None:
        self._by_kind: dict[str, list[str]] = {}
        """By their kinds the statements, the latest last; the kind of the latest comes last, too."""

    def add(self, arguments: Arguments, comparisons: Sequence[Comparison], words: Collection[str] = ()) -> None:
        """Those of one input. `words`: that the program compares with, which tell kinds of statements apart."""
        for value in arguments:
            text = readable(value)
            if text and len(text) <= _MAX_TEXT:
                for statement in [each for end in ends_of(text, comparisons) for each in text.split(end)]:
                    self._note(statement, words)
        for kind in list(self._by_kind)[:-_MAX_KINDS]:
            del self._by_kind[kind]

    def _note(self, statement: str, words: Collection[str]) -> None:
        first = _FIRST.match(statement)
        if first is not None and len(statement) <= _MAX_STATEMENT:
            kind = " ".join([first[0], *[word for word in _WORD.findall(statement, first.end()) if word in words]])
            alike = self._by_kind.pop(kind, [])
            self._by_kind[kind] = [*[each for each in alike if each != statement], statement][-_MAX_ALIKE:]

    def statements(self) -> list[str]:
        """One of each kind, the latest first, then another of each."""
        latest = [list(reversed(alike)) for alike in reversed(self._by_kind.values())]
        return [alike[turn] for turn in range(_MAX_ALIKE) for alike in latest if turn < len(alike)]


class Vocabulary:
    """Words that pieces of inputs were compared with."""

    def __init__(self) -> None:
        self._words: dict[str, None] = {}

    def add(self, comparisons: Iterable[Comparison], arguments: Arguments = ()) -> None:
        """Those of one traced run, but for what is new and stands in its input: that is hardly the program's."""
        text = forms_of(arguments)
        for operator, left, right in comparisons:
            if operator in ("==", "!=", "of", "in", "not in", "startswith"):
                for operand in (left, right):
                    for each in (operand, *elements_of(operand)):
                        word = _word(each)
                        if word and (word in self._words or word.lower() not in text):
                            self._words.pop(word, None)
                            self._words[word] = None
        for word in list(self._words)[:-MAX_WORDS]:
            del self._words[word]

    def words(self) -> list[str]:
        """The latest first."""
        return list(reversed(self._words))


def more_statements(
    arguments: Arguments,
    comparisons: Sequence[Comparison],
    words: Sequence[str],
    max_len: int,
    known: Sequence[str] = (),
) -> Iterator[Arguments]:
    """At most `MAX_STATEMENTS` inputs of total size up to `max_len` with one statement more: one that is known, or one
    that begins with one of the words.
    """
    room = max_len - sum(map(size, arguments))
    count = 0
    for index, value in enumerate(arguments):
        text = readable(value)
        if text is None:
            continue
        ends = ends_of(text, comparisons) if len(text) <= _MAX_TEXT else []
        several = [in_turns([_with_known(text, end, known), _with_another(text, end, known)]) for end in ends]
        for changed in chain(*several, _with_more(text, ends, words)):
            if len(changed) - len(text) <= room:
                count += 1
                yield (
                    *arguments[:index],
                    bytes_of(changed) if type(value) is bytes else changed,
                    *arguments[index + 1 :],
                )
                if count == MAX_STATEMENTS:
                    return


def last_statements(arguments: Arguments, comparisons: Sequence[Comparison]) -> list[str]:
    """The last statements of an input, the very last first: what it came to is mostly due to them."""
    found: dict[str, None] = {}
    for value in arguments:
        text = readable(value)
        if text and len(text) <= _MAX_TEXT:
            for end in ends_of(text, comparisons):
                statements = [each for each in text.split(end) if _FIRST.match(each) and len(each) <= _MAX_STATEMENT]
                found.update(dict.fromkeys(reversed(statements[-_MAX_LAST:])))
    return list(found)[:_MAX_LAST]


def _with_another(text: str, end: str, known: Sequence[str]) -> Iterator[str]:
    """With a statement that is known in the place of one with the same first word, the last first."""
    there = text.split(end)
    for at in range(len(there) - 1, -1, -1)[:_MAX_PLACES_OF_ALIKE]:
        first = _FIRST.match(there[at])
        for statement in known if first is not None else ():
            other = _FIRST.match(statement)
            if first is not None and other is not None and other[0] == first[0] and statement != there[at]:
                yield end.join([*there[:at], statement, *there[at + 1 :]])


def _with_known(text: str, end: str, known: Sequence[str]) -> Iterator[str]:
    """With each statement that is known behind each that is there, the last first, and before the first."""
    there = text.split(end)
    is_ended = bool(text) and not there[-1]
    places = range(len(there) - is_ended if text else 0, -1, -1)[:_MAX_PLACES_OF_KNOWN]
    for at in places:
        beside = there[at - 1] if at else there[0]
        for statement in in_turns([_forms_of(each, beside) for each in known]):
            yield end.join([*there[:at], statement, *there[at:]] if text else [statement])


def _forms_of(statement: str, other: str) -> Iterator[str]:
    """The statement as it is, then `_of_the_same`, which is worked out only where somebody asks for that many."""
    yield statement
    yield from _of_the_same(statement, other)


def _of_the_same(statement: str, other: str) -> list[str]:
    """The statement with a word of another in the same place: what they are about, such as a name, may have to be the
    same. The first word says what they do; behind it, up to where they are of another form, nobody tells which. Then
    with one between blanks in any place: names may have signs in them.
    """
    mine, others = words_apart(statement), words_apart(other)
    made: dict[str, None] = {}
    for at in range(0, min(len(mine), len(others)), 2):
        if at and mine[at] != others[at]:
            made.setdefault("".join([*mine[:at], others[at], *mine[at + 1 :]]))
            if len(made) == _MAX_OF_THE_SAME:
                break
        if mine[at + 1 : at + 2] != others[at + 1 : at + 2]:
            break
    mine, others = statement.split(" "), other.split(" ")
    for at in range(1, len(mine)):
        for each in others[1:]:
            if each and each != mine[at] and len(made) < _MAX_OF_THE_SAME + _MAX_OF_BLANKS:
                made.setdefault(" ".join([*mine[:at], each, *mine[at + 1 :]]))
    return list(made)


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


def ends_of(text: str, comparisons: Sequence[Comparison]) -> list[str]:
    """What the text as a whole was split at."""
    found: dict[str, None] = {}
    for operator, left, right in comparisons:
        if operator == "in":
            sign = text_of(left)
            if sign and len(sign) <= _MAX_ENDS and not sign.isalnum() and _is_nearly(text_of(right), text):
                found.setdefault(sign)
    ends = list(found)[:_MAX_ENDS]
    # Statements that belong together stand in paragraphs, as of a catalog or a journal.
    return [*ends, *[2 * end for end in ends if 2 * end in text]]


def _is_nearly(operand: str, text: str) -> bool:
    """Whether this is the text as a whole, or what is left of it without what stands around it."""
    return operand == text or (2 * len(operand) > len(text) and operand in text)


def _word(operand: object) -> str:
    """An operand that may be a word of the program's; empty if it is none."""
    text = text_of(operand)
    return text if 1 < len(text) <= _MAX_WORD and text.isascii() and text.isprintable() and text[0].isalpha() else ""
