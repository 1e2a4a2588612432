"""Stored inputs that no target reads are told of, with the place where they belong; nobody else's files are."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.unread import unread_inputs

TARGET = "def {}(data: bytes) -> None: pass\n"
OURS = sha256(b"x").hexdigest()


def make(folder: Path, files: dict[str, str], **stored: str) -> list[Path]:
    """`files`: content by name; `stored`: name of a file by the folder that it lies in, `__` for a dot."""
    for name, content in files.items():
        (folder / name).write_text(content)
    for name, file in stored.items():
        place = folder / "testdata" / "corpus" / name.replace("__", ".")
        place.mkdir(parents=True, exist_ok=True)
        (place / file).write_bytes(b"x")
    return [folder / name for name in files]


def test_a_namesake_that_was_renamed_is_told_where_its_inputs_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = TARGET.format("fuzz_it")
    files = make(tmp_path, {"new.py": target, "b.py": target}, old__fuzz_it="one", b__fuzz_it="two")
    assert unread_inputs(files) == [
        "testdata/corpus/old.fuzz_it holds 1 input that nothing reads, since old.py has no target fuzz_it (any more): "
        "move it to testdata/corpus/new.fuzz_it, or remove the folder"
    ]
    (tmp_path / "testdata/corpus/old.fuzz_it").rename(tmp_path / "testdata/corpus/new.fuzz_it")
    assert unread_inputs(files) == []


CASES: dict[str, tuple[dict[str, str], dict[str, str], list[str]]] = {
    "the last namesake": ({"b.py": TARGET.format("fuzz_it")}, {"a__fuzz_it": "one"}, ["testdata/corpus/fuzz_it,"]),
    "a function with another name": ({"a.py": TARGET.format("fuzz_b")}, {"fuzz_a": OURS}, ["testdata/corpus/fuzz_b,"]),
    "a namesake's function": (
        {"a.py": TARGET.format("fuzz_b"), "b.py": TARGET.format("fuzz_a")},
        {"a__fuzz_a": "one"},
        ["testdata/corpus/fuzz_a,"],
    ),
    "among namesakes": (
        {"a.py": TARGET.format("fuzz_a"), "b.py": TARGET.format("fuzz_a")},
        {"gone": OURS},
        ["testdata/corpus/a.fuzz_a or testdata/corpus/b.fuzz_a,"],
    ),
    "several": ({"a.py": TARGET.format("fuzz_a")}, {"x": OURS, "y__fuzz_a": "1", "z": OURS}, ["x ", "y.fuzz_a ", "z "]),
    "many": (
        {"a.py": TARGET.format("fuzz_a")},
        {"v": OURS, "w": OURS, "x": OURS, "y": OURS, "z": OURS},
        ["holds 5 inputs that nothing reads, since no target here is called v, w, x or one of 2 others:"],
    ),
    "its own": ({"a.py": TARGET.format("fuzz_a")}, {"fuzz_a": OURS}, []),
    "its own by its file": ({"a.py": TARGET.format("fuzz_a")}, {"a__fuzz_a": OURS}, []),
    "somebody's samples": ({"a.py": TARGET.format("fuzz_a")}, {"valid": "1.json", "a__b": "2.json"}, []),
    "a file that cannot be parsed": ({"a.py": TARGET.format("fuzz_a"), "b.py": "def fuzz_b(:\n"}, {"fuzz_b": OURS}, []),
    "a namesake that cannot be parsed": ({"a.py": "def fuzz_a(:\n"}, {"a__fuzz_a": OURS}, []),
    "a target that lacks an annotation": ({"a.py": "def fuzz_a(data): pass\n"}, {"fuzz_a": OURS, "a__fuzz_a": "1"}, []),
    "no inputs": ({"a.py": TARGET.format("fuzz_a")}, {"fuzz_gone": ".gitignore"}, []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_no_target_reads_is_told_and_what_one_may_read_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    files, stored, words = CASES[case]
    sentences = unread_inputs(make(tmp_path, files, **stored))
    assert len(sentences) == len(words)
    assert all(word in sentence for word, sentence in zip(words, sentences, strict=True))


def test_a_folder_without_stored_inputs_is_not_searched(tmp_path: Path) -> None:
    assert unread_inputs(make(tmp_path, {"a.py": TARGET.format("fuzz_a")})) == []


@pytest.mark.processes
@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("test",),
        ("run", "new.py", "-j1", "-t20x", "--headless"),
        ("run", "new.py", "-j1", "-t20x", "--json"),
    ],
    ids=" ".join,
)
@pytest.mark.mostly_soak(1)
def test_each_command_says_it_once_and_does_its_work(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    target = TARGET.format("fuzz_it")
    make(tmp_path, {"new.py": target, "b.py": target}, old__fuzz_it="one", b__fuzz_it="two")
    done = subprocess.run(
        [sys.executable, "-m", "fuzztui", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    said = "move it to testdata/corpus/new.fuzz_it, or remove the folder"
    if "--json" in arguments:
        events = map(json.loads, done.stdout.splitlines())
        assert [said in event["message"] for event in events if event["event"] == "warning"] == [True]
    else:
        assert done.stderr.count(said) == 1
