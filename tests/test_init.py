"""`fuzztui init` writes harnesses that run as they are, or says in a sentence why it cannot."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fuzztui.cli import cli
from fuzztui.harness.pairs import partner
from fuzztui.target.contract import raised
from fuzztui.target.discover import discover

CORE = '''
from __future__ import annotations
import datetime as dt
from typing import Optional, Union, overload
from .errors import ParseError
from . import errors

def decode(data: bytes | bytearray, strict: bool = True) -> dict:
    """Decode.

    Raises:
        ParseError: if it
            Cannot: be
        errors.ParseError: x
        ValueError: if not
        Mystery: hm
    """
    if data[:1] == b"x":
        raise ValueError(1)
    return {"v": bytes(data)}

def encode(value: dict) -> bytes:
    return value["v"]

def dumps(value: float) -> str: return repr(value)
def loads(text: str) -> float: return float(text)

def bare(x, y: str): ...
def listy(x: list[object]): ...
def day(d: dt.date, n: Optional[int], *args, **kw) -> str:
    """:raises ValueError, KeyError: if"""
def gen(s: Union[None, str]):
    yield s
async def aio(s: str, loop=None, *, flag: bool): ...
@overload
def over(s: int) -> None: ...
@overload
def over(s: str) -> None: ...
def over(s): ...
class C:
    @classmethod
    def parse(cls, text: str): ...
    def method(self, text: str): ...
def shadow(fuzztui: str, shadow: bytes, value: int):
    """:raises ValueError: if"""
def nothing(): ...
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "src" / "pkg"
    (package / "deep").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "pyproject.toml").touch()
    (package / "__init__.py").write_text("from .core import decode, encode\nfrom pkg.deep.far import slug as sluggy\n")
    (package / "errors.py").write_text("class ParseError(Exception): ...\n")
    (package / "core.py").write_text(CORE)
    (package / "deep" / "__init__.py").touch()
    (package / "deep" / "far.py").write_text('def slug(s: "str", *, n: int | None = None) -> str: return s\n')
    (package / "broken.py").write_text("def f(:\n")
    # What imports a module runs this.
    (package / "trap.py").write_text("open('/nowhere/ran', 'w')\ndef f(s: str): ...\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["init", *arguments])


def body(file: Path) -> str:
    text = file.read_text()
    ast.parse(text)
    found = discover(file)
    assert found.problems == ()
    assert found.targets
    return text


@pytest.mark.parametrize(
    ("spec", "name", "lines"),
    [
        ("pkg.core:day", "day", ["def fuzz_day(d: datetime.date, n: int) -> None:", "raises=(ValueError, KeyError))"]),
        ("src/pkg/core.py::day", "day", ["from pkg.core import day", "    day(d, n)"]),
        ("pkg.core:gen", "gen", ["    for _ in gen(s):"]),
        ("pkg.core:aio", "aio", ["def fuzz_aio(s: str, flag: bool) -> None:", "asyncio.run(aio(s, flag=flag))"]),
        ("pkg.core:C.parse", "C_parse", ["from pkg.core import C", "    C.parse(text)"]),
        ("pkg:sluggy", "sluggy", ["def fuzz_sluggy(s: str, n: int) -> None:", "    sluggy(s, n=n)"]),
        ("pkg.core:shadow", "shadow", ["def fuzz_shadow(fuzztui_: str, shadow_: bytes, value: int) -> None:"]),
        ("pkg.trap:f", "f", ["    f(s)"]),
        (
            "pkg.core:decode",
            "decode",
            [
                "@fuzztui.fuzz(raises=(ParseError, errors.ParseError, ValueError))",
                "from pkg.core import ParseError, decode, encode, errors",
                "def fuzz_decode(data: bytes) -> None:",
                "        again = decode(encode(value))",
                "    assert again == value",
            ],
        ),
        ("pkg:encode", "encode", ["def fuzz_encode(data: bytes) -> None:", "from pkg import decode, encode"]),
        ("pkg.core:dumps", "dumps", ["    assert loads(written) == value or value != value"]),
        ("pkg.core:loads", "loads", ["    assert again == value"]),
    ],
)
def test_harness_says_what_the_function_says(project: Path, spec: str, name: str, lines: list[str]) -> None:
    result = init(spec)
    assert result.exit_code == 0, result.output
    file = project / "tests" / f"fuzz_{name}.py"
    assert f"$ fuzztui run tests/fuzz_{name}.py" in result.stdout
    text = body(file)
    for line in lines:
        assert line in text


def test_exception_that_nobody_knows_is_left_out_and_said(project: Path) -> None:
    result = init("pkg.core:decode")
    assert "Mystery is left out of raises=" in result.stderr
    assert "Mystery" not in (project / "tests/fuzz_decode.py").read_text()


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("pkg.core:bare", "parameter x of pkg.core:bare is not annotated, want bytes"),
        ("pkg.core:over", "parameter s of pkg.core:over is not annotated"),
        ("pkg.core:listy", "parameter x of pkg.core:listy is annotated list[object], want bytes"),
        ("pkg.core:nothing", "nothing to fuzz it with"),
        ("pkg.core:dekode", "pkg.core has no function dekode, want decode"),
        ("pkg.core:C", "C is a class of pkg.core"),
        ("pkg.core:C.method", "C.method needs a C"),
        ("pkg.core.day", "there is no module pkg.core.day: want pkg.core:day"),
        ("nope.nope:f", "there is no module nope.nope"),
        ("pkg.broken:f", "broken.py:1: syntax error"),
        ("math:sqrt", "math is compiled"),
        ("sys:exit", "sys is compiled into Python"),
        ("src/pkg/none.py::f", "there is no file src/pkg/none.py"),
        ("pkg.errors", "has no function that a harness can be written for"),
        ("pkg..core:f", "is no module's name"),
        ("\x1b[31m:f", "is no module's name"),
        ("", "is no module's name"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(project: Path, spec: str, sentence: str) -> None:
    result = init(spec)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr
    assert list((project / "tests").iterdir()) == []


def test_nothing_is_overwritten(project: Path) -> None:
    assert init("pkg.core:day").exit_code == 0
    file = project / "tests" / "fuzz_day.py"
    file.write_text("mine")
    result = init("pkg.core:day")
    assert result.exit_code == 2
    assert "tests/fuzz_day.py is there already" in result.stderr
    assert file.read_text() == "mine"
    assert init("pkg.core:day", "-o", "other.py").exit_code == 0
    assert "fuzz_day" in body(project / "other.py")


def test_harness_goes_where_the_others_are(project: Path) -> None:
    (project / "checks").mkdir()
    (project / "checks" / "fuzz_old.py").write_text("def fuzz_old(data: bytes) -> None: ...\n")
    assert init("pkg.core:day").exit_code == 0
    assert (project / "checks" / "fuzz_day.py").is_file()


def test_all_of_a_module_has_a_target_each_and_one_for_a_pair(project: Path) -> None:
    result = init("pkg.core")
    names = [target.name for target in discover(project / "tests" / "fuzz_core.py").targets]
    assert names == ["fuzz_decode", "fuzz_dumps", "fuzz_day", "fuzz_gen", "fuzz_aio", "fuzz_shadow"]
    assert "$ fuzztui run tests/fuzz_core.py::fuzz_day" in result.stdout


def test_all_of_a_package_has_targets_for_what_it_has_of_its_own_modules(project: Path) -> None:
    assert init("pkg").exit_code == 0
    names = [target.name for target in discover(project / "tests" / "fuzz_pkg.py").targets]
    assert names == ["fuzz_decode", "fuzz_sluggy"]


@pytest.mark.parametrize(
    ("docstring", "names"),
    [
        ("Raises:\n    ValueError: if\n        Because: x\n    a.E (x): y\n\nReturns:\n  F: z", ["ValueError", "a.E"]),
        ("Raises\n------\nValueError, OSError\n  t\nm.E\n    x\n\nNotes\n-----\nF", ["ValueError", "OSError", "m.E"]),
        (":raise ValueError: x\n:raises pkg.E: y\n@raise KeyError: z", ["ValueError", "pkg.E", "KeyError"]),
        ("Raises:\n    :exc:`ValueError`: if\n    `~pkg.Error`: if", ["ValueError", "pkg.Error"]),
        ("Raises:\n    nothing at all.\nValueError: no", []),
        ("It raises ValueError: see above.", []),
        ("", []),
    ],
)  # fmt: skip
def test_exceptions_of_docstrings(docstring: str, names: list[str]) -> None:
    assert raised(docstring) == names


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("decode", ["encode"], ("encode", "decode")),
        ("b64encode", ["b64decode"], ("b64encode", "b64decode")),
        ("decompress", ["compress"], ("compress", "decompress")),
        ("compress", ["decompress"], ("compress", "decompress")),
        ("parse_date", ["format_date"], ("format_date", "parse_date")),
        ("unparse", ["parse"], ("unparse", "parse")),
        ("parse", ["unparse", "format"], ("unparse", "parse")),
        ("to_json", ["from_json"], ("to_json", "from_json")),
        ("unquote_plus", ["quote_plus"], ("quote_plus", "unquote_plus")),
        ("stop", ["sfromp"], None),
        ("decode", ["decode"], None),
    ],
)
def test_partners_are_told_by_their_names(name: str, known: list[str], expected: tuple[str, str] | None) -> None:
    assert partner(name, known) == expected


@pytest.mark.processes
@pytest.mark.parametrize("cwd", [".", "tests"])
@pytest.mark.mostly_soak(1)
def test_written_harness_runs_at_once(project: Path, cwd: str) -> None:
    assert init("pkg.core:decode").exit_code == 0
    file = project / "tests" / "fuzz_decode.py"
    command = [sys.executable, "-m", "fuzztui", "run", str(file), "-t", "50x", "-j1", "--headless"]
    done = subprocess.run(command, cwd=project / cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "execution limit reached" in done.stderr
