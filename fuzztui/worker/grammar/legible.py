"""Inputs of a program that reads texts, without bytes that no text has: what reads texts here takes these for binary.

A mutation puts a zero byte where any letter would have done, and an entry with one in it is taken apart by lengths, and
not by its words and signs.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

_LETTERS: Final = (b"a", b"1")
_LONGEST: Final = 2048
_CONTROLS: Final = bytes(range(9))
_OF_NO_TEXT: Final = bytes((*_CONTROLS, *range(128, 256)))


class Legible:
    """Whether a program reads its inputs as texts, as the last one tells."""

    def __init__(self) -> None:
        self._reads_texts = False

    def learn(self, entry: Arguments, comparisons: Sequence[Comparison]) -> None:
        """Learn of an input that has been traced."""
        data = _data_of(entry)
        known = [operand for _, *operands in comparisons for operand in operands if isinstance(operand, bytes | str)]
        if data is not None and known:
            self._reads_texts = _is_text_of(data, known)

    def forms(self, arguments: Arguments) -> Iterator[Arguments]:
        """The input with letters in the place of bytes that texts do not have; none where it is a text as it is, or the
        program reads no texts.
        """
        data = _data_of(arguments) if self._reads_texts else None
        if data is not None and is_binary(data):
            for letter in _LETTERS:
                yield (data.translate(bytes.maketrans(_OF_NO_TEXT, letter * len(_OF_NO_TEXT))),)


def _data_of(arguments: Arguments) -> bytes | None:
    """An input of bytes that is short enough to be looked through."""
    data = arguments[0]
    return data if len(arguments) == 1 and type(data) is bytes and len(data) <= _LONGEST else None


def _is_text_of(data: bytes, operands: Sequence[bytes | str]) -> bool:
    """Whether a text among the operands is most of the input."""
    texts = {data.decode("latin-1"), data.decode("utf-8", "replace"), data.decode("utf-8", "ignore")}
    return any(
        operand == text or (2 * len(operand) > len(text) and operand in text)
        for operand in operands
        for text in texts
        if isinstance(operand, str)
    )
