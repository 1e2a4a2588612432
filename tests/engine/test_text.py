import sys
import unicodedata

import pytest

from fuzztui.engine.show.text import clock, count, duration, hexdump, one_line, size, visible


def test_what_has_no_glyph_becomes_visible() -> None:
    assert visible("a\x1b]0;title\x07b") == r"a\x1b]0;title\x07b"
    assert visible("\x00\x7f\x85\x9b") == r"\x00\x7f\x85\x9b"
    assert visible("\u202euser\u2066\u200b\ufeff\u2028") == r"\u202euser\u2066\u200b\ufeff\u2028"
    assert visible("\ud800 \ue000 \U000e0001") == r"\ud800 \ue000 \U000e0001"
    assert visible("a\ufe0f\u3164") == r"a\ufe0f\u3164"
    assert visible("\n\t\r") == r"\n\t\r"


def test_no_control_or_format_character_passes() -> None:
    hidden = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    text = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in hidden)
    shown = visible(text, len(text) * 10)
    assert len(text) > 200_000
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.startswith(r"\x00\x01")
    assert shown.endswith(r"\U0010ffff")


def test_text_of_any_script_passes_unchanged() -> None:
    for text in ("plain", "naïve café", "日本語", "Ελλάδα", "עברית", "[/x] [bold]", "back\\slash", "🎉"):
        assert visible(text) == text
        assert one_line(text) == text


def test_multiline_keeps_newlines_and_turns_tabs_into_spaces() -> None:
    assert visible("a\tb\r\nc\n\x1bd\re", multiline=True) == "a   b\nc\n\\x1bd\\re"


@pytest.mark.parametrize("unit", ["x", "\x1b", "\n", "日", "\u202e"])
@pytest.mark.parametrize("multiline", [False, True])
def test_long_text_is_cut_and_says_how_much_is_left_out(unit: str, multiline: bool) -> None:
    shown = visible(unit * 1_000_000, 600, multiline=multiline)
    kept, _, note = shown.rpartition("… (+")
    assert len(kept) <= 600
    left_out = int(note.removesuffix(" characters)").replace(",", ""))
    width = len(visible(unit, multiline=multiline))
    assert left_out == 1_000_000 - 600 // width
    assert kept == visible(unit, multiline=multiline) * (600 // width)


def test_text_that_just_fits_is_not_cut() -> None:
    assert visible("x" * 50, 50) == "x" * 50
    assert visible("x" * 51, 50) == "x" * 50 + "… (+1 characters)"
    assert visible("\x1b" * 5, 20) == r"\x1b" * 5
    assert visible("\x1b" * 5, 19) == r"\x1b" * 4 + "… (+1 characters)"


def test_one_line_is_one_line_of_limited_length() -> None:
    assert one_line("\n\n  first\x1b\nsecond") == r"first\x1b"
    assert one_line("x" * 300, 10) == "x" * 9 + "…"
    assert one_line("x" * 10, 10) == "x" * 10
    assert one_line("\x1b" * 300, 10) == r"\x1b\x1b…"
    assert one_line("") == ""
    assert len(one_line("\u202e" * 1_000_000, 100)) <= 100


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (0, "0 B"),
        (12, "12 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (2100, "2.1 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_500_000_000, "1.5 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes_read_well(n: int, shown: str) -> None:
    assert size(n) == shown


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (0, "0"),
        (7.4, "7"),
        (999, "999"),
        (999.6, "1.00k"),
        (9994, "9.99k"),
        (9996, "10.0k"),
        (31_200, "31.2k"),
        (99_951, "100k"),
        (999_499, "999k"),
        (999_500, "1.00M"),
        (7_410_000, "7.41M"),
        (2e15, "2000T"),
    ],
)
def test_counts_have_three_digits(n: float, shown: str) -> None:
    assert count(n) == shown


@pytest.mark.parametrize(
    ("seconds", "shown", "face"),
    [
        (-1, "0s", "00:00:00"),
        (8.9, "8s", "00:00:08"),
        (59.99, "59s", "00:00:59"),
        (60, "1m 00s", "00:01:00"),
        (125, "2m 05s", "00:02:05"),
        (3599, "59m 59s", "00:59:59"),
        (3780, "1h 03m", "01:03:00"),
        (86_399, "23h 59m", "23:59:59"),
        (200_000, "2d 07h", "55:33:20"),
        (400_000, "4d 15h", "111:06:40"),
    ],
)
def test_durations_read_well(seconds: float, shown: str, face: str) -> None:
    assert duration(seconds) == shown
    assert clock(seconds) == face


def test_hexdump_shows_offset_bytes_and_ascii() -> None:
    assert hexdump(b"hello\x00\xff\x1b world, 0123~") == [
        "00000000  68 65 6c 6c 6f 00 ff 1b 20 77 6f 72 6c 64 2c 20  |hello... world, |",
        "00000010  30 31 32 33 7e                                   |0123~|",
    ]
    assert hexdump(b"abcdef", width=2, limit=3) == ["00000000  61 62  |ab|", "00000002  63     |c|", "… 3 more bytes"]
    assert hexdump(b"") == []
