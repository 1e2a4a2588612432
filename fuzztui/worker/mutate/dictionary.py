"""The dictionary: tokens of the user's own list, and the auto-dictionary, which holds constants of the target's modules
and operands of its comparisons.
"""

import struct
from collections.abc import Hashable, Iterable
from typing import Any, Final, Generic, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds import KINDS
from fuzztui.target.kinds.kind import BUILTINS
from fuzztui.worker.mutate.scalars import Scalar

__builtins__ = PRIVATE_BUILTINS

CAPACITY: Final = 4096
"""Tokens per form: with more, the chance to pick the one that is needed gets too small to matter."""

MAX_TOKEN: Final = 64
"""Bytes of a token: longer ones are whole documents rather than words, and rarely met as such in an input."""

_MAX_INT_BITS: Final = MAX_TOKEN * 8

T = TypeVar("T")


class _Tokens(Generic[T]):
    """An ordered set of bounded size: its first half stays for good, beyond that the oldest give way.

    The first to come are the user's tokens and the target's constants, which stay useful for a whole run; operands of
    comparisons keep coming, and the latest belong to the code that has been reached most recently.
    """

    def __init__(self, capacity: int) -> None:
        self.items: Final[list[T]] = []  # one object for life: mutators hold a reference to it
        self._keys: list[Hashable] = []
        self._known: set[Hashable] = set()
        self._capacity = capacity
        self._next = capacity // 2

    def __contains__(self, key: Hashable) -> bool:
        return key in self._known

    def add(self, item: T, key: Hashable) -> None:
        if key in self._known:
            return
        self._known.add(key)
        if len(self.items) < self._capacity:
            self.items.append(item)
            self._keys.append(key)
            return
        self._known.discard(self._keys[self._next])
        self.items[self._next] = item
        self._keys[self._next] = key
        self._next += 1
        if self._next == self._capacity:
            self._next = self._capacity // 2


class Dictionary:
    """Tokens in the forms in which they occur in inputs. Its order depends on the order of the additions alone.

    The lists are live and to be read only: `words` and `texts` are the tokens as bytes and as str (numbers in decimal),
    `packed` the numbers in binary (1, 2, 4, 8 bytes, both byte orders), `ints` and `floats` the numbers themselves.
    `near_words` and `near_texts` are the few tokens that are wanted most at present.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        """At most `capacity` (at least 2) tokens of each form are kept."""
        self._words: _Tokens[bytes] = _Tokens(capacity)
        self._texts: _Tokens[str] = _Tokens(capacity)
        self._packed: _Tokens[bytes] = _Tokens(capacity)
        self._ints: _Tokens[int] = _Tokens(capacity)
        self._floats: _Tokens[float] = _Tokens(capacity)
        self._values: dict[str, _Tokens[Any]] = {
            kind.name: _Tokens(capacity) for kind in KINDS.values() if kind.module != BUILTINS
        }
        self.words: Final = self._words.items
        self.texts: Final = self._texts.items
        self.packed: Final = self._packed.items
        self.ints: Final = self._ints.items
        self.floats: Final = self._floats.items
        self.near_words: Final[list[bytes]] = []
        self.near_texts: Final[list[str]] = []

    def values(self, name: str) -> list[Any]:
        """The tokens of a kind that is no builtin, and has one form only: a live list."""
        return self._values[name].items

    def set_near(self, tokens: Iterable[Scalar]) -> None:
        """Let these tokens, which should be few, have a better chance than those that `add` has added."""
        few = Dictionary()
        for token in tokens:
            few.add(token)
        self.near_words[:] = few.words
        self.near_texts[:] = few.texts

    def add(self, token: Scalar) -> None:
        """Add a token in all of its forms. An empty one, one longer than `MAX_TOKEN` bytes and a bool are ignored.

        A token that is the decimal text of an integer is added as that integer too.
        """
        if isinstance(token, bool):
            return
        if isinstance(token, bytes | str):
            self._add_text(token)
        elif isinstance(token, int):
            self._add_int(token)
        elif isinstance(token, float):
            self._add_float(token)
        else:
            self._values[type(token).__name__].add(token, token)

    def has(self, token: bytes | str) -> bool:
        """Whether a text is one of the tokens."""
        return token in self._texts if isinstance(token, str) else token in self._words

    def _add_text(self, token: bytes | str) -> None:
        if not 0 < len(token) <= MAX_TOKEN:
            return
        if isinstance(token, str):
            text, word = token, token.encode("utf-8", "surrogatepass")
            if len(word) > MAX_TOKEN:
                return
        else:
            text, word = _decode(token), token
        self._words.add(word, word)
        self._texts.add(text, text)
        digits = text[1:] if text[0] in "+-" else text
        if digits.isascii() and digits.isdigit():
            self._add_number(int(text))

    def _add_int(self, token: int) -> None:
        if token.bit_length() > _MAX_INT_BITS:
            return
        text = str(token)
        if len(text) <= MAX_TOKEN:
            self._words.add(text.encode(), text.encode())
            self._texts.add(text, text)
        self._add_number(token)

    def _add_number(self, number: int) -> None:
        self._ints.add(number, number)
        if number.bit_length() <= 1023:
            self._floats.add(float(number), struct.pack("<d", number))
        for width in (1, 2, 4, 8):
            if -(256**width // 2) <= number < 256**width:
                unsigned = number & (256**width - 1)
                for packed in (unsigned.to_bytes(width, "little"), unsigned.to_bytes(width, "big")):
                    self._packed.add(packed, packed)

    def _add_float(self, token: float) -> None:
        little = struct.pack("<d", token)
        self._floats.add(token, little)
        self._packed.add(little, little)
        self._packed.add(little[::-1], little[::-1])
        text = repr(token)
        self._words.add(text.encode(), text.encode())
        self._texts.add(text, text)
        if token.is_integer() and abs(token) < 2.0**64:
            self._ints.add(int(token), int(token))


def _decode(token: bytes) -> str:
    try:
        return token.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return token.decode("latin-1")
