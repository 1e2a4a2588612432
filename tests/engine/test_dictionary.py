import os
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.request import dictionary
from fuzztui.engine.request.dictionary import BadDictionary, read_dictionary
from fuzztui.engine.request.options import Limit
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "PATIENCE", 0.2)


@pytest.mark.usefixtures("impatient")
def test_nobody_waits_for_what_does_not_come(tmp_path: Path) -> None:
    fifo = tmp_path / "format.dict"
    os.mkfifo(fifo)
    silent_reader, silent_writer = os.pipe()
    ours, theirs = os.openpty()
    try:
        for path in (fifo, Path(f"/dev/fd/{silent_reader}"), Path(os.ttyname(theirs))):
            with pytest.raises(BadDictionary, match="nothing has come from it"):
                read_dictionary(path)
        with pytest.raises(IsADirectoryError):
            read_dictionary(tmp_path)
    finally:
        for descriptor in (silent_reader, silent_writer, ours, theirs):
            os.close(descriptor)


def test_a_writer_who_comes_late_is_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "format.dict"
    os.mkfifo(fifo)
    late = subprocess.Popen(["sh", "-c", f"sleep 0.5; printf '\"a\"\\n' > {fifo}"])
    try:
        assert read_dictionary(fifo) == (b"a",)
    finally:
        late.wait()


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
