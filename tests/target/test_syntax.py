"""Sources and literals are read by one thread of a process at a time."""

import ast
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fuzztui
from fuzztui.engine.keep.contract import contract_line
from fuzztui.engine.readings import functions
from fuzztui.engine.show.text import label
from fuzztui.engine.triage.export import _file
from fuzztui.harness.writing import _kind
from fuzztui.screens.explanation import arguments_of
from fuzztui.target.annotations import annotating
from fuzztui.target.discover import parsed
from fuzztui.target.imports import imports_of
from fuzztui.target.kinds.literal import evaluate
from fuzztui.target.modules import Source
from fuzztui.target.syntax import ALONE
from fuzztui.target.typed.literal import read

SOURCE = Source("a", Path("a.py"), Path(), ast.Module([], []))

READERS: dict[str, Callable[[], object]] = {
    "a source": lambda: parsed(b"import a"),
    "imports": lambda: imports_of(b"import a"),
    "annotations": lambda: annotating(b"import a"),
    "a literal": lambda: evaluate("b'a'"),
    "a plain value": lambda: read("(1, 2)"),
    "a contract": lambda: contract_line(b"import a", "fuzz_it", ()),
    "functions": lambda: functions.parsed(Path(__file__)),
    "arguments": lambda: arguments_of(label("1, 2")),
    "a parameter of a harness": lambda: _kind(SOURCE, ast.arg("data", ast.Name("bytes"))),
    "tests that were exported": lambda: _file("a.py::b", ["pytest.x"]),
}


@pytest.mark.parametrize("what", READERS)
def test_who_reads_waits_for_whoever_does(what: str) -> None:
    done = threading.Event()

    def read() -> None:
        READERS[what]()
        done.set()

    thread = threading.Thread(target=read)
    with ALONE:
        thread.start()
        assert not done.wait(0.1)
    thread.join(60)
    assert done.is_set()


# What may be forgotten when another reader is written --------------------------------------------------------------

PACKAGE = Path(fuzztui.__file__).parent

READ_ALONE = ("worker",)
"""Parts that read sources before any code is there whose threads might, or hold back other threads themselves."""


def reads(node: ast.AST) -> bool:
    """Whether it is a call that makes a tree."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called in ("ast.parse", "ast.literal_eval", "literal_eval") or any(
        isinstance(each, ast.Name | ast.Attribute) and ast.unparse(each).endswith("PyCF_ONLY_AST") for each in node.args
    )


def unguarded(node: ast.AST, *, is_alone: bool = False) -> Iterator[int]:
    """The lines of calls that make a tree outside of `with ALONE`."""
    if isinstance(node, ast.With):
        is_alone = is_alone or any(ast.unparse(item.context_expr) == "ALONE" for item in node.items)
    if reads(node) and not is_alone:
        assert isinstance(node, ast.Call)
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from unguarded(child, is_alone=is_alone)


def sources() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in READ_ALONE]


def test_every_reader_of_the_engine_s_process_waits() -> None:
    found = [f"{path}:{line}" for path in sources() for line in unguarded(ast.parse(path.read_bytes()))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["ast.parse(a)", "x = literal_eval(a)", "quietly(compile, a, PyCF_ONLY_AST)", "with A:\n    ast.literal_eval(a)"],
)
def test_one_that_does_not_is_found(source: str) -> None:
    assert list(unguarded(ast.parse(source)))
    indented = source.replace("\n", "\n    ")
    assert not list(unguarded(ast.parse(f"with ALONE:\n    {indented}")))
