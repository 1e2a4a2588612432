"""A line is found again after an edit by its text, and by what stands around it."""

from pathlib import Path

import pytest

from fuzztui.engine.work.moved import line_now, source_lines
from fuzztui.protocol.digest import digest_of

BEFORE = """
def one(a):
    if a:
        return 1
    return 2

def two(a):
    if a:
        return 1
    return 3
""".splitlines()


def edited(*changes: tuple[str, str]) -> list[str]:
    text = "\n".join(BEFORE)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.splitlines()


@pytest.mark.parametrize(
    ("line", "now", "wanted"),
    [
        (4, BEFORE, 4),
        (9, BEFORE, 9),
        (9, ["import x", *BEFORE], 10),
        (4, ["import x", "import y", *BEFORE], 6),
        (9, BEFORE[6:], 3),  # the function before is gone
        (4, BEFORE[6:], 3),  # the best there is
        (9, edited(("def two(a):\n    if a:", "class Two:\n    def two(a):\n        if a:")), 10),
        (9, [*BEFORE[6:], *BEFORE[:6]], 3),  # in another order
        (10, edited(("return 3", "return 4")), None),
        (5, [], None),
        (6, BEFORE, None),  # an empty line
        (0, BEFORE, None),
        (99, BEFORE, None),
    ],
)
def test_line_is_found_by_its_text_and_its_neighbours(line: int, now: list[str], wanted: int | None) -> None:
    assert line_now(BEFORE, line, now) == wanted


def test_many_equal_lines_do_not_take_long() -> None:
    before = ["x = 1"] * 20_000
    assert line_now(before, 10_000, ["y = 1", *before]) is not None


def test_source_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"a\nb\xff\n")
    assert source_lines(str(tmp_path / "a.py")) == ("a", "b\ufffd")
    digest = digest_of(b"a\nb\xff\n")
    assert source_lines(str(tmp_path / "a.py"), digest) == ("a", "b\ufffd")
    assert source_lines(str(tmp_path / "a.py"), digest_of(b"")) == ()
    assert source_lines(str(tmp_path / "nowhere.py")) == ()
