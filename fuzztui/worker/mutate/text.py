"""Mutation of str, by code points: the shared operators and those for Unicode. Hot code, see `sequence`."""

import re
from collections.abc import Callable

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.adaptive import Bandit, Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.interesting import CHARACTERS, DIGITS, TEXT_PAIRS, TEXT_SEPARATORS, TEXT_WORDS
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.sequence import Material, RandomBits, havoc, picker, sequence_operators
from fuzztui.worker.mutate.sizes import clip_text

__builtins__ = OWN_BUILTINS

_CODE_POINTS = 0x110000


def text_mutator(
    random: RandomBits, dictionary: Dictionary, pool: Pool, max_len: int
) -> tuple[Callable[[str], str], Bandit[str]]:
    """A function from str to another str of at most `max_len` bytes in UTF-8, and what chooses its operators.

    Results may hold lone surrogates.
    """
    material = text_material(dictionary, pool)
    pick = picker(material)
    getrandbits = random.getrandbits
    texts = pool.texts

    def fresh(bits: int) -> str:
        choice = bits & 3
        if choice == 0 and texts:
            return texts[(bits >> 2) % len(texts)]
        if choice == 1:
            return CHARACTERS[(bits >> 2) % len(CHARACTERS)]
        if choice == 2:
            return str(getrandbits(1 + (bits >> 2 & 31)))
        return pick(bits >> 2)

    bandit = Bandit({**sequence_operators(random, material), **text_operators(random)})
    return havoc(random, bandit, fresh, clip_text, 4, max_len), bandit


def text_material(dictionary: Dictionary, pool: Pool) -> Material[str]:
    """What is inserted into str."""
    near, texts, common = dictionary.near_texts, dictionary.texts, list(TEXT_WORDS)
    return Material(
        sources=(near, near, texts, texts, texts, texts, common, common),
        words=common,
        pool=pool.texts,
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
