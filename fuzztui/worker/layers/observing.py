"""What goes into decoding functions in a traced run, and what comes out."""

from collections.abc import Callable
from types import BuiltinMethodType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.layers.codecs import NUMBER, Codec, codec_of

__builtins__ = PRIVATE_BUILTINS

MOST: Final = 32
"""Transformations of one run that are kept."""

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

    def clear(self) -> None:
        """Forget all."""
        self.transforms.clear()
        self._known.clear()

    def watched(self, function: Callable[..., object]) -> Callable[..., object]:
        """What to call in place of a function whose name is one of the codecs'."""

        def call(*arguments: object, **options: object) -> object:
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
            if made is not None:
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


def text_of(operand: Any) -> bytes | str | None:
    """The operand, if it is of a builtin type of texts and not too long."""
    kind = type(operand)
    if kind is bytearray or kind is memoryview:
        operand = bytes(operand) if len(operand) <= MOST_BYTES else None
    elif kind is not bytes and kind is not str:
        return None
    return None if operand is None or len(operand) > MOST_BYTES else operand
