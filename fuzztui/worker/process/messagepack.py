"""What the worker needs of `msgspec`: messages that are sent and received as MessagePack.

The worker's program puts this module in the place of `msgspec`. That library is compiled, so a process has only one of
it, and it binds itself to the first `enum`, `typing`, `uuid` and others that are loaded: a target that uses `msgspec`
would find it unable to handle its own classes. It also loads forty modules of the standard library.

Values are not validated beyond their shape: calls come from the coordinator, which is trusted, and what a worker sends
is validated there. (MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md)
"""

from collections.abc import Callable, Iterator
from itertools import chain
from struct import Struct as Layout
from typing import Any, ClassVar, Final, get_args

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class DecodeError(Exception):
    """Bytes that are no message."""


class Meta:
    """Bounds of a number, which the coordinator checks."""

    def __init__(self, **bounds: int) -> None:
        self.bounds: Final = bounds


_REQUIRED: Final = object()


class Struct:
    """Base class of messages: attributes as annotated, given by position or by name."""

    _tag: str | None = None
    _is_array = False
    _defaults: ClassVar[dict[str, object]] = {}
    """Field -> default or `_REQUIRED`, in order."""

    def __init_subclass__(cls, tag: str | None = None, frozen: bool = False, array_like: bool = False) -> None:
        cls._tag = tag
        cls._is_array = array_like
        cls._defaults = {name: vars(cls).get(name, _REQUIRED) for name in cls.__annotations__}

    def __init__(self, *values: object, **named: object) -> None:
        fields = {**self._defaults, **dict(zip(self._defaults, values, strict=False)), **named}
        missing = [name for name, value in fields.items() if value is _REQUIRED]
        if missing or len(fields) != len(self._defaults) or len(values) > len(fields):
            raise TypeError(f"{type(self).__name__}: want {', '.join(self._defaults)}")
        vars(self).update(fields)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


# Encoding ---------------------------------------------------------------------------------------------------------

_LENGTHS: Final = tuple([Layout(code).pack for code in (">BB", ">BH", ">BI")])
_DOUBLE: Final = Layout(">Bd")
_SIGNED: Final = Layout(">Bq")
_UNSIGNED: Final = Layout(">BQ")


def _head(length: int, small: int, limit: int, codes: tuple[int, int, int]) -> bytes:
    """How a value of `length` parts begins: in one byte below `limit`, else with a code and one, two or four bytes. A
    code of 0 does not exist.
    """
    if length < limit:
        return bytes([small | length])
    if length < 0x100 and codes[0]:
        return _LENGTHS[0](codes[0], length)
    return _LENGTHS[1](codes[1], length) if length < 0x10000 else _LENGTHS[2](codes[2], length)


def _integer(value: int) -> bytes:
    if 0xFF < value < 0x10000:  # the most that is sent beyond `_SMALL`: indices of a large program
        return _LENGTHS[1](0xCD, value)
    if value >= 0:
        if value < 0x100000000:
            return _head(value, 0, 0x80, (0xCC, 0xCD, 0xCE))
        return _UNSIGNED.pack(0xCF, value)
    return bytes([value & 0xFF]) if value >= -32 else _SIGNED.pack(0xD3, value)


_SMALL: Final = tuple(map(_integer, range(0x2000)))
"""The forms of small numbers, such as most indices of probes and line numbers are: lists of those are what messages
are full of."""


def encode(value: object) -> bytes:
    """A message, or what one consists of, as MessagePack."""
    parts: list[bytes] = []
    _put(value, parts.append)
    return b"".join(parts)


def _put(value: Any, add: Callable[[bytes], None]) -> None:
    kind = type(value)
    if kind is int:
        add(_integer(value))
    elif kind is str:
        data = value.encode()
        add(_head(len(data), 0xA0, 32, (0xD9, 0xDA, 0xDB)))
        add(data)
    elif kind is bytes:
        add(_head(len(value), 0, 0, (0xC4, 0xC5, 0xC6)))
        add(value)
    elif kind is list or kind is tuple:
        add(_head(len(value), 0x90, 16, (0, 0xDC, 0xDD)))
        if value and type(value[0]) is int:
            add(_integers(value))
        else:
            for item in value:
                _put(item, add)
    elif kind is dict:
        add(_head(len(value), 0x80, 16, (0, 0xDE, 0xDF)))
        for item in chain.from_iterable(value.items()):
            _put(item, add)
    elif value is None:
        add(b"\xc0")
    elif kind is bool:
        add(b"\xc3" if value else b"\xc2")
    elif kind is float:
        add(_DOUBLE.pack(0xCB, value))
    elif isinstance(value, Struct):
        fields = vars(value)
        if value._is_array:
            _put(list(fields.values()), add)
        else:
            _put(fields if value._tag is None else {"type": value._tag, **fields}, add)
    else:
        raise TypeError(f"a {kind.__name__} cannot be sent")


def _integers(values: list[int]) -> bytes:
    small, most = _SMALL, len(_SMALL)
    return b"".join([small[value] if 0 <= value < most else _integer(value) for value in values])


# Decoding ---------------------------------------------------------------------------------------------------------

_SIZES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
_NUMBERS: Final = {code: Layout(f">{form}") for code, form in enumerate("fdBHIQbhiq", 0xCA)}
_SINGLE: Final = {0xC0: None, 0xC2: False, 0xC3: True}


class _Reader:
    """Reads one value after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def values(self) -> Iterator[object]:
        """All values; DecodeError where the bytes end in the midst of one, or make none."""
        while self._at < len(self._data):
            yield self._value()

    def _take(self, count: int) -> bytes:
        begin = self._at
        self._at += count
        if self._at > len(self._data):
            raise DecodeError("the message ends too early")
        return self._data[begin : self._at]

    def _value(self) -> object:
        code = self._take(1)[0]
        if code < 0x80:
            return code
        if code >= 0xE0:
            return code - 0x100
        if code < 0xC0:
            kind, length = (code & 0xF0, code & 0x0F) if code < 0xA0 else (0xA0, code & 0x1F)
        elif code in _NUMBERS:
            layout = _NUMBERS[code]
            number: object = layout.unpack(self._take(layout.size))[0]
            return number
        elif code in _SINGLE:
            return _SINGLE[code]
        elif code in _SIZES:
            kind, length = code & 0xFC, int.from_bytes(self._take(_SIZES[code]), "big")
            kind = {0xC4: 0xC4, 0xD8: 0xA0}.get(kind, 0x80 if code >= 0xDE else 0x90)
        else:
            raise DecodeError(f"code {code:#x} is not known")
        if kind == 0xC4:
            return self._take(length)
        if kind == 0xA0:
            return self._take(length).decode()
        if kind == 0x90:
            return [self._value() for _ in range(length)]
        return {self._value(): self._value() for _ in range(length)}


class Decoder:
    """Makes messages of bytes."""

    def __init__(self, types: Any) -> None:
        """`types`: a union of classes of messages with tags."""
        self._types: Final = {kind._tag: kind for kind in get_args(types)}

    def decode(self, data: bytes) -> Any:
        """The one message that the bytes are; DecodeError if they are none."""
        try:
            value, *more = _Reader(data).values()
            if more or not isinstance(value, dict):
                raise DecodeError("want one object")
            kind = self._types.get(value.pop("type", None))
            if kind is None:
                raise DecodeError("a message of unknown type")
            return kind(**{name: value[name] for name in kind._defaults if name in value})
        except (TypeError, ValueError, RecursionError) as error:
            raise DecodeError(str(error)) from None


class Encoder:
    """Makes bytes of messages."""

    encode: Final = staticmethod(encode)


class msgpack:  # noqa: N801 - takes the place of the module of that name
    """The part of `msgspec` for this format."""

    Decoder: Final = Decoder
    Encoder: Final = Encoder
