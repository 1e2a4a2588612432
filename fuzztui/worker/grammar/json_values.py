"""JSON as it stands in a text: where its values begin and end, so that one is changed and the rest stays as it is."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MAX_TEXT: Final = 2048
_MAX_DEPTH: Final = 16
_MAX_DOCUMENTS: Final = 8
"""Bounds of what is looked at."""

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"((?:[^"\\\x00-\x1f]|\\.)*)"')
_ATOM: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_CLOSING: Final = {"{": "}", "[": "]"}


class Value(NamedTuple):
    """A value of a text."""

    start: int
    stop: int
    kind: str
    """Its first character: one of `{["`, or another for what is a number or a word."""
    keys: tuple[str, ...] = ()
    """Of an object, as they are spelled."""
    members: "tuple[Value, ...]" = ()
    """Of an object or an array."""
    begins: tuple[int, ...] = ()
    """Where each of these begins, with its key."""

    @property
    def is_open(self) -> bool:
        """Whether it may have members."""
        return self.kind in _CLOSING


def documents(text: str) -> list[Value]:
    """The objects and arrays that a text is, or that its lines are."""
    if len(text) > _MAX_TEXT or ("{" not in text and "[" not in text):
        return []
    whole = _document(text, 0, len(text))
    if whole is not None:
        return [whole]
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        document = _document(text, start, start + len(line))
        start += len(line)
        if document is not None:
            found.append(document)
    return found[-_MAX_DOCUMENTS:]


def all_of(value: Value) -> Iterator[Value]:
    """A value and all that are within it, each before its members."""
    yield value
    for member in value.members:
        yield from all_of(member)


def _document(text: str, start: int, stop: int) -> Value | None:
    at = _behind_blank(text, start)
    value = _value(text, at, 0) if text[at : at + 1] in ("{", "[") else None
    return value if value is not None and _behind_blank(text, value.stop) >= stop else None


def _behind_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()


def _value(text: str, at: int, depth: int) -> Value | None:
    kind = text[at : at + 1]
    if kind in _CLOSING:
        return _container(text, at, kind, depth + 1) if depth < _MAX_DEPTH else None
    match = (_STRING if kind == '"' else _ATOM).match(text, at)
    return None if match is None else Value(at, match.end(), kind)


def _container(text: str, start: int, kind: str, depth: int) -> Value | None:
    closing = _CLOSING[kind]
    keys: list[str] = []
    members: list[Value] = []
    begins: list[int] = []
    at = _behind_blank(text, start + 1)
    while not text.startswith(closing, at):
        if members:
            if not text.startswith(",", at):
                return None
            at = _behind_blank(text, at + 1)
        begins.append(at)
        if kind == "{":
            key = _STRING.match(text, at)
            at = _behind_blank(text, at if key is None else key.end())
            if key is None or not text.startswith(":", at):
                return None
            keys.append(key[1])
            at = _behind_blank(text, at + 1)
        member = _value(text, at, depth)
        if member is None:
            return None
        members.append(member)
        at = _behind_blank(text, member.stop)
    return Value(start, at + 1, kind, tuple(keys), tuple(members), tuple(begins))
