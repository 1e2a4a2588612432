"""What stands behind `--` is said to a program for another fuzzer, whichever command executes that."""

from pathlib import Path

import pytest

from fuzztui.commands.program_words import NO_WORDS, ProgramWords, taken_off
from fuzztui.target.forms import Form
from fuzztui.testing.programs import run_program
from tests.test_first_mistakes import fuzztui

PROGRAM = """
import afl, sys
afl.init()
assert sys.argv[1] == "-d", sys.argv
with open(sys.argv[2], "rb") as stream:
    if stream.read(2) == b"ab":
        raise KeyError
"""

HARNESS = "import atheris, sys\natheris.Setup(sys.argv, print)\natheris.Fuzz()\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "prog.py").write_text(PROGRAM)
    (tmp_path / "harness.py").write_text(HARNESS)
    (tmp_path / "fuzz_it.py").write_text("def fuzz_it(data: bytes) -> None: ...\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "rest", "own"),
    [
        ("run prog.py -- -d @@", "run prog.py", ProgramWords(("-d", "@@"), Form.AFL)),
        ("replay prog.py::prog x -- -- @@", "replay prog.py::prog x", ProgramWords(("--", "@@"), Form.AFL)),
        ("test fuzz_it.py harness.py -- -x", "test fuzz_it.py harness.py", ProgramWords(("-x",), Form.ATHERIS)),
        ("run prog.py --", "run prog.py", ProgramWords((), Form.AFL)),
        ("replay fuzz_it.py -- -odd", "replay fuzz_it.py -- -odd", NO_WORDS),
        ("run prog.py -d @@", "run prog.py -d @@", NO_WORDS),
        ("run nothing.py -- -d @@", "run nothing.py -- -d @@", NO_WORDS),
        ("-- prog.py", "-- prog.py", NO_WORDS),
    ],
)
@pytest.mark.usefixtures("project")
def test_words_of_a_program_are_taken_off_the_command_line(words: str, rest: str, own: ProgramWords) -> None:
    assert taken_off(words.split()) == (rest.split(), own)


@pytest.mark.processes
@pytest.mark.soak
def test_a_program_finds_its_arguments_whichever_command_runs_it(project: Path) -> None:
    own = ("--", "-d", "@@")
    done = fuzztui(project, "run", "prog.py", "-j1", "-t", "20000x", "--headless", "--minimize-time", "0", *own)
    assert done.returncode == 1, done.stderr
    assert "KeyError" in done.stderr
    (again,) = [line for line in done.stderr.splitlines() if "run it again: " in line]
    assert again.endswith(" -- -d @@")
    words = again.partition("fuzztui ")[2].split()
    for command in (words, ["test", "prog.py", *own], ["minimize", *words[1:3], "-t", "50x", *own]):
        done = fuzztui(project, *command)
        assert "KeyError" in done.stdout, done
        assert "AssertionError" not in done.stdout, done
    done = fuzztui(project, "export", "prog.py", Path(words[2]).name, *own)
    assert done.returncode == 0, done.stderr
    assert 'run_program(HERE / "prog.py", b"ab' in (test := (project / "test_fuzz_prog.py").read_text())
    assert 'arguments=["-d", "@@"])' in test


def test_a_test_says_its_arguments_to_the_program(project: Path) -> None:
    with pytest.raises(KeyError):
        run_program(project / "prog.py", b"ab", arguments=["-d", "@@"])
    run_program(project / "prog.py", b"xx", arguments=["-d", "@@"])
