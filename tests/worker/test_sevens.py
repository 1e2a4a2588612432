"""Numbers of seven bits a byte are put where they were read."""

import pytest

from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.structure.in_place import put_in_place
from fuzztui.worker.structure.sevens import MAX_PUT, with_sevens
from fuzztui.worker.structure.slices import Slice, Slices

BYTES = tuple((at, at + 1) for at in range(6))


@pytest.mark.parametrize(
    ("data", "old", "new", "made"),
    [
        (b"\x08\x05", 5, 150, b"\x08\x96\1"),
        (b"\x08\x96\1!", 150, 5, b"\x08\x05!"),
        (b"\x08\x96\1!", 150, 300, b"\x08\xac\2!"),
        (b"\x08\x05", 5, 300, b"\x08\x82\x2c"),  # high bits first
        (b"\x08\x05", -3, 75, b"\x08\x96\1"),
        (b"\x08\x04", 2, -3, b"\x08\x05"),
    ],
)
def test_a_number_of_seven_bits_a_byte_takes_the_place_of_one(data: bytes, old: int, new: int, made: bytes) -> None:
    compared: list[Comparison] = [("==", old, new)]
    slices = Slices(numbers=BYTES[: len(data)], compared=compared)
    assert made in list(with_sevens(data, compared, slices))
    assert made in list(put_in_place(data, compared, slices))


def test_it_takes_the_place_of_what_was_read_byte_by_byte_and_the_latest_first() -> None:
    compared: list[Comparison] = [("==", 5, 150)]
    assert list(with_sevens(b"\5\5\5", compared, Slices(numbers=((0, 1), (2, 3)))))[:2] == [
        b"\5\5\x96\1",
        b"\x96\1\5\5",
    ]
    assert list(with_sevens(b"\5\5\5", compared, Slices(numbers=((0, 3),)))) == []
    taken = Slices((Slice(1, 3, 3, 0),), numbers=((0, 1),))
    made = list(with_sevens(b"\5\5\5", compared, taken))
    assert made[0] == b"\x96\1\5\5", "what was read by itself comes first"
    assert b"\5\5\x96\1" in made
    many: list[Comparison] = [("==", 5, 1000 + number) for number in range(100)]
    assert len(list(with_sevens(b"\5\5\5", many, Slices(numbers=BYTES[:3])))) == MAX_PUT


def test_of_long_data_that_are_read_byte_by_byte_the_last_ones_are_looked_at() -> None:
    data = bytes(4000) + b"\1"
    slices = Slices(numbers=tuple((at, at + 1) for at in range(len(data))))
    assert next(with_sevens(data, [("==", 1, 300)], slices)) == bytes(4000) + b"\xac\2"
    assert not list(with_sevens(b"\1" + bytes(4000), [("==", 1, 300)], slices))
