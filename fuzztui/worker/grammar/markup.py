"""Elements of markup, `<a x="1"><b>text</b></a>`: one more in each, one in the place of another, another name.

What code in C makes of such a text is a tree, and a text in which one tag is not closed is none. So elements are put
in and taken out as wholes. Which names there may be is told by what the program has looked for, and has compared names
with.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.alike import Span, in_place_of_the_same, with_other_keys
from fuzztui.worker.grammar.attributes import with_attribute
from fuzztui.worker.grammar.elements import bytes_of, in_turns, readable, wanted_of
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.operands import elements_of as members_of
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sequence import RandomBits
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

S = TypeVar("S")
T = TypeVar("T")

MAX_EDITED: Final = 200
"""Inputs that one entry leads to."""

MAX_KNOWN: Final = 32
"""Elements of other inputs that are remembered: the latest."""

_MAX_ELEMENT: Final = 160
_MAX_TEXT: Final = 2048
_MAX_TAGS: Final = 128
_MAX_PLACES: Final = 8
_MAX_NAMES: Final = 16
_MAX_OFFERED: Final = 12
_MAX_VALUES: Final = 12
_MAX_ALIKE: Final = 4

_FILLER: Final = "a"
_TEXTS: Final = ("", "1", "a")

_TAG: Final = re.compile(r"<(/?)([A-Za-z_][\w:.-]*)([^<>]*?)(/?)>", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_][\w:.-]*", re.ASCII)
_VALUE: Final = re.compile(r'="([^"<>]*)"')
_SIGNS: Final = frozenset('<>&"')
_EQUALITIES: Final = frozenset({"==", "!=", "of", "in", "not in"})


class Element(NamedTuple):
    """Where an element stands in a text."""

    name: str
    start: int
    inner: int
    """Where its content begins, behind its first tag."""
    end: int
    """Where its content ends; what is behind `<a/>`, which has none."""
    stop: int

    @property
    def is_empty(self) -> bool:
        """Whether it is a single tag, `<a/>`."""
        return self.end == self.stop


def elements(text: str) -> list[Element]:
    """The elements of a text that are closed, each before those that it lies in."""
    return _apart(text)[0]


def unclosed(text: str) -> list[str]:
    """The names of those that are not closed, the innermost last."""
    return [name for name, _, _ in _apart(text)[1]]


def _apart(text: str) -> tuple[list[Element], list[tuple[str, int, int]]]:
    """The elements of a text, and (name, start, inner) of those that are not closed."""
    found: list[Element] = []
    opened: list[tuple[str, int, int]] = []
    for count, match in enumerate(_TAG.finditer(text)):
        if count == _MAX_TAGS:
            break
        closing, name, _, empty = match.groups()
        if empty:
            found.append(Element(name, match.start(), match.end(), match.end(), match.end()))
        elif not closing:
            opened.append((name, match.start(), match.end()))
        else:
            at = next((at for at in range(len(opened) - 1, -1, -1) if opened[at][0] == name), None)
            if at is not None:  # what was opened since is a tag that needs no other, as in HTML
                found.append(Element(*opened[at], match.start(), match.end()))
                del opened[at:]
    return found, opened


class KnownElements:
    """Elements of inputs that have come somewhere, as they stood there: one of each shape, the shortest."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        """By their shapes, which are their tags alone, the latest last."""

    def add(self, arguments: Arguments) -> None:
        """Those of one input."""
        for value in arguments:
            text = _markup(value)
            for element in elements(text) if text else ():
                if element.stop - element.start <= _MAX_ELEMENT:
                    whole = text[element.start : element.stop]
                    shape = "".join([match[0] for match in _TAG.finditer(whole)])
                    self._texts[shape] = min(whole, self._texts.pop(shape, whole), key=len)
        for shape in list(self._texts)[:-MAX_KNOWN]:
            del self._texts[shape]

    def latest(self) -> list[str]:
        """The latest first."""
        return list(reversed(self._texts.values()))


def edited_markup(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, known: Sequence[str]
) -> Iterator[Arguments]:
    """At most `MAX_EDITED` inputs of total size up to `max_len`, with other elements. `known`: some to put in."""
    room = max_len - sum(map(size, arguments))
    count = 0
    for index, value in enumerate(arguments):
        text = _markup(value)
        seen = {text}
        for changed in _edited(text, elements(text), comparisons, known) if text else ():
            if changed not in seen and len(changed) - len(text) <= room:
                seen.add(changed)
                made: Any = bytes_of(changed) if type(value) is bytes else changed
                yield (*arguments[:index], made, *arguments[index + 1 :])
                count += 1
                if count == MAX_EDITED:
                    return


def elements_of(arguments: Arguments) -> list[str]:
    """Elements of an input, as they stand there, the shortest first."""
    texts = [text for text in map(_markup, arguments) if text]
    found = {text[each.start : each.stop]: None for text in texts for each in elements(text)}
    return sorted([whole for whole in found if len(whole) <= _MAX_ELEMENT], key=len)


def with_elements(arguments: Arguments, max_len: int, known: Sequence[str]) -> Iterator[Arguments]:
    """Inputs of total size up to `max_len` with one of these elements in the place of one that has the same name."""
    room = max_len - sum(map(size, arguments))
    named = [(elements(whole)[-1].name, whole) for whole in known]
    for index, value in enumerate(arguments if known else ()):
        text = _markup(value)
        places = [(each.name, (each.start, each.stop)) for each in elements(text)] if text else []
        for changed in in_place_of_the_same(text, places[-_MAX_PLACES:], named):
            if len(changed) - len(text) <= room:
                made: Any = bytes_of(changed) if type(value) is bytes else changed
                yield (*arguments[:index], made, *arguments[index + 1 :])


def rearranged(value: Any, other: Any, random: RandomBits) -> Any:
    """A value with one element twice, without it, or with an element of another in it or in the place of one; as it is
    where there are none. Both are bytes, or both are str.
    """
    text: Any = value if isinstance(value, str) else value.decode("latin-1")
    more: Any = other if isinstance(other, str) else other.decode("latin-1")
    there, others = elements(text), elements(more)
    if not there:
        return value
    bits = random.getrandbits(30)
    element = there[(bits >> 2) % len(there)]
    whole = text[element.start : element.stop]
    if others and bits & 1:
        new = others[(bits >> 16) % len(others)]
        whole = more[new.start : new.stop]
    if bits & 2:
        changed = _with_child(text, element, whole)
    elif bits & 1:
        changed = text[: element.start] + whole + text[element.stop :]
    else:
        changed = text[: element.start] + whole * (bits >> 29 << 1) + text[element.stop :]
    return changed if isinstance(value, str) else changed.encode("latin-1")


def _edited(
    text: str, there: Sequence[Element], comparisons: Sequence[Comparison], known: Sequence[str]
) -> Iterator[str]:
    """The text with one element more or another name, best first."""
    places = sorted(there, key=lambda element: (-element.end, element.start))[:_MAX_PLACES]
    wanted = wanted_of(comparisons)
    compared = _compared(there, comparisons)
    names = list(dict.fromkeys([new for _, new in compared]))
    lacking = [each.key for each in wanted if _NAME.fullmatch(each.key)]
    texts = {each.key: each.values for each in wanted}
    new = [
        f"<{name}>{inner}</{name}>"
        for name in dict.fromkeys((*lacking, _FILLER, *names))
        for inner in (*texts.get(name, ()), *_TEXTS)
        if not _SIGNS.intersection(inner)
    ]
    values = _values(text, there)
    # What is not filled yet comes first.
    named = [(each.name, (each.start, each.stop)) for each in sorted(there, key=lambda each: each.stop - each.start)]
    offered = [(elements(whole)[-1].name, whole) for whole in known]
    alike = in_place_of_the_same(text, named, offered)
    with_key = [
        (element.name, whole[:start] + key + whole[stop:])
        for key in lacking[:1]
        for whole in known
        for element, (start, stop) in _leaves(whole)
    ]
    ways: list[Iterator[str]] = [
        alike,
        in_place_of_the_same(text, named, with_key),
        _where_it_lacks(text, there, comparisons, known),
        (text[:start] + new + text[stop:] for start, stop, new in _compared_values(text, values, comparisons)),
        (text[:start] + name + text[stop:] for name, (start, stop) in _crossed(lacking, values)),
        in_turns([with_attribute(text, key, (*texts[key], "1", _FILLER)) for key in lacking]),
        (_renamed(text, element, name) for old, name in compared for element in places if element.name == old),
        (text[:start] + text[stop:] for _, (start, stop) in named if stop - start < len(text)),
        with_other_keys(text, values, [(each.start, each.stop) for each in there], comparisons),
        alike,
        (_with_child(text, element, child) for child, element in _crossed(new, places)),
        (_with_child(text, element, child) for child, element in _crossed(known[:_MAX_OFFERED], places)),
        (_wrapped(text, element, name) for name, element in _crossed((*lacking, *names), places)),
    ]
    yield from in_turns(ways)


def _where_it_lacks(
    text: str, there: Sequence[Element], comparisons: Sequence[Comparison], known: Sequence[str]
) -> Iterator[str]:
    """With an element that was looked for in vain in the element in which that was, the last ones first: empty, and as
    it is in other inputs.
    """
    for operator, left, within in reversed(comparisons):
        name = _text(left)
        if operator == "lacks" and within and _NAME.fullmatch(name):
            new = [f"<{name}></{name}>", *[whole for whole in known if whole.startswith((f"<{name}>", f"<{name} "))]]
            places = [each for each in reversed(there) if each.name in members_of(within)][:_MAX_PLACES]
            for child in new[:_MAX_ALIKE]:
                yield from [_with_child(text, element, child) for element in places]


def _leaves(whole: str) -> Iterator[tuple[Element, Span]]:
    """An element that holds others, with where each value in it stands."""
    there = elements(whole)
    for span in _values(whole, there) if len(there) > 1 else ():
        yield there[-1], span


def _values(text: str, there: Sequence[Element]) -> list[tuple[int, int]]:
    """Where values of attributes stand, and texts of elements that hold no others, the last first."""
    found = [match.span(1) for match in _VALUE.finditer(text)]
    found += [(each.inner, each.end) for each in there if not each.is_empty and "<" not in text[each.inner : each.end]]
    return sorted(found, reverse=True)[:_MAX_VALUES]


def _compared_values(
    text: str, values: Sequence[tuple[int, int]], comparisons: Sequence[Comparison]
) -> Iterator[tuple[int, int, str]]:
    """Where values stand, and what each was compared with, the last ones first."""
    places: dict[str, list[tuple[int, int]]] = {}
    for start, stop in values:
        places.setdefault(text[start:stop], []).append((start, stop))
    for operator, left, right in reversed(comparisons):
        if operator in _EQUALITIES:
            for one, other in ((left, right), (right, left)):
                found = places.get(_text(one), []) if isinstance(one, str | bytes) else []
                for new in [_text(each) for each in (other, *members_of(other)[:_MAX_NAMES])] if found else ():
                    if new and not _SIGNS.intersection(new):
                        yield from [(start, stop, new) for start, stop in found]


def _crossed(some: Sequence[S], others: Sequence[T]) -> Iterator[tuple[S, T]]:
    """Each of the ones with each of the others, the first with the first, the last with the last in the end."""
    for total in range(len(some) + len(others) - 1):
        for at in range(max(0, total - len(others) + 1), min(total + 1, len(some))):
            yield some[at], others[total - at]


def _compared(there: Sequence[Element], comparisons: Sequence[Comparison]) -> list[tuple[str, str]]:
    """Names of elements, and what each was compared with, the last ones first."""
    mine = {element.name for element in there}
    found: dict[tuple[str, str], None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in _EQUALITIES:
            for one, other in ((left, right), (right, left)):
                old = _text(one)
                names = [_text(each) for each in (other, *members_of(other))] if old in mine else []
                found.update(dict.fromkeys([(old, name) for name in names if name != old and _NAME.fullmatch(name)]))
    return list(found)[:_MAX_NAMES]


def _with_child(text: str, element: Element, child: str) -> str:
    """With an element more at the end of one."""
    if element.is_empty:
        return f"{text[: element.inner - 2]}>{child}</{element.name}>{text[element.stop :]}"
    return text[: element.end] + child + text[element.end :]


def _renamed(text: str, element: Element, name: str) -> str:
    behind = element.start + 1 + len(element.name)
    if element.is_empty:
        return text[: element.start + 1] + name + text[behind:]
    return f"{text[: element.start + 1]}{name}{text[behind : element.end]}</{name}>{text[element.stop :]}"


def _wrapped(text: str, element: Element, name: str) -> str:
    """With all that is in one in an element of its own."""
    inner = f"<{name}>{text[element.inner : element.end]}</{name}>"
    if element.is_empty:
        return _with_child(text, element, inner)
    return text[: element.inner] + inner + text[element.end :]


def _markup(value: object) -> str:
    """A value as the text that it is; empty if it is none, or has no tags."""
    text = readable(value)
    return text if text and len(text) <= _MAX_TEXT and "<" in text and ">" in text else ""


def _text(operand: object) -> str:
    scalar = scalar_of(operand)
    text = scalar.decode("latin-1") if isinstance(scalar, bytes) else scalar
    return text if isinstance(text, str) else ""
