"""Files that were written for other fuzzers are found as targets by their source, and no others."""

from pathlib import Path
from textwrap import dedent

import pytest

from fuzztui.target.discover import TargetInfo, discover
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.find import find
from fuzztui.target.forms import Form

ONE = "def TestOneInput(data): ...\n"
GUARD = "if __name__ == '__main__':\n"

FOUND: dict[str, tuple[str, Form, int, str]] = {
    # source, form, line, the other name
    "in main": (
        f"import atheris, sys\n{ONE}def main():\n atheris.Setup(sys.argv, TestOneInput)\n atheris.Fuzz()\n"
        f"{GUARD} main()\n",
        Form.ATHERIS,
        2,
        "TestOneInput",
    ),
    "at the top": (
        f"import sys\nimport atheris\n{ONE}atheris.Setup(sys.argv, TestOneInput)\natheris.Fuzz()\n",
        Form.ATHERIS,
        3,
        "TestOneInput",
    ),
    "another name": (
        f"import atheris as a\nimport sys\ndef check(blob: bytes): ...\n{GUARD} a.Setup(sys.argv, check)\n",
        Form.ATHERIS,
        3,
        "check",
    ),
    "names": (
        f"from atheris import Setup, Fuzz\nimport sys\n{ONE}{GUARD} Setup(sys.argv, TestOneInput); Fuzz()\n",
        Form.ATHERIS,
        3,
        "TestOneInput",
    ),
    "all names": (
        f"from atheris import *\nimport sys\n{ONE}{GUARD} Setup(sys.argv, TestOneInput); Fuzz()\n",
        Form.ATHERIS,
        3,
        "TestOneInput",
    ),
    "without libFuzzer": (
        f"import atheris_no_libfuzzer as atheris\n{ONE}atheris.Setup([], TestOneInput)\n",
        Form.ATHERIS,
        2,
        "TestOneInput",
    ),
    "if it is there": (
        f"try:\n import atheris\nexcept ImportError:\n atheris = None\n{ONE}"
        "if atheris:\n atheris.Setup([], TestOneInput)\n",
        Form.ATHERIS,
        5,
        "TestOneInput",
    ),
    "imported in main": (
        f"import sys\n{ONE}def run():\n import atheris as _a\n _a.Setup(sys.argv, TestOneInput)\nrun()\n",
        Form.ATHERIS,
        2,
        "TestOneInput",
    ),
    "in a process": (
        "import atheris, multiprocessing as mp\n"
        f"{ONE}def child():\n atheris.Setup([], TestOneInput)\n{GUARD} mp.Process(target=child).start()\n",
        Form.ATHERIS,
        2,
        "TestOneInput",
    ),
    "a call": (
        "import atheris, hypothesis\ndef test(): ...\n"
        "atheris.Setup([], atheris.instrument_func(test.hypothesis.fuzz_one_input))\n",
        Form.ATHERIS,
        3,
        "fuzz_one_input",
    ),
    "a method": (
        "import atheris\nclass Harness:\n def check(self, data): ...\n def start(self):\n"
        "  atheris.Setup([], self.check)\nHarness().start()\n",
        Form.ATHERIS,
        3,
        "check",
    ),
    "inner function": (
        "import atheris\ndef main():\n def one(d): ...\n atheris.Setup([], one)\n try:\n  atheris.Fuzz()\n"
        " finally:\n  print()\nmain()\n",
        Form.ATHERIS,
        3,
        "one",
    ),
    "imported by a call": (
        f"import importlib\natheris = importlib.import_module('atheris')\n{ONE}atheris.Setup([], TestOneInput)\n",
        Form.ATHERIS,
        3,
        "TestOneInput",
    ),
    "imported by its dunder": (
        f"fuzzer = __import__('atheris')\n{ONE}fuzzer.Setup([], TestOneInput)\n",
        Form.ATHERIS,
        2,
        "TestOneInput",
    ),
    "getattr": (f"import atheris\n{ONE}getattr(atheris, 'Setup')([], TestOneInput)\n", Form.ATHERIS, 2, "TestOneInput"),
    "a walrus": (
        f"import atheris\n{ONE}if (setup := atheris.Setup): setup([], TestOneInput)\n",
        Form.ATHERIS,
        2,
        "TestOneInput",
    ),
    "executed": ("exec('import atheris\\ndef one(data): pass\\n\\natheris.Setup([], one)')\n", Form.ATHERIS, 1, "one"),
    "FuzzerRunOne assigned": (f"{ONE}FuzzerRunOne = TestOneInput\n", Form.CPYTHON, 1, "TestOneInput"),
    "pythonfuzz called": (
        "from pythonfuzz.main import PythonFuzz\ndef fuzz(buf): ...\nPythonFuzz(fuzz)()\n",
        Form.PYTHONFUZZ,
        2,
        "fuzz",
    ),
    "FuzzerRunOne": (
        "import json\ndef FuzzerRunOne(FuzzerInput):\n json.loads(FuzzerInput)\n",
        Form.CPYTHON,
        2,
        "FuzzerRunOne",
    ),
    "afl.init": ("import sys, afl\nafl.init()\nsys.stdin.read()\n", Form.AFL, 2, ""),
    "afl.loop": (f"import afl\ndef main():\n while afl.loop(100):\n  pass\n{GUARD} main()\n", Form.AFL, 3, ""),
    "pythonfuzz": (
        f"from pythonfuzz.main import PythonFuzz\n@PythonFuzz\ndef fuzz(buf): ...\n{GUARD} fuzz()\n",
        Form.PYTHONFUZZ,
        3,
        "fuzz",
    ),
    "pythonfuzz with options": (
        f"import pythonfuzz.main\n@pythonfuzz.main.PythonFuzz(dirs=['a'])\ndef fuzz(buf): ...\n{GUARD} fuzz()\n",
        Form.PYTHONFUZZ,
        3,
        "fuzz",
    ),
}


def found(folder: Path, source: str, name: str = "some_harness.py") -> tuple[TargetInfo, ...]:
    (folder / name).write_text(dedent(source))
    discovery = discover(folder)
    assert discovery.problems == ()
    return discovery.targets


@pytest.mark.parametrize("kind", FOUND)
def test_a_program_for_another_fuzzer_is_a_target_that_is_called_like_its_file(tmp_path: Path, kind: str) -> None:
    source, form, line, alias = FOUND[kind]
    (target,) = found(tmp_path, source)
    assert (target.name, target.form, target.line, target.alias) == ("some_harness", form, line, alias)
    assert [each for _, each in target.parameters] == ["bytes"]


HELD: dict[str, str] = {
    "kept by a class": "class H:\n fz = atheris\nH.fz.Setup([], TestOneInput)\n",
    "kept by an object": "class H:\n def __init__(self): self.fz = atheris\n"
    " def go(self): self.fz.Setup([], TestOneInput)\nH().go()\n",
    "a function kept by a class": "class H:\n start = staticmethod(atheris.Setup)\nH.start([], TestOneInput)\n",
    "kept by a class above": "class A:\n fz = atheris\nclass B(A): ...\nB().fz.Setup([], TestOneInput)\n",
    "kept in a table": "tools = {'fz': atheris}\ntools['fz'].Setup([], TestOneInput)\n",
    "kept in a namespace": "import types\nns = types.SimpleNamespace(fz=atheris)\nns.fz.Setup([], TestOneInput)\n",
    "kept by a function's variable": "def main():\n fz = atheris\n fz.Setup([], TestOneInput)\nmain()\n",
    "a parameter's default": "def main(fz=atheris):\n fz.Setup([], TestOneInput)\nmain()\n",
    "kept twice": "class H: ...\nH.fz = atheris\nfuzzer = H.fz\nfuzzer.Setup([], TestOneInput)\n",
    "unpacked": "a, b = atheris, print\na.Setup([], TestOneInput)\n",
    "a partial": "from functools import partial\nbegin = partial(atheris.Setup, [])\nbegin(TestOneInput)\n",
    "of the loaded modules": "import sys\nsys.modules['atheris'].Setup([], TestOneInput)\n",
    "of its variables": "vars(atheris)['Setup']([], TestOneInput)\n",
}
"""What a file does that has imported Atheris and defined its callback."""


@pytest.mark.parametrize("kind", HELD)
def test_a_fuzzer_is_recognized_wherever_the_file_keeps_it(tmp_path: Path, kind: str) -> None:
    (target,) = found(tmp_path, f"import atheris\n{ONE}{HELD[kind]}")
    assert (target.name, target.form) == ("some_harness", Form.ATHERIS)


NOT_FOUND: dict[str, str] = {
    "never set up": f"import atheris\n{ONE}",
    "a helper": "import atheris\ndef start(callback):\n atheris.Setup([], callback)\n atheris.Fuzz()\n",
    "another's Setup": f"class atheris:\n Setup = print\n{ONE}atheris.Setup([], TestOneInput)\n",
    "in a text": '"""Say atheris.Setup(sys.argv, TestOneInput)."""\nimport atheris\n',
    "for type checkers": f"from typing import TYPE_CHECKING\n{ONE}"
    "if TYPE_CHECKING:\n import atheris\n atheris.Setup([], TestOneInput)\n",
    "another's loop": "class afl:\n loop = print\nafl.loop()\n",
    "afl in a helper": "import afl\ndef read():\n afl.init()\n",
    "decorated and not called": "from pythonfuzz.main import PythonFuzz\n@PythonFuzz\ndef fuzz(buf): ...\n",
    "imported by a call alone": "import pytest\natheris = pytest.importorskip('atheris')\n",
    "getattr of another": "import atheris\nother = object()\ngetattr(other, 'Setup', print)([], 1)\n",
    "another kept under the same name": f"import atheris\n{ONE}class H:\n fz = print\nH.fz.Setup([], TestOneInput)\n",
    "kept and never set up": f"import atheris\n{ONE}class H:\n fz = atheris\nprint(H.fz)\n",
    "executed in a helper": "import atheris\ndef go():\n exec('atheris.Setup([], print)')\n",
    "executed text that is no Python": "exec('atheris.Setup(')\n",
    "an inner FuzzerRunOne": "class A:\n def FuzzerRunOne(self, data): ...\n",
}


@pytest.mark.parametrize("kind", NOT_FOUND)
def test_what_would_start_no_fuzzer_is_no_program(tmp_path: Path, kind: str) -> None:
    assert found(tmp_path, NOT_FOUND[kind]) == ()


def test_functions_of_a_program_are_no_targets_by_their_names(tmp_path: Path) -> None:
    source = f"import atheris, fuzztui\ndef fuzz_helper(a, b): ...\n{ONE}atheris.Setup([], TestOneInput)\n"
    assert [each.name for each in found(tmp_path, source)] == ["some_harness"]
    source += "@fuzztui.fuzz\ndef other(text: str): ...\n"
    assert [each.name for each in found(tmp_path, source)] == ["some_harness", "other"]


def test_a_program_may_be_named_by_its_file_or_its_function(tmp_path: Path) -> None:
    found(tmp_path, FOUND["in main"][0])
    for spec in ("some_harness.py", "some_harness.py::some_harness", "some_harness.py::TestOneInput"):
        assert find(spec, tmp_path).name == "some_harness"
    with pytest.raises(TargetNotFound):
        find("some_harness.py::main", tmp_path)


def test_programs_of_one_folder_do_not_share_a_name(tmp_path: Path) -> None:
    found(tmp_path, FOUND["in main"][0], "first.py")
    targets = found(tmp_path, FOUND["in main"][0], "second.py")
    assert [each.name for each in targets] == ["first", "second"]


HELPERS: dict[str, str] = {
    "near.py": "import atheris, sys\ndef run(callback):\n atheris.Setup(sys.argv, callback)\n atheris.Fuzz()\n"
    f"def other(): ...\n{GUARD} run(print)\n",
    "package/__init__.py": "",
    "package/start.py": "import atheris\nclass Base:\n def start(self):\n  atheris.Setup([], self.one)\n"
    "  atheris.Fuzz()\n",
    "package/further.py": "from . import start\ndef go(callback):\n start.Base().start()\n",
    "src/lib/helper.py": "from atheris import *\ndef begin(*, target):\n Setup([], target)\n Fuzz()\n",
}
"""Modules that start Atheris for others."""

ELSEWHERE: dict[str, tuple[str, int]] = {
    "a function": (f"from near import run\n{ONE}{GUARD} run(TestOneInput)\n", 2),
    "a function, by another name": (f"import near as n\n{ONE}def main():\n n.run(TestOneInput)\nmain()\n", 2),
    "a class above": (
        "from package.start import Base\nclass Fuzzer(Base):\n def one(self, data): ...\nFuzzer().start()\n",
        4,
    ),
    "an object": ("import package.start\nfuzzer = package.start.Base()\nfuzzer.start()\n", 2),
    "a function that calls another module's": (f"from package import further\n{ONE}further.go(TestOneInput)\n", 2),
    "in src": (f"from lib.helper import begin\n{ONE}{GUARD} begin(target=TestOneInput)\n", 2),
}

NOT_ELSEWHERE: dict[str, str] = {
    "another function": f"from near import other\n{ONE}{GUARD} other()\n",
    "never called": f"from near import run\n{ONE}{GUARD} print(run)\n",
    "in a function that is not called": f"from near import run\n{ONE}def main():\n run(TestOneInput)\nprint()\n",
    "a module that is not there": f"from nowhere import run\n{ONE}{GUARD} run(TestOneInput)\n",
    "an object of no use": "from package.start import Base\n# fuzz\nprint(Base())\n",
}


def with_helpers(folder: Path, source: str) -> tuple[TargetInfo, ...]:
    for name, text in HELPERS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "mine.py").write_text(source)
    return discover(folder / "mine.py").targets


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_file_that_has_another_module_start_its_fuzzer_is_a_program(tmp_path: Path, kind: str) -> None:
    source, line = ELSEWHERE[kind]
    (target,) = with_helpers(tmp_path, source)
    assert (target.name, target.form, target.line) == ("mine", Form.ATHERIS, line)


@pytest.mark.parametrize("kind", NOT_ELSEWHERE)
def test_a_file_that_only_imports_what_could_start_a_fuzzer_is_none(tmp_path: Path, kind: str) -> None:
    assert with_helpers(tmp_path, NOT_ELSEWHERE[kind]) == ()
