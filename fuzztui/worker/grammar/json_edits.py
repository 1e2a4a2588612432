"""Values of JSON changed as a program asks for them: a member that was looked up in vain, a value of another type, one
more element, the statements of other inputs beside those that are there.

The program sees objects and no text: what it asks of them says what is to stand in the text that they were made of.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import Wanted, as_text, bytes_of, in_turns, readable, wanted_of
from fuzztui.worker.grammar.json_values import Value, all_of, documents
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison, elements_of
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_EDITED: Final = 300
"""Inputs that one entry leads to."""

_MAX_OBJECTS: Final = 4
_MAX_OUTER: Final = 2
_MAX_NESTED: Final = 4
_MAX_PLACES: Final = 8
_MAX_VALUES: Final = 12
_MAX_KEYS: Final = 8
_MAX_SIZE: Final = 8
_MAX_STATEMENTS: Final = 12
_MAX_ALIKE: Final = 2
_MAX_STATEMENT: Final = 256
_MAX_WORD: Final = 32
"""Bounds, so that an entry's share of tries is a few hundred."""

_OF_EACH_TYPE: Final = ("1", '"a"', "{}", "[]", "true", "null")
_EQUALITIES: Final = ("==", "!=", "in", "not in", "of")
_TABLES: Final = ("in", "not in")
_MORE: Final = "b"
"""What makes of a name that is known one that is not."""

_NEWLINE: Final = "\n"
_BARE: Final = ("true", "false", "null")


class Statements:
    """Objects that stand alone or in an array in inputs that have come somewhere, as they are spelled."""

    def __init__(self) -> None:
        self._known: dict[frozenset[str], list[str]] = {}
        """By the words of the program's that are values in them, the latest last."""

    def add(self, arguments: Arguments, words: Iterable[str]) -> None:
        """Those of one input; `words`: what the program compares texts with."""
        own = frozenset([f'"{word}"' for word in words])
        for statement, texts in _objects(arguments):
            kind = own.intersection(texts)
            alike = [other for other in self._known.pop(kind, ()) if other != statement]
            self._known[kind] = [*alike, statement][-_MAX_ALIKE:]
        for kind in list(self._known)[:-_MAX_STATEMENTS]:
            del self._known[kind]

    def latest(self) -> list[str]:
        """One of each kind, the latest first, then another of each."""
        latest = [list(reversed(alike)) for alike in reversed(self._known.values())]
        return [alike[turn] for turn in range(_MAX_ALIKE) for alike in latest if turn < len(alike)]


def objects_of(arguments: Arguments) -> list[str]:
    """Objects that stand alone or in an array, as they are spelled, the last first."""
    return [statement for statement, _ in _objects(arguments)][: -_MAX_OBJECTS - 1 : -1]


def _objects(arguments: Arguments) -> Iterator[tuple[str, list[str]]]:
    """These, with the values of their members."""
    for value in arguments:
        text = readable(value) or ""
        for document in documents(text):
            for each in document.members if document.kind == "[" else (document,):
                if each.kind == "{" and each.members and each.stop - each.start <= _MAX_STATEMENT:
                    yield text[each.start : each.stop], [text[inner.start : inner.stop] for inner in each.members]


def with_objects(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, objects: Sequence[str]
) -> Iterator[Arguments]:
    """Inputs of total size up to `max_len` in which one of these objects stands beside what is there."""
    room = max_len - sum(map(size, arguments))
    for index, value in enumerate(arguments if objects else ()):
        text = readable(value) or ""
        for changed in _beside_known(text, documents(text), objects, comparisons):
            if len(changed) - len(text) <= room:
                new = bytes_of(changed) if type(value) is bytes else changed
                yield (*arguments[:index], new, *arguments[index + 1 :])


def edited_json(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, known: Iterable[str] = ()
) -> Iterator[Arguments]:
    """At most `MAX_EDITED` inputs of total size up to `max_len` in which one value of JSON has been changed; `known`:
    what may be put beside what is there.
    """
    room = max_len - sum(map(size, arguments))
    seen: set[tuple[int, str]] = set()
    # What lies deepest is what is read last.
    for index in range(len(arguments) - 1, -1, -1):
        text = readable(arguments[index])
        roots = documents(text) if text else []
        if text is None or not roots:
            continue
        values = [value for root in reversed(roots) for value in reversed(list(all_of(root)))]
        ways = [
            _with_members(text, values, comparisons),
            _as_compared(text, values, comparisons),
            _of_other_types(text, values),
            _with_elements(text, values, comparisons),
            _beside_known(text, roots, known, comparisons),
            _without_members(text, values),
        ]
        for changed in in_turns(ways):
            if (index, changed) not in seen and len(changed) - len(text) <= room:
                seen.add((index, changed))
                new = bytes_of(changed) if type(arguments[index]) is bytes else changed
                yield (*arguments[:index], new, *arguments[index + 1 :])
                if len(seen) == MAX_EDITED:
                    return


def _with_members(text: str, values: Sequence[Value], comparisons: Sequence[Comparison]) -> Iterator[str]:
    """With a key that was asked for, in the object that was asked, or else in each that lacks it; with several, where
    sets of keys were compared.
    """
    objects = [value for value in values if value.kind == "{"]
    there = {text[value.start : value.stop] for value in values if not value.is_open}
    asked = _asked(comparisons)
    # What stands there as a value was asked for to see whether it is known, if that has not been the end.
    stopped_at = as_text(scalar_of(comparisons[-1][1])) if comparisons and comparisons[-1][0] == "lacks" else None
    all_wanted = sorted(
        wanted_of(comparisons), key=lambda wanted: wanted.key != stopped_at and f'"{wanted.key}"' in there
    )
    first: list[Iterator[str]] = []
    ways: list[Iterator[str]] = []
    for at, wanted in enumerate(all_wanted):
        lacking = [each for each in objects if wanted.key not in each.keys]
        known = [each for each in lacking if frozenset(each.keys) == asked.get(wanted.key)]
        several = (known or lacking)[:_MAX_OBJECTS]
        if known and not first:
            first.append(_with_member(text, several.pop(0), wanted))
        ways += [_with_member(text, each, wanted) for each in several]
        # What was asked for later may have been looked for in what was to be there before.
        for outer in all_wanted[at + 1 : at + 1 + _MAX_OUTER]:
            nested = [each for each in objects if outer.key not in each.keys][:_MAX_OUTER]
            ways += [_with_nested(text, each, outer.key, wanted) for each in nested]
    # What was asked for in an object with nothing in it looks the same.
    ways += [_with_objects(text, values, wanted) for wanted in all_wanted if wanted.key not in asked]
    keys = _keys_together(comparisons)
    if keys:
        ways += [_with_keys(text, each, keys) for each in objects[:_MAX_OBJECTS]]
    yield from chain(*first, in_turns(ways))


def _asked(comparisons: Sequence[Comparison]) -> dict[object, frozenset[object]]:
    """By a key that was looked up in vain the keys that were there instead, the last time."""
    found: dict[object, frozenset[object]] = {}
    for operator, left, right in comparisons:
        if operator in ("in", "not in") and isinstance(left, str) and type(right) is tuple and left not in right:
            found[left] = frozenset(right)
    return found


def _with_member(text: str, value: Value, wanted: Wanted) -> Iterator[str]:
    for spelled in dict.fromkeys([*_spelled(wanted.values), *_OF_EACH_TYPE]):
        yield _added(text, value, f'"{wanted.key}": {spelled}')


def _with_objects(text: str, values: Sequence[Value], wanted: Wanted) -> Iterator[str]:
    """With an object that has a key which no object was asked for in the place of a number, a word or an array, and of
    all elements of an array; or in an array of its own, since a program that wants one may go through a word or an
    object in its place, as one with the key that is there already.
    """
    for value in [each for each in values if wanted.key in each.keys][:_MAX_OUTER]:
        yield f"{text[: value.start]}[{text[value.start : value.stop]}]{text[value.stop :]}"
    for spelled in islice(dict.fromkeys([*_spelled(wanted.values), *_OF_EACH_TYPE]), _MAX_NESTED):
        made = f'{{"{wanted.key}": {spelled}}}'
        for value in [each for each in values if each.kind != "{"][:_MAX_PLACES]:
            yield f"{text[: value.start]}{made}{text[value.stop :]}"
            if value.kind != "[":
                yield f"{text[: value.start]}[{made}]{text[value.stop :]}"
            if len(value.members) > 1:
                yield f"{text[: value.start]}[{', '.join([made] * len(value.members))}]{text[value.stop :]}"


def _with_nested(text: str, value: Value, outer: str, wanted: Wanted) -> Iterator[str]:
    for spelled in islice(dict.fromkeys([*_spelled(wanted.values), *_OF_EACH_TYPE]), _MAX_NESTED):
        yield _added(text, value, f'"{outer}": {{"{wanted.key}": {spelled}}}')


def _with_keys(text: str, value: Value, keys: Sequence[str]) -> Iterator[str]:
    """With all of these keys and with no others, as far as they are there with the values that they have."""
    there = dict(zip(value.keys, value.members, strict=True))
    for spelled in _OF_EACH_TYPE:
        members = [text[there[key].start : there[key].stop] if key in there else spelled for key in keys]
        inner = ", ".join([f'"{key}": {member}' for key, member in zip(keys, members, strict=True)])
        yield f"{text[: value.start]}{{{inner}}}{text[value.stop :]}"
        yield f"{text[: value.start]}[{', '.join(members)}]{text[value.stop :]}"


def _keys_together(comparisons: Sequence[Comparison]) -> list[str]:
    """Texts of which all were asked for at once, in the last comparison of that kind."""
    for operator, left, right in reversed(comparisons):
        if operator in ("==", "!=", *ORDERINGS) and type(left) is tuple and type(right) is tuple and left != right:
            for side in (right, left):
                keys = [each for each in elements_of(side) if isinstance(each, str) and len(each) <= _MAX_WORD]
                if 0 < len(keys) == len(elements_of(side)) <= _MAX_KEYS:
                    return keys
    return []


def _spelled(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if '"' in word or "\\" in word or not word.isprintable():
            continue
        if word in _BARE or word.lstrip("-").isdecimal():
            yield word
        yield f'"{word}"'


def _as_compared(text: str, values: Sequence[Value], comparisons: Sequence[Comparison]) -> Iterator[str]:
    """With what a value was compared with in its place, of whatever type: a program asks of any whether it is known,
    and some must be new.
    """
    several = [value for value in values if not value.is_open]
    found = [left for operator, left, right in comparisons if operator in _TABLES and _is_in(left, right)]
    for one in dict.fromkeys(reversed(found)):
        for place in [each for each in several if text[each.start : each.stop] == f'"{one}"'][:_MAX_OBJECTS]:
            yield f'{text[: place.start]}"{one}{_MORE}"{text[place.stop :]}'
    for operator, left, right in reversed(comparisons):
        if operator not in _EQUALITIES:
            continue
        for one, others in ((left, (right, *elements_of(right))), (right, (left,))):
            spelled = _json(one)
            places = [each for each in several if text[each.start : each.stop] == spelled] if spelled else []
            for other in [each for each in map(_json, others) if each and each != spelled][:_MAX_VALUES]:
                for place in places[:_MAX_OBJECTS]:
                    yield text[: place.start] + other + text[place.stop :]


def _is_in(name: object, table: object) -> bool:
    return isinstance(name, str) and type(table) is tuple and name in table


def _json(operand: object) -> str:
    """A scalar as JSON has it; empty if it is none, or would have to be escaped."""
    scalar = scalar_of(operand)
    if isinstance(scalar, bytes):
        scalar = scalar.decode("latin-1")
    if isinstance(scalar, str):
        return f'"{scalar}"' if scalar.isprintable() and not {'"', "\\"} & set(scalar) else ""
    if operand is True or operand is False:
        return "true" if operand else "false"
    return str(scalar) if isinstance(scalar, int | float) else ""


def _of_other_types(text: str, values: Sequence[Value]) -> Iterator[str]:
    """With one value of each other type in the place of another; none that has much in it."""
    several = [value for value in values if not value.members][:_MAX_VALUES]
    for spelled in _OF_EACH_TYPE:
        for value in several:
            if value.kind != spelled[0] or value.is_open:
                yield f"{text[: value.start]}{spelled}{text[value.stop :]}"
    for value in several:
        yield f"{text[: value.start]}[{text[value.start : value.stop]}]{text[value.stop :]}"


def _with_elements(text: str, values: Sequence[Value], comparisons: Sequence[Comparison]) -> Iterator[str]:
    """With one element more, or as many as were asked for."""
    wanted: dict[int, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in ("==", "!=", *ORDERINGS) and type(left) is int and type(right) is int:
            wanted.update(dict.fromkeys([each for each in (right, right + 1) if 0 < each <= _MAX_SIZE]))
    for value in [each for each in values if each.kind == "["][:_MAX_OBJECTS]:
        last = value.members[-1] if value.members else None
        fillers = _OF_EACH_TYPE if last is None else (text[last.start : last.stop], *_OF_EACH_TYPE)
        for count in dict.fromkeys((len(value.members) + 1, *list(wanted)[:2])):
            for filler in fillers if count > len(value.members) else ():
                yield _added(text, value, ", ".join([filler] * (count - len(value.members))))


def _beside_known(
    text: str, roots: Sequence[Value], known: Iterable[str], comparisons: Sequence[Comparison]
) -> Iterator[str]:
    """With what is known behind what is there, and before it: as a line of its own where texts are split into lines,
    else in an array.
    """
    if not roots:
        return
    values = _scalars(text, roots)
    first = next((text[value.start : value.stop] for root in roots for value in _nested(root)), "")
    others = list(
        dict.fromkeys(
            [
                each
                for one in known
                for each in (_with_values(one, values), _with_first(one, first) if first else one, one)
            ]
        )
    )
    if any(operator == "in" and scalar_of(left) in ("\n", b"\n") for operator, left, _ in comparisons):
        for each in others:
            yield f"{text.removesuffix(_NEWLINE)}\n{each}"
            yield f"{each}\n{text}"
    elif len(roots) == 1:
        yield from _in_array(text, roots[0], others)


def _in_array(text: str, root: Value, others: Sequence[str]) -> Iterator[str]:
    before, whole, after = text[: root.start], text[root.start : root.stop], text[root.stop :]
    if root.kind == "[":
        for each in others:
            yield _added(text, root, each)
        for each in others:
            for begin in islice(root.begins, _MAX_OBJECTS):
                yield f"{text[:begin]}{each}, {text[begin:]}"
    else:
        yield f"{before}[{whole}]{after}"
        for each in others:
            yield f"{before}[{whole}, {each}]{after}"
            yield f"{before}[{each}, {whole}]{after}"


def _scalars(text: str, roots: Iterable[Value]) -> dict[str, str]:
    """By their names the texts and numbers, the last of each."""
    return {name: text[value.start : value.stop] for root in roots for name, value in _named(root)}


def _named(value: Value, name: str = "") -> Iterator[tuple[str, Value]]:
    """What holds no other values, with its key, or the key of the array that it is in and its place there."""
    if not value.is_open:
        yield name, value
    names = value.keys if value.kind == "{" else [f"{name}[{at}]" for at in range(len(value.members))]
    for inner, member in zip(names, value.members, strict=True):
        yield from _named(member, inner)


def _with_values(statement: str, values: dict[str, str]) -> str:
    """A statement with these values in the place of its own, but for those that tell its kind: what has one name is
    one thing.
    """
    for root in documents(statement):
        for name, value in sorted(_named(root), key=lambda each: each[1].start, reverse=True):
            if name in values and name not in root.keys:
                statement = statement[: value.start] + values[name] + statement[value.stop :]
    return statement


def _with_first(statement: str, first: str) -> str:
    """A statement with this in the place of the first value that it is about: what it is about may be the same."""
    for root in documents(statement):
        for value in _nested(root):
            return statement[: value.start] + first + statement[value.stop :]
    return statement


def _nested(root: Value) -> list[Value]:
    """What holds no other values, in those of an object or of all objects of an array."""
    objects = root.members if root.kind == "[" else (root,)
    inner = [each for value in objects for member in value.members if member.is_open for each in all_of(member)]
    return [value for value in inner if not value.is_open]


def _without_members(text: str, values: Sequence[Value]) -> Iterator[str]:
    for value in [each for each in values if each.members][:_MAX_OBJECTS]:
        for at, (member, begin) in enumerate(zip(value.members, value.begins, strict=True)):
            if at + 1 < len(value.members):
                yield text[:begin] + text[value.begins[at + 1] :]
            elif at:
                yield text[: value.members[at - 1].stop] + text[member.stop :]
            else:
                yield text[:begin] + text[member.stop :]


def _added(text: str, value: Value, member: str) -> str:
    """With one member more, the last."""
    at = value.members[-1].stop if value.members else value.stop - 1
    sign = ", " if value.members else ""
    return text[:at] + sign + member + text[at:]
