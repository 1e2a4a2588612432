import ast
import os
import stat
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from fuzztui.target.discover import LARGEST_SOURCE, Discovery, discover
from fuzztui.target.errors import HarnessError, TargetNotFound
from fuzztui.target.find import find
from fuzztui.target.forms import Form
from fuzztui.target.load import load
from fuzztui.target.scope import Scope

EXAMPLES = Path(__file__).parents[2] / "examples"


def found(path: Path, source: str) -> Discovery:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(source).lstrip())
    return discover(path)


def names(discovery: Discovery) -> list[str]:
    return [target.name for target in discovery.targets]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fuzz_it.py"


def test_all_three_forms_are_found_with_line_and_parameters(file: Path) -> None:
    source = """
        import fuzztui

        def fuzz_one(data: bytes) -> None: ...

        @fuzztui.fuzz(seeds=[("a", 1)])
        def two(key: "str", n: int = 3): ...

        def three(f: fuzztui.F):
            @f.fuzz(raises=OSError)
            def inner(x: float, y: bool): ...

        def helper(x: int): ...
        class Fuzz:
            def fuzz_method(self, x: int): ...
    """
    found_here = found(file, source)
    assert found_here.problems == ()
    assert [(t.name, t.line, t.form, t.parameters) for t in found_here.targets] == [
        ("fuzz_one", 3, Form.NAME, (("data", "bytes"),)),
        ("two", 6, Form.DECORATOR, (("key", "str"), ("n", "int"))),
        ("three", 8, Form.SETUP, (("x", "float"), ("y", "bool"))),
    ]


@pytest.mark.parametrize(
    ("imported", "decorator", "annotation"),
    [
        ("import fuzztui as ft", "ft.fuzz", "ft.F"),
        ("from fuzztui import fuzz, F", "fuzz", "F"),
        ("from fuzztui import fuzz as check, F as Harness", "check(seeds=[])", "Harness"),
        ("if True:\n    import fuzztui", "fuzztui.fuzz()", "'fuzztui.F'"),
    ],
)
def test_other_names_for_fuzztui_are_followed(file: Path, imported: str, decorator: str, annotation: str) -> None:
    file.write_text(f"{imported}\n@{decorator}\ndef one(data: bytes): ...\ndef two(f: {annotation}): ...\n")
    assert [(t.name, t.form) for t in discover(file).targets] == [("one", Form.DECORATOR), ("two", Form.SETUP)]


def test_foreign_decorators_and_types_make_no_target(file: Path) -> None:
    source = """
        from other import fuzz, F
        import other as fuzztui
        from .fuzztui import fuzz, F
        @fuzz
        def one(data: bytes): ...
        @fuzztui.fuzz
        def two(data: bytes): ...
        def three(f: F): ...
    """
    assert found(file, source) == Discovery((), ())


def test_files_are_not_imported(file: Path) -> None:
    source = """
        raise SystemExit("imported")
        def fuzz_x(data: bytes): ...
    """
    assert names(found(file, source)) == ["fuzz_x"]
    assert "fuzz_it" not in sys.modules


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            "def fuzz_x(data): ...",
            "parameter data of fuzz_x is not annotated, want bytes, str, int, float, bool or datetime.date",
        ),
        ("def fuzz_x(data: list): ...", "parameter data of fuzz_x is annotated list, want bytes"),
        ("def fuzz_x(): ...", "fuzz_x has no parameters; a target takes at least one of bytes"),
        ("async def fuzz_x(data: bytes): ...", "fuzz_x is an async function: calling it runs nothing"),
        ("async def fuzz_x(f: fuzztui.F): ...", "fuzz_x is an async function: calling it runs nothing"),
        ("def fuzz_x(data: bytes): yield data", "fuzz_x is a generator function: calling it runs nothing"),
        ("def fuzz_x(*data: bytes): ...", "fuzz_x takes *data; a target"),
        ("def fuzz_x(a: int, *, b: int): ...", "fuzz_x takes b by keyword only; a target"),
        ("def fuzz_x(f: fuzztui.F):\n  @f.fuzz\n  def t(a): ...", "parameter a of t is not annotated"),
    ],
)
def test_function_that_cannot_be_a_target_is_a_problem(file: Path, function: str, message: str) -> None:
    discovery = found(file, f"import fuzztui\n{function}\n")
    assert discovery.targets == ()
    (problem,) = discovery.problems
    assert (problem.file, problem.line, problem.name) == (file, 2, "fuzz_x")
    assert problem.message.startswith(message)


def test_nested_generator_does_not_make_a_target_one(file: Path) -> None:
    source = """
        def fuzz_x(data: bytes):
            def inner(): yield 1
            return (lambda: (yield))
    """
    assert names(found(file, source)) == ["fuzz_x"]


def test_syntax_error_is_a_problem_and_the_search_goes_on(tmp_path: Path) -> None:
    found(tmp_path / "good.py", "def fuzz_x(data: bytes): ...")
    found(tmp_path / "bad.py", "# fuzz\ndef (:\n")
    (tmp_path / "binary.py").write_bytes(b"fuzz\0")
    (tmp_path / "latin.py").write_bytes(b"fuzz = '\xe9'")
    (tmp_path / "deep.py").write_text("fuzz = " + "(" * 10_000)
    (tmp_path / "long.py").write_text(f"x = fuzz{'.x' * 1500}\ndef fuzz_x(a: x{'.x' * 1500}): ...")
    discovery = discover(tmp_path)
    assert names(discovery) == ["fuzz_x"]
    assert {p.file.name for p in discovery.problems} == {"bad.py", "binary.py", "latin.py", "deep.py", "long.py"}
    bad = next(p for p in discovery.problems if p.file.name == "bad.py")
    assert (bad.line, bad.message) == (2, "syntax error: invalid syntax")


def test_what_is_no_regular_file_is_a_problem_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(tmp_path / "good.py", "def fuzz_x(data: bytes): ...")
    (tmp_path / "link.py").symlink_to("good.py")
    os.mkfifo(tmp_path / "fifo.py")
    os.mknod(tmp_path / "socket.py", stat.S_IFSOCK | 0o600)
    (tmp_path / "to_fifo.py").symlink_to("fifo.py")
    (tmp_path / "to_zero.py").symlink_to("/dev/zero")
    (tmp_path / "to_terminal.py").symlink_to("/dev/tty")
    (tmp_path / "to_nothing.py").symlink_to("nothing.py")
    opened: list[str] = []
    open_file = os.open

    def spy(path: str, *arguments: int, **options: Any) -> int:
        opened.append(Path(path).name)
        return open_file(path, *arguments, **options)

    monkeypatch.setattr("fuzztui.protocol.files.open_file", spy)
    discovery = discover(tmp_path)
    assert names(discovery) == ["fuzz_x", "fuzz_x"]
    assert opened == ["good.py", "link.py"]
    assert {problem.file.name: problem.message for problem in discovery.problems} == {
        "fifo.py": "cannot be read: a FIFO, not a regular file",
        "socket.py": "cannot be read: a socket, not a regular file",
        "to_fifo.py": "cannot be read: a FIFO, not a regular file",
        "to_nothing.py": "cannot be read: a symbolic link that leads nowhere",
        "to_terminal.py": "cannot be read: a device, not a regular file",
        "to_zero.py": "cannot be read: a device, not a regular file",
    }


def test_file_of_unreasonable_size_is_a_problem_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(tmp_path / "good.py", "def fuzz_x(data: bytes): ...")
    source = b"def fuzz_y(data: bytes): ...\n"
    (tmp_path / "fits.py").write_bytes(source.ljust(LARGEST_SOURCE))
    (tmp_path / "over.py").write_bytes(source.ljust(LARGEST_SOURCE + 1))
    with (tmp_path / "sparse.py").open("wb") as file:
        file.truncate(1 << 40)
    discovery = discover(tmp_path)
    assert names(discovery) == ["fuzz_y", "fuzz_x"]
    assert [(problem.file.name, problem.message) for problem in discovery.problems] == [
        ("over.py", "is larger than 10 MiB and was not searched for targets"),
        ("sparse.py", "is larger than 10 MiB and was not searched for targets"),
    ]


def test_a_name_that_is_bound_to_itself_again_and_again_gains_one_meaning_each_time(file: Path) -> None:
    again = "day = day\nother = day\nday = other\n" * 5
    source = f"from datetime import date as day\n{again}def fuzz_x(when: day): ...\n"
    discovery = found(file, source)
    assert [target.parameters for target in discovery.targets] == [(("when", "date"),)]
    assert len(Scope(ast.parse(source)).full_names("day")) == 11


def test_file_that_does_not_mention_fuzz_is_not_parsed(file: Path) -> None:
    assert found(file, "def (:\n") == Discovery((), ())


def test_invalid_escape_in_a_file_warns_nobody(file: Path) -> None:
    assert names(found(file, "def fuzz_x(data: bytes): return '\\d'")) == ["fuzz_x"]


def test_folders_that_hold_no_sources_are_skipped(tmp_path: Path) -> None:
    source = "def fuzz_x(data: bytes): ..."
    for folder in (".venv", ".hidden", "node_modules", "a/__pycache__", "testdata", "env", "site-packages"):
        found(tmp_path / folder / "fuzz_no.py", source)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    found(tmp_path / "b" / "deep" / "fuzz_yes.py", source)
    found(tmp_path / "a" / "fuzz_yes.py", source)
    found(tmp_path / "fuzz_no.txt", source)
    files = [target.file.relative_to(tmp_path).as_posix() for target in discover(tmp_path).targets]
    assert files == ["a/fuzz_yes.py", "b/deep/fuzz_yes.py"]


def test_later_definition_replaces_an_earlier_one(file: Path) -> None:
    source = """
        import sys
        if sys.platform == "linux":
            def fuzz_x(data: bytes): ...
        else:
            def fuzz_x(data: str): ...
        try:
            def fuzz_y(data: int): ...
        except ImportError:
            pass
    """
    assert [(t.name, t.parameters) for t in found(file, source).targets] == [
        ("fuzz_x", (("data", "str"),)),
        ("fuzz_y", (("data", "int"),)),
    ]


def test_target_is_found_by_its_id(file: Path, tmp_path: Path) -> None:
    found(file, "def fuzz_a(x: int): ...\ndef fuzz_b(x: int): ...\n")
    assert find("fuzz_it.py::fuzz_b", tmp_path).name == "fuzz_b"
    assert find(f"{file}::fuzz_a", Path("/")).file == file
    assert find(f"../{tmp_path.name}/fuzz_it.py::fuzz_a", tmp_path).file == file


def test_file_alone_is_enough_where_it_holds_one_target(file: Path, tmp_path: Path) -> None:
    found(file, "def fuzz_a(x: int): ...\ndef fuzz_bad(x): ...\n")
    assert find("fuzz_it.py", tmp_path).name == "fuzz_a"


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("fuzz_it.py", "fuzz_it.py has 2 targets, choose one: fuzz_it.py::fuzz_alpha, fuzz_it.py::fuzz_beta"),
        ("fuzz_it.py::fuzz_alpa", "fuzz_it.py has no target fuzz_alpa, did you mean fuzz_it.py::fuzz_alpha?"),
        ("fuzz_it.py::x", "fuzz_it.py has no target x, it has fuzz_it.py::fuzz_alpha, fuzz_it.py::fuzz_beta"),
        ("fuzz_it.py::fuzz_bad", "fuzz_it.py:3: parameter x of fuzz_bad is not annotated"),
        ("fuzz_at.py::x", "there is no file fuzz_at.py, did you mean fuzz_it.py::fuzz_alpha, fuzz_it.py::fuzz_beta?"),
        (
            "sub/fuzz_sub.py::",
            "sub/fuzz_sub.py:: ends where the target's name belongs, want sub/fuzz_sub.py::fuzz_gamma",
        ),
        ("sub/none.py", "there is no file sub/none.py"),
        ("gone/none.py", "there is no file gone/none.py"),
        ("fuzz_alpha", "fuzz_alpha is not a file, did you mean fuzz_it.py::fuzz_alpha?"),
        ("nothing", "nothing is not a file, want path/to/file.py::name"),
        ("a.b:c:d", "a.b:c:d is not a file, want path/to/file.py::name or package.module:function"),
        ("sub", "sub is a folder, not a target, did you mean sub/fuzz_sub.py::fuzz_gamma?"),
        ("empty.py", "empty.py has no target: want a function named fuzz_*"),
        ("broken.py::x", "broken.py:1: syntax error: "),
    ],
)
def test_target_that_is_not_there_is_told_with_what_is(file: Path, tmp_path: Path, spec: str, sentence: str) -> None:
    found(file, "def fuzz_alpha(x: int): ...\ndef fuzz_beta(x: int): ...\ndef fuzz_bad(x): ...\n")
    found(tmp_path / "sub" / "fuzz_sub.py", "def fuzz_gamma(x: int): ...")
    found(tmp_path / "empty.py", "x = 'fuzz'")
    found(tmp_path / "broken.py", "def fuzz(:")
    with pytest.raises(TargetNotFound) as caught:
        find(spec, tmp_path)
    assert str(caught.value).startswith(sentence)


def test_a_file_of_another_name_is_not_what_was_meant(file: Path, tmp_path: Path) -> None:
    found(file.with_name("ini.py"), "def fuzz_alpha(x: int): ...\n")
    with pytest.raises(TargetNotFound) as caught:
        find("nope.py", tmp_path)
    assert str(caught.value) == "there is no file nope.py"


DATES = [
    ("import datetime", "datetime.date"),
    ("import datetime as dt", "dt.date"),
    ("from datetime import date", "date"),
    ("from datetime import date as d", "d"),
    ("from datetime import *", "date"),
    ("import datetime", "'datetime.date'"),
    ("from datetime import date", "'date'"),
    ("from __future__ import annotations\nfrom datetime import date as d", "d"),
    ("from __future__ import annotations\nimport datetime", "'datetime.date'"),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from datetime import date", "'date'"),
    ("try:\n    from datetime import date\nexcept ImportError:\n    date = None", "date"),
    ("import datetime\nDay = datetime.date", "Day"),
    ("from datetime import date\nDay: type[date] = date", "Day"),
]


@pytest.mark.usefixtures("clean_imports")
@pytest.mark.parametrize(("imported", "annotation"), DATES)
def test_a_type_of_a_module_is_known_by_any_name_in_source_and_function(
    file: Path, imported: str, annotation: str
) -> None:
    file.write_text(f"{imported}\ndef fuzz_x(day: {annotation}, count: int): ...\n")
    (target,) = discover(file).targets
    assert target.parameters == (("day", "date"), ("count", "int"))
    assert load(str(file), "fuzz_x").parameters == ("date", "int")


@pytest.mark.usefixtures("clean_imports")
def test_a_set_up_may_import_the_type_of_its_target_and_add_seeds_of_it(file: Path) -> None:
    source = """
        import fuzztui

        def three(f: fuzztui.F):
            from datetime import date as day
            f.add(day(2024, 2, 29))
            @f.fuzz
            def inner(x: day): ...
    """
    (target,) = found(file, source).targets
    assert (target.form, target.parameters) == (Form.SETUP, (("x", "date"),))
    loaded = load(str(file), "three")
    assert loaded.parameters == ("date",)
    assert [str(seed[0]) for seed in loaded.seeds] == ["2024-02-29"]


@pytest.mark.usefixtures("clean_imports")
@pytest.mark.parametrize(
    ("imported", "annotation", "shown"),
    [
        ("", "None", "None"),
        ("", "list", "list"),
        ("", "'dict'", "dict"),
        ("", "object", "object"),
        ("import typing as t", "t.Any", "typing.Any"),
        ("from typing import Any", "Any", "typing.Any"),
        ("from __future__ import annotations\nfrom typing import Any", "Any", "typing.Any"),
    ],
)
def test_an_unknown_type_is_told_in_the_same_sentence_by_source_and_function(
    file: Path, imported: str, annotation: str, shown: str
) -> None:
    file.write_text(f"{imported}\ndef fuzz_x(a: str, b: {annotation}): ...\n")
    (problem,) = discover(file).problems
    with pytest.raises(HarnessError) as caught:
        load(str(file), "fuzz_x")
    assert problem.message.startswith(f"parameter b of fuzz_x is annotated {shown}, want bytes, str, int, float, ")
    assert str(caught.value) == f"{file}:{problem.line}: {problem.message}"


@pytest.mark.usefixtures("clean_imports")
@pytest.mark.parametrize(
    "function",
    [
        "def fuzz_x(): ...",
        "def fuzz_x(a, b: list): ...",
        "def fuzz_x(a: list, b): ...",
        "def fuzz_x(*rest: int): ...",
        "def fuzz_x(a: int, *, b: int, **c: int): ...",
        "def fuzz_x(a: int, **c: int): ...",
        "def fuzz_x(a: int): yield",
        "async def fuzz_x(a: int): ...",
        "async def fuzz_x(a: int): yield",
    ],
)
def test_what_is_wrong_with_a_function_is_told_in_the_same_sentence_by_source_and_function(
    file: Path, function: str
) -> None:
    file.write_text(f"{function}\n")
    (problem,) = discover(file).problems
    with pytest.raises(HarnessError) as caught:
        load(str(file), "fuzz_x")
    assert str(caught.value) == f"{file}:1: {problem.message}"


@pytest.mark.usefixtures("clean_imports")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a library that an example fuzzes
def test_discovery_and_loading_agree_on_the_examples() -> None:
    discovery = discover(EXAMPLES)
    assert discovery.problems == ()
    assert {target.form for target in discovery.targets} == {Form.NAME, Form.DECORATOR, Form.SETUP}
    for target in discovery.targets:
        try:
            loaded = load(str(target.file), target.name)
        except HarnessError as error:
            if "No module named" not in str(error):
                raise
            continue  # of a library that only the examples need
        assert loaded.parameters == tuple(kind for _, kind in target.parameters)
        for arguments in loaded.seeds:
            loaded.function(*arguments)
        loaded.close()
