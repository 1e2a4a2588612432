from typing import Any

import pytest

from fuzztui.worker.mutate import Tried
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.elements import MAX_ELEMENTS, elements, missing_elements
from fuzztui.worker.mutate.sized import edges, insertions, is_binary, replace_headed


def fields(data: bytes) -> dict[int, bytes]:
    """A protobuf-like message; ValueError if it is none."""
    found = {}
    at = 0
    while at < len(data):
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            raise ValueError("length")
        found[data[at] >> 3] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found


def innermost(data: bytes) -> dict[int, bytes]:
    """Message in message in message, each in field 1."""
    return fields(fields(fields(data)[1])[1])


def sound(data: bytes) -> dict[int, bytes]:
    try:
        return innermost(data)
    except (ValueError, KeyError):
        return {}


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x02\x0a\x00",
        b"\x0a\x06\x0a\x04\x12\x02ab",
        b"\x0a\x09\x0a\x07\x12\x05quota",
        b"\x12\x01x\x0a\x06\x0a\x04\x12\x02ab",
    ],
    ids=["empty", "short", "a tag that looks like a length", "behind another field"],
)
def test_a_missing_field_is_put_into_a_nested_message_and_all_lengths_grow(data: bytes) -> None:
    before = innermost(data)
    assert any(sound(made) == {**before, 3: b"word"} for made in elements(data, [3], ["word"]))
    assert any(sound(made) == {**before, 3: b"\xff"} for made in elements(data, [3], []))


def test_nothing_gets_an_element_with_a_number_and_what_holds_elements_an_empty_one() -> None:
    made = [value for (value,) in missing_elements((b"",), [("lacks", 0x30, ())], 100)]
    assert {b"\x30\0", b"\x30\1\xff"} <= set(made)
    assert list(missing_elements((b"",), [("lacks", "key", ())], 100)) == []
    assert b"\x30\2\x31\0" in list(elements(b"\x30\0", [0x31], []))


def test_of_elements_of_several_kinds_some_of_each_come_first() -> None:
    made = list(elements(b"\x08\x05", [3], [300]))[:12]
    assert {b"\x08\x05\x1a\0", b"\x08\x05\3\0", b"\x08\x05\x18\xac\2"} <= set(made)


def test_keys_may_be_texts_and_plain_numbers() -> None:
    assert b"\x03key\x01\x05" in set(elements(b"", ["key"], [5]))
    assert b"\x07\x01\x05" in set(elements(b"", [7], [5]))


@pytest.mark.parametrize("key", [-1, 2**70, 1.5, "", "x" * 200])
def test_keys_that_no_header_holds_give_nothing(key: Any) -> None:
    assert list(elements(b"data", [key], ["v"])) == []


def test_number_of_elements_is_bounded() -> None:
    data = bytes(range(256)) * 20
    made = sum(1 for _ in elements(data, list(range(50)), ["x" * number for number in range(50)]))
    assert 0 < made < 20_000


def test_insertion_adjusts_all_lengths_first_and_then_doubts_each() -> None:
    made = list(insertions(b"\x03\x02ab", 4, b"XY"))
    assert made[0] == b"\x05\x04abXY"
    assert b"\x05\x02abXY" in made
    assert b"\x03\x04abXY" in made
    assert all(each[2:] == b"abXY" for each in made)


def test_edges_are_where_parts_begin_and_end() -> None:
    assert edges(b"") == [0]
    assert edges(b"\x02ab\xff") == [0, 1, 3, 4]
    assert edges(b"\x00") == [0, 1]


def test_what_was_looked_for_in_vain_is_put_in_a_bounded_number_of_times() -> None:
    missing: list[Any] = [("lacks", 3, ()), ("wants", "quota", ())]
    tried = Tried()
    rounds = 0
    while fresh := tried.fresh(missing):
        rounds += 1
        found = list(missing_elements((7, b"\x0a\x00"), fresh, 4096))
        assert any(fields_or_none(made[1]) == {1: b"\x1a\x05quota"} for made in found)
        assert all(made[0] == 7 for made in found)
    assert 3 < rounds < 100


def test_texts_and_what_lacks_nothing_stay_alone() -> None:
    assert list(missing_elements((b"name: value", "\x00"), [("lacks", 3, ())], 4096)) == []
    assert list(missing_elements((b"\x0a\x00",), [("wants", 3, ()), ("in", 3, (4,))], 4096)) == []


def test_limits_of_number_and_length_hold_for_missing_elements() -> None:
    data = bytes(range(200))
    missing: list[Any] = [("lacks", number, ()) for number in range(40)]
    assert len(list(missing_elements((data,), missing, 4096))) == MAX_ELEMENTS
    made = [each[0] for each in missing_elements((data,), missing, 203)]
    assert made
    assert all(isinstance(each, bytes) and len(each) <= 203 for each in made)
    both = list(missing_elements((data, "x" * 50), missing, 253))
    assert both == [(each, "x" * 50) for each in made]


def fields_or_none(data: Any) -> dict[int, bytes] | None:
    try:
        return fields(data)
    except ValueError:
        return None


def test_members_are_put_into_a_map_whose_number_of_members_stands_far_before() -> None:
    """The first byte counts the members, and the high bits of the others tell of texts."""
    made = list(missing_elements((b"\x81\xa4from\x01",), [("lacks", "to", ())], 4096))
    assert (b"\x82\xa4from\x01\xa2to\x01",) in made


@pytest.mark.parametrize(
    ("data", "binary"), [(b"text", False), ("\u20ac".encode(), False), (b"a\x01", True), (b"\x80", True), (b"", False)]
)
def test_what_is_no_utf_8_is_binary(data: bytes, binary: bool) -> None:
    assert is_binary(data) is binary


def test_long_data_are_told_from_texts_by_their_beginning_and_their_end() -> None:
    for text in (b"a" * 5000, b"a" + "\u00e9\u20ac\U0001f600".encode() * 700, "\u20ac".encode() * 2000):
        for at in (0, 4094, 4095, 4096, 4097, len(text)):
            start = text[:at].decode(errors="ignore").encode()
            assert not is_binary(start + text[len(start) :])
            assert is_binary(start + b"\1" + text[len(start) :])
            assert is_binary(start + b"\xff" + text[len(start) :])


def test_a_length_in_the_low_bits_of_a_byte_is_kept_right() -> None:
    assert b"\x81\xa4from\x01" in list(replace_headed(b"\x81\xa1a\x01", 2, 3, b"from"))
    assert b"\x81\x64from\x01" in list(replace_headed(b"\x81\x61a\x01", 2, 3, b"from"))
    assert list(replace_headed(b"\x81\x01a\x01", 2, 3, b"from")) == [], "the byte is all length"
    assert list(replace_headed(b"a\x01", 0, 1, b"from")) == []
    assert list(replace_headed(b"\x85a", 1, 2, b"from")) == [], "another length"
    assert b"\x81\xa4from\x01" in list(DOMAINS["bytes"].replaced(b"\x81\xa1a\x01", b"a", b"from"))


def test_a_length_that_the_low_bits_cannot_hold_is_not_written() -> None:
    assert set(replace_headed(b"\x81a", 1, 2, b"x" * 32)) == {b"\xa0" + b"x" * 32}
    assert list(replace_headed(b"\x81a", 1, 2, b"x" * 128)) == []
