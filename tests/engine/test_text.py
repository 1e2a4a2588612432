import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from fuzztui.engine.show.text import (
    Visible,
    clock,
    command,
    command_in,
    count,
    duration,
    hexdump,
    joined,
    json_line,
    label,
    lines_of,
    one_line,
    os_error,
    path_word,
    piece,
    repeated,
    say,
    shell_word,
    size,
    visible,
)


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


def test_what_is_visible_already_stays_as_it_is() -> None:
    shown = visible("\x1b\\ü\n", multiline=True)
    assert visible(shown, multiline=True) is shown
    assert visible(shown) == "\\x1b\\ü\\n"
    assert visible(shown, 6, multiline=True) == "\\x1b\\ü… (+1 characters)"


def test_values_in_a_sentence_are_visible_and_its_own_newlines_stay() -> None:
    assert say("{}:\n{:>3} {:,} {:.1f}", "a\x1b\n", visible("b"), 1_000, 0.25) == "a\\x1b\\n:\n  b 1,000 0.2"
    assert say("{}", Path("\udcff\u202e")) == "\\udcff\\u202e"
    assert say("{}", visible("a\nb", multiline=True)) == "a\nb"
    assert say("{}") == "{}"
    assert say("\x1b") == "\\x1b"
    assert joined("; ", (visible("a\n"), visible("b"))) == "a\\n; b"


def test_every_way_to_make_a_text_makes_it_visible() -> None:
    made = [
        visible("x"), one_line("x"), say("{}", 1), label("x"), joined("", ()), lines_of(label("x"))[0], size(1),
        piece(label("x"), 0), repeated(label("x"), 2), os_error(OSError(2, "x")), json_line("x"), shell_word("x"),
        command("x"), command_in("ascii", label("x")), count(1), duration(1), clock(1), hexdump(b"x")[0],
    ]  # fmt: skip
    assert {type(text) for text in made} == {Visible}


def test_an_error_of_the_system_is_told_with_its_path_where_it_has_one() -> None:
    assert os_error(FileNotFoundError(2, "No such file", "a\x1b")) == "a\\x1b: No such file"
    assert os_error(PermissionError(13, "Denied", b"\xff")) == "\\udcff: Denied"
    assert os_error(OSError(28, "No space left")) == "No space left"
    assert os_error(OSError("closed")) == "closed"
    assert os_error(OSError()) == "OSError"
    assert os_error(OSError(28, "No space left", "a"), Path("b")) == "b: No space left"
    assert os_error(OSError(28, "No space left", "a"), "") == "No space left"


def test_json_has_no_character_that_a_terminal_obeys() -> None:
    line = json_line({"a": "\x1b\x7f\x9b\u202e\ud800\n"})
    assert line.isascii()
    assert line.isprintable()


WORDS = (
    "plain",
    "",
    "a b",
    "it's",
    "-x",
    "ü",
    "日本 '",
    "\x1b[31m",
    "a\nb",
    "\u202e$x`",
    "\udcff'\\",
    "\x01f",
    "\\x41'\t",
)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_shell_reads_a_command_as_its_words(encoding: str) -> None:
    line = command_in(encoding, command("printf", r"%s\0", *WORDS))
    assert line.isprintable()
    assert line.isascii() or encoding == "utf-8"
    said = subprocess.run(["bash", "-c", line.encode()], capture_output=True, check=True).stdout
    assert said.split(b"\0")[:-1] == [os.fsencode(word) for word in WORDS]


def test_a_path_is_never_taken_for_an_option() -> None:
    assert [path_word(path) for path in ("-x.py", "a/-x.py", "--")] == ["./-x.py", "a/-x.py", "./--"]
