import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.dictionary import BadDictionary, read_dictionary
from fuzztui.engine.options import Limit
from tests.support import Project


def test_tokens_in_the_forms_of_afl_and_libfuzzer(tmp_path: Path) -> None:
    path = tmp_path / "format.dict"
    path.write_bytes(b'# comment\n\nmagic="\\x7fELF"\n"plain"\nkw@2 = "a\\"b\\\\c"  \nempty=""\n')
    assert read_dictionary(path) == (b"\x7fELF", b"plain", b'a"b\\c')


@pytest.mark.parametrize("line", [b"plain", b'"open', b'x="bad\\q"', b'"two" "values"', b'"\\x1"'])
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "format.dict"
    path.write_bytes(b'"good"\n' + line)
    with pytest.raises(BadDictionary, match=r"format\.dict:2: .* want one like"):
        read_dictionary(path)


@pytest.mark.parametrize(
    "content", [b"# comment\n" * 2_000_000, b"\0" * (16 << 20) + b"\n"], ids=["many lines", "one line"]
)
def test_what_is_too_large_for_a_dictionary_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "format.dict"
    path.write_bytes(content)
    with pytest.raises(BadDictionary, match=r"format\.dict: more than 16 MiB"):
        read_dictionary(path)


def test_a_device_without_end_is_read_only_so_far() -> None:
    with pytest.raises(BadDictionary, match="more than 16 MiB"):
        read_dictionary(Path("/dev/zero"))


def test_a_dictionary_may_come_from_a_command(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'"token"\n')
    os.close(writing)
    try:
        assert read_dictionary(Path(f"/dev/fd/{reading}")) == (b"token",)
    finally:
        os.close(reading)


def test_tokens_of_the_dictionary_are_tried(project: Callable[..., Project]) -> None:
    # The comparison is one that no guidance sees through.
    checksum = zlib.crc32(b"open sesame")
    target = project(f"import zlib\ndef fuzz_it(data: bytes):\n    assert zlib.crc32(data[:11]) != {checksum}\n")
    assert target.run(limit=Limit(executions=20_000)).outcome.exit_code == 0
    found = target.run(limit=Limit(executions=20_000), dictionary=(b"open sesame",))
    assert found.outcome.exit_code == 1
    assert found.crashers[0].data[:11] == b"open sesame"
