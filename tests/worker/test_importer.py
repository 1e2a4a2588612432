"""Modules imported under the hook. Those of the standard library are tried in a process of their own."""

import importlib
import importlib.resources
import importlib.util
import inspect
import linecache
import os
import pkgutil
import runpy
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from fuzztui.worker.instrumentation.importer import InstrumentingFinder, Selection, install, selection
from fuzztui.worker.instrumentation.probes import ProbedModule, ProbeMap

SOURCE = "def f(x):\n    if x == 3:\n        return 'three'\n    return 'other'\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to import from; what was imported from there is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def hook(wanted: Selection | None = None, **options: object) -> InstrumentingFinder:
    return install(ProbeMap(), wanted or selection(b""), **options)  # type: ignore[arg-type]


def write(project: Path, path: str, source: str | bytes = SOURCE) -> Path:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(source.encode() if isinstance(source, str) else source)
    importlib.invalidate_caches()
    return file


def is_covered_by(finder: InstrumentingFinder, call: Callable[[], object]) -> bool:
    finder.probes.cells[:] = bytes(len(finder.probes.cells))
    call()
    return any(finder.probes.cells)


def test_an_imported_module_reports_its_probes_and_fills_the_map(project: Path) -> None:
    file = write(project, "fz_plain.py")
    seen: list[ProbedModule] = []
    finder = hook(on_module=seen.append)
    module = importlib.import_module("fz_plain")
    assert seen == finder.probes.modules
    assert [(one.name, one.file, one.base) for one in seen] == [("fz_plain", str(file), 0)]
    assert module.f(3) == "three"
    assert finder.probes.coverage(i for i, hit in enumerate(finder.probes.cells) if hit) == {
        "fz_plain": [seen[0].lines.index(3)]
    }
    assert finder.failures == {}


def test_modules_import_each_other_and_each_has_cells_of_its_own(project: Path) -> None:
    write(project, "fz_pkg/__init__.py", "from .one import f as one\n" + SOURCE)
    write(project, "fz_pkg/one.py", "from . import two\n" + SOURCE)
    write(project, "fz_pkg/two.py")
    finder = hook()
    module = importlib.import_module("fz_pkg")
    for name, function in (
        ("fz_pkg", module.f),
        ("fz_pkg.one", module.one),
        ("fz_pkg.two", sys.modules["fz_pkg.two"].f),
    ):
        assert is_covered_by(finder, lambda function=function: function(1))  # type: ignore[misc]
        assert list(finder.probes.coverage(i for i, hit in enumerate(finder.probes.cells) if hit)) == [name]


def test_everything_else_about_a_module_stays_as_it_was(project: Path) -> None:
    file = write(project, "fz_pkg2/__init__.py", '"""Doc."""\n' + SOURCE)
    write(project, "fz_pkg2/data.txt", "content")
    write(project, "fz_pkg2/sub.py")
    plain = importlib.util.find_spec("fz_pkg2")
    hook()
    module = importlib.import_module("fz_pkg2")
    assert plain is not None
    assert module.__spec__ is not None
    assert (module.__file__, module.__cached__, module.__doc__) == (str(file), plain.cached, "Doc.")
    assert (module.__spec__.origin, module.__path__) == (plain.origin, plain.submodule_search_locations)
    assert inspect.getsource(module.f) == SOURCE
    assert inspect.getsource(module) == '"""Doc."""\n' + SOURCE
    assert linecache.getline(str(file), 3) == "    if x == 3:\n"
    assert pkgutil.get_data("fz_pkg2", "data.txt") == b"content"
    assert importlib.resources.files("fz_pkg2").joinpath("data.txt").read_text() == "content"
    assert [info.name for info in pkgutil.iter_modules(module.__path__)] == ["sub"]
    assert module.f.__code__.co_filename == str(file)


def test_bytecode_caches_and_runpy_get_plain_code(project: Path) -> None:
    file = write(project, "fz_run.py", SOURCE + "result = f(3)\n")
    finder = hook()
    importlib.import_module("fz_run")
    assert not Path(importlib.util.cache_from_source(str(file))).exists()
    del sys.modules["fz_run"]
    assert not is_covered_by(finder, lambda: runpy.run_module("fz_run"))
    assert runpy.run_module("fz_run")["result"] == "three"


def test_a_reloaded_module_keeps_its_cells(project: Path) -> None:
    write(project, "fz_reload.py")
    finder = hook()
    module = importlib.import_module("fz_reload")
    size = len(finder.probes.cells)
    importlib.reload(module)
    del sys.modules["fz_reload"]
    again = importlib.import_module("fz_reload")
    assert len(finder.probes.cells) == size
    assert is_covered_by(finder, lambda: module.f(3))
    assert is_covered_by(finder, lambda: again.f(3))


def test_a_module_that_cannot_be_instrumented_runs_plainly_and_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "fz_hard.py")
    finder = hook()

    def fail(source: bytes, path: str) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("fuzztui.worker.instrumentation.importer.instrument", fail)
    assert importlib.import_module("fz_hard").f(3) == "three"
    assert finder.failures == {"fz_hard": "it is too deeply nested for probes (too deep)"}
    assert finder.probes.modules == []


def test_a_syntax_error_is_the_ordinary_one(project: Path) -> None:
    write(project, "fz_wrong.py", "def f(:\n")
    finder = hook()
    with pytest.raises(SyntaxError) as caught:
        importlib.import_module("fz_wrong")
    assert (caught.value.filename, caught.value.lineno) == (str(project / "fz_wrong.py"), 1)
    assert len(finder.failures) == 1


def test_warnings_of_the_compiler_are_not_errors(project: Path) -> None:
    write(project, "fz_warns.py", "def f(x):\n    return x is 3, '\\d'\n")
    finder = hook()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importlib.import_module("fz_warns")
    assert finder.failures == {}


def test_sources_in_other_encodings_are_read_as_they_declare(project: Path) -> None:
    write(project, "fz_latin.py", "# coding: latin-1\ndef f(): return 'é'\n".encode("latin-1"))
    hook()
    assert importlib.import_module("fz_latin").f() == "é"


def test_a_file_is_instrumented_by_its_loader_whatever_its_name(project: Path) -> None:
    file = write(project, "folder/json.py")
    finder = hook()
    spec = importlib.util.spec_from_file_location("json", file, loader=finder.loader_for("json", str(file)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert is_covered_by(finder, lambda: module.f(3))


def test_a_target_that_empties_sys_modules_can_still_import(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "fz_emptied.py")
    finder = hook()
    ours = {name: module for name, module in sys.modules.items() if name.startswith("fuzztui") or name == "ast"}
    with monkeypatch.context() as patch:
        for name in ours:
            patch.delitem(sys.modules, name)
        module = importlib.import_module("fz_emptied")
    assert is_covered_by(finder, lambda: module.f(3))


# Selection --------------------------------------------------------------------------------------------------------


def place(name: str) -> str:
    """A file where such a module may lie."""
    standard = name.partition(".")[0] in sys.stdlib_module_names
    return f"{Path(os.__file__).parent if standard else '/project'}/{name.replace('.', '/')}.py"


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("json", True),  # imported by the target
        ("json.decoder", True),
        ("email.parser", True),
        ("email", True),
        ("html.parser", True),  # imported in a function
        ("re", False),  # comes along indirectly
        ("os", False),
        ("jsonschema", True),  # not of the standard library
        ("project.parser", True),
        ("fuzztui", False),
        ("fuzztui.worker.loop", False),
        ("fuzztui_extra", True),
    ],
)
def test_by_default_what_the_target_imports_and_everything_outside_the_standard_library(
    name: str, chosen: bool
) -> None:
    source = b"import json, email.message as m\nfrom .re import x\ndef f():\n    from html import parser\n"
    assert selection(source)(name, place(name)) is chosen


def test_what_the_target_only_annotates_with_is_chosen_where_it_is_asked_for_or_no_library_module() -> None:
    source = b"import typing, parser\ndef f(x: typing.Any, y: parser.Node): pass\n"
    assert not selection(source)("typing", place("typing"))
    assert selection(source, include=["typing"])("typing", place("typing"))
    assert selection(source)("parser", place("parser"))


def test_a_pattern_covers_sub_modules_and_exclude_wins() -> None:
    wanted = selection(b"import json", include=["xml", "conf*r"], exclude=["xml.sax", "json.dec*", "foo"])
    names = ["xml", "xml.dom.minidom", "xml.sax", "xml.sax.handler", "xmlrpc.client"]
    names += ["json", "json.decoder", "configparser", "foo.bar"]
    chosen = [
        wanted(name, place(name)) for name in ("xml", "xml.dom.minidom", "xml.sax", "xml.sax.handler", "xmlrpc.client")
    ]
    assert chosen == [True, True, False, False, False]
    assert [wanted(name, place(name)) for name in ("json", "json.decoder", "configparser", "foo.bar")] == [
        True,
        False,
        True,
        False,
    ]
    assert not selection(b"", include=["fuzztui*"])("fuzztui.target", "/x/fuzztui/target.py")


def test_a_target_that_does_not_compile_selects_as_one_without_imports() -> None:
    for source in (b"import json\ndef f(:", b"import json\0", b"# coding: nonsense\nimport json"):
        assert not selection(source)("json", place("json"))


# Modules loaded before the hook -----------------------------------------------------------------------------------


def run(script: str) -> list[str]:
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", "import sys\nfrom fuzztui.worker.instrumentation.importer import *\n" + script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(root)},
    )
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def test_included_modules_that_were_loaded_before_are_loaded_anew_under_the_hook() -> None:
    assert run("""
import json, json.decoder, string, xml, xml.dom, xml.dom.minidom
old = json, xml
finder = install(ProbeMap(), selection(b"", include=["json", "xml.dom", "string"], exclude=["json.encoder"]))
print(finder.reload_named(), xml.dom is sys.modules["xml.dom"])
import json, string, xml.dom.minidom
print(json is old[0], xml is old[1], xml.dom is sys.modules["xml.dom"], old[0].loads("[1]"))
print(sorted(module.name for module in finder.probes.modules))
string.Template("$x").substitute(x=json.loads("1"))
print(sorted(finder.probes.coverage(i for i, hit in enumerate(finder.probes.cells) if hit)))
""") == [
        "{} True",
        "False True True [1]",
        "['json', 'json.decoder', 'json.scanner', 'string', 'xml.dom', 'xml.dom.NodeFilter', 'xml.dom.domreg', "
        "'xml.dom.minicompat', 'xml.dom.minidom', 'xml.dom.xmlbuilder']",
        "['json', 'json.decoder', 'string', 'xml.dom.minicompat', 'xml.dom.minidom']",
    ]


def test_modules_that_the_interpreter_has_frozen_are_instrumented_from_their_source() -> None:
    assert run("""
import importlib.util
print(importlib.util.find_spec("ntpath").origin)
finder = install(ProbeMap(), selection(b"import ntpath"))
import ntpath
print(ntpath.join("a", "b"), sum(finder.probes.cells) > 0, ntpath.__file__ == finder.probes.modules[0].file)
""") == ["frozen", "a\\b True True"]


def test_modules_loaded_before_and_not_named_are_left_alone() -> None:
    assert run("""
import json, string
finder = install(ProbeMap(), selection(b"import string"))
before = dict(sys.modules)
print(finder.reload_named(), before.keys() - sys.modules.keys(), finder.probes.modules)
""") == ["{} {'string'} []"]


def test_modules_that_cannot_be_loaded_twice_are_refused_with_a_sentence_each() -> None:
    assert run("""
import math, fuzztui.worker.instrumentation.probes, importlib.util
finder = install(ProbeMap(), selection(b"", include=["sys", "importlib", "math", "fuzztui", "os", "built*", "absent"]))
before = dict(sys.modules)
for name, reason in sorted(finder.reload_named().items()):
    if "." not in name:
        print(name, reason, sep=": ")
print(before == sys.modules)
""") == [
        "builtins: the interpreter itself uses it",
        "fuzztui: it is part of the fuzzer",
        "importlib: the interpreter itself uses it",
        "math: math is compiled and can be loaded only once",
        "os: the interpreter itself uses it",
        "sys: the interpreter itself uses it",
        "True",
    ]


def test_modules_that_the_hook_itself_uses_can_be_fuzzed_once_included() -> None:
    assert run("""
finder = install(ProbeMap(), selection(b"", include=["ast", "re", "typing", "collections", "bisect", "contextlib"]))
print(finder.reload_named())
import ast, re, collections, typing, bisect, contextlib
print(finder.failures, sorted({m.name.partition(".")[0] for m in finder.probes.modules}))
print(ast.unparse(ast.parse("x = 1")), re.match("(a|b)+$", "abab").group(), collections.Counter("aab")["a"])
print(sorted(finder.probes.coverage(i for i, hit in enumerate(finder.probes.cells) if hit))[:3])
""") == [
        "{}",
        "{} ['ast', 'bisect', 'collections', 'contextlib', 're', 'typing']",
        "x = 1 abab 2",
        "['ast', 'collections', 'contextlib']",
    ]


@pytest.mark.parametrize("include", ["re", "re.*", "re*", "re._parser", "re._compiler", "*"])
@pytest.mark.mostly_soak(2)
def test_who_holds_a_module_that_is_loaded_anew_can_go_on_using_it(include: str) -> None:
    out = run(f"""
import re
old = re
finder = install(ProbeMap(), selection(b"", include=[{include!r}]))
finder.reload_named()
import re
for each in (old, re):
    print(each.compile("(a|b)+").sub(r"<\\1>", "abc"), each.escape("."))
print(any(module.name.startswith("re") for module in finder.probes.modules))
""")
    assert out == [r"<b>c \."] * 2 + ["True"]


def test_a_part_of_a_package_that_cannot_be_loaded_anew_stays(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("from . import once\ndef use(): return once.value\n")
    (tmp_path / "pack" / "once.py").write_text(
        "import sys\nif hasattr(sys, 'once'): raise ValueError('twice')\nsys.once = True\nvalue = 7\n"
    )
    assert run(f"""
sys.path.insert(0, {str(tmp_path)!r})
import pack
finder = install(ProbeMap(), selection(b"", include=["pack.once"]))
print(finder.reload_named())
import pack.once
print(pack.use(), pack.once.value)
""") == ["{'pack.once': 'loaded anew it raises ValueError: twice'}", "7 7"]


def test_modules_see_the_real_builtins_and_patching_them_does_not_disturb_the_hook() -> None:
    assert run("""
import builtins, string
finder = install(ProbeMap(), selection(b"import colorsys", include=["string"]))
finder.reload_named()
import string
real = vars(builtins).copy()
def refuse(*_): raise AssertionError("the hook called a patched builtin")
builtins.repr = lambda _: "patched"
formatted = string.Formatter().convert_field(5, "r")
vars(builtins).update(dict.fromkeys(["compile", "exec", "open", "map", "sum", "reversed", "repr"], refuse))
import colorsys
vars(builtins).update(real)
print(formatted, finder.failures, [module.name for module in finder.probes.modules])
""") == ["patched {} ['string', 'colorsys']"]


def test_modules_are_module_objects_with_a_loader_of_the_ordinary_kind(project: Path) -> None:
    write(project, "fz_kind.py")
    hook()
    module = importlib.import_module("fz_kind")
    assert type(module) is ModuleType
    assert isinstance(module.__loader__, importlib.machinery.SourceFileLoader)
    assert module.__loader__.get_source("fz_kind") == SOURCE
