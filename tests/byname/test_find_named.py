"""A function is found by its name without importing anything; what was likely meant is said where it is not."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.request.target import NamedTarget, python_target
from fuzztui.outside.interpreter import import_path
from fuzztui.target.discover import TargetInfo
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.named.formals import Formal, Given, How, given
from fuzztui.target.named.source import Shape, find_named, shape_of
from fuzztui.target.named.spec import Named, named, named_by_folder, roots


def find(package: Path, spec: str, *, all_parameters: bool = False) -> TargetInfo:
    one = named(spec)
    assert one is not None
    return find_named(replace(one, all_parameters=all_parameters), roots(package, package))


def refused(package: Path, spec: str) -> TargetNotFound:
    with pytest.raises(TargetNotFound) as caught:
        find(package, spec)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("json:loads", Named("json", "loads")),
        ("a.b.c:D.e", Named("a.b.c", "D.e")),
        ("a:b()", Named("a", "b")),
        ("a:b(1, x)", Named("a", "b")),
        ("f.py:x", None),
        ("f.py::x", None),
        ("a::b", None),
        ("a/b:c", None),
        ("json", None),
        ("a.1b:c", None),
    ],
)
def test_spec(spec: str, found: Named | None) -> None:
    assert named(spec) == found


def test_folder_tells_the_function() -> None:
    for one in (Named("a.b", "C.d"), Named("a", "b", all_parameters=True)):
        assert named_by_folder(one.folder) == one
    assert named_by_folder("fuzz_it") is None


@pytest.mark.parametrize(
    ("formals", "chosen"),
    [
        ([Formal("a", How.EITHER, False, True), Formal("b", How.EITHER, True, True)], Given(("a", "b"))),
        ([Formal("a", How.EITHER, True, False), Formal("b", How.EITHER, True, True)], Given((), ("b",))),
        ([Formal("a", How.BY_PLACE, True, False), Formal("b", How.BY_PLACE, True, True)], Given()),
        ([Formal("a", How.BY_NAME, False, True)], Given((), ("a",))),
    ],
)
def test_what_is_given_with_all_parameters(formals: list[Formal], chosen: Given) -> None:
    assert given(formals, all_parameters=True) == chosen


def test_parameters_are_told_from_the_source(package: Path) -> None:
    assert find(package, "pkg.mod:parse").parameters == (("text", "str"),)
    everything = find(package, "pkg.mod:parse", all_parameters=True).parameters
    assert everything == (("text", "str"), ("strict", "bool"), ("depth", "int"))
    again = find(package, "pkg:parse")
    assert (again.file, again.name) == (package / "src/pkg/mod.py", "pkg:parse")
    assert find(package, "pkg:P.parse").parameters == ()  # only the worker tells
    assert find(package, "pkg.mod:Parser.parse").parameters == (("strict", "bool"), ("text", "str"))
    assert find(package, "pkg.mod:Parser.make").parameters == (("text", "str"),)
    assert find(package, "pkg.mod:Parser").parameters == (("strict", "bool"),)
    assert find(package, "pkg.mod:Order.total").parameters == ()
    assert find(package, "pkg.mod:with_hook").parameters == (("data", "bytes"),)
    assert find(package, "pkg.mod:with_hook", all_parameters=True).parameters == ()


@pytest.mark.parametrize(
    ("spec", "suggestions"),
    [
        ("pkg.mod:prase", ("pkg.mod:parse",)),
        ("pkg.mod:clean", ("pkg.mod:Parser.clean",)),
        ("pkg.mod:Parser.parze", ("pkg.mod:Parser.parse",)),
        ("pkg.mdo:parse", ("pkg.mod:parse",)),
        ("pkgg:parse", ("pkg:parse",)),
        ("pkg.mod.Parser:parse", ("pkg.mod:Parser.parse",)),
        ("pkg.mod.parse:x", ("pkg.mod:parse",)),
        ("pkg.mod:parse.x", ("pkg.mod:parse",)),
    ],
)
def test_what_was_likely_meant_is_suggested(package: Path, spec: str, suggestions: tuple[str, ...]) -> None:
    assert refused(package, spec).suggestions == suggestions


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("zqxw.vkj:parse", "there is no module zqxw.vkj: install it, or name another interpreter by --python"),
        ("math:comb", "math:comb is compiled, so nobody knows what it takes: write a harness, such as def fuzz_comb("),
        ("os.path:join", "parameter a of os.path:join is not annotated, so nobody knows what it takes: write a harness,"
                         " such as def fuzz_join(a: bytes) -> None: os.path.join(a)"),
        ("pkg.broken:f", "syntax error"),
        ("pkg.mod:defaults", "add --all-parameters"),
        ("pkg.mod:nothing", "takes nothing, so there is nothing to fuzz it with"),
        ("pkg.mod:Odd.run", "parameter sock of pkg.mod:Odd is not annotated, so nobody knows what it takes: write a "
                            "harness, such as def fuzz_odd(sock: bytes) -> None: pkg.mod.Odd(sock)"),
    ],
)  # fmt: skip
def test_mistake_gets_a_sentence(package: Path, spec: str, words: str) -> None:
    assert words in str(refused(package, spec))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Wron", "--raises: there is no exception Wron, did you mean Wrong?"),
        ("ValuError", "did you mean ValueError?"),
        ("Zqx", "--raises: there is no exception Zqx; one of another module is named as package.module.Zqx"),
    ],
)
def test_unknown_exception_is_told_before_a_run(package: Path, name: str, words: str) -> None:
    with pytest.raises(TargetNotFound) as caught:
        find_named(Named("pkg.mod", "parse", raises=(name,)), roots(package, package))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        ("pkg:parse", Shape(None, Given(("text",)))),
        ("pkg.mod:Parser.parse", Shape(Given(("strict",)), Given(("text",)))),
        ("pkg.mod:Parser.make", Shape(None, Given(("text",)))),
        ("pkg.mod:Parser.clean", Shape(None, Given(("text",)))),
        ("pkg.mod:Parser.Inner.run", Shape(Given(), Given(("data",)))),
        ("pkg.mod:Parser", Shape(None, Given(("strict",)))),
        ("pkg.mod:by_name", Shape(None, Given((), ("data",)))),
        ("pkg.mod:Order.total", None),
    ],
)
def test_shape_of_a_call(package: Path, spec: str, shape: Shape | None) -> None:
    one = named(spec)
    assert one is not None
    assert shape_of(one, roots(package, package)) == shape


def test_target_belongs_to_the_project_that_one_is_in(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = package / "src"
    monkeypatch.chdir(below)
    target = python_target(find(package, "tomllib:loads", all_parameters=True))
    assert isinstance(target, NamedTarget)
    assert target.crashers_dir.path == package / "testdata/corpus/tomllib-loads+all"
    cache = package / ".fuzztui"
    assert target.records_dir(cache).path == cache / "crashes/by-name/tomllib-loads+all"
    assert target.id == "tomllib:loads --all-parameters"
    assert target.command_words == ("tomllib:loads", "--all-parameters")


def test_another_interpreter_tells_where_it_imports_from(tmp_path: Path) -> None:
    (tmp_path / "onlythere.py").write_text("def f(data: bytes) -> None: ...\n")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    path = import_path(str(python), "onlythere")
    assert tmp_path in path
    assert find_named(Named("onlythere", "f"), path).parameters == (("data", "bytes"),)
    assert tmp_path not in import_path(sys.executable, "onlythere")


def test_a_module_that_cannot_be_read_is_not_taken_for_another_one(package: Path) -> None:
    found = refused(package, "pkg.broken:f")
    assert found.suggestions == ()
    assert str(found).endswith("src/pkg/broken.py:1: syntax error: invalid syntax")
