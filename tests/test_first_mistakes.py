"""What somebody types wrong at first is told in one sentence, with what to type or to write instead."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from fuzztui.cli import command_line
from fuzztui.target.discover import discover
from fuzztui.target.find import find
from tests.support import assert_one_sentence, commands

TWO = "def fuzz_a(data: bytes): ...\ndef fuzz_b(data: str): ...\n"
ONE = "def fuzz_it(data: bytes): ...\n"

FILES = {
    "fuzz_two.py": TWO,
    "fuzz_one.py": ONE,
    "deep/fuzz_deep.py": "def fuzz_deep(data: bytes): ...\n",
    "src/package/__init__.py": "",
    "src/package/fuzz_src.py": "def fuzz_src(data: bytes): ...\ndef fuzz_other(n: int): ...\n",
    "package/__init__.py": "",
    "package/module.py": "def fuzz_in(data: bytes): ...\n",
}

Said = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, source in {**FILES, "pyproject.toml": ""}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return tmp_path


@pytest.fixture
def said(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What is printed for a command line that is wrong: in this process, since none of these starts an engine."""

    def say(*words: str) -> str:
        monkeypatch.chdir(project)
        monkeypatch.setattr(sys, "argv", ["fuzztui", *words])
        status = command_line()
        printed = capsys.readouterr()
        assert status == 2, printed
        assert printed.out == ""
        assert "Traceback" not in printed.err
        return printed.err

    return say


LED: list[tuple[str, list[str]]] = [
    ("fuzz_two.py:fuzz_a", ["fuzz_two.py::fuzz_a"]),
    ("fuzz_two.py:fuzz_b()", ["fuzz_two.py::fuzz_b"]),
    ("fuzz_two.py/fuzz_a", ["fuzz_two.py::fuzz_a"]),
    ("fuzz_two.py:2", ["fuzz_two.py::fuzz_b"]),
    ("fuzz_two.py::fuzz_aa", ["fuzz_two.py::fuzz_a"]),
    ("fuzz_two.py::FUZZ_B", ["fuzz_two.py::fuzz_b"]),
    ("fuzz_two.py", ["fuzz_two.py::fuzz_a", "fuzz_two.py::fuzz_b"]),
    ("fuzz_two.py::", ["fuzz_two.py::fuzz_a", "fuzz_two.py::fuzz_b"]),
    ("fuzz_tow.py::fuzz_b", ["fuzz_two.py::fuzz_b"]),
    ("Fuzz_One.py", ["fuzz_one.py"]),
    ("fuzz_one", ["fuzz_one.py"]),
    ("fuzz_two::fuzz_a", ["fuzz_two.py::fuzz_a"]),
    ("fuzz_deep.py", ["deep/fuzz_deep.py"]),
    ("depe/fuzz_dep.py", ["deep/fuzz_deep.py"]),
    ("deep", ["deep/fuzz_deep.py::fuzz_deep"]),
    ("fuzz_deep", ["deep/fuzz_deep.py::fuzz_deep"]),
    ("dee*/*.py", ["deep/fuzz_deep.py::fuzz_deep"]),
    ("fuzz_two.py :: fuzz_a", ["fuzz_two.py::fuzz_a"]),
    ("fuzz_two.py::fuzz_b[3]", ["fuzz_two.py::fuzz_b"]),
    ("::fuzz_deep", ["deep/fuzz_deep.py::fuzz_deep"]),
    ("package.module", ["package/module.py"]),
    ("package.module:fuzz_in", ["package/module.py::fuzz_in"]),
    ("package.module.fuzz_in", ["package/module.py::fuzz_in"]),
    ("package.fuzz_src::fuzz_other", ["src/package/fuzz_src.py::fuzz_other"]),
]


@pytest.mark.parametrize(("spec", "meant"), LED, ids=[spec for spec, _ in LED])
@pytest.mark.parametrize("command", ["run", "test", "corpus minimize"])
@pytest.mark.mostly_soak(18)
def test_what_stands_for_no_target_leads_to_what_was_meant(
    said: Said, project: Path, command: str, spec: str, meant: list[str]
) -> None:
    if command in ("run", "test") and (spec == "deep" or spec == "fuzz_two.py"):
        pytest.skip("all targets of a file or folder can be run and tested")
    printed = said(*command.split(), spec, "--timeout", "3s")
    assert_one_sentence(printed)
    assert commands(printed) == [f"fuzztui {command} {each} --timeout 3s" for each in meant]
    assert all(find(each, project) for each in meant)


COMMAND_LINES: list[tuple[list[str], str, list[str]]] = [
    (["fuzz_one.py"], "the command is missing", ["run fuzz_one.py"]),
    (["fuzz_two.py::fuzz_a", "-t", "3s"], "the command is missing", ["run fuzz_two.py::fuzz_a -t 3s"]),
    (["deep"], "the command is missing", ["list deep"]),
    (["rnu", "fuzz_one.py"], "no command rnu", ["run fuzz_one.py"]),
    (["fuzz", "fuzz_one.py"], "no command fuzz", ["run fuzz_one.py"]),
    (["minimise", "fuzz_one.py", "x"], "no command minimise", ["minimize fuzz_one.py x"]),
    (["corpus", "minimise", "fuzz_one.py"], "no command minimise", ["corpus minimize fuzz_one.py"]),
    (["import", "fuzz_one.py", "in"], "no command import", ["corpus import fuzz_one.py in"]),
    (["corpus", "imprt", "fuzz_one.py", "in"], "no command imprt", ["corpus import fuzz_one.py in"]),
    (["corpus"], "one of fuzztui corpus minimize, fuzztui corpus import", []),
    (["help"], "no command help", ["-h"]),
    (["--run", "fuzz_one.py"], "run is a command", ["run fuzz_one.py"]),
    (["corpus", "--minimize", "fuzz_one.py"], "minimize is a command", ["corpus minimize fuzz_one.py"]),
    (["run", "fuzz_one.py", "-j=4"], "-j takes its value without =", ["run fuzz_one.py -j 4"]),
    (["test", "--runs", "9"], "no option --runs", []),
    (["run", ""], "want path/to/file.py::name", []),
    (["run", "no.such:thing"], "there is no module no.such: install it, or name another", []),
    (["frobnicate"], "want one of fuzztui run, ", []),
    (["run", "fuzz_one.py", "--workes", "3"], "no option --workes", ["run fuzz_one.py --workers 3"]),
    (["run", "fuzz_one.py", "--tiemout=3s"], "no option --tiemout", ["run fuzz_one.py --timeout=3s"]),
    (["run", "fuzz_one.py", "-max_len=9"], "no option -max_len", ["run fuzz_one.py --max-len=9"]),
    (["run", "fuzz_one.py", "-runs=100"], "no option -runs", ["run fuzz_one.py -t 100x"]),
    (["run", "fuzz_one.py", "--json=yes"], "--json takes no value", ["run fuzz_one.py --json"]),
    (["run", "fuzz_one.py", "--frobnicate"], "fuzztui run -h says which there are", []),
    (["-j", "3", "run", "fuzz_one.py"], "stands behind it: fuzztui run TARGET -j", []),
    (["run", "fuzz_one.py", "-t", "30", "s"], "'s' is a word too many", ["run fuzz_one.py -t 30s"]),
    (["run", "fuzz_two.py", "fuzz_b"], "'fuzz_b' is a word too many", ["run fuzz_two.py::fuzz_b"]),
    (
        ["minimize", "fuzz_one.py", "x", "fuzz_two.py"],
        "one target, not 2",
        ["minimize fuzz_one.py x", "minimize fuzz_two.py x"],
    ),
    (["run"], "wants a target, such as", []),
    (["replay", "fuzz_one.py"], "wants FILE... behind the target", []),
    (["run", "fuzz_one.py", "-t"], "-t lacks its value", []),
    (["run", "fuzz_one.py", "-t", "30"], "'30' has no unit: write 30s or 30x", []),
    (["run", "fuzz_one.py", "--timeout", "5"], "'5' has no unit: write 5s", []),
    (["run", "fuzz_one.py", "--timeout", "0"], "want one like 500ms, 30s or 1h30m", []),
    (["run", "fuzz_one.py", "--memory-limit", "2"], "write 2G; want at least 32M", []),
    (["run", "fuzz_one.py", "-j", "0"], "-j: '0' is not possible, want a number of processes from 1 to 256", []),
    (["run", "fuzz_one.py", "-jtwo"], "-j: 'two' is not possible", []),
    (["run", "fuzz_one.py", "--seed", "-4"], "--seed: '-4' is not possible, want a number from 0 on", []),
    (["run", "fuzz_one.py", "--include", "\udcff.*"], "--include: '\\udcff.*' is no module's name", []),
    (["run", "fuzz_one.py", "--python", "."], "--python: . is a folder, want an interpreter", []),
    (["run", "fuzz_one.py", "--python", "/bin/true"], "--python: /bin/true is no Python", []),
    (["list", "depe"], "there is no file depe", ["list deep"]),
    (["replay", "fuzz_one.py", "3f2a"], "no such file, and no stored input of fuzz_one.py::fuzz_it begins so", []),
]


@pytest.mark.parametrize(
    ("words", "sentence", "right"), COMMAND_LINES, ids=[" ".join(each[0]) for each in COMMAND_LINES]
)
def test_a_wrong_command_line_is_told_in_one_sentence(
    said: Said, words: list[str], sentence: str, right: list[str]
) -> None:
    printed = said(*words)
    assert_one_sentence(printed)
    assert sentence in printed
    if right:
        assert commands(printed) == [f"fuzztui {each}" for each in right]


WRITTEN: dict[str, tuple[str, str, str]] = {
    # name that is asked for, source, essential words; what stands behind "write " is appended and must be a target
    "method": ("Parser.fuzz_m", "class Parser:\n def fuzz_m(self, data: bytes): ...\n", "Parser.fuzz_m is a method"),
    "method alone": ("fuzz_m", "class Parser:\n def fuzz_m(self, n: int): ...\n", "Parser.fuzz_m is a method"),
    "pytest's form": ("Parser::fuzz_m", "class Parser:\n def fuzz_m(self, s: str): ...\n", "Parser.fuzz_m is a method"),
    "static": ("A.fuzz_s", "class A:\n @staticmethod\n def fuzz_s(data: bytes): ...\n", "A.fuzz_s(data)"),
    "lambda": ("fuzz_l", "fuzz_l = lambda data: None\n", "rename it _l and"),
    "partial": ("fuzz_p", "import functools\nfuzz_p = functools.partial(print, 1)\n", "fuzz_p is assigned"),
    "object": ("fuzz_o", "class A:\n def __call__(self, d): ...\nfuzz_o = A()\n", "fuzz_o is assigned"),
    "class": ("Machine", "class Machine:\n def __init__(self, data): ...\n", "Machine is a class"),
    "async": ("fuzz_x", "async def fuzz_x(data: bytes): ...\n", "fuzz_x is an async function"),
    "generator": ("fuzz_x", "def fuzz_x(data: bytes): yield data\n", "fuzz_x is a generator function"),
    "atheris": ("TestOneInput", "import atheris\ndef TestOneInput(data): ...\n", "is a harness of Atheris"),
    "atheris too": (
        "",
        "import atheris, sys\ndef one(b): ...\ndef start():\n atheris.Setup(sys.argv, one)\n",
        "one is a harness of Atheris",
    ),
    "test": ("test_it", "def test_it(): ...\n", "test_it has no parameter for an input"),
    "unittest": (
        "",
        "import unittest\nclass T(unittest.TestCase):\n def test_it(self): ...\n",
        "has no parameter for an",
    ),
    "no parameter": ("fuzz_x", "def fuzz_x(): ...\n", "fuzz_x has no parameters"),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_is_no_target_is_told_with_the_code_that_makes_one(said: Said, project: Path, kind: str) -> None:
    name, source, words = WRITTEN[kind]
    file = project / "fuzz_odd.py"
    file.write_text(source)
    printed = said("run", f"fuzz_odd.py::{name}" if name else "fuzz_odd.py")
    assert_one_sentence(printed)
    assert words in printed
    _, write, code = printed.strip().rpartition("write ")
    assert write, printed
    for further in (", with what", ", and put", ", or fuzz it as it is"):
        code = code.partition(further)[0]
    file.write_text(f"{code}\n" if " -> None: " in code else f"{code.removesuffix(':')}: ...\n")
    found = discover(file)
    assert [each.name.startswith("fuzz_") for each in found.targets] == [True], (printed, found.problems)


TOLD: dict[str, tuple[str, str]] = {
    "no annotation": ("def fuzz_x(text): ...\n", "parameter text of fuzz_x is not annotated, want bytes, str"),
    "any": ("from typing import Any\ndef fuzz_x(a: Any): ...\n", "write a: bytes"),
    "variadic": (
        "def fuzz_x(*data: bytes): ...\n",
        "fuzz_x takes *data; a target has positional parameters only, such as",
    ),
    "by keyword": ("def fuzz_x(*, n: int): ...\n", "fuzz_x takes n by keyword only"),
    "nested": ("def outer():\n def fuzz_x(data: bytes): ...\n", "inside of the function outer: move it"),
    "main": ("if __name__ == '__main__':\n def fuzz_x(data: bytes): ...\n", "move it out of there"),
    "checked": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n def fuzz_x(d: bytes): ...\n",
        "move it out of there",
    ),
    "set-up": (
        "import fuzztui\ndef fuzz_s(f: fuzztui.F):\n @f.fuzz\n def fuzz_x(d: bytes): ...\n",
        "fuzz_odd.py::fuzz_s",
    ),
    "imported": ("from package.module import fuzz_in as fuzz_x, fuzz_in\n", "imported from package.module"),
    "another name": ("def parse(data: bytes): ...\ndef fuzz_y(d: bytes): ...\n", "fuzz_odd.py has no target fuzz_x"),
    "empty": ("", "fuzz_odd.py is empty: write def fuzz_it(data: bytes) -> None:"),
    "syntax": ("def fuzz_x(data: bytes) pass\n", "fuzz_odd.py:1: syntax error"),
    "null": ("# fuzz\n\0", "holds null bytes, so it is no Python source"),
    "uncollected": (
        "from hypothesis import given\n@given(1)\ndef fuzz_x(fixture, s): ...\n",
        "is a test of Hypothesis that pytest does not collect: its name has to begin with test",
    ),
    "null and no name": ("x\0", "holds null bytes, so it is no Python source"),
}


@pytest.mark.parametrize("kind", TOLD)
def test_what_cannot_be_a_target_is_told_with_what_would_be_right(said: Said, project: Path, kind: str) -> None:
    source, words = TOLD[kind]
    (project / "fuzz_odd.py").write_text(source)
    printed = said("run", "fuzz_odd.py::fuzz_x")
    assert_one_sentence(printed)
    assert words in printed


def test_an_imported_target_is_led_to(said: Said, project: Path) -> None:
    (project / "fuzz_odd.py").write_text("from package.module import fuzz_in\n")
    assert commands(said("run", "fuzz_odd.py::fuzz_in")) == ["fuzztui run package/module.py::fuzz_in"]


@pytest.mark.parametrize("name", ["notes.txt", "nb.ipynb", "fuzz"])
def test_a_file_that_is_no_python_is_told(said: Said, project: Path, name: str) -> None:
    (project / name).write_text(ONE)
    assert "put the target into a file whose name ends in .py" in said("run", name)


def test_a_target_that_is_defined_twice_is_told(project: Path) -> None:
    (project / "fuzz_odd.py").write_text(ONE + "x = 1\n" + ONE)
    found = discover(project / "fuzz_odd.py")
    assert [target.line for target in found.targets] == [3]
    assert [problem.message for problem in found.problems] == [
        "fuzz_it is defined again in line 3, which replaces this one: give one of them another name"
    ]


# Names, and commands that are pasted ------------------------------------------------------------------------------

NAMES = [
    "-fuzz.py",
    "fuzz_::x.py",
    "fuzz a'b\".py",
    "fuzz_$HOME.py",
    "fuzz_\n.py",
    "fuzz_`x`;#&.py",
    "fuzz_\\.py",
    "fuzz_*.py",
    "fuzz_\u00e9\U0001f600.py",
]


def in_bash(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as it would be pasted."""
    script = f'fuzztui() {{ {shlex.quote(sys.executable)} -m fuzztui "$@"; }}\n{command}\n'
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.processes
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.mostly_soak(1)
def test_commands_that_are_printed_run_when_they_are_pasted(said: Said, project: Path, name: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    (project / name).write_text("def fuzz_a(data: bytes): ...\ndef fuzz_b(data: bytes): assert False\n")
    (command,) = commands(said("run", f"./{name}::fuzz_bb", "-t", "9x", "-j", "1"))
    first = in_bash(project, command)
    assert first.returncode == 1, (command, first)
    (again,) = [line.partition(": ")[2] for line in first.stderr.splitlines() if "run it again: " in line]
    second = in_bash(project, again)
    assert second.returncode == 1, (again, second)
    assert second.stdout.startswith("FAIL ")


# Stored inputs ----------------------------------------------------------------------------------------------------


def fuzztui(project: Path, *words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "fuzztui", *words],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        **options,
    )


def store(project: Path, folder: str, name: str, data: bytes) -> Path:
    path = project / "testdata" / "corpus" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.processes
def test_an_input_is_replayed_by_the_beginning_of_its_name(said: Said, project: Path) -> None:
    store(project, "fuzz_it", "3f2a" + "0" * 60, b"x")
    store(project, "fuzz_it", "3f2b" + "0" * 60, b"y")
    result = fuzztui(project, "replay", "fuzz_one.py", "3f2a")
    assert (result.returncode, result.stdout[:5]) == (0, "PASS "), result
    assert "type more of one" in said("replay", "fuzz_one.py", "3f2")


@pytest.mark.processes
def test_stored_inputs_of_an_old_signature_are_told_in_one_sentence(project: Path) -> None:
    for number in range(40):
        store(project, "fuzz_n", f"{number:064x}", b"raw %d" % number)
    (project / "fuzz_n.py").write_text("def fuzz_n(text: str): ...\n")
    result = fuzztui(project, "run", "fuzz_n.py", "-j1", "-t9x")
    assert result.returncode == 70
    told = "40 stored inputs in testdata/corpus/fuzz_n are for (bytes), the target takes (str): "
    assert result.stderr.count(told) == 1
    assert "fuzztui corpus import" in result.stderr
    assert f"{7:064x}" not in result.stderr


@pytest.mark.processes
def test_targets_of_one_name_in_one_folder_keep_their_crashers_apart(project: Path) -> None:
    for name, byte in {"fuzz_c": "a", "fuzz_d": "b"}.items():
        (project / f"{name}.py").write_text(f"def fuzz_same(data: bytes): assert data[:1] != b'{byte}'\n")
    for name in ("fuzz_c", "fuzz_d"):
        assert fuzztui(project, "run", f"{name}.py", "-j1", "-t20000x").returncode == 1
    folders = sorted(path.name for path in (project / "testdata" / "corpus").iterdir())
    assert folders == ["fuzz_c.fuzz_same", "fuzz_d.fuzz_same"]
    tested = fuzztui(project, "test", "fuzz_c.py")
    assert tested.stdout.splitlines()[-1] == "0 passed, 1 failed"
    (project / "fuzz_d.py").unlink()
    assert fuzztui(project, "test", "fuzz_c.py").stdout.splitlines()[-1] == "0 passed, 1 failed", (
        "it is found later too"
    )


@pytest.mark.processes
def test_inputs_in_a_place_that_two_targets_share_are_run_by_both_and_told(project: Path) -> None:
    store(project, "fuzz_same", "old", b"old input")
    (project / "fuzz_c.py").write_text("def fuzz_same(data: bytes): assert data != b'old input'\n")
    (project / "fuzz_d.py").write_text("def fuzz_same(data: str): ...\n")
    first = fuzztui(project, "test", "fuzz_c.py")
    assert "FAIL testdata/corpus/fuzz_same/old" in first.stdout, "no stored input is lost"
    move = "move each input to testdata/corpus/fuzz_c.fuzz_same or testdata/corpus/fuzz_d.fuzz_same"
    assert move in first.stderr
    second = fuzztui(project, "run", "fuzz_d.py", "-j1", "-t9x")
    assert second.returncode == 0, second.stderr
    assert "holds inputs of several targets, 1 of them are not for these parameters and left out" in second.stderr


# Modules that are missing -----------------------------------------------------------------------------------------


@pytest.mark.processes
def test_a_module_that_lies_in_src_is_told_with_what_to_type_and_then_found(project: Path) -> None:
    (project / "src" / "mylib").mkdir()
    (project / "src" / "mylib" / "__init__.py").write_text("def parse(data): ...\n")
    (project / "fuzz_m.py").write_text("import mylib\ndef fuzz_m(data: bytes): mylib.parse(data)\n")
    result = fuzztui(project, "run", "fuzz_m.py", "-j2", "-t9x")
    assert result.returncode == 2
    assert result.stderr.count("No module named 'mylib'") == 1
    assert f"for {sys.executable}, which runs the workers: src/mylib is there but not installed" in result.stderr
    assert "or set PYTHONPATH=src" in result.stderr
    path = os.pathsep.join(["src", os.environ.get("PYTHONPATH", "")])
    assert fuzztui(project, "run", "fuzz_m.py", "-j1", "-t9x", env={**os.environ, "PYTHONPATH": path}).returncode == 0
    (project / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["src"]\n')
    assert fuzztui(project, "run", "fuzz_m.py", "-j1", "-t9x").returncode == 0, "as pytest does"


@pytest.mark.processes
@pytest.mark.soak
def test_another_interpreter_that_has_the_module_is_named_and_runs_the_workers(project: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True, timeout=120)
    (library,) = (project / ".venv" / "lib").glob("python3*/site-packages")
    (library / "only_there.py").write_text("def parse(data): assert data[:1] != b'a'\n")
    (project / "fuzz_e.py").write_text("import only_there\ndef fuzz_e(data: bytes): only_there.parse(data)\n")
    first = fuzztui(project, "run", "fuzz_e.py", "-j1", "-t9x")
    assert first.returncode == 2
    assert "another environment has it, so add --python .venv/bin/python" in first.stderr
    second = fuzztui(project, "run", "fuzz_e.py", "-j1", "-t20000x", "--python", ".venv/bin/python")
    assert second.returncode == 1, second.stderr
    (again,) = [line.partition("fuzztui ")[2] for line in second.stderr.splitlines() if "run it again: " in line]
    third = fuzztui(project, *shlex.split(again))
    assert third.returncode == 1, third
    assert third.stdout.startswith("FAIL "), third


@pytest.mark.processes
def test_a_missing_module_is_told_once_with_the_near_name(project: Path) -> None:
    (project / "fuzz_m.py").write_text(
        dedent("""
        import fuzztui
        def fuzz_m(f: fuzztui.F):
            import jsno
            @f.fuzz
            def target(data: bytes): ...
    """)
    )
    result = fuzztui(project, "run", "fuzz_m.py", "-j2", "-t9x")
    assert result.returncode == 2
    assert result.stderr.count("jsno") == 1
    assert "fuzz_m.py:4: No module named 'jsno'" in result.stderr
    assert "did you mean json?" in result.stderr
