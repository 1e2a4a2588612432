import struct

import pytest

from fuzztui.worker.mutate import Dictionary


def test_text_is_offered_as_bytes_and_as_str() -> None:
    tokens = Dictionary()
    tokens.add("\u00e9")
    tokens.add("\ud800")
    tokens.add(b"\xc3\xa9\xc3\xa9")
    tokens.add(b"\xff")
    assert tokens.words == [b"\xc3\xa9", b"\xed\xa0\x80", b"\xc3\xa9\xc3\xa9", b"\xff"]
    assert tokens.texts == ["\u00e9", "\ud800", "\u00e9\u00e9", "\xff"]
    assert not tokens.ints
    assert not tokens.floats
    assert not tokens.packed


def test_ints_are_offered_as_text_as_numbers_and_packed_where_they_fit() -> None:
    tokens = Dictionary()
    tokens.add(0x1234)
    assert tokens.words == [b"4660"]
    assert tokens.texts == ["4660"]
    assert tokens.ints == [0x1234]
    assert tokens.floats == [4660.0]
    assert tokens.packed == [struct.pack(layout, 0x1234) for layout in ("<H", ">H", "<I", ">I", "<Q", ">Q")]
    negative = Dictionary()
    negative.add(-2)
    assert b"\xfe" in negative.packed
    assert struct.pack("<q", -2) in negative.packed
    large = Dictionary()
    large.add(2**100)
    assert large.packed == []
    assert large.ints == [2**100]


def test_decimal_text_is_offered_as_a_number_too() -> None:
    tokens = Dictionary()
    for token in ("31337", b"-5", "\u0665", "1.5", "+", "1_0"):
        tokens.add(token)
    assert tokens.ints == [31337, -5]


def test_floats_are_offered_packed_as_text_and_as_int_where_whole() -> None:
    tokens = Dictionary()
    for token in (1.5, -4.0, float("nan"), float("inf")):
        tokens.add(token)
    assert tokens.texts == ["1.5", "-4.0", "nan", "inf"]
    assert tokens.ints == [-4]
    assert struct.pack(">d", 1.5) in tokens.packed
    assert len(tokens.floats) == 4


@pytest.mark.parametrize("token", [b"", "", b"x" * 65, "\u00e9" * 33, 2**600, True])
def test_useless_tokens_are_ignored(token: bytes | str | int) -> None:
    tokens = Dictionary()
    tokens.add(token)
    assert not any((tokens.words, tokens.texts, tokens.packed, tokens.ints, tokens.floats))


def test_a_token_is_kept_once() -> None:
    tokens = Dictionary()
    for token in (b"key", "key", b"key", 7, 7, 7.0, 0.0, -0.0, float("nan"), float("nan")):
        tokens.add(token)
    assert tokens.words.count(b"key") == 1
    assert tokens.ints == [7, 0]
    assert [struct.pack("<d", number) for number in tokens.floats] == [
        struct.pack("<d", number) for number in (7.0, 0.0, -0.0, float("nan"))
    ]


def test_when_full_the_first_half_stays_and_the_oldest_of_the_rest_give_way() -> None:
    tokens = Dictionary(capacity=6)
    kept = tokens.texts
    for number in range(10):
        tokens.add(f"word{number}")
    assert kept is tokens.texts
    assert sorted(kept) == ["word0", "word1", "word2", "word7", "word8", "word9"]
    tokens.add("word3")  # dropped before, so it is new again
    assert "word3" in kept
    assert "word7" not in kept


def test_near_tokens_are_offered_as_bytes_and_as_str_and_replaced_as_a_whole() -> None:
    tokens = Dictionary()
    words, texts = tokens.near_words, tokens.near_texts
    tokens.set_near(["\u00e9", b"raw", 4096, "", "x" * 65])
    assert words == [b"\xc3\xa9", b"raw", b"4096"]
    assert texts == ["\u00e9", "raw", "4096"]
    tokens.set_near(["next"])
    assert tokens.near_words is words
    assert tokens.near_texts is texts
    assert (words, texts) == ([b"next"], ["next"])
    assert not any((tokens.words, tokens.texts, tokens.packed, tokens.ints, tokens.floats))
