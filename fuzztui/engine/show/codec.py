"""Turns what the engine shows into plain values and back, by the annotations of its types: for files and sockets.

A plain value consists of None, booleans, numbers, texts, bytes, lists and dicts with texts as keys. Coming back it is
checked field by field, for it may come from anybody: `ForeignError` says what is wrong and where. Texts are made
visible once more, so that nothing that is decoded can do to a terminal what nothing of the engine's can.

Besides whole values there are changes, from a value to its successor, for what is sent again and again: a snapshot
shares most of what it holds with the one before, and only objects that are others are looked into.
"""

import base64
import binascii
import dataclasses
import math
import os
import types
from collections.abc import Callable
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from fuzztui.engine.show.text import Visible, one_line, say, visible

T = TypeVar("T")

Plain: TypeAlias = Any
"""See above. Types of its own would say no more, for every use is checked."""

LARGEST: Final = 1 << 62
"""Of a whole number, and of any other: more than any figure of a run, and still no trouble for arithmetic."""

MOST_ITEMS: Final = 1_000_000
"""Items of one list."""

LONGEST_ESCAPE: Final = 10
"""Characters that one may take when it is spelled out."""

MOST_DROPPED: Final = 16
"""Items at the front of a series that may have been dropped for the rest to be found again."""

_UNCHANGED: Final = object()


class ForeignError(ValueError):
    """A plain value that is none of ours."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def encode(kind: type[T], value: T) -> Plain:
    """The plain form of a value; `kind` is its type, or that of which it is one of several."""
    return _coder(kind).encode(value)


def decode(kind: type[T], plain: Plain) -> T:
    """The value of a plain form. ForeignError if it is none of this type."""
    value: T = _coder(kind).decode(plain, getattr(kind, "__name__", "value"))
    return value


def change(kind: type[T], before: T, after: T) -> Plain:
    """What leads from one value to another, None if nothing does."""
    found = _coder(kind).change(before, after)
    return None if found is _UNCHANGED else found


def changed(kind: type[T], before: T, plain: Plain) -> T:
    """What a change makes of the value that it began with. ForeignError if it does not fit."""
    if plain is None:
        return before
    value: T = _coder(kind).apply(before, plain, getattr(kind, "__name__", "value"))
    return value


class _Coder:
    """What is done with values of one type. A change is a dict with one key, which says how it is to be read."""

    def encode(self, value: Any) -> Plain:
        return value

    def decode(self, plain: Plain, at: str) -> Any:
        raise NotImplementedError

    def change(self, before: Any, after: Any) -> Plain:
        if before is after or (type(before) is type(after) and before == after):
            return _UNCHANGED
        return {"=": self.encode(after)}

    def apply(self, before: Any, plain: Plain, at: str) -> Any:  # noqa: ARG002
        return self.decode(_only(plain, "=", at), at)


def _only(plain: Plain, key: str, at: str) -> Plain:
    if not (isinstance(plain, dict) and list(plain) == [key]):
        raise _foreign(at, "a change", plain)
    return plain[key]


def _foreign(at: str, wanted: str, plain: Plain) -> ForeignError:
    return ForeignError(say("{}: {}, want {}", at, one_line(repr(plain)[:200], 60), wanted))


class _Nothing(_Coder):
    def decode(self, plain: Plain, at: str) -> None:
        if plain is not None:
            raise _foreign(at, "nothing", plain)


class _Truth(_Coder):
    def decode(self, plain: Plain, at: str) -> bool:
        if not isinstance(plain, bool):
            raise _foreign(at, "true or false", plain)
        return plain


class _Whole(_Coder):
    def encode(self, value: int) -> Plain:
        return max(-LARGEST, min(LARGEST, value))

    def decode(self, plain: Plain, at: str) -> int:
        if not isinstance(plain, int) or isinstance(plain, bool) or abs(plain) > LARGEST:
            raise _foreign(at, "a whole number", plain)
        return plain


class _Number(_Coder):
    def encode(self, value: float) -> Plain:
        return float(value)

    def decode(self, plain: Plain, at: str) -> float:
        is_number = isinstance(plain, int | float) and not isinstance(plain, bool)
        if not is_number or not math.isfinite(plain) or abs(plain) > LARGEST:
            raise _foreign(at, "a number", plain)
        return float(plain)


class _Word(_Coder):
    """A text that is compared, and not shown as it is."""

    def encode(self, value: str) -> Plain:
        return value.encode("utf-8", "backslashreplace").decode()

    def decode(self, plain: Plain, at: str) -> str:
        if not isinstance(plain, str):
            raise _foreign(at, "a text", plain)
        return plain


class _Text(_Coder):
    """A text that is shown."""

    def encode(self, value: Visible) -> Plain:
        return str(value)

    def decode(self, plain: Plain, at: str) -> Visible:
        if not isinstance(plain, str):
            raise _foreign(at, "a text", plain)
        return visible(str(plain), LONGEST_ESCAPE * len(plain), multiline=True)


class _Bytes(_Coder):
    """Bytes; where there are none, as in JSON, the text that stands for them."""

    def decode(self, plain: Plain, at: str) -> bytes:
        if isinstance(plain, bytes):
            return plain
        try:
            return base64.b64decode(plain, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise _foreign(at, "bytes", plain) from None


class _Place(_Bytes):
    """A path, as the file system has it."""

    def encode(self, value: Path) -> Plain:
        return os.fsencode(value)

    def decode(self, plain: Plain, at: str) -> Any:
        encoded = super().decode(plain, at)
        if b"\0" in encoded:
            raise _foreign(at, "a path", plain)
        return Path(os.fsdecode(encoded))


class _Choice(_Coder):
    def __init__(self, kind: type[Enum]) -> None:
        self._kind = kind

    def encode(self, value: Enum) -> Plain:
        return value.name

    def decode(self, plain: Plain, at: str) -> Enum:
        if not isinstance(plain, str) or plain not in self._kind.__members__:
            raise _foreign(at, f"a {self._kind.__name__}", plain)
        return self._kind.__members__[plain]


class _Series(_Coder):
    """A tuple of any length. What is added at its end, dropped at its front or changed in its middle is a change."""

    def __init__(self, item: _Coder) -> None:
        self._item = item

    def encode(self, value: tuple[Any, ...]) -> Plain:
        return [self._item.encode(each) for each in value]

    def decode(self, plain: Plain, at: str) -> tuple[Any, ...]:
        if not isinstance(plain, list | tuple) or len(plain) > MOST_ITEMS:
            raise _foreign(at, "a list", plain)
        return tuple([self._item.decode(each, at) for each in plain])

    def change(self, before: tuple[Any, ...], after: tuple[Any, ...]) -> Plain:
        if before is after:
            return _UNCHANGED
        dropped = 0
        if before and after:
            first = after[0]
            front = (i for i in range(min(len(before), MOST_DROPPED)) if before[i] is first or before[i] == first)
            dropped = next(front, 0)
        kept = min(len(before) - dropped, len(after))
        inner = []
        for i in range(kept):
            if (one := before[dropped + i]) is not (other := after[i]):
                found = self._item.change(one, other)
                if found is not _UNCHANGED:
                    inner.append([i, found])
        added = [self._item.encode(each) for each in after[kept:]]
        if not (dropped or inner or added or len(before) != len(after)):
            return _UNCHANGED
        return {"~": [dropped, kept, inner, added]}

    def apply(self, before: tuple[Any, ...], plain: Plain, at: str) -> tuple[Any, ...]:
        parts = _only(plain, "~", at)
        match parts:
            case [int(dropped), int(kept), list(inner), list(added)]:
                if not (dropped >= 0 and kept >= 0 and dropped + kept <= len(before)):
                    raise _foreign(at, f"parts of a list of {len(before)}", [dropped, kept])
                items = list(before[dropped : dropped + kept])
                for each in inner:
                    match each:
                        case [int(index), found] if 0 <= index < kept:
                            items[index] = self._item.apply(items[index], found, at)
                        case _:
                            raise _foreign(at, "a place and a change", each)
                return (*items, *self.decode(added, at))
        raise _foreign(at, "a change of a list", parts)


class _Group(_Coder):
    """A tuple whose items have types of their own."""

    def __init__(self, items: tuple[_Coder, ...]) -> None:
        self._items = items

    def encode(self, value: tuple[Any, ...]) -> Plain:
        return [coder.encode(each) for coder, each in zip(self._items, value, strict=True)]

    def decode(self, plain: Plain, at: str) -> tuple[Any, ...]:
        if not isinstance(plain, list | tuple) or len(plain) != len(self._items):
            raise _foreign(at, f"a list of {len(self._items)}", plain)
        return tuple([coder.decode(each, at) for coder, each in zip(self._items, plain, strict=True)])


class _Table(_Coder):
    """A dict with texts as keys."""

    def __init__(self, item: _Coder) -> None:
        self._item = item

    def encode(self, value: dict[str, Any]) -> Plain:
        return {_WORD.encode(key): self._item.encode(each) for key, each in value.items()}

    def decode(self, plain: Plain, at: str) -> dict[str, Any]:
        if not isinstance(plain, dict) or len(plain) > MOST_ITEMS:
            raise _foreign(at, "a table", plain)
        return {_WORD.decode(key, at): self._item.decode(each, at) for key, each in plain.items()}


class _Record(_Coder):
    """A dataclass. Its coders are looked up when they are needed, since it may hold others of its own type."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        self._coders: dict[str, _Coder] = {}

    def _fields(self) -> dict[str, _Coder]:
        if not self._coders:
            hints = get_type_hints(self._kind)
            self._coders = {field.name: _coder(hints[field.name]) for field in dataclasses.fields(self._kind)}
        return self._coders

    def encode(self, value: Any) -> Plain:
        return {name: coder.encode(getattr(value, name)) for name, coder in self._fields().items()}

    def decode(self, plain: Plain, at: str) -> Any:
        fields = self._fields()
        if not isinstance(plain, dict):
            raise _foreign(at, f"a {self._kind.__name__}", plain)
        for name in plain:
            if name not in fields:
                raise ForeignError(say("{}: it has no {}", at, one_line(str(name), 60)))
        values = {name: fields[name].decode(each, f"{at}.{name}") for name, each in plain.items()}
        return self._make(values, at)

    def _make(self, values: dict[str, Any], at: str) -> Any:
        for field in dataclasses.fields(self._kind):
            has_default = (field.default, field.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
            if field.name not in values and not has_default:
                raise ForeignError(say("{}: its {} is missing", at, field.name))
        return self._kind(**values)

    def change(self, before: Any, after: Any) -> Plain:
        if before is after:
            return _UNCHANGED
        found = {}
        for name, coder in self._fields().items():
            one, other = getattr(before, name), getattr(after, name)
            if one is not other and (inner := coder.change(one, other)) is not _UNCHANGED:
                found[name] = inner
        return {".": found} if found else _UNCHANGED

    def apply(self, before: Any, plain: Plain, at: str) -> Any:
        fields, found = self._fields(), _only(plain, ".", at)
        if not isinstance(found, dict) or not found.keys() <= fields.keys():
            raise _foreign(at, f"changes of a {self._kind.__name__}", found)
        values = {
            name: fields[name].apply(getattr(before, name), inner, f"{at}.{name}") for name, inner in found.items()
        }
        return dataclasses.replace(before, **values)


class _Either(_Coder):
    """One of several types: the plain form of a value that is not nothing says which, where there are several."""

    def __init__(self, kinds: dict[str, tuple[type[Any], _Coder]], *, optional: bool) -> None:
        self._kinds = kinds
        self._only = next(iter(kinds.values()))[1] if optional and len(kinds) == 1 else None
        self._optional = optional

    def encode(self, value: Any) -> Plain:
        if value is None:
            return None
        if self._only is not None:
            return self._only.encode(value)
        name, coder = self._of(value)
        return [name, coder.encode(value)]

    def _of(self, value: Any) -> tuple[str, _Coder]:
        for name, (kind, coder) in self._kinds.items():
            if type(value) is kind or (kind is Path and isinstance(value, Path)):
                return name, coder
        raise TypeError(f"{type(value).__name__} is none of {', '.join(self._kinds)}")

    def decode(self, plain: Plain, at: str) -> Any:
        if plain is None and self._optional:
            return None
        if self._only is not None:
            return self._only.decode(plain, at)
        match plain:
            case [str(name), inner] if name in self._kinds:
                return self._kinds[name][1].decode(inner, f"{at}.{name}")
        raise _foreign(at, f"one of {', '.join(self._kinds)}", plain)

    def change(self, before: Any, after: Any) -> Plain:
        if before is after:
            return _UNCHANGED
        if before is None or after is None or self._only is None:
            return {"=": self.encode(after)}
        return self._only.change(before, after)

    def apply(self, before: Any, plain: Plain, at: str) -> Any:
        is_whole = isinstance(plain, dict) and list(plain) == ["="]
        if is_whole or self._only is None or before is None:
            return self.decode(_only(plain, "=", at), at)
        return self._only.apply(before, plain, at)


_WORD: Final = _Word()

_SIMPLE: Final[dict[Any, Callable[[], _Coder]]] = {
    type(None): _Nothing,
    bool: _Truth,
    int: _Whole,
    float: _Number,
    str: _Word,
    Visible: _Text,
    bytes: _Bytes,
    Path: _Place,
}


def _coder(kind: Any) -> _Coder:
    """What codes values that are annotated so."""
    return _coders(kind)


@cache
def _coders(kind: Any) -> _Coder:
    if kind in _SIMPLE:
        return _SIMPLE[kind]()
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        members = [each for each in arguments if each is not type(None)]
        kinds = {each.__name__: (each, _coder(each)) for each in members}
        return _Either(kinds, optional=len(members) < len(arguments))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return _Series(_coder(arguments[0]))
        return _Group(tuple(map(_coder, arguments)))
    if origin is dict and arguments[0] is str:
        return _Table(_coder(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _Choice(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _Record(kind)
    raise TypeError(f"{kind} has no plain form")
