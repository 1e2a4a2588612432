"""A function that does not say what it takes, or that is compiled, takes what a stub declares."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzztui.target.errors import TargetNotFound, Uncallable
from fuzztui.target.named.load import Asked, load_named
from fuzztui.target.named.source import find_named
from fuzztui.target.named.spec import named, roots
from fuzztui.target.named.stubs import declared
from fuzztui.target.values import named as spelled

BARE = """
CALLS = []

def parse(text, strict=False, *, depth=3):
    CALLS.append((text, strict, depth))

def annotated(text: str) -> None: ...

def partly(text: str, count) -> None: ...

def exhaust(n):
    CALLS.append(n)
    yield n

def overloaded(x, y=None): ...
def handed_on(x): ...
def several(x, y): ...
def for_new_versions(x): ...
def unknown_to_the_stub(x): ...
def of_checkers(data, path): ...
def aliased(x): ...

class Table:
    def __init__(self, size):
        self.size = size
    def find(self, key, *, exact):
        CALLS.append((self.size, key, exact))
    @classmethod
    def make(cls, text): ...
    @staticmethod
    def clean(number): ...
"""

STUB = """
import sys
from typing import Any, TypeVar, overload
from _typeshed import ReadableBuffer, StrPath
from .other import handed_on as handed_on
from .no_such import Nobody
T = TypeVar("T", bound=int)
Number = int | float
def parse(text: str, strict: bool = ..., *, depth: int = 3) -> None: ...
def annotated(text: bytes) -> None: ...
def partly(text: str, count: int) -> None: ...
def exhaust(n: int) -> None: ...
@overload
def overloaded(x: int, y: int) -> int: ...
@overload
def overloaded(x: str) -> str: ...
@overload
def several(x: int, y: "bytes") -> str: ...
@overload
def several(x: str, y: bytes) -> str: ...
@overload
def several(x: float, y: str) -> str: ...
@overload
def several(x: list[int], y: bytes, z: int) -> str: ...
if sys.version_info >= (3, 999):
    def for_new_versions(x: int) -> None: ...
elif sys.platform == "nowhere":
    def for_new_versions(x: float) -> None: ...
else:
    def for_new_versions(x: bytes) -> None: ...
def of_checkers(data: ReadableBuffer, path: StrPath) -> None: ...
def aliased(x: list[Number]) -> None: ...
class Table:
    def __init__(self, size: int) -> None: ...
    def find(self, key: str, *, exact: bool) -> None: ...
    @classmethod
    def make(cls, text: str) -> Table: ...
    @staticmethod
    def clean(number: float) -> None: ...
"""

COMPILED = """
import datetime
def decompress(data: bytes, /, wbits: int = ..., bufsize: int = ...) -> bytes: ...
"""


@pytest.fixture
def stubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with modules that have no annotations, and stubs of them."""
    folder = tmp_path / "stubbed"
    folder.mkdir()
    (tmp_path / "pyproject.toml").touch()
    (folder / "__init__.py").touch()
    (folder / "mod.py").write_text(BARE)
    (folder / "mod.pyi").write_text(STUB)
    (folder / "other.pyi").write_text("def handed_on(x: bytes) -> None: ...\n")
    (folder / "broken.py").write_text("def f(x): ...\n")
    (folder / "broken.pyi").write_text("def f(\n")
    (tmp_path / "zlib-stubs").mkdir()
    (tmp_path / "zlib-stubs" / "__init__.pyi").write_text(COMPILED)
    path = sys.path[:]
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.path[:] = path
    for name in [each for each in sys.modules if each.partition(".")[0] == "stubbed"]:
        del sys.modules[name]


def load(project: Path, spec: str, *, all_parameters: bool = False) -> Any:
    one = named(spec)
    assert one is not None
    info = find_named(one, roots(project, project))
    assert info.parameters == () or spec.endswith(":annotated"), "only the worker reads stubs"
    return load_named(Asked(one.module, one.name, all_parameters), str(info.file), [str(project)], str(project)).target


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("parse", ("str",)),
        ("annotated", ("str",)),  # the source comes first
        ("partly", ("str", "int")),
        ("exhaust", ("int",)),
        ("overloaded", ("str",)),
        ("several", ("int | str", "bytes")),
        ("handed_on", ("bytes",)),
        ("for_new_versions", ("bytes",)),
        ("of_checkers", ("bytes", "str")),
        ("Table", ("int",)),
        ("Table.find", ("int", "str", "bool")),
        ("Table.make", ("str",)),
        ("Table.clean", ("float",)),
    ],
)
def test_a_function_takes_what_the_stub_beside_its_module_says(
    stubbed: Path, name: str, parameters: tuple[str, ...]
) -> None:
    assert spelled(load(stubbed, f"stubbed.mod:{name}").parameters) == parameters


def test_all_parameters_of_a_stub_are_given_where_that_is_asked_for(stubbed: Path) -> None:
    target = load(stubbed, "stubbed.mod:parse", all_parameters=True)
    assert target.parameters == ("str", "bool", "int")
    target.function("a", True, 5)
    load(stubbed, "stubbed.mod:Table.find").function(2, "k", False)
    load(stubbed, "stubbed.mod:exhaust").function(9)
    assert sys.modules["stubbed.mod"].CALLS == [("a", True, 5), (2, "k", False), 9]


def test_names_that_only_the_stub_has_mean_something(stubbed: Path) -> None:
    (parameter,) = load(stubbed, "stubbed.mod:aliased").parameters
    assert parameter.startswith("Many(form='list', of=Either(")


def test_a_compiled_function_takes_what_its_stub_says(stubbed: Path) -> None:
    assert load(stubbed, "zlib:decompress").parameters == ("bytes",)
    assert load(stubbed, "zlib:decompress", all_parameters=True).parameters == ("bytes", "int", "int")
    with pytest.raises(Uncallable, match="zlib:crc32 is compiled, so nobody knows what it takes"):
        load(stubbed, "zlib:crc32")
    with pytest.raises(Uncallable, match="zlib has no decompres, did you mean decompress"):
        load(stubbed, "zlib:decompres")


def test_what_no_stub_tells_is_told_as_ever(stubbed: Path) -> None:
    for spec in ("stubbed.mod:unknown_to_the_stub", "stubbed.broken:f"):
        with pytest.raises(Uncallable, match=r"parameter x of .* is not annotated, so nobody knows what it takes"):
            load(stubbed, spec)
    (stubbed / "stubbed" / "broken.pyi").unlink()
    one = named("stubbed.broken:f")
    assert one is not None
    with pytest.raises(TargetNotFound, match=r"parameter x of stubbed.broken:f is not annotated"):
        find_named(one, roots(stubbed, stubbed))


def test_a_circle_of_stubs_comes_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "one.pyi").write_text("from two import f as f\n")
    (tmp_path / "two.pyi").write_text("from one import *\n")
    assert declared("one", "f", [str(tmp_path)]) is None
