"""Elements of text formats that a program looked for and did not find: `key=value`, `"key": value`, `[key]`, a line.

Which signs stand between elements, and between a key and its value, is what the program splits texts at; where it has
not come so far yet, signs that most formats have are tried.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Final, NamedTuple, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.beside import (
    Hints,
    behind_marks,
    behind_pieces,
    declared,
    hints_of,
    in_blank_brackets,
    in_brackets,
)
from fuzztui.worker.grammar.counted import Counted, another, counted, spelled
from fuzztui.worker.grammar.marked import with_marked
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.scalars import Scalar, scalar_of
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

T = TypeVar("T")

MAX_ELEMENTS: Final = 600
"""Inputs that one entry's missing elements lead to."""

_MAX_KEYS: Final = 6
_MAX_VALUES: Final = 4
_MAX_NESTED: Final = 2
_MAX_OUTER: Final = 3
_MAX_SECTIONS: Final = 4
_MAX_PLACES: Final = 10
_MAX_COUNTED: Final = 4
_MAX_KNOWN: Final = 40
_MAX_MARKED: Final = 300
_MAX_ALIKE: Final = 120
_MAX_ENDS: Final = 4
_SHORT: Final = 16
_MAX_SEPARATORS: Final = 6
_MAX_PAIRS: Final = 8
_MAX_MARKS: Final = 6
_MAX_GAP: Final = 8
_MAX_PREFIX: Final = 24
_MAX_KEY: Final = 64
_MAX_TEXT: Final = 2048
"""Bounds, so that an entry's share of tries is a few hundred."""

_MAX_AFTER: Final = 3
"""Comparisons after a lookup that may be of what was looked up."""

_TELLING: Final = frozenset({"==", "!=", "in", "not in", "startswith", "endswith", "<", "<=", ">", ">="})

_FILLERS: Final = ("1", "a")
_LITERALS: Final = ("true", "false", "null")

_QUOTES: Final = ("'", '"')
_OPENING: Final = "([{<"
_CLOSING: Final = ")]}>"
_BETWEEN: Final = ("\n", ",", ";", "&")
_JOINING: Final = (".", "/", ":", "::", "__", "->")
_ASSIGNING: Final = ("=", ":")


class Wanted(NamedTuple):
    """A key that was looked for in vain, and what the value was compared with, if that was told."""

    key: str
    values: tuple[str, ...]
    outer: tuple[str, ...] = ()
    """Keys that were found just before: it may be wanted in what stands there."""


class Syntax(NamedTuple):
    """Signs that a program splits texts at."""

    between: tuple[str, ...]
    """Elements, the most likely ones first."""
    assigning: tuple[str, ...]
    """A key and its value."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Of both, where the program has looked for the one and then for the other."""
    learned: tuple[str, ...] = ()
    """All that texts were searched for."""
    marks: tuple[str, ...] = ()
    """Signs that a single one was compared with, of which each may end an element."""
    hints: Hints = Hints()


def wanted_of(comparisons: Sequence[Comparison]) -> list[Wanted]:
    """What was looked for, each key with the values that were asked for after it, before the next. Hot: mostly nothing
    was.
    """
    if not any(operator == "lacks" for operator, _, _ in comparisons):
        return []
    found: dict[str, tuple[list[str], list[str]]] = {}
    outer: dict[str, tuple[str, ...]] = {}
    path: list[str] = []
    last: tuple[list[str], list[str]] = ([], [])
    left_over = 0
    before = ""
    for operator, left, right in comparisons:
        if operator == "lacks":
            key = as_text(scalar_of(left))
            if before == "lacks" and key is not None:
                last[1].append(key)  # of what was to be there it may be a part that is lacking
            last = ([], [])
            if key is not None:
                last = found[key] = found.pop(key, last)  # once more, behind others: by then it has been missed
            left_over = _MAX_AFTER
            outer.setdefault(key or "", tuple(path[-_MAX_OUTER:]))
        elif left_over and operator == "wants":
            last[0].append(as_text(scalar_of(left)) or "")
        elif operator == "in" and type(right) is tuple and left in right:
            left_over -= left_over > 0
            name = as_text(scalar_of(left)) or ""
            if name and path[-1:] != [name]:
                path.append(name)
        elif left_over and operator in _TELLING:
            # An empty text, or another default, may have been looked into in its place.
            left_over -= 1
            last[1].extend(as_text(scalar_of(side)) or "" for side in (left, right))
        before = operator
    # The last that was asked for is what the program stopped at.
    wanted = [(key, [each for each in dict.fromkeys(asked + near) if each]) for key, (asked, near) in found.items()]
    return [Wanted(key, tuple(values[:_MAX_VALUES]), outer[key]) for key, values in reversed(wanted) if key][:_MAX_KEYS]


def syntax_of(comparisons: Sequence[Comparison], text: str, known: Sequence[str] = ()) -> Syntax:
    """What the program looks for in longer texts, has looked for in other inputs, and signs that are usual; those that
    are in the text come first.
    """
    learned: dict[str, None] = {}
    here: dict[str, None] = {}
    for operator, left, right in comparisons:
        if operator == "in" and type(left) is type(right):
            sign = as_text(scalar_of(left))
            if sign is not None and 0 < len(sign) <= 2 and not sign.isalnum():
                learned.setdefault(sign)
                whole = _text_of(right)
                # What is split first is the text, and then its pieces.
                if whole == text or (len(whole) > 1 and whole in text):
                    here.setdefault(sign)
    order = list(here)
    pairs = [*pairwise(order), *zip(order, order[2:], strict=False)]
    signs = list(learned)[:_MAX_SEPARATORS]
    between = dict.fromkeys([*[sign for sign in (*signs, *_BETWEEN) if sign in text], *signs, *_BETWEEN[:2]])
    assigning = dict.fromkeys([*signs[: _MAX_SEPARATORS // 2], *reversed(known), *signs, *_ASSIGNING])
    return Syntax(
        tuple(between)[:_MAX_SEPARATORS],
        tuple(assigning)[:_MAX_SEPARATORS],
        tuple(pairs)[:_MAX_PAIRS],
        tuple(learned),
        marks_of(comparisons),
        hints_of(comparisons, text),
    )


def marks_of(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """Signs among which one was looked up."""
    marks: dict[str, None] = {}
    looked: set[object] = set()  # a text is read sign by sign, and most are looked up among the same
    for operator, left, right in comparisons:
        if operator not in ("in", "not in", "of") or type(right) is not tuple or len(_text_of(left)) != 1:
            continue
        if right not in looked:
            looked.add(right)
            marks.update(dict.fromkeys(each for each in map(_text_of, right) if len(each) == 1 and not each.isalnum()))
    return tuple(marks)[:_MAX_MARKS]


def with_elements(text: str, wanted: Sequence[Wanted], syntax: Syntax, fillers: Sequence[str] = ()) -> Iterator[str]:
    """The text with one element more, best first."""
    if len(text) > _MAX_TEXT:
        return
    yield from in_turns(_split_alike(text, each, syntax) for each in wanted)
    if syntax.marks:
        several = (with_marked(text, key, (*values, _FILLERS[0], ""), syntax.marks) for key, values, _ in wanted)
        yield from islice(in_turns(several), _MAX_MARKED)
    places = _places(text, syntax)
    parts = counted(text)
    digits_used = len(text) <= _SHORT and not text.isspace()
    in_digits = (
        _with_counted(text, key, (*values, *fillers, *_FILLERS), parts)
        for key, values, _ in (wanted if parts or digits_used else ())
    )
    ways = (
        _everywhere(text, places, element, syntax)
        for key, values, _ in wanted
        for value in (*values, *_FILLERS)
        for element in _forms(key, value, syntax)
    )
    nested = (_everywhere(text, places, element, syntax) for element in _nested(wanted, syntax))
    named = (
        _everywhere(text, places, element, syntax) for each in wanted for element in _with_paths(text, each, syntax)
    )
    beside = (_beside(text, each, syntax) for each in wanted)
    # Of each kind as many: there are few of the first ones.
    yield from in_turns([in_turns(in_digits), in_turns(nested), in_turns(named), in_turns(beside), in_turns(ways)])


def _beside(text: str, wanted: Wanted, syntax: Syntax) -> Iterator[str]:
    """Where the program tells that an element may be."""
    return in_turns(
        way(text, wanted.key, value, syntax.hints, syntax.assigning)
        for value in (*wanted.values, _FILLERS[0])
        for way in (behind_pieces, in_brackets)
    )


def _split_alike(text: str, wanted: Wanted, syntax: Syntax) -> Iterator[str]:
    """With an element of the signs that the program has looked for here, one after the other."""
    for value in (*wanted.values, _FILLERS[0]):
        for between, assigning in syntax.pairs:
            element = wanted.key + assigning + value
            if not text or text.endswith(between):
                yield text + element
            else:
                yield text + between + element
            last = text.rfind(between) + len(between) if between in text else 0
            yield text[:last] + element + between + text[last:]


def known_of(comparisons: Sequence[Comparison], text: str) -> list[tuple[str, str]]:
    """Keys that were looked for and found, which stand in the text, with values that were compared after them, which
    stand behind them.
    """
    found: dict[tuple[str, str], None] = {}
    key = ""
    left_over = 0
    for operator, left, right in comparisons:
        if operator in ("in", "not in") and type(right) is tuple and left in right:
            name = as_text(scalar_of(left)) or ""
            if name and name in text:
                key, left_over = name, _MAX_AFTER
                continue
        if key and left_over and operator in _TELLING:
            left_over -= 1
            for side in (left, right):
                value = as_text(scalar_of(side)) or ""
                at = text.find(key)
                if value and 0 <= text.find(value, at + len(key)) - at - len(key) <= _MAX_GAP:
                    found.setdefault((key, value))
    return list(found)[:_MAX_KEYS]


def by_example(text: str, wanted: Sequence[Wanted], known: Sequence[tuple[str, str]], syntax: Syntax) -> Iterator[str]:
    """The text with one element more that looks like one that is there: what stands before a key, between it and its
    value, and behind that, stays as it is.
    """
    for known_key, known_value in known:
        at = text.find(known_key)
        behind = at + len(known_key)
        to = text.find(known_value, behind)
        end = to + len(known_value)
        start = at
        while start and end < len(text) and text[start - 1] in _QUOTES:
            start -= 1
        quote = text[to - 1 : to] if text[to - 1 : to] in _QUOTES else ""
        end += bool(quote) and text[end : end + 1] == quote
        signs = dict.fromkeys((*[between for between, _ in syntax.pairs], *syntax.between[:3], ","))
        for each in wanted:
            for value in (*each.values, *_FILLERS):
                gap = text[behind:to]
                if quote and value.isdigit():
                    gap, closing = gap[: len(gap) - 1], ""
                else:
                    closing = text[to + len(known_value) : end]
                element = text[start:at] + each.key + gap + value + closing
                for sign in signs:
                    first = text.rfind(sign, 0, start) + len(sign) if sign in text[:start] else 0
                    if 0 < start - first <= _MAX_PREFIX:
                        yield text[:end] + sign + text[first:start] + element + text[end:]
                    yield text[:end] + sign + element + text[end:]
                    yield text[:start] + element + sign + text[start:]


def in_turns(ways: Iterable[Iterator[T]]) -> Iterator[T]:
    """One of each, then the next of each, until all have ended. Each way is asked for when its first turn comes: what
    waits with thousands that have not begun takes the garbage collector as long as all else.
    """
    left: list[Iterator[T]] = []
    for way in ways:
        made = next(way, None)
        if made is not None:
            left.append(way)
            yield made
    while left:
        rest = []
        for way in left:
            made = next(way, None)
            if made is not None:
                rest.append(way)
                yield made
        left = rest


def _everywhere(text: str, places: Sequence[int], element: str, syntax: Syntax) -> Iterator[str]:
    for at in places:
        yield from _inserted(text, at, element, syntax)


def _with_counted(text: str, key: str, values: Sequence[str], parts: Sequence[Counted]) -> Iterator[str]:
    """The same where parts are preceded by their length, in digits: the key, and a value as it is or counted, too."""
    ends = dict.fromkeys([at for part in parts[-_MAX_COUNTED:] for at in (part.stop, part.start)])
    last = range(max(0, len(text) - _MAX_ENDS), len(text) + 1)
    places = list(dict.fromkeys((*last, *ends)))
    for value in values:
        for element in _counted_forms(text, key, value, parts):
            for at in places:
                yield text[:at] + element + text[at:]
    for part in parts[-_MAX_COUNTED:]:
        yield (
            text[: part.start]
            + spelled(text, len(key), part.base)
            + text[part.end : part.begin]
            + key
            + text[part.stop :]
        )


def missing_in_texts(
    arguments: Arguments,
    comparisons: Sequence[Comparison],
    max_len: int,
    fillers: Sequence[str] = (),
    signs: Sequence[str] = (),
) -> Iterator[Arguments]:
    """At most `MAX_ELEMENTS` inputs of total size up to `max_len`, with one element more in one of the arguments that
    are texts. `fillers`: values that may do, where none is wanted; `signs`: what texts of other inputs were split at.
    """
    everything = wanted_of(comparisons)
    if not everything:
        return
    seen: set[tuple[int, str]] = set()
    room = max_len - sum(map(size, arguments))
    # What lies deepest is what is read last; but whichever lacks the element, it is to have its turn.
    order = range(len(arguments) - 1, -1, -1)
    for index, text, changed in in_turns(
        [_of_one(index, arguments[index], everything, comparisons, fillers, signs) for index in order]
    ):
        if (index, changed) not in seen and len(changed) - len(text) <= room:
            seen.add((index, changed))
            new = bytes_of(changed) if type(arguments[index]) is bytes else changed
            yield (*arguments[:index], new, *arguments[index + 1 :])
            if len(seen) == MAX_ELEMENTS:
                return


def with_value(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, value: str
) -> Iterator[Arguments]:
    """Inputs of total size up to `max_len` with one element more, that has a key which was looked for in vain, and this
    value.
    """
    wanted = wanted_of(comparisons)
    room = max_len - sum(map(size, arguments))
    for index, argument in enumerate(arguments):
        text = readable(argument)
        if text is None or len(text) > _MAX_TEXT:
            continue
        syntax, parts = syntax_of(comparisons, text), counted(text)
        places = _places(text, syntax)
        ways = (
            way
            for key, _, _ in wanted
            if key not in text
            for way in chain(
                [_with_counted(text, key, (value,), parts)] if parts else [],
                (_everywhere(text, places, element, syntax) for element in _forms(key, value, syntax)),
            )
        )
        for changed in in_turns(ways):
            if len(changed) - len(text) <= room:
                new = bytes_of(changed) if type(argument) is bytes else changed
                yield (*arguments[:index], new, *arguments[index + 1 :])


def readable(value: object) -> str | None:
    """A value as the text that it is; None if it is none."""
    if isinstance(value, bytes) and not is_binary(value):
        return value.decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else None


def _of_one(
    index: int,
    value: object,
    wanted: Sequence[Wanted],
    comparisons: Sequence[Comparison],
    fillers: Sequence[str],
    signs: Sequence[str],
) -> Iterator[tuple[int, str, str]]:
    """The index of an argument, its text, and what it may be changed to; nothing if it is no text."""
    text = readable(value)
    if text is None:
        return
    syntax = syntax_of(comparisons, text, signs)
    # What stands in the text was taken from there, mostly to see whether the program knows it: a few tries.
    alike = by_example(text, wanted, known_of(comparisons, text), syntax)
    unknown = in_turns(
        [
            with_elements(text, [each for each in wanted if each.key not in text], syntax, fillers),
            behind_marks(text, [each.key for each in wanted], syntax.hints, (*syntax.between[:2], " ")),
        ]
    )
    used = [each for each in wanted if each.key in text]
    known = with_elements(text, used, syntax, fillers)
    said = in_turns(declared(text, each.key, syntax.hints, syntax.between[:2]) for each in used if len(each.key) > 1)
    blank = in_turns(in_blank_brackets(text, each.key) for each in wanted)
    for changed in chain(islice(alike, _MAX_ALIKE), in_turns([unknown, said, blank]), islice(known, _MAX_KNOWN)):
        yield index, text, changed


def _counted_forms(text: str, key: str, value: str, parts: Sequence[Counted]) -> Iterator[str]:
    if parts:
        head = another(text, parts[-1], key)
        yield head + value
        yield head + another(text, parts[-1], value)
    else:
        yield f"{len(key)}:{key}{value}"
        yield f"{len(key)}:{key}{len(value)}:{value}"


def _forms(key: str, value: str, syntax: Syntax) -> Iterator[str]:
    if len(key) == 1 and key.isalpha():
        yield key + value  # a word with its key as its first letter
    for sign in syntax.assigning:
        yield f"{key}{sign}{value}"
    yield f'"{key}": "{value}"'
    if not value.isalpha() or value in _LITERALS:
        yield f'"{key}": {value}'
    if value == _FILLERS[0]:
        yield f"[{key}]"
        yield key
        yield f"<{key}>"
        yield f'"{key}": {{}}'
        yield f'"{key}": []'


def _with_paths(text: str, wanted: Wanted, syntax: Syntax) -> Iterator[str]:
    """Elements whose key names all that it lies in, as in `a.b=1` or `a[b]=1`, where names are taken apart."""
    joins = [sign for sign in syntax.learned if sign in _JOINING]
    assigning = ":" if ":" in syntax.learned and "=" not in syntax.learned else "="
    has_brackets = "[" in text or any("[" in sign for sign in syntax.learned)
    paths = [(*wanted.outer[-length:], wanted.key) for length in range(1, len(wanted.outer) + 1)]
    # Any member of what was found may be meant.
    paths += [(*path[:-1], _FILLERS[0], path[-1]) for path in paths[:1]]
    for value in (*wanted.values[:1], *_FILLERS):
        for path in paths:
            names = [sign.join(path) for sign in joins]
            for name in [*names, path[0] + "".join([f"[{each}]" for each in path[1:]])][: len(names) + has_brackets]:
                yield f"{name}{assigning}{value}"


def _nested(wanted: Sequence[Wanted], syntax: Syntax) -> Iterator[str]:
    """Elements whose value has an element in it: what was asked for later may have been looked for in what was to be
    there before. The last comes first in `wanted`.
    """
    for (key, values, _), (outer, _, _) in islice(pairwise(wanted), _MAX_NESTED):
        for value in (*values, *_FILLERS)[:_MAX_VALUES]:
            is_plain = value.isdigit() or value in _LITERALS
            yield f'"{outer}": {{"{key}": {value}}}' if is_plain else f'"{outer}": {{"{key}": "{value}"}}'
            for sign in syntax.assigning[:_MAX_SECTIONS]:
                yield f"[{outer}]{syntax.between[0]}{key}{sign}{value}"


def _places(text: str, syntax: Syntax) -> list[int]:
    """Where an element may go: both ends, and beside brackets and signs, near the end first."""
    # Nothing may stand behind the last bracket of JSON.
    is_closed = "{" in text and text[-1] in "}]"
    found = dict.fromkeys((len(text) - 1,) if is_closed else (len(text), 0))
    if len(text) <= _SHORT:
        found.update(dict.fromkeys((*range(1, len(text)), len(text), 0)))
        return list(found)
    for at in range(len(text) - 1, -1, -1):
        sign = text[at]
        if sign in _OPENING:
            found.setdefault(at + 1)
        elif sign in _CLOSING or any(text.startswith(each, at) for each in syntax.between[:2]):
            found.setdefault(at)
        if len(found) >= _MAX_PLACES:
            break
    return list(dict.fromkeys((*found, len(text), 0)))


def _inserted(text: str, at: int, element: str, syntax: Syntax) -> Iterator[str]:
    before, after = text[:at], text[at:]
    is_first = not before or before[-1] in _OPENING
    is_last = not after or after[0] in _CLOSING
    if is_first and is_last:
        yield before + element + after
    for sign in syntax.between[:3]:
        left = "" if is_first or before.endswith(sign) else sign
        right = "" if is_last or after.startswith(sign) else sign
        if left or right:
            yield before + left + element + right + after
        else:
            yield before + element + after
            if not after:
                yield before + element + sign


def bytes_of(text: str) -> bytes:
    """What was decoded with escapes, and what may have come to it since."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _text_of(operand: object) -> str:
    scalar = scalar_of(operand)
    if isinstance(scalar, bytes):
        return scalar.decode("utf-8", "surrogateescape")
    return scalar if isinstance(scalar, str) else ""


def as_text(operand: Scalar | None) -> str | None:
    if isinstance(operand, bytes):
        operand = operand.decode("latin-1")
    if isinstance(operand, str):
        return operand if len(operand) <= _MAX_KEY else None
    return str(operand) if isinstance(operand, int | float) else None
