"""A person's settings: what is wrong is said with its place, and a theme is remembered without touching the rest."""

import os
from pathlib import Path

import pytest

from fuzztui.settings import Signal, read_settings, remember_theme, settings_file, with_theme


def test_file_is_where_xdg_has_it() -> None:
    assert settings_file({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}) == Path("/x/fuzztui/config.toml")
    assert settings_file({"XDG_CONFIG_HOME": "rel", "HOME": "/h"}) == Path("/h/.config/fuzztui/config.toml")
    assert settings_file({"HOME": ""}) is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "nord"\nnotify = ["bell", "osc777"]\n[keys]\nworker.stop = "x"\n"app.quit" = "Q,f10"\n')
    settings = read_settings(file)
    assert (settings.theme, settings.notify, settings.problems) == ("nord", (Signal.BELL, Signal.OSC777), ())
    assert {name: (key.keys, key.line) for name, key in settings.keys.items()} == {
        "worker.stop": ("x", 4),
        "app.quit": ("Q,f10", 5),
    }
    assert read_settings(tmp_path / "none.toml").problems == ()
    assert read_settings(None).problems == ()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (b'theme = "nord\n', ":1: ", "is not TOML"),
        (b"\n\nb ==\n", ":3: ", "is not TOML"),
        (b"a = [\n1,\n", ":", "is not TOML"),
        (b"\ntheme = 3\n", ":2: ", "theme is 3"),
        (b'notify = "ring"\n', ":1: ", "bell, osc9, osc777"),
        (b'notify = ["bell",\n 7]\n', ":1: ", "notify is 7"),
        (b'# mine\ntheem = "nord"\n', ":2: ", "want theme"),
        (b"keys = 3\n", ":1: ", "want a table"),
        (b'[keys]\nworker.stop = ["x"]\n', ":2: ", "want keys in quotes"),
        (b'[keys.worker]\n\nstop = ""\n', ":3: ", "want keys in quotes"),
        (b'theme = "\xff"\n', ":1: ", "is not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: bytes, place: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text)
    (problem,) = read_settings(file).problems
    assert f"{file}{place}" in problem
    assert words in problem
    assert "\n" not in problem


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_said_and_not_waited_for(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(file := tmp_path / "config.toml")
    (problem,) = read_settings(file).problems
    assert str(file) in problem


def test_hostile_text_of_the_file_is_spelled_out(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('"\\u001b]0;x\\u0007" = 1\n[keys]\n"\\u202e" = 2\n')
    problems = read_settings(file).problems
    assert len(problems) == 2
    assert all(problem.isprintable() for problem in problems)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "nord"\n'),
        ('[keys]\na = "x"', 'theme = "nord"\n[keys]\na = "x"'),
        ('# mine\ntheme = "a"  # dark\n', '# mine\ntheme = "nord"  # dark\n'),
        ("notify = []\ntheme='a'", 'notify = []\ntheme="nord"'),
        ('[keys]\ntheme = "x"\n', 'theme = "nord"\n[keys]\ntheme = "x"\n'),
        ("theme = 3\n", 'theme = "nord"\n'),
    ],
)
def test_theme_is_written_and_nothing_else_is_changed(before: str, after: str) -> None:
    assert with_theme(before, "nord") == after


@pytest.mark.parametrize("text", ['theme = """\na\n"""\n', "theme = ", 'x = """\ntheme = "a"\n"""\n'])
def test_file_that_would_be_changed_otherwise_stays_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    problem = remember_theme(read_settings(file), "nord")
    assert file.read_text() == text
    assert "Not remembered" in problem


def test_theme_is_remembered_where_there_was_no_file_and_through_a_link(tmp_path: Path) -> None:
    file = tmp_path / "new" / "fuzztui" / "config.toml"
    assert remember_theme(read_settings(file), "nord") == ""
    assert read_settings(file).theme == "nord"
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    assert remember_theme(read_settings(link), "gruvbox") == ""
    assert link.is_symlink()
    assert read_settings(file).theme == "gruvbox"


def test_folder_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "fuzztui").write_text("a file in the folder's place")
    problem = remember_theme(read_settings(tmp_path / "fuzztui" / "config.toml"), "nord")
    assert "Not remembered" in problem
    assert "\n" not in problem
