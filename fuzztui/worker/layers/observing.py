"""What goes into decoding functions in a traced run, and what comes out."""

from collections.abc import Callable
from types import BuiltinMethodType
from typing import Any, Final, NamedTuple
from zlib import decompressobj

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.layers.codecs import NUMBER, Codec, codec_of, decompressor_of, deflated

__builtins__ = PRIVATE_BUILTINS

MOST: Final = 32
"""Transformations of one run that are kept."""

_MAKES_DECOMPRESSORS: Final[object] = decompressobj

MOST_BYTES: Final = 16_384
"""Of what goes in, and of what comes out."""


class Transform(NamedTuple):
    """One call."""

    codec: Codec
    given: bytes | str
    made: bytes | str | None
    """None where the call failed."""


class Observations:
    """The calls of one traced run, in the order in which they returned."""

    def __init__(self) -> None:
        self.transforms: Final[list[Transform]] = []
        self._known: set[tuple[str, bytes | str]] = set()
        self._windows: dict[int, tuple[object, object]] = {}
        """By identity objects that decompress, and with what window."""

    def clear(self) -> None:
        """Forget all."""
        self.transforms.clear()
        self._known.clear()
        self._windows.clear()

    def watched(self, function: Callable[..., object]) -> Callable[..., object]:
        """What to call in place of a function whose name is one of the codecs'."""

        def call(*arguments: object, **options: object) -> object:
            if function is _MAKES_DECOMPRESSORS:
                made_one = function(*arguments, **options)
                if len(self._windows) < MOST:
                    window = arguments[0] if arguments else options.get("wbits")
                    self._windows[id(made_one)] = made_one, window
                return made_one
            decompressor = decompressor_of(function)
            if decompressor is not None:
                codec: Codec | None = deflated(self._windows.get(id(decompressor), (None, None))[1])
            else:
                codec = codec_of(function, arguments, options)
            if codec is None:
                return function(*arguments, **options)
            receiver = function.__self__ if type(function) is BuiltinMethodType else None
            given = receiver if isinstance(receiver, bytes | bytearray) else arguments[0] if arguments else None
            try:
                result = function(*arguments, **options)
            except BaseException:
                self._note(codec, given, None)
                raise
            made = text_of(result)
            if decompressor is not None and made is not None:
                self._note(codec, *_taken(decompressor, given, made))
            elif made is not None:
                self._note(codec, given, made)
            elif codec.encode is None and codec is not NUMBER:
                self._note(codec, given, text_of(given))  # what has been read is no text
            return result

        return call

    def _note(self, codec: Codec, given: object, made: bytes | str | None) -> None:
        before = text_of(given)
        if before is None or len(self.transforms) >= MOST or (codec.name, before) in self._known:
            return
        self._known.add((codec.name, before))
        self.transforms.append(Transform(codec, before, made))


def _taken(decompressor: Any, given: object, made: bytes | str) -> tuple[object, bytes | str | None]:
    """What an object that decompresses has taken of what it was given, and what it has made; None if more is wanted."""
    if not decompressor.eof:
        return given, None
    left = len(decompressor.unused_data)
    data: Any = given
    return data[: len(data) - left], made


def text_of(operand: Any) -> bytes | str | None:
    """The operand, if it is of a builtin type of texts and not too long."""
    kind = type(operand)
    if kind is bytearray or kind is memoryview:
        operand = bytes(operand) if len(operand) <= MOST_BYTES else None
    elif kind is not bytes and kind is not str:
        return None
    return None if operand is None or len(operand) > MOST_BYTES else operand
