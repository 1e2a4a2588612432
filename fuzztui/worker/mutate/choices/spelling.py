"""Texts that a test puts together of what it draws: which parts of one to draw otherwise, so that it becomes another.

A grammar of texts draws words, numbers and names one by one, each from what is allowed there, and joins them: no choice
holds what the program compares. But what each span came to is a part of that text. So the text that was compared is
read along with the one that is wanted, and where they differ a part gives way to another text of its kind: one that was
drawn elsewhere, or one whose number or text is changed.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.mutate.choices.record import LONGEST_TEXT, Record, Spelled, Spellings, fitted, spelled
from fuzztui.worker.mutate.operands import Comparison, elements_of

__builtins__ = PRIVATE_BUILTINS

MOST: Final = 96
"""Inputs that one entry leads to."""

_MOST_OF_ONE: Final = 16
"""The same of one comparison: those whose parts stand closest to each other."""

_MOST_WANTED: Final = 128
"""Comparisons that are looked at."""

_LONGEST: Final = 512
"""Characters of a text that was compared."""

_PARTS: Final = 256
"""Spans of an input that are looked at."""

_LONGER: Final = 2
"""Texts that go on behind what is wanted, of those that may take the place of a part."""

_PLACES: Final = 4
"""Where a part may stand in a text: the same word may be there several times."""

_STEPS: Final = 2000
"""Of reading one text along with another: words that differ in nothing would have it go on for long."""

_NUMBER: Final = re.compile(r"-?[0-9]+")


class _Wanted(NamedTuple):
    """What a text was compared with."""

    text: str
    wanted: str
    is_anywhere: bool
    """Whether what is wanted may begin anywhere in it."""
    is_open: bool
    """Whether anything may come behind."""


class _Part(NamedTuple):
    """A span, and what it came to."""

    start: int
    end: int
    label: int
    own: Spelled


def respelled(plain: Plain, record: Record, known: Spellings, comparisons: Sequence[Comparison]) -> Iterator[Plain]:
    """At most `MOST` inputs, from one with its record, in which texts that were compared become what was wanted."""
    parts = _parts(plain, record)
    if parts:
        drawn = {value for value in plain if type(value) is str}  # what is one choice is replaced as that
        several = (each for each in dict.fromkeys(_all_wanted(comparisons)) if each.text not in drawn)
        wanted = islice(several, _MOST_WANTED)
        found = (changed for each in wanted for changed in _Reading(plain, known, parts, each).found())
        yield from islice(dict.fromkeys(found), MOST)


def _parts(plain: Plain, record: Record) -> list[_Part]:
    """The spans that came to a text, the outermost of those with the same choices and the same text."""
    found: dict[tuple[int, int, str], _Part] = {}
    for span, text in zip(record.spans, record.texts, strict=False):
        if text and span.end <= len(plain):
            own = spelled(plain, record, span, text)
            found.setdefault((span.start, span.end, text), _Part(span.start, span.end, span.label, own))
    return list(islice(found.values(), _PARTS))


def _all_wanted(comparisons: Sequence[Comparison]) -> Iterator[_Wanted]:
    for operator, left, right in comparisons:
        if operator in ("==", "!="):
            pairs, is_anywhere, is_open = [(left, right), (right, left)], False, False
        elif operator in ("startswith", "endswith"):
            pairs = [(left, each) for each in (right, *elements_of(right))]
            is_anywhere, is_open = operator == "endswith", operator == "startswith"
        elif operator in ("in", "not in") and type(right) is str:
            pairs, is_anywhere, is_open = [(right, left)], True, True
        elif operator in ("in", "not in", "of"):
            pairs, is_anywhere, is_open = [(left, each) for each in elements_of(right)], False, False
        else:
            continue
        for text, wanted in pairs:
            if type(text) is not str or type(wanted) is not str or text == wanted:
                continue
            if 1 < len(wanted) <= LONGEST_TEXT and len(text) <= _LONGEST:
                yield _Wanted(text, wanted, is_anywhere, is_open)


_Change = tuple[_Part, Plain]


class _Reading:
    """One text that is read along with the one that is wanted."""

    def __init__(self, plain: Plain, known: Spellings, parts: Sequence[_Part], wanted: _Wanted) -> None:
        self._plain = plain
        self._known = known
        self._text, self._wanted, self._is_anywhere, self._is_open = wanted
        self._at: dict[int, list[_Part]] = {}
        """Which parts may stand at a place of the text, the longest first."""
        for part in sorted(parts, key=lambda each: -len(each.own.text)):
            for place in islice(_places(self._text, part.own.text), _PLACES):
                self._at.setdefault(place, []).append(part)
        self._steps = _STEPS
        self._found: dict[tuple[int, str, str], dict[str, Plain]] = {}

    def found(self) -> list[Plain]:
        """Inputs, those first whose changed parts stand closest to each other."""
        if not self._at:
            return []
        begins = range(len(self._text)) if self._is_anywhere else (0,)
        ways = {way: None for begin in begins for way in self._ways(begin, 0, 0) if way}
        nearest = sorted(ways, key=lambda way: way[-1][0].end - way[0][0].start)
        return [self._changed(way) for way in nearest[:_MOST_OF_ONE]]

    def _ways(self, place: int, begun: int, after: int) -> Iterator[tuple[_Change, ...]]:
        """Ways to go on from a place of the text where so much of what is wanted has been read, with parts that begin
        at choice `after` or behind.
        """
        self._steps -= 1
        if begun == len(self._wanted):
            if self._is_open or place == len(self._text):
                yield ()
            return
        if place >= len(self._text) or self._steps <= 0:
            return
        rest = self._wanted[begun:]
        if self._text[place] == rest[0]:
            yield from self._ways(place + 1, begun + 1, after)
        for part in self._at.get(place, ()):
            if part.start < after:
                continue
            behind = place + len(part.own.text)
            for other, choices in self._others(part, rest, self._text[behind : behind + 1]):
                if rest.startswith(other):
                    for way in self._ways(behind, begun + len(other), part.end):
                        yield ((part, choices), *way)
                else:
                    yield ((part, choices),)

    def _others(self, part: _Part, rest: str, then: str) -> Iterator[tuple[str, Plain]]:
        """Texts that may take the place of a part, with which what is left to be read begins, or where anything may
        come behind, which begin with that; `then` stands behind the part.
        """
        key = part.label, rest, then
        found = self._found.get(key)
        if found is None:
            known = (part.own, *self._known.of(part.label))
            texts = ((text, choices) for each in known for text, choices in _near(each, rest, then))
            fitting, longer = dict[str, Plain](), dict[str, Plain]()
            for text, choices in texts:
                if rest.startswith(text):
                    fitting[text] = choices
                elif self._is_open and text.startswith(rest) and len(longer) < _LONGER:
                    longer[text] = choices
            found = self._found[key] = fitting | longer
        return ((text, choices) for text, choices in found.items() if text != part.own.text)

    def _changed(self, way: tuple[_Change, ...]) -> Plain:
        changed = self._plain
        for part, choices in reversed(way):
            changed = changed[: part.start] + choices + changed[part.end :]
        return changed


def _near(known: Spelled, rest: str, then: str) -> Iterator[tuple[str, Plain]]:
    """A text as it is known, and with one number or text changed that stands in it."""
    text, choices, constraints = known
    yield text, choices
    for at, (value, constraint) in enumerate(zip(choices, constraints, strict=True)):
        if constraint is None or type(value) not in (int, str):
            continue
        for place in islice(_places(text, str(value)), _PLACES):
            before, behind = text[:place], text[place + len(str(value)) :]
            if not rest.startswith(before):
                continue
            for word in _words(rest[len(before) :], behind or then, is_number=type(value) is int):
                new = fitted(constraint, int(word) if type(value) is int else word)
                if new is not None and str(new) == word:
                    yield before + word + behind, (*choices[:at], new, *choices[at + 1 :])


def _words(rest: str, behind: str, *, is_number: bool) -> Iterator[str]:
    """With what a text may begin that is to be put in: all of it, or as far as what is to come behind that."""
    if is_number:
        number = _NUMBER.match(rest)
        if number is not None:
            yield number[0]
        return
    if behind and behind in rest:
        yield rest[: rest.index(behind)]
    yield rest


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)
