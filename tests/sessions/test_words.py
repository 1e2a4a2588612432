"""What is typed wrong of `attach`, `replay-session` and `init` is told in one sentence, with what to type instead."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.cli import command_line
from fuzztui.commands.attach import meant_by
from fuzztui.engine.show.text import say
from fuzztui.sessions import running
from fuzztui.sessions.running import Running
from tests.support import assert_one_sentence, commands

Said = Callable[..., str]

RECORDING = ".fuzztui/sessions/fuzz_it.py/fuzz_it/20260102-030405.jsonl"
LATER = ".fuzztui/sessions/fuzz_it.py/fuzz_other/20260203-030405.jsonl"

FILES = {
    "pyproject.toml": "",
    "fuzz_it.py": "def fuzz_it(data: bytes): ...\n",
    "fuzz_new.py": "def fuzz_new(data: bytes): ...\n",
    "lib/parse.py": "def decode(data: bytes) -> str: ...\n",
    "notes.txt": "hello\n",
    RECORDING: "",
    RECORDING.replace(".jsonl", ".log"): "",
    RECORDING.replace(".jsonl", "/plot_data"): "",
    LATER: "",
}


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What is printed for a command line that is wrong, in this process."""
    for name, source in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.chdir(tmp_path)

    def say(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["fuzztui", *words])
        status = command_line()
        printed = capsys.readouterr()
        assert status == 2, printed
        assert printed.out == ""
        return printed.err

    return say


WRONG: list[tuple[str, str, list[str]]] = [
    ("replay-session", "wants FILE: a recorded run", [f"replay-session {LATER}", f"replay-session {RECORDING}"]),
    ("replay-session --speed 4", "wants FILE", [f"replay-session --speed 4 {x}" for x in (LATER, RECORDING)]),
    (f"replay-session {RECORDING} --speed x", "--speed: 'x' is not possible, want a number from 0.25 to 128", []),
    (f"replay-session {RECORDING} --speed 2x", "--speed: '2x' is not possible", []),
    (f"replay-session {RECORDING} --speed 0", "--speed: '0' is not possible, want a number from 0.25", []),
    (f"replay-session {RECORDING} --speed nan", "--speed: 'nan' is not possible", []),
    (f"replay-session {RECORDING} --speed=1e9", "--speed: '1e9' is not possible", []),
    (f"replay-session {RECORDING} --speed", "--speed lacks its value, want a number from 0.25 to 128", []),
    (f"replay-session {RECORDING} --sped 4", "no option --sped", [f"replay-session {RECORDING} --speed 4"]),
    (f"replay-session {RECORDING} 4", "'4' is a word too many", []),
    (f"replay-session {RECORDING}", "it is empty, want a run that fuzztui has recorded", []),
    ("replay-session nowhere.jsonl", "nowhere.jsonl: No such file", []),
    ("replay-session notes.txt", "want a run that fuzztui has recorded", []),
    ("replay-session .", "choose one", [f"replay-session {LATER}", f"replay-session {RECORDING}"]),
    ("replay-session .fuzztui", "choose one", [f"replay-session {LATER}", f"replay-session {RECORDING}"]),
    ("replay-session lib", "nothing is recorded there", []),
    ("replay-session fuzz_it.py", "choose one", [f"replay-session {LATER}", f"replay-session {RECORDING}"]),
    (
        "replay-session fuzz_it.py::fuzz_it",
        "is no recording",
        [f"replay-session {LATER}", f"replay-session {RECORDING}"],
    ),
    ("replay-session fuzz_new.py", "nothing is recorded there; fuzztui run TARGET records", []),
    (f"replay-session {RECORDING[:-6]}.log", "is no recording, did you mean", [f"replay-session {RECORDING}"]),
    (f"replay-session {RECORDING[:-6]}", "is no recording, did you mean", [f"replay-session {RECORDING}"]),
    (f"replay_session {RECORDING}", "no command replay_session", [f"replay-session {RECORDING}"]),
    (f"play {RECORDING}", "no command play", [f"replay-session {RECORDING}"]),
    ("session x", "no command session", ["replay-session x"]),
    ("attach", "no run goes on without a terminal, this starts one", ["run --detach TARGET"]),
    ("attach zzz", "no run goes on without a terminal, this starts one", ["run --detach TARGET"]),
    ("attach fuzz_it.py", "no run goes on without a terminal", ["run --detach fuzz_it.py"]),
    ("attach fuzz_it.py::fuzz_it", "no run goes on without a terminal", ["run --detach fuzz_it.py::fuzz_it"]),
    ("attach a b", "'b' is a word too many", []),
    ("attach --list a", "--list shows every run", ["attach a"]),
    ("attach --lst", "no option --lst", ["attach --list"]),
    ("attach --list=yes", "--list takes no value", ["attach --list"]),
    ("atach x", "no command atach", ["attach x"]),
    ("detach fuzz_it.py", "no command detach", ["run --detach fuzz_it.py"]),
    ("ps", "no command ps", ["attach --list"]),
    ("sessions", "no command sessions", ["attach --list"]),
    ("--attach x", "attach is a command, not an option", ["attach x"]),
    ("init", "wants FUNCTION: `package.module:function`", ["init package.module:function"]),
    ("init lib/parse.py:decode", "lib/parse.py is no module's name", ["init lib/parse.py::decode"]),
    ("init lib/parse:decode", "lib/parse is no module's name", ["init lib/parse.py::decode"]),
    ("init lib/parse", "lib/parse is no module's name", ["init lib/parse.py"]),
    ("init lib/parse::decode", "there is no file lib/parse", ["init lib/parse.py::decode"]),
    ("init :decode", "is no module's name", ["init package.module:decode"]),
    ("init lib/nowhere.py:x", "there is no file lib/nowhere.py", []),
    ("init lib/parse.py decode", "'decode' is a word too many", []),
    ("init os.path:nothing", "posixpath has no function nothing", []),
    ("create lib/parse.py::decode", "no command create", ["init lib/parse.py::decode"]),
    ("init lib/parse.py::decode -o x.txt", "does not end in .py", []),
    ("init lib/parse.py::decod", "has no function decod, want decode", []),
]


@pytest.mark.parametrize(("words", "sentence", "right"), WRONG, ids=[each[0] for each in WRONG])
def test_what_is_typed_wrong_is_told_with_what_is_right(
    said: Said, words: str, sentence: str, right: list[str]
) -> None:
    printed = said(*words.split())
    assert_one_sentence(printed)
    assert "behind the target" not in printed
    assert sentence in printed
    assert commands(printed) == [f"fuzztui {each}" for each in right]


def test_function_that_is_typed_as_a_call_is_that_function(said: Said) -> None:
    assert "fuzz_decode.py" in said("init", "lib/parse.py::decode()", "-o", "fuzz_decode.txt").replace(".txt", ".py")
    assert "posixpath has no function zzz" in said("init", "os.path:zzz()")


# Which run is meant -----------------------------------------------------------------------------------------------


def going_on(folder: Path, *names: str) -> list[Running]:
    return [
        Running(
            str(4710 + at),
            4710 + at,
            say("{}", name),
            folder / "fuzz_it.py",
            name,
            folder / "log",
            f"2026-0{at + 1}-01",
        )
        for at, name in enumerate(names)
    ]


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("", ["4710", "4711"]),
        ("4711", ["4711"]),
        ("fuzz_b", ["4711"]),
        ("fuzz_it.py::fuzz_b", ["4711"]),
        ("fuzz_it.py:fuzz_b", ["4711"]),
        ("./fuzz_it.py::fuzz_a", ["4710"]),
        ("fuzz_it.py", ["4710", "4711"]),
        ("fuzz_it", ["4710", "4711"]),
        ("47", ["4710", "4711"]),
        ("zzz", []),
        ("elsewhere/fuzz_it.py", []),
        ("fuzz_it.py::fuzz_c", []),
    ],
)
def test_word_names_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, ids: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert [each.id for each in meant_by(going_on(tmp_path, "fuzz_a", "fuzz_b"), word)] == ids


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("zzz", "no run of zzz goes on without a terminal, but these do"),
        ("", "2 runs go on without a terminal, choose one"),
        ("fuzz_it.py", "2 runs go on without a terminal, choose one"),
    ],
)
def test_runs_are_named_where_it_is_not_clear_which_is_meant(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, sentence: str
) -> None:
    alive = going_on(tmp_path, "fuzz_a", "fuzz_b")
    monkeypatch.setattr(running, "known", lambda: (alive, []))
    printed = said("attach", *[word] * bool(word))
    assert_one_sentence(printed)
    assert "behind the target" not in printed
    assert sentence in printed
    assert commands(printed) == [f"fuzztui attach {each.id}  ({each.target}, since {each.started})" for each in alive]
    monkeypatch.setattr(running, "known", lambda: ([replace(alive[0])], []))
    assert "but this does" in said("attach", "zzz")
