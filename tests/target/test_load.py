import os
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from fuzztui.target.errors import CleanupFailed, HarnessError, LoadFailed, Skipped
from fuzztui.target.load import LoadedTarget, load

pytestmark = pytest.mark.usefixtures("clean_imports")


def write(path: Path, source: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("import fuzztui\n" + dedent(source))
    return str(path)


def failing(path: Path, source: str, name: str = "target") -> HarnessError:
    with pytest.raises(HarnessError) as caught:
        load(write(path, source), name)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fuzz_it.py"


def test_named_function_is_loaded_with_its_types(file: Path) -> None:
    loaded = load(write(file, "def fuzz_x(a: bytes, b: float): return (a, b)"), "fuzz_x")
    assert loaded.function(b"x", 1.5) == (b"x", 1.5)
    assert (loaded.parameters, loaded.seeds, loaded.raises) == (("bytes", "float"), [], ())
    assert loaded.harness is None
    loaded.close()


def test_decorated_function_brings_seeds_and_contract(file: Path) -> None:
    source = """
        @fuzztui.fuzz(seeds=[b"{}", (b"[1]",)], raises=(ValueError, KeyError))
        def one(data: bytes): ...
        @fuzztui.fuzz(seeds=[("key", 3)])
        def two(key: str, n: int): ...
    """
    one, two = load(write(file, source), "one"), load(str(file), "two")
    assert (one.seeds, one.raises) == ([(b"{}",), (b"[1]",)], (ValueError, KeyError))
    assert (two.seeds, two.raises) == ([("key", 3)], ())


def test_set_up_brings_seeds_and_runs_cleanups_in_reverse(file: Path) -> None:
    source = """
        done = []
        def target(f: fuzztui.F):
            f.add("key", 3)
            f.cleanup(lambda: done.append("first"))
            f.cleanup(lambda: done.append("second"))
            @f.fuzz(raises=OSError)
            def inner(key: str, n: int): return n
    """
    loaded = load(write(file, source), "target")
    assert loaded.function("a", 7) == 7
    assert (loaded.parameters, loaded.seeds, loaded.raises) == (("str", "int"), [("key", 3)], (OSError,))
    assert loaded.harness is not None
    loaded.close()
    loaded.close()
    assert sys.modules["fuzz_it"].done == ["second", "first"]


def test_every_cleanup_runs_and_the_first_failure_is_told(file: Path) -> None:
    source = """
        done = []
        def target(f: fuzztui.F):
            f.cleanup(lambda: done.append("last"))
            f.cleanup(lambda: 1 / 0)
            @f.fuzz
            def inner(n: int): ...
    """
    loaded = load(write(file, source), "target")
    with pytest.raises(CleanupFailed, match="ZeroDivisionError") as caught:
        loaded.close()
    assert "1 / 0" in caught.value.traceback
    assert sys.modules["fuzz_it"].done == ["last"]


@pytest.mark.parametrize("cleanup", ["async def close(): ...", "def close(): yield", "async def close(): yield"])
def test_a_cleanup_that_only_returns_its_work_has_failed(file: Path, cleanup: str) -> None:
    source = f"""
        {cleanup}
        def target(f: fuzztui.F):
            f.cleanup(close)
            @f.fuzz
            def inner(n: int): ...
    """
    loaded = load(write(file, source), "target")
    with pytest.raises(CleanupFailed, match="returned what nobody runs"):
        loaded.close()


def test_cleanups_run_when_the_set_up_fails(file: Path) -> None:
    source = """
        done = []
        def target(f: fuzztui.F):
            f.cleanup(lambda: done.append("closed"))
            f.fail("no server")
    """
    assert "f.fail() in the set-up: no server" in str(failing(file, source))
    assert sys.modules["fuzz_it"].done == ["closed"]


def test_future_annotations_are_resolved(file: Path) -> None:
    source = """
        from __future__ import annotations
        import fuzztui, typing
        if typing.TYPE_CHECKING:
            from fuzztui import F
        def plain(a: bytes, b: "int"): ...
        def set_up(f: fuzztui.F):
            @f.fuzz
            def inner(text: str): ...
        def checked_only(f: F):
            @f.fuzz
            def inner(flag: bool): ...
    """
    file.write_text(dedent(source).lstrip())
    assert load(str(file), "plain").parameters == ("bytes", "int")
    assert load(str(file), "set_up").parameters == ("str",)
    assert load(str(file), "checked_only").parameters == ("bool",)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "{file} has no target target"),
        ("target = 3", "{file}: target is not callable, it is int, want a function"),
        (
            "def target(a): ...",
            "{file}:2: parameter a of target is not annotated, want bytes, str, int, float, bool or datetime.date",
        ),
        ("def target(a: list): ...", "{file}:2: parameter a of target is annotated list, want bytes, str"),
        ("def target(): ...", "{file}:2: target has no parameters"),
        ("def target(f: fuzztui.F): ...", "{file}:2: set-up target returned without calling f.fuzz"),
        (
            "def target(f: fuzztui.F): f.skip('not here')",
            "{file}:2: f.skip() in the set-up, so there is nothing to fuzz: not here",
        ),
        ("def target(f: fuzztui.F): f.fail()", "{file}:2: f.fail() in the set-up"),
        ("@fuzztui.fuzz(seeds=[b'x', 3])\ndef target(a: bytes): ...", "{file}:2: seed 2: [int], want [bytes]"),
        ("@fuzztui.fuzz(seeds=['x'])\ndef target(a: str, b: int): ...", "{file}:2: seed 1: [str], want [str, int]"),
        ("@fuzztui.fuzz\ndef target(f: fuzztui.F): ...", "target takes F, want f.add and f.fuzz instead"),
        ("@fuzztui.fuzz(raises=3)\ndef target(a: str): ...", "{file}:2: raises has 3, want exception classes"),
    ],
)
def test_wrong_harness_is_one_sentence_with_its_place(file: Path, source: str, sentence: str) -> None:
    error = failing(file, source)
    assert sentence.format(file=file) in str(error)
    assert not isinstance(error, LoadFailed)


def test_misuse_that_the_set_up_swallows_is_told_anyway(file: Path) -> None:
    source = """
        def target(f: fuzztui.F):
            try:
                f.skip("hidden")
            except BaseException:
                pass
            @f.fuzz
            def inner(n: int): ...
    """
    assert "f.skip() in the set-up, so there is nothing to fuzz: hidden" in str(failing(file, source))


@pytest.mark.parametrize(
    ("statement", "last"),
    [
        ("raise ValueError('no\\nway')", "ValueError: no"),
        ("raise BaseException('bare')", "BaseException: bare"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
@pytest.mark.parametrize("in_set_up", [False, True])
def test_exception_of_the_users_code_is_told_with_the_users_frames(
    file: Path, statement: str, last: str, in_set_up: bool
) -> None:
    source = f"def target(f: fuzztui.F):\n    {statement}\n" if in_set_up else f"def go():\n    {statement}\ngo()\n"
    error = failing(file, source)
    assert isinstance(error, LoadFailed)
    doing = f"{file}:2: set-up target" if in_set_up else f"importing {file}"
    assert str(error) == f"{doing} raised {last}"
    frames = [line.strip() for line in error.traceback.splitlines() if line.strip().startswith("File ")]
    assert len(frames) == (1 if in_set_up else 2)
    assert all(str(file) in frame for frame in frames)


def test_causes_are_told_without_foreign_frames(file: Path) -> None:
    source = """
        try:
            import surely_not_there
        except ImportError as error:
            raise RuntimeError("needs it") from error
    """
    error = failing(file, source)
    assert isinstance(error, LoadFailed)
    assert "ModuleNotFoundError: No module named 'surely_not_there'" in error.traceback
    assert "direct cause" in error.traceback
    assert "importlib" not in error.traceback
    assert "fuzztui/target" not in error.traceback


def test_causes_are_told_without_frames_of_ours(file: Path) -> None:
    source = """
        def target(f: fuzztui.F):
            try:
                f.fuzz(len)
            except Exception as error:
                raise RuntimeError("cannot") from error
    """
    error = failing(file, source)
    assert isinstance(error, LoadFailed)
    assert "len is a builtin_function_or_method, want a function" in error.traceback
    assert error.traceback.count("  File ") == error.traceback.count(f'  File "{file}"') == 2


def test_exception_whose_str_raises_is_told(file: Path) -> None:
    source = """
        class Odd(Exception):
            def __str__(self): raise RuntimeError
        raise Odd
    """
    assert "Odd" in str(failing(file, source))


def test_syntax_error_shows_its_line(file: Path) -> None:
    error = failing(file, "def target(:\n")
    assert isinstance(error, LoadFailed)
    assert str(error).startswith(f"importing {file} raised SyntaxError: ")
    assert f'File "{file}", line 2' in error.traceback


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"no\.py is not a file"):
        load(str(tmp_path / "no.py"), "target")
    with pytest.raises(HarnessError, match=r"want a name that ends in \.py"):
        load(write(tmp_path / "notes.txt", ""), "target")


def test_module_gets_the_name_that_it_has_in_its_project(tmp_path: Path) -> None:
    file = tmp_path / "project" / "outer" / "inner" / "fuzz_it.py"
    write(file, "from . import helper\nfrom outer import top\ndef target(n: int): return helper.x + top")
    (file.parent / "__init__.py").touch()
    (file.parent / "helper.py").write_text("x = 3")
    (file.parent.parent / "__init__.py").write_text("top = 4")
    loaded = load(str(file), "target", cwd=str(tmp_path))
    assert loaded.function(0) == 7
    assert sys.modules["outer.inner.fuzz_it"].target is loaded.function
    assert sys.path[:2] == [str(tmp_path / "project"), str(tmp_path)]


@pytest.mark.parametrize(
    "name", ["json", "test", "ast", "random", "sys", "builtins", "__main__", "fuzztui", "fuzz-it", "a.b"]
)
def test_file_named_like_another_module_is_loaded_and_spoils_nothing(tmp_path: Path, name: str) -> None:
    import json

    before = sys.modules.get(name)
    loaded = load(write(tmp_path / f"{name}.py", "def target(n: int): return 'mine'"), "target")
    assert loaded.function(1) == "mine"
    assert before is None or sys.modules[name] is before
    assert json.loads("[1]") == [1]
    assert getattr(sys.modules[loaded.function.__module__], "target") is loaded.function  # noqa: B009


def test_file_made_a_moment_ago_is_found(tmp_path: Path) -> None:
    load(write(tmp_path / "fuzz_old.py", "def target(n: int): ..."), "target")
    stat = tmp_path.stat()
    file = write(tmp_path / "fuzz_new.py", "def target(n: int): ...")
    os.utime(tmp_path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as a clock too coarse to tell the two apart would
    assert load(file, "target").function.__module__ == "fuzz_new"


def test_two_files_of_one_name_are_both_loaded(tmp_path: Path) -> None:
    loaded = [
        load(write(tmp_path / folder / f"{name}.py", f"def target(n: int): return {folder!r}"), "target")
        for name in ("fuzz_same", "json")
        for folder in ("a", "b")
    ]
    assert [target.function(1) for target in loaded] == ["a", "b", "a", "b"]


def test_package_that_is_broken_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "__init__.py").write_text("import surely_not_there")
    error = failing(tmp_path / "broken" / "fuzz_it.py", "def target(n: int): ...")
    assert isinstance(error, LoadFailed)
    assert "No module named 'surely_not_there'" in str(error)


@pytest.mark.parametrize("name", ["fuzz_it", "json"])
def test_import_hook_sees_the_targets_file(tmp_path: Path, name: str) -> None:
    from importlib.abc import MetaPathFinder
    from importlib.machinery import ModuleSpec

    class Hook(MetaPathFinder):
        seen: list[str | None] = []  # noqa: RUF012

        def find_spec(self, fullname, path, target=None) -> ModuleSpec | None:  # type: ignore[no-untyped-def]
            rest = (finder for finder in sys.meta_path if finder is not self)
            spec = next((s for f in rest if (s := f.find_spec(fullname, path, target))), None)
            self.seen.append(spec.origin if spec else None)
            return spec

    hook = Hook()
    sys.meta_path.insert(0, hook)
    try:
        file = write(tmp_path / f"{name}.py", "def target(n: int): ...")
        load(file, "target")
    finally:
        sys.meta_path.remove(hook)
    assert file in hook.seen
    assert sys.meta_path.count(hook) == 0


def test_importer_given_by_the_caller_is_used(file: Path) -> None:
    calls = []

    def importer(name: str, path: str):  # type: ignore[no-untyped-def]
        from fuzztui.target.load import import_by_name

        calls.append((name, path))
        return import_by_name(name, path)

    loaded: LoadedTarget = load(write(file, "def target(n: int): ..."), "target", importer)
    assert calls == [("fuzz_it", str(file))]
    assert loaded.parameters == ("int",)


@pytest.mark.parametrize(
    ("replacement", "what"),
    [
        ("lambda *rest: function(*rest)", "<lambda>"),
        ("functools.partial(function)", "partial"),
        ("Callable()", "Callable"),
    ],
)
def test_a_decorator_that_hides_the_parameters_is_named(file: Path, replacement: str, what: str) -> None:
    source = f"""
        import functools
        class Callable:
            def __call__(self, data): ...
        def decorate(function): return {replacement}
        @decorate
        def fuzz_x(data: bytes): ...
    """
    said = str(failing(file, source, "fuzz_x"))
    assert f"a decorator has put {what} in the place of fuzz_x" in said
    assert "put @functools.wraps(...) above it" in said


def test_a_decorator_that_says_what_it_wraps_hides_nothing(file: Path) -> None:
    source = """
        import functools
        def decorate(function):
            @functools.wraps(function)
            def wrapper(*rest): return function(*rest)
            return wrapper
        @decorate
        def fuzz_x(data: bytes): return data
    """
    assert load(write(file, source), "fuzz_x").parameters == ("bytes",)


@pytest.mark.parametrize("form", ["decorator", "set-up"])
def test_a_target_without_surrogates_is_called_with_none_whoever_made_the_input(file: Path, form: str) -> None:
    inner = "def fuzz_x(text: str, data: bytes): seen.append(text)"
    source = f"""
        seen = []
        @fuzztui.fuzz(surrogates=False)
        {inner}
        def set_up(f: fuzztui.F):
            @f.fuzz(surrogates=False)
            {inner}
    """
    loaded = load(write(file, source), "fuzz_x" if form == "decorator" else "set_up")
    for text in ("a", "\ud800", "\u00e9\U0001f600", "a\udcffb", ""):
        loaded.function(text, b"\xff")
    assert sys.modules["fuzz_it"].seen == ["a", "\u00e9\U0001f600", ""]


def test_a_target_takes_surrogates_unless_it_says_otherwise(file: Path) -> None:
    source = "seen = []\ndef fuzz_x(text: str): seen.append(text)"
    load(write(file, source), "fuzz_x").function("\ud800")
    assert sys.modules["fuzz_it"].seen == ["\ud800"]


SKIPS = {
    "f.skip": "def target(f: fuzztui.F): f.skip('no library')",
    "f.skip that is swallowed": (
        "def target(f: fuzztui.F):\n    try: f.skip('no library')\n    except Exception: pass"
    ),
    "SkipTest in the set-up": "def target(f: fuzztui.F): raise unittest.SkipTest('no library')",
    "SkipTest at import": "raise unittest.SkipTest('no library')\ndef target(data: bytes): ...",
    "pytest.skip in the set-up": "import pytest\ndef target(f: fuzztui.F): pytest.skip('no library')",
    "pytest.skip at import": "import pytest\npytest.skip('no library', allow_module_level=True)",
    "pytest.importorskip": "import pytest\npytest.importorskip('no_such_library', reason='no library')",
    "a class of one's own": ("class Skip(unittest.SkipTest): pass\ndef target(f: fuzztui.F): raise Skip('no library')"),
}


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_a_target_may_decline_in_the_ways_of_test_frameworks(file: Path, source: str) -> None:
    error = failing(file, f"import unittest\n{source}\n")
    assert isinstance(error, Skipped)
    assert "so there is nothing to fuzz" in str(error)
    assert "no library" in str(error)


NO_SKIPS = {
    "f.fail": "f.fail('no library')",
    "another error": "raise ImportError('no library')",
    "a cleanup that skips": "f.cleanup(lambda: unittest.TestCase().skipTest('x')); f.skip('no library')",
}


@pytest.mark.parametrize("body", NO_SKIPS.values(), ids=NO_SKIPS.keys())
def test_a_set_up_that_fails_is_no_skip(file: Path, body: str) -> None:
    error = failing(file, f"import unittest\ndef target(f: fuzztui.F):\n    {body}\n")
    assert not isinstance(error, Skipped)
    assert "no library" in str(error)


def test_a_set_up_that_fails_and_a_cleanup_that_fails_then_are_both_told(file: Path) -> None:
    body = "f.cleanup(lambda: [].pop()); raise ValueError('cannot be opened')"
    error = failing(file, f"def target(f: fuzztui.F):\n    {body}\n")
    assert "cannot be opened" in str(error)
    assert "pop from empty list" in str(error)
