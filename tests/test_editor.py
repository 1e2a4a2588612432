"""A failing line is opened in the editor that a person has set, in the words that the editor takes."""

from pathlib import Path

import pytest

from fuzztui.outside.editor import command_for, open_at


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"EDITOR": "vi"}, ["vi", "+7", "/a b.py"]),
        ({"EDITOR": "/usr/bin/nvim -R"}, ["/usr/bin/nvim", "-R", "+7", "/a b.py"]),
        ({"EDITOR": "nano"}, ["nano", "+7", "/a b.py"]),
        ({"EDITOR": "emacsclient -t"}, ["emacsclient", "-t", "+7", "/a b.py"]),
        ({"EDITOR": "vi", "VISUAL": "code --wait"}, ["code", "--wait", "--goto", "/a b.py:7"]),
        ({"EDITOR": "hx", "VISUAL": ""}, ["hx", "/a b.py:7"]),
        ({"EDITOR": "'my editor' -x"}, ["my editor", "-x", "/a b.py"]),
        ({"EDITOR": "  "}, []),
        ({}, []),
    ],
)
def test_editor_is_asked_for_the_line_in_its_own_words(environ: dict[str, str], words: list[str]) -> None:
    assert command_for(environ, "/a b.py", 7) == words


def test_what_cannot_be_opened_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.py"
    file.write_text("")
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    assert open_at(f"{file}:3") == "No editor is set: put its name into $VISUAL or $EDITOR."
    assert "is not there" in open_at(f"{tmp_path}/b.py:3")
    monkeypatch.setenv("EDITOR", "'unclosed")
    assert "is no command" in open_at(f"{file}:3")
    monkeypatch.setenv("EDITOR", str(tmp_path / "no-such-editor"))
    assert "cannot be started" in open_at(f"{file}:3")
    monkeypatch.setenv("EDITOR", "false")
    assert open_at(f"{file}:3") == "false ended with status 1."
    monkeypatch.setenv("EDITOR", "sh -c 'kill -TERM $$'")
    assert open_at(f"{file}:3") == "sh was ended by SIGTERM."


def test_editor_gets_the_file_and_its_end_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, said = tmp_path / "a.py", tmp_path / "said"
    file.write_text("")
    editor = tmp_path / "nano"
    editor.write_text(f'#!/bin/sh\nsleep 0.1\necho "$@" > {said}\n')
    editor.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    assert open_at(f"{file}:12") == ""
    assert said.read_text() == f"+12 {file}\n"
