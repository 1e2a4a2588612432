"""`fuzztui export` writes a test that fails as the crasher does, and passes once that is mended."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.before import write_before
from fuzztui.engine.keep.storage import Folder
from fuzztui.target.values import Value, encode
from tests.support import mostly_soak
from tests.testing.site import Site

pytestmark = pytest.mark.processes


def export(site: Site, target: str, word: str, *more: str, cwd: str = ".") -> "subprocess.CompletedProcess[str]":
    return site.run("fuzztui", "export", target, word[:14], *more, cwd=cwd)


def exported(site: Site, target: str, word: str, *more: str) -> str:
    """The id of the test that was written."""
    done = export(site, target, word, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def is_formatted(path: Path) -> bool:
    commands = (["format", "--check"], ["check", "--select=F,I"])
    ruff = [[sys.executable, "-m", "ruff", *command, "--isolated", path.name] for command in commands]
    return all(subprocess.run(each, cwd=path.parent, capture_output=True).returncode == 0 for each in ruff)


BROKEN = """
import datetime, os, signal, threading, time
import fuzztui

def mended() -> bool: return False

def fuzz_values(data: bytes, text: str, n: int, x: float, flag: bool, day: datetime.date) -> None:
    if not mended(): raise ValueError(repr((data, text, n, x, flag, day)))

def fuzz_bytes(data: bytes) -> None:
    if not mended(): raise LookupError(f"{len(data)} \\x1b {data[:60]!r}")

def fuzz_text(text: str) -> None:
    if not mended(): raise LookupError(text)

def fuzz_int(n: int) -> None:
    if mended(): return
    if n == 0: os._exit(3)
    if n == 1: os.kill(os.getpid(), signal.SIGSEGV)
    if n == 2: time.sleep(1000)
    if n == 3: raise KeyboardInterrupt
    if n == 4:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        return
    if n == 5: return Loud().close()
    if n == 6: raise SystemExit(1)
    n.no_such_attribute

class Loud:
    def close(self): pass
    def __del__(self): raise ValueError("in a finalizer")

@fuzztui.fuzz(raises=(KeyError, IndexError))
def fuzz_contract(n: int) -> None:
    if mended(): raise KeyError(n)
    raise LookupError(n)

def fuzz_setup(f: fuzztui.F) -> None:
    state: list[int] = []
    f.cleanup(state.clear)
    f.cleanup(lambda: state.append(1))

    @f.fuzz(raises=KeyError)
    def target(n: int, text: str) -> None:
        assert not state
        if mended(): raise KeyError(n)
        raise LookupError(n)
"""

VALUES: list[tuple[str, tuple[Value, ...]]] = [
    ("fuzz_values", (b"\x00\xff'\"\\\n", "\ud800\u1234'\"\\\n\0", -(1 << 80), float("nan"), True, date(1, 1, 1))),
    ("fuzz_values", (b"'''", '"""', 0, float("-inf"), False, date(9999, 12, 31))),
    ("fuzz_values", (b"", "", 1 << 64, -0.0, False, date(2024, 2, 29))),
    ("fuzz_values", (b'a"b', "a'b", -1, 5e-324, False, date(2024, 2, 29))),
    ("fuzz_values", (b"x" * 40, "y" * 40, 12345678901234567890, 1.7976931348623157e308, True, date(2024, 2, 29))),
    ("fuzz_values", (b"x" * 3000, "\ud800" * 3000, 1 << 12_000, 0.1, True, date(2024, 2, 29))),
    ("fuzz_bytes", (b"\\'\"" * 20,)),
    ("fuzz_bytes", (b"x" * 900,)),
    ("fuzz_bytes", (bytes(range(256)) * 8,)),
    ("fuzz_text", ("\u202e\x1b[31m \"quoted\" 'text' \\ \n" * 3,)),
    ("fuzz_int", (7,)),
    ("fuzz_contract", (3,)),
    ("fuzz_setup", (1 << 70, "x" * 100)),
]


def mend(file: Path) -> None:
    """The size changes as well: Python takes compiled code for new by the second of the change and the size."""
    source = file.read_text()
    assert "return False" in source
    file.write_text(source.replace("return False", "return not False"))


@pytest.mark.parametrize("case", mostly_soak(range(len(VALUES)), 0, 5, 10, 12))
@pytest.mark.mostly_soak(2)
def test_a_test_fails_as_the_crasher_does_and_passes_once_that_is_mended(site: Site, case: int) -> None:
    name, arguments = VALUES[case]
    file = site.write("fuzz_it.py", BROKEN)
    test = exported(site, f"fuzz_it.py::{name}", site.store(name, encode(arguments)))
    assert re.fullmatch(rf"test_{name}\.py::test_[a-z]+_in_[a-z_]+_[0-9a-f]{{4}}", test)
    path = site.folder / f"test_{name}.py"
    assert is_formatted(path), path.read_text()
    assert path.read_text().isascii()
    failing = site.pytest(test, "--tb=native", "-p", "no:fuzztui")
    assert list(failing.outcomes.values()) == ["failed"], failing.output
    (text,) = failing.texts.values()
    if name == "fuzz_values":
        assert f"ValueError: {arguments!r}" in text
    assert ("LookupError" in text) or ("ValueError" in text) or ("AttributeError" in text)
    mend(file)
    assert list(site.pytest(test, "-p", "no:fuzztui").outcomes.values()) == ["passed"]


DEATHS = {
    0: "exit_status_3",
    1: "sigsegv_in_fuzz_int",
    2: "timeout_in_fuzz_int",
    3: "keyboardinterrupt_in_fuzz_int",
    4: "zerodivisionerror_in_lambda",
    5: "valueerror_in_loud_del",
    6: "systemexit_in_fuzz_int",
}


@pytest.mark.parametrize("number", mostly_soak(DEATHS, 0))
def test_what_would_end_pytest_fails_in_a_process_of_its_own(site: Site, number: int) -> None:
    file = site.write("fuzz_it.py", BROKEN)
    word = site.store("fuzz_int", encode((number,)))
    test = exported(site, "fuzz_it.py::fuzz_int", word, "--timeout", "1s")
    assert test.startswith(f"test_fuzz_int.py::test_{DEATHS[number]}_"), test
    assert is_formatted(site.folder / "test_fuzz_int.py")
    site.write("test_other.py", "def test_other(): pass\n")
    tested = site.pytest(test, "test_other.py")
    assert tested.outcomes.pop("test_other") == "passed"
    assert list(tested.outcomes.values()) == ["failed"], tested.output
    mend(file)
    assert set(site.pytest(test).outcomes.values()) == {"passed"}


LAYOUTS = {
    "flat": ("pkg/__init__.py", "fuzz/fuzz_it.py", "from pkg.mod import f", "pkg/mod.py", "tests/test_fuzz_it.py"),
    "src": (
        "src/pkg/__init__.py",
        "tests/fuzz_it.py",
        "from pkg.mod import f",
        "src/pkg/mod.py",
        "tests/test_fuzz_it.py",
    ),
    "package": ("a/b/__init__.py", "a/b/fuzz_it.py", "from .mod import f", "a/b/mod.py", "tests/test_fuzz_it.py"),
    "namespace": ("conftest.py", "a/b/fuzz_it.py", "from ..mod import f", "a/mod.py", "tests/test_fuzz_it.py"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mode", mostly_soak(["prepend", "importlib"], "prepend"))
@pytest.mark.mostly_soak(1)
def test_the_target_is_imported_from_where_it_lies(site: Site, layout: str, mode: str) -> None:
    marker, file, line, module, place = LAYOUTS[layout]
    site.write("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['src']\n")
    site.write("tests/test_other.py", "")
    site.write(marker, "")
    broken = site.write(module, "def f(n):\n    assert n < 2\n")
    path = site.write(file, f"{line}\ndef fuzz_it(n: int): f(n)\n")
    beside = str(path.parent.relative_to(site.folder))
    test = exported(site, file, site.store("fuzz_it", encode((2,)), beside=beside))
    assert test.startswith(f"{place}::test_assertionerror_in_f_")
    tested = site.pytest(f"--import-mode={mode}", place, "-p", "no:fuzztui")
    assert list(tested.outcomes.values()) == ["failed"]
    assert "assert n < 2" in tested.output or "assert 2 < 2" in tested.output
    broken.write_text("def f(n):\n    assert n < 20\n")
    assert list(site.pytest(f"--import-mode={mode}", place, "-p", "no:fuzztui").outcomes.values()) == ["passed"]


@pytest.fixture
def made(site: Site) -> Callable[[int], str]:
    """Exports the crasher of a number."""
    site.write(
        "fuzz_it.py", "def fuzz_it(n: int) -> None:\n" + "".join(f"    if n == {n}: [][n]; {n}\n" for n in range(5))
    )
    return lambda n: exported(site, "fuzz_it.py", site.store("fuzz_it", encode((n,))))


@pytest.mark.soak
def test_an_unedited_file_takes_further_tests(site: Site, made: Callable[[int], str]) -> None:
    path = site.folder / "test_fuzz_it.py"
    site.write(
        "fuzz_it.py", "def fuzz_it(n: int) -> None:\n    if n == 1: [][n]\n    if n == 2: {}[n]\n    if n == 3: n.x\n"
    )
    tests = [made(n) for n in (1, 2, 3)]
    before = path.read_bytes()
    again = [made(n) for n in (1, 2, 3)]
    assert again == [f"{test} (as it was)" for test in tests]
    assert path.read_bytes() == before
    assert is_formatted(path)
    assert list(site.pytest(str(path)).outcomes.values()) == ["failed"] * 3


@pytest.mark.parametrize("edit", ["\n# mine\n", "x = 1\n"])
@pytest.mark.mostly_soak(1)
def test_an_edited_file_is_never_touched(site: Site, made: Callable[[int], str], edit: str) -> None:
    made(1)
    path = site.folder / "test_fuzz_it.py"
    edited = path.read_text() + edit
    path.write_text(edited)
    done = export(site, "fuzz_it.py", site.store("fuzz_it", encode((2,))))
    assert done.stdout.startswith("test_fuzz_it_2.py::test_indexerror_in_fuzz_it_")
    assert "test_fuzz_it.py has been edited, and stays as it is" in done.stderr
    assert path.read_text() == edited
    (site.folder / "mine.py").write_text("")
    done = export(site, "fuzz_it.py", site.store("fuzz_it", encode((2,))), "--output", "mine.py")
    assert done.stdout.startswith("mine_2.py::")
    assert (site.folder / "mine.py").read_text() == ""


@pytest.mark.soak
def test_inputs_that_have_to_run_before_are_in_the_test(site: Site) -> None:
    file = site.write(
        "fuzz_it.py",
        "seen = []\ndef fuzz_it(data: bytes):\n    seen.append(data)\n    assert data != b'c' or b'a' not in seen\n",
    )
    name = site.store("fuzz_it", b"c")
    write_before(Folder(site.folder, ("testdata", "corpus", "fuzz_it")), Folder(site.folder), name, [b"a", b"b"])
    test = exported(site, "fuzz_it.py", name)
    assert list(site.pytest(test, "-p", "no:fuzztui").outcomes.values()) == ["failed"]
    file.write_text(file.read_text().replace("seen.append(data)", "pass"))
    assert list(site.pytest(test, "-p", "no:fuzztui").outcomes.values()) == ["passed"]


@pytest.mark.soak
def test_a_bucket_is_found_by_its_beginning(site: Site) -> None:
    site.write("fuzz_it.py", "def fuzz_it(data: bytes) -> None:\n    assert not data\n")
    done = site.run("fuzztui", "run", "fuzz_it.py", "--json", "-j1", "-t", "60s")
    crashers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines() if '"crasher"' in line]
    bucket = next(each["id"] for each in crashers if each["event"] == "crasher")
    for word in (bucket, bucket[:8], bucket[2:8]):
        done = export(site, "fuzz_it.py", word)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("test_fuzz_it.py::test_assertionerror_in_fuzz_it_")


SEEDED = """
import fuzztui

@fuzztui.fuzz(seeds=[b"fine", b"bad"])
def fuzz_it(data: bytes) -> None:
    assert data != b"bad"
"""


@pytest.mark.soak
def test_a_seed_and_a_file_are_exported_as_any_crasher(site: Site) -> None:
    site.write("fuzz_it.py", SEEDED)
    done = site.run("fuzztui", "run", "fuzz_it.py", "--json", "-j1", "-t", "60s")
    bucket = next(json.loads(line)["id"] for line in done.stdout.splitlines() if '"crasher"' in line)
    (site.folder / "mine").write_bytes(b"bad")
    for number, word in enumerate((bucket, "seed 2", "mine")):
        done = export(site, "fuzz_it.py", word)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith(" (as it was)\n") is (number > 0), "it is the same test"
    done = export(site, "fuzz_it.py", "seed 1")
    assert (done.returncode, done.stderr) == (
        2,
        "fuzztui: seed 1 does not fail now, so there is nothing to export\n",
    )
    assert "declares no such seed" in export(site, "fuzz_it.py", "seed 3").stderr


def test_wrong_use_is_one_sentence_and_leaves_nothing(site: Site) -> None:
    site.write("fuzz_it.py", "def fuzz_it(n: int) -> None:\n    assert n\n")
    site.store("fuzz_it", encode((1,)), "passes")
    site.store("fuzz_it", b"\xff", "malformed")
    wrong = [("passes",), ("malformed",), ("nothing",), ("",), ("passes", "--output", "it.txt")]
    for arguments in wrong:
        done = site.run("fuzztui", "export", "fuzz_it.py", *arguments)
        assert done.returncode == 2, (arguments, done)
        assert len(done.stderr.strip().splitlines()) == 1
        assert done.stderr.startswith("fuzztui: ")
        assert done.stdout == ""
    assert not list(site.folder.glob("test_*"))
