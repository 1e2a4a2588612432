"""The inputs that have to run before another are kept in a file that people can read, and that Git may change the line
ends of."""

from pathlib import Path

import pytest

from fuzztui.engine.keep.before import (
    MalformedTailError,
    folder_of,
    longest_before,
    read_before,
    remove_before,
    write_before,
)
from fuzztui.engine.keep.storage import Folder, contents

NAME = "ab" * 32
INPUTS = (b"", b"text", b"\x00\xff\r\n'\"\\", b"'''", bytes(range(256)))


@pytest.fixture
def home(tmp_path: Path) -> Folder:
    return Folder(tmp_path, ("home",))


@pytest.fixture
def refuge(tmp_path: Path) -> Folder:
    return Folder(tmp_path, ("refuge",))


def test_what_is_written_is_read(home: Folder, refuge: Folder) -> None:
    assert read_before((home, refuge), NAME) is None
    write_before(home, refuge, NAME, INPUTS)
    assert read_before((home, refuge), NAME) == INPUTS
    assert not refuge.path.exists()
    write_before(home, refuge, NAME, INPUTS[1:2])
    assert read_before((home,), NAME) == INPUTS[1:2], "a shorter one takes its place"
    write_before(home, refuge, NAME, ())
    assert read_before((home,), NAME) == ()
    remove_before((home, refuge), NAME)
    assert read_before((home,), NAME) is None


def test_other_line_ends_change_nothing(home: Folder, refuge: Folder) -> None:
    write_before(home, refuge, NAME, INPUTS)
    path = folder_of(home) / NAME
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_before((home,), NAME) == INPUTS


def test_what_finds_no_place_goes_elsewhere(home: Folder, refuge: Folder) -> None:
    home.path.write_text("no folder")
    write_before(home, refuge, NAME, INPUTS)
    assert read_before((home, refuge), NAME) == INPUTS
    refuge.path.rename(refuge.path.with_name("gone"))
    refuge.path.write_text("no folder")
    with pytest.raises(NotADirectoryError):
        write_before(home, refuge, NAME, INPUTS)


def test_it_lies_where_nobody_looks_for_inputs(home: Folder, refuge: Folder) -> None:
    write_before(home, refuge, NAME, INPUTS)
    assert [path for path, content in contents(home, 1 << 20) if isinstance(content, bytes)] == []


def test_no_input_in_it_is_longer_than_is_said(home: Folder, refuge: Folder) -> None:
    assert longest_before((home, refuge)) == 0
    write_before(home, refuge, NAME, INPUTS)
    assert longest_before((home, refuge)) >= 256


@pytest.mark.parametrize("line", ["", "1", "'text'", "b'", "print()", "[b'']", "(" * 5000, "\x00"])
def test_what_is_no_list_of_inputs_is_told_with_its_path(home: Folder, line: str) -> None:
    path = folder_of(home) / NAME
    path.parent.mkdir(parents=True)
    path.write_text(f"fuzztui inputs that run before, v1\n{line}\n" if line else line)
    with pytest.raises(MalformedTailError) as raised:
        read_before((home,), NAME)
    assert raised.value.filename == str(path) or raised.value.filename == path
