"""Runs of letters and digits come in groups."""

from fuzztui.worker.grammar.grouped import MAX_GROUPED, Widths, grouped_runs
from tests.worker.world import inhabited


def _made(text: bytes, signs: tuple[str, ...], *widths: int) -> list[object]:
    return [made for (made,) in grouped_runs((text,), 1000, signs, widths)]


def test_each_run_and_all_of_them_stand_in_groups() -> None:
    assert _made(b"n=1234567;ab12", (" ",), 3) == [
        b"n=123 456 7;ab1 2",
        b"n=1234567;ab1 2",
        b"n=1234567;a b12",
        b"n=123 456 7;ab12",
        b"n=1 234 567;ab12",
    ]
    assert _made(b"123456", ("-", ":"), 2) == [b"12-34-56", b"12:34:56"]


def test_what_is_short_or_long_or_is_split_at_nothing_stays_as_it_is() -> None:
    assert _made(b"ab", (" ",), 1) == _made(b"abcd", (" ",), 4) == _made(b"abcd", (), 2) == []
    assert _made(b"a" * 2000, (" ",), 2) == []
    assert list(grouped_runs((b"123456",), 7, (" ",), (2,))) == []
    assert len(_made(b"abcdef " * 50, tuple(" :,;"), 2, 3, 4, 5)) == MAX_GROUPED


def test_how_long_groups_are_is_what_other_numbers_were_compared_with() -> None:
    widths = Widths()
    assert widths.latest() == [4, 2, 3]
    widths.add([("!=", 3, 5), ("==", "a", "b"), ("<", 100, 8), ("!=", 1, 100), ("==", 2, 1), ("in", 2, 7)])
    assert widths.latest() == [8, 5, 4, 2]
    widths.add([("!=", 3, 5)])
    assert widths.latest() == [5, 8, 4, 2]
    for width in range(2, 17):
        widths.add([("!=", 0, width)])
    assert widths.latest() == [16, 15, 14, 13]


CARDS = """
class Passed(Exception):
    pass


def fuzz(data):
    try:
        kind, _, number = data.decode().partition("=")
    except ValueError:
        return
    if kind != "card":
        return
    groups = number.split("-")
    if len(groups) > 1 and any(len(group) != 5 for group in groups):
        return
    digits = "".join(groups)
    if len(digits) != 20 or not digits.isdigit():
        return
    if len(groups) > 1:
        raise Passed
"""


def test_a_number_in_groups_is_found() -> None:
    with inhabited(CARDS) as world:
        assert world.search(b"", 20_000) is not None
