import tracemalloc
from random import Random
from typing import Any

from fuzztui.worker.mutate.sized import replace_sized, shortening
from fuzztui.worker.trimming import trim


def test_what_is_not_needed_is_cut_away() -> None:
    shorter, used = trim((b"junk before KEY junk after it", 7, True), lambda a: b"KEY" in a[0], 200)
    assert shorter == (b"KEY", 7, True)
    assert used <= 200


def test_every_text_argument_is_trimmed() -> None:
    shorter, _ = trim(("aaaa*aaaa", b"bbbb+bb"), lambda a: "*" in a[0] and b"+" in a[1], 200)
    assert shorter == ("*", b"+")


def test_what_keeps_nothing_is_returned_as_it_was() -> None:
    assert trim((b"abc",), lambda _: False, 100)[0] == (b"abc",)
    assert trim((b"", 3, "x"), lambda _: False, 100)[0] == (b"", 3, "x")


def test_no_more_tries_than_allowed_are_made_and_the_last_kept_one_counts() -> None:
    tried: list[Any] = []

    def keeps(candidate: tuple[Any, ...]) -> bool:
        tried.append(candidate)
        return len(tried) % 2 == 1

    shorter, used = trim((b"0123456789" * 10,), keeps, 9)
    assert used == len(tried) == 9
    assert shorter == tried[8]


def test_pieces_are_cut_out_of_what_their_length_precedes() -> None:
    def is_sound(data: bytes) -> bool:
        at = 0
        while at < len(data):
            length = data[at]
            if at + 1 + length > len(data):
                return False
            at += 1 + length
        return True

    data = b"\x04abcd" + b"\x08junkKEYx" + b"\x02ef"
    shorter, _ = trim((data,), lambda a: is_sound(a[0]) and b"KEY" in a[0], 200)
    assert shorter == (b"\x00\x03KEY",)  # what has become empty is behind the cut and stays


def test_lengths_of_every_kind_are_adjusted_to_what_is_cut() -> None:
    def tried(data: bytes) -> list[bytes]:
        made: list[bytes] = []

        def keeps(arguments: tuple[Any, ...]) -> bool:
            made.append(arguments[0])
            return False

        trim((data,), keeps, 2000)
        return made

    assert b"\0\x80" in tried(b"\0\x82ab"), "in the low bits of a byte"
    for before in (b"\0", b"\0" + b"y" * 300):
        assert before + b"(2:cd)" in tried(before + b"(4:abcd)"), "in digits"


def test_what_is_cut_has_its_lengths_adjusted_as_what_is_replaced() -> None:
    random = Random(1)
    for _ in range(3000):
        data = bytes(random.choice((random.randrange(256), random.randrange(20))) for _ in range(random.randrange(150)))
        start = random.randrange(len(data) + 1)
        end = random.randrange(start, len(data) + 1)
        assert shortening(data)(start, end) == replace_sized(data, start, end, b"")


def test_lengths_in_a_megabyte_take_no_memory_but_that_of_the_data() -> None:
    data = b"\1\2\3\4" * 250_000
    tracemalloc.start()
    try:
        shortened = shortening(data)(500_000, 500_002)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert shortened == replace_sized(data, 500_000, 500_002, b"")
    assert most < 4 * len(data)


def test_an_argument_can_be_cut_to_nothing() -> None:
    assert trim((b"xyz",), lambda _: True, 50)[0] == (b"",)
