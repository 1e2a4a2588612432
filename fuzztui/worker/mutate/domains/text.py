"""The domain of str, with the operators for Unicode: by code points. Hot code, see `sequence`."""

import re
from collections.abc import Callable, Iterator

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.counted import recounted
from fuzztui.worker.mutate.adaptive import Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.domains.sequence import SequenceDomain
from fuzztui.worker.mutate.interesting import CHARACTERS, DIGITS, TEXT_PAIRS, TEXT_SEPARATORS, TEXT_WORDS
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.sequence import Material, RandomBits

__builtins__ = PRIVATE_BUILTINS

_CODE_POINTS = 0x110000


class Text(SequenceDomain[str]):
    """Of the kind `str`. Mutation may make lone surrogates."""

    name = "str"
    widest = 4
    filler = "0"

    def size(self, value: str, /) -> int:
        """Bytes in UTF-8; a lone surrogate has 3."""
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))

    def clip(self, value: str, limit: int, /) -> str:
        """The longest prefix of whole code points whose UTF-8 form has at most `limit` bytes."""
        if value.isascii():
            return value[:limit]
        encoded = value.encode("utf-8", "surrogatepass")
        if len(encoded) <= limit:
            return value
        while limit and encoded[limit] & 0xC0 == 0x80:  # a continuation byte: its code point would be cut in two
            limit -= 1
        return encoded[:limit].decode("utf-8", "surrogatepass")

    def material(self, dictionary: Dictionary, pool: Pool) -> Material[str]:
        """What is inserted."""
        return text_material(dictionary, pool)

    def operators(self, random: RandomBits, _pick: Callable[[int], str], /) -> Weighted[str]:
        """Those for Unicode."""
        return text_operators(random)

    def beginnings(self, random: RandomBits) -> tuple[Callable[[int], str], Callable[[int], str]]:
        """A character of which most programs have to be careful, or a number."""
        getrandbits = random.getrandbits

        def character(bits: int) -> str:
            return CHARACTERS[bits % len(CHARACTERS)]

        def number(bits: int) -> str:
            return str(getrandbits(1 + (bits & 31)))

        return character, number

    def with_lengths(self, value: str, start: int, end: int, new: str, /) -> Iterator[str]:
        """The digits before that count what encloses the range are adjusted."""
        yield from recounted(value, start, end, new)

    def of_text(self, text: str) -> str:
        """Itself."""
        return text


def text_material(dictionary: Dictionary, pool: Pool) -> Material[str]:
    """What is inserted into str."""
    near, texts, common = dictionary.near_texts, dictionary.texts, list(TEXT_WORDS)
    return Material(
        sources=(near, near, texts, texts, texts, texts, common, common),
        words=common,
        pool=pool.values("str"),
        ints=dictionary.ints,
        separators=TEXT_SEPARATORS,
        pairs=TEXT_PAIRS,
        cases=(str.upper, str.lower, str.swapcase, str.title),
        find_digits=re.compile(r"\d{1,19}").search,
        find_word=re.compile(r"[^\W\d]\w*").search,
        decimal=str,
    )


def text_operators(random: RandomBits) -> Weighted[str]:
    """The operators that only str has, with weights."""
    getrandbits = random.getrandbits

    def set_character(text: str, bits: int) -> str:
        at = bits % len(text)
        return text[:at] + CHARACTERS[getrandbits(30) % len(CHARACTERS)] + text[at + 1 :]

    def insert_character(text: str, bits: int) -> str:
        at = bits % (len(text) + 1)
        return text[:at] + CHARACTERS[getrandbits(30) % len(CHARACTERS)] + text[at:]

    def insert_characters(text: str, bits: int) -> str:
        at = (bits >> 3) % (len(text) + 1)
        new = [CHARACTERS[getrandbits(30) % len(CHARACTERS)] for _ in range(2 + (bits & 7))]
        return text[:at] + "".join(new) + text[at:]

    def flip_bit(text: str, bits: int) -> str:
        # Mostly low bits, which keep a character within its alphabet.
        at = (bits >> 4) % len(text)
        flipped = ord(text[at]) ^ 1 << (bits & 15 if bits & 8 else bits & 7)
        return text[:at] + chr(flipped % _CODE_POINTS) + text[at + 1 :]

    def nudge_character(text: str, bits: int) -> str:
        at = (bits >> 5) % len(text)
        delta = (bits >> 1 & 15) + 1
        return text[:at] + chr((ord(text[at]) + (delta if bits & 1 else -delta)) % _CODE_POINTS) + text[at + 1 :]

    def set_code_point(text: str, bits: int) -> str:
        at = (bits >> 4) % len(text)
        return text[:at] + chr(getrandbits(6 + (bits & 15)) % _CODE_POINTS) + text[at + 1 :]

    def change_digits(text: str, bits: int) -> str:
        at = (bits >> 3) % len(text) if bits & 1 else 0
        return text[:at] + text[at:].translate(DIGITS[getrandbits(30) % len(DIGITS)])

    return {
        set_character: 6,
        insert_character: 6,
        insert_characters: 2,
        flip_bit: 3,
        nudge_character: 3,
        set_code_point: 1,
        change_digits: 1,
    }
