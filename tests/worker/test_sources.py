"""A worker tells which version of each file of the code under test it has loaded."""

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Source
from fuzztui.worker.instrumentation import sources
from fuzztui.worker.instrumentation.sources import SourceNotes

PROGRAM = """
import importlib, sys
from fuzztui.worker.instrumentation.importer import install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.sources import SourceNotes
notes = []
wanted = selection(b"import wanted, json", (), ("left",))
install(ProbeMap(), wanted, sources=SourceNotes(notes.append))
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        print(type(error).__name__)
for note in notes:
    assert note.module in sys.modules or note.module in sys.argv
    print(note.file.decode().rpartition("/")[2], note.digest.hex(), note.is_fresh)
"""


def noted(folder: Path, *modules: str) -> list[list[str]]:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), *modules], capture_output=True, text=True, check=True
    )
    return [line.split() for line in finished.stdout.splitlines()]


def expected(path: Path) -> list[str]:
    return [path.name, digest_of(path.read_bytes()).hex(), "False"]


def test_instrumented_and_other_modules_of_the_project_are_noted(tmp_path: Path) -> None:
    for name in ("wanted", "left"):
        (tmp_path / f"{name}.py").write_text(f"x = '{name}'\n")
    assert noted(tmp_path, "wanted", "left") == [expected(tmp_path / "wanted.py"), expected(tmp_path / "left.py")]


def test_of_the_standard_library_only_what_is_instrumented_is_noted(tmp_path: Path) -> None:
    names = [name for name, *_ in noted(tmp_path, "json", "colorsys")]
    assert "decoder.py" in names
    assert "colorsys.py" not in names


@pytest.mark.parametrize("name", ["wanted", "left"])
def test_a_module_that_cannot_be_compiled_is_noted_before_that_is_seen(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("x = (\n")
    assert noted(tmp_path, name) == [["SyntaxError"], expected(tmp_path / f"{name}.py")]


def test_bytecode_alone_is_noted(tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text("x = 1\n")
    py_compile.compile(str(tmp_path / "alone.py"), str(tmp_path / "alone.pyc"), doraise=True)
    (tmp_path / "alone.py").unlink()
    assert noted(tmp_path, "alone") == [expected(tmp_path / "alone.pyc")]


def test_a_file_that_has_been_written_since_is_fresh_and_each_version_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("1")
    os.utime(path, (0, 0))
    told: list[Source] = []
    notes = SourceNotes(told.append)
    notes.note("m", str(path))
    notes.note("m", str(path))
    path.write_text("2")
    os.utime(path, (1 << 33, 1 << 33))
    notes.note("m", str(path))
    assert [(note.file, note.digest, note.is_fresh) for note in told] == [
        (os.fsencode(path), digest_of(b"1"), False),
        (os.fsencode(path), digest_of(b"2"), True),
    ]


def test_what_cannot_be_read_is_for_others_to_tell(tmp_path: Path) -> None:
    told: list[Source] = []
    SourceNotes(told.append).note("m", str(tmp_path / "missing"))
    SourceNotes(told.append).note("m", str(tmp_path))
    assert told == []


EDITED = """
import linecache, sys, traceback
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.instrumentation.importer import install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.sources import SourceNotes
wanted = selection(b"import wanted", (), ("left",))
notes = SourceNotes(lambda note: None)
install(ProbeMap(), wanted, sources=notes)
sys.path.insert(0, sys.argv[1])
for name in ("wanted", "left"):
    module = __import__(name)
    buckets = Buckets(lambda name, file: True, notes.show_as_loaded)
    if "edit" in sys.argv:
        with open(module.__file__, "w") as stream:
            stream.write("# another line\\n\\n\\ndef f(): raise KeyError(2)\\n")
        linecache.checkcache()
    try:
        module.f()
    except ValueError as error:
        print(buckets.identity(error).bucket, traceback.extract_tb(error.__traceback__)[-1].line)
"""


def test_a_file_that_is_edited_does_not_change_what_the_code_that_runs_is_known_by(tmp_path: Path) -> None:
    """Neither the identity of a failure nor the lines of its traceback; with probes and without."""
    for name in ("wanted", "left"):
        content = "# \x0c \u2028\r\n\r\ndef f():\r\n    g = '\u00e4\u00f6'; raise ValueError(1)"
        (tmp_path / f"{name}.py").write_bytes(content.encode())
    command = [sys.executable, "-c", EDITED, str(tmp_path)]
    before = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [line.split(maxsplit=1)[1] for line in before.splitlines()] == [
        "g = '\u00e4\u00f6'; raise ValueError(1)",
        "g = '\u00e4\u00f6'; raise ValueError(1)",
    ]
    assert subprocess.run([*command, "edit"], capture_output=True, text=True, check=True).stdout == before


def test_a_program_that_loads_files_without_end_is_told_of_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_NOTES", 3)
    told: list[Source] = []
    notes = SourceNotes(told.append)
    for number in range(10):
        (tmp_path / f"{number}.py").touch()
        notes.note("m", str(tmp_path / f"{number}.py"))
    assert len(told) == 3
