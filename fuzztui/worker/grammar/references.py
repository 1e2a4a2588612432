"""Names that one statement of a text declares and another refers to: `a=1;echo $a`, `&a 1` and `*a`, a label, a jump.

Where a program has found a name that stands in a text twice, the first place tells how a name is declared, and the last
how it is referred to, or the other way round, if only the last one begins a statement. Both together go into other
texts: what has been declared there may be anything. Where it is declared already there may be another one beside it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.grammar.elements import readable
from fuzztui.worker.grammar.statements import ends_of
from fuzztui.worker.grammar.words import as_word
from fuzztui.worker.mutate.operands import MEMBERSHIPS, Comparison
from fuzztui.worker.mutate.scalars import text_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_MADE: Final = 60
"""Inputs with a reference that one entry leads to."""

_MAX_KNOWN: Final = 4
_MAX_NAMES: Final = 8
_MAX_NAME: Final = 24
_MAX_SIGNS: Final = 3
_MAX_STATEMENT: Final = 48
_MAX_PLACES: Final = 16
_MAX_TEXT: Final = 1024

_NO_SIGNS: Final = "\"'=:,;/\\ \t\r\n"
"""That stand before a reference, and are no part of it."""

_CLOSING: Final = {"{": "}", "(": ")", "[": "]", "<": ">"}
_WORD: Final = re.compile(r"\w+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"


class Reference(NamedTuple):
    """How a name is declared, and how it is referred to."""

    declaration: str
    """A statement; empty if none is needed, since the program knows the name."""
    spelled: str
    is_behind: bool = False
    """Whether it is declared behind the reference."""


class References:
    """Those of inputs in which the program has found what was referred to: the latest of each form, the latest last."""

    def __init__(self) -> None:
        self._known: dict[Reference, Reference] = {}
        """By their forms, in which a blank stands for the name."""
        self.new: list[Reference] = []
        """Those of the last input whose form none had before."""

    def add(self, arguments: Arguments, comparisons: Sequence[Comparison]) -> None:
        """Learn of one input."""
        self.new = []
        names = _found(comparisons)
        for value in arguments if names else ():
            text = readable(value)
            if text and len(text) <= _MAX_TEXT:
                for name in names:
                    for each in _referring(text, name, ends_of(text, comparisons)):
                        form = Reference(
                            each.declaration.replace(name, " "), each.spelled.replace(name, " "), each.is_behind
                        )
                        if self._known.pop(form, None) is None:
                            self.new.append(each)
                        self._known[form] = each
        for form in list(self._known)[:-_MAX_KNOWN]:
            del self._known[form]

    def latest(self) -> list[Reference]:
        """The latest first."""
        return list(reversed(self._known.values()))


def with_references(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, known: Sequence[Reference]
) -> Iterator[Arguments]:
    """At most `MAX_MADE` inputs of total size up to `max_len` with a reference in the place of a word, or where one
    begins or ends, and before or behind all the statement that declares what it is of, unless that is there.
    """
    if known:
        yield from edited_texts(
            arguments,
            max_len,
            MAX_MADE,
            _MAX_TEXT,
            lambda text: _with_references(text, ends_of(text, comparisons), known),
        )


def _with_references(text: str, ends: Sequence[str], known: Sequence[Reference]) -> Iterator[str]:
    words = [match.span() for match in _WORD.finditer(text)]
    edges = [
        at for at in range(len(text), -1, -1) if not _WORD.match(text, at) or not text[max(0, at - 1) : at].isalnum()
    ]
    places = [*[(at, at) for at in edges[:_MAX_PLACES]], *words[: -_MAX_PLACES - 1 : -1]]
    end = ends[0] if ends else "\n"
    others = [(each, _of_another(each, text)) for each in known]
    for start, stop in places:
        for each, other in others:
            yield from _referring_from(text, start, stop, each, other, end)


def _referring_from(
    text: str, start: int, stop: int, reference: Reference, other: Reference | None, end: str
) -> Iterator[str]:
    """With a reference in a place. What declares it is put outside of all statements, and beside the one that refers
    to it, as in a section. Where it is declared already the `other` one is declared beside that, if there is one.
    """
    declaration, spelled, is_behind = reference
    if not declaration:
        yield text[:start] + spelled + text[stop:]
    elif declaration in text:
        yield text[:start] + spelled + text[stop:]
        if other is None:
            return
        there = text.index(declaration)
        at = _behind(text, there + len(declaration), end) if is_behind else there
        yield _declared(text, start, stop, other, at, end)
    elif is_behind:
        for at in dict.fromkeys((len(text), _behind(text, stop, end))):
            yield _declared(text, start, stop, reference, at, end)
    else:
        for at in dict.fromkeys((0, text.rfind(end, 0, start) + len(end) if end in text[:start] else 0)):
            yield _declared(text, start, stop, reference, at, end)


def _declared(text: str, start: int, stop: int, reference: Reference, at: int, end: str) -> str:
    """With a reference from `start` to `stop`, and what declares it where a statement begins, or at the end."""
    if at <= start:
        return text[:at] + reference.declaration + end + text[at:start] + reference.spelled + text[stop:]
    at = max(at, stop)
    before, behind = text[:start] + reference.spelled + text[stop:at], text[at:]
    first = "" if before.endswith(end) else end
    return before + first + reference.declaration + (end if behind else "") + behind


def _behind(text: str, at: int, end: str) -> int:
    """Where the next statement begins."""
    found = text.find(end, at)
    return len(text) if found < 0 else found + len(end)


def _of_another(reference: Reference, text: str) -> Reference | None:
    """The same of a name that does not stand in a text, where it declares this one; None if it does not."""
    name = "".join(_WORD.findall(reference.spelled)[:1])
    if not name or reference.declaration not in text:
        return None
    others = (name[:-1] + letter for letter in (_DIGITS if name[-1].isdigit() else _LETTERS))
    new = next((each for each in others if not as_word(each).search(text)), None)
    if new is None:
        return None
    declaration, spelled = (as_word(name).sub(new, each) for each in (reference.declaration, reference.spelled))
    return Reference(declaration, spelled, reference.is_behind)


def _found(comparisons: Sequence[Comparison]) -> list[str]:
    """Names that were looked up and found, the last first."""
    found: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in MEMBERSHIPS and type(right) is tuple and left in right:
            name = text_of(left)
            if 0 < len(name) <= _MAX_NAME and _WORD.fullmatch(name):
                found.setdefault(name)
    return list(found)[:_MAX_NAMES]


def _referring(text: str, name: str, ends: Sequence[str]) -> Iterator[Reference]:
    """Where the name stands last, if there are signs before it or it stands in an earlier statement, too."""
    places = [match.start() for match in as_word(name).finditer(text)]
    if not places:
        return
    beginning = [at for at in places if _begins_statement(text, at, ends)]
    within = [at for at in places if at not in beginning]
    is_behind = bool(within and beginning) and beginning == places[len(within) :]
    start = within[-1] if is_behind else places[-1]
    stop = start + len(name)
    first = start
    while first and start - first < _MAX_SIGNS and not text[first - 1].isalnum() and text[first - 1] not in _NO_SIGNS:
        first -= 1
    for sign in reversed(text[first:start]):
        if sign in _CLOSING and text.startswith(_CLOSING[sign], stop):
            stop += 1
    there = [
        each for end in ends for each in (text[stop:].split(end)[1:] if is_behind else text[:first].split(end)[:-1])
    ]
    declared = next((each for each in there if _stands(name, each)), "")
    if len(declared) <= _MAX_STATEMENT and (declared or first < start):
        yield Reference(declared, text[first:stop], is_behind)


def _begins_statement(text: str, at: int, ends: Sequence[str]) -> bool:
    before = text[:at].rstrip(" \t")
    return not before or any(map(before.endswith, ends))


def _stands(name: str, statement: str) -> bool:
    return name in _WORD.findall(statement)
