"""`fuzztui init` checks a law where a function's name tells one."""

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fuzztui.cli import cli
from fuzztui.harness.laws import Operation, is_idempotent, operation, twin
from fuzztui.target.discover import discover
from fuzztui.target.load import load

MODULE = '''
from dataclasses import dataclass
from enum import Enum
from typing import Iterable, Mapping


class Color(Enum):
    RED = 1


@dataclass
class Order:
    item: str


class Plain: ...


def normalize(text: str) -> str:
    return text.strip()


def strip_all(text: str, *, chars: str = " ") -> "str":
    """:raises ValueError: if"""
    return text


def trim(data: bytes) -> str:
    return ""


def gcd(a: int, b: int) -> int:
    return 1


def concat(first: list[int], second: list[int]) -> list[int]:
    return first + second


def add_floats(a: float, b: float) -> float:
    return a + b


def parse(text: str) -> int:
    """:raises ValueError: if"""
    return int(text)


def parse_fast(text: str) -> int:
    return int(text)


def total(orders: list[Order], prices: "Mapping[str, float]", colors: Iterable[Color]) -> None: ...


def unusable(value: Plain) -> None: ...
'''

LAWS: list[tuple[str, list[str]]] = [
    ("normalize", ["once = normalize(text)", "assert normalize(once) == once"]),
    ("strip_all", ["@fuzztui.fuzz(raises=(ValueError,))", "assert strip_all(once) == once"]),
    ("trim", ["    trim(data)"]),
    ("gcd", ["fuzz_gcd(a: int, b: int, c: int)", "gcd(a, b) == gcd(b, a)", "gcd(gcd(a, b), c) == gcd(a, gcd(b, c))"]),
    ("concat", ["def fuzz_concat(a: list[int], b: list[int], c: list[int])", "concat(concat(a, b), c)"]),
    ("add_floats", ["    add_floats(a, b)"]),
    ("parse", ["in (parse, parse_fast):", "except ValueError as error:", "assert results[0] == results[1]"]),
    ("total", ["import Color, Order, total", "orders: list[Order], prices: dict[str, float], colors: list[Color]"]),
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "mod.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "lines"), LAWS)
def test_law_is_checked(project: Path, name: str, lines: list[str]) -> None:
    result = CliRunner().invoke(cli, ["init", f"mod:{name}"])
    assert result.exit_code == 0, result.output
    file = project / f"fuzz_{name}.py"
    text = file.read_text()
    ast.parse(text)
    for line in lines:
        assert line in text
    assert discover(file).problems == ()
    if name == "concat":
        assert "concat(b, a)" not in text


def test_module_has_one_target_for_twins_and_all_load(project: Path) -> None:
    assert CliRunner().invoke(cli, ["init", "mod"]).exit_code == 0
    file = project / "fuzz_mod.py"
    names = [target.name for target in discover(file).targets]
    assert names == [
        f"fuzz_{name}" for name in ("normalize", "strip_all", "trim", "gcd", "concat", "add_floats", "parse")
    ]
    path, modules = sys.path[:], {*sys.modules}
    try:
        assert all(load(str(file), name).parameters for name in names)
    finally:
        sys.path[:] = path
        for name in {*sys.modules} - modules:
            del sys.modules[name]


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        (is_idempotent, "normalize_text", True),
        (is_idempotent, "CleanUp", True),
        (is_idempotent, "cleaner", False),
        (is_idempotent, "escape", False),
        (operation, "lcm", Operation(commutes=True, associates=True)),
        (operation, "path_join", Operation(commutes=False, associates=True)),
        (operation, "divide", None),
        (operation, "address", None),
    ],
)
def test_names_tell_laws(function: Any, name: str, expected: object) -> None:
    assert function(name) == expected


def test_twins_are_told_by_a_word_more() -> None:
    assert twin("parse", {"parse_naive"}) == "parse_naive"
    assert twin("parse", {"_py_parse"}) == "_py_parse"
    assert twin("parse", {"parse", "parser"}) is None
    assert twin("parse_fast", {"parse"}) is None
