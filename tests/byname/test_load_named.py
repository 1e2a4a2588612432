"""A worker makes any function of a module callable with plain values, by its name."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fuzztui.target.errors import HarnessError
from fuzztui.target.named.load import Asked, Loaded, load_named
from fuzztui.target.named.source import find_named
from fuzztui.target.named.spec import named
from fuzztui.target.values import named as spelled
from fuzztui.target.values import plain_of, zero
from tests.byname import functions


@pytest.fixture(autouse=True)
def _imports() -> Iterator[None]:
    path, modules = sys.path[:], {*sys.modules}
    yield
    sys.path[:] = path
    for name in {*sys.modules} - modules:
        if name.partition(".")[0] == "pkg":
            del sys.modules[name]


def load(package: Path, name: str, *raises: str, all_parameters: bool = False, module: str = "pkg.mod") -> Loaded:
    asked = Asked(module, name, all_parameters, raises)
    return load_named(asked, str(package / "src" / "pkg" / "mod.py"), [str(package / "src")], str(package))


def refused(package: Path, name: str, *raises: str, **given: Any) -> str:
    with pytest.raises(HarnessError) as caught:
        load(package, name, *raises, **given)
    return str(caught.value)


@pytest.mark.parametrize("one", [*functions.FIRST, *functions.ASIDE], ids=lambda one: one.spec)
def test_functions_of_others_take_what_they_are_annotated(one: functions.Named, tmp_path: Path) -> None:
    found = named(one.spec)
    assert found is not None
    asked = Asked(found.module, found.name, one.all_parameters, ["docstring"])
    if not one.parameters:
        with pytest.raises(HarnessError, match="is not annotated, so nobody knows what it takes: write a harness"):
            load_named(asked, "x.py", [], str(tmp_path))
        return
    target = load_named(asked, "x.py", [], str(tmp_path)).target
    assert spelled(target.parameters) == one.parameters
    with suppress(*target.raises):
        target.function(*plain_of(zero(target.parameters)))


@pytest.mark.parametrize(
    ("name", "all_parameters", "parameters", "values", "result"),
    [
        ("parse", False, ("str",), ("a",), "a"),
        ("parse", True, ("str", "bool", "int"), ("a", False, 1), "a"),
        ("by_name", False, ("bytes",), (b"ab",), 2),
        ("middle", False, ("int",), (1,), (1, None, "", b"", (), {})),
        ("middle", True, ("int", "bytes"), (1, b"x"), (1, None, "", b"x", (), {})),
        ("decorated", False, ("bytes",), (b"x",), b"x"),
        ("Parser.parse", False, ("bool", "str"), (True, "x"), (True, 4, "x", 0)),
        ("Parser.parse", True, ("bool", "int", "str", "int"), (True, 9, "x", 7), (True, 9, "x", 7)),
        ("Parser.clean", False, ("str",), ("x",), "x"),
        ("Parser.Inner.run", False, ("bytes",), (b"x",), b"x"),
        ("Order.total", True, ("str", "int", "float"), ("x", 3, 2.0), 6.0),
    ],
)
def test_call(
    package: Path, name: str, all_parameters: bool, parameters: tuple[str, ...], values: tuple[Any, ...], result: object
) -> None:
    target = load(package, name, all_parameters=all_parameters).target
    assert target.parameters == parameters
    assert target.function(*values) == result


def test_what_overloads_declare_is_given(package: Path) -> None:
    (package / "src/pkg/several.py").write_text(
        """
from dataclasses import dataclass
from typing import Self, overload
class Table:
    @overload
    def find(self, key: int, *, exact: bool) -> int: ...
    @overload
    def find(self, key: str, *, exact: bool) -> str: ...
    @overload
    def find(self, key: bytes, *, exact: str) -> str: ...
    def find(self, key, *, exact, depth=3):
        return key, exact, depth
@dataclass
class Point:
    x: int
    def plus(self, other: Self) -> Self:
        return Point(self.x + other.x)
"""
    )
    one = named("pkg.several:Table.find")
    assert one is not None
    assert find_named(one, [package / "src"]).parameters == ()
    target = load(package, "Table.find", module="pkg.several").target
    assert spelled(target.parameters) == ("int | str", "bool")
    assert target.function((1, "k"), True) == ("k", True, 3)
    target = load(package, "Point.plus", module="pkg.several").target
    assert spelled(target.parameters) == ("int", "Point")
    assert "x=7" in repr(target.function(3, (4,)))


def test_instance_of_what_is_made_of_fields(package: Path) -> None:
    (package / "src/pkg/made.py").write_text(
        "import enum, functools, msgspec\n"
        "class Record(msgspec.Struct):\n    count: int\n    def times(self, n: int) -> int: return self.count * n\n"
        "class Color(enum.Enum):\n    RED = 1\n    def shade(self, n: int) -> str: return f'{self.name}{n}'\n"
        "class Call:\n    def __call__(self, data: bytes) -> int: return len(data)\n"
        "call = Call()\npart = functools.partial(int, base=3)\n"
    )
    times = load(package, "Record.times", module="pkg.made").target
    assert times.parameters[1:] == ("int",)
    assert times.function((5,), 3) == 15
    assert load(package, "Color.shade", module="pkg.made").target.function("RED", 3) == "RED3"
    assert load(package, "call", module="pkg.made").target.function(b"abc") == 3
    assert "is a partial, which says nothing of what it takes" in refused(package, "part", module="pkg.made")


def test_class_and_class_method(package: Path) -> None:
    assert load(package, "Order").target.function("x") == sys.modules["pkg.mod"].Order("x")
    assert load(package, "Parser.make").target.parameters == ("str",)
    assert load(package, "P.parse", module="pkg").target.parameters == ("bool", "str")


def test_constructor_that_refuses_discards(package: Path) -> None:
    target = load(package, "Parser.parse", all_parameters=True).target
    assert target.function(True, -1, "x", 0) is None
    assert target.refusals is not None
    assert (target.refusals.count, target.refusals.reason) == (1, "ValueError: size")


def test_what_is_deferred_runs_to_its_end(package: Path) -> None:
    load(package, "later").target.function(b"x")
    assert sys.modules["pkg.mod"].SEEN == [b"x"]
    load(package, "endless").target.function(1)
    assert "async generator" in refused(package, "stream")


def test_documented_exceptions_are_allowed_where_somebody_asks_for_it(package: Path) -> None:
    believed = load(package, "parse", "docstring", module="pkg").target
    assert [each.__name__ for each in believed.raises] == ["Wrong"]
    assert believed.documented == ()
    not_asked = load(package, "parse", module="pkg").target
    assert not_asked.raises == ()
    assert [each.__name__ for each in not_asked.documented] == ["Wrong"]
    loaded = load(package, "by_name", "docstring", "KeyError", "json.JSONDecodeError", "Wrong")
    assert [each.__name__ for each in loaded.target.raises] == ["Wrong", "KeyError", "JSONDecodeError", "Wrong"]
    assert "documented to raise Mystery" in loaded.remarks[0]
    assert load(package, "by_name").remarks == ()
    (nothing,) = load(package, "middle", "docstring").remarks
    assert nothing == "--raises docstring: the docstring of pkg.mod:middle names no exception that it may raise"


def test_default_of_which_nobody_makes_values_is_kept(package: Path) -> None:
    loaded = load(package, "with_hook", all_parameters=True)
    assert loaded.target.function(*[b"x", *[5] * (len(loaded.target.parameters) - 1)][:2]) is not None
    if "int" in loaded.target.parameters and len(loaded.target.parameters) == 2:
        assert "conn keeps its default" in loaded.remarks[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prase", "pkg.mod has no prase, did you mean parse?"),
        ("Parser.parze", "pkg.mod:Parser has no parze, did you mean parse?"),
        ("TABLE", "is a dict, want a function"),
        ("socket", "pkg.mod:socket is a module, not a function"),
        ("Parser.state", "is a property, want a function"),
        ("comb", "pkg.mod:comb is compiled, so nobody knows what it takes: write a harness, such as def fuzz_comb("),
        ("crc32", "is compiled"),
        ("bare", "parameter data of pkg.mod:bare is not annotated, so nobody knows what it takes: write a harness, such"
                 " as def fuzz_bare(data: bytes, n: int) -> None: pkg.mod.bare(data, n)"),
        ("connect", "parameter conn of connect is annotated"),
        ("Client.send", "parameter conn of Client() is annotated"),
        ("Shape.area", "Shape is abstract, it lacks area"),
        ("defaults", "takes nothing without a default, so there is nothing to fuzz it with: add --all-parameters"),
        ("nothing", "pkg.mod:nothing takes nothing, so there is nothing"),
    ],
)  # fmt: skip
def test_mistake_gets_a_sentence(package: Path, name: str, words: str) -> None:
    sentence = refused(package, name)
    assert words in sentence
    assert "\n" not in sentence


def test_unknown_exception_gets_a_sentence(package: Path) -> None:
    assert refused(package, "parse", "Wron") == (
        "--raises: there is no exception Wron, did you mean Wrong?; one of another module is named as "
        "package.module.Wron"
    )
    assert "no exception json.Nope" in refused(package, "parse", "json.Nope")
